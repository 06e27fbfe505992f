"""What a revealed round brings into the workbook beyond single decisions: scores, forecasts, ratings, observations.

Everything is a list of (key, value) that the facilitator saves in one step, so that one undo takes it back.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from statistics import median
from typing import Any

from lib.room.model import Outcome, Participant, PrivateAnswer, Room, Round
from lib.workbook.model import Workbook

Changes = list[tuple[str, Any]]
Votes = dict[str, dict[str, list[tuple[str, str]]]]
TEAM = "team"  # the whole team, rated as one person


def keeps(
    asked: Round, answers: Sequence[PrivateAnswer], people: Sequence[Participant], workbook: Workbook
) -> Changes:
    """Scores, dots, forecasts and ratings of a revealed round, as answers of the workbook.

    Args:
        asked: The round; anonymous ones keep no name.
        answers: Its answers, hidden ones left out.
        people: Who was in the room.
        workbook: As it stands; rows that are gone are left out.
    """
    given = [item for item in answers if item.value is not None]
    return [
        *_scores(given, workbook),
        *_dots(given, workbook),
        *_forecasts(asked, given, people, workbook),
        *_ratings(given, workbook),
    ]


def _scales(given: Sequence[PrivateAnswer], section: str) -> dict[tuple[str, str], list[tuple[str, float]]]:
    """(row, field) -> (participant, number) for a section's scale questions."""
    found: dict[tuple[str, str], list[tuple[str, float]]] = {}
    for item in given:
        parts = item.question.split("/")
        if len(parts) == 3 and parts[0] == section and isinstance(item.value, int):
            found.setdefault((parts[1], parts[2]), []).append((item.participant, float(item.value)))
    return found


def _scores(given: Sequence[PrivateAnswer], workbook: Workbook) -> Changes:
    said = [
        (f"ideas/{id}/{field}", float(median(number for _, number in numbers)))
        for (id, field), numbers in sorted(_scales(given, "ideas").items())
        if id in workbook.ideas and field in ("impact", "confidence", "ease")
    ]
    sizes: dict[str, list[float]] = {}
    for item in given:
        section, id, field = [*item.question.split("/"), "", ""][:3]
        if section == "ideas" and id in workbook.ideas and field in ("weekly_users", "effort"):
            sizes.setdefault(item.question, []).append(float(item.value))
    # A guess of the room never replaces a reach that stands.
    return said + [
        (key, median(numbers))
        for key, numbers in sorted(sizes.items())
        if key.endswith("/effort") or not workbook.ideas[key.split("/")[1]].weekly_users
    ]


def _dots(given: Sequence[PrivateAnswer], workbook: Workbook) -> Changes:
    total: Counter[str] = Counter()
    for item in given:
        if item.question == "ideas/dots" and isinstance(item.value, dict):
            total.update(item.value)
    return [(f"room/dots/{id}", total[id]) for id in sorted(total) if id in workbook.ideas]


def _forecasts(
    asked: Round, given: Sequence[PrivateAnswer], people: Sequence[Participant], workbook: Workbook
) -> Changes:
    names = _names(people)
    changes: Changes = []
    for (id, field), said in sorted(_scales(given, "experiments").items()):
        if field != "p_ship" or id not in workbook.experiments:
            continue
        kept = {who: dict(forecast) for who, forecast in workbook.experiments[id].forecasts.items()}
        for number, (participant, value) in enumerate(sorted(said), start=1):
            unnamed = f"Workshop {asked.opened_at[:10]}, voice {number}"
            who = unnamed if asked.anonymous else names.get(participant, unnamed)
            kept[who] = {**kept.get(who, {}), "p_ship": value / 10}
        changes.append((f"experiments/{id}/forecasts", kept))
    return changes


def _names(people: Sequence[Participant]) -> dict[str, str]:
    """Participant -> name; two of one name are told apart by their order, so that neither replaces the other."""
    seen: Counter[str] = Counter()
    names: dict[str, str] = {}
    for person in people:
        seen[person.name] += 1
        names[person.id] = person.name if seen[person.name] == 1 else f"{person.name} ({seen[person.name]})"
    return names


def _ratings(given: Sequence[PrivateAnswer], workbook: Workbook) -> Changes:
    rated = [
        (f"skills/{TEAM}/{skill}/workshop", float(median(number for _, number in said)))
        for (who, skill), said in sorted(_scales(given, "skills").items())
        if who == TEAM
    ]
    if rated and TEAM not in workbook.people:
        return [
            (f"people/{TEAM}/name", "Team (workshop)"),
            (f"people/{TEAM}/role", "the whole team"),
            *rated,
        ]
    return rated


def observations(
    asked: Round, answers: Sequence[PrivateAnswer], people: Sequence[Participant]
) -> list[dict[str, str]]:
    """The room's observations, one per person: id, text, source, by ("" in an anonymous round)."""
    names = _names(people)
    sources = {item.participant: item.value for item in answers if item.question == "insight/source"}
    return [
        {
            "id": "room-" + hashlib.sha256(f"{asked.id}/{item.participant}".encode()).hexdigest()[:10],
            "text": str(item.value),
            "source": str(sources.get(item.participant) or ""),
            "by": "" if asked.anonymous else names.get(item.participant, ""),
        }
        for item in sorted(answers, key=lambda item: (str(item.value), item.participant))
        if item.question == "insight/text" and item.value
    ]


def promises(
    asked: Round, answers: Sequence[PrivateAnswer], people: Sequence[Participant]
) -> list[dict[str, str]]:
    """What people said they would do, one per person: id, text, owner ("" in an anonymous round), due (ISO date)."""
    names = _names(people)
    dates = {item.participant: item.value for item in answers if item.question == "action/due"}
    return [
        {
            "id": "room-" + hashlib.sha256(f"{asked.id}/{item.participant}/action".encode()).hexdigest()[:10],
            "text": str(item.value),
            "owner": "" if asked.anonymous else names.get(item.participant, ""),
            "due": str(dates.get(item.participant) or ""),
        }
        for item in sorted(answers, key=lambda item: (str(item.value), item.participant))
        if item.question == "action" and item.value
    ]


def insights(found: Sequence[Mapping[str, str]], themes: Mapping[str, str]) -> Changes:
    """The observations that the facilitator gave a group, as records of the workbook.

    Args:
        found: Of `observations`.
        themes: Observation's id -> name of its group; those without one are not kept.
    """
    return [
        (f"insights/{item['id']}/{field}", value)
        for item in found
        if (theme := " ".join(themes.get(item["id"], "").split()))
        for field, value in (
            ("text", item["text"]),
            ("source", item["source"]),
            ("theme", theme),
            ("by", item["by"]),
        )
        if value
    ]


def votes(rounds: Sequence[tuple[Sequence[PrivateAnswer], Sequence[Participant]]]) -> Votes:
    """Who the room says owns each row today and who should, by side: what the handoff page adds to the teams' answers.

    Args:
        rounds: Answers and people of each revealed round, oldest first; a later answer of a person replaces an earlier.
    """
    last: dict[tuple[str, str, str], tuple[str, str]] = {}
    for answers, people in rounds:
        sides = {person.id: person.side for person in people}
        for item in answers:
            parts = item.question.split("/")
            if len(parts) == 3 and parts[0] == "owns" and isinstance(item.value, str):
                last[(item.participant, parts[1], parts[2])] = (
                    sides.get(item.participant, "other"),
                    item.value,
                )
    found: Votes = {}
    for (_, row, when), said in sorted(last.items()):
        found.setdefault(row, {}).setdefault(when, []).append(said)
    return found


def outcomes(
    room: Room, settled: Sequence[Outcome], people: Sequence[Participant], workbook: Workbook
) -> Changes:
    """What a session settled that the workbook does not say yet, under `room/<session>/<outcome>`.

    Summary, deck and exported file read it from there, with or without the room's own tables.
    """
    changes: Changes = []
    for item in settled:
        key = f"{room.id}/{item.id}"
        known = workbook.room.get(key)
        fresh = {**asdict(item), "session": room.name}
        before = known.get("before", []) if isinstance(known, dict) else []
        if not isinstance(known, dict) or known.get("text") != item.text or known.get("at") != item.at:
            changes.append((f"room/{key}", {**fresh, "before": before}))
    present = sorted({person.name for person in people})
    if settled and workbook.room.get(f"{room.id}/people") != present:
        changes.append((f"room/{room.id}/people", present))
    return changes

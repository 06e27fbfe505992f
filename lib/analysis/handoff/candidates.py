"""Every event as a candidate for the handoff, each with the one sentence a person needs and one click to choose it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from lib.analysis.events import event_names
from lib.analysis.events.first_event_times import Moments
from lib.analysis.handoff.scoring import NEARLY_ALL, HandoffResult
from lib.analysis.verdict import Fix, fill
from lib.engine import query
from lib.engine.datasets.dataset import Dataset
from lib.engine.evidence.evidence import Evidence
from lib.framework import slots
from lib.framework.journey import recognise
from lib.workbook.model import JourneyStage, Workbook

Status = Literal["recommended", "gate", "null", "less", "unclear", "after"]
STATUS_WORDS: dict[Status, str] = {
    "recommended": "Raises the outcome", "gate": "Step on the way", "null": "No effect seen", "less": "Fewer reach it",
    "unclear": "Can't tell yet", "after": "Comes after the outcome",
}  # fmt: skip
COLUMNS = (
    "event", "status", "people", "share", "rate_ratio", "ci_low", "ci_high", "lead_hours", "past_gates",
    "everybody_ratio", "everybody_low", "everybody_high", "name",
)  # fmt: skip
MOST = 0.98  # of all people: an event that nearly everybody does tells nobody apart
# An interval that holds 1 and is narrower than this (high / low) says "no effect" rather than "can't tell".
NARROW = 1.5
LITTLE_TIME_HOURS = 1.0
_SENTENCES: dict[Status, str] = {
    "recommended": "People who did {event} reach {outcome} {ratio} as often at the same age ({low} to {high}); "
                   "{share} do it, typically {lead} before.",
    "gate": "Practically everyone with {outcome} did {event} first, typically {lead} before: a step on the way, with "
            "nobody to compare; {share} do it.",
    "null": "People who did {event} reach {outcome} as often as others of the same age ({ratio}, {low} to {high}); "
            "{share} do it.",
    "less": "People who did {event} reach {outcome} less often than others of the same age ({ratio}, {low} to {high}).",
    "unclear": "{share} did {event}; the comparison leaves room for both directions or too small an effect "
               "({low} to {high}).",
    "after": "{event} mostly comes after {outcome}, so it cannot hand anybody over.",
}  # fmt: skip


@dataclass(frozen=True)
class Candidate:
    """One event as a handoff.

    Attributes:
        event: Its name.
        status: recommended | gate | null | less | unclear | after.
        status_text: The status in words.
        sentence: What it means, numbers written.
        is_chosen: Whether it is the main handoff's event.
        row: Its row in `evidence`.
        evidence: All candidates: `COLUMNS`.
        detail: What it would be without regard to the steps everyone takes; "" where that is the same question.
        fix: One click to hand over here; None where that makes no sense.
    """

    event: str
    status: Status
    status_text: str
    sentence: str
    is_chosen: bool
    row: int
    evidence: Evidence
    fix: Fix | None
    detail: str = ""


def choose(
    workbook: Workbook, event: str, stages: Sequence[tuple[str, JourneyStage]], conditions: Sequence[str] = ()
) -> Fix:
    """The answers that make an event (with conditions) the main handoff.

    Args:
        workbook: Its main handoff is changed, or one is made.
        event: The event.
        stages: (id, stage) in journey order; the crossing is drawn before the event's stage.
        conditions: Conditions of the rule.
    """
    main = workbook.main_handoff()
    key = main[0] if main else "main"
    at = next((index for index, (_, stage) in enumerate(stages) if event in stage.events), -1)
    saves: list[tuple[str, Any]] = [
        (f"handoffs/{key}/event", event),
        (f"handoffs/{key}/conditions", list(conditions)),
        (f"handoffs/{key}/is_main", True),
    ]
    if at >= 0:
        saves += [
            (f"handoffs/{key}/from_stage", stages[at - 1][0] if at else ""),
            (f"handoffs/{key}/to_stage", stages[at][0]),
        ]
    if main is None:
        saves.append((f"handoffs/{key}/name", event_names.event(event)))
    return Fix(f"Hand over at {event_names.event(event)}", tuple(saves))


def _status(row: dict[str, Any]) -> tuple[Status, float | None, float | None, float | None]:
    """What the scores of one event say, and the ratio that decides (past the gates where there are gates)."""
    past = row["past_gates_ratio"] is not None
    names = (
        ("past_gates_ratio", "past_gates_low", "past_gates_high")
        if past
        else ("rate_ratio", "ci_low", "ci_high")
    )
    ratio, low, high = (row[name] for name in names)
    if row["is_gate"]:
        return "gate", None, None, None
    if row["is_recommended"]:
        return "recommended", ratio, low, high
    if row["after_outcome"] > row["reach"]:
        return "after", ratio, low, high
    if ratio is None or low is None or high is None:
        return "unclear", ratio, low, high
    if high < 1:
        return "less", ratio, low, high
    return ("null" if low <= 1 and high <= NARROW * low else "unclear"), ratio, low, high


_ORDER: dict[Status, int] = {"recommended": 0, "gate": 1, "unclear": 2, "null": 3, "less": 4, "after": 5}


def candidates(
    workbook: Workbook,
    scoring: HandoffResult | None,
    moments: Moments | None,
    stages: Sequence[tuple[str, JourneyStage]],
    events: Dataset | None,
) -> tuple[Candidate, ...]:
    """Put the scored events into words.

    Args:
        workbook: For what is chosen now.
        scoring: Result of the handoff scoring, or None without data.
        moments: First times of the same file.
        stages: (id, stage) in journey order.
        events: The file.

    Returns:
        Recommended first, then steps on the way, then the rest, and last what everybody does; without events that
        are trouble by their name.
    """
    if scoring is None or moments is None or events is None:
        return ()
    rows: list[tuple[Any, ...]] = []
    for row in scoring.rows:
        kind = recognise(str(row["event"]))
        if kind and not kind.on_journey:
            continue
        status, ratio, low, high = _status(row)
        share = row["users"] / moments.people if moments.people else None
        if status in ("recommended", "unclear") and share is not None and share >= MOST:
            status = "gate"
        past = row["past_gates_ratio"] is not None and not row["is_gate"]
        rows.append(
            (
                row["event"],
                status,
                row["users"],
                share,
                ratio,
                low,
                high,
                row["lead_hours"],
                past,
                row["rate_ratio"],
                row["ci_low"],
                row["ci_high"],
                event_names.event(row["event"]),
            )
        )
    rows.sort(
        key=lambda item: (
            _is_for_all(item[1], item[3]),
            _ORDER[item[1]],
            _is_late(item[7]),
            -(item[5] or 0),
            -(item[3] or 0),
        )
    )
    source = scoring.evidence[0]
    table = query.evidence(
        "Handoff candidates in words",
        "Share of people who did the event, and how often the outcome follows compared "
        "with people of the same age who have not done it (past the steps everyone takes, where there are any).",
        source.sql,
        {slots.EVENTS: events},
        dict(source.params),
        rows=rows,
        columns=COLUMNS,
        method=source.method,
    )
    main = workbook.main_handoff()
    chosen = main[1].event if main else ""
    return tuple(_candidate(workbook, table, index, scoring, chosen, stages) for index in range(len(rows)))


def _is_for_all(status: Status, share: float | None) -> bool:
    """Whether practically everybody does the event: handing over there would hand over everybody."""
    return status == "gate" and share is not None and share >= NEARLY_ALL


def _words(status: Status, share: float | None) -> str:
    """The status in words; what everybody does is a step on nobody's way in particular."""
    return "Everybody does it" if _is_for_all(status, share) else STATUS_WORDS[status]


def _is_late(lead_hours: float | None) -> bool:
    """Whether the event leaves too little time before the outcome for anybody to act on it."""
    return lead_hours is not None and lead_hours < LITTLE_TIME_HOURS


def _candidate(
    workbook: Workbook,
    table: Evidence,
    index: int,
    scoring: HandoffResult,
    chosen: str,
    stages: Sequence[tuple[str, JourneyStage]],
) -> Candidate:
    row, outcome = table.records()[index], scoring.outcome
    status: Status = row["status"]
    facts = {
        "event": event_names.quoted(row["event"]),
        "outcome": event_names.quoted(outcome),
        "share": table.fact(index, "share", "percent"),
        "ratio": table.fact(index, "rate_ratio", "ratio"),
        "low": table.fact(index, "ci_low", "ratio"),
        "high": table.fact(index, "ci_high", "ratio"),
        "lead": table.fact(index, "lead_hours", "hours"),
    }
    template = _SENTENCES[status]
    if status == "unclear" and row["ci_low"] is None:
        template = "{share} did {event}: too few with and without {outcome} to compare."
    if _is_for_all(status, row["share"]) or (status == "gate" and row["event"] not in scoring.gates):
        template = "{share} of all people did {event}: hardly anybody is left to compare them with."
    if status == "recommended" and _is_late(row["lead_hours"]):
        template += " That leaves little time to act."
    can = (
        status in ("recommended", "gate", "unclear")
        and row["event"] != chosen
        and not _is_for_all(status, row["share"])
    )
    return Candidate(
        event=row["event"],
        status=status,
        status_text=_words(status, row["share"]),
        sentence=fill(template, facts),
        is_chosen=row["event"] == chosen,
        row=index,
        evidence=table,
        fix=choose(workbook, row["event"], stages) if can else None,
        detail=_detail(table, index) if row["past_gates"] and status == "recommended" else "",
    )


def _detail(table: Evidence, index: int) -> str:
    """What the comparison would be among everybody, not only those past the steps everyone takes."""
    facts = {name: table.fact(index, f"everybody_{name}", "ratio") for name in ("ratio", "low", "high")}
    if facts["ratio"].value is None:
        return ""
    return fill("Without regard to those steps: {ratio} ({low} to {high}).", facts)


def compared_among(gates: Sequence[str]) -> str:
    """Among whom candidates are compared where there are steps that everyone takes; "" where there are none.

    >>> compared_among(["visit", "signup"])
    'Compared among people who had already passed “Visit” and “Signup”, the steps that everyone with the outcome takes.'
    """
    listed = [event_names.quoted(gate) for gate in gates]
    if not listed:
        return ""
    steps = listed[-1] if len(listed) == 1 else f"{', '.join(listed[:-1])} and {listed[-1]}"
    word = "step" if len(listed) == 1 else "steps"
    return f"Compared among people who had already passed {steps}, the {word} that everyone with the outcome takes."

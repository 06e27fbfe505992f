"""What the room sees after the reveal: distributions, marketing against growth, and how far apart people are.

Contested questions come first. Nothing here reads the store: it gets the answers of a round that was revealed.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median, quantiles

from lib.analysis.handoff import ownership_disagreement
from lib.room.model import Participant, PrivateAnswer
from lib.room.question_types import is_settled, of
from lib.room.questions import RoomQuestion

_CONTESTED_BITS = 0.9  # two sides of about equal size on one question
_OTHER = {"Marketing": "growth", "Growth": "marketing"}
_FEW = 3  # a team of fewer people is not shown apart in an anonymous round: its colour would be a name
_CONTESTED_SPREAD = 0.5  # the middle half of the answers covers half of the scale


@dataclass(frozen=True)
class QuestionResult:
    """One question's result.

    Attributes:
        question: What was asked.
        n: People who answered (abstentions left out).
        counts: Value -> people, in the order of the options; for dots, value -> dots.
        by_side: Side -> the same counts for that side alone; empty in an anonymous round where a side is too small.
        entropy_bits: Disagreement over all answers, 0 = all alike; None for free text.
        middle: Median of a scale; None otherwise.
        texts: Free texts; with names unless the round was anonymous.
        mine_and_theirs: For ownership questions: people who say "mine" and people of the other side who say "theirs".
    """

    question: RoomQuestion
    n: int
    counts: Mapping[str, int]
    by_side: Mapping[str, Mapping[str, int]]
    entropy_bits: float | None
    middle: float | None
    texts: tuple[tuple[str, str], ...]
    mine_and_theirs: tuple[tuple[str, int, int], ...] = ()

    @property
    def is_contested(self) -> bool:
        """Two camps of about equal size on a choice; on a scale, answers spread over more than half of it."""
        if self.question.is_detail:
            return False
        if of(self.question).is_number:
            given = [int(value) for value, count in self.counts.items() for _ in range(count)]
            if len(given) < 2:
                return False
            low, _, high = quantiles(given, n=4, method="inclusive")
            return (high - low) / (self.question.high - self.question.low) >= _CONTESTED_SPREAD
        return self.entropy_bits is not None and self.entropy_bits >= _CONTESTED_BITS

    @property
    def sides_apart(self) -> tuple[str, str] | None:
        """What marketing and growth mostly say, where that differs: (marketing's value, growth's value)."""
        if not is_settled(self.question):
            return None
        leads = [_lead(self.by_side.get(side, {})) for side in ("marketing", "growth")]
        return (leads[0], leads[1]) if leads[0] and leads[1] and leads[0] != leads[1] else None


def _lead(counts: Mapping[str, int]) -> str:
    """The value most people gave, "" where two lead."""
    ordered = sorted(counts.items(), key=lambda item: -item[1])
    if not ordered or ordered[0][1] == 0 or (len(ordered) > 1 and ordered[0][1] == ordered[1][1]):
        return ""
    return ordered[0][0]


def said(row: QuestionResult) -> list[str]:
    """A row in words, for page, board and phone: how far apart, the two teams, mine and theirs."""
    labels = {option.value: option.label for option in row.question.options}
    words = []
    if apart := row.sides_apart:
        words.append(f"Marketing: “{labels[apart[0]]}”. Growth: “{labels[apart[1]]}”.")
    words += [
        f"“{team}” say {mine} in {team.lower()} itself and {theirs} in {_OTHER[team]}."
        for team, mine, theirs in row.mine_and_theirs
        if mine or theirs
    ]
    return words


def bits(row: QuestionResult) -> str:
    """The disagreement on a choice in words, "" where there is none to measure."""
    if row.entropy_bits is None or not is_settled(row.question) or row.n < 2:
        return ""
    most = math.log2(min(row.n, len(row.question.options)))
    return f"Disagreement {row.entropy_bits:.2f} of {most:.2f} bits."


@dataclass(frozen=True)
class Reveal:
    """A revealed round.

    Attributes:
        rows: Questions, most contested first.
        alpha: Krippendorff's alpha (nominal) over all choice questions: 1 = everybody alike, 0 = as if by chance, below
            0 = further apart than chance; None for fewer than two questions, where it says nothing.
        n: People who answered anything.
    """

    rows: tuple[QuestionResult, ...]
    alpha: float | None
    n: int


def reveal(
    questions: Sequence[RoomQuestion],
    answers: Sequence[PrivateAnswer],
    people: Sequence[Participant],
    *,
    anonymous: bool,
) -> Reveal:
    """Sum up a revealed round."""
    who = {person.id: person for person in people}
    rows = [_row(q, [x for x in answers if x.question == q.id], who, anonymous=anonymous) for q in questions]
    order = sorted(rows, key=lambda row: (not row.is_contested, -_apart(row)))
    table = _ratings(questions, answers)
    alpha = (
        ownership_disagreement.krippendorff_alpha(table)
        if sum(len(given) > 1 for given in table) > 1
        else math.nan
    )
    alpha = None if math.isnan(alpha) else alpha
    return Reveal(tuple(order), alpha, len({x.participant for x in answers if x.value is not None}))


def _apart(row: QuestionResult) -> float:
    """Disagreement as a share of the most that the question allows, so that scales and choices can stand in one order."""
    if row.question.is_detail:
        return -2.0
    if row.entropy_bits is None:
        return -1.0
    ways = len(of(row.question).values(row.question))
    return row.entropy_bits / math.log2(ways) if ways > 1 else 0.0


def _ratings(questions: Sequence[RoomQuestion], answers: Sequence[PrivateAnswer]) -> list[list[str]]:
    """One list of given values per choice question."""
    choice = [q.id for q in questions if is_settled(q)]
    return [[str(x.value) for x in answers if x.question == id and x.value is not None] for id in choice]


def _row(
    q: RoomQuestion, given: Sequence[PrivateAnswer], who: Mapping[str, Participant], *, anonymous: bool
) -> QuestionResult:
    kind, mine = of(q), [x for x in given if x.value not in (None, "", [], {})]
    is_pick = mine and (kind.is_choice or kind.is_number)
    by_side = _sides(q, mine, who, anonymous=anonymous)
    return QuestionResult(
        q,
        len(mine),
        _counts(q, mine),
        by_side,
        ownership_disagreement.entropy([str(x.value) for x in mine]) if is_pick else None,
        median(float(x.value) for x in mine) if mine and kind.is_number else None,
        _texts(mine, {} if anonymous else who) if kind.form == "text" else (),
        _mine_and_theirs(q, by_side),
    )


def _sides(
    q: RoomQuestion, given: Sequence[PrivateAnswer], who: Mapping[str, Participant], *, anonymous: bool
) -> dict[str, dict[str, int]]:
    """Counts of each team; none in an anonymous round where a team is so small that its colour would be a name."""
    sides: dict[str, list[PrivateAnswer]] = {}
    for x in given:
        sides.setdefault(who[x.participant].side if x.participant in who else "other", []).append(x)
    if anonymous and min(map(len, sides.values()), default=0) < _FEW:
        return {}
    return {side: _counts(q, xs) for side, xs in sorted(sides.items())}


def _texts(given: Sequence[PrivateAnswer], who: Mapping[str, Participant]) -> tuple[tuple[str, str], ...]:
    """(text, name) in the order of the texts; "" for a name that is not told."""
    names = {id: person.name for id, person in who.items()}
    return tuple(sorted((str(x.value), names.get(x.participant, "")) for x in given))


def _counts(q: RoomQuestion, given: Sequence[PrivateAnswer]) -> dict[str, int]:
    kind = of(q)
    keys = kind.values(q)
    total: Counter[str] = Counter()
    for x in given:
        kind.count(total, x.value, len(keys))
    return {key: total[key] for key in keys}


def _mine_and_theirs(
    q: RoomQuestion, by_side: Mapping[str, Mapping[str, int]]
) -> tuple[tuple[str, int, int], ...]:
    if not q.id.startswith("owns/"):
        return ()
    pairs = (("marketing", "Marketing", "growth"), ("growth", "Growth", "marketing"))
    return tuple(
        (label, by_side.get(side, {}).get(label, 0), by_side.get(other, {}).get(label, 0))
        for side, label, other in pairs
    )

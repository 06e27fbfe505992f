"""The perception gap: where the two teams say different things about who owns what, measured and ranked."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from lib.analysis.handoff import words
from lib.engine.evidence.evidence import Evidence, single
from lib.workbook.model import Owns

Pattern = Literal["agree", "both_claim", "each_says_other", "differ", ""]
MARKETING, GROWTH = "marketing", "growth"


@dataclass(frozen=True)
class RowGap:
    """Disagreement about one row of the map.

    Attributes:
        id: Row id (a stage, an area or a metric).
        name: What a person calls it.
        today: (who says it, whom they name) for "who owns it today".
        should: The same for "who should".
        bits_today: Entropy of the answers about today; 0 when all agree, 1 for two even halves.
        bits_should: Entropy of the answers about how it should be.
        pattern: both_claim (each team says it is its own), each_says_other, differ, agree; "" with one answer.
        resolved: What was agreed in the end.
        dissent: What those who saw it otherwise want kept.
    """

    id: str
    name: str
    today: tuple[tuple[str, str], ...]
    should: tuple[tuple[str, str], ...]
    bits_today: float
    bits_should: float
    pattern: Pattern
    resolved: str
    dissent: str

    @property
    def bits(self) -> float:
        """The larger of the two disagreements."""
        return max(self.bits_today, self.bits_should)


@dataclass(frozen=True)
class OwnershipDisagreement:
    """All rows that somebody said something about.

    Attributes:
        rows: Most contested first.
        alpha_today: Krippendorff's alpha over today's answers: 1 full agreement, 0 chance; NaN when it cannot be told.
        alpha_should: The same for how it should be.
        evidence: One row with rows, contested, alpha_today, alpha_should; None while nobody has answered.
    """

    rows: tuple[RowGap, ...]
    alpha_today: float
    alpha_should: float
    evidence: Evidence | None

    @property
    def contested(self) -> tuple[RowGap, ...]:
        """Rows on which answers differ, most contested first."""
        return tuple(row for row in self.rows if row.bits > 0)


def entropy(answers: Sequence[str]) -> float:
    """Disagreement of answers in bits.

    >>> entropy(["Growth", "Growth", "Growth"]), entropy(["Growth", "Growth", "Marketing", "Marketing"])
    (0.0, 1.0)
    """
    counts = Counter(answers).values()
    n = sum(counts)
    return sum(-c / n * math.log2(c / n) for c in counts if c < n) + 0.0 if n else 0.0


def krippendorff_alpha(rows: Sequence[Sequence[str]]) -> float:
    """Agreement beyond chance over rows that several people answered; nominal answers, gaps allowed.

    Args:
        rows: Answers per row; rows with fewer than two are left out.

    Returns:
        1 for full agreement, 0 for chance, below 0 for systematic disagreement; NaN without two answers on some row,
        or when everybody always gives the same answer (then there is nothing to tell apart).

    Source:
        Krippendorff, Content Analysis, chapter on reliability (nominal metric, coincidence matrix).

    >>> round(krippendorff_alpha([["a", "a"], ["b", "b"], ["a", "b"]]), 4)
    0.4444
    """
    paired = [row for row in rows if len(row) >= 2]
    totals = Counter(value for row in paired for value in row)
    n = sum(totals.values())
    expected = n * n - sum(count * count for count in totals.values())
    if not paired or expected == 0:
        return math.nan
    observed = sum(
        (len(row) ** 2 - sum(count * count for count in Counter(row).values())) / (len(row) - 1)
        for row in paired
    )
    return 1 - (n - 1) * observed / expected


def _pattern(today: Mapping[str, str]) -> Pattern:
    ours, theirs = today.get(MARKETING, ""), today.get(GROWTH, "")
    if not ours or not theirs:
        return ""
    if ours == theirs:
        return "agree"
    claims = (ours.lower() == MARKETING, theirs.lower() == GROWTH)
    if all(claims):
        return "both_claim"
    if ours.lower() == GROWTH and theirs.lower() == MARKETING:
        return "each_says_other"
    return "differ"


def _gap(key: str, name: str, owns: Owns, more: Mapping[str, Sequence[tuple[str, str]]]) -> RowGap:
    sides = {MARKETING: owns.marketing_today, GROWTH: owns.growth_today}
    wanted = {MARKETING: owns.marketing_should, GROWTH: owns.growth_should}
    today = [(who, said) for who, said in sides.items() if said] + list(more.get("today", ()))
    should = [(who, said) for who, said in wanted.items() if said] + list(more.get("should", ()))
    return RowGap(
        id=key,
        name=name,
        today=tuple(today),
        should=tuple(should),
        bits_today=entropy([said for _, said in today]),
        bits_should=entropy([said for _, said in should]),
        pattern=_pattern(sides),
        resolved=owns.resolved,
        dissent=owns.dissent,
    )


def _alpha(rows: Sequence[Sequence[tuple[str, str]]]) -> float:
    return krippendorff_alpha([[said for _, said in row] for row in rows])


def compare_owners(
    owns: Mapping[str, Owns],
    names: Mapping[str, str],
    votes: Mapping[str, Mapping[str, Sequence[tuple[str, str]]]] | None = None,
) -> OwnershipDisagreement:
    """Measure and rank the disagreement about who owns what.

    Args:
        owns: Row id -> what the two teams said.
        names: Row id -> name, for the rows that exist; others are left out.
        votes: Row id -> "today" | "should" -> (who, whom they name) from a workshop, in addition.
    """
    votes = votes or {}
    found = [
        _gap(key, names[key], owns.get(key, Owns()), votes.get(key, {}))
        for key in names
        if key in owns or key in votes
    ]
    answered = [gap for gap in found if gap.today or gap.should]
    rows = tuple(sorted(answered, key=lambda gap: (-gap.bits, -gap.bits_today, gap.name)))
    today, should = _alpha([row.today for row in rows]), _alpha([row.should for row in rows])
    if not rows:
        return OwnershipDisagreement((), math.nan, math.nan, None)
    table = single(
        words.DISAGREEMENT_TABLE.text,
        words.DISAGREEMENT_TABLE.means,
        {
            "rows": len(rows),
            "contested": sum(row.bits > 0 for row in rows),
            "alpha_today": today,
            "alpha_should": should,
        },
        method="Entropy per row; Krippendorff's alpha, nominal.",
    )
    return OwnershipDisagreement(rows, today, should, table)

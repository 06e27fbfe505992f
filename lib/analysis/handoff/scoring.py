"""Which event tells that a user is on the way to the outcome: the evidence for where a handoff belongs."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lib.analysis.handoff import words_candidates as words
from lib.analysis.handoff.scoring_sql import portable_sql
from lib.analysis.handoff.scoring_verdict import conclude
from lib.analysis.result_types import TableResult
from lib.engine import query
from lib.engine.datasets.dataset import Dataset
from lib.engine.evidence.cache import cached
from lib.engine.evidence.evidence import Evidence, Fact, Scalar
from lib.engine.sources.answers import KindCounts, OutcomeCounts
from lib.engine.sources.source import Source
from lib.errors import DataError
from lib.framework import slots
from lib.stats.adjust import holm
from lib.stats.rates import UNKNOWN, RateRatio, mantel_haenszel

COLUMNS = (
    "event", "users", "reach", "converted", "precision", "recall", "lift", "rate_ratio", "ci_low", "ci_high",
    "p_adjusted", "past_gates_ratio", "past_gates_low", "past_gates_high", "past_gates_p_adjusted", "is_gate",
    "after_outcome", "lead_hours", "is_recommended",
)  # fmt: skip
BIN_HOURS = 6  # age strata: narrow against the days that users take, wide enough to hold both groups
GATE_SHARE = 0.99  # of the users with the outcome; a little under one, because tracking loses events
NEARLY_ALL = (
    0.95  # of all users and of those with the outcome: too few are left without the event to learn from
)
ENOUGH_OUTCOMES = 30
ENOUGH_EXPOSED = 20  # users who did the event before and had the outcome
RECOMMENDED_RATIO = 1.2  # smaller effects are within what age strata cannot take out
RECOMMENDED_RECALL = 0.05


@dataclass(frozen=True)
class HandoffResult(TableResult):
    """Every event kind as a candidate for the handoff.

    Attributes:
        outcome: The event that counts as the outcome.
        horizon_days: How soon the outcome has to follow to count for precision and recall.
        recommended: Candidates whose rate ratio stands after correction for the number of candidates, best
            first.
        gates: Required and near-universal steps, most precise first.
        verdict: The answer.
        findings: Candidates that look good by plain lift only, gates, too little data.
        evidence: One Evidence; its rows are `COLUMNS`, best candidate first, gates last.
    """

    outcome: str
    horizon_days: float
    recommended: tuple[str, ...]
    gates: tuple[str, ...]

    def fact(self, event: str, column: str, format: str = "number") -> Fact:
        """One cell of one event's row as a fact."""
        table = self.evidence[0]
        return table.fact(table.find(event=event), column, format)


@cached
def handoff(dataset: Dataset, outcome: str, *, horizon_days: float = 30) -> HandoffResult:
    """Score every other event as a sign that the outcome follows.

    Plain counts, relative to each user's first outcome: `reach` users did the event no later than their outcome
    or have none (at one time counts, as in a funnel: data that know only days have many such); `precision` is
    the share of them whose outcome came within the horizon; `recall` the share of all users with the outcome
    that these are; `lift` is precision over the share of all users who have the outcome. Lift is biased: it
    gives an event without any effect 0.6 to 0.8 (only users who have not converted yet, only a limited
    horizon), so it is a detail, never a reason. `lead_hours` is the median time from the event to the outcome
    of those who converted: what is left to act in.

    The headline `rate_ratio` compares, at the same age of a user (strata of 6 hours since the first event), how
    often the outcome comes per time at risk with and without the event having happened, as a Mantel-Haenszel rate
    ratio; the event counts from its first occurrence on, and observation ends with the outcome or the data. An
    event without effect scores 1.

    `is_gate` marks two kinds of steps that say nothing about who is on the way. A required step: at least 99 % of
    the users with the outcome did it no later (`GATE_SHARE`); there is nobody to compare, so it has no ratio. A
    near-universal step: at least 95 % of all users did it, and at least 95 % of those with the outcome no later
    (`NEARLY_ALL`); its ratio is given but rests on the few exceptions. Where there are gates, `past_gates_ratio`
    compares only users who have passed all of them, at the same time since then: an event that can only happen
    after a gate would otherwise borrow the gate's effect.

    A candidate is recommended when it is no gate, its ratio (past the gates, where there are gates) is at least
    1.2, stands after Holm's correction over all candidates at 5 %, and at least 20 users and 5 % of the outcomes
    followed it.

    Args:
        dataset: Events.
        outcome: The event that counts as the outcome, e.g. "paid".
        horizon_days: How soon the outcome has to follow for precision and recall.

    Raises:
        DataError: The outcome is not an event of the dataset, or the horizon is not positive.

    Source:
        Greenland and Robins 1985 (stratified rate ratio); immortal time bias: Suissa 2008; Holm 1979.
    """
    if not math.isfinite(horizon_days) or horizon_days <= 0:
        raise DataError("The horizon must be longer than zero days.", "Enter a number of days above zero.")
    source = query.events(dataset)
    found = source.outcome_counts(outcome, horizon_days)
    required = {c.kind for c in found.kinds if c.before >= GATE_SHARE * found.outcomes}
    gates = tuple(c.kind for c in found.kinds if c.kind in required or _is_near_universal(c, found))
    plain = _ratios(source, outcome, _but(found, required), ())
    past = _ratios(source, outcome, _but(found, gates), gates) if gates else {}
    evidence = query.evidence(
        words.SCORES_TABLE.text,
        words.SCORES_MEANS.write(outcome=outcome, days=f"{horizon_days:g}"),
        portable_sql(gates),
        {slots.EVENTS: dataset},
        _params(outcome, horizon_days, gates),
        rows=_rows(found, gates, plain, past),
        columns=COLUMNS,
        method=words.SCORES_METHOD.text,
    )
    recommended, best_gates = (_events(evidence, flag) for flag in ("is_recommended", "is_gate"))
    verdict, findings = conclude(evidence, outcome, found.outcomes, found.users)
    return HandoffResult(
        verdict, findings, (evidence,), outcome, float(horizon_days), recommended, best_gates
    )


def _events(table: Evidence, flag: str) -> tuple[str, ...]:
    """Events of the rows that have a flag, in their order."""
    return tuple(row["event"] for row in table.records() if row[flag])


def _is_near_universal(counts: KindCounts, found: OutcomeCounts) -> bool:
    """Whether nearly everybody does the event, with the outcome or without: it can tell nobody apart."""
    return counts.before >= NEARLY_ALL * found.outcomes and counts.users >= NEARLY_ALL * found.users


def _params(outcome: str, horizon_days: float, gates: tuple[str, ...]) -> dict[str, Any]:
    params: dict[str, Any] = {
        "outcome": outcome,
        "horizon_seconds": float(horizon_days) * 86_400,
        "bin_seconds": BIN_HOURS * 3600.0,
        "gate_count": len(gates),
    }
    return params | {f"gate_{n}": gate for n, gate in enumerate(gates, start=1)}


def _but(found: OutcomeCounts, left_out: Collection[str]) -> list[str]:
    """Events that are not left out of a comparison."""
    return [c.kind for c in found.kinds if c.kind not in left_out]


def _ratios(source: Source, outcome: str, kinds: Sequence[str], after: Sequence[str]) -> dict[str, RateRatio]:
    found = source.outcome_risk(outcome, kinds, after=after, bin_hours=BIN_HOURS)
    return {
        kind: mantel_haenszel(at.exposed_events, at.exposed_time, at.events, at.time)
        for kind, at in found.items()
    }


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _rows(
    found: OutcomeCounts, gates: Sequence[str], plain: Mapping[str, RateRatio], past: Mapping[str, RateRatio]
) -> list[tuple[Scalar, ...]]:
    """One row a candidate: the recommended, by the low end of the deciding ratio, gates, those without a ratio."""
    compared = (_compared(found, plain), _compared(found, past))
    rows = []
    for counts in found.kinds:
        ratios = [ratio[counts.kind] for ratio in compared]
        row = _row(found, counts, ratios, counts.kind in gates, ratios[bool(gates)])
        rows.append((_rank(row, ratios[bool(gates)].low), row))
    return [row for _, row in sorted(rows, key=lambda item: (item[0], item[1][0]))]


@dataclass(frozen=True)
class _Compared:
    """A rate ratio with its interval, and its p-value corrected for the number of candidates; NaN where unknown."""

    value: float
    low: float
    high: float
    p_adjusted: float

    @property
    def cells(self) -> tuple[float | None, ...]:
        """As cells of a row."""
        return tuple(_known(value) for value in (self.value, self.low, self.high, self.p_adjusted))


def _compared(found: OutcomeCounts, ratios: Mapping[str, RateRatio]) -> dict[str, _Compared]:
    """Every candidate's ratio; those that were not compared count for the correction with a p-value of NaN."""
    kinds = [counts.kind for counts in found.kinds]
    all_ = [ratios.get(kind, UNKNOWN) for kind in kinds]
    adjusted = holm([ratio.p_value for ratio in all_])
    return {
        kind: _Compared(ratio.value, ratio.low, ratio.high, p)
        for kind, ratio, p in zip(kinds, all_, adjusted, strict=True)
    }


def _row(
    found: OutcomeCounts,
    counts: KindCounts,
    ratios: Sequence[_Compared],
    is_gate: bool,
    deciding: _Compared,
) -> tuple[Scalar, ...]:
    """One candidate as `COLUMNS`."""
    outcomes, converted = found.outcomes, counts.converted
    precision = converted / counts.reach if counts.reach else None
    lift = precision / (outcomes / found.users) if precision is not None and outcomes else None
    is_recommended = (
        not is_gate
        and deciding.p_adjusted < 0.05
        and deciding.value >= RECOMMENDED_RATIO
        and outcomes >= ENOUGH_OUTCOMES
        and converted >= max(ENOUGH_EXPOSED, RECOMMENDED_RECALL * outcomes)
    )
    return (
        counts.kind,
        counts.users,
        counts.reach,
        converted,
        precision,
        converted / outcomes if outcomes else None,
        lift,
        *(cell for ratio in ratios for cell in ratio.cells),
        is_gate,
        counts.after,
        _known(counts.lead),
        is_recommended,
    )


def _rank(row: Sequence[Scalar], low: float) -> float:
    """Where a row stands in the table; smaller is further up."""
    cell = dict(zip(COLUMNS, row, strict=True))
    if cell["is_gate"]:
        return 1e9 - (cell["precision"] or 0)
    return math.inf if math.isnan(low) else -1000 * cell["is_recommended"] - low

"""Which event tells that a user is on the way to the outcome: the evidence for where a handoff belongs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from lib.analysis.handoff.scoring_sql import portable_sql
from lib.analysis.handoff.scoring_verdict import conclude
from lib.analysis.result_types import TableResult
from lib.engine import query
from lib.engine.datasets.dataset import Dataset
from lib.engine.evidence.cache import cached
from lib.engine.evidence.evidence import Fact, Scalar
from lib.engine.kernels import handoff as kernel
from lib.engine.layout.event_layout import Layout, open_layout
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

    Plain counts, relative to each user's first outcome: `reach` users did the event before their outcome or have
    none; `precision` is the share of them whose outcome came within the horizon; `recall` the share of all users
    with the outcome that these are; `lift` is precision over the share of all users who have the outcome. Lift is
    biased: it gives an event without any effect 0.6 to 0.8 (only users who have not converted yet, only a limited
    horizon), so it is a detail, never a reason. `lead_hours` is the median time from the event to the outcome of
    those who converted: what is left to act in.

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
    layout = open_layout(dataset)
    outcome_at = kernel.outcomes(layout, outcome)
    horizon = layout.units(days=horizon_days)
    counts = [kernel.count(layout, kind, outcome_at, horizon) for kind in layout.kinds if kind != outcome]
    outcomes = len(layout.firsts_of(outcome))
    required = {c.kind for c in counts if c.before >= GATE_SHARE * outcomes}
    gates = tuple(
        c.kind for c in counts if c.kind in required or _is_near_universal(c, outcomes, layout.users)
    )
    open_kinds = [c.kind for c in counts if c.kind not in gates]
    compared = [c.kind for c in counts if c.kind not in required]
    ratios = _ratios(layout, compared, kernel.lives(layout, outcome_at))
    past: dict[str, RateRatio] = {}
    if gates:
        past = _ratios(layout, open_kinds, kernel.lives(layout, outcome_at, kernel.passed_all(layout, gates)))
    table = _rows(counts, gates, ratios, past, outcomes, layout)
    evidence = query.evidence(
        "Handoff candidates",
        _definition(outcome, horizon_days),
        portable_sql(gates),
        {slots.EVENTS: dataset},
        _params(outcome, horizon_days, gates),
        rows=table,
        columns=COLUMNS,
        method="Mantel-Haenszel rate ratio over 6-hour age strata with Greenland-Robins 95 % interval; "
        "p-values by Holm. "
        "The query gives the sums of the comparison past the gates; with no gate, those of the headline",
    )
    recommended = tuple(row["event"] for row in evidence.records() if row["is_recommended"])
    best_gates = tuple(row["event"] for row in evidence.records() if row["is_gate"])
    verdict, findings = conclude(evidence, outcome, outcomes, layout.users)
    return HandoffResult(
        verdict, findings, (evidence,), outcome, float(horizon_days), recommended, best_gates
    )


def _is_near_universal(counts: kernel.Counts, outcomes: int, users: int) -> bool:
    """Whether nearly everybody does the event, with the outcome or without: it can tell nobody apart."""
    return counts.before >= NEARLY_ALL * outcomes and counts.users >= NEARLY_ALL * users


def _definition(outcome: str, horizon_days: float) -> str:
    return (
        f"How often {outcome} comes per time at risk after each event, against users of the same age who "
        f"have not done "
        f"it; reach, precision and recall count {outcome} within {horizon_days:g} days."
    )


def _params(outcome: str, horizon_days: float, gates: tuple[str, ...]) -> dict[str, Any]:
    params: dict[str, Any] = {
        "outcome": outcome,
        "horizon_seconds": float(horizon_days) * 86_400,
        "bin_seconds": BIN_HOURS * 3600.0,
        "gate_count": len(gates),
    }
    return params | {f"gate_{n}": gate for n, gate in enumerate(gates, start=1)}


def _ratios(layout: Layout, kinds: list[str], life: kernel.Lives) -> dict[str, RateRatio]:
    width = layout.bin_units(BIN_HOURS)
    whole = kernel.everybody(life, width)
    ratios = {}
    for kind in kinds:
        at = kernel.risk(layout, kind, life, whole, width)
        ratios[kind] = mantel_haenszel(at.exposed_events, at.exposed_time, at.events, at.time)
    return ratios


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _rows(
    counts: list[kernel.Counts],
    gates: tuple[str, ...],
    ratios: dict[str, RateRatio],
    past: dict[str, RateRatio],
    outcomes: int,
    layout: Layout,
) -> list[tuple[Scalar, ...]]:
    kinds = [c.kind for c in counts]
    adjusted = dict(zip(kinds, holm([ratios.get(k, UNKNOWN).p_value for k in kinds]), strict=True))
    past_adjusted = dict(zip(kinds, holm([past.get(k, UNKNOWN).p_value for k in kinds]), strict=True))
    rows: list[tuple[float, tuple[Scalar, ...]]] = []
    for c in counts:
        ratio, beyond, is_gate = ratios.get(c.kind, UNKNOWN), past.get(c.kind, UNKNOWN), c.kind in gates
        precision = c.converted / c.reach if c.reach else None
        recall = c.converted / outcomes if outcomes else None
        deciding, p = (beyond, past_adjusted[c.kind]) if gates else (ratio, adjusted[c.kind])
        is_recommended = (
            not is_gate
            and p < 0.05
            and deciding.value >= RECOMMENDED_RATIO
            and c.converted >= ENOUGH_EXPOSED
            and outcomes >= ENOUGH_OUTCOMES
            and c.converted >= RECOMMENDED_RECALL * outcomes
        )
        row = (
            c.kind,
            c.users,
            c.reach,
            c.converted,
            precision,
            recall,
            precision / (outcomes / layout.users) if precision is not None and outcomes else None,
            _known(ratio.value),
            _known(ratio.low),
            _known(ratio.high),
            _known(adjusted[c.kind]),
            _known(beyond.value),
            _known(beyond.low),
            _known(beyond.high),
            _known(past_adjusted[c.kind]),
            is_gate,
            c.after,
            _known(layout.hours(c.lead)),
            is_recommended,
        )
        known = -math.inf if math.isnan(deciding.low) else deciding.low
        rank = -(precision or 0) if is_gate else -1000 * is_recommended - known
        rows.append((rank + 1e9 * is_gate if rank > -math.inf else 1e8, row))
    return [row for _, row in sorted(rows, key=lambda item: (item[0], item[1][0]))]

"""Known mistakes at each stage, looked for in the data and the answers."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from lib.analysis.findings import framework_finding
from lib.analysis.kpis.kpis import KpisResult
from lib.analysis.result_types import Data
from lib.analysis.stage.signals import SignalReading
from lib.analysis.stage.weights import Weights
from lib.analysis.verdict import Finding, Fix
from lib.engine.datasets.dataset import Dataset
from lib.engine.evidence.cache import cached
from lib.engine.evidence.evidence import Evidence, Fact, single
from lib.engine.query import evidence
from lib.framework import slots, step_ids
from lib.framework.load import framework
from lib.stats.intervals import Interval
from lib.stats.power import smallest_effect_proportion
from lib.workbook.model import Idea, Workbook

SPEND_ROSE = 1.10  # the later half of the last 180 days over the earlier
ONE_CHANNEL = 0.60
LATE_DAYS = 540
USEFUL_POINTS = 0.05
_FIT = ("pmf_share", "retention")
_WAITING = ("idea", "testable", "running")

SPEND_SQL = """
WITH span AS (SELECT MAX(date) AS as_of, MIN(date) AS first_day FROM spend),
halves AS (
  SELECT SUM(spend) FILTER (WHERE date > as_of - 90) AS later,
         SUM(spend) FILTER (WHERE date <= as_of - 90 AND date > as_of - 180) AS earlier
  FROM spend CROSS JOIN span WHERE first_day <= as_of - 179
)
SELECT later, earlier, later / NULLIF(earlier, 0) - 1 AS change FROM halves
"""


@cached
def spend_trend(spend: Dataset) -> Evidence:
    """Spend of the last ninety days against the ninety before; empty cells where the file is too short."""
    return evidence(
        "Spend, last 90 days against the 90 before",
        "Sum of spend in each half of the last 180 days of the file.",
        SPEND_SQL,
        {slots.SPEND: spend},
    )


def misfires(
    book: Workbook, data: Data, kpis: KpisResult, known: Sequence[SignalReading], weights: Weights
) -> tuple[Finding, ...]:
    """All mistakes that show.

    Args:
        book: Answers and ideas.
        data: Datasets by slot.
        kpis: KPIs of the data.
        known: Stage inputs.
        weights: Weights of (pre-fit, scaling, mature).
    """
    found = (
        _too_early(book, data, known),
        _waiting(book, known, weights),
        _of_kpi(kpis, "quick_ratio", "leaky_bucket", lambda ratio: ratio.high < 1),
        _one_channel(kpis, weights),
        _of_kpi(kpis, "cac_payback", "payback_beyond_reach", lambda days: days.low > LATE_DAYS),
        _of_kpi(
            kpis,
            "sales_enablement",
            "material_without_effect",
            lambda points: points.high < USEFUL_POINTS,
            ranged=True,
        ),
        _untestable(book),
    )
    return tuple(finding for finding in found if finding is not None)


def _finding(id: str, facts: Mapping[str, Fact | str], table: Evidence | None) -> Finding:
    text = framework().misfires[id]
    fixes = () if text.page == step_ids.STAGE_CHOICE else (Fix(text.remedy.rstrip("."), page=text.page),)
    return framework_finding(id, facts, text=text, fixes=fixes, evidence=table)


def _weakest_fit(known: Sequence[SignalReading]) -> SignalReading | None:
    """The fit signal that speaks most for pre-fit, if one does."""
    fit = [r for r in known if r.signal.id in _FIT and r.weights[0] == max(r.weights)]
    return max(fit, key=lambda r: r.weights[0], default=None)


def _table(reading: SignalReading) -> Evidence | None:
    return reading.kpi.evidence if reading.kpi else None


def _too_early(book: Workbook, data: Data, known: Sequence[SignalReading]) -> Finding | None:
    weak = _weakest_fit(known)
    if weak is None:
        return None
    facts: dict[str, Fact | str] = {"signal": weak.noun, "value": weak.text}
    if spend := data.get(slots.SPEND):
        table = spend_trend(spend)
        change = table.rows[0][2]
        if change is not None:
            if change + 1 < SPEND_ROSE:
                return None
            return _finding(
                "acquisition_before_fit",
                facts | {"trend": f"rose by {table.fact(0, 'change', 'percent')}"},
                table,
            )
    if book.stage.get("acquisition_spend") == "up":
        return _finding("acquisition_before_fit", facts | {"trend": "rose"}, _table(weak))
    return None


def _waiting(book: Workbook, known: Sequence[SignalReading], weights: Weights) -> Finding | None:
    ready = [r for r in known if r.weights[0] < 0.25]
    if book.stage.get("waits_for_alignment") != "yes" or weights[0] >= 0.4 or not ready:
        return None
    best = min(ready, key=lambda r: r.weights[0])
    return _finding(
        "waiting_for_alignment",
        {"signal": best.noun, "value": best.text},
        _table(best),
    )


def _of_kpi(
    kpis: KpisResult, kpi: str, code: str, is_wrong: Callable[[Interval], bool], *, ranged: bool = False
) -> Finding | None:
    """A mistake that one KPI shows by its range."""
    found = kpis.known(kpi)
    if found is None or not is_wrong(found.interval):
        return None
    ends = {"low": found.low, "high": found.high} if ranged else {}
    return _finding(code, {"value": found.fact, **ends}, found.evidence)


def _one_channel(kpis: KpisResult, weights: Weights) -> Finding | None:
    share = kpis.known("channel_concentration")
    if share is None or share.interval.low <= ONE_CHANNEL or weights[0] == max(weights):
        return None
    return _finding("one_channel", {"channel": kpis.largest_channel, "value": share.fact}, share.evidence)


def _untestable(book: Workbook) -> Finding | None:
    rows = [idea for idea in book.ideas.values() if idea.status in _WAITING and _is_beyond_traffic(idea)]
    if not rows:
        return None
    table = single(
        "Ideas that the traffic cannot show",
        "Ideas whose smallest visible effect in the weeks given is larger than the effect hoped for.",
        {"count": len(rows), "first": rows[0].name},
    )
    return _finding("tests_beyond_traffic", {"count": table.fact(0, "count", "count")}, table)


def _is_beyond_traffic(idea: Idea) -> bool:
    """Whether the traffic of the weeks given shows only more than is hoped for."""
    if idea.hoped_effect is None or not idea.baseline or not idea.weekly_users or not idea.weeks:
        return False
    smallest = smallest_effect_proportion(idea.baseline, idea.weekly_users * idea.weeks / 2)
    return math.isfinite(smallest) and smallest > idea.hoped_effect

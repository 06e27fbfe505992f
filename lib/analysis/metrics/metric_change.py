"""Why a metric of a metrics file changed between two periods: by segment, and by the steps or inputs it is made of."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from lib.analysis.metrics.periods import Period
from lib.analysis.metrics.ratio_decomposition import FactorResult, from_values
from lib.analysis.metrics.series import TOTALS, MetricSeries, label
from lib.analysis.verdict import Verdict
from lib.engine import query
from lib.engine.datasets.dataset import Dataset
from lib.engine.evidence.cache import cached
from lib.engine.evidence.evidence import Evidence, Fact
from lib.errors import DataError
from lib.framework import slots
from lib.framework.journey import archetypes, recognise
from lib.framework.recognise import recognise_kpi
from lib.workbook.model import Workbook

ON_THE_WAY = ("visit", "signup", "trial", "activation", "intent", "checkout", "paid")
KPI_STEPS = {
    "website_traffic": "visit", "signups": "signup", "leads": "signup", "trials": "trial",
    "activated_users": "activation", "new_customers": "paid",
}  # fmt: skip
SIDES = ("before", "after")
Row = tuple[str, float, float, float, float | None, float | None]  # in the order of `COLUMNS`
COLUMNS = ("segment", "before", "after", "change", "relative", "share_of_change")
DEFINITION = (
    "The metric for each date it was measured on, averaged over the period: so periods of different length can be "
    "compared. A segment's change is its part of the whole change; the parts add up to it exactly."
)
SQL = """
SELECT metric, COALESCE(segment, '') AS segment,
  SUM(value) FILTER (WHERE date >= CAST($b0 AS DATE) AND date <= CAST($b1 AS DATE)) AS before_sum,
  SUM(value) FILTER (WHERE date >= CAST($a0 AS DATE) AND date <= CAST($a1 AS DATE)) AS after_sum,
  COUNT(value) FILTER (WHERE date >= CAST($b0 AS DATE) AND date <= CAST($b1 AS DATE)) AS before_rows,
  COUNT(value) FILTER (WHERE date >= CAST($a0 AS DATE) AND date <= CAST($a1 AS DATE)) AS after_rows,
  (SELECT COUNT(DISTINCT m.date) FROM metrics m WHERE m.metric = o.metric AND m.value IS NOT NULL
    AND m.date >= CAST($b0 AS DATE) AND m.date <= CAST($b1 AS DATE)) AS before_dates,
  (SELECT COUNT(DISTINCT m.date) FROM metrics m WHERE m.metric = o.metric AND m.value IS NOT NULL
    AND m.date >= CAST($a0 AS DATE) AND m.date <= CAST($a1 AS DATE)) AS after_dates
FROM {source} o GROUP BY 1, 2 ORDER BY 1, 2
"""


@dataclass(frozen=True)
class ChangeResult:
    """One metric in two periods.

    Attributes:
        verdict: The sentence.
        evidence: One table, columns `COLUMNS`; the last row `all` is the whole metric.
        before: Earlier period.
        after: Later period.
        metric: Its name in the file.
        is_rate: Its segments do not add up: only the whole is compared.
    """

    verdict: Verdict
    evidence: tuple[Evidence, ...]
    before: Period
    after: Period
    metric: str
    is_rate: bool

    @property
    def table(self) -> Evidence:
        """The change by segment."""
        return self.evidence[0]

    @property
    def findings(self) -> tuple[()]:
        """None of its own."""
        return ()


def _read(
    dataset: Dataset, before: Period, after: Period
) -> tuple[str, dict[str, object], list[dict[str, object]]]:
    params: dict[str, object] = {
        "b0": before.first.isoformat(),
        "b1": before.last.isoformat(),
        "a0": after.first.isoformat(),
        "a1": after.last.isoformat(),
    }
    source = (
        slots.METRICS
        if dataset.has("segment")
        else "(SELECT date, metric, value, '' AS segment FROM metrics)"
    )
    sql = SQL.format(source=source)
    return sql, params, query.query(sql, {slots.METRICS: dataset}, params).records()


def _value(row: Mapping[str, object], side: str, *, is_rate: bool) -> float | None:
    total, dates, rows = (row[f"{side}_{name}"] for name in ("sum", "dates", "rows"))
    count = float(str(rows if is_rate else dates) or 0)
    return float(str(total)) / count if total is not None and count else None


@cached
def by_segment(
    dataset: Dataset, metric: str, before: Period, after: Period, *, is_rate: bool = False
) -> ChangeResult:
    """Compare a metric in two periods, segment by segment where the file has segments.

    Args:
        dataset: Metrics: date, metric, value, optional segment.
        metric: Its name in the file.
        before: Earlier period.
        after: Later period.
        is_rate: A share or score: averaged, and its segments do not add up.

    Raises:
        DataError: The metric has no values in one of the periods.
    """
    sql, params, rows = _read(dataset, before, after)
    mine = [row for row in rows if row["metric"] == metric]
    whole = [row for row in mine if str(row["segment"]).lower() in TOTALS]
    parts = [row for row in mine if str(row["segment"]).lower() not in TOTALS]
    by_part = [] if is_rate else [_compared(row) for row in parts]
    old, new = _whole(whole, parts, by_part, is_rate=is_rate)
    if not math.isfinite(old + new):
        raise DataError(
            f"{label(metric)} has no values in one of the periods.", "Choose periods it was measured in."
        )
    shown = [*_shares(by_part, old, new), _change("all", old, new)]
    table = query.evidence(
        f"{label(metric)}: {before.name} to {after.name}",
        DEFINITION,
        sql,
        {slots.METRICS: dataset},
        params | {"metric": metric, "before": before.name, "after": after.name},
        rows=tuple(shown),
        columns=COLUMNS,
    )
    return ChangeResult(_verdict(table, metric, before, after), (table,), before, after, metric, is_rate)


def _compared(row: Mapping[str, object]) -> Row:
    """One segment in both periods; none where it was not measured counts as zero."""
    old, new = (_value(row, side, is_rate=False) or 0.0 for side in SIDES)
    return _change(str(row["segment"]), old, new)


def _change(name: str, old: float, new: float) -> Row:
    return (name, old, new, new - old, new / old - 1 if old else None, None)


def _whole(
    whole: Sequence[Mapping[str, object]],
    parts: Sequence[Mapping[str, object]],
    by_part: Sequence[Row],
    *,
    is_rate: bool,
) -> tuple[float, float]:
    """The whole metric before and after: its own total rows, else the sum (rate: mean) of its segments; NaN unknown."""
    rows = whole or (parts if is_rate else ())
    if rows or is_rate:
        return _mean(rows, "before", is_rate=is_rate), _mean(rows, "after", is_rate=is_rate)
    if not by_part:
        return math.nan, math.nan
    return sum(row[1] for row in by_part), sum(row[2] for row in by_part)


def _mean(rows: Sequence[Mapping[str, object]], side: str, *, is_rate: bool) -> float:
    """Mean of these rows in a period; NaN where none was measured."""
    known = [value for row in rows if (value := _value(row, side, is_rate=is_rate)) is not None]
    return sum(known) / len(known) if known else math.nan


def _shares(shown: Sequence[Row], old: float, new: float) -> list[Row]:
    """Each segment's share of the change, largest change first; what total rows hold beyond the segments as one row."""
    rest = (old - sum(row[1] for row in shown), new - sum(row[2] for row in shown))
    if shown and max(abs(rest[0]), abs(rest[1])) > 0.005 * max(abs(old), abs(new)):
        shown = [*shown, ("not in a segment", *rest, rest[1] - rest[0], None, None)]
    change = new - old
    ordered = sorted(shown, key=lambda row: -abs(row[3]))
    return [(*row[:5], row[3] / change if change else None) for row in ordered]


def _verdict(table: Evidence, metric: str, before: Period, after: Period) -> Verdict:
    whole = table.find(segment="all")
    row = table.records()[whole]
    facts: dict[str, Fact | str] = {
        "metric": label(metric),
        "before": before.name,
        "after": after.name,
        "old": table.fact(whole, "before", "number"),
        "new": table.fact(whole, "after", "number"),
        "change": table.fact(whole, "relative", "+percent"),
    }
    text = "{metric} went from {old} in {before} to {new} in {after} ({change})"
    parts = table.records()[:whole]
    if not parts or not row["change"]:
        return Verdict("info", text + ".", facts, code="whole")
    same_way = [index for index, part in enumerate(parts) if (part["change"] > 0) == (row["change"] > 0)]
    top = same_way[0] if same_way else 0
    facts |= {
        "segment": parts[top]["segment"].replace("_", " "),
        "part": table.fact(top, "change", "+number"),
        "share": table.fact(top, "share_of_change", "percent"),
    }
    return Verdict(
        "info", text + ": most of it is {segment} ({part}, {share} of the change).", facts, code="segment"
    )


def chain_of(names: Sequence[str], end: str) -> tuple[str, ...]:
    """Counts of the file that stand on the way to a metric, in journey order, the metric last.

    >>> chain_of(["website_visits", "support_tickets", "new_paying_customers", "trial_starts"], "new_paying_customers")
    ('website_visits', 'trial_starts', 'new_paying_customers')
    """
    order = {item.id: item.order for item in archetypes() if item.id in ON_THE_WAY}
    at = {name: order[kind] for name in names if (kind := _step(name)) in order}
    if end not in at:
        return ()
    before: dict[int, str] = {}
    for name in sorted(names, key=_is_lead):  # sign-ups rather than forms, where both are counted
        if name in at and at[name] < at[end]:
            before.setdefault(at[name], name)
    return (*(before[place] for place in sorted(before)), end)


def _is_lead(name: str) -> bool:
    kpi = recognise_kpi(name)
    return kpi is not None and kpi.id == "leads"


def _step(name: str) -> str:
    """The kind of step on the journey a count belongs to, "" for none."""
    kpi, kind = recognise_kpi(name), recognise(name)
    if kpi is not None:
        return KPI_STEPS.get(kpi.id, "")
    return kind.id if kind is not None else ""


def by_steps(
    dataset: Dataset, names: Sequence[str], before: Period, after: Period, unit: str
) -> FactorResult:
    """Split a count's change into the volume at the start of the journey and the rate of each step after it.

    Args:
        dataset: Metrics.
        names: Counts of the file in journey order, the metric to explain last.
        before: Earlier period.
        after: Later period.
        unit: What a value is counted in: "a week".

    Raises:
        DataError: One of them has no value in one of the periods.
    """
    values = [_ends(dataset, name, before, after) for name in names]
    titles = [
        label(names[0]),
        *(f"{label(b)} per {label(a).lower()}" for a, b in pairwise(names)),
    ]
    old = [values[0][0], *(b[0] / a[0] if a[0] else 0 for a, b in pairwise(values))]
    new = [values[0][1], *(b[1] / a[1] if a[1] else 0 for a, b in pairwise(values))]
    sql, params, _ = _read(dataset, before, after)
    return from_values(
        titles, old, new, before, after, label(names[-1]), unit, sql, params, (dataset.source(),)
    )


def by_inputs(
    dataset: Dataset, metric: str, inputs: Sequence[MetricSeries], before: Period, after: Period, unit: str
) -> FactorResult:
    """Split a metric's change into the arithmetic inputs the team named for it, and what they leave unexplained.

    Args:
        dataset: Metrics.
        metric: Name in the file of what is explained.
        inputs: Series of its arithmetic inputs; the metric is about their product.
        before: Earlier period.
        after: Later period.
        unit: What a value is counted in.

    Raises:
        DataError: One of them has no value above zero in one of the periods.
    """
    whole = _ends(dataset, metric, before, after)
    ends = [_ends(dataset, item.id, before, after, is_rate=item.is_rate) for item in inputs]
    rest = [
        whole[side] / math.prod(pair[side] for pair in ends) if all(pair[side] for pair in ends) else 0.0
        for side in (0, 1)
    ]
    names = [*(item.name for item in inputs), "everything else (timing, rounding)"]
    sql, params, _ = _read(dataset, before, after)
    return from_values(
        names,
        [*(pair[0] for pair in ends), rest[0]],
        [*(pair[1] for pair in ends), rest[1]],
        before,
        after,
        label(metric),
        unit,
        sql,
        params,
        (dataset.source(),),
    )


def arithmetic(workbook: Workbook, id: str) -> tuple[str, ...]:
    """Ids of the metrics that a metric is the product of, as the North Star tree says."""
    return tuple(
        edge.child for edge in workbook.inputs.values() if edge.parent == id and edge.type == "arithmetic"
    )


def _ends(
    dataset: Dataset, metric: str, before: Period, after: Period, *, is_rate: bool = False
) -> tuple[float, float]:
    found = by_segment(dataset, metric, before, after, is_rate=is_rate).table
    row = found.records()[found.find(segment="all")]
    return float(row["before"]), float(row["after"])

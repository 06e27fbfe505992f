"""Reads metric series: from a metrics file or from dates and numbers, put on one calendar by what each metric means."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lib.analysis.metrics.series import TOTALS, UNITS, MetricSeries, label
from lib.engine import query
from lib.engine.calendar import Calendar, Unit, day_of
from lib.engine.contracts import meaning
from lib.engine.contracts.meaning import Counting, ValueShape
from lib.engine.datasets.dataset import Dataset
from lib.engine.evidence.evidence import Evidence
from lib.framework import slots
from lib.framework.recognise import recognise_kpi
from lib.framework.schema import Kpi

_TIME_NAME = re.compile(
    r"(?<![a-z])(seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?|months?)(?![a-z])", re.IGNORECASE
)
_THIN = 0.8  # share of a period's usual days below which a sum of it is not compared
_REGULAR = 0.6  # share of periods that must have the usual days, or few days mean nothing

DEFINITION = (
    "Each metric summed over the week where it is a count given by day; averaged where it is a rate, a price or a level "
    "such as customers; the last value where it only adds up. A week that the file does not cover to its end is left out."
)
SQL = """
SELECT metric, CAST({period} AS DATE) AS start, SUM(value) AS total, AVG(value) AS mean,
       MAX(value) AS highest, COUNT(DISTINCT date) AS days, MAX(date) AS last
FROM metrics WHERE value IS NOT NULL{only} GROUP BY 1, 2 ORDER BY 1, 2
"""
GRAIN_SQL = """
SELECT metric, COUNT(*) AS days, MIN(date) AS first, MAX(date) AS last, MIN(lowest) AS lowest,
       MAX(highest) AS highest, MIN(whole) AS whole, AVG(ABS(step)) AS step, AVG(ABS(total)) AS size,
       COUNT(*) FILTER (WHERE step <> 0) AS moves
FROM (
  SELECT metric, date, SUM(value) AS total, MIN(value) AS lowest, MAX(value) AS highest,
         MIN(CASE WHEN value = FLOOR(value) THEN 1 ELSE 0 END) AS whole,
         SUM(value) - LAG(SUM(value)) OVER (PARTITION BY metric ORDER BY date) AS step
  FROM metrics WHERE value IS NOT NULL{only} GROUP BY metric, date
) AS days
GROUP BY metric ORDER BY metric
"""


@dataclass(frozen=True)
class _MetricFile:
    """What is the same for all metrics that are read together.

    Attributes:
        calendar: Weeks and months of the workbook.
        end: Last day of any of them.
        taken_in: Day on which the file was taken in; a period that holds it was not over. None when unknown.
        answers: What a person said of how a metric is counted, by its name.
    """

    calendar: Calendar
    end: dt.date
    taken_in: dt.date | None = None
    answers: Mapping[str, str] | None = None


@dataclass(frozen=True)
class _MetricDraft:
    """One metric as it was queried: its days as one row, its periods as rows."""

    name: str
    grain: Mapping[str, Any]
    rows: Sequence[Mapping[str, Any]]

    @property
    def unit(self) -> Unit:
        return _grain(self.grain)[0]

    @property
    def highest(self) -> np.ndarray:
        return np.array([float(row["highest"]) for row in self.rows])

    @property
    def totals(self) -> np.ndarray:
        return np.array([float(row["total"]) for row in self.rows])


def read(dataset: Dataset, calendar: Calendar) -> tuple[tuple[MetricSeries, ...], Evidence]:
    """Every metric of a metrics file on the calendar; rows of segments are put together.

    Args:
        dataset: Slot `metrics`: date, metric, value, optional segment.
        calendar: Weeks and months of the workbook.
    """
    only = _whole_rows(dataset)
    sql: dict[Unit, str] = {
        unit: SQL.format(period=calendar.sql(unit, "CAST(date AS TIMESTAMP)"), only=only) for unit in UNITS
    }
    metrics = _metrics(dataset, only, sql)
    found = [made for unit in UNITS for made in _of_unit(dataset, calendar, _by_unit(metrics, unit))]
    has_weeks = any(metric.unit == "week" for metric in metrics)
    found.sort(key=lambda s: s.name)
    table = query.evidence(
        "Metrics by period",
        DEFINITION,
        sql["week" if has_weeks else "month"],
        {slots.METRICS: dataset},
        rows=[
            (made.id, start, None if math.isnan(value) else float(value))
            for made in found
            for start, value in zip(made.starts, made.values, strict=True)
        ],
        columns=("metric", "start", "value"),
        method=" ".join(_told(found)),
    )
    return tuple(found), table


def _told(found: Sequence[MetricSeries]) -> Iterator[str]:
    """How each metric is counted and what was left out of it, for the evidence."""
    for adds, words in meaning.WORDS.items():
        names = [f"{made.name} ({made.counted})" for made in found if made.adds == adds]
        if names:
            yield f"Counted as {words}: {', '.join(names)}."
    for made in found:
        if made.left_out:
            yield f"Left out of {made.name}: {', '.join(made.left_out)}."


def _metrics(dataset: Dataset, only: str, sql: Mapping[Unit, str]) -> list[_MetricDraft]:
    """Every metric with its days and its periods."""
    grain = query.query(GRAIN_SQL.format(only=only), {slots.METRICS: dataset}).records()
    wanted: dict[str, Unit] = {row["metric"]: _grain(row)[0] for row in grain}
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in wanted}
    for unit in sorted(set(wanted.values())):
        for row in query.query(sql[unit], {slots.METRICS: dataset}).records():
            if wanted.get(row["metric"]) == unit:
                rows[row["metric"]].append(row)
    return [_MetricDraft(row["metric"], row, rows[row["metric"]]) for row in grain]


def _by_unit(metrics: Sequence[_MetricDraft], unit: Unit) -> list[_MetricDraft]:
    return [metric for metric in metrics if metric.unit == unit]


def _of_unit(dataset: Dataset, calendar: Calendar, metrics: Sequence[_MetricDraft]) -> Iterator[MetricSeries]:
    """The series of all metrics that are read by one unit; identifiers are none."""
    if not metrics:
        return
    end = max(day_of(metric.grain["last"]) for metric in metrics)
    taken_in = dt.date.fromisoformat(dataset.added_at[:10]) if dataset.added_at else None
    told = {
        key.partition(":")[2]: value
        for key, value in dataset.answers.items()
        if key.startswith(f"{meaning.ANSWER}:")
    }
    file = _MetricFile(calendar, end, taken_in, told)
    for metric in metrics:
        counting = meaning.of_metric(metric.name, _shape(metric, metrics), told.get(metric.name, ""))
        if counting.adds != "never":
            yield _series(metric, counting, file)


def _shape(metric: _MetricDraft, beside: Sequence[_MetricDraft] = ()) -> ValueShape:
    """What the values of a metric look like, with the series that its steps may be."""
    grain, highest = metric.grain, metric.highest
    only_rises = meaning.rises(highest)
    starts = [row["start"] for row in metric.rows]
    others = (
        (other.name, other.totals)
        for other in beside
        if other is not metric and [row["start"] for row in other.rows] == starts
    )
    days, size, step = int(grain["days"]), float(grain["size"] or 0), float(grain["step"] or 0)
    return ValueShape(
        float(grain["lowest"]),
        float(grain["highest"]),
        is_whole=bool(grain["whole"]),
        is_slow=days >= meaning.LEAST_DAYS and 0 < step < meaning.SLOW * size and grain["moves"] > days / 3,
        only_rises=only_rises,
        periods=len(highest),
        is_steady=only_rises and meaning.is_steady(highest),
        follows=meaning.followed(highest, others) if only_rises else "",
    )


def _whole_rows(dataset: Dataset) -> str:
    """A condition that keeps the rows of the whole where a file has both the whole and its segments."""
    if not dataset.has("segment"):
        return ""
    listed = ", ".join(query.literal(word) for word in TOTALS)
    is_total = f"LOWER(COALESCE(segment, '')) IN ({listed})"
    return f" AND ({is_total} OR metric NOT IN (SELECT metric FROM metrics WHERE {is_total}))"


def _grain(row: Mapping[str, Any]) -> tuple[Unit, bool]:
    """(week | month, whether values come more than once a week), from the usual distance of dates."""
    gap = (row["last"] - row["first"]).days / (row["days"] - 1) if row["days"] > 1 else 7
    return ("week" if gap <= 16 else "month"), gap < 4


def _series(metric: _MetricDraft, counting: Counting, file: _MetricFile) -> MetricSeries:
    """One metric on the calendar, by what it means."""
    unit, is_daily = _grain(metric.grain)
    values, calendar = _values(metric.rows, counting), file.calendar
    left_out: list[str] = []
    if is_daily and counting.adds == "sum":
        left_out += _without_thin(values, metric.rows, unit)
    starts = _starts(calendar, unit, min(values), max(max(values), calendar.start(unit, file.end)))
    if len(starts) > 1 and (why := _unfinished(starts[-1], unit, file, is_daily=is_daily)):
        left_out.append(f"the {unit} of {starts[-1].isoformat()} ({why})")
        starts = starts[:-1]
    kpi = recognise_kpi(metric.name)
    means = np.array([float(row["mean"]) for row in metric.rows])
    return MetricSeries(
        metric.name,
        label(metric.name),
        unit,
        tuple(starts),
        np.array([values.get(start, math.nan) for start in starts]),
        counting.is_rate,
        max(day_of(row["last"]) for row in metric.rows),
        _format(metric.name, kpi, float(np.nanmax(np.abs(means))), is_rate=counting.is_rate),
        counting.adds,
        counting.reason,
        counting.is_open,
        tuple(left_out),
    )


def _values(rows: Sequence[Mapping[str, Any]], counting: Counting) -> dict[dt.date, float]:
    """Start of each period -> the mean of a rate, the last value of a running total, the sum of everything else."""
    picked = {"mean": "mean", "running": "highest"}.get(counting.adds, "total")
    # A level, such as customers, is read each day anew: its segments add up, its days do not.
    is_level = counting.adds == "level"
    return {day_of(row["start"]): float(row[picked]) / (int(row["days"]) if is_level else 1) for row in rows}


def _without_thin(values: dict[dt.date, float], rows: Sequence[Mapping[str, Any]], unit: Unit) -> list[str]:
    """Take periods out that were measured on few of their usual days, and name them.

    Where most periods have the same number of days, fewer days mean that some are missing; where it varies, a day
    without a row is a day on which nothing happened.
    """
    days = {day_of(row["start"]): int(row["days"]) for row in rows}
    usual, often = Counter(days.values()).most_common(1)[0]
    if unit != "week" or usual < 5 or often < _REGULAR * len(days):
        return []
    thin = [start for start, n in days.items() if n < _THIN * usual]
    if len(thin) == len(values):
        return []
    for start in thin:
        del values[start]
    return [f"the {unit} of {start.isoformat()} ({days[start]} of {usual} days)" for start in thin]


def _unfinished(start: dt.date, unit: Unit, file: _MetricFile, *, is_daily: bool) -> str:
    """Why the last period is not over, "" when it is."""
    after = file.calendar.next(unit, start)
    if is_daily and file.end + dt.timedelta(days=1) < after:
        return f"the file ends on {file.end.isoformat()}"
    if file.taken_in and start <= file.taken_in < after:
        return "not over when the file was taken in"
    return ""


def _format(name: str, kpi: Kpi | None, largest: float, *, is_rate: bool) -> str:
    """How a value is written: as the catalogue says, unless the file or the name says otherwise."""
    format = kpi.format if kpi else "percent1" if is_rate and largest <= 1 else "number"
    if format.startswith("percent") and (largest > 1.5 or not is_rate):
        return "number1" if is_rate else "number"  # the file writes 38 for 38 %, or counts
    if format in ("days", "hours") and _TIME_NAME.search(name):
        return "number1"  # the name says in which unit; the catalogue's own would be wrong for "payback (months)"
    return format


def from_values(
    id: str, name: str, values: Sequence[tuple[dt.date, float]], calendar: Calendar
) -> MetricSeries | None:
    """A series from dates and numbers, put on the calendar as one of a metrics file would be.

    Args:
        id: MetricSeries id.
        name: For people; also says how it is counted.
        values: Date and number, several a period where the dates are days.
        calendar: Weeks and months of the workbook.

    Returns:
        None with fewer than two dates.
    """
    days: dict[dt.date, list[float]] = {}
    for day, value in values:
        days.setdefault(day, []).append(value)
    if len(days) < 2:
        return None
    metric = _MetricDraft(name, _days_row(days), [])
    metric = replace(metric, rows=_period_rows(days, metric.unit, calendar))
    counting = meaning.of_metric(name, _shape(metric))
    if counting.adds == "never":
        counting = Counting("sum", "it was asked for")
    made = _series(metric, counting, _MetricFile(calendar, max(days)))
    return replace(made, id=id, name=name) if len(made.values) >= 2 else None


def _days_row(days: Mapping[dt.date, Sequence[float]]) -> dict[str, Any]:
    """What `GRAIN_SQL` says of one metric."""
    totals = np.array([sum(days[day]) for day in sorted(days)])
    every = [value for found in days.values() for value in found]
    steps = np.diff(totals)
    return {
        "days": len(days),
        "first": min(days),
        "last": max(days),
        "lowest": min(every),
        "highest": max(every),
        "whole": int(all(value == math.floor(value) for value in every)),
        "step": float(np.abs(steps).mean()),
        "size": float(np.abs(totals).mean()),
        "moves": int((steps != 0).sum()),
    }


def _period_rows(
    days: Mapping[dt.date, Sequence[float]], unit: Unit, calendar: Calendar
) -> list[dict[str, Any]]:
    """What `SQL` says of one metric."""
    periods: dict[dt.date, list[dt.date]] = {}
    for day in sorted(days):
        periods.setdefault(calendar.start(unit, day), []).append(day)
    made = []
    for start, mine in sorted(periods.items()):
        found = [value for day in mine for value in days[day]]
        made.append(
            {
                "start": start,
                "total": sum(found),
                "mean": sum(found) / len(found),
                "highest": max(found),
                "days": len(mine),
                "last": mine[-1],
            }
        )
    return made


def _starts(calendar: Calendar, unit: Unit, first: dt.date, last: dt.date) -> list[dt.date]:
    starts = [calendar.start(unit, first)]
    while starts[-1] < last:
        starts.append(calendar.next(unit, starts[-1]))
    return starts

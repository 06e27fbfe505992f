"""Metric series by week: read, put on one calendar, described (last update, missing, change, trend)."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lib.analysis.result_types import Data
from lib.engine import query
from lib.engine.calendar import Calendar, Unit, day_of
from lib.engine.datasets.dataset import Dataset
from lib.engine.evidence.evidence import Evidence
from lib.framework import slots
from lib.framework.recognise import recognise_kpi
from lib.framework.schema import Kpi
from lib.stats.series import Trend, trend

UNITS: tuple[Unit, ...] = ("week", "month")
RECENT = 4  # periods compared with the same number before
TREND_PERIODS = 26
YEAR = {"week": 52, "month": 12}
_RATE_NAME = re.compile(
    r"rate|ratio|%|pct|percent|share|score|nps|\bper\b|average|avg|conversion", re.IGNORECASE
)
_TIME_NAME = re.compile(
    r"(?<![a-z])(seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?|months?)(?![a-z])", re.IGNORECASE
)

DEFINITION = (
    "Each metric summed over the week where it is a count given by day; averaged where it is a rate, a price or a level "
    "such as customers; the last value where it only adds up. A week that the file does not cover to its end is left out."
)


@dataclass(frozen=True, eq=False)
class MetricSeries:
    """One metric on the calendar.

    Attributes:
        id: Name of the series in the metrics file, `events:...` or `query:...`.
        name: For people.
        period: week | month.
        starts: First day of each period, none left out.
        values: float per period, NaN where nothing was measured.
        is_rate: Averaged, not summed: a share, score or ratio.
        last: Last day with a value.
        format: Number format of a value.
    """

    id: str
    name: str
    period: str
    starts: tuple[dt.date, ...]
    values: np.ndarray
    is_rate: bool
    last: dt.date
    format: str = "number"

    @property
    def missing(self) -> float:
        """Share of periods without a value, 0..1."""
        return float(np.isnan(self.values).mean()) if len(self.values) else 1.0

    @property
    def only_rises(self) -> bool:
        """Whether it never fell over at least twelve periods and is not constant: a running total."""
        return _only_rises(self.values[~np.isnan(self.values)])


def _only_rises(values: np.ndarray) -> bool:
    """Whether values never fall over at least twelve periods and mostly rise."""
    steps = np.diff(values)
    return len(values) >= 12 and bool((steps >= 0).all()) and bool((steps > 0).mean() > 0.5)


@dataclass(frozen=True)
class SeriesChange:
    """The last periods against those before.

    Attributes:
        now: Sum (count) or mean (rate) per period of the last `RECENT` periods.
        before: The same of the `RECENT` periods before.
        relative: now / before - 1; NaN when before is zero or unknown.
        season: The same change a year earlier; NaN with too little history.
        year: now against the same periods a year earlier; NaN with too little history.
    """

    now: float
    before: float
    relative: float
    season: float
    year: float


def change(series: MetricSeries) -> SeriesChange:
    """Last `RECENT` periods against the `RECENT` before, and the same change a year earlier."""
    values, year = _until_known(series.values), YEAR[series.period]
    count = RECENT if series.period == "week" else 1

    def level(back: int) -> float:
        end = len(values) - back
        part = values[max(0, end - count) : end] if end > 0 else values[:0]
        return float(np.nanmean(part)) if len(part) == count and not np.isnan(part).all() else math.nan

    now, before = level(0), level(count)
    old, older = level(year), level(year + count)
    return SeriesChange(now, before, _relative(now, before), _relative(old, older), _relative(now, old))


def _relative(now: float, before: float) -> float:
    is_known = math.isfinite(now) and math.isfinite(before) and before > 0
    return now / before - 1 if is_known else math.nan


def recent_trend(series: MetricSeries) -> Trend:
    """A line through the last `TREND_PERIODS` periods, with an interval that allows for autocorrelation."""
    return trend(_until_known(series.values)[-TREND_PERIODS:])


def _until_known(values: np.ndarray) -> np.ndarray:
    """Without the empty periods at the end: rates of people too young to judge are left out of a file on purpose."""
    known = np.flatnonzero(~np.isnan(values))
    return values[: known[-1] + 1] if len(known) else values[:0]


def is_rate(name: str, unit: str, values: np.ndarray) -> bool:
    """Whether a metric is averaged rather than summed.

    Args:
        name: As in the file.
        unit: Unit of its entry in the catalogue, "" for none.
        values: Its values; all within 0..1 with fractions speak for a share.
    """
    if unit:
        return unit in ("percent", "ratio", "score", "days", "hours")
    known = values[~np.isnan(values)]
    fractional = bool(len(known)) and bool(((known >= 0) & (known <= 1)).all() and (known % 1 != 0).any())
    return bool(_RATE_NAME.search(name)) or fractional


SQL = """
SELECT metric, CAST({period} AS DATE) AS start, SUM(value) AS total, AVG(value) AS mean,
       MAX(value) AS highest, COUNT(DISTINCT date) AS days, MAX(date) AS last
FROM metrics WHERE value IS NOT NULL{only} GROUP BY 1, 2 ORDER BY 1, 2
"""
GRAIN_SQL = """
SELECT metric, COUNT(DISTINCT date) AS days, MIN(date) AS first, MAX(date) AS last
FROM metrics WHERE value IS NOT NULL{only} GROUP BY metric ORDER BY metric
"""
TOTALS = ("all", "total", "overall", "")  # names of a segment that is the whole


def read(dataset: Dataset, calendar: Calendar) -> tuple[tuple[MetricSeries, ...], Evidence]:
    """Every metric of a metrics file on the calendar; rows of segments are put together.

    Args:
        dataset: Slot `metrics`: date, metric, value, optional segment.
        calendar: Weeks and months of the workbook.
    """
    only = _whole_rows(dataset)
    grain = query.query(GRAIN_SQL.format(only=only), {slots.METRICS: dataset}).records()
    sql = {
        unit: SQL.format(period=calendar.sql(unit, "CAST(date AS TIMESTAMP)"), only=only) for unit in UNITS
    }
    by_unit: dict[Unit, dict[str, dict[str, Any]]] = {
        unit: {row["metric"]: row for row in grain if _grain(row)[0] == unit} for unit in UNITS
    }
    found = [
        item
        for unit, wanted in by_unit.items()
        if wanted
        for item in _of_unit(dataset, unit, sql[unit], wanted, calendar)
    ]
    table = query.evidence(
        "Metrics by period",
        DEFINITION,
        sql["week" if by_unit["week"] else "month"],
        {slots.METRICS: dataset},
        rows=[
            (made.id, start, _plain(value))
            for made in found
            for start, value in zip(made.starts, made.values, strict=True)
        ],
        columns=("metric", "start", "value"),
    )
    return tuple(sorted(found, key=lambda s: s.name)), table


def _of_unit(
    dataset: Dataset, unit: Unit, sql: str, wanted: dict[str, dict[str, Any]], calendar: Calendar
) -> list[MetricSeries]:
    """The series of all metrics that are read by this unit; `wanted` is name -> its row of `GRAIN_SQL`."""
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in wanted}
    for row in query.query(sql, {slots.METRICS: dataset}).records():
        if row["metric"] in wanted:
            rows[row["metric"]].append(row)
    end = max(row["last"] for row in wanted.values())
    return [
        _series(name, unit, mine, calendar, end, is_daily=_grain(wanted[name])[1])
        for name, mine in rows.items()
    ]


def _plain(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def _whole_rows(dataset: Dataset) -> str:
    """A condition that keeps the rows of the whole where a file has both the whole and its segments."""
    if not dataset.has("segment"):
        return ""
    listed = ", ".join(query.literal(word) for word in TOTALS)
    is_total = f"LOWER(COALESCE(segment, '')) IN ({listed})"
    return f" AND ({is_total} OR metric NOT IN (SELECT metric FROM metrics WHERE {is_total}))"


def _grain(row: dict[str, Any]) -> tuple[Unit, bool]:
    """(week | month, whether values come more than once a week), from the usual distance of dates."""
    gap = (row["last"] - row["first"]).days / (row["days"] - 1) if row["days"] > 1 else 7
    return ("week" if gap <= 16 else "month"), gap < 4


def _series(
    name: str, unit: Unit, rows: Sequence[dict[str, Any]], calendar: Calendar, end: dt.date, *, is_daily: bool
) -> MetricSeries:
    """One metric from its periods: start, total, mean, highest, days, last."""
    kpi = recognise_kpi(name)
    means = np.array([float(row["mean"]) for row in rows])
    rate = is_rate(name, kpi.unit if kpi else "", means) or bool(kpi and kpi.is_average)
    values = _values(rows, kpi, is_rate=rate)
    starts = _starts(calendar, unit, min(values), max(max(values), calendar.start(unit, end)))
    if is_daily and len(starts) > 1 and end + dt.timedelta(days=1) < calendar.next(unit, starts[-1]):
        starts = starts[:-1]  # the file does not cover this period to its end
    return MetricSeries(
        name,
        label(name),
        unit,
        tuple(starts),
        np.array([values.get(start, math.nan) for start in starts]),
        rate,
        max(day_of(row["last"]) for row in rows),
        _format(name, kpi, float(np.nanmax(np.abs(means))), is_rate=rate),
    )


def _values(rows: Sequence[dict[str, Any]], kpi: Kpi | None, *, is_rate: bool) -> dict[dt.date, float]:
    """Start of each period -> the mean of a rate, the last value of a running total, the sum of everything else."""
    adds_up = _only_rises(np.array([float(row["highest"]) for row in rows]))
    picked = "mean" if is_rate else "highest" if adds_up or (kpi and kpi.is_cumulative) else "total"
    # A level, such as customers, is read each day anew: its segments add up, its days do not.
    is_level = picked == "total" and kpi is not None and kpi.is_level
    return {day_of(row["start"]): float(row[picked]) / (int(row["days"]) if is_level else 1) for row in rows}


def _format(name: str, kpi: Kpi | None, largest: float, *, is_rate: bool) -> str:
    """How a value is written: as the catalogue says, unless the file or the name says otherwise."""
    format = kpi.format if kpi else "percent1" if is_rate and largest <= 1 else "number"
    if format.startswith("percent") and largest > 1.5:
        return "number1"  # the file writes 38 for 38 %
    if format in ("days", "hours") and _TIME_NAME.search(name):
        return "number1"  # the name says in which unit; the catalogue's own would be wrong for "payback (months)"
    return format


def from_values(
    id: str, name: str, values: Sequence[tuple[dt.date, float]], calendar: Calendar
) -> MetricSeries | None:
    """A series from dates and numbers, put on the calendar as one of a metrics file would be.

    Args:
        id: Series id.
        name: For people; also says whether it is a rate.
        values: Date and number, several a period where the dates are days.
        calendar: Weeks and months of the workbook.

    Returns:
        None with fewer than two dates.
    """
    days = {day for day, _ in values}
    if len(days) < 2:
        return None
    unit, is_daily = _grain({"days": len(days), "first": min(days), "last": max(days)})
    periods: dict[dt.date, list[tuple[dt.date, float]]] = {}
    for day, value in values:
        periods.setdefault(calendar.start(unit, day), []).append((day, value))
    rows: list[dict[str, Any]] = [
        {
            "start": start,
            "total": sum(value for _, value in found),
            "mean": sum(value for _, value in found) / len(found),
            "highest": max(value for _, value in found),
            "days": len({day for day, _ in found}),
            "last": max(day for day, _ in found),
        }
        for start, found in sorted(periods.items())
    ]
    made = _series(name, unit, rows, calendar, max(days), is_daily=is_daily)
    return replace(made, id=id, name=name) if len(made.values) >= 2 else None


def label(name: str) -> str:
    """A series' name for people.

    >>> label("trial_to_paid_rate"), label("MRR (EUR)")
    ('Trial to paid rate', 'MRR (EUR)')
    """
    text = name.replace("_", " ").strip()
    return text[:1].upper() + text[1:] if text.islower() else text


def _starts(calendar: Calendar, unit: Unit, first: dt.date, last: dt.date) -> list[dt.date]:
    starts = [calendar.start(unit, first)]
    while starts[-1] < last:
        starts.append(calendar.next(unit, starts[-1]))
    return starts


def matrix(series: Sequence[MetricSeries]) -> tuple[tuple[dt.date, ...], np.ndarray]:
    """Weekly series on their common calendar.

    Returns:
        Week starts, and float[weeks, series] with NaN where a series has no value.
    """
    weekly = [item for item in series if item.period == "week"]
    if not weekly:
        return (), np.empty((0, 0))
    first, last = min(item.starts[0] for item in weekly), max(item.starts[-1] for item in weekly)
    count = (last - first).days // 7 + 1
    out = np.full((count, len(weekly)), math.nan)
    for column, item in enumerate(weekly):
        at = (item.starts[0] - first).days // 7
        out[at : at + len(item.values), column] = item.values
    return tuple(first + dt.timedelta(days=7 * i) for i in range(count)), out


def smooth_zeros(values: np.ndarray) -> np.ndarray:
    """Counts on a scale on which their spread does not grow with their level (square root); others unchanged.

    Args:
        values: float[periods, series], NaN where nothing was measured.
    """
    known = ~np.isnan(values)
    lowest = np.where(known, values, np.inf).min(axis=0, initial=np.inf)
    highest = np.where(known, values, -np.inf).max(axis=0, initial=-np.inf)
    counted = (lowest >= 0) & (highest > 1)
    return np.where(counted, np.sqrt(np.where(counted, values, 0)), values)


def available(data: Data) -> bool:
    """Whether there is anything to read a series from."""
    return slots.METRICS in data or slots.EVENTS in data

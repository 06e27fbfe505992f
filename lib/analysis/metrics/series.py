"""Metric series by week: what one is, and how it is described (missing, change, trend); read in `series_reading`."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lib.analysis.result_types import Data
from lib.engine.calendar import Unit
from lib.engine.contracts.meaning import Adding
from lib.framework import slots
from lib.stats.series import Trend, trend

UNITS: tuple[Unit, ...] = ("week", "month")
RECENT = 4  # periods compared with the same number before
TREND_PERIODS = 26
YEAR = {"week": 52, "month": 12}


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
        adds: How its values are put together, one of `meaning.ADDINGS`.
        counted: Why, one phrase.
        is_open: Its name and its values disagree on that: a person should look.
        left_out: Periods that are not over or were measured on few of their days, each in words.
    """

    id: str
    name: str
    period: str
    starts: tuple[dt.date, ...]
    values: np.ndarray
    is_rate: bool
    last: dt.date
    format: str = "number"
    adds: Adding = "sum"
    counted: str = ""
    is_open: bool = False
    left_out: tuple[str, ...] = ()

    @property
    def missing(self) -> float:
        """Share of periods without a value, 0..1."""
        return float(np.isnan(self.values).mean()) if len(self.values) else 1.0

    @property
    def only_rises(self) -> bool:
        """Whether it is a running total, which can only rise; see `meaning`."""
        return self.adds == "running"


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


TOTALS = ("all", "total", "overall", "")  # names of a segment that is the whole


def label(name: str) -> str:
    """A series' name for people.

    >>> label("trial_to_paid_rate"), label("MRR (EUR)")
    ('Trial to paid rate', 'MRR (EUR)')
    """
    text = name.replace("_", " ").strip()
    return text[:1].upper() + text[1:] if text.islower() else text


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

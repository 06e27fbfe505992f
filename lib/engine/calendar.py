"""Days, weeks, months and fiscal quarters as the company counts them, in SQL and for the kernels."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from lib.engine.sources.sql_text import literal
from lib.errors import DataError
from lib.workbook.model import Settings

Unit = Literal["day", "week", "month", "quarter"]
_SLOT_BITS = 15  # slots of the table that tells a time's period; it stays in the cache
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def day_of(value: object) -> dt.date:
    """The day of a date or a moment; the first day there is for anything else."""
    if isinstance(value, dt.datetime):
        return value.date()
    return value if isinstance(value, dt.date) else dt.date.min


def iso_day(text: str | None) -> dt.date | None:
    """The day that an ISO text begins with; None where there is none.

    >>> iso_day("2026-10-12T08:30"), iso_day("soon"), iso_day(None)
    (datetime.date(2026, 10, 12), None, None)
    """
    try:
        return dt.date.fromisoformat((text or "")[:10])
    except ValueError:
        return None


@dataclass(frozen=True)
class Calendar:
    """How times become periods.

    Attributes:
        time_zone: IANA name; an event belongs to the local day.
        week_start: monday | sunday.
        fiscal_year_start: Month 1..12 in which the fiscal year begins; moves quarters only.
    """

    time_zone: str = "UTC"
    week_start: str = "monday"
    fiscal_year_start: int = 1

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise DataError(
                f"There is no time zone called {self.time_zone!r}.",
                "Choose one such as Europe/Berlin in the settings.",
            ) from None

    @classmethod
    def of(cls, settings: Settings) -> Calendar:
        """The calendar of a workbook."""
        return cls(settings.time_zone, settings.week_start, settings.fiscal_year_start)

    def sql(self, unit: Unit, column: str) -> str:
        """SQL for the local start of the period that a UTC timestamp column lies in.

        >>> Calendar().sql("week", "timestamp")
        "DATE_TRUNC('week', timestamp)"
        >>> Calendar(week_start="sunday").sql("week", "timestamp")
        "DATE_TRUNC('week', timestamp + INTERVAL '1' DAY) - INTERVAL '1' DAY"
        """
        local = column
        if self.time_zone != "UTC":
            local = f"(({column}) AT TIME ZONE 'UTC' AT TIME ZONE {literal(self.time_zone)})"
        if unit == "week" and self.week_start == "sunday":
            return f"DATE_TRUNC('week', {local} + INTERVAL '1' DAY) - INTERVAL '1' DAY"
        ahead = self.fiscal_year_start - 1
        if unit == "quarter" and ahead:
            return f"DATE_TRUNC('quarter', {local} - INTERVAL '{ahead}' MONTH) + INTERVAL '{ahead}' MONTH"
        return f"DATE_TRUNC('{unit}', {local})"

    def start(self, unit: Unit, day: dt.date) -> dt.date:
        """First day of the period that a local day lies in."""
        if unit == "day":
            return day
        if unit == "week":
            return day - dt.timedelta(days=(day.weekday() + (self.week_start == "sunday")) % 7)
        if unit == "month":
            return day.replace(day=1)
        back = (day.month - self.fiscal_year_start) % 3
        return add_months(day.replace(day=1), -back)

    def next(self, unit: Unit, start: dt.date) -> dt.date:
        """Start of the period after the one that starts here."""
        if unit == "day":
            return start + dt.timedelta(days=1)
        if unit == "week":
            return start + dt.timedelta(days=7)
        return add_months(start, 1 if unit == "month" else 3)

    def local_day(self, ms: int) -> dt.date:
        """Local day of an instant given in milliseconds since 1970 UTC."""
        return (_EPOCH + dt.timedelta(milliseconds=ms)).astimezone(ZoneInfo(self.time_zone)).date()

    def instant(self, day: dt.date) -> int:
        """First instant of a local day, milliseconds since 1970 UTC."""
        local = dt.datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(self.time_zone))
        return int((local - _EPOCH).total_seconds() * 1000)

    def periods(self, unit: Unit, first_ms: int, last_ms: int) -> Periods:
        """All periods from the one of the first instant to the one of the last, none left out."""
        start = self.start(unit, self.local_day(first_ms))
        starts = [start]
        while (start := self.next(unit, start)) <= self.local_day(last_ms):
            starts.append(start)
        last_day = self.local_day(last_ms)
        bounds = np.array([self.instant(day) for day in [*starts, start]], np.int64)
        return Periods(tuple(starts), bounds, self.instant(last_day + dt.timedelta(days=1)))


@dataclass(frozen=True, eq=False)
class Periods:
    """Consecutive periods.

    Attributes:
        starts: First local day of each.
        bounds: int64[periods + 1], first instant of each and of the one after, milliseconds since 1970 UTC.
        observed_until: First instant of the day after the data's last: a day with data counts as complete.
    """

    starts: tuple[dt.date, ...]
    bounds: np.ndarray
    observed_until: int

    def clock(self, origin_ms: int, unit_ms: int) -> PeriodTable:
        """Tells the period of times that are counted in units since an origin."""
        starts = -(-(self.bounds - origin_ms) // unit_ms)
        bits = max(0, int(starts[-1]).bit_length() - _SLOT_BITS)
        slots = np.arange((int(starts[-1]) >> bits) + 1, dtype=np.int64) << bits
        table = np.searchsorted(starts, slots, "right") - 1
        table[np.searchsorted(starts, slots + (1 << bits) - 1, "right") - 1 != table] = -1
        return PeriodTable(starts, bits, table)

    def index(self, times: np.ndarray, origin_ms: int, unit_ms: int) -> np.ndarray:
        """Period number of each time, given in units since an origin; int64, same shape."""
        return self.clock(origin_ms, unit_ms).index(times)

    def complete(self) -> np.ndarray:
        """bool[periods], whether the data reaches the end of each."""
        return self.bounds[1:] <= self.observed_until


@dataclass(frozen=True, eq=False)
class PeriodTable:
    """Period numbers from a table, which answers faster than a search.

    Attributes:
        starts: int64[periods + 1], first unit of time of each period and of the one after.
        bits: A slot of the table is `1 << bits` units long.
        table: int64[slots], the period of each slot; -1 where one ends inside it.
    """

    starts: np.ndarray
    bits: int
    table: np.ndarray

    def index(self, times: np.ndarray) -> np.ndarray:
        """Period number of each time, int64, same shape."""
        number = self.table.take(times >> self.bits, mode="clip")
        mixed = np.flatnonzero(number < 0)
        if len(mixed):
            number[mixed] = np.searchsorted(self.starts, times[mixed], "right") - 1
        return number


def add_months(day: dt.date, months: int) -> dt.date:
    """The same day of another month; the day must exist there (a first always does).

    >>> add_months(dt.date(2026, 1, 1), -1)
    datetime.date(2025, 12, 1)
    """
    number = day.year * 12 + day.month - 1 + months
    return day.replace(year=number // 12, month=number % 12 + 1)

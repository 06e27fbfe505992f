"""Stretches of days to compare: a month, a fiscal quarter, a year, or any two days."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Literal

from lib.engine.calendar import Calendar, add_months
from lib.errors import DataError

Grain = Literal["month", "quarter", "year"]
MONTHS: dict[Grain, int] = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True)
class Period:
    """A stretch of days.

    Attributes:
        first: First day.
        last: Last day, included.
        name: For people: "May 2026", "Q3 2026".
    """

    first: dt.date
    last: dt.date
    name: str

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    def covers(self, when: object) -> bool:
        """Whether a date or a moment lies in it; False for anything else."""
        day = when.date() if isinstance(when, dt.datetime) else when
        return isinstance(day, dt.date) and self.first <= day <= self.last


def spans(
    first: dt.date, last: dt.date, grain: Grain, calendar: Calendar | None = None
) -> tuple[Period, ...]:
    """The months, fiscal quarters or fiscal years that some data cover, oldest first.

    Args:
        first: First day of the data.
        last: Last day that can be judged.
        grain: month | quarter | year.
        calendar: Its fiscal year moves quarters and years.

    Returns:
        Periods of which at least half is covered; one that is cut says so in its name.

    >>> [item.name for item in spans(dt.date(2026, 5, 1), dt.date(2026, 9, 30), "quarter")]
    ['Q2 2026 from 1 May', 'Q3 2026']
    """
    calendar = calendar or Calendar()
    start = calendar.start("month" if grain == "month" else "quarter", first)
    while grain == "year" and start.month != calendar.fiscal_year_start:
        start = add_months(start, -1)
    out: list[Period] = []
    while start <= last:
        after = add_months(start, MONTHS[grain])
        end = after - dt.timedelta(days=1)
        cut = Period(max(start, first), min(end, last), _name(start, grain, calendar.fiscal_year_start))
        if 2 * cut.days >= (after - start).days:
            tail = f" from {_day(cut.first)}" if cut.first > start else ""
            tail += f" to {_day(cut.last)}" if cut.last < end else ""
            out.append(Period(cut.first, cut.last, cut.name + tail))
        start = after
    return tuple(out)


def _day(day: dt.date) -> str:
    return f"{day.day} {day:%b}"


def _name(start: dt.date, grain: Grain, year_start: int) -> str:
    if grain == "month":
        return start.strftime("%b %Y")
    year = start.year if start.month >= year_start else start.year - 1
    return str(year) if grain == "year" else f"Q{(start.month - year_start) % 12 // 3 + 1} {year}"


def period(text: str, calendar: Calendar | None = None) -> Period:
    """A period from text: 2026, 2026-Q3, 2026-05, or 2026-05-01:2026-05-31.

    Args:
        text: As above.
        calendar: Its fiscal year moves the quarters.

    Raises:
        DataError: The text is none of these.

    >>> period("2026-Q3").first, period("2026-05").last
    (datetime.date(2026, 7, 1), datetime.date(2026, 5, 31))
    """
    text = text.strip()
    year_start = (calendar or Calendar()).fiscal_year_start
    try:
        if match := re.fullmatch(r"(\d{4})-?[Qq]([1-4])", text):
            first = add_months(dt.date(int(match[1]), year_start, 1), 3 * (int(match[2]) - 1))
            return Period(first, add_months(first, 3) - dt.timedelta(days=1), f"Q{match[2]} {match[1]}")
        if match := re.fullmatch(r"(\d{4})-(\d{2})", text):
            first = dt.date(int(match[1]), int(match[2]), 1)
            return Period(first, add_months(first, 1) - dt.timedelta(days=1), first.strftime("%b %Y"))
        if match := re.fullmatch(r"\d{4}", text):
            first = dt.date(int(text), year_start, 1)
            return Period(first, add_months(first, 12) - dt.timedelta(days=1), text)
        start, _, end = text.partition(":")
        first, last = dt.date.fromisoformat(start), dt.date.fromisoformat(end)
    except ValueError:
        raise DataError(
            f"“{text}” is not a period.", "Write it like 2026-Q3, 2026-05 or 2026-05-01:2026-05-31."
        ) from None
    if last < first:
        raise DataError(f"The period {text} ends before it begins.", "Put the earlier day first.")
    return Period(first, last, f"{first.isoformat()} to {last.isoformat()}")

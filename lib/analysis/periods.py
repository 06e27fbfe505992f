"""Stretches of days to compare: a month, a fiscal quarter, a year, or any two days."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from lib.engine.calendar import Calendar, add_months
from lib.errors import DataError


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

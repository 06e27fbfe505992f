"""How a number is written for a person: one place, so a page, a slide and a file never differ.

A format is a short string: a name from `FORMATS`, optionally with `+` in front (always show the sign) and, for money,
the ISO code of the currency after a colon: `"+percent1"`, `"money:EUR"`.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from typing import Any

NBSP = "\u00a0"
MINUS = "\u2212"
MISSING = "n/a"
SYMBOLS = {
    "EUR": "€",
    "USD": "$",
    "GBP": "£",
    "JPY": "¥",
    "CHF": "CHF" + NBSP,
    "INR": "₹",
    "AUD": "A$",
    "CAD": "C$",
}

FORMATS = {
    "text": "as it is",
    "count": "whole number with thousands separators",
    "number": "three significant digits",
    "number1": "one decimal",
    "percent": "share 0..1 as whole percent",
    "percent1": "share 0..1 as percent with one decimal",
    "points": "difference of two shares, in percentage points, one decimal",
    "ratio": "times, one decimal: 2.1x",
    "ratio2": "times, two decimals",
    "p": "p-value: three decimals, never 0",
    "days": "days, one decimal under 10; hours or minutes under an eighth of a day",
    "hours": "hours; minutes under one hour, days from 48 hours up",
    "day_hours": "hours of data that know only days: same day, or days",
    "money": "amount in the workbook's currency; thousands as k, millions as m above 10 000",
    "date": "12 Oct 2026",
    "month": "Oct 2026",
}


def _money(value: float, currency: str) -> str:
    symbol = SYMBOLS.get(currency, f"{currency}{NBSP}" if currency else "")
    size = abs(value)
    if size >= 9_999_500:
        return f"{symbol}{size / 1e6:,.1f}m"
    if size >= 9_999.5:
        return f"{symbol}{size / 1e3:,.0f}k"
    return f"{symbol}{size:,.0f}" if size >= 100 or size == round(size) else f"{symbol}{size:,.2f}"


def _significant(value: float) -> str:
    size = abs(value)
    if size >= 100 or size == round(size):
        return f"{size:,.0f}"
    decimals = 1 if size >= 10 else 2 if size >= 1 else 3
    return f"{size:,.{decimals}f}"


def _hours(size: float) -> str:
    r"""Hours in the unit a person would say.

    >>> _hours(0), _hours(0.004), _hours(0.5), _hours(1.5), _hours(24), _hours(60)
    ('0\xa0min', '<\xa01\xa0min', '30\xa0min', '1.5\xa0h', '24\xa0h', '2.5\xa0days')
    """
    minutes = round(size * 60)
    if minutes < 60:
        return f"{minutes}{NBSP}min" if minutes or not size else f"<{NBSP}1{NBSP}min"
    return f"{_short(size)}{NBSP}h" if size < 48 else f"{_short(size / 24)}{NBSP}days"


def _whole_days(hours: float) -> str:
    r"""Hours between two days, where nobody knows when in the day.

    >>> _whole_days(0), _whole_days(11.9), _whole_days(24), _whole_days(60)
    ('same day', 'same day', '1\xa0day', '2.5\xa0days')
    """
    return "same day" if hours < 12 else _days(hours / 24)


def _days(size: float) -> str:
    r"""Days; what is shorter than an eighth of one in hours or minutes, which says more than 0.1 days.

    >>> _days(0.002), _days(0.1), _days(1), _days(1.44), _days(3), _days(21.3)
    ('3\xa0min', '2.4\xa0h', '1\xa0day', '1.4\xa0days', '3\xa0days', '21\xa0days')
    """
    if size < 0.125:
        return _hours(24 * size)
    number = _short(size) if size < 10 else f"{size:,.0f}"
    return f"{number}{NBSP}{'day' if number == '1' else 'days'}"


def _short(size: float) -> str:
    """At most one decimal: a promise of 3 days is not "3.0 days"."""
    return f"{size:,.1f}".removesuffix(".0")


def _plain(value: float, name: str, currency: str) -> str:
    size = abs(value)
    writers = {
        "count": lambda: f"{size:,.0f}",
        "number": lambda: _significant(value),
        "number1": lambda: f"{size:,.1f}",
        "percent": lambda: f"{size * 100:,.0f}{NBSP}%",
        "percent1": lambda: f"{size * 100:,.1f}{NBSP}%",
        "points": lambda: f"{size * 100:,.1f}{NBSP}pp",
        "ratio": lambda: f"{size:,.1f}x",
        "ratio2": lambda: f"{size:,.2f}x",
        "days": lambda: _days(size),
        "hours": lambda: _hours(size),
        "day_hours": lambda: _whole_days(size),
        "money": lambda: _money(value, currency),
    }
    return writers[name]()


def _when(value: Any, name: str) -> str:
    if isinstance(value, str):
        value = dt.datetime.fromisoformat(value)
    return value.strftime("%b %Y") if name == "month" else f"{value.day}{NBSP}{value.strftime('%b %Y')}"


_UNSIGNED: dict[str, Callable[[Any], str]] = {
    "text": str,
    "date": lambda value: _when(value, "date"),
    "month": lambda value: _when(value, "month"),
    "p": lambda value: f"<{NBSP}0.001" if value < 0.001 else f"{value:.3f}",
}


def write(value: Any, format: str = "text") -> str:
    r"""Write one value for a person.

    Args:
        value: The value; None and NaN become "n/a".
        format: See the module's docstring.

    Raises:
        KeyError: The format's name is not in `FORMATS`.

    >>> write(0.2213, "percent1"), write(-0.076, "+points"), write(None, "count")
    ('22.1\xa0%', '−7.6\xa0pp', 'n/a')
    >>> write(1234567, "money:EUR"), write(0.00004, "p"), write(2.08, "ratio")
    ('€1,235k', '<\xa00.001', '2.1x')
    """
    name, _, currency = format.removeprefix("+").partition(":")
    if name not in FORMATS:
        raise KeyError(format)
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return MISSING
    if name in _UNSIGNED:
        return _UNSIGNED[name](value)
    text = _plain(float(value), name, currency)
    is_zero = not any(digit in text for digit in "123456789")
    if value < 0 and not is_zero:
        return MINUS + text
    return "+" + text if format.startswith("+") and not is_zero else text

"""A chart's evidence as categories and series: what every drawing of it is made from."""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lib.charts import style
from lib.charts.spec import Chart
from lib.engine.evidence import formats
from lib.report import clean
from lib.report.story.names import plain_name

SHARES = ("percent", "percent1", "points")
DEFAULT_TONES = ("process", "outcome", "shared", "muted", "pale", "ink", "alarm")


@dataclass(frozen=True)
class ChartSeries:
    """One line, bar set or stack.

    Attributes:
        name: Its name.
        values: One number per category; None is a gap.
        tone: Key of the house's colours.
    """

    name: str
    values: tuple[float | int | None, ...]
    tone: str


@dataclass(frozen=True)
class Grid:
    """Categories in order of appearance, written for a person, and the series over them.

    Attributes:
        categories: Written for a person.
        series: The numbers.
        keys: The categories as they stand in the evidence, as text.
    """

    categories: tuple[str, ...]
    series: tuple[ChartSeries, ...]
    keys: tuple[str, ...] = ()


def number(value: Any) -> float | int | None:
    """A number a chart can hold; NaN, infinities and text are gaps."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, Decimal):
        value = float(value)
    if isinstance(value, int):
        return value
    return value if isinstance(value, float) and math.isfinite(value) else None


def _dates(values: list[Any]) -> list[dt.date] | None:
    """The values as days, when all of them are."""
    out: list[dt.date] = []
    for value in values:
        if isinstance(value, dt.datetime):
            out.append(value.date())
        elif isinstance(value, dt.date):
            out.append(value)
        elif isinstance(value, str) and len(value) >= 10 and value[4:5] == "-":
            try:
                out.append(dt.datetime.fromisoformat(value).date())
            except ValueError:
                return None
        else:
            return None
    return out or None


def humane(value: Any) -> str:
    """A name from the data for a person: `paid_social` reads "Paid social"; anything else stays as it is.

    >>> humane("paid_social"), humane("trial_start (better)"), humane("iOS app"), humane(None)
    ('Paid social', 'Trial start (better)', 'iOS app', '(none)')
    """
    name = clean.line(value, 200) or "(none)"
    is_key = re.match(r"[a-z0-9]+(_[a-z0-9]+)*(?![^\s,:])", name) is not None
    plain = plain_name(name)
    return plain[:1].upper() + plain[1:] if is_key else plain


def written(chart: Chart, index: int, last: int, value: float | None) -> str:
    """A value as the chart's labels write it: the steps of a waterfall are changes, those of a share are in points.

    Args:
        chart: The chart.
        index: Place of the value's category.
        last: Place of the last category.
        value: The value.
    """
    if value is None or not chart.traits.has_changes or index in (0, last):
        return formats.write(value, chart.format)
    bare = chart.format.removeprefix("+")
    return formats.write(value, "+points" if bare in SHARES else f"+{bare}")


def categories(values: list[Any]) -> list[str]:
    """Category values as text; whole months as "Oct 2026", other days as "12 Oct".

    >>> categories([dt.date(2026, 9, 1), dt.date(2026, 10, 1)])
    ['Sep 2026', 'Oct 2026']
    """
    days = _dates(values)
    if days is None:
        return [humane(value) for value in values]
    if all(day.day == 1 for day in days):
        return [day.strftime("%b %Y") for day in days]
    years = {day.year for day in days}
    return [f"{day.day} {day.strftime('%b' if len(years) == 1 else '%b %Y')}" for day in days]


def tone_of(chart: Chart, name: str, index: int, *, many: bool) -> str:
    """The tone of a series (or of a category when there is one series)."""
    named = dict(chart.tones)
    if name in named:
        return named[name]
    free = [tone for tone in DEFAULT_TONES if tone not in named.values()] or list(DEFAULT_TONES)
    if style.is_pointed(chart):  # one part is the message; the others stand back in greys
        free = list(style.BACK)
    return free[index % len(free)] if many else "pale"


def grid(chart: Chart, column: str = "") -> Grid:
    """The chart's table.

    Args:
        chart: The chart.
        column: Read this column instead of `chart.y` (an interval's ends).
    """
    evidence, value = chart.evidence, column or chart.y
    is_flat = chart.traits.is_flat and bool(chart.series)
    split = "" if is_flat else chart.series
    xs = _across(chart, evidence.column(chart.x)) if is_flat else evidence.column(chart.x)
    parts = evidence.column(split) if split else [value] * len(xs)
    place: dict[Any, int] = {key: index for index, key in enumerate(dict.fromkeys(xs))}
    values: dict[Any, list[float | int | None]] = {
        name: [None] * len(place) for name in (parts if split else [value])
    }
    for x, part, cell in zip(xs, parts, evidence.column(value), strict=True):
        values[part][place[x]] = number(cell)
    many = len(values) > 1 or chart.traits.colours == "series"
    series = tuple(
        ChartSeries(humane(name), tuple(found), tone_of(chart, str(name), i, many=many))
        for i, (name, found) in enumerate(values.items())
    )
    return Grid(tuple(categories(list(place))), series, tuple(map(str, place)))


def _across(chart: Chart, xs: list[Any]) -> list[str]:
    """Categories of a chart with one mark a row: the series goes into the name."""
    named = zip(xs, chart.evidence.column(chart.series), strict=True)
    return [f"{humane(x)}: {humane(part)}" for x, part in named]

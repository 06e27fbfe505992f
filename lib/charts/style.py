"""How every chart looks: one font, one set of colours, values written as on the page, labels instead of legends."""

from __future__ import annotations

import datetime as dt
import math
import textwrap
from collections.abc import Sequence
from typing import Any

from lib.charts.spec import COLOURS, DARK, GROUNDS, Chart
from lib.engine.evidence import formats

Json = dict[str, Any]

# Ends in the generic family: a renderer without the first fonts (a server making pictures) still draws the text.
FONT = "Source Sans, Source Sans Pro, Helvetica Neue, Arial, sans-serif"
ORDER = ("process", "outcome", "shared", "muted", "alarm", "ink", "pale")
BACK = ("pale", "mist")  # parts of a stack that are not its message, in turn
FEW_STACKS = 4  # so few that each part can carry its name
WRAP = 19  # characters of a category's label per line: leaves two thirds of a phone's width to the bars
SCALE = ("#E9F0F8", "#1C4E86")  # ends of the heatmap's scale: the larger, the further from the page
SCALE_ON_DARK = ("#1B2838", "#3B78BE")  # white text is read on both ends
STEPS = 40  # shades of the scale; nobody tells more apart
_CHART = "[data-testid=stVegaLiteChart] svg"

CONFIG: Json = {
    "font": FONT,
    "background": "transparent",
    "view": {"stroke": None},
    "axis": {
        "labelColor": GROUNDS["soft"], "labelFontSize": 12, "titleColor": GROUNDS["soft"], "titleFontSize": 12,
        "titleFontWeight": "normal", "domainColor": COLOURS["line"], "tickColor": COLOURS["line"],
        "gridColor": GROUNDS["grid"], "labelPadding": 6, "labelFont": FONT, "titleFont": FONT,
    },
    "legend": {
        "orient": "top", "direction": "horizontal", "labelFontSize": 12, "labelColor": COLOURS["ink"], "title": None,
        "symbolType": "square", "labelLimit": 160, "columns": 3, "labelFont": FONT, "offset": 8,
    },
    "text": {"font": FONT, "fontSize": 12, "color": COLOURS["ink"]},
    "title": {
        "anchor": "start", "font": FONT, "fontSize": 15, "fontWeight": 600, "color": COLOURS["ink"], "offset": 12,
        "subtitleFont": FONT, "subtitleFontSize": 12, "subtitleColor": GROUNDS["soft"], "subtitlePadding": 4,
        "frame": "bounds",
    },
}  # fmt: skip


def number(value: Any) -> float | None:
    """A value as a finite float, or None where there is none to draw.

    >>> number("no"), number(True), number(float("nan"))
    (None, 1.0, None)
    """
    try:
        result = float(value)
    except (TypeError, ValueError):
        return None
    return result if math.isfinite(result) else None


def is_time(values: Sequence[Any]) -> bool:
    """Whether these category values are dates (or ISO dates as text)."""
    present = [value for value in values if value is not None]
    return bool(present) and all(_date(value) is not None for value in present)


def _date(value: Any) -> dt.date | None:
    if isinstance(value, dt.date):
        return value
    if isinstance(value, str) and len(value) >= 10 and value[4:5] == "-" and value[7:8] == "-":
        try:
            return dt.datetime.fromisoformat(value)
        except ValueError:
            return None
    return None


def time_format(values: Sequence[Any]) -> str:
    """The d3 pattern of a time axis: days within two months, months within a year, else months with their year."""
    dates = [moment for moment in map(_date, values) if moment is not None]
    days = (max(dates, key=str) - min(dates, key=str)).days if dates else 0
    return "%-d %b" if days <= 62 else "%b" if days <= 330 else "%b %Y"


def name(value: Any) -> str:
    """A category as text; dates as on the page."""
    moment = _date(value)
    if moment is not None:
        return formats.write(moment, "date")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return formats.MISSING if value is None else str(value)


def wrap(text: str, width: int = WRAP, lines: int = 3) -> str:
    """Break a label into at most `lines` lines.

    >>> wrap("trial to paid conversion", 10).split(chr(10))
    ['trial to', 'paid', 'conversion']
    """
    parts = [part.replace("_ ", "_") for part in textwrap.wrap(text.replace("_", "_ "), width)] or [text]
    if len(parts) > lines:
        parts = [*parts[: lines - 1], parts[lines - 1][: width - 1].rstrip() + "…"]
    return "\n".join(parts)


def is_pointed(chart: Chart) -> bool:
    """Whether a few stacks have one part as their message: it keeps its colour, the others stand back, named in place.

    Args:
        chart: Its kind, tones and rows decide.
    """
    if not chart.traits.is_whole or not chart.tones or not chart.series:
        return False
    parts = {str(value) for value in chart.evidence.column(chart.series)}
    return (
        bool(parts - {key for key, _ in chart.tones})
        and len(set(chart.evidence.column(chart.x))) <= FEW_STACKS
    )


def tones(values: Sequence[str], chart: Chart, *, is_series: bool) -> dict[str, str]:
    """Colour (hex) of each category or series value.

    Args:
        values: Distinct values in order.
        chart: Its tones and highlight decide; what is not named is pale beside named ones.
        is_series: Series that are not named take the next free role in order instead.
    """
    named = dict(chart.tones)
    free = [role for role in ORDER if role not in named.values()] or list(ORDER)
    if is_pointed(chart):
        free = list(BACK)
    result: dict[str, str] = {}
    for value in values:
        if value in named:
            role = named[value]
        elif chart.highlight:
            role = "ink" if value == chart.highlight else "pale"
        elif is_series:
            role = free[sum(v not in named for v in result) % len(free)]
        else:
            role = "pale" if named else "muted"
        result[value] = COLOURS.get(role, role)
    return result


def axis_text(format: str) -> str:
    """The Vega expression that writes an axis value the way `lib.engine.evidence.formats` does, in short form."""
    name_, _, currency = format.removeprefix("+").partition(":")
    nbsp = formats.NBSP
    short = (
        "(abs(datum.value) >= 1e6 ? format(datum.value / 1e6, ',.3~f') + 'm' : abs(datum.value) >= 1e4 ? "
        "format(datum.value / 1e3, ',.3~f') + 'k' : format(datum.value, ',.3~f'))"
    )
    units = {"ratio": "x", "ratio2": "x", "days": f"{nbsp}days", "hours": f"{nbsp}h"}
    if name_ in ("percent", "percent1", "points"):
        return f"format(datum.value * 100, ',.3~f') + '{nbsp}{'pp' if name_ == 'points' else '%'}'"
    if name_ == "money":
        symbol = formats.SYMBOLS.get(currency, f"{currency}{nbsp}" if currency else "")
        size = short.replace("datum.value", "abs(datum.value)")
        return f"(datum.value < 0 ? '{formats.MINUS}' : '') + '{symbol}' + {size}"
    return f"{short} + '{units[name_]}'" if name_ in units else short


def shade(share: float, *, on_dark: bool = False) -> tuple[str, str]:
    """Fill and text colour of a heatmap cell.

    Args:
        share: Position between the smallest (0) and largest (1) value.
        on_dark: For a dark page: the scale then runs from dark to light.

    >>> shade(0), shade(1)
    (('#E9F0F8', '#1F2933'), ('#1C4E86', '#FFFFFF'))
    """
    low, high = (
        tuple(int(c[i : i + 2], 16) for i in (1, 3, 5)) for c in (SCALE_ON_DARK if on_dark else SCALE)
    )
    at = round(min(1.0, max(0.0, share)) * STEPS) / STEPS
    mixed = [round(a + (b - a) * at) for a, b in zip(low, high, strict=True)]
    luminance = sum(w * _linear(c / 255) for w, c in zip((0.2126, 0.7152, 0.0722), mixed, strict=True))
    text = COLOURS["paper"] if 1.05 / (luminance + 0.05) >= 4.5 else COLOURS["ink"]
    return "#" + "".join(f"{c:02X}" for c in mixed), text


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def style() -> str:
    """The style sheet of the palette on pages: every colour as a variable, and charts painted with them.

    A chart keeps plain colours in its specification, so that one that is downloaded or put into a deck looks as in a light
    theme; on a page its marks take the variables. A browser without `light-dark()` keeps the light colours.
    """
    light = GROUNDS | COLOURS
    both = {name: f"light-dark({value},{DARK[name]})" for name, value in light.items()}
    plain, paired = (";".join(f"--{name}:{value}" for name, value in each.items()) for each in (light, both))
    names = {value: name for name, value in light.items()}
    rules = [f":root{{{plain}}}", *(_painted(value, f"var(--{name})") for value, name in names.items())]
    steps = [share / STEPS for share in range(STEPS + 1)]
    cells = [
        _painted(shade(at)[0], f"light-dark({shade(at)[0]},{shade(at, on_dark=True)[0]})") for at in steps
    ]
    inks = [
        f'{_CHART} .cell_marks [fill="{ink}"]{{fill:light-dark({ink},{COLOURS["paper"]})}}'
        for ink in (COLOURS["ink"], COLOURS["paper"])
    ]
    modern = "".join([f":root{{{paired}}}", *cells, *inks])
    return f"{''.join(rules)}@supports (color: light-dark(#000, #fff)){{{modern}}}"


def _painted(value: str, paint: str) -> str:
    return f'{_CHART} [fill="{value}"]{{fill:{paint}}}{_CHART} [stroke="{value}"]{{stroke:{paint}}}'

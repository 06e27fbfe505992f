"""One builder per kind of chart: rows of a `Chart` to Vega-Lite layers, as plain data.

Built by hand rather than through Altair's objects: a chart takes well under a millisecond instead of thirty.
Every builder sees rows with our own field names (never the user's column names, which may hold any character).
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from lib.charts import style
from lib.charts.spec import COLOURS, Chart
from lib.charts.style import Json
from lib.engine.evidence import formats

HEIGHT = 300
Rows = list[Json]


def rows_of(chart: Chart) -> Rows:
    """The chart's rows with fixed field names: x, name, cat, y, label, series, low, high, range, colour."""
    records = chart.evidence.records()
    series = [style.name(record[chart.series]) for record in records] if chart.series else [""] * len(records)
    names = [style.name(record[chart.x]) for record in records]
    by_series = {"category": False, "series": True, "split": bool(chart.series)}[chart.traits.colours]
    coloured = series if by_series else names
    colours = style.tones(list(dict.fromkeys(coloured)), chart, is_series=by_series)
    return [
        _row(chart, record) | {"name": name, "cat": style.wrap(name), "series": part, "colour": colours[key]}
        for record, name, part, key in zip(records, names, series, coloured, strict=True)
    ]


def _row(chart: Chart, record: Json) -> Json:
    """What a row says for itself: its place across, its value and range as numbers and as text."""
    value, low, high = (
        style.number(record[column]) if column else None for column in (chart.y, chart.low, chart.high)
    )
    label, across = formats.write(value, chart.format), record[chart.x]
    ends = f"{formats.write(low, chart.format)} to {formats.write(high, chart.format)}"
    return {
        "x": str(across) if style.is_time([across]) else across,
        "y": value,
        "label": label,
        "low": low,
        "high": high,
        "range": "" if low is None or high is None else f"{label} ({ends})",
    }


def span(rows: Rows, chart: Chart, *, zero: bool) -> tuple[float, float]:
    """Smallest and largest value that must be visible, as (low, high) with low < high."""
    values = [row[key] for row in rows for key in ("y", "low", "high") if row[key] is not None]
    values += [0.0] if zero else []
    values += [chart.reference] if chart.reference is not None else []
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    return (low, high) if high > low else (low - (abs(low) or 1) / 2, high + (abs(high) or 1) / 2)


def colour() -> Json:
    """The colour that each row carries."""
    return {"field": "colour", "type": "nominal", "scale": None, "legend": None}


def tip(rows: Rows) -> list[Json]:
    """Tooltip: category, series, value, range; only what is there."""
    fields = [("name", " ")]
    fields += [("series", "Series")] if any(row["series"] for row in rows) else []
    fields += [("label", "Value")]
    fields += [("range", "With range")] if any(row["range"] for row in rows) else []
    return [{"field": field, "type": "nominal", "title": title} for field, title in fields]


def categories(field: str = "cat", *, axis: Json | None = None) -> Json:
    """A category position, in data order, with labels that break into lines."""
    look_ = {
        "labelExpr": "split(datum.label, '\\n')",
        "ticks": False,
        "domain": False,
        "labelLimit": 150,
        "labelOverlap": False,
        "labelAngle": 0,
        "labelColor": COLOURS["ink"],
    }
    return {"field": field, "type": "nominal", "sort": None, "title": None, "axis": look_ | (axis or {})}


def hidden(low: float, high: float, field: str = "y") -> Json:
    """A value position without axis: the labels carry the values."""
    axis = {
        "labels": False,
        "ticks": False,
        "domain": False,
        "grid": False,
        "title": None,
    }  # `None` breaks merged layers
    return {
        "field": field,
        "type": "quantitative",
        "axis": axis,
        "title": None,
        "scale": {"domain": [low, high], "nice": False, "zero": False},
    }


def shown(chart: Chart, low: float, high: float, *, zero: bool) -> Json:
    """A value position with few light grid lines."""
    axis = {
        "labelExpr": style.axis_text(chart.format),
        "tickCount": 4,
        "domain": False,
        "ticks": False,
        "title": None,
    }
    return {
        "field": "y",
        "type": "quantitative",
        "title": None,
        "axis": axis,
        "scale": {"domain": [low, high], "nice": True, "zero": zero},
    }


def reference(chart: Chart, position: str) -> list[Json]:
    """A thin dashed line at the chart's reference value, with the value written beside it."""
    if chart.reference is None:
        return []
    data = {"values": [{"y": chart.reference, "label": formats.write(chart.reference, chart.format)}]}
    at: Json = {position: {"field": "y", "type": "quantitative"}}
    where = (
        {"align": "center", "baseline": "bottom", "y": -3}
        if position == "x"
        else {"align": "left", "dy": -6, "x": 2}
    )
    return [
        {
            "data": data,
            "mark": {"type": "rule", "strokeDash": [4, 3], "color": COLOURS["muted"]},
            "encoding": at,
        },
        {
            "data": data,
            "mark": {"type": "text", "color": COLOURS["muted"], "fontSize": 11, **where},
            "encoding": at | {"text": {"field": "label"}},
        },
    ]


def series_legend(rows: Rows) -> Json:
    """A legend on top: the words beside the colours."""
    pairs = dict.fromkeys((row["series"], row["colour"]) for row in rows)
    return {
        "field": "series",
        "type": "nominal",
        "title": None,
        "scale": {"domain": [p[0] for p in pairs], "range": [p[1] for p in pairs]},
    }


def row_height(rows: Rows, each: int = 30) -> int:
    """Height in pixels that gives every category room for its label's lines.

    Bands are equally high, so it is the two neighbours with the most lines that decide.

    >>> row_height([{"cat": "one"}, {"cat": "two"}])
    84
    >>> row_height([{"cat": "one"}, {"cat": chr(10).join("abc")}])
    100
    """
    lines = [label.count("\n") + 1 for label in dict.fromkeys(row["cat"] for row in rows)]
    pairs = [(one + two) / 2 for one, two in pairwise(lines)] or lines
    return 24 + max(36, round(len(lines) * max(each, 8 + 15 * max(pairs, default=1))))


def bars(chart: Chart, rows: Rows) -> Json:
    """Horizontal bars, one per category, the value at the bar's end."""
    grouped = len({row["series"] for row in rows}) > 1
    low, high = span(rows, chart, zero=True)
    room = (high - low) * 0.24
    value = hidden(low - (room if low < 0 else 0), high + (room if high > 0 else 0))
    base: Json = {"y": categories()} | ({"yOffset": {"field": "series", "sort": None}} if grouped else {})
    paint = series_legend(rows) if grouped else colour()
    label: Json = {"type": "text", "dx": 6, "align": "left", "baseline": "middle"}
    layers: list[Json] = [
        {
            "mark": {"type": "bar", "cornerRadiusEnd": 2, "height": {"band": 0.72}},
            "encoding": base | {"x": value, "color": paint, "tooltip": tip(rows)},
        },
        {
            "transform": [{"filter": "datum.y >= 0"}],
            "mark": label,
            "encoding": base | {"x": value, "text": {"field": "label"}},
        },
    ]
    if low < 0:
        layers.append(
            {
                "transform": [{"filter": "datum.y < 0"}],
                "mark": label | {"dx": -6, "align": "right"},
                "encoding": base | {"x": value, "text": {"field": "label"}},
            }
        )
    n_series = len({row["series"] for row in rows})
    return {
        "layer": layers + reference(chart, "x"),
        "height": row_height(rows, 30 if not grouped else 22 * n_series + 8),
    }


def columns(chart: Chart, rows: Rows) -> Json:
    """Vertical columns; values on top while they fit, else a light axis."""
    grouped = len({row["series"] for row in rows}) > 1
    low, high = span(rows, chart, zero=True)
    is_direct = len(rows) <= 8
    head = (high - low) * 0.12
    value = (
        hidden(low - (head if low < 0 else 0), high + head)
        if is_direct
        else shown(chart, low, high, zero=True)
    )
    if style.is_time([row["x"] for row in rows]) and not is_direct:
        x: Json = time_axis(rows) | {"bandPosition": 0.5}
        size: Json = {"width": max(2, round(240 / len(rows)))}
    else:
        x, size = categories(axis={"labelLimit": 90}), {}
    base: Json = {"x": x} | ({"xOffset": {"field": "series", "sort": None}} if grouped else {})
    layers: list[Json] = [
        {
            "mark": {"type": "bar", "cornerRadiusEnd": 2, **size},
            "encoding": base
            | {"y": value, "color": series_legend(rows) if grouped else colour(), "tooltip": tip(rows)},
        },
    ]
    if is_direct:
        layers.append(
            {"mark": {"type": "text", "dy": -8}, "encoding": base | {"y": value, "text": {"field": "label"}}}
        )
    return {"layer": layers + reference(chart, "y"), "height": HEIGHT}


def time_axis(rows: Rows) -> Json:
    """Dates in UTC, few labels."""
    pattern = style.time_format([row["x"] for row in rows])
    axis = {
        "tickCount": 4,
        "format": pattern,
        "labelOverlap": "greedy",
        "labelSeparation": 12,
        "title": None,
        "grid": False,
        "labelFlush": True,
        "labelBound": True,
    }
    return {"field": "x", "type": "temporal", "scale": {"type": "utc"}, "title": None, "axis": axis}


def x_position(rows: Rows) -> Json:
    """The horizontal position of a line: time, number or category."""
    values: list[Any] = [row["x"] for row in rows]
    if style.is_time(values):
        return time_axis(rows)
    if values and all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        axis = {"tickMinStep": 1, "grid": False, "labelExpr": "format(datum.value, ',.3~f')", "tickCount": 6}
        return {
            "field": "x",
            "type": "quantitative",
            "title": None,
            "axis": axis,
            "scale": {"zero": False, "nice": False},
        }
    return categories(axis={"labelLimit": 90, "labelOverlap": True})

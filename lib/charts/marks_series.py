"""Builders of the remaining kinds of chart: lines, stacked, intervals, waterfall, heatmap, scatter."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from lib.charts import style
from lib.charts.marks import (
    HEIGHT,
    Rows,
    categories,
    colour,
    hidden,
    reference,
    row_height,
    series_legend,
    shown,
    span,
    tip,
    x_position,
)
from lib.charts.spec import COLOURS, GROUNDS, Chart
from lib.charts.style import Json
from lib.engine.evidence import formats

MAX_DIRECT = 6  # lines that get their name at their end; more would overlap


def _spread(points: list[tuple[str, float]], gap: float) -> dict[str, float]:
    """Move label positions apart so that neighbours are at least `gap` away, keeping their order."""
    result: dict[str, float] = {}
    last = float("-inf")
    for key, value in sorted(points, key=lambda item: item[1]):
        last = max(value, last + gap)
        result[key] = last
    if points:
        excess = (last - max(value for _, value in points)) / 2
        result = {key: value - excess for key, value in result.items()}
    return result


_WIDTH = 0.015  # of the picture, a letter of a label
_DOWN = 1.7  # label heights from above a point to below it


def _under(rows: Rows, end: Mapping[str, Any], room: float, floor: float) -> float:
    """How far below its point the last label stands: a line that comes down from a peak would run through it above."""
    known = [row["y"] for row in rows if row["y"] is not None]
    covered = max(2, math.ceil(len(known) * _WIDTH * len(end["label"]) + 0.5))
    comes_down = max(known[-covered:]) > end["y"] + 0.2 * room
    return room * _DOWN if comes_down and end["y"] - room * _DOWN > floor else 0.0


def _line_ends(chart: Chart, rows: Rows, room: float, floor: float) -> Rows:
    """The last drawn point of each series, with its name, value and a position free of its neighbours."""
    ends = {row["series"]: row for row in rows if row["y"] is not None}
    places = _spread([(key, row["y"]) for key, row in ends.items()], room)
    if len(ends) == 1:
        places = {key: row["y"] - _under(rows, row, room, floor) for key, row in ends.items()}
    return [
        row | {"at": places[key], "text": f"{key}  {row['label']}" if key else row["label"]}
        for key, row in ends.items()
    ]


def lines(chart: Chart, rows: Rows) -> Json:
    """Lines over time (or any order), interval as a band, each line named at its end."""
    n_lines = len({row["series"] for row in rows})
    low, high = span(rows, chart, zero=False)
    if 0 <= low < 0.4 * high:
        low = 0.0
    high += (high - low) * 0.06
    x, y = x_position(rows), shown(chart, low, high, zero=False)
    is_direct = n_lines <= MAX_DIRECT
    paint = colour() if is_direct else series_legend(rows)
    base: Json = {"x": x, "color": paint, "detail": {"field": "series"}}
    line = {"type": "line", "strokeWidth": 2.5 if n_lines <= 3 else 2, "strokeJoin": "round"}
    few = len(rows) <= 40  # many points stay unseen, and larger, to be pointed at
    point = {"type": "point", "filled": True, "size": 28 if few else 160, "opacity": 1 if few else 0}
    layers: list[Json] = [
        *(_bands(rows, x, y) if chart.low and chart.high else []),
        {"mark": line, "encoding": base | {"y": y}},
        {"mark": point, "encoding": base | {"y": y, "tooltip": tip(rows)}},
    ]
    if is_direct:
        layers += _named_ends(_line_ends(chart, rows, (high - low) * 0.07, low), x, y)
    return {"layer": layers + reference(chart, "y"), "height": HEIGHT}


def _bands(rows: Rows, x: Json, y: Json) -> list[Json]:
    """The range of each line as an area in its colour."""
    ends = {"x": x, "y": y | {"field": "low"}, "y2": {"field": "high"}}
    paints = {row["series"]: row["colour"] for row in rows}
    return [
        {
            "data": {"values": [row for row in rows if row["series"] == key and row["low"] is not None]},
            "mark": {"type": "area", "opacity": 0.15, "color": paint},
            "encoding": ends,
        }
        for key, paint in paints.items()
    ]


def _named_ends(ends: Rows, x: Json, y: Json) -> list[Json]:
    """Names at the ends of the lines, on a halo in the paper's colour."""
    text = {"type": "text", "align": "right", "baseline": "bottom", "dy": -7, "fontWeight": 600, "dx": 2}
    where = {"x": x, "y": y | {"field": "at"}, "text": {"field": "text"}}
    paper = COLOURS["paper"]
    halo = {"stroke": paper, "strokeWidth": 4, "color": paper, "strokeJoin": "round"}
    return [
        {"data": {"values": ends}, "mark": text | halo, "encoding": where},
        {"data": {"values": ends}, "mark": text, "encoding": where | {"color": colour()}},
    ]


_BAR = {"type": "bar", "stroke": COLOURS["paper"], "strokeWidth": 1}


def stacked(chart: Chart, rows: Rows) -> Json:
    """Columns of 100 %, the share of each series within each category; amounts where some are below zero."""
    if any((row["y"] or 0) < 0 for row in rows):
        return _up_and_down(chart, rows)
    n_stacks = _stack(rows)
    if style.is_pointed(chart):
        return _pointed(chart, rows)
    many = n_stacks > 12
    x = categories(axis={"labelLimit": 80, "labelOverlap": "greedy" if many else False})
    layers: list[Json] = [{"mark": _BAR, "encoding": _parts(rows, x, series_legend(rows))}]
    if not many:
        layers.append(
            {
                "transform": [{"filter": "datum.to - datum.from >= 0.07"}],
                "mark": {"type": "text", "color": COLOURS["paper"], "fontWeight": 600, "fontSize": 11},
                "encoding": {"x": x, "y": hidden(0, 1, "mid"), "text": {"field": "share"}},
            }
        )
    return {"layer": layers, "height": HEIGHT}


def _stack(rows: Rows) -> int:
    """Give each row its place in its category's stack of 100 %; returns how many stacks there are."""
    totals: dict[str, float] = {}
    for row in rows:
        totals[row["name"]] = totals.get(row["name"], 0.0) + (row["y"] or 0.0)
    done = dict.fromkeys(totals, 0.0)
    for row in rows:
        name = row["name"]
        share = (row["y"] or 0.0) / totals[name] if totals[name] else 0.0
        start = done[name]
        done[name] = start + share
        row |= {
            "from": start,
            "to": start + share,
            "mid": start + share / 2,
            "share": formats.write(share, "percent"),
        }
    return len(totals)


def _parts(rows: Rows, x: Json, paint: Json) -> Json:
    """Where the parts of the stacks stand and how they are coloured."""
    tooltip = [*tip(rows), {"field": "share", "type": "nominal", "title": "Share"}]
    return {"x": x, "y": hidden(0, 1, "from"), "y2": {"field": "to"}, "color": paint, "tooltip": tooltip}


def _pointed(chart: Chart, rows: Rows) -> Json:
    """A few stacks whose parts carry their names: nobody has to look from a legend to a column."""
    named = {key for key, _ in chart.tones}
    for row in rows:
        row |= {
            "part": f"{row['series']}  {row['share']}",
            "on": COLOURS["paper" if row["series"] in named else "ink"],
        }
    x, place = categories(axis={"labelLimit": 80}), hidden(0, 1, "mid")
    words = {
        "x": x,
        "y": place,
        "text": {"field": "part"},
        "color": {"field": "on", "type": "nominal", "scale": None, "legend": None},
    }
    layers: list[Json] = [{"mark": _BAR, "encoding": _parts(rows, x, colour())}]
    for low, high, size in ((0.06, 2.0, 11), (0.035, 0.06, 9)):
        tall = f"datum.to - datum.from >= {low} && datum.to - datum.from < {high}"
        layers.append(
            {
                "transform": [{"filter": tall}],
                "encoding": words,
                "mark": {"type": "text", "fontWeight": 600, "fontSize": size},
            }
        )
    return {"layer": layers, "height": HEIGHT}


def _up_and_down(chart: Chart, rows: Rows) -> Json:
    """Columns of amounts, gains stacked upwards from zero and losses downwards."""
    ends: dict[tuple[str, bool], float] = {}
    for row in rows:
        value, row["cat"] = row["y"] or 0.0, style.wrap(row["name"], 7)
        side = (row["name"], value < 0)
        row["from"] = ends.get(side, 0.0)
        row["to"] = ends[side] = row["from"] + value
    tops = [row["to"] for row in rows]
    y = shown(chart, min(0.0, *tops), max(0.0, *tops), zero=True)
    x = categories(axis={"labelLimit": 80, "labelOverlap": "greedy"})
    zero: Json = {
        "data": {"values": [{"y": 0}]},
        "mark": {"type": "rule", "color": COLOURS["ink"]},
        "encoding": {"y": {"field": "y", "type": "quantitative"}},
    }
    bar = {
        "mark": _BAR,
        "encoding": {
            "x": x,
            "y": y | {"field": "from"},
            "y2": {"field": "to"},
            "color": series_legend(rows),
            "tooltip": tip(rows),
        },
    }
    return {"layer": [bar, zero], "height": HEIGHT}


def intervals(chart: Chart, rows: Rows) -> Json:
    """A dot and its range per category, the numbers written above it."""
    low, high = span(rows, chart, zero=False)
    margin = (high - low) * 0.06
    domain = (low - margin, high + margin)
    middle = (domain[0] + domain[1]) / 2
    for row in rows:
        row["side"] = "left" if (row["y"] if row["y"] is not None else domain[0]) <= middle else "right"
        row["text"] = row["range"] or row["label"]
    y, x = categories(), hidden(*domain)
    layers: list[Json] = reference(chart, "x")
    if chart.low and chart.high:
        ends = {"y": y, "x": x | {"field": "low"}, "x2": {"field": "high"}, "color": colour()}
        layers.append(
            {
                "mark": {"type": "rule", "strokeWidth": 3, "strokeCap": "round", "opacity": 0.55},
                "encoding": ends,
            }
        )
    layers.append(
        {
            "mark": {"type": "point", "filled": True, "size": 90, "opacity": 1},
            "encoding": {"y": y, "x": x, "color": colour(), "tooltip": tip(rows)},
        }
    )
    words = {"y": y, "x": x, "text": {"field": "text"}}
    halo = {
        "stroke": COLOURS["paper"],
        "strokeWidth": 4,
        "strokeJoin": "round",
    }  # the reference line ends at the words
    layers += [
        {
            "transform": [{"filter": f"datum.side == '{side}'"}],
            "encoding": words,
            "mark": {"type": "text", "align": side, "dy": -13, "fontSize": 11, **more},
        }
        for side in ("left", "right")
        for more in (halo, {})
    ]
    return {"layer": layers, "height": row_height(rows, 44)}


def _steps(chart: Chart, rows: Rows) -> None:
    """Give each row of a waterfall its ends: the first and last row are levels, those between are changes."""
    level, last = 0.0, len(rows) - 1
    is_share = chart.format.removeprefix("+").startswith("percent")
    change = "+points" if is_share else "+" + chart.format.removeprefix("+")
    for index, row in enumerate(rows):
        value = row["y"] or 0.0
        is_level = index in (0, last)
        start = 0.0 if is_level else level
        level = value if is_level else level + value
        row |= {
            "start": start,
            "end": level,
            "right": max(start, level),
            "level": level,
            "next": index < last,
        }
        if not is_level:
            row["label"] = formats.write(row["y"], change)
        if row["name"] not in dict(chart.tones):
            row["colour"] = COLOURS["muted" if is_level else "shared" if value >= 0 else "alarm"]


def waterfall(chart: Chart, rows: Rows) -> Json:
    """From a start level over signed changes to an end level, downwards; rows between first and last are changes."""
    _steps(chart, rows)
    ends = [row[key] for row in rows for key in ("start", "end")] or [0.0, 1.0]
    low, high = min(0.0, *ends), max(0.0, *ends)
    x = hidden(low, high + ((high - low) or 1) * 0.24, "start")
    y = categories()
    return {
        "layer": [
            {
                "mark": {"type": "bar", "height": {"band": 0.66}, "cornerRadius": 1},
                "encoding": {"y": y, "x": x, "x2": {"field": "end"}, "color": colour(), "tooltip": tip(rows)},
            },
            {
                "mark": {
                    "type": "tick",
                    "color": COLOURS["ink"],
                    "thickness": 1,
                    "height": {"band": 1.0},
                    "opacity": 0.35,
                },
                "encoding": {"y": y, "x": x | {"field": "level"}},
            },
            {
                "mark": {"type": "text", "align": "left", "dx": 6},
                "encoding": {"y": y, "x": x | {"field": "right"}, "text": {"field": "label"}},
            },
        ],
        "height": row_height(rows, 32),
    }


def heatmap(chart: Chart, rows: Rows) -> Json:
    """Cells by category (across) and series (down); the larger the stronger its colour; cells without a value stay empty."""
    values = [row["y"] for row in rows if row["y"] is not None]
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    for row in rows:
        share = 0.0 if row["y"] is None or high == low else (row["y"] - low) / (high - low)
        row["colour"], row["ink"] = (
            style.shade(share) if row["y"] is not None else (GROUNDS["field"], COLOURS["muted"])
        )
        row["cell"] = "" if row["y"] is None else row["label"]
    x, y = (
        categories(axis={"orient": "top", "labelLimit": 70}),
        categories("series", axis={"labelLimit": 110}),
    )
    layers: list[Json] = [
        {
            "mark": {"type": "rect", "stroke": COLOURS["paper"], "strokeWidth": 2},
            "encoding": {"x": x, "y": y, "color": colour(), "tooltip": tip(rows)},
        },
    ]
    if len({row["name"] for row in rows}) <= 9:
        ink = {"field": "ink", "type": "nominal", "scale": None, "legend": None}
        layers.append(
            {
                "name": "cell",
                "mark": {"type": "text", "fontSize": 11},  # the name is a class in the drawing
                "encoding": {"x": x, "y": y, "text": {"field": "cell"}, "color": ink},
            }
        )
    return {"layer": layers, "height": max(90, 30 * len({row["series"] for row in rows}) + 10)}


def scatter(chart: Chart, rows: Rows) -> Json:
    """Points by two numbers; named and highlighted points carry their name."""
    named = {key for key, _ in chart.tones} | ({chart.highlight} if chart.highlight else set())
    for row in rows:
        row["point"] = row["series"] if row["series"] in named or len(rows) <= 8 else ""
    low, high = span(rows, chart, zero=False)
    y = shown(chart, low, high, zero=False)
    x = x_position(rows)
    base: Json = {"x": x, "y": y}
    return {
        "layer": [
            *reference(chart, "y"),
            {
                "mark": {"type": "point", "filled": True, "size": 70, "opacity": 0.85},
                "encoding": base | {"color": colour(), "tooltip": tip(rows)},
            },
            {
                "mark": {"type": "text", "dy": -10, "fontSize": 11},
                "encoding": base | {"text": {"field": "point"}},
            },
        ],
        "height": HEIGHT,
    }

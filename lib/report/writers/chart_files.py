"""One chart as a picture file: PNG for mail and chat, SVG for designers and for the pages and PDFs of this package."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import lru_cache
from typing import Any

import vl_convert

from lib.charts.altair_draw import spec
from lib.charts.spec import Chart
from lib.report import clean
from lib.report.story import chart_table

WIDTH, HEIGHT = 720, 360
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def _safe(item: Any) -> Any:
    """A spec the converter can take.

    Every font list ends in a face the converter carries: a lone name it lacks would make all text vanish. Text loses what
    is no character: a lone surrogate aborts the whole process inside the converter.
    """
    if isinstance(item, dict):
        return {
            clean.legal(str(key)): _font(value)
            if str(key).lower().endswith("font") and isinstance(value, str)
            else _safe(value)
            for key, value in item.items()
        }
    if isinstance(item, list | tuple):
        return [_safe(value) for value in item]
    return clean.legal(item) if isinstance(item, str) else item


def _font(value: str) -> str:
    return value if value.rstrip().endswith("sans-serif") else f"{value}, sans-serif"


def readable(chart: Chart) -> Chart:
    """The chart with names for a person where the data have keys: `paid_social` reads "Paid social"."""
    named = [c for c in (chart.x, chart.series) if c]
    places = {chart.evidence.columns.index(c) for c in named if c in chart.evidence.columns}
    rows = tuple(
        tuple(
            chart_table.humane(v) if i in places and isinstance(v, str) and not _DATE.match(v) else v
            for i, v in enumerate(row)
        )
        for row in chart.evidence.rows
    )
    return replace(
        chart,
        evidence=replace(chart.evidence, rows=rows),
        tones=tuple((chart_table.humane(name), tone) for name, tone in chart.tones),
        highlight=chart_table.humane(chart.highlight) if chart.highlight else "",
    )


@lru_cache(maxsize=128)
def _json(chart: Chart, width: int, height: int, exact: bool = False) -> str:
    drawn = _safe(spec(readable(chart)))
    if exact:
        drawn["height"] = height
    if not ({"hconcat", "vconcat", "concat", "facet", "repeat"} & drawn.keys()):
        drawn["width"] = width
        if not isinstance(drawn.get("height"), dict):
            drawn["height"] = (
                drawn.get("height")
                if isinstance(drawn.get("height"), int) and drawn["height"] > height and not exact
                else height
            )
    config = drawn.setdefault("config", {})
    config.setdefault("font", "Liberation Sans, Arial, sans-serif")
    drawn.setdefault("background", "white")
    return json.dumps(drawn, sort_keys=True, default=str)


def png(chart: Chart, *, scale: float = 2.0, width: int = WIDTH, height: int = HEIGHT) -> bytes:
    """The chart as PNG.

    Args:
        chart: The chart.
        scale: Pixels per point.
        width: Plot width, points.
        height: Plot height, points.
    """
    return vl_convert.vegalite_to_png(_json(chart, width, height), scale=scale)


def svg(chart: Chart, *, width: int = WIDTH, height: int = HEIGHT, exact: bool = False) -> bytes:
    """The chart as SVG (UTF-8).

    Args:
        chart: The chart.
        width: Plot width, points.
        height: Plot height, points.
        exact: Keep that height where the kind of chart would take more.
    """
    return _drawn(_json(chart, width, height, exact))


@lru_cache(maxsize=64)
def _drawn(text: str) -> bytes:
    return _numbered(vl_convert.vegalite_to_svg(text)).encode()


def _numbered(text: str) -> str:
    """Ids counted from one in each picture; the converter counts on through a process."""
    names: dict[str, str] = {}
    for found in re.findall(r'id="([^"]+)"', text):
        names.setdefault(found, f"i{len(names) + 1}")
    text = re.sub(r'id="([^"]+)"', lambda m: f'id="{names[m.group(1)]}"', text)
    return re.sub(r"url\(#([^)]+)\)", lambda m: f"url(#{names.get(m.group(1), m.group(1))})", text)

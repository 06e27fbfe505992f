"""Draw a `Chart`: as a Vega-Lite specification for pages, as an Altair chart, or as a picture.

`spec` is what pages use (a fraction of a millisecond); `draw` wraps it for code that wants Altair's objects;
`svg` and `png` make pictures without a browser for documents.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from typing import Any

import altair
import vl_convert

from lib.charts import marks, marks_series
from lib.charts.spec import Chart
from lib.charts.style import CONFIG, Json

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.1.0.json"  # named, never fetched
BUILDERS: dict[str, Callable[[Chart, marks.Rows], Json]] = {
    "bars": marks.bars,
    "columns": marks.columns,
    "lines": marks_series.lines,
    "stacked": marks_series.stacked,
    "intervals": marks_series.intervals,
    "waterfall": marks_series.waterfall,
    "heatmap": marks_series.heatmap,
    "scatter": marks_series.scatter,
}


def spec(
    chart: Chart, *, width: int | str = "container", height: int | None = None, titled: bool = False
) -> dict[str, Any]:
    """The Vega-Lite specification with its data inside, in colours that any renderer knows.

    Args:
        chart: What to draw.
        width: Pixels, or "container" to follow the page.
        height: Pixels; None lets the kind and number of rows decide.
        titled: Put the chart's title and caption into the picture (a page writes them beside it).
    """
    rows = marks.rows_of(chart)
    built = BUILDERS[chart.kind](chart, rows)
    whole: dict[str, Any] = {
        "$schema": SCHEMA,
        "description": chart.alt,
        "config": CONFIG,
        "width": width,
        "height": height or built.pop("height"),
        "autosize": {"type": "fit", "contains": "padding"},
        "padding": {"left": 4, "top": 4, "right": 4, "bottom": 4},
        "data": {"values": rows},
    }
    built.pop("height", None)
    if titled and chart.title:
        per_line = 44 if width == "container" else max(20, int(width) // 9)
        lines, small = textwrap.wrap(chart.title, per_line), textwrap.wrap(chart.caption, per_line + 10)
        whole["title"] = {"text": lines} | ({"subtitle": small} if small else {})
        if (
            height is None
        ):  # a fixed height stays fixed; otherwise the title must not press the marks together
            whole["height"] += 16 + 20 * len(lines) + 16 * len(small)
    return whole | built


def on_page(chart: Chart, *, height: int | None = None) -> dict[str, Any]:
    """The specification for a page of the app, whose style sheet (`look.style`) paints it for a light or dark theme.

    Show it with Streamlit's own theme off, else its fonts and colours replace ours.

    Args:
        chart: What to draw.
        height: Pixels; None lets the kind and number of rows decide.
    """
    made = spec(chart, height=height)
    del made["description"]  # the page says it beside the chart; twice would be read twice
    return made | {"usermeta": {"embedOptions": {"renderer": "svg"}}}  # no style sheet reaches into a canvas


def draw(chart: Chart, *, width: int | str = "container", height: int | None = None) -> altair.LayerChart:
    """The chart as an Altair object (`lib.charts.altair_draw.spec` is faster where a dictionary will do)."""
    return altair.LayerChart.from_dict(spec(chart, width=width, height=height), validate=True)


def svg(chart: Chart, *, width: int = 720, height: int | None = None, titled: bool = False) -> str:
    """The chart as SVG text, drawn without a browser.

    Args:
        chart: What to draw.
        width: Pixels.
        height: Pixels; None lets the kind decide.
        titled: Put title and caption into the picture.
    """
    return vl_convert.vegalite_to_svg(_legal(spec(chart, width=width, height=height, titled=titled)))


def png(
    chart: Chart, *, width: int = 720, height: int | None = None, titled: bool = False, scale: float = 2.0
) -> bytes:
    """The chart as PNG bytes, drawn without a browser; `scale` multiplies its pixels."""
    return vl_convert.vegalite_to_png(
        _legal(spec(chart, width=width, height=height, titled=titled)), scale=scale
    )


def _legal(item: Any) -> Any:
    """The specification without lone surrogates: one of them ends the whole process inside the converter."""
    if isinstance(item, dict):
        return {_legal(key): _legal(value) for key, value in item.items()}
    if isinstance(item, list | tuple):
        return [_legal(value) for value in item]
    return item.encode("utf-8", "ignore").decode("utf-8") if isinstance(item, str) else item

"""Native charts of points: dots on their ranges, and plain points."""

from __future__ import annotations

from typing import Any, cast

from pptx.enum.chart import (
    XL_CHART_TYPE,
    XL_MARKER_STYLE,
    XL_TICK_LABEL_POSITION,
    XL_TICK_MARK,
)
from pptx.oxml import parse_xml
from pptx.oxml.ns import qn
from pptx.util import Pt

from lib.charts.spec import Chart
from lib.engine.evidence import formats
from lib.report import clean
from lib.report.deck import text_fit
from lib.report.deck.canvas import Box, Canvas, Para, emu
from lib.report.deck.chart_data import SafeXyData, number_format
from lib.report.deck.chart_parts import C, add_frame, fill, legend, plot_area
from lib.report.story import chart_table
from lib.report.story.chart_table import Grid
from lib.report.story.summary_model import Tone

MOST_RANGES = 10


def intervals(canvas: Canvas, chart: Chart, box: Box, grid: Grid) -> Any:
    """Dots with ranges, one row each: names on the left, the native chart in the middle, the numbers on the right."""
    low, high = (
        chart_table.grid(chart, chart.low).series[0].values,
        chart_table.grid(chart, chart.high).series[0].values,
    )
    values = grid.series[0].values
    rows = [i for i, v in enumerate(values) if v is not None][:MOST_RANGES]
    widest = max(
        (text_fit.width(grid.categories[i], 13, bold=True, font=canvas.font) for i in rows), default=60
    )
    names = min(max(widest + 8, 90), box.w * 0.36)
    numbers = min(136.0, box.w * 0.26)
    middle = Box(box.x + names + 8, box.y, box.w - names - numbers - 24, box.h)
    frame = add_frame(canvas, XL_CHART_TYPE.XY_SCATTER, middle, _range_data(chart, grid, rows, low, high))
    native = frame.chart
    tall = min(box.h / max(len(rows), 1), 84.0)
    frame.height = emu(tall * len(rows))
    named = dict(chart.tones)
    for place, i in enumerate(rows):
        tone = named.get(grid.keys[i], "process")
        _range(canvas, native.plots[0].series[2 * place], native.plots[0].series[2 * place + 1], tone)
        line = Box(box.x, box.y + place * tall, box.w, tall)
        ends = f"{formats.write(low[i], chart.format)} to {formats.write(high[i], chart.format)}"
        shown = formats.write(values[i], chart.format)
        _range_words(canvas, line, (names, numbers), grid.categories[i], (shown, ends), tone)
    _range_axes(
        canvas,
        native,
        [v for i in rows for v in (low[i], high[i], values[i]) if v is not None],
        chart.reference,
        len(rows),
    )
    return frame


def _range_data(chart: Chart, grid: Grid, rows: list[int], low: Any, high: Any) -> SafeXyData:
    """Two series a row: the range from end to end, and the dot on it."""
    values = grid.series[0].values
    data = SafeXyData(number_format=number_format(chart.format, [v for v in values if v is not None]))
    for place, i in enumerate(rows):
        name, level = clean.line(grid.categories[i], 120), len(rows) - place
        whole = data.add_series(f"{name}, range")
        for end in (low[i], high[i]):
            if end is not None:
                whole.add_data_point(end, level)
        data.add_series(name).add_data_point(values[i], level)
    return data


def _range_words(
    canvas: Canvas, line: Box, widths: tuple[float, float], name: str, numbers: tuple[str, str], tone: str
) -> None:
    """The row's name at the left and its value with the range at the right."""
    canvas.text(
        Box(line.x, line.y, widths[0], line.h),
        name,
        (13, 12, 11, 10, 9),
        bold=True,
        anchor="m",
        what="a name",
        name="Name",
    )
    paras = [
        Para(numbers[0], bold=True, tone=cast("Tone", tone)),
        Para(numbers[1], tone="muted", scale=0.82),
    ]
    canvas.text(
        Box(line.x + line.w - widths[1], line.y, widths[1], line.h),
        paras,
        (14, 13, 12, 11, 10, 9),
        anchor="m",
        what="a range",
        name="Range",
    )


def _range(canvas: Canvas, whole: Any, dot: Any, tone: str) -> None:
    """A dot on its range; the range is a series of its own, so that both are edited as data."""
    whole.format.line.width = Pt(3)
    canvas.colour(whole.format.line.color, canvas.palette.fill(tone))  # type: ignore[arg-type]
    whole.marker.style = XL_MARKER_STYLE.NONE
    dot.format.line.fill.background()
    dot.marker.style, dot.marker.size = XL_MARKER_STYLE.CIRCLE, 12
    fill(dot.marker, canvas, tone)
    dot.marker.format.line.fill.background()


def _range_axes(canvas: Canvas, native: Any, ends: list[float], reference: float | None, rows: int) -> None:
    """Axes without labels; the one vertical line is the chart's reference (no effect, a target), where it has one."""
    known = [*ends, *([reference] if reference is not None else [])] or [0.0]
    low, high = min(known), max(known)
    pad = (high - low) * 0.06 or 1
    across, up = native.category_axis, native.value_axis
    across.minimum_scale, across.maximum_scale = low - pad, high + pad
    up.minimum_scale, up.maximum_scale = 0.5, rows + 0.5
    for axis in (across, up):
        axis.has_major_gridlines = axis.has_minor_gridlines = False
        axis.major_tick_mark = axis.minor_tick_mark = XL_TICK_MARK.NONE
        axis.tick_label_position = XL_TICK_LABEL_POSITION.NONE
    across.format.line.fill.background()
    plot_area(native, 0.0, 0.0, 1.0, 1.0)
    if reference is None:
        up.format.line.fill.background()
        return
    canvas.colour(up.format.line.color, canvas.palette.fill("pale"))
    up.format.line.width = Pt(1.25)
    # Where the vertical axis stands on the horizontal one is written on the vertical axis's own element.
    crosses = up._element.find(qn("c:crosses"))
    if crosses is not None:
        crosses.addprevious(parse_xml(f'<c:crossesAt {C} val="{reference!r}"/>'))
        crosses.getparent().remove(crosses)


def scatter(canvas: Canvas, chart: Chart, box: Box, grid: Grid) -> Any:
    """Points of two measures, one colour a series; they have no categories, so the grid is not looked at."""
    data = SafeXyData(number_format="General")
    records = chart.evidence.records()
    names = list(dict.fromkeys(clean.line(r[chart.series]) for r in records)) if chart.series else [chart.y]
    for name in names:
        series = data.add_series(name)
        for record in records:
            x, y = chart_table.number(record[chart.x]), chart_table.number(record[chart.y])
            if (
                x is not None
                and y is not None
                and (not chart.series or clean.line(record[chart.series]) == name)
            ):
                series.add_data_point(x, y)
    frame = add_frame(canvas, XL_CHART_TYPE.XY_SCATTER, box, data)
    native = frame.chart
    native.font.size = Pt(11)
    canvas.colour(native.font.color, canvas.palette.text("ink"))
    for axis in (native.value_axis, native.category_axis):
        axis.has_major_gridlines = False
    for index, series in enumerate(native.plots[0].series):
        series.format.line.fill.background()
        series.marker.style, series.marker.size = 8, 9
        fill(series.marker, canvas, chart_table.tone_of(chart, names[index], index, many=True))
    if len(names) > 1:
        legend(native, 12)
    return frame

"""Native charts that PowerPoint has no type for: ranges, waterfalls; and points."""

from __future__ import annotations

from typing import Any, cast

from pptx.enum.chart import (
    XL_CHART_TYPE,
    XL_LABEL_POSITION,
    XL_MARKER_STYLE,
    XL_TICK_LABEL_POSITION,
    XL_TICK_MARK,
)
from pptx.oxml import parse_xml
from pptx.oxml.ns import qn
from pptx.util import Pt

from lib.charts.spec import Chart
from lib.engine import formats
from lib.report import chart_table, clean, fit
from lib.report.chart_table import Grid
from lib.report.deck_canvas import Box, Canvas, Para, emu
from lib.report.deck_chart_data import SafeChartData, SafeXyData, number_format
from lib.report.deck_chart_parts import C, add_frame, fill, legend, plot_area, point_label, quiet_axes
from lib.report.model import Tone

MOST_RANGES = 10


def intervals(canvas: Canvas, chart: Chart, box: Box, grid: Grid) -> Any:
    """Dots with ranges, one row each: names on the left, the native chart in the middle, the numbers on the right."""
    low, high = (
        chart_table.grid(chart, chart.low).series[0].values,
        chart_table.grid(chart, chart.high).series[0].values,
    )
    values = grid.series[0].values
    rows = [i for i, v in enumerate(values) if v is not None][:MOST_RANGES]
    named = dict(chart.tones)
    widest = max((fit.width(grid.categories[i], 12, bold=True, font=canvas.font) for i in rows), default=60)
    names = min(max(widest + 8, 90), box.w * 0.36)
    numbers = min(130.0, box.w * 0.26)
    middle = Box(box.x + names + 8, box.y, box.w - names - numbers - 20, box.h)
    data = SafeXyData(number_format=number_format(chart.format, [v for v in values if v is not None]))
    for place, i in enumerate(rows):
        name, level = clean.line(grid.categories[i], 120), len(rows) - place
        whole = data.add_series(f"{name}, range")
        for end in (low[i], high[i]):
            if end is not None:
                whole.add_data_point(end, level)
        data.add_series(name).add_data_point(values[i], level)
    frame = add_frame(canvas, XL_CHART_TYPE.XY_SCATTER, middle, data)
    native = frame.chart
    tall = min(box.h / max(len(rows), 1), 74.0)
    used = tall * len(rows)
    frame.height = emu(used)
    for place, i in enumerate(rows):
        tone = named.get(grid.keys[i], "process")
        _range(canvas, native.plots[0].series[2 * place], native.plots[0].series[2 * place + 1], tone)
        top = box.y + place * tall
        canvas.text(
            Box(box.x, top, names, tall),
            grid.categories[i],
            (12, 11, 10, 9),
            bold=True,
            anchor="m",
            what="a name",
            name="Name",
        )
        ends = f"{formats.write(low[i], chart.format)} to {formats.write(high[i], chart.format)}"
        shown = [
            Para(formats.write(values[i], chart.format), bold=True, tone=cast("Tone", tone)),
            Para(ends, tone="muted", scale=0.82),
        ]  # type: ignore[arg-type]
        canvas.text(
            Box(box.x + box.w - numbers, top, numbers, tall),
            shown,
            (13, 12, 11, 10, 9),
            anchor="m",
            what="a range",
            name="Range",
        )
    _range_axes(
        canvas,
        native,
        [v for i in rows for v in (low[i], high[i], values[i]) if v is not None],
        chart.reference,
        len(rows),
    )
    return frame


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


def below_zero(canvas: Canvas, chart: Chart, box: Box, grid: Grid) -> Any:
    """A waterfall that goes below nothing: stacks cannot float across the axis, so every part stands on the axis.

    Start, changes and end as plain columns, each with its own value and sign.
    """
    last = len(grid.categories) - 1
    values = grid.series[0].values
    number = number_format(chart.format, [v for v in values if v is not None])
    data = SafeChartData(number_format=number)
    data.categories = list(grid.categories)
    data.add_series("Level and changes", values)
    frame = add_frame(canvas, XL_CHART_TYPE.COLUMN_CLUSTERED, box, data)
    native, series = frame.chart, frame.chart.plots[0].series[0]
    quiet_axes(native, canvas, 12)
    frame.chart.plots[0].gap_width = 45
    series.invert_if_negative = False
    named = dict(chart.tones)
    for index, value in enumerate(values):
        if value is None:
            continue
        tone = (
            named.get(grid.keys[index], "process")
            if index in (0, last)
            else "good"
            if value >= 0
            else "alarm"
        )
        fill(series.points[index], canvas, tone)
        words = chart_table.written(chart, index, last, value)
        point_label(
            series, index, canvas, tone, number, XL_LABEL_POSITION.OUTSIDE_END, name=False, words=words
        )
    return frame


def waterfall(canvas: Canvas, chart: Chart, box: Box, grid: Grid) -> Any:
    """Start, effects, end: stacked columns over an invisible base."""
    values = [v or 0 for v in grid.series[0].values]
    last = len(values) - 1
    bases, ups, downs, totals = [], [], [], []
    level = lowest = 0.0
    for index, value in enumerate(values):
        is_total = index in (0, last)
        new = value if is_total else level + value
        bases.append(0 if is_total else min(level, new))
        totals.append(value if is_total else None)
        ups.append(value if not is_total and value >= 0 else None)
        downs.append(-value if not is_total and value < 0 else None)
        lowest = min(lowest, new)
        level = new
    if lowest < 0:
        return below_zero(canvas, chart, box, grid)
    data = SafeChartData(number_format=number_format(chart.format, values))
    data.categories = list(grid.categories)
    for name, column in (("Base", bases), ("Level", totals), ("Adds", ups), ("Takes away", downs)):
        data.add_series(name, column)
    frame = add_frame(canvas, XL_CHART_TYPE.COLUMN_STACKED, box, data)
    native, plot = frame.chart, frame.chart.plots[0]
    quiet_axes(native, canvas, 12)
    plot.overlap, plot.gap_width = 100, 45
    plot.series[0].format.fill.background()
    plus = number_format(f"+{chart.format.removeprefix('+')}", values)
    base = number_format(chart.format.removeprefix("+"), values)
    named = dict(chart.tones)
    for series, tone, format in zip(
        list(plot.series)[1:], ("process", "good", "alarm"), (base, plus, "−" + base), strict=True
    ):
        fill(series, canvas, tone)
        labels = series.data_labels
        labels.number_format, labels.number_format_is_linked, labels.show_value = format, False, True
        labels.font.size, labels.font.bold = Pt(12), True
        canvas.colour(labels.font.color, canvas.palette.on(tone))  # type: ignore[arg-type]
    for index, key in enumerate(grid.keys):
        if key in named and index in (0, last):
            fill(plot.series[1].points[index], canvas, named[key])
    if chart.format.removeprefix("+") in (
        "percent",
        "percent1",
        "points",
    ):  # a change of a share is in points
        for index, value in enumerate(values[1:last], start=1):
            series, tone = (plot.series[2], "good") if value >= 0 else (plot.series[3], "alarm")
            point_label(
                series,
                index,
                canvas,
                tone,
                base,
                None,
                name=False,
                words=formats.write(value, "+points"),
                on=True,
            )
    native.value_axis.minimum_scale = min(0, *bases) if bases else 0
    return frame


def scatter(canvas: Canvas, chart: Chart, box: Box) -> Any:
    """Points of two measures, one colour a series."""
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

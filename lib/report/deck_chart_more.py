"""Native charts that PowerPoint has no type for: ranges, waterfalls; and points."""

from __future__ import annotations

from typing import Any

from pptx.enum.chart import XL_CHART_TYPE, XL_LABEL_POSITION
from pptx.oxml import parse_xml
from pptx.oxml.ns import qn
from pptx.util import Pt

from lib.charts.spec import Chart
from lib.engine import formats
from lib.report import chart_table, clean
from lib.report.chart_table import Grid
from lib.report.deck_canvas import Box, Canvas
from lib.report.deck_chart_data import SafeChartData, SafeXyData, number_format
from lib.report.deck_chart_parts import A, C, add_frame, fill, legend, native_data, point_label, quiet_axes


def intervals(canvas: Canvas, chart: Chart, box: Box, grid: Grid) -> Any:
    """Dot and range per category, with the range as error bars that carry the interval's own ends."""
    frame = add_frame(canvas, XL_CHART_TYPE.LINE_MARKERS, box, native_data(grid, chart.format))
    native, plot = frame.chart, frame.chart.plots[0]
    quiet_axes(native, canvas, 12)
    low, high = chart_table.grid(chart, chart.low), chart_table.grid(chart, chart.high)
    named = dict(chart.tones)
    series, ours = plot.series[0], grid.series[0]
    series.smooth = False
    series.format.line.fill.background()
    series.marker.style, series.marker.size = 8, 11
    fill(series.marker, canvas, "muted")
    series.marker.format.line.fill.background()
    ends = [v for g in (low, high, grid) for v in g.series[0].values if v is not None] + [
        chart.reference or 0
    ]
    format = number_format(chart.format, ends)
    for index, value in enumerate(ours.values):
        if value is not None:
            tone = named.get(grid.keys[index], "process")
            point = series.points[index]
            fill(point, canvas, tone)
            point.format.line.fill.background()
            fill(point.marker, canvas, tone)
            point.marker.style, point.marker.size = 8, 11
            point.marker.format.line.fill.background()
            words = formats.write(value, chart.format) if "points" in chart.format else ""
            point_label(series, index, canvas, tone, format, XL_LABEL_POSITION.RIGHT, name=False, words=words)
    plus = [_gap(h, v) for h, v in zip(high.series[0].values, ours.values, strict=True)]
    minus = [_gap(v, lo) for lo, v in zip(low.series[0].values, ours.values, strict=True)]
    series._element.find(qn("c:cat")).addprevious(_error_bars(canvas, plus, minus))
    span = (max(ends) - min(ends)) or 1
    native.value_axis.minimum_scale, native.value_axis.maximum_scale = (
        min(ends) - span * 0.08,
        max(ends) + span * 0.08,
    )
    return frame


def _gap(upper: float | None, lower: float | None) -> float:
    return 0.0 if upper is None or lower is None else max(upper - lower, 0.0)


def _error_bars(canvas: Canvas, plus: list[float], minus: list[float]) -> Any:
    def literal(name: str, values: list[float]) -> str:
        points = "".join(f'<c:pt idx="{i}"><c:v>{v!r}</c:v></c:pt>' for i, v in enumerate(values))
        return f'<c:{name}><c:numLit><c:formatCode>General</c:formatCode><c:ptCount val="{len(values)}"/>{points}</c:numLit></c:{name}>'

    colour = canvas.palette.hex("muted")
    return parse_xml(
        f'<c:errBars {C} {A}><c:errDir val="y"/><c:errBarType val="both"/><c:errValType val="cust"/><c:noEndCap val="0"/>'
        f'{literal("plus", plus)}{literal("minus", minus)}<c:spPr><a:ln w="25400"><a:solidFill><a:srgbClr val="{colour}"/></a:solidFill></a:ln>'
        "</c:spPr></c:errBars>"
    )


def waterfall(canvas: Canvas, chart: Chart, box: Box, grid: Grid) -> Any:
    """Start, effects, end: stacked columns over an invisible base."""
    values = [v or 0 for v in grid.series[0].values]
    last = len(values) - 1
    bases, ups, downs, totals = [], [], [], []
    level = 0.0
    for index, value in enumerate(values):
        is_total = index in (0, last)
        new = value if is_total else level + value
        bases.append(0 if is_total else min(level, new))
        totals.append(value if is_total else None)
        ups.append(value if not is_total and value >= 0 else None)
        downs.append(-value if not is_total and value < 0 else None)
        level = new
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

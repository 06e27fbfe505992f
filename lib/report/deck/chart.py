"""Native PowerPoint charts: people can edit the data, copy the chart and let their template restyle it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LABEL_POSITION, XL_MARKER_STYLE
from pptx.enum.dml import MSO_LINE
from pptx.oxml import parse_xml
from pptx.oxml.ns import qn
from pptx.util import Pt

from lib.charts.spec import Chart, Kind
from lib.report import clean
from lib.report.deck import text_fit
from lib.report.deck.canvas import Box, Canvas
from lib.report.deck.chart_data import number_format
from lib.report.deck.chart_parts import (
    C,
    add_frame,
    fill,
    legend,
    line_scale,
    native_data,
    plot_area,
    point_label,
    quiet_axes,
)
from lib.report.deck.chart_points import intervals, scatter
from lib.report.deck.chart_waterfall import waterfall
from lib.report.deck.table import heatmap
from lib.report.story import chart_table
from lib.report.story.chart_table import Grid


def _labels(plot: Any, canvas: Canvas, format: str, size: float, position: Any, colour: Any = None) -> None:
    plot.has_data_labels = True
    labels = plot.data_labels
    labels.number_format, labels.number_format_is_linked = format, False
    labels.show_value = True
    labels.font.size, labels.font.bold = Pt(size), True
    canvas.colour(labels.font.color, colour if colour is not None else canvas.palette.text("ink"))
    if position is not None:
        labels.position = position


def _values(grid: Grid) -> list[float]:
    """All values that are known."""
    return [v for s in grid.series for v in s.values if v is not None]


def _bars(canvas: Canvas, chart: Chart, box: Box, grid: Grid, *, horizontal: bool) -> Any:
    kind = XL_CHART_TYPE.BAR_CLUSTERED if horizontal else XL_CHART_TYPE.COLUMN_CLUSTERED
    frame = add_frame(canvas, kind, box, native_data(grid, chart.format))
    native, plot = frame.chart, frame.chart.plots[0]
    many = len(grid.series) > 1
    size = 12 if len(grid.categories) * len(grid.series) <= 14 else 10
    quiet_axes(native, canvas, size)
    if horizontal:
        native.category_axis.reverse_order = True
    plot.gap_width = 60 if many else 45
    if many:
        plot.overlap = -8
        legend(native, 12)
    values = _values(grid)
    _labels(plot, canvas, number_format(chart.format, values), size, XL_LABEL_POSITION.OUTSIDE_END)
    for series, ours in zip(plot.series, grid.series, strict=True):
        series.invert_if_negative = False
        fill(series, canvas, ours.tone)
    if not many:
        _mark_bars(canvas, chart, grid, plot.series[0])
    low, high = min(values, default=0), max(values, default=0)
    if low >= 0:
        native.value_axis.minimum_scale = 0
    if high > 0:
        native.value_axis.maximum_scale = high * (1.14 if horizontal else 1.1)
    return frame


def _mark_bars(canvas: Canvas, chart: Chart, grid: Grid, series: Any) -> None:
    """Bars with a tone of their own, and the one that is pointed at."""
    tones = dict(chart.tones)
    for index, names in enumerate(zip(grid.keys, grid.categories, strict=True)):
        is_marked = bool(chart.highlight) and chart.highlight in names
        tone = tones.get(names[0]) or ("outcome" if is_marked else "")
        if tone:
            fill(series.points[index], canvas, tone)


def _apart(grid: Grid, height: float) -> bool:
    """Whether the lines end far enough apart to be named where they end."""
    ends = sorted(s.values[-1] for s in grid.series if s.values and s.values[-1] is not None)
    whole = _values(grid)
    if len(ends) != len(grid.series) or len(ends) > 5 or not whole:
        return False
    span = max(whole) - min(min(whole), 0) or 1
    return all((b - a) / span * height * 0.85 > 17 for a, b in itertools.pairwise(ends))


def _lines(canvas: Canvas, chart: Chart, box: Box, grid: Grid) -> Any:
    whole = Grid(grid.categories, (*grid.series, *_band(chart, grid)), grid.keys)
    frame = add_frame(canvas, XL_CHART_TYPE.LINE_MARKERS, box, native_data(whole, chart.format))
    native, plot = frame.chart, frame.chart.plots[0]
    crowded = len(grid.categories) > 9
    quiet_axes(native, canvas, 12, upright=not crowded)
    if crowded:
        _skip_labels(native, -(-len(grid.categories) // 7))
    for series in list(plot.series)[len(grid.series) :]:
        _thin(series, canvas)
    values = _values(whole)
    format = number_format(chart.format, values)
    scaled = line_scale(native, canvas, values, format)
    named = _name_ends(native, canvas, grid, box, scaled=scaled)
    for series, ours in zip(plot.series, grid.series, strict=False):  # the band's ends follow the lines
        _line(canvas, series, ours, grid, format, named=named)
    return frame


def _name_ends(native: Any, canvas: Canvas, grid: Grid, box: Box, *, scaled: bool) -> bool:
    """Room at the right for the lines' names where they end far enough apart; a legend else."""
    if len(grid.series) < 2:
        return False
    longest = max(
        (text_fit.width(s.name + "  00.0 %", 12, bold=True, font=canvas.font) for s in grid.series), default=0
    )
    if not _apart(grid, box.h) or longest >= box.w * 0.34:
        legend(native, 12)
        return False
    left = 0.09 if scaled else 0.045
    plot_area(native, left, 0.05, 1 - left - (longest + 14) / box.w, 0.83)
    return True


def _line(
    canvas: Canvas, series: Any, ours: chart_table.ChartSeries, grid: Grid, format: str, *, named: bool
) -> None:
    """One line with its first and last value written; the labels follow the data."""
    series.smooth = False
    series.format.line.width = Pt(2.5)
    canvas.colour(series.format.line.color, canvas.palette.fill(ours.tone))  # type: ignore[arg-type]
    series.marker.style = XL_MARKER_STYLE.CIRCLE
    series.marker.size = 7 if len(grid.categories) <= 14 else 3
    fill(series.marker, canvas, ours.tone)
    series.marker.format.line.fill.background()
    present = [i for i, v in enumerate(ours.values) if v is not None]
    for index in dict.fromkeys((present[0], present[-1]) if present else ()):
        is_end = index == present[-1] and len(present) > 1
        above = _is_above(grid, ours.name, index)
        place = XL_LABEL_POSITION.ABOVE if above else XL_LABEL_POSITION.BELOW
        if is_end and named:
            place = XL_LABEL_POSITION.RIGHT
        point_label(series, index, canvas, ours.tone, format, place, name=is_end and named)


def _band(chart: Chart, grid: Grid) -> tuple[chart_table.ChartSeries, ...]:
    """The ends of the range of a single line, as two lines of their own; several lines would hide each other."""
    if not chart.low or not chart.high or len(grid.series) != 1:
        return ()
    return tuple(
        replace(chart_table.grid(chart, column).series[0], name=name)
        for column, name in ((chart.low, "Low end of the range"), (chart.high, "High end of the range"))
    )


def _thin(series: Any, canvas: Canvas) -> None:
    """A thin dashed line without points."""
    series.smooth = False
    series.format.line.width = Pt(1)
    series.format.line.dash_style = MSO_LINE.DASH
    canvas.colour(series.format.line.color, canvas.palette.fill("pale"))
    series.marker.style = XL_MARKER_STYLE.NONE


def _skip_labels(native: Any, every: int) -> None:
    axis = native.category_axis._element
    marker = axis.find(qn("c:noMultiLvlLbl"))
    skip = parse_xml(f'<c:tickLblSkip {C} val="{every}"/>')
    if marker is not None:
        marker.addprevious(skip)
    else:
        axis.append(skip)


def _is_above(grid: Grid, name: str, index: int) -> bool:
    """Whether a series is the upper half of the lines at one point."""
    here = [(s.values[index], s.name) for s in grid.series if s.values[index] is not None]
    here.sort(key=lambda item: item[0], reverse=True)  # type: ignore[arg-type, return-value]
    return [n for _, n in here].index(name) < max(len(here) / 2, 1)


def _stacked(canvas: Canvas, chart: Chart, box: Box, grid: Grid) -> Any:
    frame = add_frame(canvas, XL_CHART_TYPE.COLUMN_STACKED_100, box, native_data(grid, chart.format))
    native, plot = frame.chart, frame.chart.plots[0]
    quiet_axes(native, canvas, 12)
    plot.overlap, plot.gap_width = 100, 35
    column = box.w / max(len(grid.categories), 1) / 1.35
    widest = max(
        (text_fit.width(s.name + "  100 %", 11, bold=True, font=canvas.font) for s in grid.series), default=0
    )
    named = widest < column * 0.96  # the parts carry their names: nobody has to look from legend to column
    if not named:
        legend(native, 12)
    format = number_format(chart.format, _values(grid))
    at_index = zip(*(s.values for s in grid.series), strict=True)
    totals = [sum(abs(value or 0) for value in stack) or 1 for stack in at_index]
    for series, ours in zip(plot.series, grid.series, strict=True):
        _part(canvas, series, ours, format, named=named)
        for index, value in enumerate(ours.values):
            tall = abs(value) / totals[index] * box.h * 0.86 if value is not None else 99
            on = len(totals) <= _LABELLED
            _thin_label(canvas, series, index, ours.tone, format, tall, named=named, on=on)
    return frame


_LABELLED = 12  # stacks; more of them have no room for labels


def _part(canvas: Canvas, series: Any, ours: chart_table.ChartSeries, format: str, *, named: bool) -> None:
    """One part of each stack: its ground, a thin line around it, its labels."""
    fill(series, canvas, ours.tone)
    series.format.line.width = Pt(1)
    canvas.colour(series.format.line.color, RGBColor.from_string(canvas.palette.background))
    labels = series.data_labels
    labels.number_format, labels.number_format_is_linked = format, False
    labels.show_value = len(ours.values) <= _LABELLED
    if named:
        _named_labels(labels)
    labels.font.size, labels.font.bold = Pt(11), True
    canvas.colour(labels.font.color, canvas.palette.on(ours.tone))  # type: ignore[arg-type]


def _thin_label(
    canvas: Canvas, series: Any, index: int, tone: str, format: str, tall: float, *, named: bool, on: bool
) -> None:
    """Smaller words on a low part of a stack, none where not even they fit."""
    if tall < 9.5:
        _no_label(series, index)
    elif tall < 14 and on:
        size = 8 if tall < 12 else 9
        point_label(series, index, canvas, tone, format, None, name=named, on=True, size=size)


def _named_labels(labels: Any) -> None:
    """The series' name before each value."""
    labels.show_series_name = True
    for element in labels._element.findall(qn("c:showBubbleSize")):
        element.addnext(parse_xml(f"<c:separator {C}>  </c:separator>"))


def _no_label(series: Any, index: int) -> None:
    labels = series.data_labels._element
    labels.insert(0, parse_xml(f'<c:dLbl {C}><c:idx val="{index}"/><c:delete val="1"/></c:dLbl>'))
    ordered = sorted(labels.findall(qn("c:dLbl")), key=lambda e: int(e.find(qn("c:idx")).get("val")))
    for element in reversed(ordered):
        labels.insert(0, element)


# Kind of chart -> what draws it natively.
NATIVE: dict[Kind, Callable[[Canvas, Chart, Box, Grid], Any]] = {
    "bars": partial(_bars, horizontal=True),
    "columns": partial(_bars, horizontal=False),
    "lines": _lines,
    "stacked": _stacked,
    "intervals": intervals,
    "waterfall": waterfall,
    "heatmap": heatmap,
    "scatter": scatter,
}


def draw(canvas: Canvas, chart: Chart, box: Box) -> None:
    """Draw a chart natively into a box.

    Args:
        canvas: The slide.
        chart: Any kind.
        box: Where, points.
    """
    frame = NATIVE[chart.kind](canvas, chart, box, chart_table.grid(chart))
    if frame is None:  # a table, named and described already
        return
    properties = frame._element.xpath(".//p:cNvPr")[0]
    properties.set("name", f"Chart {properties.get('id')}")
    properties.set("descr", clean.line(chart.alt, 1_500))

"""What native charts share: colours, quiet axes, labels that follow the data."""

from __future__ import annotations

import math
from typing import Any

from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_LEGEND_POSITION, XL_TICK_LABEL_POSITION, XL_TICK_MARK
from pptx.oxml import parse_xml
from pptx.oxml.ns import qn
from pptx.util import Pt

from lib.report import clean
from lib.report.deck.canvas import Box, Canvas, emu
from lib.report.deck.chart_data import SafeChartData, number_format
from lib.report.story.chart_table import Grid

C = 'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"'
A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'


def fill(target: Any, canvas: Canvas, tone: str) -> None:
    """Fill a bar, a marker or a slice in a tone."""
    target.format.fill.solid()
    canvas.colour(target.format.fill.fore_color, canvas.palette.fill(tone))  # type: ignore[arg-type]


def quiet_axes(
    chart: Any, canvas: Canvas, size: float, *, values: bool = False, upright: bool = True
) -> None:
    """No gridlines, no value axis: the labels carry the values.

    Args:
        chart: The native chart.
        canvas: The slide.
        size: Size of the category names, points.
        values: Whether the value axis is shown.
        upright: Whether long names wrap; where names are skipped instead, the program places them.
    """
    chart.font.size = Pt(size)
    canvas.colour(chart.font.color, canvas.palette.text("ink"))
    value, category = chart.value_axis, chart.category_axis
    value.has_major_gridlines = value.has_minor_gridlines = False
    value.visible = values
    category.has_major_gridlines = False
    category.major_tick_mark = category.minor_tick_mark = XL_TICK_MARK.NONE
    category.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    category.format.line.width = Pt(0.75)
    canvas.colour(category.format.line.color, canvas.palette.fill("pale"))
    category.tick_labels.font.size = Pt(size)
    if upright:
        level = category._element.find(qn("c:txPr")).find(qn("a:bodyPr"))
        level.set("rot", "0")  # long names wrap instead of standing on their heads
        level.set("vert", "horz")


def _round_step(size: float) -> float:
    """The next of 1, 2, 2.5, 5 times a power of ten.

    >>> _round_step(0.031), _round_step(180)
    (0.05, 200.0)
    """
    power = 10.0 ** math.floor(math.log10(size))
    return next(round(f * power, 12) for f in (1, 2, 2.5, 5, 10) if f * power >= size * 0.999)


def line_scale(native: Any, canvas: Canvas, values: list[float], format: str) -> bool:
    """The value axis of lines: from zero and unseen where that shows the movement, else cut off and written out.

    Returns:
        Whether the axis is shown with its numbers.
    """
    axis = native.value_axis
    low, high = min(values, default=0.0), max(values, default=1.0)
    if 0 <= low <= high * 0.4 or high == low:
        axis.minimum_scale, axis.maximum_scale = min(low, 0), (high or 1) * 1.12
        return False
    step = _round_step((high - low) / 4)
    axis.minimum_scale = math.floor((low - step * 0.2) / step) * step
    axis.maximum_scale = math.ceil((high + step * 0.3) / step) * step
    axis.major_unit = step
    axis.visible = axis.has_major_gridlines = True
    axis.major_tick_mark = axis.minor_tick_mark = XL_TICK_MARK.NONE
    axis.format.line.fill.background()
    axis.major_gridlines.format.line.width = Pt(0.5)
    canvas.colour(axis.major_gridlines.format.line.color, RGBColor.from_string(canvas.palette.rule))
    labels = axis.tick_labels
    labels.number_format, labels.number_format_is_linked = format, False
    labels.font.size = Pt(11)
    canvas.colour(labels.font.color, RGBColor.from_string(canvas.palette.muted))
    return True


def legend(chart: Any, size: float) -> None:
    """A legend above the plot."""
    chart.has_legend = True
    chart.legend.position = XL_LEGEND_POSITION.TOP
    chart.legend.include_in_layout = False
    chart.legend.font.size = Pt(size)


def native_data(grid: Grid, format: str) -> SafeChartData:
    """A grid as chart data."""
    data = SafeChartData(
        number_format=number_format(format, [v for s in grid.series for v in s.values if v is not None])
    )
    data.categories = [clean.text(name).replace("\n", " ") for name in grid.categories]
    for series in grid.series:
        data.add_series(series.name, series.values)
    return data


def add_frame(canvas: Canvas, kind: Any, box: Box, data: Any) -> Any:
    """A native chart in a box, without title and legend."""
    frame = canvas.slide.shapes.add_chart(kind, emu(box.x), emu(box.y), emu(box.w), emu(box.h), data)
    chart = frame.chart
    chart.has_title = False
    chart.has_legend = False
    chart.font.name = None
    return frame


def point_label(
    series: Any,
    index: int,
    canvas: Canvas,
    tone: str,
    format: str,
    position: Any,
    *,
    name: bool,
    words: str = "",
    on: bool = False,
    size: float = 12,
) -> None:
    """A label on one point that follows the data: value, and the series' name where it ends.

    Args:
        series: The native series.
        index: Which point.
        canvas: The slide.
        tone: Colour of the text, or of the shape the text stands on.
        format: Number format.
        position: Where; None for the chart type's own place.
        name: Also show the series' name.
        words: Fixed text instead of the value, where no number format can write it (percentage points).
        on: The text stands on a shape of this tone.
        size: Of the text, points.
    """
    label = series.points[index].data_label
    colour = canvas.palette.on(tone) if on else canvas.palette.text(tone)  # type: ignore[arg-type]
    if words:
        frame = label.text_frame
        frame.text = words
        font = frame.paragraphs[0].runs[0].font
    else:
        font = label.font
    font.size, font.bold = Pt(size), True
    canvas.colour(font.color, colour)
    if position is not None:
        label.position = position
    _live(label._dLbl, "" if words else format, name=name)


def _live(element: Any, format: str, *, name: bool) -> None:
    """Let a label write the point's value in a number format, after the series' name where wanted."""
    if format:
        number = parse_xml(f'<c:numFmt {C} formatCode="{clean.html(format)}" sourceLinked="0"/>')
        element.find(qn("c:idx")).addnext(number)
    if name:
        element.find(qn("c:showSerName")).set("val", "1")
        element.find(qn("c:showBubbleSize")).addnext(parse_xml(f"<c:separator {C}>  </c:separator>"))


def plot_area(native: Any, x: float, y: float, w: float, h: float) -> None:
    """Fix the inner plot area so that labels at the line ends have room."""
    area = native._chartSpace.find(f".//{qn('c:plotArea')}")
    old = area.find(qn("c:layout"))
    if old is not None:
        area.remove(old)
    area.insert(
        0,
        parse_xml(
            f'<c:layout {C}><c:manualLayout><c:layoutTarget val="inner"/><c:xMode val="edge"/><c:yMode val="edge"/><c:x val="{x:.4f}"/>'  # noqa: E501
            f'<c:y val="{y:.4f}"/><c:w val="{w:.4f}"/><c:h val="{h:.4f}"/></c:manualLayout></c:layout>'
        ),
    )

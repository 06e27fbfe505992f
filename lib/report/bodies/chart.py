"""A chart on a slide: drawn natively with what it says beside it, as a picture with its numbers elsewhere."""

from __future__ import annotations

import base64

from lib.charts.spec import Chart
from lib.engine.evidence import formats
from lib.report import clean
from lib.report.bodies.kind import BodyKind, SlidePlace
from lib.report.deck import chart as deck_chart
from lib.report.deck.canvas import Box, Para
from lib.report.story import chart_table
from lib.report.story.labels import quoted
from lib.report.story.summary_model import ChartBody
from lib.report.writers import chart_files, html_parts, markdown_parts

IMAGE_SIZE = 460, 250  # drawn small and shown larger, so that its words are read on a phone too
_SIZES = (15, 14, 13, 12, 11, 10)
_WIDE = 700  # points: one sentence alone stands under a picture of full width


def _deck(place: SlidePlace, body: ChartBody) -> None:
    """The picture with what it says beside it."""
    box, message = place.box, place.message
    said = len(message.takeaways) + (message.quote is not None)
    if said == 1 and box.w > _WIDE:
        left = box.top(box.h - 42)
        _closing(place, box.below(box.h - 32))
    elif said:
        left, right = box.split(0.68 if box.w > _WIDE else 0.62, 22)
        _takeaways(place, right)
    else:
        left = box
    deck_chart.draw(place.canvas, body.chart, left)


def _takeaways(place: SlidePlace, box: Box) -> None:
    """What the chart says, the first sentence bold, beside a line in the section's tone."""
    paras = [
        Para(item.text, bold=index == 0, before=0.7, scale=1.08 if index == 0 else 1)
        for index, item in enumerate(place.message.takeaways)
    ]
    _beside(place, paras, 0.9, Box(box.x, box.y + 10, 2.5, box.h - 20), 16, box.inset(0, 10))


def _closing(place: SlidePlace, box: Box) -> None:
    """One sentence behind a mark in the section's tone."""
    paras = [Para(item.text, bold=True) for item in place.message.takeaways]
    _beside(place, paras, 0.0, Box(box.x, box.y + 3, 2.5, box.h - 6), 14, box)


def _beside(place: SlidePlace, paras: list[Para], before: float, mark: Box, indent: float, box: Box) -> None:
    """The mark, and the sentences with the quote, so far from the mark."""
    if quote := quoted(place.message.quote):
        paras.append(Para(quote, italic=True, tone="muted", before=before))
    place.canvas.rect(mark, place.canvas.palette.fill(place.tone), name="Accent")
    place.canvas.text(
        Box(box.x + indent, box.y, box.w - indent, box.h),
        paras,
        _SIZES,
        anchor="m",
        what="a takeaway",
        name="Takeaways",
    )


def _numbers(chart: Chart) -> tuple[list[tuple[str, bool]], list[list[str]]]:
    """The chart as a table of written numbers: columns and rows."""
    grid = chart_table.grid(chart)
    header = [chart_table.humane(chart.x), *(s.name for s in grid.series)]
    last = len(grid.categories) - 1
    rows = [
        [c, *(chart_table.written(chart, i, last, s.values[i]) for s in grid.series)]
        for i, c in enumerate(grid.categories)
    ]
    if chart.low and chart.high:
        header.append("Range")
        ends = (chart_table.grid(chart, end).series[0].values for end in (chart.low, chart.high))
        for row, low, high in zip(rows, *ends, strict=True):
            row.append(f"{formats.write(low, chart.format)} to {formats.write(high, chart.format)}")
    return [(name, place > 0) for place, name in enumerate(header)], rows


def _html(body: ChartBody, images: bool) -> str:
    columns, rows = _numbers(body.chart)
    table = html_parts.table(columns, [[clean.html(cell) for cell in row] for row in rows])
    if not images:
        return table
    width, height = IMAGE_SIZE
    data = base64.b64encode(chart_files.svg(body.chart, width=width, height=height)).decode()
    image = f'<img alt="{clean.html(body.chart.alt)}" src="data:image/svg+xml;base64,{data}">'
    return f"{image}<details><summary>The numbers of this chart</summary>{table}</details>"


def _markdown(body: ChartBody) -> list[str]:
    return markdown_parts.table(*_numbers(body.chart))


KIND = BodyKind(ChartBody, _deck, _html, _markdown)

"""Native tables: words never broken in the middle, rows as tall as their text, long ones continued on a further slide."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]
from pptx.dml.color import RGBColor
from pptx.oxml.ns import qn
from pptx.util import Pt

from lib.charts.spec import Chart
from lib.engine.evidence import formats
from lib.report import clean
from lib.report.deck import text as deck_text
from lib.report.deck import text_fit
from lib.report.deck.canvas import Box, Canvas, Para, emu
from lib.report.deck.theme import blend, contrast
from lib.report.story.chart_table import Grid
from lib.report.story.summary_model import Said, TableBody, TableCell, TableColumn

PAD_X, PAD_Y = 5.0, 5.5
AFTER_NUMBER = 10.0  # a number at the right edge keeps its distance from the words of the next column
MARK = "■"
_BREAKS = re.compile(
    r"[ \n]+"
)  # where a line may break; a no-break space holds a number and its unit together
READABLE = 12.0  # smaller type only where a table would otherwise tear into many pieces
SIZES = (14.0, 13.0, 12.0, 11.0, 10.0)
FEW, LARGE = 5, (16.0, 15.0)  # few rows are set larger, so that the slide is not half empty


@dataclass(frozen=True)
class TableLayout:
    """A table that was measured: column widths, heights of header and rows, text size; all points."""

    widths: tuple[float, ...]
    header: float
    heights: tuple[float, ...]
    size: float


def words(cell: TableCell) -> str:
    """A cell's text."""
    return clean.text(cell.text.text, 2_000)


def _cell_text(cell: TableCell) -> str:
    return f"{MARK} {words(cell)}" if cell.mark else words(cell)


def _widths(body: TableBody, total: float, size: float, font: str) -> tuple[float, ...]:
    """Share the width by weight, but no column narrower than its longest word (while that can be had)."""
    weights = sum(column.weight for column in body.columns)
    floors, widths = [], []
    for index, column in enumerate(body.columns):
        texts = [_cell_text(row[index]) for row in body.rows]
        floor, whole = _needs(column, texts, size, font)
        room = min(whole, total * 0.5) if column.number else 0
        floors.append(min(floor, total * 0.4) + _extra(column))
        widths.append(max(floors[-1], room, total * column.weight / weights))
    spare = sum(widths) - total
    if spare <= 0:
        return tuple(w * total / sum(widths) for w in widths)
    give = [w - f for f, w in zip(floors, widths, strict=True)]
    if sum(give) < spare:
        return tuple(_capped(floors, total))
    return tuple(w - spare * g / sum(give) for w, g in zip(widths, give, strict=True))


def _extra(column: TableColumn) -> float:
    """What a cell needs beside its text, points."""
    return 2 * PAD_X + 2 + (AFTER_NUMBER if column.number else 0)


def _needs(column: TableColumn, texts: list[str], size: float, font: str) -> tuple[float, float]:
    """Width of a column's longest word, and of its longest text with what stands beside it; points."""

    def widest(parts: Iterable[str]) -> float:
        return max((text_fit.width(part, size, bold=True, font=font) for part in parts), default=20)

    words_ = (word for text in [column.label, *texts] for word in _BREAKS.split(text))
    return widest(words_), widest(texts) + _extra(column)


def _capped(floors: list[float], total: float) -> list[float]:
    """Widths when not even the longest words have room: only the widest columns give way, so that numbers stay whole.

    >>> _capped([300, 300, 50], 450)
    [200.0, 200.0, 50]
    """
    widths = list(floors)
    for narrow in range(len(widths)):
        order = sorted(range(len(widths)), key=lambda i: floors[i])
        kept, cut = order[: len(order) - narrow - 1], order[len(order) - narrow - 1 :]
        each = (total - sum(floors[i] for i in kept)) / len(cut)
        if not kept or each >= floors[kept[-1]]:
            return [each if i in cut else floors[i] for i in range(len(widths))]
    return widths


def measure(body: TableBody, box: Box, font: str, size: float) -> TableLayout:
    """How large a table becomes at one text size."""
    widths = _widths(body, box.w, size, font)

    rooms = tuple(
        width - 2 * PAD_X - (AFTER_NUMBER if column.number else 0)
        for width, column in zip(widths, body.columns, strict=True)
    )

    def tall(text: str, room: float, points: float, bold: bool) -> float:
        return text_fit.height(text, points, room, bold=bold, font=font) + 2 * PAD_Y

    header = max(tall(c.label, room, size - 2, True) for c, room in zip(body.columns, rooms, strict=True))
    heights = tuple(
        max(tall(_cell_text(cell), room, size, cell.strong) for cell, room in zip(row, rooms, strict=True))
        for row in body.rows
    )
    return TableLayout(widths, header, heights, size)


def paginate(
    body: TableBody, box: Box, font: str, most: int = 8, least: float = READABLE
) -> list[tuple[TableBody, TableLayout]]:
    """Break a table into pieces that fit the box, at the largest size that keeps it in the fewest pieces.

    Args:
        body: The whole table.
        box: Room for each piece.
        font: Font for measuring.
        most: Most rows of one piece.
        least: Below this size another page is better than small type, points.
    """
    best: list[tuple[TableBody, TableLayout]] | None = None
    for size in (*LARGE, *SIZES) if len(body.rows) <= FEW else SIZES:
        if best is not None and size < least and len(best) <= -(-len(body.rows) // 4):
            break
        pieces = _pieces(body, box, font, size, most)
        if best is None or len(pieces) < len(best):
            best = pieces
        if len(pieces) == 1:
            break
    return _even(body, box, font, best) if best else []


def _even(
    body: TableBody, box: Box, font: str, best: list[tuple[TableBody, TableLayout]]
) -> list[tuple[TableBody, TableLayout]]:
    """The same number of pieces with about as many rows each, so that the last is not a remnant."""
    if len(best) < 2:
        return best
    pieces = _pieces(body, box, font, best[0][1].size, -(-len(body.rows) // len(best)))
    return pieces if len(pieces) == len(best) else best


def _pieces(
    body: TableBody, box: Box, font: str, size: float, most: int
) -> list[tuple[TableBody, TableLayout]]:
    layout = measure(body, box, font, size)
    groups: list[list[int]] = [[]]
    used = layout.header
    for index, height in enumerate(layout.heights):
        if groups[-1] and (used + height > box.h or len(groups[-1]) >= most):
            groups.append([])
            used = layout.header
        groups[-1].append(index)
        used += height
    out = []
    for group in groups:
        part = TableBody(body.columns, tuple(body.rows[i] for i in group), body.alt)
        out.append(
            (part, TableLayout(layout.widths, layout.header, tuple(layout.heights[i] for i in group), size))
        )
    return out


_LN, _NO_FILL, _SOLID, _RGB = (qn(f"a:{name}") for name in ("lnB", "noFill", "solidFill", "srgbClr"))
_BARE = tuple(qn(f"a:{side}") for side in ("lnL", "lnR", "lnT"))


def _plain_cell(cell: Any, rule: str, width: float, ground: str = "", *, number: bool = False) -> None:
    """A cell with a rule under it and nothing else around it."""
    above = str(emu(PAD_Y - 1.5))
    properties = cell._tc.get_or_add_tcPr()
    for name, value in (
        ("marL", str(emu(PAD_X))),
        ("marR", str(emu(PAD_X + (AFTER_NUMBER if number else 0)))),
        ("marT", above),
        ("marB", above),
        ("anchor", "ctr"),
    ):
        properties.set(name, value)
    for side in _BARE:
        etree.SubElement(etree.SubElement(properties, side, w="0"), _NO_FILL)
    line = etree.SubElement(properties, _LN, w=str(round(width * 12700)), cap="flat", cmpd="sng", algn="ctr")
    etree.SubElement(etree.SubElement(line, _SOLID), _RGB, val=rule)
    if ground:
        etree.SubElement(etree.SubElement(properties, _SOLID), _RGB, val=ground)
    else:
        etree.SubElement(properties, _NO_FILL)


def _frame(
    canvas: Canvas, box: Box, rows: int, widths: Sequence[float], heights: Sequence[float], alt: str
) -> Any:
    shape = canvas.slide.shapes.add_table(
        rows, len(widths), emu(box.x), emu(box.y), emu(sum(widths)), emu(sum(heights))
    )
    table = shape.table
    properties = table._tbl.tblPr
    for attribute in ("bandRow", "firstRow"):
        properties.set(attribute, "1" if attribute == "firstRow" else "0")
    style = properties.find(qn("a:tableStyleId"))
    if style is not None:
        style.text = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"  # "No style, no grid": the template restyles nothing by surprise
    for index, width in enumerate(widths):
        table.columns[index].width = emu(width)
    for index, height in enumerate(heights):
        table.rows[index].height = emu(height)
    named = shape._element.xpath(".//p:cNvPr")[0]
    named.set("name", f"Table {named.get('id')}")
    named.set("descr", clean.line(alt, 1_500))
    return table


def _write(canvas: Canvas, cell: Any, para: Para, size: float, align: str) -> None:
    deck_text.paragraph(cell._tc.txBody.p_lst[0], para, size, align, canvas.palette, first=True)


def draw(canvas: Canvas, body: TableBody, layout: TableLayout, box: Box, *, fill: bool = True) -> float:
    """Draw one measured piece; returns its height, points.

    Args:
        canvas: The slide.
        body: The piece.
        layout: Its measures.
        box: Where.
        fill: Whether rows may grow into free room, up to half as tall again.
    """
    heights = [layout.header, *(_grown(layout, box) if fill else layout.heights)]
    for index, height in enumerate(layout.heights):
        if layout.header + height > box.h:  # one row alone is taller than the slide
            body, heights = _cut_row(canvas, body, layout, box, index, heights)
    alt = body.alt or "Table of " + ", ".join(c.label for c in body.columns)
    table = _frame(canvas, box, len(body.rows) + 1, layout.widths, heights, alt)
    head = [Para(column.label, bold=True, tone="muted") for column in body.columns]
    _row(canvas, table, 0, body, head, layout.size - 2)
    for number, row in enumerate(body.rows, start=1):
        _row(canvas, table, number, body, [_paragraph(item) for item in row], layout.size)
    return sum(heights)


def _grown(layout: TableLayout, box: Box) -> tuple[float, ...]:
    """Heights of the rows when they take up some of the free room."""
    rows = layout.heights
    free = box.h - sum([layout.header, *rows])
    extra = min(free / len(rows), 32.0 if len(rows) <= FEW else 20.0) if rows else 0.0
    return tuple(height + max(extra, 0.0) for height in rows)


def _row(canvas: Canvas, table: Any, number: int, body: TableBody, paras: list[Para], size: float) -> None:
    """One row's cells; the header, row 0, has the stronger rule."""
    rule, width = (canvas.palette.rule, 0.75) if number else (canvas.palette.muted, 1.25)
    for index, (para, column) in enumerate(zip(paras, body.columns, strict=True)):
        cell = table.cell(number, index)
        _plain_cell(cell, rule, width, number=column.number)
        _write(canvas, cell, para, size, "r" if column.number else "l")


def _paragraph(item: TableCell) -> Para:
    """A cell's text; with a mark, the mark carries the tone."""
    tone = "ink" if item.mark else item.tone
    return Para(words(item), bold=item.strong, tone=tone, lead=MARK if item.mark else "", lead_tone=item.tone)


def _cut_row(
    canvas: Canvas, body: TableBody, layout: TableLayout, box: Box, index: int, heights: list[float]
) -> tuple[TableBody, list[float]]:
    """Shorten a row that would be taller than the slide."""
    tall = box.h - layout.header - 2 * PAD_Y
    cells = []
    for cell, width in zip(body.rows[index], layout.widths, strict=True):
        one = text_fit.fit(
            words(cell), width - 2 * PAD_X - 14, tall, (layout.size,), bold=cell.strong, font=canvas.font
        )
        if one.cut:
            canvas.shorten_warning("a table cell", words(cell))
        cells.append(replace(cell, text=Said(one.text)) if one.cut else cell)
    rows = (*body.rows[:index], tuple(cells), *body.rows[index + 1 :])
    heights = list(heights)
    heights[index + 1] = box.h - layout.header
    return TableBody(body.columns, rows, body.alt), heights


def heatmap(canvas: Canvas, chart: Chart, box: Box, grid: Grid) -> None:
    """Draw cohorts as a coloured table whose cells carry their numbers."""
    size = 11.0 if len(grid.series) <= 12 else 9.0
    names = (
        max((text_fit.width(c, size, font=canvas.font) for c in grid.categories), default=60) + 2 * PAD_X + 4
    )
    first, n_rows = min(names, box.w * 0.3), len(grid.categories) + 1
    widths = [first, *([(box.w - first) / len(grid.series)] * len(grid.series))]
    table = _frame(canvas, box, n_rows, widths, [min(box.h / n_rows, 46.0)] * n_rows, chart.alt)
    values = [v for s in grid.series for v in s.values if v is not None]
    ends = min(values, default=0.0), max(values, default=1.0)
    for column, series in enumerate(grid.series, start=1):
        _plain_cell(table.cell(0, column), canvas.palette.muted, 1)
        _write(canvas, table.cell(0, column), Para(series.name, bold=True, tone="muted"), size - 1, "c")
        for row, value in enumerate(series.values, start=1):
            _heat(canvas, table.cell(row, column), value, ends, chart.format, size)
    _plain_cell(table.cell(0, 0), canvas.palette.muted, 1)
    for row, name in enumerate(grid.categories, start=1):
        _plain_cell(table.cell(row, 0), canvas.palette.background, 0.75)
        _write(canvas, table.cell(row, 0), Para(name), size, "l")
    _close_up(table)


def _close_up(table: Any) -> None:
    """No space after any paragraph, so that cells stay as tall as measured."""
    cells = (cell for row in table.rows for cell in row.cells)
    for paragraph in (paragraph for cell in cells for paragraph in cell.text_frame.paragraphs):
        paragraph.space_after = Pt(0)


def _heat(
    canvas: Canvas, cell: Any, value: float | None, ends: tuple[float, float], format: str, size: float
) -> None:
    """One cohort's cell: the higher the value, the deeper its ground; its ink stays readable."""
    paper, (low, high) = canvas.palette.background, ends
    share = 0.0 if value is None or high == low else 0.08 + 0.82 * (value - low) / (high - low)
    ground = blend(canvas.palette.hex("process"), paper, share)
    _plain_cell(cell, paper, 0.75, ground)
    ink = max((canvas.palette.ink, "FFFFFF"), key=lambda c: contrast(c, ground))
    text = "" if value is None else formats.write(value, format)
    _write(canvas, cell, Para(text, colour=RGBColor.from_string(ink)), size, "c")

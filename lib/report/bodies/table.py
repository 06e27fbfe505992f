"""A table on a slide: continued where it is long, its takeaways under its last piece."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lib.report import clean
from lib.report.bodies.kind import BodyKind, SlidePlace
from lib.report.deck import table
from lib.report.deck.canvas import Box, Para
from lib.report.story.labels import cell_text, quoted
from lib.report.story.summary_model import Body, Message, TableBody, TableCell
from lib.report.writers import html_parts, markdown_parts
from lib.report.writers.brief_parts import item, short

Row = tuple[TableCell, ...]


def _room(message: Message, box: Box) -> Box:
    """A table leaves room for its takeaways under it."""
    lines = len(message.takeaways) + (message.quote is not None)
    return Box(box.x, box.y, box.w, box.h - (14 + 22 * lines if lines else 0))


def _pages(body: TableBody, message: Message, box: Box, font: str) -> Sequence[Any]:
    most, least = (16, 10.0) if message.section == "sources" else (8, table.READABLE)
    return table.paginate(body, _room(message, box), font, most, least) or (None,)


def _deck(place: SlidePlace, body: TableBody) -> None:
    if place.page is None:
        return
    canvas, message, box = place.canvas, place.message, place.box
    piece, layout = place.page
    used = table.draw(canvas, piece, layout, _room(message, box))
    is_last = piece.rows[-1:] == body.rows[-1:]
    paras = [Para(t.text, bold=i == 0, before=0.35) for i, t in enumerate(message.takeaways)]
    if quote := quoted(message.quote):
        paras.append(Para(quote, italic=True, tone="muted", before=0.35))
    if is_last and paras:
        top = box.y + used + 14
        canvas.text(
            Box(box.x, top, box.w, max(box.y + box.h - top, 18)),
            paras,
            (14, 13, 12, 11, 10),
            what="a takeaway",
            name="Takeaways",
        )


def columns(body: TableBody) -> list[tuple[str, bool]]:
    """Labels, and whether each column holds numbers."""
    return [(c.label, c.number) for c in body.columns]


def html(body: TableBody) -> str:
    """The table as markup; "" without rows."""
    if not body.rows:
        return ""
    return html_parts.table(columns(body), [[_cell(cell) for cell in row] for row in body.rows])


def _cell(cell: TableCell) -> str:
    """A cell's words in its tone; with a mark, the mark carries the tone."""
    words = clean.html(cell_text(cell))
    words = f"<strong>{words}</strong>" if cell.strong else words
    if cell.mark:
        return f'<b class="mark {cell.tone}" aria-hidden="true">■</b>{words}'
    return words if cell.tone in ("ink", "pale") else f'<span class="{cell.tone}">{words}</span>'


def markdown(body: TableBody) -> list[str]:
    """The table as Markdown."""
    return markdown_parts.table(columns(body), [[cell_text(cell) for cell in row] for row in body.rows])


def cells(row: Row, *places: int) -> list[str]:
    """The texts of some cells of a row; those that it has."""
    return [cell_text(row[i]) for i in places if i < len(row)]


def _changed(row: Row) -> dict[str, str]:
    what, then, now = cells(row, 0, 1, 2)
    return item(what, f"{then} → {now}" if then else now)


def _found(row: Row) -> dict[str, str]:
    return item(cells(row, 1)[0])


def _owned(row: Row) -> dict[str, str]:
    metric, owner, state = cells(row, 0, 2, -1 % len(row))
    return item(metric, f"{state.lower()} ({owner})" if owner != "Nobody" else state.lower())


def _tested(row: Row) -> dict[str, str]:
    """Name, effect with its range, people, call; only the call where nothing was read."""
    if len(row) < 7:
        return item(cells(row, 0)[0], cells(row, 2)[0])
    name, effect, ends, people, call = cells(row, 0, 2, 3, 4, 5)
    return item(name, f"{effect} ({ends}), {people} people. {call}" if ends else f"{effect}. {call}")


def _settled(row: Row) -> dict[str, str]:
    what, dissent, state = cells(row, 0, 1, 2)
    return item(what, state + (f"; dissent: {dissent}" if dissent and dissent != "None recorded" else ""))


# Section of the story -> how the brief writes a row of its table.
_WRITTEN: dict[str, Callable[[Row], dict[str, str]]] = {
    "since": _changed,
    "findings": _found,
    "ownership": _owned,
    "experiments": _tested,
    "decision": _settled,
}


def _brief(body: TableBody, message: Message, most: int) -> list[dict[str, str]]:
    rows = body.rows
    if message.section == "ownership":
        rows = tuple(row for row in rows if row[-1].text.text != "Clear") or rows
    write = _WRITTEN.get(message.section, _found)
    return [write(row) for row in rows[:most]]


def shortened(body: Body, most: int, lengths: tuple[int, ...]) -> tuple[list[str], list[list[str]]]:
    """The first columns and rows of a table: labels, then cells of at most so many characters each.

    Args:
        body: The table; any other body gives nothing.
        most: Rows at most.
        lengths: Characters of a cell, one number a column.
    """
    if not isinstance(body, TableBody):
        return [], []
    rows = [
        [short(text, length) for text, length in zip(map(cell_text, row), lengths, strict=False)]
        for row in body.rows[:most]
    ]
    return [column.label for column in body.columns[: len(lengths)]], rows


def _html(body: TableBody, images: bool) -> str:
    return html(body)


KIND = BodyKind(TableBody, _deck, _html, markdown, pages=_pages, brief=_brief, brief_place="lists")

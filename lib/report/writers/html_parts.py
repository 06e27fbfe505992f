"""Pieces of a web page that several kinds of body are made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lib.report import clean
from lib.report.story.summary_model import Text

Column = tuple[str, bool]  # label, and whether it holds numbers


def table(columns: Sequence[Column], rows: Iterable[Sequence[str]]) -> str:
    """A table that phones show row by row; the roles keep it a table for people who listen.

    Args:
        columns: Labels as plain text.
        rows: Cells as markup that is clean already, one a column.
    """
    head = "".join(
        f'<th scope="col" role="columnheader"{_num(number)}>{clean.html(label)}</th>'
        for label, number in columns
    )
    lines = (
        "".join(_cell(column, inner) for column, inner in zip(columns, row, strict=True)) for row in rows
    )
    body = "".join(f'<tr role="row">{line}</tr>' for line in lines)
    return (
        f'<div class="scroll" tabindex="0"><table role="table"><thead><tr role="row">{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _cell(column: Column, inner: str) -> str:
    """A cell that carries its column's label for narrow screens."""
    label, number = column
    return f'<td role="cell" data-label="{clean.html(label)}"{_num(number)}><span>{inner}</span></td>'


def _num(is_number: bool) -> str:
    return ' class="num"' if is_number else ""


def bullets(items: Iterable[Text]) -> str:
    """Sentences as a list."""
    return "<ul>" + "".join(f"<li>{clean.html(item.text)}</li>" for item in items) + "</ul>"


def block(tag: str, text: str, *, look: str = "") -> str:
    """An element around a text; "" where there is no text."""
    named = f' class="{look}"' if look else ""
    return f"<{tag}{named}>{clean.html(text)}</{tag}>" if text else ""

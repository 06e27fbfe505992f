"""Pieces of Markdown that several kinds of body are made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lib.report import clean
from lib.report.story.summary_model import Text


def table(columns: Sequence[tuple[str, bool]], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table.

    Args:
        columns: Labels, and whether each holds numbers.
        rows: Cells as plain text.
    """
    marks = ("---:" if number else "---" for _, number in columns)
    return [_row(clean.markdown(label) for label, _ in columns), _row(marks)] + [
        _row(map(clean.markdown, row)) for row in rows
    ]


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def bullets(items: Iterable[Text]) -> list[str]:
    """Sentences as a list."""
    return [f"- {clean.markdown(item.text)}" for item in items]

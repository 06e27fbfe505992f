"""What several writers say in the same words: the state of a handoff, a table's cell, a quote with its speaker."""

from __future__ import annotations

from lib.report import clean
from lib.report.story.summary_model import TableCell, Text, Tone

# State of a handoff -> sign, word, tone: the sign and the word say what the colour says.
STATUS: dict[str, tuple[str, str, Tone]] = {
    "agreed": ("✓", "Agreed", "good"),
    "unclear": ("?", "Unclear", "warn"),
    "missing": ("!", "Missing", "alarm"),
}


def cell_text(cell: TableCell) -> str:
    """A table cell as text."""
    return clean.line(cell.text.text)


def quoted(quote: Text | None) -> str:
    """A quote with whoever said it; "" where there is none.

    >>> from lib.report.story.summary_model import Said
    >>> quoted(Said("It works", "Ann")), quoted(None)
    ('“It works” — Ann', '')
    """
    if quote is None or not quote.text:
        return ""
    by = clean.line(getattr(quote, "by", ""))
    return f"“{quote.text}”" + (f" — {by}" if by else "")

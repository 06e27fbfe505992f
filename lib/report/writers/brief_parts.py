"""Pieces of the one-page brief that several kinds of body are made of."""

from __future__ import annotations

import re

from lib.report import clean

_BREAK = "\u200b"  # where a line may break within a word that is longer than a column
_LONG_WORD = re.compile(r"\S{14}(?=\S{4})")


def short(text: str, most: int) -> str:
    """A text of at most so many characters, cut at a word."""
    flat = clean.line(text)
    kept = flat if len(flat) <= most else flat[: most - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"
    return _LONG_WORD.sub(lambda found: found.group(0) + _BREAK, kept)


def item(head: str, rest: str = "") -> dict[str, str]:
    """One line of a list: what it is about in bold, and the rest."""
    return {"head": short(head, 170), "rest": short(rest, 150)}

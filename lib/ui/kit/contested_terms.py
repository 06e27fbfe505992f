"""Beneath a note that somebody types: which of its words the two teams still read differently."""

from __future__ import annotations

import streamlit as st

from lib.analysis.translation import glossary
from lib.ui import session
from lib.ui.kit.evidence_view import plain

_SHOWN = 3


def draw(key: str, words: str) -> None:
    """One line beneath the field, with both meanings in its tooltip; nothing where no word is open.

    Args:
        key: The answer the text is kept under; only free notes are looked at.
        words: What stands in the field.
    """
    if not words or not glossary.is_note(key):
        return
    open_words = glossary.open_words(session.workbook())
    used = {use.word.id: use.word for use in glossary.mark(words, open_words)}
    if not used:
        return
    listed = ", ".join(f"“{plain(word.word)}”" for word in list(used.values())[:_SHOWN])
    more = f" and {len(used) - _SHOWN} more" if len(used) > _SHOWN else ""
    st.caption(
        f":material/contrast: Two meanings still open: {listed}{more}.",
        help="\n\n".join(
            f"**{plain(word.word)}**. Marketing: {plain(word.marketing or 'not written down')}. "
            f"Growth: {plain(word.growth or 'not written down')}."
            for word in used.values()
        ),
    )

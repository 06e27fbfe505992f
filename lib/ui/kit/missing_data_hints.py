"""Which evidence would be gained from which file that is not open yet."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from lib.framework import step_ids
from lib.ui import pages
from lib.ui.kit.evidence_view import plain


def listed(missing: Mapping[str, str]) -> str:
    """Slot and what a file of it adds, one a line.

    Args:
        missing: Contract of the file -> what would be seen with it, a phrase.
    """
    rows = (f"- **{plain(slot.capitalize())} file**: {plain(text)}" for slot, text in missing.items())
    return "What a file would add:\n" + "\n".join(rows)


def more(missing: Mapping[str, str]) -> None:
    """A closed list of what further files would add; nothing when all are open."""
    if missing:
        names = " or ".join(slot for slot in missing)
        with st.expander(f"What a file of {names} would add", icon=":material/note_add:"):
            st.markdown(listed(missing).partition("\n")[2])
            pages.link(step_ids.DATA, "Open a file")

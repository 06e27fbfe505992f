"""The reference page: words, metrics, roles, rules and sources, to read and to search."""

from __future__ import annotations

import itertools

import streamlit as st

from lib.framework import step_ids
from lib.ui import pages
from lib.ui.kit import guard, page_components
from lib.ui.kit.evidence_view import plain
from lib.ui.reference.entries import ReferenceEntry, entries, search, sections

_MOST = 60


def render() -> None:
    """Draw the page."""
    page_components.page(pages.info(step_ids.REFERENCE).question, step_ids.REFERENCE)
    with guard.user_errors():
        words = st.text_input(
            "Search",
            key="reference.search",
            placeholder="activation, lead, handoff…",
            live="300ms",
            icon=":material/search:",
            bind="query-params",
        )
        if words and words.strip():
            _found(words)
        else:
            _shelves()


def _found(words: str) -> None:
    found = search(words)
    if not found:
        page_components.empty(
            f"Nothing here speaks of “{plain(words)}”.", "Try one word of it, or another word for it."
        )
        return
    st.markdown(f"{len(found)} entries" if len(found) != 1 else "1 entry")
    shown = sorted(found[:_MOST], key=lambda entry: sections().index(entry.section))
    for section, group in itertools.groupby(shown, lambda entry: entry.section):
        page_components.section(section)
        _draw(list(group), section)


def _shelves() -> None:
    names = sections()
    for name, tab in zip(names, st.tabs(names, key="reference.tabs", on_change="rerun"), strict=True):
        if tab.open:
            with tab:
                _draw([entry for entry in entries() if entry.section == name], name)


def _draw(group: list[ReferenceEntry], section: str) -> None:
    # One element for a whole shelf: seventy entries cost as much as one.
    with st.container(key=f"reference-{section.split()[0].lower()}"):
        st.markdown("\n\n---\n\n".join(entry.markdown for entry in group))

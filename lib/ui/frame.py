"""The frame around every page: which workbook, the walk with its states, who saved what, who else is here."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from lib.framework import step_ids
from lib.ui import pages, session
from lib.ui.data import jobs, review
from lib.ui.kit import downloads, fields, guard, reconnect, save_status, style, unsaved
from lib.ui.kit.evidence_view import plain
from lib.ui.progress import MARKS, state
from lib.ui.web import signin

ICON = Path(__file__).parent / "icon.png"
_SIDEBAR = 316  # pixels; the longest name of a step and its state stand on one line


def run() -> None:
    """Draw the frame and run the page that was asked for."""
    st.set_page_config(
        page_title="Process-Outcome Workbook",
        page_icon=str(ICON),
        layout="wide",
        initial_sidebar_state=_SIDEBAR,
    )
    style.apply()
    downloads.limit_sweeps()
    if not signin.ask():
        return
    found = pages.available()
    is_open = False
    with guard.user_errors():
        session.resolve()
        is_open = True
        if reconnect.is_cut_off():
            session.tell(
                "problem",
                "The connection to the server was lost. A change you made in that moment was not saved at first.",
                "Text you typed is sent again by itself. A choice, a number or a date: look at it, and set it again.",
            )
    unsaved.watch()
    page = st.navigation([pages.page_object(item) for item in found], position="hidden")
    path = page.url_path or step_ids.START
    if not is_open:  # nothing can be read or saved: said once, and nothing drawn that would say it again
        return
    with guard.user_errors():
        session.arrive(path)
        save_status.caught_up()
        _put_to_use()
        with st.sidebar:
            _sidebar(found, path)
    with guard.user_errors():
        page.run()


def _put_to_use() -> None:
    """Files that were still being taken in when their visitor left the Data page are in use wherever they are now."""
    for item in jobs.arrived():
        review.settle(item)  # what went wrong is said on the Data page, beside the file


def _sidebar(found: list[pages.PageInfo], path: str) -> None:
    with st.container(key="frame-brand"):
        st.markdown("**Process-Outcome Workbook**")
    _switcher()
    section = ""
    book = session.workbook()
    with st.container(key="frame-nav", gap=None):
        for page in found:
            if page.section != section:
                section = page.section
                st.markdown(f":small[:gray[{section}]]")
            icon, _, word = MARKS[state(page.path, book)] if page.states else (page.icon, "", "")
            title = f"{page.number}. {page.title}" if page.number else page.title
            label = f"{title} :small[· {word.lower()}]" if word else title
            with st.container(key="frame-current" if page.path == path else f"frame-to-{page.path}"):
                pages.link(page.path, label, icon, stretch=True)
    save_status.render()
    _you()


def _switcher() -> None:
    entries = session.entries()
    if not entries:
        return
    current = session.get("session.workbook", "")
    session.put("frame.workbook", current)
    names = fields.apart({entry.id: entry.name for entry in entries})
    st.selectbox(
        "Workbook",
        list(names),
        format_func=lambda id: names.get(str(id), ""),
        key="frame.workbook",
        on_change=lambda: session.open_workbook(session.get("frame.workbook")),
    )


def _you() -> None:
    if signin.is_on():
        st.markdown(f":small[:material/person: {plain(signin.who())}]")
        st.button("Sign out", key="frame.signout", on_click=st.logout, type="tertiary")
    else:
        st.text_input(
            "Your name",
            key="frame.name",
            value=session.name(),
            placeholder="Shown to others",
            max_chars=60,
            on_change=lambda: session.name_me(session.get("frame.name", "")),
        )
    others = session.here()
    if others:
        names = ", ".join(someone.name or f"Guest {someone.id[:4].upper()}" for someone in others[:5])
        more = f" and {len(others) - 5} more" if len(others) > 5 else ""
        st.markdown(f":small[:material/group: Also here: {plain(names)}{more}]")

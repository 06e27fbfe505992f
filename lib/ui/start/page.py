"""The start page: where the team stands, what to do next; for a newcomer, three ways in."""

from __future__ import annotations

import streamlit as st

from lib.framework import step_ids
from lib.ui import pages, session
from lib.ui.kit import guard, page_components
from lib.ui.kit.evidence_view import plain
from lib.ui.progress import MARKS, said, state
from lib.ui.start import example
from lib.ui.workbook import files, promises
from lib.workbook.model import Workbook

_LEAD = (
    "Marketing owns the **process**: how the company communicates. Growth owns the **outcome**: what moves the business. "
    "Mixed up, neither can be improved. This workbook takes both teams from their own data to decisions they can defend."
)
_STEPS = (step_ids.DATA, *step_ids.STEPS)


def render() -> None:
    """Draw the page."""
    book = session.workbook()
    with guard.user_errors():
        if book.id:
            page_components.page(
                f"Where does {plain(book.settings.company or book.name)} stand?", step_ids.START
            )
            _progress(book)
            _others()
        else:
            page_components.page("Where does marketing end and growth begin?", step_ids.START)
            _welcome()


def _welcome() -> None:
    st.markdown(_LEAD)
    left, middle, right = st.columns(3)
    with left, st.container(border=True, height="stretch", key="start-example"):
        st.markdown(
            "#### :material/travel_explore: See where it leads\nA made-up software company with real-looking "
            "data, every step filled in, and a deck to download."
        )
        _open_example(primary=True)
    with middle, st.container(border=True, height="stretch", key="start-own"):
        st.markdown(
            "#### :material/database: Use our own data\nWhat your users did or your weekly numbers: one export "
            "is enough. Nothing leaves this machine."
        )
        if st.button("Upload a file", icon=":material/upload:", key="start.own", width="stretch"):
            pages.go(step_ids.DATA)
    with right, st.container(border=True, height="stretch", key="start-import"):
        st.markdown(
            "#### :material/file_open: Continue a workbook\nThe `.json` file that somebody exported, with all "
            "its answers and their history."
        )
        files.import_button("start.import")
    pages.link(
        step_ids.METRIC_AUDIT, "No file at hand? Every step can be filled in by hand: begin with your metrics"
    )
    st.space("small")
    st.subheader("The walk", anchor=False)
    for step in (*_STEPS, step_ids.SUMMARY):
        page = pages.info(step)
        number = f"{page.number}. " if page.number else ""
        st.markdown(f"{page.icon} **{number}{page.title}** · {page.question}")


def _progress(book: Workbook) -> None:
    open_steps = [step for step in _STEPS if state(step, book) != "decided"]
    done = len(_STEPS) - len(open_steps)
    promises.remind(book)
    st.progress(done / len(_STEPS), text=f"{done} of {len(_STEPS)} steps decided")
    if open_steps:
        _next(open_steps, book)
    else:
        page_components.primary(
            step_ids.SUMMARY, "Every step is decided: make the deck", key="start.continue"
        )
    with st.container(border=True, key="start-walk"):
        for index, step in enumerate(_STEPS):
            if index:
                st.divider()
            _step(step, book)


def _next(open_steps: list[str], book: Workbook) -> None:
    """The step to go on with, and the deck where something is decided."""
    begun = [step for step in open_steps if state(step, book) == "in progress"]
    # A team may walk by hand: what it began comes next.
    is_without_data = open_steps[0] == step_ids.DATA and len(begun) > 0
    page = pages.info(begun[0] if is_without_data else open_steps[0])
    with st.container(horizontal=True):
        page_components.primary(page.path, f"Continue: {page.title}", key="start.continue")
        if len(open_steps) < len(_STEPS) and st.button(
            "Make the deck from what stands", icon=":material/slideshow:", key="start.deck"
        ):
            pages.go(step_ids.SUMMARY)


def _step(step: str, book: Workbook) -> None:
    page = pages.info(step)
    icon, colour, word = MARKS[state(step, book)]
    with st.container(horizontal=True, vertical_alignment="center", key=f"start-step-{step}"):
        with st.container(width="stretch", gap=None):
            pages.link(step, f"**{page.number + '. ' if page.number else ''}{page.title}**")
            st.markdown(plain(said(step, book)) or page.question)
        st.badge(word, icon=icon, color=colour)  # type: ignore[arg-type]


def _others() -> None:
    st.space("small")
    st.subheader("Start something else", anchor=False)
    with st.container(horizontal=True):
        _open_example(primary=False)
        if st.button("New workbook", icon=":material/add:", key="start.new"):
            session.adopt(session.store().create(_free_name("Our workbook"), author=session.author()))
            st.rerun()
        files.import_button("start.import")


def _free_name(wanted: str) -> str:
    """The name, with a number where a workbook has it already, so that nobody tells two apart by their ids."""
    taken = {entry.name for entry in session.entries()}
    later = (f"{wanted} {number}" for number in range(2, len(taken) + 3))
    return next(name for name in (wanted, *later) if name not in taken)


def _open_example(*, primary: bool) -> None:
    kind = "primary" if primary else "secondary"
    if st.button(
        "Open the finished example",
        type=kind,
        icon=":material/play_arrow:",
        key="start.example",
        width="stretch" if primary else "content",
    ):
        example.open_example()
        st.rerun()

"""The challenger's questions of one page: answer, park or dismiss each."""

from __future__ import annotations

import streamlit as st

from lib.analysis.facilitator_prompts import FacilitatorPrompt, challenges
from lib.ui import session
from lib.ui.kit import evidence_view, fields, page_components

_SHOWN = 2
WORDS = {"open": "Open", "parked": "Parked", "answered": "Answered", "dismissed": "Dismissed"}
ICONS = {
    "open": ":material/help:",
    "parked": ":material/pause_circle:",
    "answered": ":material/check_circle:",
    "dismissed": ":material/do_not_disturb_on:",
}


def of_page(page: str) -> None:
    """Draw the questions of a page that has no stage result at hand.

    Args:
        page: Address of the page.
    """
    render(challenges(session.workbook(), session.data(), page=page), page)


def render(questions: tuple[FacilitatorPrompt, ...], page: str) -> None:
    """Draw the questions that belong to a page; nothing where there are none.

    Args:
        questions: All that apply, from `challenger.challenges`.
        page: Address of the page.
    """
    mine = [q for q in questions if q.rule.page == page]
    if not mine:
        return
    page_components.section(
        "Questions a facilitator would ask",
        "Answer in a sentence, park it, or dismiss it. Open and parked questions stay in the summary.",
    )
    waiting = [q for q in mine if q.state == "open"]
    rest = waiting[_SHOWN:] + [q for q in mine if q.state != "open"]
    for question in waiting[:_SHOWN]:
        _draw(question)
    if rest:
        with st.expander(f"{len(rest)} more: further, parked, answered and dismissed"):
            for question in rest:
                _draw(question)


def _draw(question: FacilitatorPrompt) -> None:
    id = question.rule.id
    with st.container(border=True, key=f"challenge-{id}"):
        st.badge(
            WORDS[question.state],
            icon=ICONS[question.state],
            color="orange" if question.state == "open" else "gray",
        )
        st.markdown(
            f"**{evidence_view.plain(question.text)}**  \n:small[Why this question: {question.rule.because}]"
        )
        fields.long_text(f"challenges/{id}/reply", "Our answer", height=68)
        with st.container(horizontal=True, gap="small"):
            for state, label in (
                ("answered", "That answers it"),
                ("parked", "Park"),
                ("dismissed", "Dismiss"),
                ("open", "Open again"),
            ):
                is_offered = question.state != state and (state != "open" or question.state != "open")
                if is_offered:
                    st.button(
                        label,
                        key=f"challenge.{id}.{state}",
                        on_click=session.saving,
                        args=([(f"challenges/{id}/state", state)], label),
                    )
            for index, table in enumerate(question.evidence):
                evidence_view.popover(table, f"challenge-{id}-{index}")

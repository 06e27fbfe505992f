"""Reword, reorder, hide and add slides. What was reworded keeps its live numbers."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from lib.errors import UserError
from lib.report.story import edits
from lib.report.story.inputs import Inputs, Options
from lib.report.story.summary_model import SECTION_NAMES, Message
from lib.ui import session
from lib.ui.kit import fields
from lib.ui.kit.evidence_view import plain
from lib.ui.summary import results


def editor(inputs: Inputs, options: Options, before: Inputs | None) -> None:
    """The editor, closed until wanted.

    Args:
        inputs: Workbook and steps.
        options: Audience and redaction.
        before: The earlier state, when one is compared with.
    """
    with st.expander("Reword, reorder, hide or add slides", icon=":material/edit_note:", key="summary-edit"):
        fields.text("summary/title", "Title of the deck", placeholder=edits.TITLE)
        st.markdown(
            "Type a slide's number as it stands there and it stays live. :small[Saved as soon as you leave a field.]"
        )
        messages = results.story(inputs, options, before)
        for place, message in enumerate(messages):
            _row(messages, place, message)
        _own()


def _row(messages: Sequence[Message], place: int, message: Message) -> None:
    saved = session.workbook().summary
    hidden = bool(saved.get(f"hidden/{message.id}"))
    with st.container(
        horizontal=True, vertical_alignment="bottom", gap="small", key=f"slide-row-{message.id}"
    ):
        label = f"{place + 2}. {SECTION_NAMES[message.section]}" + (" (hidden)" if hidden else "")
        key = f"summary.headline.{message.id}"
        shown = message.headline.text
        if session.get(f"{key}.shown") != shown:  # the suggestion or somebody else's wording moved on
            session.put(key, shown)
            session.put(f"{key}.shown", shown)
        st.text_input(label, key=key, on_change=_reword, args=(message,), disabled=message.own, max_chars=300)
        _move_buttons(key, [item.id for item in messages], place)
        _hide_button(key, message, hidden)
        if saved.get(f"headline/{message.id}"):
            _back_button(key, message)


def _move_buttons(key: str, ids: list[str], place: int) -> None:
    st.button(
        "",
        icon=":material/arrow_upward:",
        key=f"{key}.up",
        help="Earlier",
        disabled=place == 0,
        on_click=_move,
        args=(ids, place, -1),
    )
    st.button(
        "",
        icon=":material/arrow_downward:",
        key=f"{key}.down",
        help="Later",
        disabled=place == len(ids) - 1,
        on_click=_move,
        args=(ids, place, 1),
    )


def _hide_button(key: str, message: Message, hidden: bool) -> None:
    st.button(
        "",
        icon=":material/visibility:" if hidden else ":material/visibility_off:",
        key=f"{key}.hide",
        help="Show" if hidden else "Hide",
        on_click=session.saving,
        args=([(f"summary/hidden/{message.id}", None if hidden else True)],),
        kwargs={"note": f"{'Show' if hidden else 'Hide'} a slide"},
    )


def _back_button(key: str, message: Message) -> None:
    answers = [(f"summary/headline/{message.id}", None), (f"summary/headline_by/{message.id}", None)]
    st.button(
        "",
        icon=":material/restart_alt:",
        key=f"{key}.back",
        help="Back to the suggested headline",
        on_click=session.saving,
        args=(answers,),
        kwargs={"note": "Back to the suggested headline"},
    )


def _reword(message: Message) -> None:
    """Save a headline with its numbers turned back into facts."""
    key = f"summary.headline.{message.id}"
    typed = str(session.get(key) or "")
    if typed.strip() == message.headline.text:
        return
    try:
        template = edits.headline_template(message, typed)
    except UserError as error:
        session.tell("problem", error.problem, error.remedy)
        session.drop(f"{key}.shown")
        return
    session.save_all(
        [
            (f"summary/headline/{message.id}", template),
            (f"summary/headline_by/{message.id}", session.author()),
        ],
        note=f"Reword a headline: {typed[:60]}",
    )


def _move(ids: list[str], place: int, by: int) -> None:
    order = list(ids)
    order[place], order[place + by] = order[place + by], order[place]
    session.save("summary/order", order, note="Move a slide")


def _own() -> None:
    """Slides of the team's own."""
    st.markdown("**Your own slides**")
    for key in sorted(
        {
            name.split("/")[1]
            for name, value in session.workbook().summary.items()
            if name.startswith("own/") and value is not None
        }
    ):
        with st.container(border=True, key=f"own-{key}"):
            fields.text(f"summary/own/{key}/headline", "Headline")
            fields.long_text(f"summary/own/{key}/text", "Text")
            st.button(
                "Remove this slide",
                key=f"summary.own.{key}.remove",
                icon=":material/delete:",
                on_click=session.saving,
                args=([(f"summary/own/{key}/{field}", None) for field in ("headline", "text", "by")],),
                kwargs={"note": "Remove a slide"},
            )
    st.button("Add a slide", key="summary.own.add", icon=":material/add:", on_click=_add)


def _add() -> None:
    key = session.new_id("slide")
    session.save_all(
        [
            (f"summary/own/{key}/headline", "What we ask for"),
            (f"summary/own/{key}/text", ""),
            (f"summary/own/{key}/by", session.author()),
        ],
        note="Add a slide",
    )


def listed(messages: Sequence[Message]) -> str:
    """Headlines as one text, for people who read instead of look."""
    return "\n".join(
        f"{number}. {plain(message.headline.text)}" for number, message in enumerate(messages, start=2)
    )

"""Opening a round: the block's own questions, in the way the facilitator chooses, or a question of their own."""

from __future__ import annotations

import streamlit as st

from lib.framework import step_ids
from lib.room import activities, agenda
from lib.room.model import Room
from lib.room.question_types import TYPES
from lib.room.questions import RoomQuestion
from lib.ui import pages, session
from lib.ui.room.callbacks import ROLE, told
from lib.ui.room.facilitator_key import require
from lib.ui.room.live import rooms


def draw(room: Room, label: str) -> None:
    """What can be asked in the current block.

    Args:
        room: The room.
        label: Of the main button.
    """
    block = room.block
    if block is None:
        return
    ways = activities.methods(block.activity)
    method = ""
    if ways and activities.questions(block.activity, session.workbook()):
        method = st.selectbox("How", list(ways), format_func=ways.__getitem__, key=f"room.method.{block.id}")
    asked = activities.questions(block.activity, session.workbook(), method or "")
    if asked:
        _own_questions(room, label, asked)
    else:
        st.markdown("There are no questions for the phones in this block.")
        guide = agenda.guides()[block.activity]
        if guide.step not in (step_ids.START, step_ids.SUMMARY):
            pages.link(guide.step, f"Fill in {pages.info(guide.step).title} first")
    begun = bool(session.get("room.own.text", ""))  # what is being written is not folded away
    with st.expander("Ask something of your own", expanded=begun, icon=":material/edit:"):
        _free(room)


def _own_questions(room: Room, label: str, asked: tuple[RoomQuestion, ...]) -> None:
    st.markdown(f"{len(asked)} question{'s' if len(asked) > 1 else ''} on every phone, one at a time.")
    st.toggle("Hide names after the reveal too", key=f"room.anonymous.{room.position}")
    st.button(
        label,
        type="primary",
        icon=":material/campaign:",
        key="room.ask",
        on_click=_open,
        args=(room.id, asked, f"room.anonymous.{room.position}"),
    )


def _free(room: Room) -> None:
    st.text_input("Question", key="room.own.text", max_chars=200, placeholder="What should we stop doing?")
    names = {id: kind.name for id, kind in TYPES.items()}
    chosen = st.selectbox("Answered by", list(names), format_func=names.__getitem__, key="room.own.type")
    if TYPES[chosen].has_options:
        st.text_area("Choices, one per line", key="room.own.lines", height=110)
    st.toggle("Hide names after the reveal too", key="room.own.anonymous")
    st.button("Ask it", key="room.own.ask", icon=":material/campaign:", on_click=_open_own, args=(room.id,))


def _open_own(id: str) -> None:
    # Read now, not when the button was drawn: what was typed a moment before the click counts.
    with told():
        require(id)
        lines = str(session.get("room.own.lines", "") or "").splitlines()
        kind, text = session.get("room.own.type", "text"), str(session.get("room.own.text", "") or "")
        _open(id, (activities.own(kind, text, lines),), "room.own.anonymous")


def _open(id: str, asked: tuple[RoomQuestion, ...], anonymous: str) -> None:
    with told():
        require(id)
        rooms().open_round(id, ROLE, asked, anonymous=bool(session.get(anonymous, False)))

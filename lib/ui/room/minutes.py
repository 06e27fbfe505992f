"""What a session leaves: parking lot and actions while it runs, minutes and deletion of private answers afterwards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import streamlit as st

from lib.room.minutes import minutes
from lib.room.model import Outcome, Room
from lib.ui import session
from lib.ui.room import apply, people
from lib.ui.room.callbacks import ROLE, do, told
from lib.ui.room.facilitator_key import require
from lib.ui.room.live import rooms


def parking(room: Room) -> None:
    """Parked topics and actions; an action is saved in the workbook too, where it opens again on its date."""
    found = apply.standing(room.id)
    parked = [item for item in found if item.kind == "parking"]
    actions = [item for item in found if item.kind == "action"]
    with st.expander(
        f"Parking lot ({len(parked)}) and actions ({len(actions)})", icon=":material/inventory_2:"
    ):
        for item in parked:
            st.text(f"Parked: {item.text}" + (f" ({item.owner})" if item.owner else ""))
        for item in actions:
            st.text(f"Action: {item.text}, {item.owner}, {item.due}")
        with st.form("room-action", clear_on_submit=True, border=False):
            text = st.text_input("What", max_chars=200)
            left, right = st.columns(2)
            owner = left.text_input("Who", max_chars=40)
            due = right.date_input("By when", dt.datetime.now(dt.UTC).date() + dt.timedelta(days=14))
            as_action = st.form_submit_button("Add the action", type="primary")
            as_parked = st.form_submit_button("Park it instead")
        if (as_action or as_parked) and text.strip():
            _record(room, text, owner, str(due), is_action=as_action)


def _record(room: Room, text: str, owner: str, due: str, *, is_action: bool) -> None:
    with told():
        require(room.id)
        if is_action:
            action = Outcome("", "action", text, owner=owner, due=due)
            apply.keep_actions(room.id, [(session.new_id("action"), action)], f"Workshop action: {text}")
        else:
            rooms().settle(room.id, ROLE, Outcome("", "parking", text))
            apply.carry(room.id)
    st.rerun()


def past(ended: Sequence[Room]) -> None:
    """Sessions that are over: minutes to take away, private answers to delete."""
    st.header("Sessions so far", anchor=False)
    for room in ended:
        with st.expander(f"{room.name}, {room.created_at[:10]}", icon=":material/history:"):
            text = minutes(
                room,
                rooms().rounds(room.id),
                apply.standing(room.id),
                rooms().people(room.id),
                str(session.workbook().room.get(f"{room.id}/notes") or ""),
            )
            st.markdown(text.partition("\n")[2].replace("$", "\\$"))  # its title stands on the fold
            with st.container(horizontal=True):
                st.download_button(
                    "Download the minutes",
                    text,
                    f"minutes-{room.created_at[:10]}.md",
                    "text/markdown",
                    key=f"room.minutes.{room.id}",
                    on_click="ignore",
                    icon=":material/download:",
                )
                st.button(
                    "Open it again",
                    key=f"room.again.{room.id}",
                    icon=":material/undo:",
                    on_click=do,
                    args=(rooms().end, room.id, ROLE, False),
                )
                people.deletion(room)

"""The facilitator's page of the workshop room: open one, run it, settle what it brought."""

from __future__ import annotations

import streamlit as st

from lib.framework import step_ids
from lib.room import agenda
from lib.room.model import Room
from lib.ui import pages, session
from lib.ui.kit import guard, page_components
from lib.ui.room import facilitator_key, handouts, host, minutes
from lib.ui.room.callbacks import told
from lib.ui.room.live import rooms


def render() -> None:
    """Draw the page."""
    page_components.page(pages.info(step_ids.ROOM).question, step_ids.ROOM)
    with guard.user_errors():
        known = rooms().of_workbook(session.workbook().id) if session.workbook().id else []
        live = [room for room in known if not room.ended_at]
        if live:
            _live(live[0])
        else:
            _begin()
        ended = [room for room in known if room.ended_at]
        if ended:
            minutes.past(ended)


def _live(room: Room) -> None:
    if facilitator_key.is_mine(room.id):
        host.render(room)
        return
    with st.container(border=True, key="room-takeover"):
        st.markdown(f"**{room.name} is running.** Somebody is facilitating it, on this or another computer.")
        st.button(
            "Take over as facilitator",
            type="primary",
            icon=":material/co_present:",
            key="room.takeover",
            on_click=_take_over,
            args=(room.id,),
        )


def _take_over(id: str) -> None:
    with told():
        session.allow(rooms().get(id).workbook, "answer")
        rooms().take_over(id, facilitator_key.browser())
        session.tell("done", "You are facilitating now. The other facilitator's page can only look.")


def _begin() -> None:
    st.markdown(
        "People join from their phones with a code, no account. They answer privately; you reveal all answers "
        "together, see where marketing and growth disagree, and what you settle lands in this workbook."
    )
    with st.container(border=True, key="room-new"):
        names = {id: name for id, (name, _) in agenda.templates().items()}
        left, right = st.columns([2, 3])
        left.text_input("Name of the session", "Workshop", max_chars=60, key="room.name")
        chosen = right.selectbox(
            "Agenda", list(names), format_func=names.__getitem__, index=1, key="room.template"
        )
        blocks = agenda.template(chosen)
        st.markdown(" → ".join(f"{block.name} ({block.minutes} min)" for block in blocks))
        st.button(
            "Open the room", type="primary", icon=":material/meeting_room:", key="room.open", on_click=_open
        )
    with st.expander("Prepare: what each activity needs", icon=":material/checklist:"):
        for block in blocks:
            guide = agenda.guides()[block.activity]
            if guide.prework:
                st.markdown(f"- **{guide.name}**: {guide.prework}")
        handouts.downloads(blocks)


def _open() -> None:
    name, template = session.get("room.name", ""), session.get("room.template")
    with told():
        id = session.ensure()
        session.allow(id, "answer")
        rooms().open(id, name, template, facilitator_key.browser())

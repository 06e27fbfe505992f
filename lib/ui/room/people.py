"""People of a session and their private answers: deleting one person's answers or all, taking somebody out."""

from __future__ import annotations

import streamlit as st

from lib.room import join_codes
from lib.room.model import Participant, Room
from lib.ui import session
from lib.ui.room.callbacks import ROLE, told
from lib.ui.room.facilitator_key import require
from lib.ui.room.live import hub, memory, rooms

_ALL = ""  # in the choice of whose answers go: everybody's


def draw(room: Room) -> None:
    """Who is here, with what can be done about one of them while the session runs."""
    people = rooms().people(room.id)
    if not people:
        return
    with st.expander("Remove somebody, or delete answers", icon=":material/manage_accounts:"):
        counts = rooms().ballots.total(room.id)
        chosen = _choose(room, people, counts)
        with st.container(horizontal=True):
            _delete_button(room, chosen, "Delete these answers")
            st.button(
                "Remove from the room",
                key=f"room.remove.{room.id}",
                icon=":material/person_remove:",
                disabled=chosen == _ALL,
                on_click=_remove,
                args=(room.id,),
                help="Their page closes and their answers go. For somebody who joined twice or has left.",
            )


def deletion(room: Room) -> None:
    """Deleting private answers of a session that is over."""
    counts = rooms().ballots.total(room.id)
    if not counts:
        st.markdown(":material/check: No private answers are kept of this session.")
        return
    with st.popover("Delete private answers", icon=":material/delete:"):
        chosen = _choose(room, [p for p in rooms().people(room.id) if p.id in counts], counts)
        st.markdown("They go for good. What was settled or kept in the workbook stays.")
        _delete_button(room, chosen, "Delete them")


def _choose(room: Room, people: list[Participant], counts: dict[str, int]) -> str:
    total = sum(counts.values())
    names = {_ALL: f"Everybody's ({total})"} | {p.id: f"{p.name} ({counts.get(p.id, 0)})" for p in people}
    return st.selectbox("Whose answers", list(names), format_func=names.__getitem__, key=_key(room.id))


def _delete_button(room: Room, chosen: str, label: str) -> None:
    st.button(
        label,
        type="primary" if room.ended_at else "secondary",
        key=f"room.delete.{room.id}",
        icon=":material/delete_forever:",
        on_click=_delete,
        args=(room.id,),
        help="Everybody's single answers of this session" if chosen == _ALL else None,
    )


def _key(id: str) -> str:
    return f"room.whose.{id}"


def _delete(id: str) -> None:
    with told():
        require(id)
        count = rooms().ballots.delete_answers(id, ROLE, str(session.get(_key(id)) or _ALL))
        memory.forget(id)
        hub.publish(f"{id}:board")
        session.tell("done", f"{count} private answer{'' if count == 1 else 's'} deleted for good.")


def _remove(id: str) -> None:
    with told():
        require(id)
        who = str(session.get(_key(id)) or "")
        name = next((person.name for person in rooms().people(id) if person.id == who), "")
        rooms().remove(id, ROLE, who)
        memory.forget_person(id, who)
        memory.forget(id)
        session.drop(_key(id))
        session.tell("done", f"{join_codes.printable(name)} is out of the room.")

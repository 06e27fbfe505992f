"""What people promised on their phones, looked through and kept as actions with owner and date."""

from __future__ import annotations

import datetime as dt

import streamlit as st

from lib.engine.calendar import iso_day
from lib.room import round_outcomes
from lib.room.model import Outcome, Room, Round
from lib.ui import session
from lib.ui.room import apply
from lib.ui.room.callbacks import ROLE, told
from lib.ui.room.facilitator_key import require
from lib.ui.room.live import rooms


def draw(room: Room, current: Round) -> None:
    """One line per promise: keep it or not, whose, by when; then one button."""
    answers = rooms().ballots.answers(room.id, ROLE, current)
    found = round_outcomes.promises(current, answers, rooms().people(room.id))
    if not found:
        return
    kept = {item.id for item in apply.standing(room.id)}
    st.markdown("**Keep the promises** that carry a name and a date; they open again on that day.")
    for item in found:
        if item["id"] in kept:
            st.markdown(f":material/check: {_line(item['text'])}")
            continue
        st.checkbox(item["text"], value=True, key=f"room.promise.{item['id']}")
        who, when = st.columns(2)
        who.text_input("Who", item["owner"], key=f"room.promise.who.{item['id']}", max_chars=40)
        when.date_input(
            "By when",
            (iso_day(item["due"]) or dt.datetime.now(dt.UTC).date() + dt.timedelta(days=14)),
            key=f"room.promise.due.{item['id']}",
        )
    fresh = [item for item in found if item["id"] not in kept]
    if fresh:
        st.button(
            f"Keep them as actions ({len(fresh)})",
            type="primary",
            icon=":material/save:",
            key="room.promises",
            on_click=_keep,
            args=(room.id, fresh),
        )


def _line(text: str) -> str:
    return "".join(c if c.isalnum() or c in " ,.'-%/:()" else " " for c in text)


def _keep(id: str, found: list[dict[str, str]]) -> None:
    with told():
        require(id)
        chosen = [item for item in found if session.get(f"room.promise.{item['id']}")]
        made = [
            Outcome(
                item["id"],
                "action",
                item["text"],
                owner=str(session.get(f"room.promise.who.{item['id']}") or ""),
                due=str(session.get(f"room.promise.due.{item['id']}") or ""),
            )
            for item in chosen
        ]
        if made:
            apply.keep_actions(id, [(action.id, action) for action in made], "Workshop actions")
            session.tell("done", f"{len(made)} action{'s' if len(made) > 1 else ''} kept.")

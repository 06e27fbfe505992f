"""What the room brings into the workbook: outcomes, scores and forecasts, observations in groups, votes on the map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from lib.room import round_outcomes, settlement
from lib.room.model import Outcome, Room, Round
from lib.room.questions import RoomQuestion
from lib.ui import session
from lib.ui.room.callbacks import ROLE, told
from lib.ui.room.facilitator_key import require
from lib.ui.room.live import carried, rooms


def hand() -> settlement.Hand:
    """The facilitator as somebody who settles."""
    return settlement.Hand(
        ROLE, session.author(), session.get("session.rev", 0), session.get("session.own", {})
    )


def carry(id: str) -> None:
    """Save what else a session settled in its workbook, where Summary, deck and export read it."""
    carried(id, session.author())
    session.drop("session.snapshot")


def settle(id: str, outcome: Outcome, question: RoomQuestion, value: str) -> None:
    """Record a decision in the room and in the workbook, remembering what stood there before."""
    with told():
        require(id)
        settlement.decide(rooms(), session.store(), id, outcome, question, value, hand())
        carry(id)


def standing(id: str) -> list[Outcome]:
    """What a room settled and still stands in its workbook."""
    return settlement.standing(rooms(), session.store(), id)


def keep_actions(id: str, actions: Sequence[tuple[str, Outcome]], note: str) -> None:
    """Record actions in the room and among the workbook's, where each opens again on its date.

    Args:
        id: The room.
        actions: Id of the workbook's action, and what the room agreed.
        note: The step in words.
    """
    changes = [
        (f"actions/{key}/{name}", getattr(action, name))
        for key, action in actions
        for name in ("text", "owner", "due")
    ]
    made = [action for _, action in actions]
    settlement.record(rooms(), session.store(), id, made, changes, hand(), note)
    carry(id)


def take_back(id: str, outcome: Outcome) -> None:
    """Withdraw a decision: the room forgets it, and the workbook's answers stand as they did before it."""
    with told():
        require(id)
        settlement.withdraw(rooms(), session.store(), id, outcome, hand())
        session.drop("session.snapshot")


def keep(room: Room, current: Round) -> None:
    """One button for what a revealed round measured: medians, dots, forecasts, ratings."""
    answers = rooms().ballots.answers(room.id, ROLE, current)
    changes = round_outcomes.keeps(current, answers, rooms().people(room.id), session.workbook())
    snapshot = session.snapshot()
    fresh = [(key, value) for key, value in changes if snapshot.value(key, None) != value]
    if not changes:
        return
    if not fresh:
        st.markdown(":material/check: The room's numbers stand in the workbook.")
        return
    forecasts = any(key.endswith("/forecasts") for key, _ in changes)
    named = " Forecasts are kept by name, for the readout." if forecasts and not current.anonymous else ""
    st.button(
        f"Keep the room's numbers in the workbook ({len(fresh)})",
        type="primary",
        icon=":material/save:",
        key="room.keep",
        help=f"Medians, dots and forecasts. Undo takes it back.{named}",
        on_click=session.saving,
        args=(fresh, f"Workshop: {room.block.name if room.block else room.name}"),
    )


def observations(room: Room, current: Round) -> None:
    """Free texts in groups: each gets the name of its group; those with one are kept as insights."""
    answers = rooms().ballots.answers(room.id, ROLE, current)
    found = round_outcomes.observations(current, answers, rooms().people(room.id))
    if not found:
        return
    known = session.workbook().insights
    st.markdown(
        "**Group them**: give what belongs together the same name. What stays without one is not kept."
    )
    for item in found:
        words, group = st.columns([3, 2], vertical_alignment="center")
        words.text(item["text"] + (f"  ({item['by']})" if item["by"] else ""))
        group.text_input(
            "Group",
            known[item["id"]].theme if item["id"] in known else "",
            key=f"room.group.{item['id']}",
            placeholder="Group, such as Pricing",
            label_visibility="collapsed",
            max_chars=60,
        )
    st.button(
        "Keep the grouped ones as insights",
        type="primary",
        icon=":material/save:",
        key="room.insights",
        on_click=_keep_insights,
        args=(found,),
    )


def _keep_insights(found: list[dict[str, str]]) -> None:
    themes = {item["id"]: session.get(f"room.group.{item['id']}") or "" for item in found}
    changes = round_outcomes.insights(found, themes)
    if not changes:
        session.tell("problem", "Nothing has a group yet.", "Name the group of at least one text.")
        return
    if session.save_all(changes, note="Workshop insights"):
        count = len({key.split("/")[1] for key, _ in changes})
        session.tell("done", f"{count} insight{'s' if count > 1 else ''} kept.")


def votes(workbook: str) -> dict[str, Any]:
    """Who the rooms of a workbook say owns each row, from revealed rounds, for the handoff page."""
    if not workbook:
        return {}
    found = []
    for room in reversed(rooms().of_workbook(workbook)):
        people = rooms().people(room.id)
        found += [
            (rooms().ballots.answers(room.id, "viewer", item), people)
            for item in rooms().rounds(room.id)
            if item.state == "revealed" and any(q.id.startswith("owns/") for q in item.questions)
        ]
    return round_outcomes.votes(found)

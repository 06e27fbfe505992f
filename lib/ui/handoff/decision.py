"""Decide on the handoff: the event, what has to be true before and after it, the clock, who passes and who receives."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from lib.analysis.events import event_names
from lib.analysis.handoff import handoff_rule
from lib.analysis.handoff.handoff_map import HandoffMapResult
from lib.analysis.handoff.measured import assignment
from lib.engine.datasets.dataset import Dataset
from lib.framework import slots
from lib.ui import session
from lib.ui.handoff import agreement
from lib.ui.kit import fields, page_components
from lib.workbook.model import Workbook

TEAMS = ("Marketing", "Growth", "Product", "Sales", "Customer success")


def main_key(workbook: Workbook) -> str:
    """Key of the handoff that is being decided; the first answer makes it."""
    main = workbook.main_handoff()
    return f"handoffs/{main[0] if main else 'main'}"


def _picked(workbook: Workbook) -> str:
    """Key of the handoff on screen: the main one, or another of several."""
    main = workbook.main_handoff()
    if main is None or len(workbook.handoffs) < 2:
        return main_key(workbook)
    names = {key: item.name or item.event or "Handoff" for key, item in workbook.handoffs.items()}
    names[main[0]] += " (main)"
    picked = st.selectbox(
        "Handoff",
        list(names),
        index=list(names).index(main[0]),
        format_func=lambda key: names[key],
        key="handoff_map.picked",
        persist_state="session",
    )
    if picked and picked != main[0]:
        saves = [(f"handoffs/{key}/is_main", key == picked) for key in names]
        with st.container(horizontal=True):
            st.button(
                "Make it the main handoff",
                icon=":material/flag:",
                key="handoff_map.make_main",
                on_click=session.saving,
                args=(saves,),
                kwargs={"note": "Choose the main handoff"},
            )
            gone = [
                (f"handoffs/{picked}/{field}", None) for field in type(workbook.handoffs[picked]).model_fields
            ]
            st.button(
                "Remove it",
                icon=":material/delete:",
                key="handoff_map.remove_handoff",
                on_click=session.saving,
                args=(gone,),
                kwargs={"note": "Remove a handoff"},
            )
    return f"handoffs/{picked or main[0]}"


def owners(workbook: Workbook) -> dict[str, str]:
    """Who can own something: the teams, then the people of the workbook."""
    people = [person.name for person in workbook.people.values() if person.name]
    leads = [name for name in (workbook.settings.marketing_lead, workbook.settings.growth_lead) if name]
    return {name: name for name in (*TEAMS, *dict.fromkeys([*leads, *people]))}


def absent(problem: str, remedy: str) -> None:
    """What a part of the page cannot show yet, and what would let it."""
    st.markdown(f":material/info: **{problem}** {remedy}")


def _events(result: HandoffMapResult) -> dict[str, str]:
    """Events in journey order, each with what the data say about it."""
    words = {item.event: item.status_text for item in result.candidates}
    listed = [event for _, stage in result.stages for event in stage.events]
    order = dict.fromkeys([*listed, *words])
    return {
        event: f"{event_names.event(event)} · {words[event].lower()}"
        if event in words
        else event_names.event(event)
        for event in order
        if event != result.outcome
    }


def draw(result: HandoffMapResult, workbook: Workbook, data: Mapping[str, Dataset]) -> None:
    """The team's answers about the main handoff."""
    page_components.section("Decide: where and how the baton passes")
    key = _picked(workbook)
    left, right = st.columns(2, gap="medium")
    with left:
        _where(result, key, data)
        who = owners(workbook)
        give, take = st.columns(2)
        with give:
            fields.choice(f"{key}/from_owner", "Handed over by", who, default="Marketing", style="list")
        with take:
            fields.choice(f"{key}/to_owner", "Received by", who, default="Growth", style="list")
    with right:
        fields.long_text(
            f"{key}/entry",
            "Entry: what must be true to hand over",
            placeholder="Signed up with a work address and asked for a trial",
        )
        fields.long_text(
            f"{key}/exit",
            "Exit: when the receiver is done",
            placeholder="First report published within 14 days",
        )
    for place, (field, label, help) in zip(st.columns(2, gap="medium"), _PROMISES, strict=True):
        with place:
            fields.number(f"{key}/{field}", label, unit="hours", low=0, step=1, format="%.4g", help=help)
    with st.expander("Conditions, feedback, escalation, review", icon=":material/tune:"):
        _more(result, key, data)


_PROMISES = (
    (
        "sla_hours",
        "Response time in all",
        "From the handoff until the receiving team has picked the person up.",
    ),
    (
        "sla_human_hours",
        "Of it, a person's time",
        "From the assignment until the pick-up: what a person can be asked for.",
    ),
)


def _where(result: HandoffMapResult, key: str, data: Mapping[str, Dataset]) -> None:
    if slots.EVENTS in data:
        fields.choice(
            f"{key}/event",
            "The baton passes when this happens",
            _events(result),
            style="list",
            help="Beside each event: what the data say about it.",
        )
        if result.problem:
            st.error(result.problem, icon=":material/error:")
    elif result.stages:
        names = {stage: item.name or stage for stage, item in result.stages[1:]}
        fields.choice(f"{key}/to_stage", "The receiving team takes over at", names, style="list")
    fields.text(f"{key}/name", "Call it", placeholder="Trial start")


def _more(result: HandoffMapResult, key: str, data: Mapping[str, Dataset]) -> None:
    left, right = st.columns(2, gap="medium")
    with left:
        if slots.EVENTS in data:
            _measured(result, key, data[slots.EVENTS])
        fields.lines(
            f"{key}/reject_reasons", "Reasons for sending back", help="One per line; both teams use the same."
        )
    with right:
        fields.long_text(
            f"{key}/feedback",
            "Feedback that flows back",
            placeholder="Every Tuesday Growth sends Marketing activation by channel",
        )
        fields.text(f"{key}/escalation", "When it is disputed, decides", placeholder="A name, not a meeting")
        agreement.dates(key)


def _measured(result: HandoffMapResult, key: str, events: Dataset) -> None:
    """What of the handoff is read from the events: who counts, what picking up is, when a person's clock starts."""
    offered = {item: event_names.condition(item) for item in handoff_rule.offered(events)}
    fields.multi(
        f"{key}/conditions",
        "Only when also",
        offered,
        new=True,
        placeholder="plan = business",
        help="A column of the events file, or event:name for something done before.",
    )
    later = {event: event_names.event(event) for event in (*_events(result), result.outcome) if event}
    fields.choice(
        f"{key}/accept_event",
        "Picked up means",
        later,
        style="list",
        none=True,
        help="Without a choice, anything of a later stage counts.",
    )
    guessed = assignment(tuple(later))
    fields.choice(
        f"{key}/assign_event",
        "A person's clock starts when",
        later,
        style="list",
        none=True,
        help="The event that gives the case to somebody: with it, a person's time is told apart from "
        "the whole wait. " + (f"Without a choice: {event_names.quoted(guessed)}." if guessed else ""),
    )

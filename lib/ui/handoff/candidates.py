"""What the data say about the handoff: every event as a candidate, and the clock of the contract."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from lib.analysis.handoff import before_after
from lib.analysis.handoff.candidates import HandoffCandidate, compared_among
from lib.analysis.handoff.handoff_map import HandoffMapResult
from lib.analysis.handoff.sla import ContractMeasure
from lib.charts import handoff as charts
from lib.engine.datasets.dataset import Dataset
from lib.ui import session
from lib.ui.handoff import agreement
from lib.ui.handoff.decision import absent
from lib.ui.kit import page_components
from lib.workbook.model import Workbook

_BADGES = {
    "recommended": (":material/trending_up:", "green"), "gate": (":material/door_open:", "blue"),
    "null": (":material/drag_handle:", "gray"), "less": (":material/trending_down:", "orange"),
    "unclear": (":material/help:", "gray"), "after": (":material/last_page:", "gray"),
}  # fmt: skip
_SHOWN = 6
AGREED = ("event", "conditions", "sla_hours", "accept_event")


def candidates(result: HandoffMapResult, workbook: Workbook, data: Mapping[str, Dataset]) -> None:
    """Every event ranked, each with the sentence a person needs."""
    if not result.candidates:
        absent(
            "No event can be scored yet.",
            "An events file with the outcome in it shows for every event whether people "
            "who did it reach the outcome more often.",
        )
        return
    if result.scoring is not None:
        st.markdown(f"**{page_components.written(result.scoring.verdict.text)}**")
        among = compared_among(result.scoring.gates) if result.scoring.recommended else ""
        if among:
            st.markdown(f":small[{page_components.written(among)}]")
    for item in result.candidates[:_SHOWN]:
        _candidate(item)
    rest = result.candidates[_SHOWN:]
    if rest:
        with st.expander(f"{len(rest)} more events"):
            for item in rest:
                _candidate(item)
    chart = charts.candidates_chart(result.candidates)
    if chart is not None:
        page_components.chart(chart, key="candidates")


def _candidate(item: HandoffCandidate) -> None:
    icon, colour = _BADGES[item.status]
    with st.container(
        horizontal=True, vertical_alignment="center", key=f"handoff_map.candidate.{item.event}"
    ):
        with st.container(width="stretch", gap="xxsmall"):
            st.badge(item.status_text, icon=icon, color=colour)  # type: ignore[arg-type]
            st.markdown(page_components.written(item.sentence))
            if item.detail:
                st.markdown(f":small[:gray[{page_components.written(item.detail)}]]")
        if item.is_chosen:
            st.badge("The baton is here", icon=":material/flag:", color="green")
        elif item.fix:
            st.button(
                "Hand over here",
                key=f"handoff_map.choose.{item.event}",
                on_click=session.saving,
                args=(list(item.fix.saves),),
                kwargs={"note": item.fix.label},
            )


def _clocks(found: ContractMeasure, workbook: Workbook) -> None:
    """The two clocks side by side: what a customer waits in all, and what a person took of it."""
    main = workbook.main_handoff()
    promised = (main[1].sla_hours, main[1].sla_human_hours) if main else (None, None)
    lines = [
        "| Clock | Half are picked up within | Promised | Kept |",
        "|:--|--:|--:|--:|",
        _clock(found, "**In all**: handoff to pick-up", "", promised[0]),
    ]
    if found.human is not None:
        name = "**A person's time**: assignment to pick-up"
        lines.append(_clock(found, name, "human_", promised[1]))
    st.markdown("\n".join(lines))
    if found.human is None:
        st.markdown(
            ":small[:material/info: A person's time is told apart once an event says that somebody was given the case: "
            "choose it above under Conditions, feedback, escalation, review.]"
        )


def _clock(found: ContractMeasure, name: str, prefix: str, hours: float | None) -> str:
    """One clock as a row of the table: how long half wait, what was promised, how often it is kept."""
    median, share, n = (
        found.summary.fact(0, prefix + column, form)
        for column, form in (("median_hours", "hours"), ("share", "percent"), ("mature", "count"))
    )
    half = page_components.written(median.text) if median.value == median.value else "half never are"
    if hours is None:
        return f"| {name} | {half} | nothing promised | – |"
    kept = f"{page_components.written(share.text)} of {page_components.written(n.text)}"
    return f"| {name} | {half} | {page_components.written(hours, 'hours')} | {kept} |"


def response(result: HandoffMapResult, workbook: Workbook, data: Mapping[str, Dataset]) -> None:
    """The contract against the clock."""
    found = result.contract
    if found is None:
        absent(
            "The response time cannot be measured yet.",
            result.problem
            or "Choose the event of the handoff and open an "
            "events file in which later events carry the same user ids.",
        )
        return
    st.markdown(
        f"**{page_components.written(found.verdict.text)}**"
        + (f" To tell: {found.verdict.needs}." if found.verdict.needs else "")
    )
    _clocks(found, workbook)
    main = workbook.main_handoff()
    if main is not None:
        day = agreement.since(f"handoffs/{main[0]}", main[1].agreed_on, AGREED)
        agreement.draw(before_after.of_handoff(found, day), main[1].review_on, "handoff")
    left, right = st.columns(2, gap="medium")
    weekly, channels, reasons = (
        charts.weekly_chart(found),
        charts.channels_chart(found),
        charts.reasons_chart(found),
    )
    with left:
        page_components.chart(charts.waiting_chart(found), key="waiting")
    with right:
        if weekly is not None:
            page_components.chart(weekly, key="weekly")
    rest = [(chart, name) for chart, name in ((channels, "leak"), (reasons, "reasons")) if chart is not None]
    for place, (chart, name) in zip(st.columns(len(rest), gap="medium") if rest else (), rest, strict=True):
        with place:
            page_components.chart(chart, key=name)

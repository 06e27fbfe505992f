"""Move the baton: both teams' measures at two places of the journey, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from lib.analysis.events import event_names
from lib.analysis.handoff import handoff_scenario
from lib.analysis.handoff.candidates import choose
from lib.analysis.handoff.handoff_map import HandoffMapResult
from lib.analysis.handoff.handoff_scenario import HandoffScenario
from lib.analysis.handoff.measured import HORIZON_DAYS, WINDOW_DAYS, rule_of
from lib.analysis.handoff.scenario_conditions import ConditionProposal, Proposals, proposals
from lib.charts import handoff as charts
from lib.engine.datasets.dataset import Dataset
from lib.engine.evidence import formats
from lib.errors import UserError
from lib.framework import slots
from lib.ui import session
from lib.ui.handoff.decision import absent
from lib.ui.kit import evidence_view, page_components
from lib.workbook.model import Workbook

_MARKETING = (
    ("handed_per_week", "People handed over a week", "count"),
    ("reach", "Share of all people brought here", "percent1"),
    ("days_to_handoff", "Time until the handoff (median)", "days"),
    ("cost_per_handoff", "Cost per handoff", "money"),
)
_GROWTH = (
    ("conversion", f"Reach the outcome in {HORIZON_DAYS:g} days", "percent1"),
    ("wait_hours", "Half move on within", "hours"),
    ("leak", f"Nothing further in {WINDOW_DAYS:g} days (leak)", "percent1"),
    ("days_to_outcome", "Time to the outcome (median)", "days"),
)
_TOTALS = (
    ("entered", "People in all", "count"),
    ("outcomes", "With the outcome", "count"),
    ("outcomes_through", "Came through this handoff", "count"),
    ("outcomes_bypassing", "Went round it", "count"),
)


def draw(result: HandoffMapResult, workbook: Workbook, data: Mapping[str, Dataset]) -> None:
    """The slider and what it changes."""
    scenario = result.scenario
    if scenario is None or len(scenario.places) < 2:
        absent(
            "There are no two places to compare yet.",
            "With events on at least two stages before the outcome, both teams' measures are worked out for every "
            "place the baton can be.",
        )
        return
    ids = [place.id for place in scenario.places]
    here = _current(workbook, ids)
    st.markdown(
        f"Compare where the baton is{'' if here else ' proposed'} with another place on the way to "
        f"**{page_components.written(event_names.event(scenario.outcome))}**."
    )
    how: dict[str, Any] = {"options": ids, "format_func": scenario.name, "persist_state": "session"}
    left, right = st.columns(2, gap="medium")
    first = left.select_slider("One place", value=here or ids[0], key="handoff_map.here", **how)
    start = ids[min(ids.index(first) + 1, len(ids) - 1)]
    second = right.select_slider("Another place", value=start, key="handoff_map.there", **how)
    verdict = handoff_scenario.compare(scenario, first, second)
    st.markdown(
        f"**{page_components.written(verdict.text)}**"
        + (f" To tell: {verdict.needs}." if verdict.needs else "")
    )
    _table(scenario, first, second, workbook.settings.currency)
    page_components.chart(charts.scenario_chart(scenario, first, second), key="handoff-scenario")
    _take(result, workbook, second)
    _conditions(result, workbook, data, second)


def _current(workbook: Workbook, ids: list[str]) -> str:
    """The place of the chosen rule, "" when it is none of them."""
    main = workbook.main_handoff()
    try:
        found = rule_of(main[1]) if main else None
    except UserError:
        return ""
    return found.text if found and found.text in ids else ""


def _table(scenario: HandoffScenario, first: str, second: str, currency: str) -> None:
    ids = [place.id for place in scenario.places]
    a, b = ids.index(first), ids.index(second)
    parts = [
        f"| | {page_components.written(scenario.name(first))} | {page_components.written(scenario.name(second))} |",
        "|:--|--:|--:|",
    ]
    for title, measures in (
        (":blue[**● Marketing is measured by**]", _MARKETING),
        (":orange[**◆ Growth is measured by**]", _GROWTH),
        ("**The same people, wherever the baton is**", _TOTALS),
    ):
        parts.append(f"| {title} | | |")
        for column, label, format in measures:
            written = f"money:{currency}" if format == "money" else format
            if _known(scenario, a, b, column):
                parts.append(
                    f"| {label} | {' | '.join(_cell(scenario, row, column, written) for row in (a, b))} |"
                )
    st.markdown("\n".join(parts))


def _cell(scenario: HandoffScenario, row: int, column: str, format: str) -> str:
    """One measure at one place, with its range where it is the one to decide by."""
    text = page_components.written(scenario.evidence.fact(row, column, format).text)
    if column == "wait_hours" and text == formats.MISSING:
        return "half never do"
    return f"{text} ({_range(scenario, row)})" if column == "conversion" else text


def _known(scenario: HandoffScenario, a: int, b: int, column: str) -> bool:
    values = [scenario.evidence.fact(row, column).value for row in (a, b)]
    return column != "cost_per_handoff" or any(value == value for value in values)


def _range(scenario: HandoffScenario, row: int) -> str:
    low, high = (
        scenario.evidence.fact(row, name, "percent1").text for name in ("conversion_low", "conversion_high")
    )
    return f"{page_components.written(low)} to {page_components.written(high)}"


def _take(result: HandoffMapResult, workbook: Workbook, place: str) -> None:
    """One click to hand over at the second place."""
    main = workbook.main_handoff()
    event = next((item for _, stage in result.stages for item in stage.events if item == place), "")
    if event and not (main and main[1].event == event and not main[1].conditions):
        fix = choose(workbook, event, result.stages)
        st.button(
            fix.label,
            icon=":material/flag:",
            key="handoff_map.take",
            on_click=session.saving,
            args=(list(fix.saves),),
            kwargs={"note": fix.label},
        )


def _conditions(
    result: HandoffMapResult, workbook: Workbook, data: Mapping[str, Dataset], place: str
) -> None:
    """Conditions that the data propose on top of the second place's event, each with one click."""
    main = workbook.main_handoff()
    listed = {item for _, stage in result.stages for item in stage.events}
    event = place if place in listed else main[1].event if main else ""
    if not event or not result.outcome or event == result.outcome:
        return
    found = proposals(data[slots.EVENTS], event, result.outcome)
    said = page_components.written(event_names.quoted(event))
    if found.alone is None:
        return
    if not found.found:
        st.markdown(
            f":small[:gray[None of {found.tried} conditions tried (values of columns, events done before) says "
            f"more than {said} alone, beyond chance.]]"
        )
        return
    st.markdown(
        f"**Hand over only when also …** Conditions on top of {said} that say more about who reaches "
        f"**{page_components.written(event_names.event(result.outcome))}**:"
    )
    st.markdown(_condition_table(found))
    with st.container(horizontal=True, vertical_alignment="center"):
        for number, one in enumerate(found.found):
            _take_condition(result, workbook, found, one, number)
        evidence_view.popover(found.evidence, "handoff-scenario-conditions", "Evidence: conditions")


def _condition_table(found: Proposals) -> str:
    """The event alone and each condition: volume, precision, recall."""
    lines = [
        "| | People a week | Reach the outcome in 30 days | Share of the outcome kept |",
        "|:--|--:|--:|--:|",
    ]
    for row, name in enumerate(("The event alone", *(one.words for one in found.found))):
        cells = [
            page_components.written(found.evidence.fact(row, column, form).text)
            for column, form in (
                ("people_per_week", "count"),
                ("precision", "percent1"),
                ("precision_low", "percent1"),
                ("precision_high", "percent1"),
                ("recall", "percent"),
            )
        ]
        named, (handed, precise, low, high, recall) = event_names.heading(name), cells
        lines.append(
            f"| {page_components.written(named)} | {handed} | {precise} ({low} to {high}) | {recall} |"
        )
    return "\n".join(lines)


def _take_condition(
    result: HandoffMapResult, workbook: Workbook, found: Proposals, one: ConditionProposal, number: int
) -> None:
    """The button that makes the event with this condition the main handoff."""
    main = workbook.main_handoff()
    if main and main[1].event == found.event and tuple(main[1].conditions) == one.conditions:
        return
    fix = choose(workbook, found.event, result.stages, one.conditions)
    st.button(
        f"Only {one.words}",
        icon=":material/filter_alt:",
        key=f"handoff_map.condition.{number}",
        on_click=session.saving,
        args=(list(fix.saves),),
        kwargs={"note": f"{fix.label}, only {one.words}"},
    )

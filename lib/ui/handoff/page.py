"""The handoff page: the map of two territories, the place where the baton passes, and why there."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from lib.analysis.handoff.handoff_map import HandoffMapResult, handoff_map
from lib.charts import handoff as charts
from lib.engine.datasets.dataset import Dataset
from lib.framework import slots, step_ids
from lib.ui import pages, session
from lib.ui.handoff import candidates, decision, journey, owners, scenario
from lib.ui.kit import guard, missing_data_hints, page_components, prompts_panel
from lib.ui.room import apply
from lib.workbook.model import Workbook

_ON_THE_MAP = ("no_journey", "stages_proposed")  # their fix is the button under the map
Section = Callable[[HandoffMapResult, Workbook, Mapping[str, Dataset]], None]


def render() -> None:
    """Draw the page."""
    with guard.user_errors():
        workbook, data = session.workbook(), session.data()
        page_components.page(pages.info(step_ids.HANDOFF_MAP).question, step_ids.HANDOFF_MAP)
        result = handoff_map(workbook, data, votes=apply.votes(workbook.id))
        page_components.verdict(result.verdict)
        _map(result, data)
        if result.stages:
            decision.draw(result, workbook, data)
            _reasons(result, workbook, data)
        findings = [item for item in result.findings if item.code not in _ON_THE_MAP]
        if findings:
            page_components.section("What deserves attention")
            page_components.findings(findings)
        prompts_panel.of_page(step_ids.HANDOFF_MAP)
        if slots.EVENTS in data:
            missing_data_hints.more({item.slot: item.hint for item in result.missing})
        if workbook.stages:
            page_components.next_step(step_ids.SHARED_EXPERIMENTS, "Next: test it together")
        else:
            pages.link(step_ids.SHARED_EXPERIMENTS, "Go on without a handoff: what we test together")


def _map(result: HandoffMapResult, data: Mapping[str, Dataset]) -> None:
    """The main picture, how to change it, and what a file would add."""
    if result.stages:
        st.html(charts.map_html(result.territory_map))
        journey.legend(result.territory_map)
    journey.edit(result)
    if slots.EVENTS not in data:
        page_components.empty(
            "No events file is open, so the map is drawn by hand.",
            missing_data_hints.listed({item.slot: item.hint for item in result.missing}),
            step_ids.DATA,
            "Open an events file",
        )
    elif result.flows:
        table = next(item for item in result.evidence if item.title == "Journey by stage")
        crossing = next((item for item in result.territory_map.crossings if item.is_main), None)
        names = {stage.id: stage.name for stage in result.territory_map.stages}
        with st.expander("The journey as a funnel", icon=":material/filter_alt:"):
            page_components.chart(
                charts.funnel_chart(table, names.get(crossing.to_stage, "") if crossing else ""), key="funnel"
            )


def _reasons(result: HandoffMapResult, workbook: Workbook, data: Mapping[str, Dataset]) -> None:
    """Why here: one tab a question, each drawn only while it is open."""
    page_components.section("Why here, and not elsewhere?")
    tabs: dict[str, Section] = {
        "Move the baton": scenario.draw,
        "Candidates": candidates.candidates,
        "Response time": candidates.response,
        "Where we differ": journey.disagreement,
        "Who answers": owners.draw,
    }
    drawn = st.tabs(list(tabs), key="handoff_map.tabs", on_change="rerun")
    for tab, section in zip(drawn, tabs.values(), strict=True):
        if tab.open:
            with tab:
                section(result, workbook, data)

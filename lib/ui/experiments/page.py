"""Shared experiments: the verdict and the picture first, then one room at a time."""

from __future__ import annotations

import streamlit as st

from lib.analysis.experiments.shared_experiments import ExperimentsResult, overview
from lib.charts import experiments as charts
from lib.framework import step_ids
from lib.ui import pages, session
from lib.ui.experiments import ideas, launch, learnings, plan, reading
from lib.ui.kit import guard, page_components, prompts_panel

PAGE = step_ids.SHARED_EXPERIMENTS
VIEW = "experiments.view"
VIEWS = {
    "ideas": "1 Insights and ideas",
    "plan": "2 Register a test",
    "read": "3 Read and decide",
    "learn": "4 Learnings",
    "launch": "Launch room",
}
ROOMS = {
    "ideas": ideas.render,
    "plan": plan.render,
    "read": reading.render,
    "learn": learnings.render,
    "launch": launch.render,
}


def render() -> None:
    """Draw the page."""
    page_components.page(pages.info(PAGE).question, PAGE)
    result = None
    with guard.user_errors():
        result = overview(session.workbook(), session.data())
        page_components.verdict(result.verdict)
        _overview(result)
        view = _choose(result)
        with st.container(key=f"experiments-{view}"):
            ROOMS[view](result)
        if result.findings:
            page_components.section("What deserves attention")
            page_components.findings(result.findings)
        prompts_panel.of_page(PAGE)
    if result is not None and result.portfolio.decided:
        page_components.next_step(step_ids.STAGE_CHOICE, "Next: what our stage calls for")
    else:
        pages.link(step_ids.STAGE_CHOICE, "Go on without a decision: what our stage calls for")


def _overview(result: ExperimentsResult) -> None:
    """All tests at a glance where results are read; a single test shows its own, fuller picture there."""
    view = session.get(VIEW, _likely(result))
    chart = charts.overview(result) if view in ("read", "learn") else None
    alone = len(result.readouts) + len(result.unregistered) == 1
    if chart is not None and not (alone and view == "read"):
        page_components.chart(chart, key="experiments-overview")


def _choose(result: ExperimentsResult) -> str:
    """The room that is open: what the visitor chose, else where the next thing to do is."""
    if session.get(VIEW) not in VIEWS:
        session.put(VIEW, _likely(result))
    st.space("small")
    chosen = st.segmented_control(
        "Part of this step",
        list(VIEWS),
        key=VIEW,
        format_func=VIEWS.__getitem__,
        required=True,
        label_visibility="collapsed",
        persist_state="session",
    )
    return str(chosen or _likely(result))


def _likely(result: ExperimentsResult) -> str:
    if result.readouts or result.unregistered or result.problems:
        return "read"
    return "ideas"

"""The metric audit page: the board, the register, and why."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from lib.analysis.audit.audit import AuditResult, audit
from lib.charts import audit as charts
from lib.framework import slots, step_ids
from lib.ui import pages, session
from lib.ui.audit import metric_detail, metric_register, north_star, periods, shared_metrics
from lib.ui.kit import guard, missing_data_hints, page_components, prompts_panel

PAGE = step_ids.METRIC_AUDIT
VIEWS: dict[str, Callable[[AuditResult], None]] = {
    "Each metric": metric_detail.draw,
    "What changed": periods.draw,
    "Shared metrics": shared_metrics.draw,
    "North Star": north_star.draw,
}


def render() -> None:
    """Draw the page."""
    with guard.user_errors():
        page_components.page(pages.info(PAGE).question, PAGE)
        result = audit(session.workbook(), session.data())
        page_components.verdict(result.verdict)
        _board(result)
        metric_register.draw(result)
        if result.findings:
            page_components.section("What deserves attention")
            page_components.findings(result.findings)
        if result.lines:
            _reasons(result)
        prompts_panel.of_page(PAGE)
        if result.lines:
            page_components.next_step(step_ids.HANDOFF_MAP, "Next: where the handoff is")
        else:
            pages.link(step_ids.HANDOFF_MAP, "Go on without metrics: where the handoff is")


def _board(result: AuditResult) -> None:
    if result.lines:
        st.html(charts.board_html(result))
        page_components.evidence(list(result.evidence[:4]), key="audit.board")
    else:
        metric_register.begin()
    if slots.METRICS not in session.data() and slots.EVENTS not in session.data():
        page_components.empty(
            "No metrics or events file is open, so the audit rests on what you type.",
            missing_data_hints.listed(result.missing),
            step_ids.DATA,
            "Open a file",
        )
    else:
        missing_data_hints.more(result.missing)


def _reasons(result: AuditResult) -> None:
    page_components.section("Why, metric by metric")
    drawn = st.tabs(list(VIEWS), key="metric_audit.tabs", on_change="rerun")
    for tab, view in zip(drawn, VIEWS.values(), strict=True):
        if tab.open:
            with tab:
                view(result)

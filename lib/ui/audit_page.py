"""The metric audit page: the board, the register, and why."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from lib.analysis.audit.metric_audit import AuditResult, audit
from lib.charts import audit as charts
from lib.ui import (
    anatomy,
    audit_detail,
    audit_periods,
    audit_register,
    audit_shared,
    audit_star,
    challenger_panel,
    gains,
    guard,
    pages,
    session,
)

PAGE = "metric_audit"
VIEWS: dict[str, Callable[[AuditResult], None]] = {
    "Each metric": audit_detail.draw,
    "What changed": audit_periods.draw,
    "Shared metrics": audit_shared.draw,
    "North Star": audit_star.draw,
}


def render() -> None:
    """Draw the page."""
    with guard.user_errors():
        anatomy.page(pages.info(PAGE).question, PAGE)
        result = audit(session.workbook(), session.data())
        anatomy.verdict(result.verdict)
        _board(result)
        audit_register.draw(result)
        if result.findings:
            anatomy.section("What deserves attention")
            anatomy.findings(result.findings)
        if result.lines:
            _reasons(result)
        challenger_panel.of_page(PAGE)
        if result.lines:
            anatomy.next_step("handoff_map", "Next: where the handoff is")
        else:
            pages.link("handoff_map", "Go on without metrics: where the handoff is")


def _board(result: AuditResult) -> None:
    if result.lines:
        st.html(charts.board_html(result))
        anatomy.evidence(list(result.evidence[:4]), key="audit.board")
    else:
        audit_register.begin()
    if "metrics" not in session.data() and "events" not in session.data():
        anatomy.empty(
            "No metrics or events file is open, so the audit rests on what you type.",
            gains.listed(result.missing),
            "data",
            "Open a file",
        )
    else:
        gains.more(result.missing)


def _reasons(result: AuditResult) -> None:
    anatomy.section("Why, metric by metric")
    drawn = st.tabs(list(VIEWS), key="metric_audit.tabs", on_change="rerun")
    for tab, view in zip(drawn, VIEWS.values(), strict=True):
        if tab.open:
            with tab:
                view(result)

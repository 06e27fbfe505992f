"""Shared metrics: candidates from the data, and the contract of each: owners, rights, guardrail, tie-break, review."""

from __future__ import annotations

import streamlit as st

from lib.analysis.audit.audit import AuditResult
from lib.analysis.audit.findings import contract_series
from lib.analysis.audit.metric_rows import slug
from lib.analysis.audit.shared_metric import SharedMetricCandidate, candidates
from lib.analysis.events import event_names
from lib.analysis.handoff import before_after
from lib.engine.evidence import formats
from lib.framework import metric_kinds, slots, step_ids
from lib.ui import session
from lib.ui.audit import metric_register
from lib.ui.handoff import agreement
from lib.ui.kit import fields, page_components
from lib.ui.kit.evidence_view import plain

AGREED = ("event", "conditions", "target", "guardrail", "marketing_owner", "growth_owner")


def draw(result: AuditResult) -> None:
    """Candidates and contracts."""
    _candidates()
    book = session.workbook()
    shared = {
        id: metric.name or id for id, metric in book.metrics.items() if metric.kind == metric_kinds.SHARED
    }
    if not shared:
        st.markdown(
            "No metric is shared yet. Take one of the candidates, or set a metric's kind to shared in the register."
        )
        return
    st.subheader("Contract of a shared metric", anchor=False)
    id = st.selectbox(
        "Shared metric", list(shared), format_func=lambda key: str(shared.get(key, key)), key="audit.contract"
    )
    if not id:
        return
    _terms(id)
    line = result.line(id)
    if line is not None and line.change is not None and line.series is not None:
        st.markdown(
            f"Now: **{formats.write(line.change.now, line.series.format)}** per "
            f"{line.series.period}, last value {formats.write(line.series.last, 'date')}."
        )
    _since(result, id)


def _terms(id: str) -> None:
    """The terms of one contract: marketing's side on the left, growth's and the rights on the right."""
    key, who = f"contracts/{id}", metric_register.owners()
    others = {k: m.name or k for k, m in session.workbook().metrics.items() if k != id}
    left, right = st.columns(2, gap="medium")
    with left:
        fields.choice(f"{key}/marketing_owner", "Answers for marketing", who, style="list", none=True)
        fields.text(f"{key}/target", "Target", placeholder="120 a week by June")
        fields.choice(
            f"{key}/guardrail", "Guardrail: what must not get worse", others, style="list", none=True
        )
        agreement.dates(key)
    with right:
        fields.choice(f"{key}/growth_owner", "Answers for growth", who, style="list", none=True)
        fields.text(f"{key}/tie_break", "When we disagree, decides", placeholder="A name, not a meeting")
        fields.text(f"{key}/may_stop", "May stop what moves it", placeholder="Who may pull the plug")
        fields.long_text(
            f"{key}/decision_rights",
            "Who decides what",
            placeholder="Marketing: message and channel. Growth: sign-up and onboarding.",
        )


def _since(result: AuditResult, id: str) -> None:
    """The shared metric and its guardrail before and since the contract applies."""
    book = session.workbook()
    contract = book.contracts.get(id)
    if contract is not None:
        day = agreement.since(f"contracts/{id}", contract.agreed_on, AGREED)
        agreement.draw(
            before_after.of_metrics(contract_series(book, result.lines, id), day, result.glance),
            contract.review_on,
            f"shared-{id}",
        )


def _candidates() -> None:
    data = session.data()
    if slots.EVENTS not in data:
        page_components.empty(
            "Candidates come from events.",
            "An events file shows which step, with which condition, says most about the outcome.",
            step_ids.DATA,
            "Open an events file",
        )
        return
    found = candidates(data[slots.EVENTS])
    outcome = plain(event_names.quoted(found.outcome))
    if not found.found:
        st.markdown(f"Too few people could be watched for 30 days to propose a shared metric for {outcome}.")
        return
    st.markdown(f"**Instead of counting forms, count people who qualify.** What says most about {outcome}:")
    for number, item in enumerate(found.found[:3]):
        _candidate(item, number, event_names.quoted(found.outcome))
    page_components.evidence(found.evidence, key="audit.candidates")


def _candidate(item: SharedMetricCandidate, number: int, outcome: str) -> None:
    with st.container(border=True, key=f"audit-candidate-{number}"):
        low, high = (
            formats.write(item.precision.low, "percent"),
            formats.write(item.precision.high, "percent"),
        )
        name = item.name
        st.markdown(
            f"**{plain(name)}**: {formats.write(item.per_week, 'count')} a week; "
            f"{formats.write(item.precision.value, 'percent')} "
            f"({low} to {high}) reach {plain(outcome)} within 30 days; "
            f"{formats.write(item.recall, 'percent')} of all who do "
            "qualified first."
        )
        id = slug(name)
        answers = [
            (f"metrics/{id}/name", name),
            (f"metrics/{id}/kind", metric_kinds.SHARED),
            (f"metrics/{id}/owners", ["Marketing", "Growth"]),
            (
                f"metrics/{id}/definition",
                f"People who did {event_names.quoted(item.event)}"
                + (f" with {item.where}" if item.where else "")
                + (f" and within 7 days {event_names.quoted(item.condition)}" if item.condition else ""),
            ),
            (f"contracts/{id}/event", item.event),
            (f"contracts/{id}/conditions", item.conditions),
            (f"contracts/{id}/marketing_owner", "Marketing"),
            (f"contracts/{id}/growth_owner", "Growth"),
        ]
        if id in session.workbook().metrics:
            st.markdown(":material/check: In the register.")
        else:
            st.button(
                "Make it our shared metric",
                key=f"audit.candidate.{number}",
                on_click=session.saving,
                args=(answers,),
                kwargs={"note": f"Share {name}"},
            )

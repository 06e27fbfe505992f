"""What was learned: library with search and status, sprint board by week, what all tests add up to, forecasts."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from lib.analysis.experiments.experiment_portfolio import ExperimentPortfolio
from lib.analysis.experiments.shared_experiments import ExperimentsResult
from lib.engine.evidence import formats
from lib.ui import session
from lib.ui.kit import evidence_view, fields, page_components
from lib.workbook.model import Learning

OPEN = "experiments.learn.open"
STATUS = {"emerging": "Emerging", "supported": "Supported", "confirmed": "Confirmed", "rejected": "Rejected"}
MARKS = {
    "emerging": (":material/trending_up:", "gray"),
    "supported": (":material/thumb_up:", "blue"),
    "confirmed": (":material/verified:", "green"),
    "rejected": (":material/block:", "red"),
}


def render(result: ExperimentsResult) -> None:
    """Draw the room."""
    _portfolio(result.portfolio)
    _library()
    _board(result.portfolio)


def _portfolio(portfolio: ExperimentPortfolio) -> None:
    page_components.section("What our tests add up to")
    if not portfolio.decided:
        st.markdown(
            "Nothing is decided yet. Win rate, tempo and forecasts show here after the first decision."
        )
        return
    table = portfolio.evidence[0]
    one, two, three = st.columns(3)
    one.metric("Decided", table.fact(0, "decided", "count").text, help="Tests with a recorded decision")
    rate = f"{table.fact(0, 'win_rate_low', 'percent')} to {table.fact(0, 'win_rate_high', 'percent')}"
    two.metric(
        "Shipped", f"{table.fact(0, 'win_rate', 'percent')}", help="Share of decided tests that were shipped"
    )
    two.markdown(f":small[range {rate}]")
    three.metric(
        "Tests a week", f"{table.fact(0, 'per_week', 'number1')}", help="Decided tests, last eight weeks"
    )
    if portfolio.cumulative:
        low, high = (
            table.fact(0, "cumulative_low", "+percent1"),
            table.fact(0, "cumulative_high", "+percent1"),
        )
        st.markdown(
            f"Shipped tests together: **{table.fact(0, 'cumulative', '+percent1')}** on their outcome metrics "
            f"(range {low} to {high}), after allowing for luck. Added up as seen they would claim "
            f"{table.fact(0, 'sum_of_winners', '+percent1')}."
        )
    for note in portfolio.notes:
        st.markdown(f":gray[:material/info: {note}]")
    if portfolio.calibration:
        _calibration(portfolio)
    page_components.evidence(portfolio.evidence, key="experiments-program")


def _calibration(portfolio: ExperimentPortfolio) -> None:
    rows = [
        {
            "Team": team,
            "Forecasts": c.n,
            "Said (average)": formats.write(c.mean_forecast, "percent"),
            "Shipped": formats.write(c.happened.value, "percent"),
            "Brier score": formats.write(c.brier, "number"),
            "To beat": formats.write(c.climate, "number"),
        }
        for team, c in portfolio.calibration.items()
    ]
    with st.expander("How good were the forecasts?"):
        st.markdown(
            "Brier score: the mean squared distance between the chance given and what happened. 0 is perfect; "
            "the number to beat is what always saying the average would score."
        )
        st.dataframe(pd.DataFrame(rows), hide_index=True, alt="Forecasts against decisions by team")


# ---- library --------------------------------------------------------------------------------------------------------


def _library() -> None:
    page_components.section(
        "Learning library", "What we believed, what we saw, what it changes for the message and the funnel."
    )
    learnings = session.workbook().learnings
    if learnings:
        left, right = st.columns([2, 3], vertical_alignment="bottom")
        words = left.text_input(
            "Search", key="experiments.learn.search", placeholder="headline, onboarding ...", live="400ms"
        )
        wanted = right.pills(
            "Status",
            list(STATUS),
            selection_mode="multi",
            key="experiments.learn.status",
            format_func=STATUS.__getitem__,
        )
        found = {id: one for id, one in learnings.items() if matches(one, words or "", wanted or [])}
        if not found:
            st.markdown("No learning matches. Clear the search to see all.")
        for id, learning in found.items():
            _learning(id, learning)
    st.button("Write down a learning", icon=":material/add:", key="experiments.learn.add", on_click=_add)


def matches(learning: Learning, words: str, status: list[str]) -> bool:
    """Whether a learning has every word and one of the statuses (none chosen: any)."""
    text = " ".join(
        (learning.believed, learning.saw, learning.learned, learning.for_message, learning.for_funnel)
    ).lower()
    return all(word in text for word in words.lower().split()) and (not status or learning.status in status)


def _add() -> None:
    id = session.new_id("learning")
    if session.save(f"learnings/{id}/status", "emerging", note="Write down a learning"):
        session.put(OPEN, id)


def _toggle(id: str) -> None:
    session.put(OPEN, "" if session.get(OPEN) == id else id)


def _learning(id: str, learning: Learning) -> None:
    is_open = session.get(OPEN) == id
    icon, colour = MARKS[learning.status]
    with st.container(border=True, key=f"experiments-learning-{id}"):
        st.badge(STATUS[learning.status], icon=icon, color=colour)  # type: ignore[arg-type]
        st.markdown(f"**{evidence_view.plain(learning.learned or learning.saw or 'New learning')}**")
        if is_open:
            _edit(id)
        else:
            parts = {
                "Believed": learning.believed,
                "Saw": learning.saw,
                "For the message": learning.for_message,
                "For the funnel": learning.for_funnel,
                "Led to": ", ".join(
                    idea.name or "an idea"
                    for idea in session.workbook().ideas.values()
                    if id in idea.learnings
                ),
            }
            st.markdown(
                "  \n".join(f"{name}: {evidence_view.plain(text)}" for name, text in parts.items() if text)
            )
        with st.container(horizontal=True, gap="small"):
            st.button(
                "Close" if is_open else "Edit",
                key=f"experiments.learning.{id}.open",
                on_click=_toggle,
                args=(id,),
            )
            st.button(
                "Turn into an idea",
                icon=":material/arrow_forward:",
                key=f"experiments.learning.{id}.idea",
                on_click=_idea,
                args=(id, learning),
            )


def _edit(id: str) -> None:
    head = f"learnings/{id}"
    fields.long_text(f"{head}/believed", "What we believed")
    fields.long_text(f"{head}/saw", "What we saw")
    fields.long_text(f"{head}/learned", "What we learned")
    left, right = st.columns(2)
    with left:
        fields.long_text(f"{head}/for_message", "What it changes for the message")
    with right:
        fields.long_text(f"{head}/for_funnel", "What it changes for the funnel")
    fields.choice(f"{head}/status", "Status", STATUS, default="emerging")


def _idea(learning_id: str, learning: Learning) -> None:
    """A new idea that builds on a learning: why, owners and the learning itself are filled in."""
    id, settings = session.new_id("idea"), session.workbook().settings
    because = learning.learned or learning.saw
    answers: list[tuple[str, Any]] = [
        (f"ideas/{id}/name", because[:60] or "New idea"),
        (f"ideas/{id}/because", because),
        (f"ideas/{id}/learnings", [learning_id]),
    ]
    answers += [(f"ideas/{id}/marketing_owner", settings.marketing_lead)] if settings.marketing_lead else []
    answers += [(f"ideas/{id}/growth_owner", settings.growth_lead)] if settings.growth_lead else []
    if session.save_all(answers, note="Turn a learning into an idea"):
        session.put("experiments.view", "ideas")
        session.put("experiments.ideas.open", id)


# ---- sprint board ---------------------------------------------------------------------------------------------------


def _board(portfolio: ExperimentPortfolio) -> None:
    page_components.section("Sprint board", "Every week: what shipped, what was learned, what comes next.")
    ready = [
        idea.name for idea in session.workbook().ideas.values() if idea.status in ("testable", "running")
    ]
    if not portfolio.weeks and not ready:
        st.markdown("The board fills itself from tests, decisions and learnings.")
        return
    for index, week in enumerate(portfolio.weeks[:8]):
        with st.container(border=True, key=f"experiments-week-{week.monday}"):
            st.markdown(f"**Week of {formats.write(week.monday.isoformat(), 'date')}**")
            columns = st.columns(3)
            later = ready if index == 0 else []
            for column, title, items in zip(
                columns,
                ("Shipped", "Learned", "Started" if index else "Started and next"),
                (week.shipped, week.learned, (*week.started, *(f"Next: {name}" for name in later))),
                strict=True,
            ):
                listed = "\n".join(f"- {evidence_view.plain(item)}" for item in items) or ":gray[nothing]"
                column.markdown(f":gray[{title}]\n\n{listed}")

"""What follows from the stage: first ninety days, whom to hire or where to grow, the two roles compared."""

from __future__ import annotations

import streamlit as st

from lib.analysis.events.growth_accounting import growth_accounting
from lib.analysis.result_types import Data
from lib.analysis.stage.plan import (
    PHASES,
    Companions,
    PlanLine,
    chosen_focus,
    companions,
    comparison,
    ninety_days,
)
from lib.analysis.stage.stage import StageResult
from lib.analysis.team.hiring_advice import Recommendation, grow, hire_next
from lib.analysis.team.team import team
from lib.charts import growth
from lib.charts import stage as charts
from lib.engine.calendar import Calendar
from lib.engine.evidence.evidence import Evidence
from lib.framework import slots, step_ids
from lib.framework.load import framework
from lib.ui import pages, session
from lib.ui.kit import evidence_view, page_components
from lib.workbook.model import Workbook


def render(book: Workbook, data: Data, result: StageResult) -> None:
    """Draw what follows; the parts that need a stage or a decision appear once there is one."""
    plan = ninety_days(book, result, data)
    if plan:
        page_components.section("What follows from it")
    else:
        st.space("small")
    _next(book, result)
    if plan:
        with st.expander(
            "The first 90 days, with where each number stands", icon=":material/calendar_month:"
        ):
            _plan(plan)
            _companions(companions(book, chosen_focus(book, result), data))
    with st.expander(
        "The two roles side by side, and who does which here today", icon=":material/compare_arrows:"
    ):
        _roles(book)
    if result.signals:
        with st.expander("Weights of the three stages, and how they are computed", icon=":material/balance:"):
            page_components.chart(charts.weights_chart(result), key="stage-weights")
    _people(book, data)
    _sources(result.evidence[2:])


def _people(book: Workbook, data: Data) -> None:
    """Who came, stayed, came back and left, month by month; the quick ratio among the inputs sums it up."""
    events = data.get(slots.EVENTS)
    if events is None:
        return
    found = growth_accounting(events, calendar=Calendar.of(book.settings))
    with st.expander("Who comes, stays and leaves", icon=":material/group:"):
        page_components.verdict(found.verdict, key="people")
        page_components.chart(growth.people(found), key="stage-people")
        page_components.findings(found.findings, key="people")
        page_components.evidence(found.evidence[1:], key="stage-people-sources")


def _next(book: Workbook, result: StageResult) -> None:
    """Whom to hire next, or, for a marketer, which way to grow."""
    gaps = team(book, result)
    if book.stage.get("reader") == "marketer":
        rated = {level.person for level in gaps.levels}
        me = next(
            (id for id, person in book.people.items() if person.name == session.name() and id in rated), ""
        )
        alone = next(iter(rated)) if len(rated) == 1 else ""
        move(grow(book, result, gaps.levels, me or alone), "Which way to grow")
    else:
        found = hire_next(book, result, gaps)
        if found is None:
            return
        move(found, "Who to hire next")
    pages.link(step_ids.TEAM, "Open the team page for the gap and a scorecard")


def move(advice: Recommendation, title: str) -> None:
    """Draw one piece of advice: what, why, first steps, what speaks against it.

    Args:
        advice: From `next_move`.
        title: What it answers.
    """
    st.markdown(f"**{title}.** {evidence_view.plain(advice.text)}")
    lines = [*(f"- {evidence_view.plain(reason)}" for reason in advice.why)]
    lines += [f"- First: {evidence_view.plain(step.rstrip('.'))}." for step in advice.steps]
    lines += [f"- Against it: {evidence_view.plain(advice.against)}"] if advice.against else []
    st.markdown("\n".join(lines))


def _plan(plan: tuple[PlanLine, ...]) -> None:
    for phase in PHASES:
        st.markdown(f"**{phase.capitalize()}**")
        for line in (line for line in plan if line.content.phase == phase):
            judged = (
                f" Judged by: {evidence_view.plain('; '.join(line.baselines))}." if line.baselines else ""
            )
            st.markdown(
                f"- **{line.content.responsibility}** ({evidence_view.plain(line.owner)}): {line.content.does} "
                f"Leaves: {line.content.leaves.lower()}.{judged}"
            )


def _companions(found: Companions) -> None:
    """Tools, sessions and first experiments, each as one short list."""
    lists = {
        "Tools of the craft that leads": found.tools,
        "Sessions": found.sessions,
        "First experiments, from your own ideas": found.experiments or (found.start,),
    }
    for title, items in lists.items():
        st.markdown(f"**{title}**\n" + "".join(f"\n- {evidence_view.plain(item)}" for item in items))
    with st.container(horizontal=True, gap="small"):
        pages.link(step_ids.SHARED_EXPERIMENTS, "Open the ideas")
        pages.link(step_ids.TRANSLATION, "Add the sessions")


def _roles(book: Workbook) -> None:
    left, right = st.columns(2)
    roles = framework().roles
    rows = comparison(book)
    with left:
        st.markdown(f"**{roles['product_marketing'].name}**")
        for row in rows:
            st.markdown(f":small[:gray[{row.label}]]  \n{evidence_view.plain(row.product_marketing)}")
    with right:
        st.markdown(f"**{roles['growth'].name}**")
        for row in rows:
            st.markdown(f":small[:gray[{row.label}]]  \n{evidence_view.plain(row.growth)}")


def _sources(tables: tuple[Evidence, ...]) -> None:
    if tables:
        page_components.evidence(tables, key="stage-sources")

"""Whom to hire: hybrid or two specialists with both arguments, a scorecard, an interview exercise."""

from __future__ import annotations

import streamlit as st

from lib.analysis.result_types import Data
from lib.analysis.stage.stage import StageResult
from lib.analysis.team.role_scorecard import NAMES, Scorecard, exercise, scorecard
from lib.analysis.team.team import TeamResult
from lib.analysis.translation.outcome_chain import chain
from lib.framework.load import framework
from lib.ui.kit import evidence_view, fields, page_components
from lib.workbook.model import Workbook


def render(book: Workbook, data: Data, placed: StageResult, result: TeamResult) -> None:
    """Draw the choice, then scorecard and exercise for the role that is looked for."""
    page_components.section("Hire for the gap", framework().tensions["hybrids"].question)
    left, right = st.columns(2)
    for column, option in zip((left, right), framework().hiring.values(), strict=True):
        with column, st.container(border=True, key=f"hiring-{option.id}"):
            st.markdown(
                f"**{option.name}**  \n{option.argument}  \n**It costs:** {option.costs}  \n"
                f"**It fits when:** {option.fits_when}"
            )
    st.markdown(":small[Opinions of practitioners who disagree; nobody has measured which works better.]")
    if result.advice.suggested:
        name = framework().hiring[result.advice.suggested].name.lower()
        st.markdown(f":material/lightbulb: Your team points to **{name}**. {result.advice.reason}")
    elif result.advice.reason:
        st.markdown(f":material/help: {result.advice.reason}")
    fields.choice(
        "skills/hiring",
        "We look for",
        {o.id: o.name for o in framework().hiring.values()},
        none=True,
        style="radio",
    )
    role = fields.choice(
        "skills/role", "The next role", NAMES, none=True, style="radio", default=_default(result)
    )
    if role:
        with st.expander(f"Scorecard: {NAMES.get(role, role)}", icon=":material/assignment:"):
            _card(scorecard(role, result, placed.kpis))
        with st.expander("Interview exercise from our own funnel", icon=":material/quiz:"):
            _exercise(book, data, role)


def _default(result: TeamResult) -> str | None:
    return result.role or None


def _card(card: Scorecard) -> None:
    lines = [
        f"**Mission.** {card.mission}",
        "**Outcomes after a year**",
        *(f"- {x}" for x in card.outcomes),
        "**Measured by**",
        *(f"- {evidence_view.plain(x)}" for x in card.measures),
        "**Competencies**",
        *(f"- **{name}**: {good}" for name, good in card.competencies),
    ]
    if card.areas:
        lines += ["**Takes over what nobody owns**", *(f"- {area}" for area in card.areas)]
    for line in lines:
        st.markdown(line)
    st.download_button(
        "Scorecard as text",
        data="\n".join([card.title, *lines]).replace("**", ""),
        on_click="ignore",
        file_name="scorecard.md",
        key="team.scorecard",
        type="tertiary",
        icon=":material/download:",
    )


def _exercise(book: Workbook, data: Data, role: str) -> None:
    task = exercise(role, chain(book, data))
    st.markdown(
        f"**{task.content.name}** ({task.content.minutes} minutes)  \n{evidence_view.plain(task.text)}"
    )
    st.markdown("Good answers:")
    for line in task.content.good:
        st.markdown(f"- :material/thumb_up: {line}")
    st.markdown("Poor answers:")
    for line in task.content.poor:
        st.markdown(f"- :material/thumb_down: {line}")
    if task.evidence:
        page_components.evidence(task.evidence, key="exercise")

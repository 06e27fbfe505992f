"""Team: skills against what the stage asks for, the choice between a hybrid and two specialists, the next role."""

from __future__ import annotations

import streamlit as st

from lib.analysis.facilitator_prompts import challenges
from lib.analysis.stage.stage import stage
from lib.analysis.team.team import TeamResult, team
from lib.charts import team as charts
from lib.framework import step_ids
from lib.framework.load import framework
from lib.ui import pages, session
from lib.ui.kit import guard, page_components, prompts_panel
from lib.ui.team import hiring, ratings

PAGE = step_ids.TEAM


def render() -> None:
    """Draw the page."""
    page_components.page(pages.info(PAGE).question, PAGE)
    with guard.user_errors():
        book, data = session.workbook(), session.data()
        placed = stage(book, data)
        result = team(book, placed)
        page_components.verdict(result.verdict)
        chart = charts.gap_chart(result)
        if chart:
            page_components.chart(chart, key="team-gap")
            _coverage(result)
        ratings.render(book, placed, result)
        if result.findings:
            page_components.section("What deserves attention")
            page_components.findings(result.findings)
        hiring.render(book, data, placed, result)
        prompts_panel.render(challenges(book, data, placed), PAGE)
        _roles()
    page_components.next_step(step_ids.SUMMARY, "Next: the summary")


def _coverage(result: TeamResult) -> None:
    """Each craft in one line: how many of its skills somebody carries, and which fall short."""
    table = result.evidence[1]
    for index, row in enumerate(table.records()):
        covered, skills = (table.fact(index, name, "count").text for name in ("covered", "skills"))
        short = f" Short: {row['missing'].lower()}." if row["missing"] else ""
        unrated = f" Not rated yet: {table.fact(index, 'unrated', 'count').text}." if row["unrated"] else ""
        st.markdown(f"**{row['craft']}**: {covered} of {skills} skills reach what is asked.{short}{unrated}")


def _roles() -> None:
    with st.expander("The four skills of each role, and what good looks like", icon=":material/menu_book:"):
        for role in framework().roles.values():
            st.markdown(f"**{role.name}**")
            for skill in framework().role_skills(role.id):
                st.markdown(f"- **{skill.name}**: {skill.what_good_looks_like}")

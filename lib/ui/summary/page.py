"""The Summary page: the slides as they will leave, one button for the deck, the other files, the team's hand on it all."""

from __future__ import annotations

import streamlit as st

from lib.framework import step_ids
from lib.report.story import contested_terms
from lib.report.story.inputs import Inputs, Options
from lib.report.story.summary_model import Summary
from lib.ui import pages, session
from lib.ui.kit import fields, guard, page_components
from lib.ui.kit.evidence_view import plain
from lib.ui.summary import edit, files, preview, results

AUDIENCES = {"executive": "Executives", "board": "Board", "team": "The teams"}


def render() -> None:
    """Draw the page."""
    with guard.user_errors():
        page_components.page(pages.info(step_ids.SUMMARY).question, step_ids.SUMMARY)
        workbook = session.workbook()
        _options()
        inputs = results.inputs()
        before = results.before()
        options = Options.saved(workbook)
        made = results.summary(inputs, options, before)
        _missing(inputs, made)
        _two_meanings(inputs, made)
        files.downloads(made)
        page_components.section(
            "The slides",
            f"{len(made.messages) + 1} slides, in the order of the story. Numbers stay live: they change with your data.",
        )
        preview.show(made)
        edit.editor(inputs, options, before)
        files.fit_report(made)


def _options() -> None:
    """For whom, and what must not leave."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        with st.container(width="content"):
            fields.choice(
                "summary/audience",
                "Who is it for?",
                AUDIENCES,
                default="executive",
                style="buttons",
                help="Executives get the story; the board gets the answer and the decisions; the teams get everything.",
            )
        with st.popover("Hide before it leaves", icon=":material/visibility_off:"):
            fields.switch("summary/hide_names", "People's names", help="Replaced by their roles.")
            fields.switch("summary/hide_quotes", "What people said")
            fields.switch(
                "summary/hide_money",
                "Amounts of money",
                help="Charts of money become an index; shares and rates stay.",
            )
            floor = session.workbook().settings.floor
            st.markdown(f":small[Groups of fewer than {floor} people never leave as a row.]")
        with st.popover("What changed since…", icon=":material/history:"):
            results.since_field()


def _missing(inputs: Inputs, made: Summary) -> None:
    """Steps that could not speak yet, each with the page that mends it."""
    unclear = [key for key, step in inputs.steps.items() if step.result.verdict.status == "unclear"]
    silent = [key for key in step_ids.STEPS if key not in inputs.steps] + unclear
    if len(silent) >= len(step_ids.STEPS) and not inputs.workbook.datasets:
        page_components.empty(
            "No step has an answer yet, so the deck says what is missing.",
            "Bring a file or open the demo company, then walk the steps.",
            step_ids.DATA,
        )
        return
    if silent:
        with st.expander(
            f"{len(silent)} of {len(step_ids.STEPS)} steps cannot speak yet; the deck leaves without them",
            icon=":material/hourglass_empty:",
        ):
            for sentence in made.missing:
                st.markdown(f"- {plain(sentence)}")
            with st.container(horizontal=True):
                for key in silent:
                    pages.link(key)
    for warning in made.warnings:
        st.warning(plain(warning), icon=":material/info:")


def _two_meanings(inputs: Inputs, made: Summary) -> None:
    """Words of the finished slides that the two teams still read differently."""
    sentence = contested_terms.sentence(inputs.workbook, made.messages)
    if sentence:
        st.warning(plain(sentence), icon=":material/contrast:")
        pages.link(step_ids.TRANSLATION, "Agree on one meaning")

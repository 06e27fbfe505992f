"""Insights, product marketing's why: what customers said or did, and which of them have led to no idea yet."""

from __future__ import annotations

from typing import Any

import streamlit as st

from lib.ui import session
from lib.ui.kit import page_components, table

OPEN = "experiments.ideas.open"  # the idea that is open for editing
SOURCES = {
    "sales call": "Sales call",
    "demo": "Demo",
    "exit survey": "Exit survey",
    "support": "Support",
    "interview": "Interview",
    "survey": "Survey",
    "data": "Our data",
    "other": "Other",
}


def render() -> None:
    """Draw the table of insights, and what is one click from an idea."""
    book = session.workbook()
    page_components.section(
        "Insights: why people act",
        "What customers said or did. An idea with an insight behind it is worth more than one without.",
    )
    if book.insights:
        columns = {
            "text": table.EditorColumn("What we saw", width="medium"),
            "source": table.EditorColumn("Source", "choice", SOURCES, width="small"),
            "quote": table.EditorColumn("In their words", width="medium"),
            "persona": table.EditorColumn("Who", width="small"),
            "theme": table.EditorColumn("Theme", width="small"),
            "strength": table.EditorColumn(
                "Strength",
                "number",
                low=1,
                high=5,
                width="small",
                help="1 one remark, 3 several people, 5 most people we asked",
            ),
        }
        table.edit(
            "insights",
            book.insights,
            columns,
            "experiments.insights",
            add="Add an insight",
            new_row={"text": "New insight", "strength": 1, "by": session.author()},
            alt="Insights",
        )
        _unused()
    else:
        st.button(
            "Add the first insight",
            icon=":material/add:",
            key="experiments.insights.first",
            on_click=_add_insight,
        )


def _unused() -> None:
    """Insights that no idea builds on yet, the strongest first, each one click from an idea."""
    book = session.workbook()
    used = {id for idea in book.ideas.values() for id in idea.insights}
    waiting = sorted(
        ((id, one) for id, one in book.insights.items() if id not in used and one.text),
        key=lambda item: -item[1].strength,
    )
    if not waiting:
        st.markdown(":green[:material/link: Every insight has led to an idea.]")
        return
    st.markdown(
        f"**{len(waiting)} insight{'' if len(waiting) == 1 else 's'} without an idea yet.** Strongest first:"
    )
    for id, one in waiting[:2]:
        st.button(
            f"Turn into an idea: {one.text[:60]}",
            icon=":material/arrow_forward:",
            type="tertiary",
            key=f"experiments.insight.{id}.idea",
            on_click=_from_insight,
            args=(id, one.text),
        )


def _from_insight(insight: str, text: str) -> None:
    id = session.new_id("idea")
    answers: list[tuple[str, Any]] = [
        (f"ideas/{id}/name", text[:60]),
        (f"ideas/{id}/because", text),
        (f"ideas/{id}/insights", [insight]),
    ]
    if session.save_all([*answers, *owners(id)], note="Turn an insight into an idea"):
        session.put(OPEN, id)


def owners(id: str) -> list[tuple[str, Any]]:
    """Both leads as owners of a new idea, where they are named: answers to save.

    Args:
        id: Record id of the idea.
    """
    settings = session.workbook().settings
    named = {"marketing_owner": settings.marketing_lead, "growth_owner": settings.growth_lead}
    return [(f"ideas/{id}/{field}", name) for field, name in named.items() if name]


def _add_insight() -> None:
    head = f"insights/{session.new_id('insight')}"
    session.save_all(
        [(f"{head}/text", "New insight"), (f"{head}/by", session.author())], note="Add an insight"
    )

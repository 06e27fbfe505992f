"""Before and after an agreement: shown where a contract stands, and loud on the day it is to be looked at again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import streamlit as st

from lib.analysis.handoff.before_after import Review
from lib.engine.calendar import iso_day
from lib.engine.evidence import formats
from lib.framework import step_ids
from lib.ui import pages, session
from lib.ui.kit import fields, page_components
from lib.ui.kit.evidence_view import plain


def since(prefix: str, agreed_on: str, parts: Sequence[str]) -> dt.date | None:
    """From when a contract applies: the day the team named, else the day its last part was agreed.

    Args:
        prefix: "contracts/trial_starts" or "handoffs/main".
        agreed_on: What the team named, "" for nothing.
        parts: Fields whose change is a new agreement.
    """
    if agreed_on:
        return iso_day(agreed_on)
    answers = session.snapshot().answers
    dates = [
        answers[key].at
        for part in parts
        if (key := f"{prefix}/{part}") in answers and answers[key].value not in (None, "", [])
    ]
    return iso_day(max(dates, default=""))


def dates(key: str) -> None:
    """Since when an agreement applies, and when it is looked at again.

    Args:
        key: "contracts/trial_starts" or "handoffs/main".
    """
    first, second = st.columns(2)
    with first:
        fields.date(f"{key}/agreed_on", "Applies since", help="Before and after are compared at this day.")
    with second:
        fields.date(
            f"{key}/review_on",
            "Look at it again on",
            help="On this day the workbook brings it back with fresh data.",
        )


def is_due(review_on: str) -> bool:
    """Whether the day to look at it again has come."""
    return bool(review_on) and review_on <= dt.datetime.now(dt.UTC).date().isoformat()


def draw(found: Review | None, review_on: str, key: str) -> None:
    """Before and since, how fresh the data are, and where to open newer ones."""
    if found is None:
        return
    due = is_due(review_on)
    if not due and found.verdict.code == "too_early":
        st.markdown(
            f":small[:material/event_upcoming: Before and since it was agreed: {plain(found.verdict.text)}]"
        )
        return
    with st.container(border=True, key=f"review-{'due' if due else 'open'}-{key}"):
        head = "Time to look at it again" if due else "Before and since it was agreed"
        word, icon, colour = page_components.STATUS[found.verdict.status]
        st.badge(f"{head}: {word.lower()}", icon=icon, color=colour)  # type: ignore[arg-type]
        st.markdown(
            f"**{plain(found.verdict.text)}**"
            + (f" To tell: {plain(found.verdict.needs)}." if found.verdict.needs else "")
        )
        stale = review_on if due and found.last.isoformat() < review_on else ""
        if stale:
            st.markdown(
                f":material/warning: The data end on {formats.write(found.last, 'date')}, before the day of the review "
                f"({formats.write(stale, 'date')})."
            )
        with st.container(horizontal=True, vertical_alignment="center"):
            page_components.evidence(found.table, key=f"review-{key}")
        if stale or found.verdict.code == "too_early":
            pages.link(step_ids.DATA, "Open a newer file")

"""Promises with an owner and a date: those that are due come up again on the start page, all of them on one list."""

from __future__ import annotations

import datetime as dt
import zoneinfo

import streamlit as st

from lib.ui import session
from lib.ui.kit import table
from lib.ui.kit.evidence_view import plain
from lib.workbook.model import Action, Workbook

_AGAIN_DAYS = 14


def today() -> str:
    """Today in the workbook's time zone, ISO 8601."""
    try:
        zone: dt.tzinfo = zoneinfo.ZoneInfo(session.workbook().settings.time_zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        zone = dt.UTC
    return dt.datetime.now(zone).date().isoformat()


def due(book: Workbook, day: str) -> list[tuple[str, Action]]:
    """Open actions whose date has come, longest waiting first.

    Args:
        book: The workbook.
        day: ISO date; an action due on it counts.
    """
    found = [
        (id, action)
        for id, action in book.actions.items()
        if action.text and not action.done and action.due and action.due[:10] <= day
    ]
    return sorted(found, key=lambda item: (item[1].due, item[0]))


def remind(book: Workbook) -> None:
    """What is due now, each to be called done or given another date."""
    found = due(book, today())
    if not found:
        return
    with st.container(border=True, key="actions-due"):
        count = "1 action is" if len(found) == 1 else f"{len(found)} actions are"
        st.markdown(f":material/event_upcoming: **{count} due.** Done, or when instead?")
        for id, action in found[:7]:
            with st.container(horizontal=True, vertical_alignment="center", key=f"actions-due-{id}"):
                who = plain(action.owner) or "Nobody yet"
                st.markdown(f"{plain(action.text)}  \n:small[{who}, due {action.due[:10]}]", width="stretch")
                st.button(
                    "Done",
                    key=f"actions.done.{id}",
                    icon=":material/check:",
                    on_click=session.saving,
                    args=([(f"actions/{id}/done", True)], f"Done: {action.text}"),
                )
                later = dt.date.fromisoformat(today()) + dt.timedelta(days=_AGAIN_DAYS)
                st.button(
                    "In two weeks",
                    key=f"actions.later.{id}",
                    icon=":material/snooze:",
                    on_click=session.saving,
                    args=([(f"actions/{id}/due", later.isoformat())], f"Later: {action.text}"),
                )
        if len(found) > 7:
            st.markdown(f":small[{len(found) - 7} more on the Workbook page, under Actions.]")


def draw() -> None:
    """All actions, to add, change and call done."""
    st.markdown("What somebody promised, by when. On its date an action comes up again on the start page.")
    columns = {
        "text": table.EditorColumn("What", width="large"),
        "owner": table.EditorColumn("Who"),
        "due": table.EditorColumn("By when", "date"),
        "done": table.EditorColumn("Done", "switch"),
    }
    table.edit(
        "actions",
        session.workbook().actions,
        columns,
        "workbook.actions",
        add="Add an action",
        new_row={"text": "New action", "due": today()},
        alt="Actions with owner and date",
    )

"""When two people change the same answer at once: show both, let the second one choose."""

from __future__ import annotations

import datetime as dt
from typing import Any

import streamlit as st

from lib.ui import session
from lib.ui.kit import save_status
from lib.ui.kit.evidence_view import plain
from lib.workbook.events import Conflict
from lib.workbook.history import write


def ago(at: str) -> str:
    """A time as people say it: "4 s ago", "12 min ago", "3 h ago", "12 Oct 2026".

    Args:
        at: ISO 8601 UTC.
    """
    then = dt.datetime.fromisoformat(at)
    seconds = max(0, round((dt.datetime.now(dt.UTC) - then).total_seconds()))
    if seconds < 60:
        return f"{seconds} s ago"
    if seconds < 3600:
        return f"{seconds // 60} min ago"
    return f"{seconds // 3600} h ago" if seconds < 86400 else f"{then.day} {then:%b %Y}"


def draw_conflict(widget: str, conflict: Conflict) -> None:
    """Both versions and two buttons."""
    with st.container(border=True, key=f"clash.{widget}"):
        # Two windows of one person clash as well.
        who = (
            "You, in another window,"
            if conflict.by in (session.author(), session.guest())
            else plain(conflict.by)
        )
        st.markdown(f"**{who} changed this {ago(conflict.at)}.** Nothing is overwritten until you choose.")
        st.text(f"Theirs: {write(conflict.theirs) or '(empty)'}\nYours: {write(conflict.mine) or '(empty)'}")
        with st.container(horizontal=True):
            st.button("Keep mine", key=f"{widget}.keep", on_click=_keep, args=(widget, conflict))
            st.button("Take theirs", key=f"{widget}.take", on_click=_take, args=(widget, conflict))


def _keep(widget: str, conflict: Conflict) -> None:
    _settle(widget, [(conflict.key, conflict.mine)], conflict.rev)


def _take(widget: str, conflict: Conflict) -> None:
    _settle(widget, [], conflict.rev)


def _settle(widget: str, changes: list[tuple[str, Any]], base: int) -> None:
    session.set_conflict(widget, None)
    if changes:
        done = session.commit(changes, {changes[0][0]: base})
        if done.conflicts:
            session.set_conflict(widget, done.conflicts[0])
            return
    session.drop(f"seen.{widget}")  # drawn from the workbook again
    save_status.follow(widget)

"""When two people change the same answer at once: show both, let the second one choose."""

from __future__ import annotations

import datetime as dt
from typing import Any

import streamlit as st

from lib.ui import session
from lib.ui.kit import save_status
from lib.ui.kit.evidence_view import plain
from lib.workbook.events import Clash
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


def draw_clash(widget: str, clash: Clash) -> None:
    """Both versions and two buttons."""
    with st.container(border=True, key=f"clash.{widget}"):
        # Two windows of one person clash as well.
        who = (
            "You, in another window," if clash.by in (session.author(), session.guest()) else plain(clash.by)
        )
        st.markdown(f"**{who} changed this {ago(clash.at)}.** Nothing is overwritten until you choose.")
        st.text(f"Theirs: {write(clash.theirs) or '(empty)'}\nYours: {write(clash.mine) or '(empty)'}")
        with st.container(horizontal=True):
            st.button("Keep mine", key=f"{widget}.keep", on_click=_keep, args=(widget, clash))
            st.button("Take theirs", key=f"{widget}.take", on_click=_take, args=(widget, clash))


def _keep(widget: str, clash: Clash) -> None:
    _settle(widget, [(clash.key, clash.mine)], clash.rev)


def _take(widget: str, clash: Clash) -> None:
    _settle(widget, [], clash.rev)


def _settle(widget: str, changes: list[tuple[str, Any]], base: int) -> None:
    session.set_clash(widget, None)
    if changes:
        done = session.commit(changes, {changes[0][0]: base})
        if done.clashes:
            session.set_clash(widget, done.clashes[0])
            return
    session.drop(f"seen.{widget}")  # drawn from the workbook again
    save_status.follow(widget)

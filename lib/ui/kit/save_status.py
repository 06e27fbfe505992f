"""The sidebar's word that everything is saved, and how a page catches up with what was saved.

After a save the whole page is drawn again, because a verdict or a finding may read differently now. While a room full of people
save at the same time, that would make everybody wait for everybody's page: then a save is answered by drawing the
field alone, or the sidebar's part, and the page follows as soon as its visitor pauses.
"""

from __future__ import annotations

import datetime as dt
import time
import zoneinfo

import streamlit as st

from lib.ui import session
from lib.ui.kit.evidence_view import plain
from lib.ui.web import admission

PAUSE = 2.5  # seconds without a save after which the page is drawn
PATIENCE = 6.0  # seconds after which it is drawn in a crowd as well
AT_LATEST = 60.0  # seconds a page may be behind while its visitor goes on typing without a pause
PAGE, ALONE, PART = "page", "alone", "part"
_KEY = "frame-saved"
_BEHIND = "saved.behind"  # (first, last) save the page has not followed yet, monotonic seconds
_TIMER = "saved.timer"  # (which field waits for the pause, when it was last heard of)
_TURN = "saved.turn"


@admission.fragment(key=_KEY)
def render() -> None:
    """Draw when and by whom the workbook was saved last, undo and redo."""
    snapshot = session.snapshot()
    if not snapshot.id:
        st.markdown(":small[Nothing saved yet. Your first answer makes a workbook.]")
        return
    undo, redo = session.store().can(snapshot.id, author=session.author(), also=(session.guest(),))
    with st.container(horizontal=True, gap="small", key="frame-undo"):
        st.button(
            "Undo",
            icon=":material/undo:",
            key="frame.undo",
            disabled=not undo,
            help=undo or "Nothing to undo",
            on_click=_turn,
            args=("undo",),
            type="tertiary",
        )
        st.button(
            "Redo",
            icon=":material/redo:",
            key="frame.redo",
            disabled=not redo,
            help=redo or "Nothing to redo",
            on_click=_turn,
            args=("redo",),
            type="tertiary",
        )
    by = "you" if snapshot.saved_by in (session.author(), session.guest()) else snapshot.saved_by
    st.markdown(f":small[:material/cloud_done: Saved {clock(snapshot.saved_at)} by {plain(by)}]")
    pause(_KEY)


def follow(widget: str) -> None:
    """Have the page drawn after a field was saved; called in the field's callback. Under load that is put off.

    Args:
        widget: Key of the field, whose place `place` noted.

    Raises:
        RerunException: Streamlit's own: something else is drawn than what the field would have drawn.
    """
    where = session.get(f"place.{widget}", PAGE)
    if where == PART:
        return
    now = time.monotonic()
    first, _ = session.get(_BEHIND) or (now, now)
    if now - first < AT_LATEST and (admission.is_crowded() or admission.is_saturated()):
        session.put(_BEHIND, (first, now))
        if where == PAGE:
            st.rerun(_KEY)
    elif where == ALONE:
        st.rerun()


def place(widget: str, where: str) -> None:
    """Note where a field stands.

    Args:
        widget: Its key.
        where: PAGE, ALONE (in a fragment that ends with `pause`) or PART (of a larger fragment, drawn again with it).
    """
    session.put(f"place.{widget}", where)


def pause(owner: str) -> None:
    """Where the page is behind: wait for the pause in which it is drawn. Draws nothing to see.

    Args:
        owner: The field, or the part of the page, that this is called for. One of them waits for all.
    """
    if not session.get(_BEHIND):
        return
    now = time.monotonic()
    holder, heard_of = session.get(_TIMER) or ("", 0.0)
    if holder not in ("", owner) and now - heard_of < 2 * PAUSE:
        return
    session.put(_TIMER, (owner, now))
    turn = not session.get(_TURN, False)
    session.put(_TURN, turn)
    if turn:  # at another place than before it is another fragment, so the browser counts the pause anew
        st.empty()
    _follow()


def caught_up() -> None:
    """Note that the whole page is drawn now."""
    session.drop(_BEHIND)
    session.drop(_TIMER)


def clock(at: str) -> str:
    """A time of day in the workbook's time zone, with the date when it was not today.

    Args:
        at: ISO 8601 UTC.
    """
    try:
        zone: dt.tzinfo = zoneinfo.ZoneInfo(session.workbook().settings.time_zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        zone = dt.UTC
    then = dt.datetime.fromisoformat(at).astimezone(zone)
    is_today = then.date() == dt.datetime.now(zone).date()
    return f"{then:%H:%M}" if is_today else f"{then.day} {then:%b %H:%M}"


# ---- inside --------------------------------------------------------------------------------------------------------


@admission.fragment(run_every=PAUSE)
def _follow() -> None:
    first, last = session.get(_BEHIND) or (0.0, 0.0)
    quiet = time.monotonic() - last
    if first and quiet > PAUSE / 2:  # not while it is put up: that is the save itself
        session.put(_TIMER, ((session.get(_TIMER) or ("", 0.0))[0], time.monotonic()))
        if quiet > PATIENCE or not admission.is_crowded():
            st.rerun()


def _turn(way: str) -> None:
    session.turn(way)
    st.rerun()  # an answer anywhere on the page may have changed

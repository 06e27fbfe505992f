"""How an input is bound to one answer of the workbook: filled from what is saved, saved at once, refused or asked about.

Every field of `fields` is drawn by `drawn`; one whose widget depends on what is saved calls the steps itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import streamlit as st

from lib.errors import UserError
from lib.ui import session
from lib.ui.kit import save_status as catch_up
from lib.ui.kit.conflict import draw_conflict
from lib.ui.web import admission
from lib.workbook.model import RECORDS, SINGLES

T = TypeVar("T")
_MISSING = object()


def widget_key(key: str) -> str:
    """The widget's key for an answer: `.st-key-answer-settings-company` in the page."""
    return "answer." + key.replace("/", ".")


def typed(key: str, draw: Callable[[], T]) -> T:
    """Draw a field that people type into as a fragment of its own: in a crowd what they type draws it alone."""
    return draw() if admission.is_in_fragment() else _alone(widget_key(key), draw)


@admission.fragment()
def _alone(widget: str, draw: Callable[[], T]) -> T:
    value = draw()
    catch_up.place(widget, catch_up.ALONE)
    catch_up.pause(widget)
    return value


def drawn(
    make: Callable[..., Any],
    key: str,
    label: str,
    default: Any,
    encode: Callable[[Any], Any],
    decode: Callable[[Any], Any],
    **how: Any,
) -> Any:
    """Draw one widget for an answer and return its value as the workbook keeps it.

    Args:
        make: Draws the widget: `st.text_input`.
        key: The answer.
        label: What is asked.
        default: Shown while nothing is saved.
        encode: From what is kept to what the widget shows.
        decode: Back again; raises UserError for what does not fit.
        how: What else the widget takes.
    """
    widget = hydrate(key, default, encode)
    make(label, key=widget, on_change=commit, args=(key, widget, decode), **how)
    return after(widget, decode)


def _model_default(key: str) -> Any:
    """What the workbook assumes while an answer is missing."""
    section, _, rest = key.partition("/")
    type_ = RECORDS.get(section) or SINGLES.get(section)
    field = type_.model_fields.get(rest.rpartition("/")[2]) if type_ else None
    return field.get_default(call_default_factory=True) if field else None


def hydrate(key: str, default: Any, encode: Callable[[Any], Any]) -> str:
    """Put the saved answer into the widget, unless the visitor is in the middle of something newer."""
    widget = widget_key(key)
    catch_up.place(widget, catch_up.PART if admission.is_in_fragment() else catch_up.PAGE)
    snapshot = session.snapshot()
    stands = (snapshot.id, snapshot.rev_of(key))
    known = session.get(f"seen.{widget}")
    has_widget = session.get(widget, _MISSING) is not _MISSING
    if has_widget and (widget in session.conflicts() or session.get(f"refused.{widget}")):
        return widget
    if not has_widget or known != stands:
        fallback = default if default not in (None, "", []) else _model_default(key)
        session.put(widget, encode(snapshot.value(key, fallback if fallback is not None else default)))
        session.put(f"seen.{widget}", stands)
    return widget


def commit(key: str, widget: str, decode: Callable[[Any], Any]) -> None:
    """Save the widget's value; runs as its callback, before the page is drawn again."""
    session.drop(f"refused.{widget}")
    try:
        value = decode(session.get(widget))
        base = session.get(f"seen.{widget}", ("", 0))[1]
        saved = session.commit([(key, value)], {key: base})
    except UserError as error:
        session.put(f"refused.{widget}", str(error))
        return
    if saved.conflicts:
        session.set_conflict(widget, saved.conflicts[0])
        return
    session.put(f"seen.{widget}", (session.snapshot().id, session.snapshot().rev_of(key)))
    catch_up.follow(widget)


def after(widget: str, decode: Callable[[Any], Any]) -> Any:
    """Draw what went wrong beneath a widget and return its value as the workbook keeps it."""
    refused = session.get(f"refused.{widget}")
    if refused:
        st.error(refused, icon=":material/error:")
    if widget in session.conflicts():
        draw_conflict(widget, session.conflicts()[widget])
    try:
        return decode(session.get(widget))
    except UserError:
        return None


def suggest(key: str, widget: str, suggestion: str) -> None:
    """Offer a value to take over with one click while nothing is there."""
    if suggestion and not session.get(widget):
        st.button(
            f"Use: {suggestion}",
            key=f"{widget}.suggest",
            type="tertiary",
            icon=":material/lightbulb:",
            on_click=_take_over,
            args=(key, widget, suggestion),
        )


def _take_over(key: str, widget: str, suggestion: str) -> None:
    if session.save(key, suggestion):
        catch_up.follow(widget)
    else:
        st.rerun()  # the page says why

"""Inputs bound to one answer of the workbook: they show what is saved, and save at once when changed.

Every input takes the answer's key and a label. It starts from the saved answer (or `default`), refuses a value that does
not fit with a sentence beneath it, and where somebody else changed the same answer meanwhile it shows both and asks.
The return value is the value on screen, in the form the workbook keeps it.

    fields.text("settings/company", "Company")
    fields.choice(f"metrics/{id}/kind", "Kind", {"process": "Process", "outcome": "Outcome", "shared": "Shared"})
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from lib.engine.calendar import iso_day
from lib.errors import UserError
from lib.ui import session
from lib.ui.kit import contested_terms
from lib.ui.kit import field_binding as binding

_PLAIN = (str, int, float, bool)
_RADIO_UP_TO = 4  # more options than this are a list to open


def text(
    key: str,
    label: str,
    *,
    default: str = "",
    placeholder: str = "",
    help: str | None = None,
    max_chars: int | None = None,
    suggestion: str = "",
    hide_label: bool = False,
) -> str:
    """One line of text, saved while typing pauses.

    Args:
        key: The answer.
        label: What is asked.
        default: Shown while nothing is saved; not saved by itself.
        placeholder: Example in grey.
        help: Tooltip.
        max_chars: Longest text.
        suggestion: A value to take over with one click while nothing is saved.
        hide_label: Keep the label for screen readers only.
    """
    return _words(
        st.text_input,
        key,
        label,
        default,
        suggestion,
        placeholder=placeholder or None,
        help=help,
        max_chars=max_chars,
        live="600ms",
        label_visibility=_visibility(hide_label),
    )


def long_text(
    key: str,
    label: str,
    *,
    default: str = "",
    placeholder: str = "",
    help: str | None = None,
    height: int | None = None,
    max_chars: int | None = None,
    suggestion: str = "",
    hide_label: bool = False,
) -> str:
    """Several lines of text; saved when the cursor leaves it (Streamlit sends it no earlier: the help says so)."""
    hint = f"{help} " if help else ""
    return _words(
        st.text_area,
        key,
        label,
        default,
        suggestion,
        placeholder=placeholder or None,
        max_chars=max_chars,
        help=hint + "Saved when you leave the field or press Ctrl+Enter.",
        height=height or "content",
        label_visibility=_visibility(hide_label),
    )


def lines(
    key: str,
    label: str,
    *,
    default: Sequence[str] = (),
    placeholder: str = "One per line",
    help: str | None = None,
) -> list[str]:
    """A list of short texts, one per line."""

    def draw() -> list[str]:
        how: dict[str, Any] = {"placeholder": placeholder, "help": help, "height": "content"}
        return list(binding.drawn(st.text_area, key, label, list(default), _joined, _split, **how) or [])

    return binding.typed(key, draw)


def number(
    key: str,
    label: str,
    *,
    default: float | None = None,
    low: float | None = None,
    high: float | None = None,
    step: float | None = None,
    format: str | None = None,
    unit: str = "",
    help: str | None = None,
    whole: bool = False,
) -> float | int | None:
    """A number, or nothing.

    Args:
        key: The answer.
        label: What is asked; `unit` is added in brackets.
        default: Shown while nothing is saved.
        low: Smallest allowed.
        high: Largest allowed.
        step: Step of the arrows.
        format: printf format of the number on screen.
        unit: "hours", "users per week".
        help: Tooltip.
        whole: Keep an integer.
    """
    kind: Callable[[Any], float | int] = int if whole else float
    decode = _limits(label, low, high, kind)

    def draw() -> float | int | None:
        return binding.drawn(
            st.number_input,
            key,
            f"{label} ({unit})" if unit else label,
            default,
            lambda value: None if value is None else kind(value),
            decode,
            value=None,
            help=help,
            format=format,
            min_value=None if low is None else kind(low),
            max_value=None if high is None else kind(high),
            step=kind(step) if step else (1 if whole else None),
        )

    return binding.typed(key, draw)


def percent(
    key: str,
    label: str,
    *,
    default: float | None = None,
    low: float = 0,
    high: float = 100,
    help: str | None = None,
) -> float | None:
    """A share: typed as percent, kept as 0..1. `low` and `high` are percent."""
    check = _limits(label, low, high, float)

    def decode(value: float | None) -> float | None:
        return None if check(value) is None or value is None else round(value / 100, 10)

    def draw() -> float | None:
        return binding.drawn(
            st.number_input,
            key,
            f"{label} (%)",
            default,
            lambda value: None if value is None else round(float(value) * 100, 8),
            decode,
            value=None,
            min_value=float(low),
            max_value=float(high),
            step=1.0,
            format="%.4g",
            help=help,
        )

    return binding.typed(key, draw)


def choice(
    key: str,
    label: str,
    options: Mapping[Any, str],
    *,
    default: Any = None,
    help: str | None = None,
    style: str = "",
    none: bool = False,
    hide_label: bool = False,
) -> Any:
    """One of several.

    Args:
        key: The answer.
        label: What is asked.
        options: Value kept -> what people read. A saved value that is not offered is still shown.
        default: Shown while nothing is saved; not saved by itself.
        help: Tooltip.
        style: "" picks buttons for up to four short options and a list otherwise; "buttons", "radio", "list".
        none: Whether it may be cleared again.
        hide_label: Keep the label for screen readers only.
    """
    # A list or a record can only stand there in a file made by hand; it is no choice.
    widget = binding.hydrate(key, default, lambda value: value if isinstance(value, _PLAIN) else None)
    names = _with_current(options, [session.get(widget)])
    if session.get(widget) not in names:
        session.put(widget, None)
    is_short = len(names) <= _RADIO_UP_TO and sum(map(len, names.values())) <= 60
    style = style or ("buttons" if is_short else "list")
    common: dict[str, Any] = {
        "options": list(names),
        "key": widget,
        "help": help,
        "format_func": lambda value: names.get(value, str(value)),
        "label_visibility": _visibility(hide_label),
        "on_change": binding.commit,
        "args": (key, widget, _same),
    }
    if style == "buttons":
        st.segmented_control(label, required=not none and session.get(widget) is not None, **common)
    elif style == "radio":
        st.radio(label, index=None, **common)
    else:
        # Without `none` an answer can be changed but not taken away: no cross in the list.
        is_open = none or session.get(widget) is None
        st.selectbox(label, index=None if is_open else 0, placeholder="Choose", **common)
    return binding.after(widget, _same)


def multi(
    key: str,
    label: str,
    options: Mapping[str, str],
    *,
    default: Sequence[str] = (),
    help: str | None = None,
    new: bool = False,
    most: int | None = None,
    placeholder: str = "Choose",
    hide_label: bool = False,
) -> list[str]:
    """Several of several.

    Args:
        key: The answer.
        label: What is asked.
        options: Value kept -> what people read. Saved values that are not offered are still shown.
        default: Shown while nothing is saved.
        help: Tooltip.
        new: Whether people may type values of their own.
        most: How many at most.
        placeholder: Shown while empty.
        hide_label: Keep the label for screen readers only.
    """
    widget = binding.hydrate(key, list(default), lambda value: list(value or []))
    names = _with_current(options, session.get(widget) or [])
    st.multiselect(
        label,
        options=list(names),
        key=widget,
        help=help,
        accept_new_options=new,
        max_selections=most,
        format_func=lambda value: names.get(value, str(value)),
        placeholder=placeholder,
        label_visibility=_visibility(hide_label),
        on_change=binding.commit,
        args=(key, widget, list),
    )
    return list(binding.after(widget, list) or [])


def date(key: str, label: str, *, default: str = "", help: str | None = None) -> str:
    """A day, kept as "2026-10-12"; "" for none."""
    return str(binding.drawn(st.date_input, key, label, default, iso_day, _iso, value=None, help=help) or "")


def switch(key: str, label: str, *, default: bool = False, help: str | None = None) -> bool:
    """Yes or no."""
    return bool(binding.drawn(st.toggle, key, label, default, bool, bool, help=help))


# ---- inside --------------------------------------------------------------------------------------------------------


def _words(make: Callable[..., Any], key: str, label: str, default: str, suggestion: str, **how: Any) -> str:
    """Draw a field of words with the widget that `make` makes, as `how` says.

    Words in it that the two teams still read differently are named beneath.
    """

    def draw() -> str:
        widget = binding.hydrate(key, default, str)
        make(label, key=widget, on_change=binding.commit, args=(key, widget, str.strip), **how)
        binding.suggest(key, widget, suggestion)
        words = str(binding.after(widget, str.strip) or "")
        contested_terms.draw(key, words)
        return words

    return binding.typed(key, draw)


def _with_current(options: Mapping[Any, str], current: Sequence[Any]) -> dict[Any, str]:
    unknown = [value for value in current if value is not None and value not in options]
    return apart({**options, **{value: str(value) for value in unknown}})


def apart(names: Mapping[Any, str]) -> dict[Any, str]:
    """Labels that differ: a list of Streamlit's tells its options apart by their labels alone.

    >>> apart({"a": "NPS", "b": "NPS", "c": "CAC"})
    {'a': 'NPS (a)', 'b': 'NPS (b)', 'c': 'CAC'}
    """
    counts = Counter(names.values())
    return {
        value: f"{name} ({str(value)[:12]})" if counts[name] > 1 else name for value, name in names.items()
    }


def _limits(
    label: str, low: float | None, high: float | None, kind: Callable[[Any], Any]
) -> Callable[[Any], Any]:
    def decode(value: float | None) -> Any:
        if value is None:
            return None
        if (low is not None and value < low) or (high is not None and value > high):
            bounds = " and ".join(f"{end:,g}" for end in (low, high) if end is not None)
            raise UserError(f"{label} is outside {bounds}.", "Enter a number within these limits.")
        return kind(value)

    return decode


def _visibility(hide: bool) -> Any:
    return "collapsed" if hide else "visible"


def _same(value: Any) -> Any:
    return value


def _joined(value: Sequence[str] | None) -> str:
    return "\n".join(value or [])


def _split(value: str | None) -> list[str]:
    return [line.strip() for line in (value or "").splitlines() if line.strip()]


def _iso(value: dt.date | None) -> str:
    return value.isoformat() if value else ""

"""One script at a time: admission control without which thirty live visitors bring the server down.

Everything a run does happens inside the gate, except work that is announced as long: that steps outside, so that the
others do not wait for it. The gate knows how full it is, so that a page may put off what nobody waits for.
"""

from __future__ import annotations

import functools
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

_WINDOW = 4.0  # seconds that count as "now" in `is_crowded`
_FULL = 0.35  # share of that time from which on one more full run makes others wait more often than not
_gate = threading.BoundedSemaphore(1)
_held = threading.local()
_waiting: set[int] = set()
_runs: deque[tuple[float, float, str]] = deque(maxlen=4000)  # (end, seconds inside, visit)


@contextmanager
def inside() -> Iterator[None]:
    """Run the body alone. Entering it again from within is harmless."""
    if _is_mine():
        yield
        return
    _enter()
    try:
        yield
    finally:
        _leave()


@contextmanager
def long_work(label: str) -> Iterator[None]:
    """Show a spinner and let other visitors in while the body runs (reading a file, a cold query, a deck).

    Args:
        label: What is happening, "Reading your file".
    """
    with st.spinner(label + "…"):
        was_mine = _is_mine()
        if was_mine:
            _leave()
        try:
            yield
        finally:
            if was_mine:
                _enter()


def is_crowded() -> bool:
    """Whether others keep the server so busy that one more full run would make them wait."""
    if len(_waiting) > 1:
        return True
    me, since = _visit(), time.monotonic() - _WINDOW
    taken = sum(seconds for end, seconds, visit in tuple(_runs) if end >= since and visit != me)
    return taken > _FULL * _WINDOW


def fragment(
    *, run_every: float | None = None, key: str | None = None
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """`st.fragment` whose runs pass the gate. Use it wherever a fragment is wanted."""

    def wrap(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def gated(*args: Any, **kwargs: Any) -> Any:
            outer = is_in_fragment()
            _held.in_fragment = True
            try:
                with inside():
                    return function(*args, **kwargs)
            finally:
                _held.in_fragment = outer

        return st.fragment(gated, run_every=run_every, key=key)

    return wrap


def is_in_fragment() -> bool:
    """Whether what is drawn now belongs to a fragment, and so is drawn again without its page."""
    return getattr(_held, "in_fragment", False)


# ---- inside --------------------------------------------------------------------------------------------------------


def _is_mine() -> bool:
    return getattr(_held, "is_mine", False)


def _enter() -> None:
    me = threading.get_ident()
    _waiting.add(me)
    _gate.acquire()
    _waiting.discard(me)
    _held.is_mine, _held.since = True, time.monotonic()


def _leave() -> None:
    end = time.monotonic()
    _runs.append((end, end - _held.since, _visit()))
    _held.is_mine = False
    _gate.release()


def _visit() -> str:
    # Not from the session's state: reading that may end the run, and the gate must be left in any case.
    context = get_script_run_ctx(suppress_warning=True)
    return context.session_id if context else ""

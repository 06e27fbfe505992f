"""One script at a time: admission control without which thirty live visitors bring the server down.

Everything a run does happens inside the gate, except work that is announced as long: that steps outside, so that the
others do not wait for it. A part of a page goes before whole pages, since it is short and somebody is typing in it. The
gate knows how full it is, so that a page may put off what nobody waits for.
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
_FULL = 0.15  # share of that time from which on others would notice one more full run
_LATELY = 20.0  # seconds that count in `is_saturated`
_MANY = 15
_held = threading.local()
_runs: deque[tuple[float, float, str]] = deque(maxlen=4000)  # (end, seconds inside, visit)


class _Admission:
    """A lock that is handed on: first to those who take little time, in the order they came, then to the others."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_taken = False
        self._short: deque[threading.Lock] = deque()
        self._long: deque[threading.Lock] = deque()

    def enter(self, *, is_short: bool) -> None:
        with self._lock:
            if not self._is_taken:
                self._is_taken = True
                return
            turn = threading.Lock()
            turn.acquire()
            (self._short if is_short else self._long).append(turn)
        turn.acquire()

    def leave(self) -> None:
        with self._lock:
            line = self._short or self._long
            if line:
                line.popleft().release()
            else:
                self._is_taken = False

    @property
    def waiting(self) -> int:
        return len(self._short) + len(self._long)


_gate = _Admission()


@contextmanager
def inside(*, is_short: bool = False) -> Iterator[None]:
    """Run the body alone. Entering it again from within is harmless.

    Args:
        is_short: It takes little time: it goes before what takes longer.
    """
    if _is_mine():
        yield
        return
    _enter(is_short=is_short)
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
                _enter(is_short=False)


def is_crowded() -> bool:
    """Whether others keep the server so busy that one more full run would make them wait."""
    if _gate.waiting > 1:
        return True
    me = _visit()
    return sum(seconds for seconds, visit in _lately(_WINDOW) if visit != me) > _FULL * _WINDOW


def is_saturated() -> bool:
    """Whether so many people have been busy lately that full runs of all at once would make each other wait."""
    return len({visit for _, visit in _lately(_LATELY)}) > _MANY


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
                with inside(is_short=True):
                    return function(*args, **kwargs)
            finally:
                _held.in_fragment = outer

        return st.fragment(gated, run_every=run_every, key=key)

    return wrap


def is_in_fragment() -> bool:
    """Whether what is drawn now belongs to a fragment, and so is drawn again without its page."""
    return getattr(_held, "in_fragment", False)


# ---- inside --------------------------------------------------------------------------------------------------------


def _lately(window: float) -> list[tuple[float, str]]:
    """(seconds inside, visit) of the runs that ended within the last `window` seconds."""
    since = time.monotonic() - window
    return [(seconds, visit) for end, seconds, visit in tuple(_runs) if end >= since]


def _is_mine() -> bool:
    return getattr(_held, "is_mine", False)


def _enter(*, is_short: bool) -> None:
    _gate.enter(is_short=is_short)
    _held.is_mine, _held.since = True, time.monotonic()


def _leave() -> None:
    end = time.monotonic()
    _runs.append((end, end - _held.since, _visit()))
    _held.is_mine = False
    _gate.leave()


def _visit() -> str:
    # Not from the session's state: reading that may end the run, and the gate must be left in any case.
    context = get_script_run_ctx(suppress_warning=True)
    return context.session_id if context else ""

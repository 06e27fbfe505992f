"""One script at a time: admission control without which thirty live visitors bring the server down.

Everything a run does happens inside the gate, except work that is announced as long: that steps outside, so that the
others do not wait for it.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import streamlit as st

_gate = threading.BoundedSemaphore(1)
_held = threading.local()


@contextmanager
def inside() -> Iterator[None]:
    """Run the body alone. Entering it again from within is harmless."""
    if getattr(_held, "is_mine", False):
        yield
        return
    _gate.acquire()
    _held.is_mine = True
    try:
        yield
    finally:
        _held.is_mine = False
        _gate.release()


@contextmanager
def long_work(label: str) -> Iterator[None]:
    """Show a spinner and let other visitors in while the body runs (reading a file, a cold query, a deck).

    Args:
        label: What is happening, "Reading your file".
    """
    with st.spinner(label + "…"):
        was_mine = getattr(_held, "is_mine", False)
        if was_mine:
            _held.is_mine = False
            _gate.release()
        try:
            yield
        finally:
            if was_mine:
                _gate.acquire()
                _held.is_mine = True


def fragment(
    *, run_every: float | None = None, key: str | None = None
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """`st.fragment` whose runs pass the gate. Use it wherever a fragment is wanted."""

    def wrap(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def gated(*args: Any, **kwargs: Any) -> Any:
            with inside():
                return function(*args, **kwargs)

        return st.fragment(gated, run_every=run_every, key=key)

    return wrap

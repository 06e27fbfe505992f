"""The server around the pages: security headers, identity cookie, closed doors, warm start."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit import config

SHELL = Path(__file__).parent / "shell.py"


def build() -> st.App:
    """The application."""
    return st.App(SHELL, lifespan=_lifespan)


@contextlib.asynccontextmanager
async def _lifespan(_app: Any) -> AsyncIterator[dict[str, Any] | None]:
    check_gc()
    yield None


def check_gc() -> None:
    """Make sure a run does not end with a full garbage collection, which costs more than the run itself."""
    try:
        is_off = config.get_option("runner.postScriptGC") is False
    except RuntimeError:  # the option is not public: a later Streamlit may drop it
        is_off = False
    if not is_off:
        gc.collect()
        gc.freeze()

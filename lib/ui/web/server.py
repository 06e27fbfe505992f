"""The parts of the server around the pages: start, routes, middleware, the last word when a script fails."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import gc
import importlib
import logging
import os
import re
import signal
import threading
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import FrameType
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import BaseRoute
from streamlit import config

from lib.errors import UserError
from lib.ui.kit import guard
from lib.ui.room.live import hub
from lib.ui.web import hosts, paths
from lib.ui.web import routes as beside
from lib.ui.web.hosts import OwnHosts
from lib.ui.web.http_security import RequestGuard
from lib.workbook import store_errors
from lib.workbook.home import close_to_others, home, keep_private, named
from lib.workbook.store import open_store

SHELL = Path(__file__).resolve().parents[1] / "shell.py"
PAGES = SHELL.parents[2] / "pages"
_WARM = ("pandas", "altair", "duckdb")
_FIRST_PAGE_SECONDS = 4
log = logging.getLogger("workbook")


def middleware() -> list[Middleware]:
    """What every request passes: first the host's name, then the doors."""
    return [
        Middleware(OwnHosts, names=hosts.of_the_workbook),
        Middleware(RequestGuard, known=lambda: paths.known(routes())),
    ]


def routes() -> list[BaseRoute]:
    """Addresses beside the pages, such as the light page of workshop participants."""
    return list(beside.routes())


@contextlib.asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[dict[str, Any] | None]:
    """Open the store and load what the first visitor would otherwise wait for."""
    keep_private()
    await asyncio.to_thread(_warm)
    end_streams_when_stopped()
    check_gc()
    if not os.environ.get("WORKBOOK_NO_WARM"):
        threading.Thread(target=_warm_rest, name="warm-rest", daemon=True).start()
    yield None


def _warm() -> None:
    try:
        open_store(home())
        close_to_others(home())
    # The page says so too, with what to do; a server that does not start says nothing.
    except Exception as error:
        known = store_errors.explain(error, named())
        if known is None:
            raise
        log.error("%s", known)
    for name in _WARM:
        importlib.import_module(name)
    from lib.ui import frame  # noqa: F401 - what every first page is made of
    from lib.ui.kit import fields, page_components, table  # noqa: F401


def page_modules() -> list[str]:
    """What the pages are made of: the modules that their scripts name."""
    scripts = [path.read_text(encoding="utf-8") for path in sorted(PAGES.glob("*.py"))]
    found = [re.findall(r"^from (lib\.[\w.]+) import (\w+)", text, re.M) for text in scripts]
    return [f"{package}.{name}" for pairs in found for package, name in pairs]


def _warm_rest() -> None:
    """Load what the other pages are made of: in the middle of a workshop their first visitor would hold up everybody."""
    time.sleep(_FIRST_PAGE_SECONDS)  # the first visitor's page comes before
    try:
        for name in page_modules():
            importlib.import_module(name)
            time.sleep(0.1)
        gc.freeze()
    except Exception:
        log.exception("the pages could not be loaded ahead of time")
    _warm_example()


def _warm_example() -> None:
    """Take the demo's files in while a newcomer reads the first page, so that one click opens the finished example."""
    try:
        if open_store(home()).entries():
            return
        from lib.engine.datasets import demo

        demo.install(home())
    except Exception:
        log.exception("the demo could not be taken in ahead of time")


def end_streams_when_stopped() -> None:
    """Phones keep a connection open for news; a server that is told to stop would wait for the last of them."""
    loop = asyncio.get_running_loop()

    def also(number: int, frame: FrameType | None, earlier: Callable[[int, FrameType | None], Any]) -> None:
        loop.call_soon_threadsafe(hub.close)
        earlier(number, frame)

    for name in (signal.SIGINT, signal.SIGTERM):
        earlier = signal.getsignal(name)
        if callable(earlier):
            with contextlib.suppress(ValueError):  # only the main thread may; elsewhere nobody sends signals
                signal.signal(name, functools.partial(also, earlier=earlier))


def check_gc() -> bool:
    """Keep full garbage collections away from the visitors: each costs more than the run that it interrupts.

    Streamlit ends every run with one unless told not to; that option is not public, so it is checked. Others come when
    Python sees fit: what is loaded by now stays for good and is taken out of the collector's sight, which makes
    them short (125 ms before, under 1 ms after, of a process that has drawn nothing yet).

    Returns:
        Whether the option is there and off.
    """
    try:
        is_off = config.get_option("runner.postScriptGC") is False
    except RuntimeError:
        is_off = False
    if not is_off:
        log.warning("runner.postScriptGC is not off: each rerun pays for a full garbage collection")
    gc.collect()
    gc.freeze()
    return is_off


def on_script_error(error: Exception) -> bool:
    """Say what a person can act on; log the rest. A callback that fails ends up here.

    Returns:
        True: Streamlit shows nothing of its own.
    """
    if isinstance(error, UserError):
        guard.show(error)
    else:
        guard.unexpected(error)
    return True

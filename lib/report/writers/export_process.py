"""Files and slides made beside the server: whoever shares a process with their maker would wait for it.

A deck is a second of pure Python, and drawing one chart holds the interpreter for a fifth of a second. So one process does
it beside the server, started for the first file and ended after some minutes without one. It yields to the server when both
want the processor. Where it cannot be started, or breaks, the file is made here.
"""

from __future__ import annotations

import json
import logging
import pickle
import threading
from typing import Any

from lib.engine.worker.child import Caps
from lib.engine.worker.parent import Worker
from lib.errors import UserError
from lib.report.story.summary_model import Summary
from lib.report.writers import export_worker, html, writers
from lib.report.writers.writers import File

_SECONDS = 120.0
_BROKEN = (OSError, EOFError, ValueError, TypeError, pickle.PicklingError)
_log = logging.getLogger(__name__)
_lock = threading.Lock()
_process: Worker | None = None


def make(
    summary: Summary, ending: str, template: bytes | None = None, template_name: str = "the template"
) -> File:
    """`writers.make`, in the process beside; one file at a time.

    Args:
        summary: What it says.
        ending: A key of `writers.FORMATS`.
        template: A company's .pptx or .potx, for the deck.
        template_name: Its name.

    Raises:
        UserError: As `writers.make` does.
    """
    try:
        about, data = _ask("file", summary, ending, template, template_name)
    except _BROKEN:
        _log.exception("the process that makes files broke off")
        return writers.make(summary, ending, template, template_name)
    return File(about["name"], about["mime"], data, tuple(about["warnings"]), about["slides"])


def slides(summary: Summary) -> list[str]:
    """Each slide of a summary as HTML, in the order of its messages; `html.section` in the process beside.

    Args:
        summary: What it says.
    """
    try:
        return list(json.loads(_ask("slides", summary)[1]))
    except (UserError, *_BROKEN):
        _log.exception("the process that draws slides broke off")
    return [html.section(summary, message) for message in summary.messages]


def end() -> None:
    """End the process; the next file starts another one."""
    global _process
    process, _process = _process, None
    if process:
        process.end()


def _ask(kind: str, *args: object) -> tuple[Any, bytes]:
    """What the process answers. One task at a time."""
    task = pickle.dumps(args)
    with _lock:
        return _running().ask({"kind": kind}, task, seconds=_SECONDS)


def _running() -> Worker:
    global _process
    if _process is None or not _process.is_alive:
        end()
        _process = Worker(export_worker, Caps(is_background=True))
    return _process

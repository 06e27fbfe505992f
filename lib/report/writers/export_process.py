"""Files and slides made beside the server: whoever shares a process with their maker would wait for it.

A deck is a second of pure Python, and drawing one chart holds the interpreter for a fifth of a second. So one process does
it beside the server, started for the first file and ended after some minutes without one. It yields to the server when both
want the processor. Where it cannot be started, or breaks, the file is made here.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import pickle
import signal
import struct
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from lib import errors
from lib.errors import UserError
from lib.report.story.summary_model import Summary
from lib.report.writers import html, writers
from lib.report.writers.writers import File

ROOT = Path(__file__).resolve().parents[3]
_WORKER = Path(__file__).with_name("export_worker.py")
_SECONDS = 120.0
LENGTH = struct.Struct(">Q")
_BROKEN = (OSError, EOFError, ValueError, TypeError, pickle.PicklingError)
_log = logging.getLogger(__name__)
_lock = threading.Lock()
_process: subprocess.Popen[bytes] | None = None


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
        head, data = _ask("file", summary, ending, template, template_name)
    except _BROKEN:
        _log.exception("the process that makes files broke off")
        return writers.make(summary, ending, template, template_name)
    if "error" in head:
        name, problem, remedy = head["error"]
        raise getattr(errors, name, UserError)(problem, remedy)
    return File(head["name"], head["mime"], data, tuple(head["warnings"]), head["slides"])


def slides(summary: Summary) -> list[str]:
    """Each slide of a summary as HTML, in the order of its messages; `html.section` in the process beside.

    Args:
        summary: What it says.
    """
    try:
        head, data = _ask("slides", summary)
        if "error" not in head:
            return list(json.loads(data))
    except _BROKEN:
        _log.exception("the process that draws slides broke off")
    return [html.section(summary, message) for message in summary.messages]


def end() -> None:
    """End the process; the next file starts another one."""
    global _process
    process, _process = _process, None
    if process is None:
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    for stream in (process.stdin, process.stdout):
        if stream:
            with contextlib.suppress(OSError):
                stream.close()
    process.wait()


def _ask(kind: str, *args: object) -> tuple[dict[str, Any], bytes]:
    """What the process answers: a head and the file. One task at a time."""
    task = pickle.dumps((kind, args))
    with _lock:
        return _answer(task)


def _answer(task: bytes) -> tuple[dict[str, Any], bytes]:
    process = _running()
    watch = threading.Timer(_SECONDS, process.kill)
    watch.start()
    try:
        if process.stdin is None or process.stdout is None:
            raise OSError("no pipes")
        process.stdin.write(LENGTH.pack(len(task)) + task)
        process.stdin.flush()
        head, data = (_frame(process.stdout) for _ in range(2))
        return json.loads(head), data
    except BaseException:
        end()
        raise
    finally:
        watch.cancel()


def _frame(stream: Any) -> bytes:
    head = stream.read(LENGTH.size)
    size = LENGTH.unpack(head)[0] if len(head) == LENGTH.size else -1
    data = stream.read(size) if size >= 0 else b""
    if len(data) != size:
        raise EOFError("the process ended")
    return data


def _running() -> subprocess.Popen[bytes]:
    global _process
    if _process is None or _process.poll() is not None:
        end()
        # It needs no secret of ours: an empty environment, no terminal.
        _process = subprocess.Popen(  # noqa: S603 - our own interpreter and file
            [sys.executable, "-I", str(_WORKER), str(ROOT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd="/",
            env={"LANG": "C.UTF-8"},
        )
    return _process

"""The parent's side of the worker: start it, listen to it, and end it and all it started when time is up."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lib import errors
from lib.engine.intake.model import Limits, Progress, StoppedError
from lib.errors import FileError, LimitError, UserError

ROOT = Path(__file__).resolve().parents[3]
_WORKER = Path(__file__).with_name("worker.py")
_POLL = 0.25
_log = logging.getLogger(__name__)


def run(kind: str, task: dict[str, Any], limits: Limits, progress: Progress | None = None) -> dict[str, Any]:
    """Run one task in a process of its own.

    Args:
        kind: read | accept.
        task: Plain data.
        limits: Caps of time and memory.
        progress: Told how far it is; returning False stops the work.

    Returns:
        The task's result.

    Raises:
        UserError: What the worker found wrong with the file.
        StoppedError: The person stopped it.
        LimitError: It took too long.
        FileError: The file made the worker crash.
    """
    whole = task | {"kind": kind, "limits": asdict(limits), "root": str(ROOT)}
    command = [sys.executable, "-I", str(_WORKER)]
    with tempfile.TemporaryFile() as trouble:
        # The worker needs no secret of ours: it gets an empty environment and no terminal.
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and file
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=trouble,
            start_new_session=True,
            cwd="/",
            env={"LANG": "C.UTF-8"},
        )
        try:
            answer = _listen(process, json.dumps(whole), time.monotonic() + limits.timeout_seconds, progress)
        finally:
            _end(process)
        if answer is None:
            trouble.seek(0)
            _log.error(
                "intake worker ended with %s: %s",
                process.returncode,
                trouble.read()[-2000:].decode(errors="replace"),
            )
            raise FileError(
                "The file made its reader crash, so nothing was taken from it.",
                "Open it in a spreadsheet, save a copy as CSV, and upload that.",
            )
    if "error" in answer:
        name, problem, remedy = answer["error"]
        kind_of = getattr(errors, name, UserError)
        raise kind_of(problem, remedy)
    return answer["result"]


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    for stream in (process.stdin, process.stdout):
        if stream:
            with contextlib.suppress(OSError):
                stream.close()
    process.wait()


def _listen(
    process: subprocess.Popen[bytes], task: str, deadline: float, progress: Progress | None
) -> dict[str, Any] | None:
    """The last word of the worker; None if it ended without one."""
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("the worker has no pipes")
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(task.encode() + b"\n")
        process.stdin.flush()
    buffer, share, message = b"", 0.0, "Starting"
    os.set_blocking(process.stdout.fileno(), False)
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while True:
            if time.monotonic() > deadline:
                raise LimitError(
                    "Reading the file took too long.", "Upload a shorter period, or a cleaner file."
                )
            if progress and progress(share, message) is False:
                raise StoppedError(
                    "Reading was stopped; nothing was kept.", "Upload the file again when you want it."
                )
            if not selector.select(_POLL):
                continue
            piece = process.stdout.read(1 << 16)
            if piece is None:
                continue
            if not piece:
                return None
            buffer += piece
            *done, buffer = buffer.split(b"\n")
            for line in done:
                word = json.loads(line)
                if "share" in word:
                    share, message = word["share"], word["message"]
                else:
                    return word

"""Work on a file, done in a process of its own."""

from __future__ import annotations

import logging
import re
import tempfile
from dataclasses import asdict
from typing import Any

from lib.engine.intake import worker
from lib.engine.intake.model import Limits, Progress, StoppedError
from lib.engine.worker.child import Caps
from lib.engine.worker.parent import EndedError, Worker
from lib.errors import FileError, LimitError

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

    def tell(share: float, doing: str) -> None:
        if progress and progress(share, doing) is False:
            raise StoppedError(
                "Reading was stopped; nothing was kept.", "Upload the file again when you want it."
            )

    caps = Caps(limits.memory_mb, 2 * limits.timeout_seconds, 2 * limits.max_unpacked_mb, is_background=True)
    with tempfile.TemporaryFile() as log, Worker(worker, caps, log=log) as process:
        try:
            whole = task | {"kind": kind, "limits": asdict(limits)}
            return process.ask(whole, seconds=limits.timeout_seconds, progress=tell)[0]
        except TimeoutError as error:
            raise LimitError(
                "Reading the file took too long.", "Upload a shorter period, or a cleaner file."
            ) from error
        except EndedError as error:
            log.seek(0)
            _log.error("%s: %s", error, _without_values(log.read()[-8000:].decode(errors="replace")))
            raise FileError(
                "The file made its reader crash, so nothing was taken from it.",
                "Open it in a spreadsheet, save a copy as CSV, and upload that.",
            ) from error


def _without_values(output: str) -> str:
    r"""Where a worker broke off, without the words of its errors: they may quote cells of somebody's file.

    >>> _without_values('Traceback (most recent call last):\n  File "a.py", line 3\nduckdb.Error: bad value Ann')
    'Traceback (most recent call last):\n  File "a.py", line 3\nduckdb.Error'
    """
    kept = []
    for line in output.splitlines():
        if line.startswith(("Traceback", '  File "', "Fatal Python error")):
            kept.append(line)
        elif named := re.match(r"[A-Za-z_][\w.]*(Error|Exception)\b", line):
            kept.append(named[0])
    return "\n".join(kept)

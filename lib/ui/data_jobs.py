"""Reading a file beside the page: progress shown, cancel works, other visitors are not held up.

Files on their way in belong to the browser, not to one visit: leaving the page or loading it anew loses none of them.
"""

from __future__ import annotations

import contextlib
import logging
import re
import shutil
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lib.engine import intake
from lib.engine.intake import Preview, Reading
from lib.errors import FileError, UserError
from lib.ui import session, signin

_log = logging.getLogger("workbook")
_OPEN = "session.workbook"
_KEPT_SECONDS = 24 * 3600
_QUICK_MB, _PATIENCE = 15, 2.5  # a file up to this size is usually read within this time


class Job:
    """One piece of long work in a thread of its own."""

    def __init__(self, work: Callable[[Callable[[float, str], bool]], Any]) -> None:
        """Start it."""
        self.share, self.message = 0.0, "Starting"
        self.result: Any = None
        self.error: UserError | None = None
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(work,), daemon=True)
        self._thread.start()

    def _run(self, work: Callable[[Callable[[float, str], bool]], Any]) -> None:
        try:
            self.result = work(self._tell)
        except UserError as error:
            self.error = error
        except Exception:  # noqa: BLE001 - a thread has nobody above it to tell
            _log.exception("reading a file failed")
            self.error = FileError(
                "The file could not be read; the mistake is ours.", "Try a CSV export of it."
            )

    def _tell(self, share: float, message: str) -> bool:
        self.share, self.message = share, message
        return not self._stopped.is_set()

    def stop(self) -> None:
        """Ask it to stop; nothing half-written is left."""
        self._stopped.set()

    def wait(self, seconds: float) -> bool:
        """Wait a moment; whether it is done."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    @property
    def is_done(self) -> bool:
        """Whether there is a result or an error."""
        return not self._thread.is_alive()


@dataclass
class Item:
    """One uploaded file on its way in.

    Attributes:
        id: For widget keys.
        name: As uploaded.
        path: Our copy.
        job: Reading or accepting, while it runs.
        reading: Once read.
        error: Why it cannot be used.
        doing: read | accept, for the progress line.
        first: Its first rows, shown while it is read; None for formats without a cheap first look.
        workbook: The workbook it was uploaded to; "" where none was open yet.
    """

    id: str
    name: str
    path: Path
    job: Job | None = None
    reading: Reading | None = None
    error: UserError | None = None
    doing: str = "read"
    extra: dict[str, Any] = field(default_factory=dict)
    first: Preview | None = None
    workbook: str = ""

    @property
    def patience(self) -> float:
        """Seconds to wait before the page shows the first rows and a progress bar: none where it would be in vain."""
        return _PATIENCE if self.path.stat().st_size < _QUICK_MB << 20 else 0.0

    def read(self, sheet: str = "") -> None:
        """Start reading, perhaps another sheet."""
        path, name = self.path, self.name
        self.reading, self.error, self.doing = None, None, "read"
        if not sheet:
            with contextlib.suppress(
                UserError, OSError
            ):  # the reader itself says what is wrong with the file
                self.first = intake.preview(path, path.parent)
        self.job = Job(lambda tell: intake.read(path, name=name, sheet=sheet, progress=tell))

    def collect(self) -> bool:
        """Take over what a finished reading left; whether anything changed."""
        if self.job is None or not self.job.is_done or self.doing != "read":
            return False
        self.reading, self.error, self.job = self.job.result, self.job.error, None
        return True


_ITEMS: dict[str, list[Item]] = {}  # by browser, so that a page loaded anew finds its files again


def _browser() -> str:
    """Whose files: this browser's, and where people sign in, this person's in it."""
    return f"{session.person()} {signin.who() if signin.is_on() else ''}"


def items() -> list[Item]:
    """Files on their way into the open workbook, oldest first."""
    return [item for item in _ITEMS.get(_browser(), []) if item.workbook in ("", session.get(_OPEN, ""))]


def arrived() -> list[Item]:
    """Files that were taken in and wait to be put to use, wherever their visitor is now."""
    return [item for item in items() if item.doing == "accept" and item.job and item.job.is_done]


def add(name: str, content: Any) -> Item:
    """Copy an upload to disk at once and start reading it.

    Args:
        name: As uploaded.
        content: A binary stream.
    """
    uploads = session.home() / "uploads"
    _sweep(uploads)
    folder = uploads / uuid.uuid4().hex
    folder.mkdir(parents=True)
    clean = re.sub(r"[^\w.\- ()]+", "_", Path(name).name)[-120:] or "file"
    with (folder / clean).open("wb") as out:
        shutil.copyfileobj(content, out, 1 << 20)
    item = Item(uuid.uuid4().hex[:8], name, folder / clean, workbook=session.get(_OPEN, ""))
    item.read()
    _ITEMS.setdefault(_browser(), []).append(item)
    return item


def _sweep(uploads: Path) -> None:
    """Remove what visitors left behind unused, and what a server that was killed left half-done."""
    limit = time.time() - _KEPT_SECONDS
    intake.sweep(session.home(), limit)
    for old in uploads.glob("*"):
        if old.stat().st_mtime < limit:
            shutil.rmtree(old, ignore_errors=True)
    for browser, found in list(_ITEMS.items()):
        kept = [item for item in found if item.path.exists()]
        if kept:
            _ITEMS[browser] = kept
        else:
            _ITEMS.pop(browser, None)


def remove(item: Item) -> None:
    """Forget a file and its copy; a running reading is stopped."""
    if item.job:
        item.job.stop()
    _ITEMS[_browser()] = [other for other in _ITEMS.get(_browser(), []) if other.id != item.id]
    shutil.rmtree(item.path.parent, ignore_errors=True)
    if item.reading:
        intake.release(item.reading)

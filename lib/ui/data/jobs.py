"""Reading a file beside the page: progress shown, cancel works, other visitors are not held up.

Files on their way in belong to the browser, not to one visit: leaving the page, loading it anew or starting the server
again loses none of them.
"""

from __future__ import annotations

import contextlib
import logging
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
from lib.ui import session
from lib.ui.data import uploads
from lib.ui.data.uploads import Note, Upload
from lib.ui.web import signin
from lib.workbook import store_errors
from lib.workbook.home import named

_log = logging.getLogger("workbook")
_OPEN = "session.workbook"
_QUICK_MB, _PATIENCE = 15, 2.5  # a file up to this size is usually read within this time


class BackgroundJob:
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
        except Exception as error:  # noqa: BLE001 - a thread has nobody above it to tell
            _log.exception("reading a file failed")
            self.error = store_errors.explain(error, named()) or FileError(
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
        upload: The file on disk.
        job: Reading or accepting, while it runs.
        reading: Once read.
        error: Why it cannot be used.
        told: What happened to it meanwhile, shown with it; "" for nothing.
        doing: read | accept, for the progress line.
        first: Its first rows, shown while it is read; None for formats without a cheap first look.
    """

    id: str
    upload: Upload
    job: BackgroundJob | None = None
    reading: Reading | None = None
    error: UserError | None = None
    told: str = ""
    doing: str = "read"
    extra: dict[str, Any] = field(default_factory=dict)
    first: Preview | None = None

    @property
    def name(self) -> str:
        """As uploaded."""
        return self.upload.note.name

    @property
    def path(self) -> Path:
        """Our copy."""
        return self.upload.path

    @property
    def patience(self) -> float:
        """Seconds to wait before the page shows the first rows and a progress bar: none where it would be in vain."""
        return _PATIENCE if self.path.stat().st_size < _QUICK_MB << 20 else 0.0

    def read(self, sheet: str = "") -> None:
        """Start reading, perhaps another sheet."""
        path, name = self.path, self.name
        self.reading, self.error, self.doing = None, None, "read"
        self.upload.mark(doing="read", starts=self.upload.note.starts + 1)
        if not sheet:
            with contextlib.suppress(
                UserError, OSError
            ):  # the reader itself says what is wrong with the file
                self.first = intake.preview(path, self.upload.folder)
        self.job = BackgroundJob(lambda tell: intake.read(path, name=name, sheet=sheet, progress=tell))

    def accept(self, work: Callable[[Callable[[float, str], bool]], Any], slot: str) -> None:
        """Start taking it in as the table of a slot."""
        self.error, self.doing, self.told, self.extra = None, "accept", "", {"slot": slot}
        self.upload.mark(doing="accept")
        self.job = BackgroundJob(work)

    def collect(self) -> bool:
        """Take over what a finished reading left; whether anything changed."""
        if self.job is None or not self.job.is_done or self.doing != "read":
            return False
        self.reading, self.error, self.job = self.job.result, self.job.error, None
        self.upload.mark(starts=0)
        return True

    def expire(self) -> None:
        """Say that its copy was removed, because nobody put it to use."""
        if self.job:
            self.job.stop()
        self.job, self.reading, self.doing = None, None, "read"
        self.error = FileError(
            f"{self.name} waited for more than a day and was removed.", "Upload it again to use it."
        )


_ITEMS: dict[str, list[Item]] = {}  # by browser, so that a page loaded anew finds its files again
_LOOKED: set[tuple[str, str]] = set()  # homes and browsers whose files of an earlier server were looked for


def _browser() -> str:
    """Whose files: this browser's, and where people sign in, this person's in it."""
    return f"{session.person()} {signin.who() if signin.is_on() else ''}"


def items() -> list[Item]:
    """Files on their way into the open workbook, oldest first."""
    _recover()
    mine, open_now = _ITEMS.get(_browser(), []), session.get(_OPEN, "")
    return [item for item in mine if item.upload.note.workbook in ("", open_now)]


def arrived() -> list[Item]:
    """Files that were taken in and wait to be put to use, wherever their visitor is now."""
    return [item for item in items() if item.doing == "accept" and item.job and item.job.is_done]


def add(name: str, content: Any) -> Item:
    """Copy an upload to disk at once and start reading it.

    Args:
        name: As uploaded.
        content: A binary stream.

    Raises:
        UserError: It cannot be kept.
    """
    _recover()
    _sweep()
    note = Note(name, _browser(), session.get(_OPEN, ""))
    item = Item(uuid.uuid4().hex[:8], uploads.save(_uploads(), note, content, session.home()))
    item.read()
    _ITEMS.setdefault(_browser(), []).append(item)
    return item


def _uploads() -> Path:
    return session.home() / "uploads"


def _recover() -> None:
    """Take over what this browser uploaded to a server that ended before the file was in use."""
    key = str(session.home()), _browser()
    if key in _LOOKED:
        return
    _LOOKED.add(key)
    for upload in uploads.found(_uploads(), _browser()):
        item = Item(uuid.uuid4().hex[:8], upload)
        _ITEMS.setdefault(_browser(), []).append(item)
        if upload.note.starts < uploads.MOST_STARTS:
            item.told = _interrupted(upload.note.doing)
            item.read()
        else:
            item.error = FileError(
                f"Reading {item.name} was cut off {upload.note.starts} times, because the server ended meanwhile.",
                "Discard it, then upload a smaller part of it, or try it again when the server has more memory.",
            )


def _interrupted(doing: str) -> str:
    """What a restart of the server did to a file."""
    if doing == "accept":
        return (
            "The server was started again while this file was being taken in, so it is not in use yet. "
            "Look at its columns once more, then press Use this file."
        )
    return (
        "The server was started again before this file was in use. The file was kept and is read once more."
    )


def _sweep() -> None:
    """Remove what visitors left behind unused, and what a server that was killed left half-done."""
    limit = time.time() - uploads.EXPIRY_SECONDS
    intake.sweep(session.home(), limit)
    uploads.sweep(_uploads(), limit)
    for browser, found in list(_ITEMS.items()):
        for item in found:
            if not item.path.exists():
                item.expire()
        kept = [
            item for item in found if item.path.exists() or item.upload.at > limit - uploads.EXPIRY_SECONDS
        ]
        if kept:
            _ITEMS[browser] = kept
        else:
            _ITEMS.pop(browser, None)


def remove(item: Item) -> None:
    """Forget a file and its copy; a running reading is stopped."""
    if item.job:
        item.job.stop()
    _ITEMS[_browser()] = [other for other in _ITEMS.get(_browser(), []) if other.id != item.id]
    item.upload.remove()
    if item.reading:
        intake.release(item.reading)

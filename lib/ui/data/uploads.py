"""Uploads on disk: a folder each with a note of whose it is, so that a server that is started again finds them."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import time
import uuid
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from lib.errors import UserError
from lib.workbook import store_errors

try:
    import fcntl
except ImportError:  # Windows: two servers on one home then show each other's uploads, which harms nothing
    fcntl = None

EXPIRY_SECONDS = 24 * 3600
MOST_STARTS = 2  # a file whose reading was cut off more often is not read again by itself
_NOTE = "note.json"


@dataclass
class Note:
    """What is known of an upload.

    Attributes:
        name: As uploaded.
        browser: Whose it is.
        workbook: The workbook it was uploaded to; "" where none was open yet.
        doing: read | accept, what was under way.
        starts: How often its reading was begun.
    """

    name: str
    browser: str
    workbook: str = ""
    doing: str = "read"
    starts: int = 0


class Upload:
    """One uploaded file on disk, held by this process."""

    def __init__(self, folder: Path, note: Note, lock: IO[str] | None) -> None:
        self.folder, self.note, self._lock = folder, note, lock
        self.at = time.time()

    @property
    def path(self) -> Path:
        """Our copy."""
        return self.folder / "file" / clean(self.note.name)

    def mark(self, **changes: Any) -> None:
        """Keep what is under way, for a server that takes over."""
        for name, value in changes.items():
            setattr(self.note, name, value)
        with contextlib.suppress(OSError):  # a full disk is told by the work itself
            _write(self.folder, self.note)

    def remove(self) -> None:
        """Remove it from disk."""
        if self._lock:
            self._lock.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def clean(name: str) -> str:
    """A file's name as it may stand on disk; letters of any language stay.

    >>> clean("../../etc/Umsätze 2026?.csv"), clean("..")
    ('Umsätze 2026_.csv', 'file')
    """
    kept = re.sub(r"[^\w.\- ()]+", "_", Path(name).name).encode("utf-8", "ignore")[-120:]
    return kept.decode("utf-8", "ignore").lstrip(".") or "file"


def save(uploads: Path, note: Note, content: Any, home: Path) -> Upload:
    """Copy an upload to disk.

    Args:
        uploads: Folder of all uploads.
        note: What is known of it.
        content: A binary stream.
        home: WORKBOOK_HOME, to be named.

    Raises:
        UserError: There is no room, or no right to write; nothing half-copied is left.
    """
    folder = uploads / uuid.uuid4().hex
    upload = Upload(folder, note, None)
    try:
        upload.path.parent.mkdir(parents=True)
        with upload.path.open("wb") as out:
            shutil.copyfileobj(content, out, 1 << 20)
        _write(folder, note)  # only now is it whole
    except OSError as error:
        upload.remove()
        known = store_errors.explain(error, home)
        if known is None:
            raise
        remedy = f"{known.remedy.partition(',')[0].rstrip('.')}, then upload it again."
        raise UserError(f"{note.name} was not kept. {known.problem}", remedy) from error
    return Upload(folder, note, _locked(folder))


def found(uploads: Path, browser: str) -> list[Upload]:
    """Uploads of a browser that no living server holds, oldest first: an earlier server ended before it was done."""
    left = []
    for path in uploads.glob(f"*/{_NOTE}"):
        with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
            note = Note(**json.loads(path.read_text(encoding="utf-8")))
            if note.browser == browser and (lock := _locked(path.parent)):
                left.append((path.stat().st_mtime, Upload(path.parent, note, lock)))
    return [upload for _, upload in sorted(left, key=lambda item: item[0])]


def erase_of(uploads: Path, workbook: str) -> None:
    """Remove what was uploaded to a workbook that is erased."""
    for path in uploads.glob(f"*/{_NOTE}"):
        with contextlib.suppress(OSError, ValueError):
            if json.loads(path.read_text(encoding="utf-8")).get("workbook") == workbook:
                shutil.rmtree(path.parent)


def sweep(uploads: Path, before: float) -> None:
    """Remove what visitors left behind unused.

    Args:
        uploads: Folder of all uploads.
        before: Seconds since 1970; what has changed since then is left alone.
    """
    for old in uploads.glob("*"):
        with contextlib.suppress(OSError):
            if old.stat().st_mtime < before:
                shutil.rmtree(old, ignore_errors=True)


def _write(folder: Path, note: Note) -> None:
    fresh = folder / f"{_NOTE}.new"
    fresh.write_text(json.dumps(asdict(note)), encoding="utf-8")
    os.replace(fresh, folder / _NOTE)


def _locked(folder: Path) -> IO[str] | None:
    """A lock that ends with this process; None where another living process has it."""
    lock = (folder / "lock").open("w")
    if fcntl is None:
        return lock
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        return None
    return lock

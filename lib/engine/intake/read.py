"""Read a file: the parent's side."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import weakref
from dataclasses import asdict
from pathlib import Path

from lib.engine.intake import process
from lib.engine.intake.model import Limits, Progress, Reading, from_json
from lib.engine.intake.readers import row_source
from lib.errors import NotFoundError

_PREFIX = "workbook-intake-"


class _Folder:
    """A temporary folder that goes when nobody holds it any more."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix=_PREFIX))
        self._gone = weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)

    def remove(self) -> None:
        """Remove it now."""
        self._gone()


def read(
    path: Path | str,
    *,
    name: str | None = None,
    sheet: str | None = None,
    progress: Progress | None = None,
    limits: Limits | None = None,
) -> Reading:
    """Read a file into an all-text table and account for every physical record.

    Args:
        path: Delimited or aligned text, JSON, a workbook, a web page's table, Parquet or SQLite; also inside .gz or .zip.
        name: The name the person knows it by; the path's own by default.
        sheet: Sheet of a workbook, table of a database, list of a JSON file, or member of an archive.
        progress: Told how far it is; returning False stops the reading and leaves nothing behind.
        limits: Caps; from the environment by default.

    Raises:
        NotFoundError: There is no such file.
        FileError: It is not a table.
        LimitError: It is larger than the limits allow.
    """
    path = Path(path).absolute()
    if not path.is_file():
        raise NotFoundError(f"There is no file {path.name}.", "Check the path.")
    limits = limits or Limits.from_environment()
    folder = _Folder()
    task = {
        "path": str(path),
        "name": name or path.name,
        "folder": str(folder.path),
        "sheet": sheet or "",
        "limits": asdict(limits),
    }
    try:
        whole = process.run("read", task, limits, progress)
    except BaseException:
        folder.remove()
        raise
    if not row_source.TextTable(folder.path).text:  # else the unpacked text is the table
        shutil.rmtree(folder.path / "unpack", ignore_errors=True)
    return from_json(whole, keep=folder)


def release(reading: Reading) -> None:
    """Remove what a reading left on disk; it cannot be accepted after that."""
    if isinstance(reading.keep, _Folder):
        reading.keep.remove()


def sweep(home: Path, before: float) -> None:
    """Remove readings and half-written datasets that a process which was killed could not remove itself.

    Args:
        home: Folder of runtime files.
        before: Seconds since 1970; what has changed since then is left alone.
    """
    unfinished = (home / "datasets").glob(".*")
    for left in (*unfinished, *Path(tempfile.gettempdir()).glob(f"{_PREFIX}*")):
        with contextlib.suppress(OSError):  # gone meanwhile, or somebody else's
            if left.is_dir() and left.stat().st_mtime < before:
                shutil.rmtree(left, ignore_errors=True)

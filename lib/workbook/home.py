"""Where runtime files live: the store, the datasets, the derived layouts."""

from __future__ import annotations

import contextlib
import functools
import os
import stat
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_HELD = ("workbook.db*", "room.key", "demo.json", "datasets", "templates", "uploads")  # what lies in a home
FOR_OTHERS = 0o077  # rights that nobody but the server's user has here: files are 0600, folders 0700
_usual_mask: int | None = None  # which rights files of this user lack elsewhere; None until `keep_private`


def named() -> Path:
    """The folder of everything kept at run time, which need not exist yet.

    `WORKBOOK_HOME` names it; without that it is `.workbook/` beside `app.py`.
    """
    return Path(os.environ.get("WORKBOOK_HOME") or str(ROOT / ".workbook"))


def home() -> Path:
    """The folder of everything kept at run time, made on first use."""
    return _made(str(named()))


@functools.cache  # asked for dozens of times while a page is drawn
def _made(name: str) -> Path:
    folder = Path(name).expanduser().resolve()
    folder.mkdir(mode=0o777 & ~FOR_OTHERS, parents=True, exist_ok=True)
    return folder


def keep_private() -> None:
    """From now on whatever this process and those it starts make is for its user alone. For programs, at their start."""
    global _usual_mask
    earlier = os.umask(FOR_OTHERS)
    if _usual_mask is None:
        _usual_mask = earlier


@contextlib.contextmanager
def as_usual() -> Iterator[None]:
    """What is made inside gets the rights that this user's files usually have: what a person asked for, outside the home."""
    if _usual_mask is None:
        yield
        return
    earlier = os.umask(_usual_mask)
    try:
        yield
    finally:
        os.umask(earlier)


def close_to_others(folder: Path) -> None:
    """Take everybody else's rights from what a home holds, which an earlier version may have left readable.

    What lies beside it in that folder is somebody's own; a folder that all may write to (`/tmp`) stays as it is.
    """
    held = [path for pattern in _HELD for path in folder.glob(pattern)]
    inside = [path for top in held for path in (top, *top.rglob("*"))]
    is_ours = bool(held) and not folder.stat().st_mode & stat.S_ISVTX
    for path in [*inside, *([folder] if is_ours else [])]:
        _close(path)


def _close(path: Path) -> None:
    with contextlib.suppress(PermissionError, FileNotFoundError):  # another user's, or gone meanwhile
        mode = stat.S_IMODE(path.lstat().st_mode)
        if mode & FOR_OTHERS and not path.is_symlink():
            path.chmod(mode & ~FOR_OTHERS)

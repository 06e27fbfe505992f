"""Trouble with the place where answers are kept, in words: no right to write, no room, a damaged file, a busy one."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy.exc as sa

from lib.errors import UserError

_SIGNS = (  # in the message of SQLite or of the system -> (problem, remedy); {home} is the folder
    (("malformed", "not a database", "disk image", "no such table", "no such column"),
     "The file with your answers, workbook.db in {home}, is damaged.",
     "Stop the server, set that file aside, and start again with an exported workbook or a backup of the file."),
    (("moved or deleted",),
     "The file with your answers, workbook.db in {home}, was moved or deleted while the server ran; nothing is saved.",
     "Put it back where it was (or bring its disk back) and start the server again."),
    (("disk is full", "no space left"),
     "The disk is full, so nothing more can be saved.",
     "Free some space on the disk of {home}, then do it again."),
    (("readonly", "read-only", "permission denied", "operation not permitted"),
     "The folder {home} may not be written to, so nothing can be saved.",
     "Give the server's user the right to write there, or start it with WORKBOOK_HOME set to another folder."),
    (("locked", "busy"),
     "Another program holds the file with your answers, so this was not saved.",
     "Wait a moment and repeat it; if it stays, close what else has workbook.db in {home} open."),
    (("unable to open", "not a directory", "no such file", "file exists", "disk i/o"),
     "The folder {home} for answers and data cannot be opened.",
     "Check that its disk is there, or start the server with WORKBOOK_HOME set to another folder."),
)  # fmt: skip
_NUMBERS = {
    errno.EACCES: "permission denied",
    errno.EPERM: "permission denied",
    errno.EROFS: "read-only",
    errno.ENOSPC: "no space left",
    errno.EDQUOT: "no space left",
    errno.ENOTDIR: "not a directory",
    errno.EEXIST: "file exists",
    errno.EIO: "disk i/o",
}


def explain(error: BaseException, home: Path) -> UserError | None:
    """What to tell a person about an error of the store; None when it is none.

    Args:
        error: As raised, perhaps with its cause beneath it.
        home: WORKBOOK_HOME, to be named.

    >>> str(explain(sqlite3.OperationalError("database or disk is full"), Path("/data")))
    'The disk is full, so nothing more can be saved. Free some space on the disk of /data, then do it again.'
    >>> explain(ValueError("no"), Path("/data")) is None
    True
    """
    if isinstance(error, UserError):
        return error
    if isinstance(error, sa.DBAPIError) and not isinstance(error.orig, sqlite3.Error):
        return UserError(
            "The database that keeps the answers does not reply.",
            "Check that the server of DATABASE_URL runs, then reload the page.",
        )
    for one in _chain(error):
        said = _of_the_system(one, home) if isinstance(one, OSError) else ""
        said = str(one).lower() if isinstance(one, sqlite3.Error) else said
        for signs, problem, remedy in _SIGNS:
            if said and any(sign in said for sign in signs):
                return UserError(problem.format(home=home), remedy.format(home=home))
    return None


def _of_the_system(error: OSError, home: Path) -> str:
    # A file that is missing is a mistake of ours, unless it is the folder itself.
    if error.errno == errno.ENOENT and str(error.filename or "") in (str(home), str(home.parent)):
        return "no such file"
    return _NUMBERS.get(error.errno or 0, "")


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__

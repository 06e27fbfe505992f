"""What the worker of a file says at its end: a full disk is not called a broken file."""

from __future__ import annotations

import errno
from collections.abc import Callable

import duckdb
import pytest

from lib.engine.intake.worker import in_words
from lib.engine.worker.child import outcome
from lib.errors import FileError


def _told(work: Callable[[], object]) -> dict[str, object]:
    return outcome(lambda: (in_words(work), b""))[0]


def _raises(error: Exception) -> dict[str, object]:
    def work() -> None:
        raise error

    return _told(work)


@pytest.mark.parametrize("error", [
    OSError(errno.ENOSPC, "No space left on device"),
    OSError(errno.EDQUOT, "Disk quota exceeded"),
    duckdb.IOException('IO Error: Could not write file "clean.parquet": No space left on device'),
])  # fmt: skip
def test_a_full_disk_is_told(error: Exception) -> None:
    name, problem, remedy = _raises(error)["error"]  # type: ignore[misc]
    assert (name, "disk is full" in problem, remedy.startswith("Free some space")) == (
        "LimitError",
        True,
        True,
    )


def test_other_ends() -> None:
    assert _told(lambda: 7) == {"result": 7}
    assert _raises(FileError("It is empty.", "Export it.")) == {
        "error": ["FileError", "It is empty.", "Export it."]
    }
    assert _raises(MemoryError())["error"][0] == "LimitError"  # type: ignore[index]
    with pytest.raises(ZeroDivisionError):
        _raises(ZeroDivisionError())

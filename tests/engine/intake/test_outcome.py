"""What the worker of a file says at its end: a full disk is not called a broken file."""

from __future__ import annotations

import errno

import duckdb
import pytest

from lib.engine.intake.worker import outcome
from lib.errors import FileError, UserError


def _raises(error: Exception) -> dict[str, object]:
    def work() -> None:
        raise error

    return outcome(work, UserError)


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
    assert outcome(lambda: 7, UserError) == {"result": 7}
    assert _raises(FileError("It is empty.", "Export it.")) == {
        "error": ["FileError", "It is empty.", "Export it."]
    }
    assert _raises(MemoryError())["error"][0] == "LimitError"  # type: ignore[index]
    with pytest.raises(ZeroDivisionError):
        _raises(ZeroDivisionError())

"""The reader of each format: it leaves the all-text table in a folder and says what it found.

A new format gets its signature in `files`, a module that reads it, and a line here. A reader is loaded when it is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from lib.engine.intake.model import Limits
from lib.engine.intake.readers import delimited
from lib.engine.intake.readers.files import Unpacked
from lib.engine.intake.readers.raw_table import RawTable

Say = Callable[[float, str], None]
"""Told (share done 0..1, what is being done)."""
Reader = Callable[[Unpacked, Path, str, Limits, Say], tuple[dict[str, Any], RawTable]]
"""Given the file, the folder for the table, the sheet asked for, caps and progress; gives what it is, and the table."""


def _text(file: Unpacked, folder: Path, _: str, limits: Limits, say: Say) -> tuple[dict[str, Any], RawTable]:
    return delimited.read(file, folder, limits, say)


def _xlsx(
    file: Unpacked, folder: Path, sheet: str, limits: Limits, say: Say
) -> tuple[dict[str, Any], RawTable]:
    from lib.engine.intake.readers import spreadsheet

    return spreadsheet.read(file.path, folder, sheet, limits, say)


def _parquet(
    file: Unpacked, folder: Path, _: str, limits: Limits, __: Say
) -> tuple[dict[str, Any], RawTable]:
    from lib.engine.intake.readers import parquet

    return parquet.read(file.path, folder, limits)


READERS: Mapping[str, Reader] = {"text": _text, "xlsx": _xlsx, "parquet": _parquet}

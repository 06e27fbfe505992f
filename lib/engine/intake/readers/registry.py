"""The reader of each format: it leaves the all-text table in a folder and says what it found.

A new format gets its first bytes in `files`, a module that reads it, and a line here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from lib.engine.intake.model import Limits
from lib.engine.intake.readers import delimited, parquet
from lib.engine.intake.readers.files import Unpacked
from lib.engine.intake.readers.raw_table import RawTable

Say = Callable[[float, str], None]
"""Told (share done 0..1, what is being done)."""
Reader = Callable[[Unpacked, Path, str, Limits, Say], tuple[dict[str, Any], RawTable]]
"""Given the file, the folder for the table, the sheet asked for, caps and progress; gives what it is, and the table."""


def _xlsx(
    file: Unpacked, folder: Path, sheet: str, limits: Limits, say: Say
) -> tuple[dict[str, Any], RawTable]:
    from lib.engine.intake.readers import spreadsheet  # it takes long to load, and most files need it not

    return spreadsheet.read(file.path, folder, sheet, limits, say)


READERS: Mapping[str, Reader] = {
    "text": lambda file, folder, _, limits, say: delimited.read(file, folder, limits, say),
    "parquet": lambda file, folder, _, limits, __: parquet.read(file.path, folder, limits),
    "xlsx": _xlsx,
}

"""The reader of each format: it leaves the all-text table in a folder and says what it found.

A new format gets its first bytes in `files`, a module that reads it, and a line here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from lib.engine.intake.model import Limits, Sheet
from lib.engine.intake.readers import delimited, parquet, several_files
from lib.engine.intake.readers.files import Unpacked
from lib.engine.intake.readers.json_files import reader as json_reader
from lib.engine.intake.readers.other_formats import calamine_sheets, html_tables, sqlite_tables
from lib.engine.intake.readers.raw_table import RawTable

Say = Callable[[float, str], None]
"""Told (share done 0..1, what is being done)."""
Found = tuple[dict[str, Any], RawTable]
Reader = Callable[[Unpacked, Path, str, Limits, Say], Found]
"""Given the file, the folder for the table, the sheet asked for, caps and progress; gives what it is, and the table."""
NAMED = ("parquet", "json", "sqlite")
"""Formats that name their columns by themselves."""


def _xlsx(file: Unpacked, folder: Path, sheet: str, limits: Limits, say: Say) -> Found:
    from lib.engine.intake.readers import spreadsheet  # it takes long to load, and most files need it not

    return spreadsheet.read(file.path, folder, sheet, limits, say)


def _several(file: Unpacked, folder: Path, _: str, limits: Limits, say: Say) -> Found:
    return several_files.read(file, folder, limits, say, read)


READERS: Mapping[str, Reader] = {
    "text": lambda file, folder, _, limits, say: delimited.read(file.path, folder, limits, say),
    "json": lambda file, folder, sheet, limits, say: json_reader.read(file.path, folder, sheet, limits, say),
    "parquet": lambda file, folder, _, limits, __: parquet.read(file.path, folder, limits),
    "xlsx": _xlsx,
    "calamine": lambda file, folder, sheet, limits, say: calamine_sheets.read(
        file.path, folder, sheet, limits, say
    ),
    "html": lambda file, folder, _, limits, say: html_tables.read(file.path, folder, limits, say),
    "sqlite": lambda file, folder, sheet, limits, say: sqlite_tables.read(
        file.path, folder, sheet, limits, say
    ),
    "several": _several,
}


def read(file: Unpacked, folder: Path, sheet: str, limits: Limits, say: Say) -> Found:
    """Read a file that is unpacked; where it is one of several in an archive, the others can be chosen.

    Args:
        file: The file.
        folder: Where the all-text table goes.
        sheet: Sheet, list or table to read, or a file of the archive; "" for the likeliest.
        limits: Caps.
        say: Progress.

    Raises:
        FileError: It cannot be read as a table.
        LimitError: It is larger than the limits allow.
    """
    is_member = bool(sheet) and sheet in file.members
    about, table = READERS[file.format](file, folder, "" if is_member else sheet, limits, say)
    if is_member and len(file.members) > 1:
        note = f"The archive holds {len(file.members):,} files; “{sheet}” was read."
        about |= {
            "notes": [*about["notes"], note],
            "sheets": tuple(Sheet(name) for name in file.members),
            "sheet": sheet,
        }
    elif file.listed > 1 and len(file.members) == 1:
        note = f"The archive holds {file.listed:,} files; “{file.member}” was read."
        about |= {"notes": [*about["notes"], note]}
    return about, table

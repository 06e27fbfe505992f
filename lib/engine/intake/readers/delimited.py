"""Text files, delimited or aligned: big clean ones by the fast path, any other by the careful reader."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

from lib.engine.intake.model import Limits
from lib.engine.intake.readers import dialects, fast_csv, files, raw_table, text_lines
from lib.engine.intake.readers.raw_table import RawTable
from lib.errors import FileError


def read(
    path: Path, folder: Path, limits: Limits, say: Callable[[float, str], None]
) -> tuple[dict[str, Any], RawTable]:
    """Read a text file.

    Args:
        path: The file.
        folder: Where the all-text table goes.
        limits: Caps.
        say: Progress.

    Raises:
        FileError: It is no text, or no table.
        LimitError: It is larger than the limits allow.
    """
    encoding, note = files.encoding(path)
    with path.open(encoding=encoding, errors="replace") as stream:
        start = stream.read(4096)
    _refuse_shortcut(start)
    files.refuse_markup(start)
    dialect = dialects.detect(path, encoding, limits)
    raw_table.check_width(dialect.width, limits)
    table, nuls = _quick(path, dialect, encoding, folder, limits, say), 0
    if table is None:
        guess = max(1, path.stat().st_size) / 60  # bytes a record, for progress only
        table, nuls = raw_table.write(
            text_lines.records(path, encoding, dialect, limits),
            dialect.width,
            folder,
            limits,
            lambda done: say(min(0.85, 0.85 * done / guess), f"Reading record {done:,}"),
        )
    notes = [note] if note else []
    if dialect.is_wrapped:
        notes.append("Whole lines stand in quotes in this file; the quotes were taken off.")
    if nuls:
        notes.append(f"{nuls:,} record{'s' if nuls > 1 else ''} held NUL characters, which were removed.")
    is_aligned = dialect.delimiter == text_lines.WHITESPACE
    about = {
        "format": "fixed" if is_aligned else "csv",
        "encoding": "utf-8" if encoding == files.BROKEN_UTF8 else encoding,
        "delimiter": dialect.delimiter,
        "notes": notes,
        "sheets": (),
        "sheet": "",
    }
    return about, table


def _refuse_shortcut(start: str) -> None:
    """Refuse a link to a page, which a browser saves under the name of a file.

    Raises:
        FileError: It is one.
    """
    text = start.lstrip("\ufeff \t\r\n")
    is_link = re.match(r"(?i)\[(internetshortcut|desktop entry)\]", text) or re.fullmatch(
        r"https?://\S+\s*", text
    )
    if is_link:
        raise FileError(
            "The file is a shortcut: it holds the web address of a page, and no data.",
            "Open the page, export the table as CSV or Excel, and upload that file.",
        )


def _quick(
    path: Path,
    dialect: text_lines.Dialect,
    encoding: str,
    folder: Path,
    limits: Limits,
    say: Callable[[float, str], None],
) -> RawTable | None:
    """A big clean file by the fast path; None for any other, which the careful reader takes."""
    size = max(1, path.stat().st_size)
    is_plain = encoding in ("utf-8", "utf-8-sig") and dialect.delimiter in dialects.DELIMITERS
    if not is_plain or dialect.is_wrapped or size < limits.fast_path_mb << 20:
        return None
    first = list(islice(text_lines.records(path, encoding, dialect, limits), raw_table.FIRST))

    def tick(done: int) -> None:
        say(0.85 * done / size, f"Checking every record: {done >> 20:,} of {size >> 20:,} MB")

    return fast_csv.read(path, first, dialect, encoding, folder, limits, tick)

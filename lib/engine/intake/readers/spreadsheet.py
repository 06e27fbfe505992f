"""Excel workbooks, read row by row with caps of our own."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl

from lib.engine.intake.model import Limits, Sheet
from lib.engine.intake.readers import sheet_rows, sheets
from lib.engine.intake.readers.raw_table import RawTable, write
from lib.engine.intake.readers.sheet_rows import REMEDY, SheetRows
from lib.engine.intake.readers.text_lines import FileRecord
from lib.errors import FileError, LimitError, UserError

_MAX_XML_MB = 600


def _open(path: Path, *, formulas: bool) -> Any:
    try:
        with warnings.catch_warnings():
            # Styles and extensions that openpyxl leaves out do not matter here.
            warnings.simplefilter("ignore")
            # A stream, because by name openpyxl refuses a workbook that is not called .xlsx.
            return openpyxl.load_workbook(
                io.BytesIO(path.read_bytes()), read_only=True, data_only=not formulas, keep_links=False
            )
    except UserError:
        raise
    except Exception as error:
        raise FileError("The Excel file is damaged or not a workbook.", REMEDY) from error


def _refuse_bombs(path: Path, limits: Limits) -> None:
    with zipfile.ZipFile(path) as archive:
        size = sum(item.file_size for item in archive.infolist())
    if size > _MAX_XML_MB << 20 or (size > 50 << 20 and size > path.stat().st_size * limits.max_ratio):
        raise LimitError(
            f"The Excel file unpacks to {size >> 20:,} MB.", "Save the sheet you need as CSV and upload that."
        )


def _has_formulas(path: Path) -> bool:
    with zipfile.ZipFile(path) as archive:
        for item in archive.infolist():
            if item.filename.startswith("xl/worksheets/"):
                with archive.open(item) as stream:
                    tail = b""
                    while chunk := stream.read(1 << 20):
                        if re.search(rb"<f[ >/]", tail + chunk):
                            return True
                        tail = chunk[-2:]
    return False


def read(
    path: Path, folder: Path, sheet: str, limits: Limits, say: Callable[[float, str], None]
) -> tuple[dict[str, Any], RawTable]:
    """Read one sheet.

    Args:
        path: The .xlsx file.
        folder: Where the all-text table goes.
        sheet: Name of the sheet; "" for the visible one that holds the table, or those of several periods.
        limits: Caps.
        say: Progress.

    Raises:
        FileError: The file or sheet cannot be read.
        LimitError: It is larger than the limits allow.
    """
    _refuse_bombs(path, limits)
    book = _open(path, formulas=False)
    listed = [(s.title, s.sheet_state != "visible") for s in book.worksheets]
    sheet = "" if sheet == sheets.JOINED else sheet
    picked = _chosen(book, sheet, listed, limits)
    chosen, found = picked.name, picked.rows
    say(0.5, f"Reading sheet {chosen}")
    rows = found.rows
    width = _width(rows)
    if not width:
        raise _nothing(listed, is_asked=bool(sheet))
    records = (FileRecord(n, cells + [""] * (width - len(cells)), " | ".join(cells)) for n, cells in rows)
    table, _ = write(records, width, folder, limits, lambda done: None)
    notes = [*_sheet_notes(picked, listed, book), *_hidden_notes(found, table)]
    if _has_formulas(path):
        missing: Counter[int] = Counter()
        formulas = _open(path, formulas=True)
        for name in picked.joined or [chosen]:
            missing += sheet_rows.without_values(formulas[name], book[name])
        notes += _formula_notes(missing, table)
    joined = (Sheet(sheets.JOINED),) if picked.joined else ()
    about = {
        "format": "xlsx",
        "encoding": "",
        "delimiter": "",
        "notes": notes,
        "sheets": (*joined, *(Sheet(name, is_hidden) for name, is_hidden in listed)),
        "sheet": sheets.JOINED if joined else chosen,
    }
    return about, table


def _chosen(book: Any, sheet: str, listed: list[tuple[str, bool]], limits: Limits) -> sheets.Picked:
    """The sheet asked for, else those of the visible ones that hold the table."""
    name, read = "", []
    try:
        for name in _candidates(sheet, listed):
            read.append(sheets.Picked(name, sheet_rows.read(book[name], limits)))
    except UserError:
        raise
    except Exception as error:
        raise FileError(f"The sheet “{name}” is damaged.", REMEDY) from error
    return sheets.pick(read)


def _candidates(sheet: str, listed: list[tuple[str, bool]]) -> list[str]:
    names = [name for name, _ in listed]
    if sheet and sheet not in names:
        raise FileError(f"The workbook has no sheet called “{sheet}”.", f"Choose one of: {', '.join(names)}.")
    return [sheet] if sheet else [name for name, is_hidden in listed if not is_hidden] or names


def _nothing(listed: list[tuple[str, bool]], *, is_asked: bool) -> FileError:
    hidden = [name for name, is_hidden in listed if is_hidden]
    if is_asked or not hidden or len(hidden) == len(listed):
        return FileError("The workbook has no rows.", "Choose another sheet or file.")
    return FileError(
        "No visible sheet of the workbook has rows.",
        f"Unhide the sheet you mean ({', '.join(hidden[:5])}), save the workbook and upload it again.",
    )


def _hidden_notes(found: SheetRows, table: RawTable) -> list[str]:
    """Hidden rows and columns are read like the others; of merged cells only the first has the value."""
    notes = []
    if found.hidden_rows:
        rows = f"{found.hidden_rows:,} rows are" if found.hidden_rows > 1 else "One row is"
        notes.append(f"{rows} hidden in the sheet, by a filter or by hand, and read like the others.")
    columns = ", ".join(found.hidden_columns[:5])
    if columns:
        several = len(found.hidden_columns) > 1
        what = f"Columns {columns} are" if several else f"Column {columns} is"
        notes.append(f"{what} hidden in the sheet and read like the others.")
    names, first = table.head.headers, table.head.start
    merged = sorted({column for _, last, column in found.merged if last > first + 1 and column <= len(names)})
    for is_filled, what in (
        (True, "each of these rows was given the value"),
        (False, "only the first of them has the value"),
    ):
        listed = ", ".join(f"“{names[c - 1]}”" for c in merged[:5] if (c in found.filled) == is_filled)
        if listed:
            notes.append(f"Cells of {listed} are merged over several rows: {what}.")
    return notes


def _sheet_notes(picked: sheets.Picked, listed: list[tuple[str, bool]], book: Any) -> list[str]:
    """Which sheets were read, which are hidden, and from when the workbook counts days."""
    notes = sheets.told(picked) if len(listed) > 1 else []
    hidden = [name for name, is_hidden in listed if is_hidden]
    if hidden:
        notes.append(f"Hidden sheet{'s' if len(hidden) > 1 else ''}: {', '.join(hidden)}.")
    if book.epoch.year == 1904:
        notes.append(
            "The workbook counts days from 1904. Cells formatted as dates are right; a date kept as a plain number "
            "would come out four years early."
        )
    return notes


def _width(rows: list[tuple[int, list[str]]]) -> int:
    """The table's width: the widest row that is not alone, so that one stray cell does not widen everything."""
    widths = Counter(len(cells) for _, cells in rows if cells)
    if not widths:
        return 0
    common = [width for width, count in widths.items() if count > max(1, 0.01 * widths.total())] or list(
        widths
    )
    return max(common)


def _formula_notes(found: Counter[int], table: RawTable) -> list[str]:
    headers = table.head.headers
    return [
        f"Column “{headers[i]}”: {n:,} formula{'s' if n > 1 else ''} without a saved result, read as empty. "
        "Open the file in Excel, save it, and upload it again."
        for i, n in sorted(found.items())
        if i < len(headers)
    ]

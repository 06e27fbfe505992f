"""Excel workbooks, read row by row with caps of our own."""

from __future__ import annotations

import datetime as dt
import io
import re
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl

from lib.engine.intake.lines import Record
from lib.engine.intake.model import Limits, Sheet
from lib.engine.intake.rawtable import RawTable, check_width, write
from lib.errors import FileError, LimitError, UserError

_REMEDY = "Open it in Excel or LibreOffice, save a copy as .xlsx or CSV, and upload that."
_MAX_XML_MB = 600


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        return (
            value.date().isoformat()
            if value.time() == dt.time()
            else value.isoformat(sep=" ", timespec="seconds")
        )
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, dt.timedelta):
        return str(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def _open(path: Path, *, formulas: bool) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # styles and extensions that openpyxl leaves out do not matter here
            # A stream, because by name openpyxl refuses a workbook that is not called .xlsx.
            return openpyxl.load_workbook(
                io.BytesIO(path.read_bytes()), read_only=True, data_only=not formulas, keep_links=False
            )
    except UserError:
        raise
    except Exception as error:
        raise FileError("The Excel file is damaged or not a workbook.", _REMEDY) from error


def _refuse_bombs(path: Path, limits: Limits) -> None:
    with zipfile.ZipFile(path) as archive:
        size = sum(item.file_size for item in archive.infolist())
    if size > _MAX_XML_MB << 20 or (size > 50 << 20 and size > path.stat().st_size * limits.max_ratio):
        raise LimitError(
            f"The Excel file unpacks to {size >> 20:,} MB.", "Save the sheet you need as CSV and upload that."
        )


def _rows(sheet: Any, limits: Limits) -> Iterator[tuple[int, list[str]]]:
    """Rows with trailing empty cells cut; a sheet's own claim about its size is not believed."""
    sheet.reset_dimensions()
    cells = 0
    for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
        values = [_cell(value) for value in row]
        while values and not values[-1].strip():
            values.pop()
        check_width(len(values), limits)
        cells += len(values) + 1
        if cells > limits.max_cells_m * 1_000_000:
            raise LimitError(
                f"The sheet has more than {limits.max_cells_m:,} million cells.",
                "Save the part you need as CSV and upload that.",
            )
        yield number, values


def _formulas_without_values(path: Path, name: str, limits: Limits) -> Counter[int]:
    """Formulas per column (0-based); only counted where the saved result is missing."""
    formulas, values = _open(path, formulas=True)[name], _open(path, formulas=False)[name]
    formulas.reset_dimensions()
    values.reset_dimensions()
    found: Counter[int] = Counter()
    for with_formula, with_value in zip(
        formulas.iter_rows(values_only=True), values.iter_rows(values_only=True), strict=False
    ):
        for index, (formula, value) in enumerate(zip(with_formula, with_value, strict=False)):
            if value is None and isinstance(formula, str) and formula.startswith("="):
                found[index] += 1
    return found


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
        sheet: Name of the sheet; "" for the first visible one that has rows.
        limits: Caps.
        say: Progress.

    Raises:
        FileError: The file or sheet cannot be read.
        LimitError: It is larger than the limits allow.
    """
    _refuse_bombs(path, limits)
    book = _open(path, formulas=False)
    listed = [(s.title, s.sheet_state != "visible") for s in book.worksheets]
    chosen, rows = _chosen(book, sheet, listed, limits)
    say(0.5, f"Reading sheet {chosen}")
    width = _width(rows)
    if not width:
        raise FileError("The workbook has no rows.", "Choose another sheet or file.")
    records = (Record(n, cells + [""] * (width - len(cells)), " | ".join(cells)) for n, cells in rows)
    table, _ = write(records, width, folder, limits, lambda done: None)
    notes = _sheet_notes(chosen, listed, book)
    if _has_formulas(path):
        notes += _formula_notes(_formulas_without_values(path, chosen, limits), table)
    about = {
        "format": "xlsx",
        "encoding": "",
        "delimiter": "",
        "notes": notes,
        "sheets": tuple(Sheet(name, is_hidden) for name, is_hidden in listed),
        "sheet": chosen,
    }
    return about, table


def _chosen(
    book: Any, sheet: str, listed: list[tuple[str, bool]], limits: Limits
) -> tuple[str, list[tuple[int, list[str]]]]:
    """Name and rows of the sheet asked for, else of the first visible one that has rows."""
    if sheet and sheet not in {name for name, _ in listed}:
        raise FileError(
            f"The workbook has no sheet called “{sheet}”.",
            f"Choose one of: {', '.join(n for n, _ in listed)}.",
        )
    names = [sheet] if sheet else [n for n, hidden in listed if not hidden] or [n for n, _ in listed]
    chosen, rows = "", []
    try:
        for chosen in names:
            rows = list(_rows(book[chosen], limits))
            if any(cells for _, cells in rows):
                break
    except UserError:
        raise
    except Exception as error:
        raise FileError(f"The sheet “{chosen}” is damaged.", _REMEDY) from error
    return chosen, rows


def _sheet_notes(chosen: str, listed: list[tuple[str, bool]], book: Any) -> list[str]:
    """Which sheet was read, which are hidden, and from when the workbook counts days."""
    notes = [f"The sheet “{chosen}” was read."] if len(listed) > 1 else []
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

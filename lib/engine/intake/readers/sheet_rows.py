"""The rows of one sheet as its file tells them: in order, each once, with what is hidden or merged.

The library's own iteration passes over rows that come out of order without a word; here such a sheet is refused.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from openpyxl.worksheet._reader import WorkSheetParser  # pyright: ignore[reportPrivateImportUsage]

from lib.engine.intake.model import Limits
from lib.engine.intake.readers import header
from lib.engine.intake.readers.raw_table import check_width
from lib.errors import FileError, LimitError

REMEDY = "Open it in Excel or LibreOffice, save a copy as .xlsx or CSV, and upload that."
_ROWS = 1_048_576  # of any sheet


@dataclass
class SheetRows:
    """What a sheet holds.

    Attributes:
        rows: Number and cells of each row, trailing empty cells cut; rows the file leaves out are empty.
        hidden_rows: Rows with cells that the sheet hides, by a filter or by hand.
        hidden_columns: Names of hidden columns.
        merged: Blocks that span rows: first row, last row, first column, 1-based.
        filled: Columns (from 1) in which a merged block of words or days was given to each of its rows.
    """

    rows: list[tuple[int, list[str]]] = field(default_factory=list)
    hidden_rows: int = 0
    hidden_columns: tuple[str, ...] = ()
    merged: tuple[tuple[int, int, int], ...] = ()
    filled: set[int] = field(default_factory=set)


def cells(sheet: Any) -> tuple[WorkSheetParser, Iterator[tuple[int, list[dict[str, Any]]]]]:
    """The sheet's parser and its rows as the file has them."""
    book = sheet.parent
    source = sheet._get_source()
    parser = WorkSheetParser(
        source,
        sheet._shared_strings,
        data_only=book.data_only,
        epoch=book.epoch,
        date_formats=book._date_formats,
        timedelta_formats=book._timedelta_formats,
    )
    return parser, parser.parse()


def read(sheet: Any, limits: Limits) -> SheetRows:
    """Every row of a sheet; its own claim about its size is not believed.

    Raises:
        FileError: Rows or cells do not come in order.
        LimitError: It is larger than the limits allow.
    """
    found, last, count = SheetRows(), 0, 0
    parser, rows = cells(sheet)
    for number, row in rows:
        if not last < number <= _ROWS:
            raise FileError(f"The sheet is damaged: its row {number:,} comes after row {last:,}.", REMEDY)
        values = _values(row, limits)
        count += len(values) + number - last
        if count > limits.max_cells_m * 1_000_000:
            raise LimitError(
                f"The sheet has more than {limits.max_cells_m:,} million cells.",
                "Save the part you need as CSV and upload that.",
            )
        found.rows += [(between, []) for between in range(last + 1, number)]
        found.rows.append((number, values))
        found.hidden_rows += bool(values) and _is_hidden(parser.row_dimensions.pop(str(number), {}))
        last = number
    columns = parser.column_dimensions.items()
    found.hidden_columns = tuple(name for name, about in columns if _is_hidden(about))
    blocks = parser.merged_cells.mergeCell if parser.merged_cells else ()
    found.merged = tuple((b.min_row, b.max_row, b.min_col) for b in blocks if b.max_row > b.min_row)
    _fill_down(found)
    return found


def _fill_down(found: SheetRows) -> None:
    """Give the value of a block merged downwards to each of its rows that has cells; a number would count several times."""
    for first, last, column in found.merged:
        upper = found.rows[first - 1][1] if first <= len(found.rows) else []
        cell = upper[column - 1] if column <= len(upper) else ""
        if not cell or header.kind(cell) == "number":
            continue
        for _, lower in found.rows[first : min(last, len(found.rows))]:
            if header.filled(lower):
                lower += [""] * (column - len(lower))
                lower[column - 1] = cell
                found.filled.add(column)


def _is_hidden(about: dict[str, str]) -> bool:
    return about.get("hidden") in ("1", "true")


def _values(row: list[dict[str, Any]], limits: Limits) -> list[str]:
    """Cells of a row as text, from the first column on."""
    check_width(row[-1]["column"] if row and row[-1]["value"] is not None else 0, limits)
    values: list[str] = []
    for cell in row:
        if cell["column"] <= len(values):
            raise FileError(f"The sheet is damaged: row {cell['row']:,} names a cell twice.", REMEDY)
        text = as_text(cell["value"])
        if text.strip():
            check_width(cell["column"], limits)
            if len(text) > limits.max_cell_kb << 10:
                raise LimitError(
                    f"A cell of row {cell['row']:,} is longer than {limits.max_cell_kb:,} kB.",
                    "Empty that cell, save the workbook and upload it again.",
                )
            values += [""] * (cell["column"] - 1 - len(values))
            values.append(text)
    return values


def without_values(formulas: Any, results: Any) -> Counter[int]:
    """Formulas per column (0-based) whose saved result is missing; of one sheet opened both ways."""
    found: Counter[int] = Counter()
    for (_, with_formula), (_, with_value) in zip(cells(formulas)[1], cells(results)[1], strict=False):
        for formula, value in zip(with_formula, with_value, strict=False):
            if value["value"] is None and formula["data_type"] == "f":
                found[formula["column"] - 1] += 1
    return found


def as_text(value: Any) -> str:
    """A cell as it would stand in a CSV."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        is_day = value.time() == dt.time()
        return value.date().isoformat() if is_day else value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, dt.timedelta):
        return _span(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def _span(value: dt.timedelta) -> str:
    """A duration as a spreadsheet shows it under [h]:mm:ss: 26:15:00, never "1 day, 2:15:00"."""
    seconds = round(abs(value.total_seconds()))
    sign = "-" if value < dt.timedelta() else ""
    return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"

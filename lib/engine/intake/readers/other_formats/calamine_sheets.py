"""Workbooks that are no .xlsx: .xls, .xlsb and .ods, by the library calamine.

A crafted file can end the process that reads it, so this runs in the throw-away process of a file only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from lib.engine.intake.model import Limits, Sheet
from lib.engine.intake.readers import sheet_rows
from lib.engine.intake.readers.raw_table import RawTable, check_width, write
from lib.engine.intake.readers.text_lines import FileRecord
from lib.errors import FileError, LimitError, NoRowsError

_REMEDY = "Open it in Excel or LibreOffice, save it as .xlsx without a password, and upload that."


def read(
    path: Path, folder: Path, sheet: str, limits: Limits, say: Callable[[float, str], None]
) -> tuple[dict[str, Any], RawTable]:
    """Read one sheet.

    Args:
        path: The workbook.
        folder: Where the all-text table goes.
        sheet: Name of the sheet; "" for the first visible one that has rows.
        limits: Caps.
        say: Progress.

    Raises:
        FileError: The workbook or sheet cannot be read.
        LimitError: It is larger than the limits allow.
    """
    book, listed = _opened(path)
    chosen, rows = _chosen(book, sheet, listed, limits)
    say(0.5, f"Reading sheet {chosen}")
    width = max(len(cells) for cells in rows)
    records = (
        FileRecord(n, cells + [""] * (width - len(cells)), " | ".join(cells))
        for n, cells in enumerate(rows, 1)
    )
    table, _ = write(records, width, folder, limits, lambda done: None)
    hidden = [name for name, is_hidden in listed if is_hidden]
    notes = [f"The sheet “{chosen}” was read."] if len(listed) > 1 else []
    notes += [f"Hidden sheet{'s' if len(hidden) > 1 else ''}: {', '.join(hidden)}."] if hidden else []
    about = {
        "format": "xls",
        "encoding": "",
        "delimiter": "",
        "notes": notes,
        "sheets": tuple(Sheet(name, is_hidden) for name, is_hidden in listed),
        "sheet": chosen,
    }
    return about, table


def _opened(path: Path) -> tuple[Any, list[tuple[str, bool]]]:
    """A workbook; the names of its sheets, and whether each is hidden."""
    import python_calamine  # few files need it

    try:
        with path.open("rb") as stream:
            book = python_calamine.CalamineWorkbook.from_filelike(stream)
    except python_calamine.PasswordError as error:
        raise FileError("The workbook is protected by a password.", _REMEDY) from error
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise FileError("The workbook (.xls, .xlsb or .ods) is damaged.", _REMEDY) from error
    return book, [
        (about.name, about.visible != python_calamine.SheetVisibleEnum.Visible)
        for about in book.sheets_metadata
        if about.typ == python_calamine.SheetTypeEnum.WorkSheet
    ]


def _chosen(
    book: Any, sheet: str, listed: list[tuple[str, bool]], limits: Limits
) -> tuple[str, list[list[str]]]:
    names = [name for name, _ in listed]
    if sheet and sheet not in names:
        raise FileError(f"The workbook has no sheet called “{sheet}”.", f"Choose one of: {', '.join(names)}.")
    for name in [sheet] if sheet else [name for name, is_hidden in listed if not is_hidden] or names:
        rows = list(_rows(book, name, limits))
        if any(rows):
            return name, rows
    raise NoRowsError("The workbook has no rows.", "Choose another sheet or file.")


def _rows(book: Any, name: str, limits: Limits) -> Iterator[list[str]]:
    """Rows of a sheet from its first on, as text, without empty cells at their end."""
    import python_calamine

    try:
        sheet = book.get_sheet_by_name(name)
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise FileError(f"The sheet “{name}” is damaged.", _REMEDY) from error
    if sheet.total_height * max(1, sheet.total_width) > limits.max_cells_m * 1_000_000:
        raise LimitError(
            f"The sheet has more than {limits.max_cells_m:,} million cells.",
            "Save the part you need as CSV and upload that.",
        )
    first_row, first_column = sheet.start or (0, 0)
    yield from ([] for _ in range(first_row))
    for row in sheet.iter_rows():
        cells = [""] * first_column + [sheet_rows.as_text(value) for value in row]
        while cells and not cells[-1].strip():
            cells.pop()
        check_width(len(cells), limits)
        if any(len(cell) > limits.max_cell_kb << 10 for cell in cells):
            raise LimitError(
                f"A cell of the sheet is longer than {limits.max_cell_kb:,} kB.",
                "Empty that cell, save the workbook and upload it again.",
            )
        yield cells

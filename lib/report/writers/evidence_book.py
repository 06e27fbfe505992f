"""The evidence as a spreadsheet: contents with links, each fact with its cell, and a sheet per table with its query."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import xlsxwriter

from lib.engine.evidence.evidence import Evidence
from lib.report import clean
from lib.report.deck.notes import day
from lib.report.story.names import opening, origin
from lib.report.story.summary_model import Summary
from lib.report.writers.tables import CELL_LIMIT, facts, plain, rows_with_values

EPOCH = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - the workbook format wants a plain time
_NARROW, _WIDE, _SAMPLE = 9, 42, 200  # characters of a column; rows that are measured
_PRINTED = 14  # columns of a table that fit on the width of a page
_HEADER = 7  # row of a table's header: what stands above stays in sight while one scrolls
_NUMBERS: Mapping[str, str] = {
    "count": "#,##0", "number": "#,##0.###", "number1": "#,##0.0", "percent": "0%", "percent1": "0.0%",
    "points": "+0.0%;-0.0%;0.0%", "ratio": '0.0"x"', "ratio2": '0.00"x"', "p": "0.0000", "days": '0.0" days"',
    "hours": '#,##0.0" h"', "money": "#,##0.00",
}  # fmt: skip


class _Book:
    """A workbook that holds text as text."""

    def __init__(self) -> None:
        self.buffer = io.BytesIO()
        options = {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        self.book = xlsxwriter.Workbook(self.buffer, options)
        self.book.set_properties({"created": EPOCH})
        head = {"bold": True, "bottom": 1, "valign": "vcenter", "text_wrap": True, "bg_color": "#EEF2F7"}
        self.bold = self.book.add_format(head)
        self.bold_right = self.book.add_format({**head, "align": "right", "indent": 1})
        self.label = self.book.add_format({"bold": True})
        self.title = self.book.add_format({"bold": True, "font_size": 14})
        self.wrap = self.book.add_format({"text_wrap": True, "valign": "top"})
        self.top = self.book.add_format({"valign": "top"})
        self.link = self.book.add_format(
            {"font_color": "#2360A5", "underline": 1, "valign": "top", "indent": 1}
        )
        self.code = self.book.add_format({"font_name": "Consolas", "font_size": 9})
        self._formats: dict[str, Any] = {}

    def number(self, pattern: str) -> Any:
        """The cell format of a number pattern, made once."""
        if pattern not in self._formats:
            self._formats[pattern] = self.book.add_format(
                {"num_format": pattern, "valign": "top", "align": "right", "indent": 1}
            )
        return self._formats[pattern]

    def put(self, sheet: Any, row: int, column: int, value: Any, format: Any = None) -> None:
        """Write one cell."""
        value = plain(value)
        if value is None:
            sheet.write_blank(row, column, None, format)
        elif isinstance(value, int | float):
            sheet.write_number(row, column, value, format)
        else:
            code = sheet.write_string(row, column, value[:CELL_LIMIT], format)
            if code:
                raise ValueError(f"cell {row},{column} was not written: {code}")

    def header(self, sheet: Any, row: int, names: Iterable[str], numbers: tuple[int, ...]) -> None:
        """Names of columns; those over numbers stand at the right."""
        for column, name in enumerate(names):
            self.put(sheet, row, column, name, self.bold_right if column in numbers else self.bold)

    def go(self, sheet: Any, row: int, column: int, to: str, words: str) -> None:
        """A link to another sheet of this book; nothing in it leads outside."""
        sheet.write_url(row, column, f"internal:'{to}'!A1", self.link, words)

    def done(self) -> bytes:
        """The file."""
        self.book.close()
        return self.buffer.getvalue()


def sheet_name(summary: Summary, evidence: Evidence) -> str:
    """The number and as many whole words of the title as a sheet's name holds."""
    words = re.sub(r"[^\w ]", "", opening(clean.line(evidence.title, 60))).split()
    name = summary.number(evidence)
    for word in words:
        if len(name) + 1 + len(word) > 31:
            break
        name = f"{name} {word}"
    return name


def pattern_of(values: Sequence[Any], format: str = "") -> str:
    """How numbers of a column are shown; the cells keep every digit.

    Args:
        values: The column.
        format: What a fact of this column is written with; "" when none is.

    >>> pattern_of([1451, 8258]), pattern_of([0.683221]), pattern_of([237.4]), pattern_of([0.4], "percent1")
    ('#,##0', '0.0000', '#,##0.0', '0.0%')
    """
    known = _NUMBERS.get(format.removeprefix("+").partition(":")[0])
    if known is not None:
        return known
    numbers = [value for value in map(plain, values) if isinstance(value, int | float)]
    if all(float(value).is_integer() for value in numbers):
        return "#,##0"
    return "0.0000" if max(abs(value) for value in numbers) < 10 else "#,##0.0"


def _width(header: str, values: Sequence[Any], pattern: str = "") -> float:
    """Characters a column takes, within bounds."""
    written = []
    for value in map(plain, values[:_SAMPLE]):
        if isinstance(value, int | float):
            places = len(pattern.partition(";")[0].partition(".")[2])
            written.append(len(f"{value:,.0f}") + places + 2)
        else:
            written.append(max(map(len, str(value or "").split("\n"))))
    return min(max(_NARROW, len(header) + 2, *written, 0) + 1, _WIDE)


def _for_print(sheet: Any, top: int = 0, *, columns: int = 1) -> None:
    """Landscape, one page wide unless its letters would become too small, the header on each page."""
    sheet.set_landscape()
    sheet.set_paper(9)
    if columns <= _PRINTED:
        sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(top)


def xlsx(summary: Summary) -> bytes:
    """The evidence book: contents, facts, and a sheet per evidence with its query."""
    book = _Book()
    _contents_sheet(book, summary)
    _facts_sheet(book, summary)
    used = {(f.evidence.id, f.column): f.format for _, _, f in facts(summary)}
    for item in summary.evidence:
        _evidence_sheet(book, summary, item, used)
    return book.done()


def _lines_of(text: str, width: float) -> int:
    return sum(max(1, -(-len(line) // int(width))) for line in str(text).split("\n"))


def _contents_sheet(book: _Book, summary: Summary) -> None:
    """Which tables there are, what each means and where it comes from; the number leads to the sheet."""
    sheet = book.book.add_worksheet("Contents")
    company = f"{summary.company}, " if summary.company else ""
    book.put(sheet, 0, 0, f"Evidence for: {summary.title.text}", book.title)
    book.put(sheet, 1, 0, f"{company}{summary.date_text}, workbook revision {summary.revision}")
    columns = (
        ("No.", 6),
        ("Evidence", 34),
        ("Definition", 70),
        ("Data", 30),
        ("Rows read", 12),
        ("Rows back", 12),
        ("Queried", 12),
        ("Id", 12),
    )
    book.header(sheet, 3, (name for name, _ in columns), (4, 5))
    for column, (_, width) in enumerate(columns):
        sheet.set_column(column, column, width)
    for row, item in enumerate(summary.evidence, start=4):
        data = ", ".join(s.name for s in item.sources) or origin(item)
        texts = (opening(item.title), item.definition, data)
        book.go(sheet, row, 0, sheet_name(summary, item), summary.number(item))
        for column, text in enumerate(texts, start=1):
            book.put(sheet, row, column, text, book.wrap)
        book.put(sheet, row, 4, item.rows_read if item.sources else None, book.number("#,##0"))
        book.put(sheet, row, 5, len(rows_with_values(item)), book.number("#,##0"))
        book.put(sheet, row, 6, day(item.at, summary.as_of), book.top)
        book.put(sheet, row, 7, item.id, book.top)
        lines = max(
            _lines_of(text, width * 1.15) for text, (_, width) in zip(texts, columns[1:4], strict=True)
        )
        sheet.set_row(row, 15 * min(lines, 20) + 2)
    sheet.freeze_panes(4, 0)
    _for_print(sheet, 3)


def _facts_sheet(book: _Book, summary: Summary) -> None:
    """Each number as it is written, its value and its cell."""
    sheet = book.book.add_worksheet("Facts")
    names = ("Slide", "Name", "As written", "Value", "Evidence", "Row", "Column", "Format")
    book.header(sheet, 0, names, (3, 5))
    rows = []
    for row, (slide, name, fact) in enumerate(facts(summary), start=1):
        value = fact.value if isinstance(plain(fact.value), int | float) else None
        number = summary.number(fact.evidence)
        rows.append((slide, name, fact.text, value, number, fact.row + 1, fact.column, fact.format))
        shown = book.top if value is None else book.number(pattern_of([fact.value], fact.format))
        looks = [book.top] * 3 + [shown] + [book.top] * 4
        for column, (cell, look) in enumerate(zip(rows[-1], looks, strict=True)):
            book.put(sheet, row, column, cell, look)
        book.go(sheet, row, 4, sheet_name(summary, fact.evidence), number)
    for column, name in enumerate(names):
        sheet.set_column(column, column, _width(name, [row[column] for row in rows]))
    sheet.set_column(3, 3, 16)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(len(rows), 1), len(names) - 1)
    _for_print(sheet)


def _evidence_sheet(
    book: _Book, summary: Summary, item: Evidence, used: Mapping[tuple[str, str], str]
) -> None:
    """Title and meaning, the table under a header that stays, and below it the query it was made by."""
    sheet = book.book.add_worksheet(sheet_name(summary, item))
    _about(book, sheet, summary, item)
    rows = rows_with_values(item)
    for column, name in enumerate(item.columns):
        values = [row[column] for row in rows]
        numbers = [v for v in map(plain, values) if isinstance(v, int | float)]
        pattern = pattern_of(numbers, used.get((item.id, name), "")) if numbers else ""
        book.put(sheet, _HEADER, column, name, book.bold_right if numbers else book.bold)
        for row, value in enumerate(values, start=_HEADER + 1):
            is_number = isinstance(plain(value), int | float)
            book.put(sheet, row, column, value, book.number(pattern) if is_number else book.wrap)
        sheet.set_column(column, column, _width(name, values, pattern))
    sheet.freeze_panes(_HEADER + 1, 0)
    _query(book, sheet, item, _HEADER + len(rows) + 2)
    _for_print(sheet, _HEADER, columns=len(item.columns))


def _about(book: _Book, sheet: Any, summary: Summary, item: Evidence) -> None:
    """Above the table: what it is, what it was read from, and the way back."""
    sources = "; ".join(f"{s.name}, {s.rows:,} rows, {s.fingerprint[:16]}" for s in item.sources) or origin(
        item
    )
    params = ", ".join(f"{name} = {clean.line(value, 200)}" for name, value in item.params)
    method = f" {item.method}" if item.method else ""
    book.put(sheet, 0, 0, opening(item.title), book.title)
    book.go(sheet, 1, 0, "Contents", "Back to the contents")
    for row, text in (
        (2, clean.line(item.definition, CELL_LIMIT)),
        (3, f"Data: {sources}. Queried {day(item.at, summary.as_of)}.{method}"),
        (4, f"Parameters: {params}" if params else "Parameters: none"),
    ):
        book.put(sheet, row, 0, text)
    where = f"below the table, from row {_HEADER + len(rows_with_values(item)) + 4}" if item.sql else "none"
    book.put(
        sheet,
        5,
        0,
        f"Query: {where}" + ("" if item.sql else f"; {origin(item)}"),
    )


def _query(book: _Book, sheet: Any, item: Evidence, top: int) -> None:
    """The query under the table, a line a row, in letters of one width."""
    if not item.sql:
        return
    book.put(sheet, top, 0, "Query", book.label)
    for offset, text in enumerate(clean.text(item.sql, 20_000).split("\n"), start=top + 1):
        book.put(sheet, offset, 0, text, book.code)

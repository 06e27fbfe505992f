"""Web pages that hold a table, as many tools write under the name .xls, and workbooks written as XML: the widest table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from lib.engine.intake.model import Limits
from lib.engine.intake.readers import files
from lib.engine.intake.readers.raw_table import RawTable, check_width, write
from lib.engine.intake.readers.text_lines import FileRecord
from lib.errors import FileError, LimitError

_CHUNK = 1 << 20
_ROWS = {"tr", "row", "ss:row"}
_CELLS = {"td", "th", "cell", "ss:cell"}
_TABLES = {"table", "ss:table"}
_HIDDEN = {"script", "style"}
_BREAKS = {"br", "p", "div", "li"}
_MOST_SPAN = 1_000  # columns that one cell may span


@dataclass
class _HtmlTable:
    rows: list[tuple[int, list[str]]] = field(default_factory=list)
    spans: dict[int, int] = field(default_factory=dict)  # column -> rows that a cell above still covers

    @property
    def width(self) -> int:
        """Cells of most rows; a title over the table is narrower."""
        widths = Counter(len(cells) for _, cells in self.rows if cells)
        return max((w for w, n in widths.items() if n > 0.01 * widths.total()), default=0)


class _Page(HTMLParser):
    """Collects tables; an inner table is a table of its own."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[_HtmlTable] = []
        self.asks_password = False
        self.merged = 0
        self._open: list[_HtmlTable] = []
        self._cell: list[str] | None = None
        self._about: dict[str, str | None] = {}
        self._hidden = self._count = self._length = 0
        self._limits = limits

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A table, row or cell begins."""
        about = dict(attrs)
        if tag == "input" and about.get("type") == "password":
            self.asks_password = True
        if tag in _HIDDEN:
            self._hidden += 1
        elif tag in _TABLES:
            self._end_cell()
            self._open.append(_HtmlTable())
            self.tables.append(self._open[-1])
        elif tag in _ROWS and self._open:
            self._end_cell()
            self._open[-1].rows.append((self.getpos()[0], []))
        elif tag in _CELLS and self._open:
            self._end_cell()
            if not self._open[-1].rows:
                self._open[-1].rows.append((self.getpos()[0], []))
            self._cell, self._about, self._length = [], about, 0
        elif tag in _BREAKS and self._cell:
            self._cell.append(" ")

    def handle_endtag(self, tag: str) -> None:
        """A table, row or cell ends."""
        if tag in _HIDDEN:
            self._hidden = max(0, self._hidden - 1)
        elif tag in _CELLS or tag in _ROWS:
            self._end_cell()
        elif tag in _TABLES and self._open:
            self._end_cell()
            self._open.pop()

    def handle_data(self, data: str) -> None:
        """Text of a cell."""
        if self._cell is None or self._hidden:
            return
        self._length += len(data)
        if self._length > self._limits.max_cell_kb << 10:
            raise LimitError(
                f"A cell of the table is longer than {self._limits.max_cell_kb:,} kB.",
                "Export the table as CSV and upload that file.",
            )
        self._cell.append(data)

    def _end_cell(self) -> None:
        if self._cell is None or not self._open:
            return
        table, text = self._open[-1], " ".join("".join(self._cell).split())
        self._cell = None
        cells = table.rows[-1][1]
        self._pass_covered(table, cells)
        index = _whole(self._about.get("ss:index"))  # where the sheet of XML leaves cells out
        cells.extend([""] * (min(index - 1, self._limits.max_columns) - len(cells) if index else 0))
        across = min(
            _whole(self._about.get("colspan")) or 1 + _whole(self._about.get("ss:mergeacross")), _MOST_SPAN
        )
        down = (_whole(self._about.get("rowspan")) or 1 + _whole(self._about.get("ss:mergedown"))) - 1
        if down > 0:
            self.merged += 1
            table.spans.update((len(cells) + i, down) for i in range(across))
        cells.extend([text, *[""] * (across - 1)])
        self._count += across
        check_width(len(cells), self._limits)
        if self._count > self._limits.max_cells_m * 1_000_000:
            raise LimitError(
                f"The page has more than {self._limits.max_cells_m:,} million cells.",
                "Export the table as CSV and upload that file.",
            )

    def _pass_covered(self, table: _HtmlTable, cells: list[str]) -> None:
        """Leave places empty that a cell of an earlier row covers."""
        while len(cells) in table.spans:
            place = len(cells)
            table.spans[place] -= 1
            if table.spans[place] <= 0:
                del table.spans[place]
            cells.append("")
            check_width(len(cells), self._limits)


def _whole(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 8 else 0


def read(
    path: Path, folder: Path, limits: Limits, say: Callable[[float, str], None]
) -> tuple[dict[str, Any], RawTable]:
    """Read the widest table of a page, the longest of those that are equally wide.

    Args:
        path: A web page, or a workbook as XML.
        folder: Where the all-text table goes.
        limits: Caps.
        say: Progress.

    Raises:
        FileError: It has no table, or asks for a password: a log-in page.
        LimitError: It is larger than the limits allow.
    """
    encoding, note = files.encoding(path)
    page, size, done = _Page(limits), max(1, path.stat().st_size), 0
    with path.open(encoding=encoding, errors="replace") as stream:
        while chunk := stream.read(_CHUNK):
            page.feed(chunk)
            done += len(chunk)
            say(min(0.7, 0.7 * done / size), "Reading the page")
    page.close()
    tables = [table for table in page.tables if table.width > 1 and len(table.rows) > 1]
    if page.asks_password or not tables:
        raise FileError(
            "The file is a web page, not a table.",
            "Log in to the tool it came from and use its CSV export; a download link often saves the log-in page.",
        )
    best = max(tables, key=lambda table: (table.width, len(table.rows)))
    width = best.width
    records = (
        FileRecord(line, cells + [""] * (width - len(cells)), " | ".join(cells)) for line, cells in best.rows
    )
    table, _ = write(records, width, folder, limits, lambda count: None)
    notes = [note] if note else []
    if len(tables) > 1:
        notes.append(f"The page holds {len(tables):,} tables; the widest, with {width:,} columns, was read.")
    if page.merged:
        notes.append("Some cells are merged over several rows: only the first of them has the value.")
    about = {
        "format": "html",
        "encoding": "utf-8" if encoding == files.BROKEN_UTF8 else encoding,
        "delimiter": "",
        "notes": notes,
        "sheets": (),
        "sheet": "",
    }
    return about, table

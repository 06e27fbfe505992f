"""The all-text table: every record goes to exactly one place, and the places add up."""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from lib.engine.datasets.dataset import Accounting
from lib.engine.intake.model import RAW, REJECTS, Limits, Reject
from lib.engine.intake.readers import blocks, header, layout
from lib.engine.intake.readers.text_lines import FileRecord
from lib.errors import FileError, LimitError, NoRowsError

BATCH = 50_000
FIRST = 250  # records that decide where the header is
LINE = "line"  # column of raw.parquet: where the record starts in the file
_SHOWN = 200  # rejects carried in a Reading; all are in the file
LAST = 12  # rows at the end that may be totals
_RULES = ("", "--", "==", "__", ":-")  # how a line drawn between rows can begin
_NUL = re.compile("\x00")
_EXCEL_TEXT = re.compile(r'^="(.*)"$')  # how some exports keep Excel from changing a value


@dataclass
class RawTable:
    """What writing the all-text table left behind.

    Attributes:
        head: Header and preamble.
        accounting: Where each record went.
        rejects: The first rejected records.
        preamble: Text of the rows above the header.
        line_offset: Line of the first row minus one, when the table carries no line column.
        is_in_place: The rows stay in the clean text file they came from; what is known of it is saved already.
    """

    head: header.Head
    accounting: Accounting
    rejects: tuple[Reject, ...]
    preamble: tuple[str, ...]
    line_offset: int = -1
    is_in_place: bool = False


class Rejects:
    """Rejected records, written to `rejects.csv` as they come."""

    def __init__(self, folder: Path) -> None:
        """Open the file and write its header."""
        self._stream = (folder / REJECTS).open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._stream)
        self._writer.writerow(["line", "reason", "record"])
        self.count = 0
        self.shown: list[Reject] = []

    def add(self, line: int, reason: str, text: str) -> None:
        """Keep one record."""
        self.count += 1
        self._writer.writerow([line, reason, text])
        if len(self.shown) < _SHOWN:
            self.shown.append(Reject(line, reason, text[:500]))

    def close(self) -> None:
        """Finish the file."""
        self._stream.close()


def check_width(width: int, limits: Limits) -> None:
    """Refuse a table that is wider than the cap.

    Raises:
        LimitError: It is.
    """
    if width > limits.max_columns:
        raise LimitError(
            f"The table has {width:,} columns; at most {limits.max_columns:,} are read.",
            "Keep the columns you need, or put one measure per row.",
        )


def _schema(width: int) -> pa.Schema:
    return pa.schema([*((f"c{i}", pa.string()) for i in range(1, width + 1)), (LINE, pa.int64())])


def _write(writer: pq.ParquetWriter, schema: pa.Schema, rows: list[tuple[int, list[Any]]]) -> None:
    if not rows:
        return
    columns = list(zip(*(cells for _, cells in rows), strict=True))
    arrays = [pa.array([c if c else None for c in column], pa.string()) for column in columns]
    arrays.append(pa.array([line for line, _ in rows], pa.int64()))
    writer.write_table(pa.Table.from_arrays(arrays, schema=schema))


@dataclass
class _Counts:
    total: int = 0
    accepted: int = 0
    blank: int = 0
    nuls: int = 0


TOTALS = "a totals row, which would be counted twice"
_NOTE = "a note below the table"
_ELSEWHERE = "belongs to another table of the file"
_BESIDE = "belongs to the table beside"


def _sorted_out(
    records: Iterator[FileRecord], width: int, names: list[str], rejects: Rejects, counts: _Counts
) -> Iterator[tuple[int, list[Any]]]:
    """Rows to accept; everything else is counted where it belongs."""
    last: deque[FileRecord] = deque()
    for record in records:
        counts.total += 1
        if "\x00" in record.text:
            counts.nuls += 1
            _mend(record, _NUL, "")
        if record.is_blank:
            counts.blank += 1
        elif why := record.problem or _why_not(record.cells, width, names, is_first=not last):
            rejects.add(record.line, why, record.text)
        else:
            if '="' in record.text:
                _mend(record, _EXCEL_TEXT, r"\1")
            last.append(record)
            if len(last) > LAST:
                counts.accepted += 1
                done = last.popleft()
                yield done.line, done.cells
    yield from _without_ends(last, rejects, counts)


def _mend(record: FileRecord, pattern: re.Pattern[str], by: str) -> None:
    record.cells = [pattern.sub(by, cell) for cell in record.cells]


def _without_ends(
    last: Sequence[FileRecord], rejects: Rejects, counts: _Counts
) -> Iterator[tuple[int, list[Any]]]:
    """The last rows, save those that add up the others, and notes below them."""
    notes = header.notes_below([record.cells for record in last])
    for index, record in enumerate(last):
        if header.is_total(record.cells):
            rejects.add(record.line, TOTALS, record.text)
        elif index >= len(last) - notes:
            rejects.add(record.line, _NOTE, record.text)
        else:
            counts.accepted += 1
            yield record.line, record.cells


def _why_not(cells: list[str], width: int, names: list[str], *, is_first: bool) -> str:
    """Why a record is no row; "" for a row."""
    if len(cells) != width:
        return f"has {len(cells)} cell{'s' if len(cells) != 1 else ''} where the others have {width}"
    if cells == names and width > 1:
        return "repeats the header"
    if cells[0][:2] in _RULES and header.is_rule(cells):
        return "a line drawn between rows"
    if is_first and header.is_total(cells):  # some tools put the totals above the rows
        return TOTALS
    return ""


def write(
    records: Iterator[FileRecord], width: int, folder: Path, limits: Limits, tick: Callable[[int], None]
) -> tuple[RawTable, int]:
    """Write records as `raw.parquet` and `rejects.csv`.

    Args:
        records: Every physical record of the file, in order.
        width: Cells of an ordinary record.
        folder: Where the files go.
        limits: Caps.
        tick: Called with the number of records so far, now and then.

    Returns:
        The table, and the number of records that held NUL characters.

    Raises:
        FileError: No row is left to read.
        LimitError: The table is too wide.
    """
    check_width(width, limits)
    ahead = list(islice(records, blocks.AHEAD))
    table = _Growing(ahead, blocks.choose(ahead, width))
    rejects, counts = Rejects(folder), _Counts()
    above = table.above(rejects, counts)
    try:
        schema = _schema(len(table.plan.headers))
        with pq.ParquetWriter(folder / RAW, schema, compression="snappy") as writer:
            _write_rows(writer, schema, table.rows(records, rejects, counts), lambda: tick(counts.total))
        for record in table.below(records):
            counts.total += 1
            counts.blank += record.is_blank
            if not record.is_blank:
                rejects.add(record.line, record.problem or _ELSEWHERE, record.text)
    finally:
        rejects.close()
    accounting = Accounting(
        total=counts.total,
        accepted=counts.accepted,
        rejected=rejects.count,
        preamble=len(above),
        blank=counts.blank,
        header=table.head.rows,
    )
    if accounting.accepted == 0:
        raise _nothing(accounting, rejects.shown)
    preamble = tuple(record.text[:300] for record in above)
    return RawTable(table.kept, accounting, tuple(rejects.shown), preamble), counts.nuls


class _Growing:
    """The table to read among all records of a file: what stands above it, its rows, and what stands below."""

    def __init__(self, ahead: list[FileRecord], choice: blocks.Choice) -> None:
        self.ahead, self.choice = ahead, choice
        self.first = ahead[choice.start :][:FIRST]
        self.head = header.find(self.first, choice.width)
        self.plan = layout.of(self.first, self.head, choice.width)
        self.kept = layout.kept(self.head, self.plan, choice.notes)

    def above(self, rejects: Rejects, counts: _Counts) -> list[FileRecord]:
        """The records above its rows that say something, but are its header or another table's rows."""
        start = self.choice.start
        others = {i for begin, end in self.choice.others for i in range(begin, end)}
        for i in sorted(others):
            rejects.add(self.ahead[i].line, _ELSEWHERE, self.ahead[i].text)
        counts.total = start + self.head.start
        counts.blank = sum(record.is_blank for record in self.ahead[: counts.total])
        before = [self.ahead[i] for i in range(start) if i not in others and not self.ahead[i].is_blank]
        return [*before, *(self.first[i] for i in self.head.preamble)]

    def rows(
        self, more: Iterator[FileRecord], rejects: Rejects, counts: _Counts
    ) -> Iterator[tuple[int, list[Any]]]:
        """Its rows, as they are kept."""
        begin, stop = self.choice.start + self.head.start, self.choice.stop
        source = iter(self.ahead[begin:stop]) if stop >= 0 else chain(self.ahead[begin:], more)
        names = self.first[self.head.start - 1].cells if self.head.rows else []
        for line, cells in _sorted_out(source, self.choice.width, names, rejects, counts):
            row = self.plan.row(cells) if self.plan.changes else cells
            if self.plan.changes and not header.filled(row):
                counts.accepted -= 1
                rejects.add(line, _BESIDE, " | ".join(cells))
            else:
                yield line, row

    def below(self, more: Iterator[FileRecord]) -> Iterator[FileRecord]:
        """Records of the tables below it."""
        return chain(self.ahead[self.choice.stop :], more) if self.choice.stop >= 0 else more


def _write_rows(
    writer: pq.ParquetWriter,
    schema: pa.Schema,
    rows: Iterator[tuple[int, list[Any]]],
    tick: Callable[[], None],
) -> None:
    """Write rows in batches."""
    batch: list[tuple[int, list[Any]]] = []
    for row in rows:
        batch.append(row)
        if len(batch) * len(schema) >= BATCH * 8 or len(batch) >= BATCH:
            _write(writer, schema, batch)
            batch = []
            tick()
    _write(writer, schema, batch)


def _nothing(accounting: Accounting, rejects: list[Reject]) -> FileError:
    if accounting.rejected:
        return FileError(
            f"No row of the file can be read: line {rejects[0].line} {rejects[0].reason}.",
            "Open the file in a text editor, mend that line, and upload it again.",
        )
    return NoRowsError(
        "The file has a header but no rows.", "Check the period or filter of the export and upload it again."
    )

"""Tables that stand one below the other in one file or sheet: the largest is read, the others are named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from lib.engine.intake.readers import header
from lib.engine.intake.readers.text_lines import FileRecord

AHEAD = 20_000  # records among which tables are looked for
_TESTS = 200  # segments that are looked at
_BELOW = 50


@dataclass
class TableBlock:
    """One table among the first records.

    Attributes:
        start: Index of its first record.
        width: Cells of its records.
        names: Its header; () where it has none.
        segments: Runs of records, as first and last index plus one.
    """

    start: int
    width: int
    names: tuple[str, ...]
    segments: list[tuple[int, int]] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """Records below the header."""
        return sum(stop - start for start, stop in self.segments) - bool(self.names)

    @property
    def stop(self) -> int:
        """Index after its last record."""
        return self.segments[-1][1]


@dataclass(frozen=True)
class Choice:
    """The table to read.

    Attributes:
        width: Cells of its records.
        start: Index of the first record that may belong to it, its titles included.
        stop: Index of the first record that no longer does; -1 where nothing follows.
        others: Records of other tables above it: first index and last plus one.
        notes: The tables that are not read, in words.
    """

    width: int
    start: int = 0
    stop: int = -1
    others: tuple[tuple[int, int], ...] = ()
    notes: tuple[str, ...] = ()


def choose(records: Sequence[FileRecord], width: int) -> Choice:
    """The largest table among the first records.

    Args:
        records: From the beginning of the file on, blank ones included.
        width: Cells that most records have.
    """
    tables = _candidates(_tables(records))
    headed = [block for block in tables if block.names]
    if not headed or (len(tables) == 1 and tables[0].width == width):
        return Choice(width)
    if len(tables) == 1:
        return Choice(tables[0].width)
    return Choice(width) if len(headed) < 2 else _largest(records, tables)


def _candidates(found: Sequence[TableBlock]) -> list[TableBlock]:
    """Those that may be the table: a list of names and values above the one that has a header is its preamble."""
    first = next((block.start for block in found if block.names), -1)

    def is_table(block: TableBlock) -> bool:
        return block.rows > 2 and (block.width > 2 or block.start > first)

    return [block for block in found if block.names or is_table(block)]


def _largest(records: Sequence[FileRecord], tables: Sequence[TableBlock]) -> Choice:
    """The table of most rows; what belongs to the others is told apart."""
    best = max(tables, key=lambda block: (block.rows, block.width))
    at = tables.index(best)
    stop = tables[at + 1].start if at + 1 < len(tables) else -1
    above = tuple(segment for block in tables[:at] for segment in block.segments)
    return Choice(best.width, tables[at - 1].stop if at else 0, stop, above, (_told(records, best, tables),))


def _tables(records: Sequence[FileRecord]) -> list[TableBlock]:
    """Every table: a run of records of one width, and the runs that go on with it."""
    blocks: list[TableBlock] = []
    for number, (start, stop) in enumerate(_segments(records)):
        cells = [records[i].cells for i in range(start, min(stop, start + 1 + _BELOW))]
        is_headed = number < _TESTS and header.is_heading(cells[0], cells[1:])
        names = tuple(cell.strip() for cell in cells[0]) if is_headed else ()
        same = _continued(blocks, len(cells[0]), names)
        if same:
            same.segments.append((start, stop))
        elif len(cells[0]) > 1:
            blocks.append(TableBlock(start, len(cells[0]), names, [(start, stop)]))
    return [block for block in blocks if block.rows > 0]


def _continued(blocks: Sequence[TableBlock], width: int, names: tuple[str, ...]) -> TableBlock | None:
    """The table that a run goes on with: the one of the same header, or without one the last of the same width."""
    if names:
        return next((b for b in reversed(blocks) if b.names == names and b.width == width), None)
    return blocks[-1] if blocks and blocks[-1].width == width else None


def _segments(records: Sequence[FileRecord]) -> list[tuple[int, int]]:
    """Runs of records of one width, without what stands between tables: blank lines, comments, titles."""
    runs: list[tuple[int, int]] = []
    start = -1
    for index, record in enumerate(records):
        is_row = not (record.is_blank or record.problem or header.COMMENT.match(record.text))
        is_row = is_row and not (len(record.cells) > 2 and header.filled(record.cells) == 1)
        if start >= 0 and (not is_row or len(record.cells) != len(records[start].cells)):
            runs.append((start, index))
            start = -1
        if is_row and start < 0:
            start = index
    return [*runs, (start, len(records))] if start >= 0 else runs


def _told(records: Sequence[FileRecord], best: TableBlock, tables: Sequence[TableBlock]) -> str:
    """Which table is read, and which are not."""
    others = [
        f"“{', '.join(filter(None, block.names[:4])) or 'without names'}” from line {records[block.start].line:,} "
        f"({block.rows:,} row{'s' if block.rows != 1 else ''})"
        for block in tables
        if block is not best
    ]
    more = f", and {len(others) - 3:,} more" if len(others) > 3 else ""
    return (
        f"The file holds {len(tables):,} tables one below the other. The largest was read, from line "
        f"{records[best.start].line:,}. Not read: {'; '.join(others[:3])}{more}. Save another one as a file of its own "
        "to use it."
    )

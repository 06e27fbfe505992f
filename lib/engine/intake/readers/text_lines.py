"""Physical records of a text file, in a dialect that is known (see `dialects`)."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from lib.engine.intake.model import Limits

NAMES = {"\t": "tab", "": "none"}
WHITESPACE = "whitespace"
AROUND = ",; \t|"  # what may follow a line in quotes
_LONG_CELL = "a cell is longer than allowed"
_LONGEST = (
    1 << 24
)  # characters of a line; the rest of a longer one is passed over, so that no file fills the memory


@dataclass(frozen=True)
class Dialect:
    """How records are split into cells.

    Attributes:
        delimiter: One character; "" for a single column; WHITESPACE for aligned columns.
        width: Cells of an ordinary record.
        cuts: Character positions where aligned columns start, when cells may hold single spaces.
        is_wrapped: Whether whole lines stand in quotes, as a spreadsheet writes lines that it took for one cell.
    """

    delimiter: str
    width: int
    cuts: tuple[int, ...] = ()
    is_wrapped: bool = False


@dataclass
class FileRecord:
    """One physical record: where it starts, its cells, or why it has none."""

    line: int
    cells: list[str]
    text: str
    problem: str = ""

    @property
    def is_blank(self) -> bool:
        """Nothing but spaces and delimiters: never data, always counted."""
        return not self.problem and not any(cell and not cell.isspace() for cell in self.cells)


def numbered(path: Path, encoding: str) -> Iterator[tuple[int, str]]:
    """Lines of a text file with their numbers, from 1."""
    # cp1252 leaves five bytes undefined; they become visible marks rather than an error.
    with path.open(encoding=encoding, errors="replace", newline=None) as stream:
        for number, line in enumerate(iter(partial(stream.readline, _LONGEST), ""), 1):
            while len(line) == _LONGEST and not line.endswith("\n") and (rest := stream.readline(_LONGEST)):
                if rest.endswith("\n") or len(rest) < _LONGEST:
                    break
            yield number, line.rstrip("\n")


def unwrapped(line: str) -> str:
    """A line without the quotes around the whole of it; as it stands where there are none.

    >>> unwrapped('"a,""b,c"",d"'), unwrapped('"a","b"')
    ('a,"b,c",d', '"a","b"')
    """
    bare = line.rstrip(AROUND)
    if len(bare) < 3 or bare[0] != '"' or bare[-1] != '"':
        return line
    inside = bare[1:-1].replace('""', "")
    return line if '"' in inside else bare[1:-1].replace('""', '"')


def _parse(text: str, delimiter: str) -> tuple[list[str], str]:
    """Cells, or the problem: "open" when a quote is not closed yet."""
    source = [line + "\n" for line in text.split("\n")] if "\n" in text else [text]
    try:
        rows = list(csv.reader(source, delimiter=delimiter, strict=True))
    except csv.Error as error:
        if "unexpected end of data" in str(error):
            return [], "open"
        return [], _LONG_CELL if "field larger" in str(error) else "a quote stands where none may stand"
    return (rows[0] if rows else [""]), ""


def _long(text: str, limits: Limits) -> bool:
    return len(text) > limits.max_cell_kb << 10


def records(path: Path, encoding: str, dialect: Dialect, limits: Limits) -> Iterator[FileRecord]:
    """Every physical record of the file, each exactly once.

    A quoted cell may span lines; a quote that is never closed costs its own line only, the lines after it are read
    again.
    """
    csv.field_size_limit(limits.max_cell_kb << 10)
    source, held = numbered(path, encoding), []
    while item := held.pop() if held else next(source, None):
        number, line = item
        if dialect.is_wrapped:
            line = unwrapped(line)
        if len(line) >= _LONGEST:
            yield FileRecord(number, [], line[:500], "is longer than any row may be")
        elif dialect.delimiter == WHITESPACE:
            yield _aligned(number, line, dialect)
        elif dialect.delimiter == "" or '"' not in line:
            yield _bare(number, line, dialect, limits)
        else:
            yield _quoted(number, line, dialect, limits, source, held)


def _bare(number: int, line: str, dialect: Dialect, limits: Limits) -> FileRecord:
    """A record without quotes."""
    cells = line.split(dialect.delimiter) if dialect.delimiter else [line]
    if _long(line, limits) and any(_long(cell, limits) for cell in cells):
        return FileRecord(number, [], line[:500], _LONG_CELL)
    return FileRecord(number, cells, line)


def _quoted(
    number: int,
    line: str,
    dialect: Dialect,
    limits: Limits,
    source: Iterator[tuple[int, str]],
    held: list[tuple[int, str]],
) -> FileRecord:
    """A record with quotes; lines taken in vain are put back on `held`."""
    cells, problem = _parse(line, dialect.delimiter)
    if problem != "open":
        return FileRecord(number, cells, line, problem)
    taken: list[tuple[int, str]] = []
    text = line
    while len(taken) < limits.max_record_lines and not _long(text, limits):
        item = held.pop() if held else next(source, None)
        if item is None:
            break
        taken.append(item)
        text += "\n" + item[1]
        if '"' not in item[1]:
            continue
        cells, problem = _parse(text, dialect.delimiter)
        if not problem and len(cells) == dialect.width:
            return FileRecord(number, cells, text)
        if problem != "open":
            break
    held.extend(reversed(taken))
    return FileRecord(number, [], line, "a quote is opened and never closed")


def _aligned(number: int, line: str, dialect: Dialect) -> FileRecord:
    if not dialect.cuts:
        return FileRecord(number, line.split() or [""], line)
    ends = (*dialect.cuts[1:], len(line) + 1)
    cells = [line[a:b] for a, b in zip(dialect.cuts, ends, strict=True)]
    crossing = any(0 < cut <= len(line) and line[cut - 1] != " " for cut in dialect.cuts[1:])
    problem = "its cells do not line up with the other lines" if crossing else ""
    return FileRecord(number, [] if problem else [cell.strip() for cell in cells], line, problem)

"""Physical records of a text file and the dialect they are written in."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from lib.engine.intake.model import Limits

DELIMITERS = (",", ";", "\t", "|")
RARE = ("^", "~")  # only where nearly every record agrees
NAMES = {"\t": "tab", "": "none"}
WHITESPACE = "whitespace"
SAMPLE = 5000  # records that decide the dialect
_SAMPLE_SIZE = 1 << 25  # characters of them
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
    """

    delimiter: str
    width: int
    cuts: tuple[int, ...] = ()


@dataclass
class Record:
    """One physical record: where it starts, its cells, or why it has none."""

    line: int
    cells: list[str]
    text: str
    problem: str = ""

    @property
    def is_blank(self) -> bool:
        """Nothing but spaces and delimiters: never data, always counted."""
        return not self.problem and not any(cell and not cell.isspace() for cell in self.cells)


def _numbered(path: Path, encoding: str) -> Iterator[tuple[int, str]]:
    # cp1252 leaves five bytes undefined; they become visible marks rather than an error.
    with path.open(encoding=encoding, errors="replace", newline=None) as stream:
        for number, line in enumerate(iter(partial(stream.readline, _LONGEST), ""), 1):
            while len(line) == _LONGEST and not line.endswith("\n") and (rest := stream.readline(_LONGEST)):
                if rest.endswith("\n") or len(rest) < _LONGEST:
                    break
            yield number, line.rstrip("\n")


def _parse(text: str, delimiter: str) -> tuple[list[str], str]:
    """Cells, or the problem: "open" when a quote is not closed yet."""
    try:
        rows = list(
            csv.reader(
                text.split("\n") if "\n" not in text else [t + "\n" for t in text.split("\n")],
                delimiter=delimiter,
                strict=True,
            )
        )
    except csv.Error as error:
        message = str(error)
        if "unexpected end of data" in message:
            return [], "open"
        return (
            [],
            "a cell is longer than allowed"
            if "field larger" in message
            else "a quote stands where none may stand",
        )
    if not rows:
        return [""], ""
    return rows[0], ""


def _long(text: str, limits: Limits) -> bool:
    return len(text) > limits.max_cell_kb << 10


def records(path: Path, encoding: str, dialect: Dialect, limits: Limits) -> Iterator[Record]:
    """Every physical record of the file, each exactly once.

    A quoted cell may span lines; a quote that is never closed costs its own line only, the lines after it are read
    again.
    """
    csv.field_size_limit(limits.max_cell_kb << 10)
    source, held = _numbered(path, encoding), []
    while True:
        item = held.pop() if held else next(source, None)
        if item is None:
            return
        number, line = item
        if len(line) >= _LONGEST:
            yield Record(number, [], line[:500], "is longer than any row may be")
        elif dialect.delimiter == WHITESPACE:
            yield _aligned(number, line, dialect)
        elif dialect.delimiter == "" or '"' not in line:
            cells = line.split(dialect.delimiter) if dialect.delimiter else [line]
            problem = (
                "a cell is longer than allowed"
                if _long(line, limits) and any(_long(c, limits) for c in cells)
                else ""
            )
            yield Record(number, [] if problem else cells, line if not problem else line[:500], problem)
        else:
            yield _quoted(number, line, dialect, limits, source, held)


def _quoted(
    number: int,
    line: str,
    dialect: Dialect,
    limits: Limits,
    source: Iterator[tuple[int, str]],
    held: list[tuple[int, str]],
) -> Record:
    """A record with quotes; lines taken in vain are put back on `held`."""
    cells, problem = _parse(line, dialect.delimiter)
    if problem != "open":
        return Record(number, cells, line, problem)
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
            return Record(number, cells, text)
        if problem != "open":
            break
    held.extend(reversed(taken))
    return Record(number, [], line, "a quote is opened and never closed")


def _aligned(number: int, line: str, dialect: Dialect) -> Record:
    if not dialect.cuts:
        return Record(number, line.split() or [""], line)
    ends = (*dialect.cuts[1:], len(line) + 1)
    cells = [line[a:b] for a, b in zip(dialect.cuts, ends, strict=True)]
    crossing = any(0 < cut <= len(line) and line[cut - 1] != " " for cut in dialect.cuts[1:])
    problem = "its cells do not line up with the other lines" if crossing else ""
    return Record(number, [] if problem else [cell.strip() for cell in cells], line, problem)


def _sample(path: Path, encoding: str) -> list[str]:
    found: list[str] = []
    size = 0
    for _, line in _numbered(path, encoding):
        if line and not line.isspace():
            found.append(line)
            size += len(line)
        if len(found) >= SAMPLE or size > _SAMPLE_SIZE:
            break
    return found


def detect(path: Path, encoding: str, limits: Limits) -> Dialect:
    """The dialect that most records of the sample agree on."""
    sample = _sample(path, encoding)
    best, best_score = Dialect("", 1), 0.0
    declared = re.match(r"^\ufeff?sep=(.)$", sample[0]) if sample else None
    for delimiter in (declared.group(1),) if declared else DELIMITERS:
        if not any(delimiter in line for line in sample):
            continue
        widths = Counter(_widths(sample, delimiter, limits))
        if not widths:
            continue
        width, count = max(widths.items(), key=lambda item: (item[0] > 1, item[1], item[0]))
        # Agreement counts most; between dialects that agree equally the one with more cells is right.
        score = count / sum(widths.values()) + min(width, 50) / 1000
        if width > 1 and score > best_score:
            best, best_score = Dialect(delimiter, width), score
    if best_score >= 0.4:
        return best
    for delimiter in RARE:
        widths = Counter(len(line.split(delimiter)) for line in sample)
        width, count = max(widths.items(), key=lambda item: item[1], default=(1, 0))
        if width > 1 and count >= max(2, len(sample) * 0.8):
            return Dialect(delimiter, width)
    aligned = _detect_aligned(sample)
    # A small table under many comments or above a long footer: several lines of three cells and more are no accident.
    is_table = best.width > 2 and best_score >= 0.2 and (aligned is None or aligned.cuts)
    return best if is_table else aligned or best


def _widths(sample: list[str], delimiter: str, limits: Limits) -> Iterator[int]:
    csv.field_size_limit(limits.max_cell_kb << 10)
    reader = csv.reader((line + "\n" for line in sample), delimiter=delimiter)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            continue
        yield len(row)


def _detect_aligned(sample: list[str]) -> Dialect | None:
    """Columns set apart by spaces: every line has as many words, or every line is blank at the same places."""
    if len(sample) < 3:
        return None
    widths = Counter(len(line.split()) for line in sample)
    width, count = widths.most_common(1)[0]
    if width > 1 and count >= len(sample) * 0.99:
        return Dialect(WHITESPACE, width)
    length = max(map(len, sample))
    if length > 5000:
        return None
    filled = [sum(1 for line in sample if i < len(line) and line[i] != " ") for i in range(length)]
    cuts = [i for i in range(length) if filled[i] and (i == 0 or not filled[i - 1])]
    # One blank column between words of free text is chance; two blanks, or a cut in a long sample, is a layout.
    is_layout = len(cuts) > 1 and len(sample) >= 5
    return Dialect(WHITESPACE, len(cuts), (0, *cuts[1:])) if is_layout else None

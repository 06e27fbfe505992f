"""What a person should know of how the columns of a file were read, and what its zones leave open."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import duckdb

from lib.engine.intake import money, questions
from lib.engine.intake.model import IntakeQuestion, RawColumn
from lib.engine.intake.readers import header
from lib.engine.intake.readers.raw_table import LINE
from lib.engine.intake.readers.row_source import TextTable
from lib.engine.intake.values import casts, time_zones, value_kinds
from lib.engine.intake.values.patterns import ERRORS, NUMBERS
from lib.engine.query import quote

_SAID_ZONE = re.compile(r"(Z|UTC|GMT|[+-]\d{2}(:?\d{2})?)$")
AS_THEY_STAND = "counted as they stand."
_CELLS = 2_000_000  # of a table that is searched for copies of rows


def of(found: TextTable, columns: Sequence[RawColumn], rows: int) -> tuple[list[str], list[IntakeQuestion]]:
    """Notes on every column, and questions about letters that mean several zones.

    Args:
        found: The all-text table.
        columns: As `parse.describe` found them.
        rows: How many the table has.
    """
    sample, notes, asked = found.sample(), [], []
    with duckdb.connect(":memory:") as con:
        for column in columns:
            seen = _Seen(column, sample[column.name], value_kinds.present(sample[column.name]))
            notes += [note for check in _CHECKS for note in check(seen)]
            if "@" in column.style:
                names = zones_of(con, found, column)
                notes += _zone_note(column, names)
                asked += [questions.about_zone(column, letters) for letters in time_zones.unclear(names)]
        notes += money.beside(columns, sample)
        asked += [questions.about_unit(column) for column in money.unclear(columns, sample)]
        if not found.text and len(columns) > 1 and rows * len(columns) <= _CELLS:
            notes += _copies(con, found, columns)
            notes += _sums(con, found, columns, rows)
    return notes, asked


def zones_of(con: duckdb.DuckDBPyConnection, found: TextTable, column: RawColumn) -> list[str]:
    """The zones that the whole column names, by letters or offset."""
    zone = time_zones.parts(f"trim({quote(column.name)})")[1]
    every = con.execute(f"SELECT DISTINCT {zone} AS zone FROM {found.sql} ORDER BY zone LIMIT 50").fetchall()
    return [row[0] for row in every if row[0]]


@dataclass(frozen=True)
class _Seen:
    """A column with its sample as it stands, and what of it says something."""

    column: RawColumn
    raw: Sequence[str | None]
    cells: Sequence[str]

    @property
    def name(self) -> str:
        return f"“{self.column.header}”"

    @property
    def is_number(self) -> bool:
        return self.column.kind in ("number", "integer")


def _cut_short(seen: _Seen) -> Iterator[str]:
    examples = seen.column.examples
    if examples and all(re.match(r"^\d\.\d+E\+\d+$", example) for example in examples):
        yield (
            f"Column {seen.name} holds numbers cut short by a spreadsheet, such as {examples[0]}: if they are "
            "identifiers, different ones have become the same. Export it again without opening it in a spreadsheet."
        )


def _broken_formulas(seen: _Seen) -> Iterator[str]:
    broken = next((cell.strip() for cell in seen.raw if cell and cell.strip().lower() in ERRORS), "")
    if broken:
        yield f"Column {seen.name} holds errors of a spreadsheet, such as {broken}; no number is made of them."


def _percent_signs(seen: _Seen) -> Iterator[str]:
    with_sign = [cell for cell in seen.cells if "%" in cell] if seen.is_number else []
    if 0 < len(with_sign) < sum(cell.strip("0.,") != "" for cell in seen.cells):
        without = next(cell for cell in seen.cells if "%" not in cell)
        yield (
            f"Some values of {seen.name} carry a percent sign ({with_sign[0]}), some do not ({without}): the first are "
            "divided by 100."
        )


def _currencies(seen: _Seen) -> Iterator[str]:
    several = money.in_cells(seen.cells if seen.is_number else ())
    if len(several) > 1:
        yield (
            f"The amounts of {seen.name} are in several currencies ({', '.join(several[:5])}) and are added up as they "
            "stand. Convert them first."
        )


def _parts_of_money(seen: _Seen) -> Iterator[str]:
    parts = money.divisor(seen.column.header) if seen.is_number else 1
    if parts > 1:
        yield (
            f"The name of {seen.name} says that its amounts are {'cents' if parts == 100 else 'millionths'}: used as money, "
            f"they are divided by {parts:,}."
        )


def _fiscal_years(seen: _Seen) -> Iterator[str]:
    year = next(
        (cell for cell in seen.cells if seen.column.kind == "date" and re.match(r"(?i).*FY", cell)), ""
    )
    if year:
        yield (
            f"The fiscal years of {seen.name}, such as {year}, are read as calendar years. If yours begins in another month, "
            "write the months instead."
        )


def _several_styles(seen: _Seen) -> Iterator[str]:
    styles = seen.column.style.split("+")
    if len(styles) > 1:
        examples = dict.fromkeys(seen.column.examples)
        yield (
            f"The dates of {seen.name} are written in {len(styles)} ways ({', '.join(list(examples)[:4])}): each is read by "
            "its own."
        )


def _named_totals(seen: _Seen) -> Iterator[str]:
    cells = seen.cells if seen.column.kind == "text" else ()
    sums = next((cell for cell in cells if len(cell) < 40 and header.TOTALS.match(cell)), "")
    if sums:
        yield (
            f"Column {seen.name} has rows called “{sums}”: if they add up other rows, take them out, or these count "
            "twice."
        )


def _serial_days(seen: _Seen) -> Iterator[str]:
    if seen.column.style == "serial":
        day = dt.date(1899, 12, 30) + dt.timedelta(days=int(float(seen.cells[0])))
        yield f"The numbers of {seen.name} are read as days of a spreadsheet: {seen.cells[0]} is {day.isoformat()}."


def _nearly_all(seen: _Seen) -> Iterator[str]:
    if seen.column.kind not in ("text", "number", "integer", "date", "timestamp") or not seen.cells:
        return
    kind, others = value_kinds.nearly(seen.cells)
    if kind:
        some = ", ".join(f"“{cell[:40]}”" for cell in others[:3])
        yield (
            f"Most values of {seen.name} are {kind}s, but some are not ({some}): where the column is used as one of {kind}s, "
            "these cells are left empty or their rows are left out."
        )


def _zone_in_header(seen: _Seen) -> Iterator[str]:
    zone = time_zones.of_header(seen.column.header)
    if zone and seen.column.kind == "timestamp" and _says_no_zone(seen.column):
        yield (
            f"The name of {seen.name} speaks of {zone}, its times name no zone: they are read as UTC unless you say the "
            "zone when you take the file in."
        )


# What is looked for in every column, in the order it is told.
_CHECKS: tuple[Callable[[_Seen], Iterator[str]], ...] = (
    _cut_short,
    _broken_formulas,
    _percent_signs,
    _currencies,
    _parts_of_money,
    _named_totals,
    _serial_days,
    _fiscal_years,
    _several_styles,
    _nearly_all,
    _zone_in_header,
)


def _says_no_zone(column: RawColumn) -> bool:
    is_said = "@" in column.style or any(_SAID_ZONE.search(example) for example in column.examples)
    return not is_said and not column.style.startswith(("epoch", "mail", "script"))


def _zone_note(column: RawColumn, names: Sequence[str]) -> Iterator[str]:
    read = [f"{letters} as {time_zones.named(letters)}" for letters in names if time_zones.ZONES.get(letters)]
    if read:
        yield f"The times of “{column.header}” name their zone: {', '.join(islice(read, 8))}."


def _copies(con: duckdb.DuckDBPyConnection, found: TextTable, columns: Sequence[RawColumn]) -> Iterator[str]:
    row = ", ".join(column.name for column in columns)
    counted = con.execute(f"SELECT count(*) - count(DISTINCT hash({row})) FROM {found.sql}").fetchone()
    if counted and counted[0]:
        n = int(counted[0])
        yield (
            f"{n:,} rows are exact copies of others, {AS_THEY_STAND}"
            if n > 1
            else f"One row is an exact copy of another, both are {AS_THEY_STAND}"
        )


def _sums(
    con: duckdb.DuckDBPyConnection, found: TextTable, columns: Sequence[RawColumn], rows: int
) -> Iterator[str]:
    """A first or last row that is the sum of all others, whatever it is called: a total that would count twice."""
    numbers = [column for column in columns if column.style in NUMBERS][:20]
    if rows < 4 or not numbers:
        return
    values = [casts.cast(quote(c.name), "number", c.style) for c in numbers]
    asked = ", ".join(
        f"sum({v}), count(*) FILTER (WHERE {v} <> 0), first({v} ORDER BY {LINE}), last({v} ORDER BY {LINE})"
        for v in values
    )
    row = con.execute(f"SELECT {asked} FROM {found.numbered()}").fetchone() or ()
    for name, place in (("first", 2), ("last", 3)):
        parts = zip(numbers, _pieces(row, 4), strict=True)
        sums = [column.header for column, part in parts if _is_sum(part[0], part[1], part[place])]
        if sums:
            yield f"The {name} row is the sum of all others in “{sums[0]}”: if it is a total, take it out, or it counts twice."


def _is_sum(total: float | None, filled: float, one: float | None) -> bool:
    """Whether one value is the sum of all others; few or small ones may be so by chance."""
    if not one or total is None or filled < 4:
        return False
    return abs(one) >= 10 and abs(total - 2 * one) <= 1e-9 * abs(one)


def _pieces(row: Sequence[float], size: int) -> list[Sequence[float]]:
    return [row[i : i + size] for i in range(0, len(row), size)]

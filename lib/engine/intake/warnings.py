"""What a person should know of how the columns of a file were read, and what its zones leave open."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from itertools import islice

import duckdb

from lib.engine.intake import questions
from lib.engine.intake.model import Question, RawColumn
from lib.engine.intake.readers import header
from lib.engine.intake.readers.raw_table import LINE
from lib.engine.intake.readers.row_source import Source
from lib.engine.intake.values import casts, time_zones, value_kinds
from lib.engine.intake.values.patterns import ERRORS
from lib.engine.query import quote

_MONEY = re.compile(
    r"US\$|A\$|C\$|[$€£¥₹]|\b(?:USD|EUR|GBP|CHF|SEK|NOK|DKK|PLN|CZK|HUF|CAD|AUD)\b|zł|Kč|Ft\b|kr\b"
)
_SAID_ZONE = re.compile(r"(Z|UTC|GMT|[+-]\d{2}(:?\d{2})?)$")
_CELLS = 2_000_000  # of a table that is searched for copies of rows


def of(found: Source, columns: Sequence[RawColumn], rows: int) -> tuple[list[str], list[Question]]:
    """Notes on every column, and questions about letters that mean several zones.

    Args:
        found: The all-text table.
        columns: As `parse.describe` found them.
        rows: How many the table has.
    """
    sample, notes, asked = found.sample(), [], []
    with duckdb.connect(":memory:") as con:
        for column in columns:
            cells = value_kinds.present(sample[column.name])
            notes += _of_column(column, sample[column.name], cells)
            if "@" in column.style:
                names = zones_of(con, found, column)
                notes += _zone_note(column, names)
                asked += [questions.about_zone(column, letters) for letters in time_zones.unclear(names)]
        if not found.text and len(columns) > 1 and rows * len(columns) <= _CELLS:
            notes += _copies(con, found, columns)
            notes += _sums(con, found, columns, rows)
    return notes, asked


def zones_of(con: duckdb.DuckDBPyConnection, found: Source, column: RawColumn) -> list[str]:
    """The zones that the whole column names, by letters or offset."""
    zone = time_zones.parts(f"trim({quote(column.name)})")[1]
    every = con.execute(f"SELECT DISTINCT {zone} AS zone FROM {found.sql} ORDER BY zone LIMIT 50").fetchall()
    return [row[0] for row in every if row[0]]


def _of_column(column: RawColumn, raw: Sequence[str | None], cells: list[str]) -> Iterator[str]:
    name = f"“{column.header}”"
    if cells and column.examples and all(re.match(r"^\d\.\d+E\+\d+$", e) for e in column.examples):
        yield (
            f"Column {name} holds numbers cut short by a spreadsheet, such as {column.examples[0]}: if they are "
            "identifiers, different ones have become the same. Export it again without opening it in a spreadsheet."
        )
    broken = next((cell.strip() for cell in raw if cell and cell.strip().lower() in ERRORS), "")
    if broken:
        yield f"Column {name} holds errors of a spreadsheet, such as {broken}; no number is made of them."
    if column.kind in ("number", "integer"):
        yield from _of_numbers(name, cells)
    elif column.kind == "text":
        sums = next((cell for cell in cells if len(cell) < 40 and header.TOTALS.match(cell)), "")
        if sums:
            yield f"Column {name} has rows called “{sums}”: if they add up other rows, take them out, or these count twice."
    elif column.style == "serial":
        day = dt.date(1899, 12, 30) + dt.timedelta(days=int(float(cells[0])))
        yield f"The numbers of {name} are read as days of a spreadsheet: {cells[0]} is {day.isoformat()}."
    zone = time_zones.of_header(column.header)
    if column.kind == "timestamp" and zone and _says_no_zone(column):
        yield (
            f"The name of {name} speaks of {zone}, its times name no zone: they are read as UTC unless you say the "
            "zone when you take the file in."
        )


def _says_no_zone(column: RawColumn) -> bool:
    is_said = "@" in column.style or any(_SAID_ZONE.search(example) for example in column.examples)
    return not is_said and not column.style.startswith(("epoch", "mail", "script"))


def _of_numbers(name: str, cells: list[str]) -> Iterator[str]:
    shares = sum("%" in cell for cell in cells)
    if 0 < shares < len([cell for cell in cells if cell.strip("0.,") != ""]):
        with_sign = next(cell for cell in cells if "%" in cell)
        without = next(cell for cell in cells if "%" not in cell)
        yield f"Some values of {name} carry a percent sign ({with_sign}), some do not ({without}): the first are divided by 100."
    money = list(dict.fromkeys(sign for cell in cells for sign in _MONEY.findall(cell)))
    if len(money) > 1:
        yield (
            f"The amounts of {name} are in several currencies ({', '.join(money[:5])}) and are added up as they stand. "
            "Convert them first."
        )


def _zone_note(column: RawColumn, names: Sequence[str]) -> Iterator[str]:
    read = [f"{letters} as {time_zones.named(letters)}" for letters in names if time_zones.ZONES.get(letters)]
    if read:
        yield f"The times of “{column.header}” name their zone: {', '.join(islice(read, 8))}."


def _copies(con: duckdb.DuckDBPyConnection, found: Source, columns: Sequence[RawColumn]) -> Iterator[str]:
    row = ", ".join(column.name for column in columns)
    counted = con.execute(f"SELECT count(*) - count(DISTINCT hash({row})) FROM {found.sql}").fetchone()
    if counted and counted[0]:
        n = int(counted[0])
        yield (
            f"{n:,} rows are exact copies of others and are counted as they stand."
            if n > 1
            else "One row is an exact copy of another and is counted as it stands."
        )


def _sums(
    con: duckdb.DuckDBPyConnection, found: Source, columns: Sequence[RawColumn], rows: int
) -> Iterator[str]:
    """A first or last row that is the sum of all others, whatever it is called: a total that would count twice."""
    numbers = [
        c for c in columns if c.kind in ("number", "integer") and c.style in ("plain", "point", "comma")
    ][:20]
    if rows < 4 or not numbers:
        return
    values = [casts.cast(quote(c.name), "number", c.style) for c in numbers]
    asked = ", ".join(
        f"sum({v}), count(*) FILTER (WHERE {v} <> 0), first({v} ORDER BY {LINE}), last({v} ORDER BY {LINE})"
        for v in values
    )
    row = con.execute(f"SELECT {asked} FROM {found.numbered()}").fetchone() or ()
    for place, name in ((2, "first"), (3, "last")):
        sums = [
            column.header
            for column, (total, filled, *ends) in zip(numbers, _pieces(row, 4), strict=True)
            if filled >= 4
            and (one := ends[place - 2])
            and abs(one) >= 10
            and abs(total - 2 * one) <= 1e-9 * abs(one)
        ]
        if sums:
            yield f"The {name} row is the sum of all others in “{sums[0]}”: if it is a total, take it out, or it counts twice."


def _pieces(row: Sequence[float], size: int) -> list[Sequence[float]]:
    return [row[i : i + size] for i in range(0, len(row), size)]

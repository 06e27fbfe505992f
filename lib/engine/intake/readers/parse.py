"""Reading a file into an all-text table: runs inside the worker process."""

from __future__ import annotations

import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb

from lib.engine.intake import questions, warnings
from lib.engine.intake.model import RAW, IntakeQuestion, Limits, RawColumn, Reading, to_json
from lib.engine.intake.readers import files, registry, row_source, totals
from lib.engine.intake.readers.raw_table import RawTable
from lib.engine.intake.readers.registry import Say
from lib.engine.intake.readers.row_source import TextTable
from lib.engine.intake.values import value_kinds
from lib.engine.query import quote


def parse(task: dict[str, Any], say: Say) -> dict[str, Any]:
    """Read a file.

    Args:
        task: path, name, folder, sheet, limits (as plain data).
        say: Called with (share, message).

    Returns:
        A Reading as plain data.
    """
    path, folder, limits = Path(task["path"]), Path(task["folder"]), Limits(**task["limits"])
    sheet = task.get("sheet") or ""
    say(0.0, "Opening the file")
    with ThreadPoolExecutor(
        1
    ) as beside:  # hashing lets go of the interpreter, so it runs on a core of its own
        digest = beside.submit(files.sha256, path)
        unpacked = files.unpack(_named_plainly(path, folder), folder / "unpack", limits, sheet)
        try:
            about, table, found, described = _read(unpacked, folder, sheet, limits, say)
        except duckdb.Error:
            if not (folder / row_source.META).is_file() or TextTable(folder).text is None:
                raise
            # DuckDB cannot read a file whose bytes looked clean: the careful reader has the last word.
            careful = replace(limits, fast_path_mb=2 * limits.max_unpacked_mb)
            about, table, found, described = _read(unpacked, folder, sheet, careful, say)
        columns, asked, doubtful = described
        sha256 = digest.result()
    reading = Reading(
        name=task["name"],
        path=path,
        folder=folder,
        sha256=sha256,
        has_header=table.head.rows > 0 or about["format"] in registry.NAMED,
        columns=columns,
        questions=asked,
        accounting=table.accounting,
        rejects=table.rejects,
        preamble=table.preamble,
        head=_head(found, len(columns)),
        format=about["format"],
        encoding=about["encoding"],
        delimiter=about["delimiter"],
        sheet=about["sheet"],
        sheets=about["sheets"],
        notes=(*about["notes"], *table.head.notes, *totals.told(table), *doubtful),
    )
    say(1.0, "Read")
    return to_json(reading)


def _read(
    unpacked: files.Unpacked, folder: Path, sheet: str, limits: Limits, say: Say
) -> tuple[
    dict[str, Any], RawTable, TextTable, tuple[tuple[RawColumn, ...], tuple[IntakeQuestion, ...], list[str]]
]:
    """The all-text table, and what its columns hold."""
    about, table = registry.read(unpacked, folder, sheet, limits, say)
    say(0.88, "Looking at the columns")
    if not table.is_in_place:
        row_source.save(folder, table.line_offset)
    found = TextTable(folder)
    if about["format"] != "parquet":
        found, table = totals.leave_out(found, table, limits)
    return about, table, found, _columns(found, table, has_semicolons=about["delimiter"] == ";")


def _named_plainly(path: Path, folder: Path) -> Path:
    """The file under a name that says one file: DuckDB takes "sales [1].csv" for a pattern and reads sales 1.csv."""
    if not set("*?[]{}") & set(str(path)):
        return path
    plain = folder / "source"
    try:
        plain.symlink_to(path)
    except OSError:  # a system without links
        shutil.copyfile(path, plain)
    return plain


def _columns(
    found: TextTable, table: RawTable, *, has_semicolons: bool
) -> tuple[tuple[RawColumn, ...], tuple[IntakeQuestion, ...], list[str]]:
    """The columns, what has to be asked about them, and what has to be said."""
    headers, rows = table.head.headers, table.accounting.accepted
    columns, asked = describe(found, headers, rows, comma_likely=has_semicolons)
    if not has_semicolons and any(c.style == "comma" for c in columns):
        columns, asked = describe(found, headers, rows, comma_likely=True)
    notes, unclear = warnings.of(found, columns, rows)
    return columns, (*asked, *unclear), notes


def _head(found: TextTable, width: int) -> tuple[tuple[str | None, ...], ...]:
    if found.text:  # its sample begins with the first rows
        rows = zip(*(cells[:50] for cells in found.sample().values()), strict=True)
        return tuple(tuple(row) for row in rows)
    names = ", ".join(f"c{i}" for i in range(1, width + 1))
    with duckdb.connect(":memory:") as con:
        return tuple(con.execute(f"SELECT {names} FROM {found.sql} LIMIT 50").fetchall())


def describe(
    found: TextTable, headers: tuple[str, ...], rows: int, *, comma_likely: bool
) -> tuple[tuple[RawColumn, ...], tuple[IntakeQuestion, ...]]:
    """Kinds, examples and open questions of every column.

    Args:
        found: The all-text table.
        headers: Its columns' names in the file.
        rows: How many it has.
        comma_likely: Numbers may use a decimal comma.
    """
    values = found.sample()
    columns, asked = [], []
    with duckdb.connect(":memory:") as con:
        present = [] if found.text else row_source.values(found.folder / RAW, list(values))[1:]
        missing = found.text.missing if found.text else [rows - n for n in present]
        for (name, cells), header, empty in zip(values.items(), headers, missing, strict=True):
            guess = value_kinds.guess(cells, header, comma_likely=comma_likely)
            some = value_kinds.present(cells)
            column = RawColumn(
                name,
                header,
                guess.kind,
                guess.style,
                int(empty),
                tuple(dict.fromkeys(some))[:5],
                len(set(some)) == len(some) > 1,
            )
            if guess.ask:
                column, question = settle(con, found, column, guess)
                asked += [question] if question else []
            columns.append(column)
    return _agreed(columns, asked)


def _agreed(
    columns: list[RawColumn], asked: list[IntakeQuestion]
) -> tuple[tuple[RawColumn, ...], tuple[IntakeQuestion, ...]]:
    """A file writes its decimals one way: a column that leaves it open follows one that does not."""
    is_open = {question.column for question in asked if question.id.startswith("decimal:")}
    settled = (c for c in columns if c.kind in ("number", "integer") and c.header not in is_open)
    styles = {_decimals(column) for column in settled} - {""}
    if len(styles) != 1:
        return tuple(columns), tuple(asked)
    style = styles.pop()
    followed = tuple(replace(c, style=style) if c.header in is_open else c for c in columns)
    return followed, tuple(question for question in asked if question.column not in is_open)


def _decimals(column: RawColumn) -> str:
    """How a column of numbers marks decimals: point, comma, or "" where no value tells."""
    if column.style in ("point", "comma"):
        return column.style
    has_point = any(re.search(r"\.(\d{1,2}|\d{4,})\D*$", example) for example in column.examples)
    return "point" if has_point else ""


def settle(
    con: duckdb.DuckDBPyConnection, found: TextTable, column: RawColumn, guess: value_kinds.Guess
) -> tuple[RawColumn, IntakeQuestion | None]:
    """Look at the whole column before asking: one telling value anywhere settles it.

    Returns:
        The column with its style settled, or as it was and the question.
    """
    if guess.ask == "swapped":
        return column, questions.about_swapped(column)
    if guess.ask == "dates":
        return _settle_order(con, found, column, guess)
    cell = f"trim({quote(column.name)})"
    row = con.execute(
        f"SELECT bool_or(regexp_matches({cell}, '\\d,(\\d{{1,2}}|\\d{{4,}})\\D*$|\\.\\d{{3}},')), "
        f"bool_or(regexp_matches({cell}, '\\.(\\d{{1,2}}|\\d{{4,}})\\D*$|,\\d{{3}}[.,]')) FROM {found.sql}"
    ).fetchone() or (False, False)
    if bool(row[0]) != bool(row[1]):
        return replace(column, style="comma" if row[0] else "point"), None
    return column, questions.about_decimals(column)


def _settle_order(
    con: duckdb.DuckDBPyConnection, found: TextTable, column: RawColumn, guess: value_kinds.Guess
) -> tuple[RawColumn, IntakeQuestion | None]:
    """Whether the day or the month comes first, by the largest of either in the whole column."""
    cell = f"trim({quote(column.name)})"
    marks = "[/\\-]" if "dmy_dot" in guess.style else "[/.\\-]"  # points stand behind the day in any case
    parts = [
        f"TRY_CAST(regexp_extract({cell}, '^(\\d{{1,2}}){marks}(\\d{{1,2}}){marks}', {i}) AS INTEGER)"
        for i in (1, 2)
    ]
    row = con.execute(f"SELECT max({parts[0]}), max({parts[1]}) FROM {found.sql}").fetchone() or (0, 0)
    first, second = (row[0] or 0) > 12, (row[1] or 0) > 12
    if first == second:
        return column, questions.about_dates(column)
    base, mark, _ = guess.style.partition("@")
    settled = value_kinds.with_answer(base, "dates", "dmy" if first else "mdy")
    return replace(column, style=settled + mark), None

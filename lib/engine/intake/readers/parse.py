"""Reading a file into an all-text table: runs inside the worker process."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb

from lib.engine.intake import questions, warnings
from lib.engine.intake.model import RAW, Limits, Question, RawColumn, Reading, Sheet, to_json
from lib.engine.intake.readers import fast_csv, files, raw_table, row_source, text_lines
from lib.engine.intake.readers.raw_table import RawTable
from lib.engine.intake.readers.row_source import Source
from lib.engine.intake.values import value_kinds
from lib.engine.query import quote

Say = Callable[[float, str], None]


def _text(
    unpacked: files.Unpacked, folder: Path, limits: Limits, say: Say
) -> tuple[dict[str, Any], RawTable]:
    path = unpacked.path
    encoding, note = files.encoding(path)
    with path.open(encoding=encoding, errors="replace") as stream:
        files.refuse_markup(stream.read(4096))
    dialect = text_lines.detect(path, encoding, limits)
    raw_table.check_width(dialect.width, limits)
    table, nuls = _quick(path, dialect, encoding, folder, limits, say), 0
    if table is None:
        guess = max(1, path.stat().st_size) / 60  # bytes a record, for progress only
        table, nuls = raw_table.write(
            text_lines.records(path, encoding, dialect, limits),
            dialect.width,
            folder,
            limits,
            lambda done: say(min(0.85, 0.85 * done / guess), f"Reading record {done:,}"),
        )
    notes = [note] if note else []
    if len(unpacked.members) > 1:
        notes.append(f"The archive holds {len(unpacked.members):,} files; “{unpacked.member}” was read.")
    if nuls:
        notes.append(f"{nuls:,} record{'s' if nuls > 1 else ''} held NUL characters, which were removed.")
    is_aligned = dialect.delimiter == text_lines.WHITESPACE
    about = {
        "format": "fixed" if is_aligned else "csv",
        "encoding": "utf-8" if encoding == files.BROKEN_UTF8 else encoding,
        "delimiter": dialect.delimiter,
        "notes": notes,
        "sheets": tuple(Sheet(name) for name in unpacked.members),
        "sheet": unpacked.member,
    }
    return about, table


def _quick(
    path: Path, dialect: text_lines.Dialect, encoding: str, folder: Path, limits: Limits, say: Say
) -> RawTable | None:
    """A big clean file by the fast path; None for any other, which the careful reader takes."""
    size = max(1, path.stat().st_size)
    is_plain = encoding in ("utf-8", "utf-8-sig") and dialect.delimiter in text_lines.DELIMITERS
    if not is_plain or size < limits.fast_path_mb << 20:
        return None
    first = list(islice(text_lines.records(path, encoding, dialect, limits), raw_table.FIRST))

    def tick(done: int) -> None:
        say(0.85 * done / size, f"Checking every record: {done >> 20:,} of {size >> 20:,} MB")

    return fast_csv.read(path, first, dialect, encoding, folder, limits, tick)


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
        about, table = _table(unpacked, folder, sheet, limits, say)
        say(0.88, "Looking at the columns")
        if not table.is_in_place:
            row_source.save(folder, table.line_offset)
        found = Source(folder)
        columns, asked, doubtful = _columns(found, table, has_semicolons=about["delimiter"] == ";")
        sha256 = digest.result()
    reading = Reading(
        name=task["name"],
        path=path,
        folder=folder,
        sha256=sha256,
        has_header=table.head.rows > 0 or about["format"] == "parquet",
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
        notes=(*about["notes"], *table.head.notes, *doubtful),
    )
    say(1.0, "Read")
    return to_json(reading)


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
    found: Source, table: RawTable, *, has_semicolons: bool
) -> tuple[tuple[RawColumn, ...], tuple[Question, ...], list[str]]:
    """The columns, what has to be asked about them, and what has to be said."""
    headers, rows = table.head.headers, table.accounting.accepted
    columns, asked = describe(found, headers, rows, comma_likely=has_semicolons)
    if not has_semicolons and any(c.style == "comma" for c in columns):
        columns, asked = describe(found, headers, rows, comma_likely=True)
    notes, unclear = warnings.of(found, columns, rows)
    return columns, (*asked, *unclear), notes


def _table(
    unpacked: files.Unpacked, folder: Path, sheet: str, limits: Limits, say: Say
) -> tuple[dict[str, Any], RawTable]:
    """The all-text table of any format; each reader is loaded when it is needed."""
    if unpacked.format == "xlsx":
        from lib.engine.intake.readers import spreadsheet

        return spreadsheet.read(unpacked.path, folder, sheet, limits, say)
    if unpacked.format == "parquet":
        from lib.engine.intake.readers import parquet

        return parquet.read(unpacked.path, folder, limits)
    return _text(unpacked, folder, limits, say)


def _head(found: Source, width: int) -> tuple[tuple[str | None, ...], ...]:
    if found.text:  # its sample begins with the first rows
        rows = zip(*(cells[:50] for cells in found.sample().values()), strict=True)
        return tuple(tuple(row) for row in rows)
    names = ", ".join(f"c{i}" for i in range(1, width + 1))
    with duckdb.connect(":memory:") as con:
        return tuple(con.execute(f"SELECT {names} FROM {found.sql} LIMIT 50").fetchall())


def describe(
    found: Source, headers: tuple[str, ...], rows: int, *, comma_likely: bool
) -> tuple[tuple[RawColumn, ...], tuple[Question, ...]]:
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
    columns: list[RawColumn], asked: list[Question]
) -> tuple[tuple[RawColumn, ...], tuple[Question, ...]]:
    """A file writes its decimals one way: a column that leaves it open follows one that does not."""
    is_open = {question.column for question in asked if question.id.startswith("decimal:")}
    styles = set()
    for column in columns:
        if column.kind in ("number", "integer") and column.header not in is_open:
            has_point = any(re.search(r"\.(\d{1,2}|\d{4,})\D*$", example) for example in column.examples)
            styles |= (
                {"comma"}
                if column.style == "comma"
                else {"point"}
                if column.style == "point" or has_point
                else set()
            )
    if len(styles) != 1:
        return tuple(columns), tuple(asked)
    style = styles.pop()
    settled = tuple(replace(c, style=style) if c.header in is_open else c for c in columns)
    return settled, tuple(question for question in asked if question.column not in is_open)


def settle(
    con: duckdb.DuckDBPyConnection, found: Source, column: RawColumn, guess: value_kinds.Guess
) -> tuple[RawColumn, Question | None]:
    """Look at the whole column before asking: one telling value anywhere settles it.

    Returns:
        The column with its style settled, or as it was and the question.
    """
    cell = f"trim({quote(column.name)})"
    table = found.sql
    if guess.ask == "dates":
        parts = [
            f"TRY_CAST(regexp_extract({cell}, '^(\\d+)[/.\\-](\\d+)[/.\\-]', {i}) AS INTEGER)" for i in (1, 2)
        ]
        row = con.execute(f"SELECT max({parts[0]}), max({parts[1]}) FROM {table}").fetchone() or (0, 0)
        first, second = (row[0] or 0) > 12, (row[1] or 0) > 12
        if first != second:
            mark = "@" if "@" in guess.style else ""
            return replace(column, style=("dmy" if first else "mdy") + mark), None
        return column, questions.about_dates(column)
    row = con.execute(
        f"SELECT bool_or(regexp_matches({cell}, '\\d,(\\d{{1,2}}|\\d{{4,}})\\D*$|\\.\\d{{3}},')), "
        f"bool_or(regexp_matches({cell}, '\\.(\\d{{1,2}}|\\d{{4,}})\\D*$|,\\d{{3}}[.,]')) FROM {table}"
    ).fetchone() or (False, False)
    if bool(row[0]) != bool(row[1]):
        return replace(column, style="comma" if row[0] else "point"), None
    return column, questions.about_decimals(column)

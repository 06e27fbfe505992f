"""Reading a file into an all-text table: runs inside the worker process."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from lib.engine.intake import columnar, fast, files, kinds, lines, questions, rawtable, spreadsheet
from lib.engine.intake.model import RAW, Limits, Question, RawColumn, Reading, Sheet, to_json
from lib.engine.intake.rawtable import LINE, RawTable
from lib.engine.run import literal, quote

Say = Callable[[float, str], None]
SAMPLE_ROWS = 2000  # rows of each sampled row group
META = "raw.json"  # beside raw.parquet: where its line numbers start


def _text(
    unpacked: files.Unpacked, folder: Path, limits: Limits, say: Say
) -> tuple[dict[str, Any], RawTable]:
    path = unpacked.path
    encoding, note = files.encoding(path)
    with path.open(encoding=encoding, errors="replace") as stream:
        files.refuse_markup(stream.read(4096))
    dialect = lines.detect(path, encoding, limits)
    rawtable.check_width(dialect.width, limits)
    size = max(1, path.stat().st_size)
    table, nuls = None, 0
    if (
        encoding in ("utf-8", "utf-8-sig")
        and dialect.delimiter in lines.DELIMITERS
        and size >= limits.fast_path_mb << 20
    ):
        first = list(islice(lines.records(path, encoding, dialect, limits), rawtable.FIRST))
        table = fast.read(
            path, first, dialect, folder, limits, lambda done: say(0.3 * done / size, "Counting records")
        )
    if table is None:
        guess = size / 60  # bytes a record, for progress only
        table, nuls = rawtable.write(
            lines.records(path, encoding, dialect, limits),
            dialect.width,
            folder,
            limits,
            lambda done: say(min(0.85, 0.85 * done / guess), f"Reading record {done:,}"),
        )
    notes = [note] if note else []
    if nuls:
        notes.append(f"{nuls:,} record{'s' if nuls > 1 else ''} held NUL characters, which were removed.")
    is_aligned = dialect.delimiter == lines.WHITESPACE
    about = {
        "format": "fixed" if is_aligned else "csv",
        "encoding": encoding,
        "delimiter": dialect.delimiter,
        "notes": notes,
        "sheets": tuple(Sheet(name) for name in unpacked.members),
        "sheet": unpacked.member,
    }
    return about, table


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
    unpacked = files.unpack(path, folder / "unpack", limits, sheet)
    about: dict[str, Any]
    if unpacked.format == "xlsx":
        about, table = spreadsheet.read(unpacked.path, folder, sheet, limits, say)
    elif unpacked.format == "parquet":
        about, table = columnar.read(unpacked.path, folder, limits)
    else:
        about, table = _text(unpacked, folder, limits, say)
    say(0.88, "Looking at the columns")
    (folder / META).write_text(json.dumps({"line_offset": table.line_offset}), encoding="utf-8")
    columns, asked = describe(folder / RAW, table.head.headers, comma_likely=about["delimiter"] == ";")
    reading = Reading(
        name=task["name"],
        path=path,
        folder=folder,
        sha256=files.sha256(path),
        has_header=table.head.rows > 0 or about["format"] == "parquet",
        columns=columns,
        questions=asked,
        accounting=table.accounting,
        rejects=table.rejects,
        preamble=table.preamble,
        head=_head(folder / RAW, len(columns)),
        format=about["format"],
        encoding=about["encoding"],
        delimiter=about["delimiter"],
        sheet=about["sheet"],
        sheets=about["sheets"],
        notes=(*about["notes"], *table.head.notes),
    )
    say(1.0, "Read")
    return to_json(reading)


def _head(raw: Path, width: int) -> tuple[tuple[str | None, ...], ...]:
    first = next(pq.ParquetFile(raw).iter_batches(batch_size=50))
    return tuple(tuple(row[f"c{i}"] for i in range(1, width + 1)) for row in first.to_pylist())


def sample(raw: Path) -> dict[str, list[str | None]]:
    """Values of each column from up to five places spread over the file."""
    file = pq.ParquetFile(raw)
    groups = file.num_row_groups
    picked = sorted({round(i * (groups - 1) / 4) for i in range(5)})
    found: dict[str, list[str | None]] = {name: [] for name in file.schema_arrow.names if name != LINE}
    for group in picked:
        table = file.read_row_group(group, columns=list(found))
        step = max(1, table.num_rows // SAMPLE_ROWS)
        for name in found:
            found[name] += table.column(name).to_pylist()[::step][: SAMPLE_ROWS + 1]
    return found


def describe(
    raw: Path, headers: tuple[str, ...], *, comma_likely: bool
) -> tuple[tuple[RawColumn, ...], tuple[Question, ...]]:
    """Kinds, examples and open questions of every column.

    Args:
        raw: The all-text table.
        headers: Its columns' names in the file.
        comma_likely: Numbers may use a decimal comma.
    """
    values = sample(raw)
    columns, asked = [], []
    with duckdb.connect(":memory:") as con:
        listed = ", ".join(f"count(*) - count({quote(name)})" for name in values)
        missing = con.execute(f"SELECT {listed} FROM read_parquet({literal(str(raw))})").fetchone() or ()
        for (name, cells), header, empty in zip(values.items(), headers, missing, strict=True):
            found = kinds.guess(cells, header, comma_likely=comma_likely)
            some = kinds.present(cells)
            column = RawColumn(
                name,
                header,
                found.kind,
                found.style,
                int(empty),
                tuple(dict.fromkeys(some))[:5],
                len(set(some)) == len(some) > 1,
            )
            if found.ask:
                column, question = settle(con, raw, column, found)
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
    con: duckdb.DuckDBPyConnection, raw: Path, column: RawColumn, found: kinds.Guess
) -> tuple[RawColumn, Question | None]:
    """Look at the whole column before asking: one telling value anywhere settles it.

    Returns:
        The column with its style settled, or as it was and the question.
    """
    cell = f"trim({quote(column.name)})"
    table = f"read_parquet({literal(str(raw))})"
    if found.ask == "dates":
        parts = [
            f"TRY_CAST(regexp_extract({cell}, '^(\\d+)[/.\\-](\\d+)[/.\\-]', {i}) AS INTEGER)" for i in (1, 2)
        ]
        row = con.execute(f"SELECT max({parts[0]}), max({parts[1]}) FROM {table}").fetchone() or (0, 0)
        first, second = (row[0] or 0) > 12, (row[1] or 0) > 12
        if first != second:
            return replace(column, style="dmy" if first else "mdy"), None
        return column, questions.about_dates(column)
    row = con.execute(
        f"SELECT bool_or(regexp_matches({cell}, '\\d,(\\d{{1,2}}|\\d{{4,}})\\D*$|\\.\\d{{3}},')), "
        f"bool_or(regexp_matches({cell}, '\\.(\\d{{1,2}}|\\d{{4,}})\\D*$|,\\d{{3}}[.,]')) FROM {table}"
    ).fetchone() or (False, False)
    if bool(row[0]) != bool(row[1]):
        return replace(column, style="comma" if row[0] else "point"), None
    return column, questions.about_decimals(column)

"""From the all-text table to a typed one that fulfils a contract: runs inside the worker process."""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from lib.engine.dataset import CLEAN, Column
from lib.engine.intake import kinds, parse
from lib.engine.intake.model import RAW, REJECTS, Question, RawColumn
from lib.engine.intake.rawtable import LINE
from lib.engine.run import literal, quote
from lib.errors import MappingError

_TYPES = {
    "text": "VARCHAR",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
}
_EXAMPLES = 20


@dataclass(frozen=True)
class Output:
    """One column to write: `sql` gives its value, `raw` the text it is read from ("" for a constant)."""

    name: str
    kind: str
    header: str
    sql: str
    raw: str = ""
    required: bool = False
    is_extra: bool = False


def snake(header: str) -> str:
    """A header as a column name.

    >>> snake("Created (UTC)"), snake("userId"), snake("3rd party")
    ('created_utc', 'user_id', 'c_3rd_party')
    """
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", header)
    name = re.sub(r"\W+", "_", name, flags=re.UNICODE).strip("_").lower()
    return (f"c_{name}" if name[:1].isdigit() else name) or "column"


def _answer(answers: Mapping[str, str], kind: str, header: str, allowed: tuple[str, str]) -> str:
    value = answers.get(f"{kind}:{header}", answers.get(kind, ""))
    if value and value not in allowed:
        raise MappingError(
            f"“{value}” is no answer to “{kind}”.", f"Answer with {allowed[0]} or {allowed[1]}."
        )
    return value


class _Builder:
    """Decides kind, style and SQL of every column to write."""

    def __init__(self, con: duckdb.DuckDBPyConnection, task: Mapping[str, Any]) -> None:
        self.con, self.task = con, task
        self.raw = Path(task["raw"])
        self.columns = {c["header"]: RawColumn(**c) for c in task["columns"]}
        self.answers: dict[str, str] = task["answers"]
        self.values = parse.sample(self.raw)
        self.open: list[Question] = []

    def style(self, column: RawColumn, guess: kinds.Guess, *, is_asked: bool = True) -> str | None:
        """The style, settled by the data or an answer; None when it stays open."""
        if guess.style not in ("dmy", "mdy", "point", "comma"):
            return guess.style
        kind = "dates" if guess.style in ("dmy", "mdy") else "decimal"
        answer = _answer(
            self.answers, kind, column.header, ("dmy", "mdy") if kind == "dates" else ("point", "comma")
        )
        if not guess.ask:
            return guess.style
        settled, question = parse.settle(
            self.con,
            self.raw,
            RawColumn(column.name, column.header, guess.kind, guess.style, examples=column.examples),
            guess,
        )
        if question is None or answer:
            return answer if question else settled.style
        if is_asked:
            self.open.append(question)
        return None

    def mapped(self, spec: Mapping[str, Any], source: str) -> Output | None:
        """A canonical column; None while a question about it is open."""
        name, kind, required = spec["name"], spec["type"], bool(spec.get("required"))
        if source.startswith("="):
            sql = kinds.cast(literal(source[1:]), kind, "plain" if kind in ("number", "integer") else "iso")
            return Output(name, kind, "", _shaped(sql, spec), required=required)
        column = self.columns[source]
        guess = kinds.for_target(self.values[column.name], kind, comma_likely=self.task["comma_likely"])
        style = self.style(column, guess)
        if style is None:
            return None
        if (
            kind == "timestamp"
            and guess.kind == "date"
            and style not in ("dmy", "mdy", "named", "iso", "ymd")
        ):
            pass  # month, ymd8 and serial days carry no zone: they are midnight as written
        sql = kinds.cast(quote(column.name), kind, style, is_id=required and kind == "text")
        return Output(name, kind, source, _shaped(sql, spec), column.name, required)

    def extra(self, column: RawColumn, taken: set[str], *, as_text: bool = False) -> Output:
        """A column the contract does not know, kept under its own name."""
        name, number = snake(column.header), 2
        while name in taken:
            name, number = f"{snake(column.header)}_{number}", number + 1
        taken.add(name)
        kind, style = column.kind, ""
        if as_text or kind == "text":
            kind = "text"
        else:
            guess = kinds.guess(
                self.values[column.name], column.header, comma_likely=self.task["comma_likely"]
            )
            found = self.style(column, guess, is_asked=False)
            kind, style = (guess.kind, found) if found is not None else ("text", "")
        return Output(
            name, kind, column.header, kinds.cast(quote(column.name), kind, style), column.name, is_extra=True
        )


def _shaped(sql: str, spec: Mapping[str, Any]) -> str:
    """Apply a contract's list of values or its range."""
    if spec.get("values"):
        tests = " ".join(
            f"WHEN regexp_matches(lower({sql}), {literal(v['pattern'])}) THEN {literal(v['to'])}"
            for v in spec["values"]
        )
        other = literal(spec["otherwise"]) if spec.get("otherwise") else "NULL"
        return f"CASE WHEN {sql} IS NULL THEN NULL {tests} ELSE {other} END"
    low, high = spec.get("minimum"), spec.get("maximum")
    tests = [f"{sql} >= {low}"] * (low is not None) + [f"{sql} <= {high}"] * (high is not None)
    return f"CASE WHEN {' AND '.join(tests)} THEN {sql} END" if tests else sql


def _view(con: duckdb.DuckDBPyConnection, raw: Path) -> None:
    """`raw` with a line number on every row."""
    offset = json.loads((raw.parent / parse.META).read_text(encoding="utf-8"))["line_offset"]
    source = f"read_parquet({literal(str(raw))})"
    if offset >= 0:
        source = (
            f"(SELECT * EXCLUDE (file_row_number), file_row_number + {offset} AS {LINE} "
            f"FROM read_parquet({literal(str(raw))}, file_row_number = true))"
        )
    con.execute(f"CREATE VIEW raw AS SELECT * FROM {source}")


def _connect(folder: Path, time_zone: str) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect(":memory:")
    con.execute(f"SET temp_directory = {literal(str(folder / 'spill'))}")
    con.execute("SET memory_limit = '1GB'")
    con.execute("SET threads = 2")
    try:
        con.execute(f"SET TimeZone = {literal(time_zone)}")
    except duckdb.Error as error:
        raise MappingError(
            f"“{time_zone}” is not a time zone.", "Use a name such as Europe/Berlin or UTC."
        ) from error
    return con


def _write(con: duckdb.DuckDBPyConnection, outputs: list[Output], folder: Path) -> None:
    wanted = [quote(o.name) for o in outputs if o.required]
    chosen = ", ".join(f"CAST({o.sql} AS {_TYPES[o.kind]}) AS {quote(o.name)}" for o in outputs)
    where = f"WHERE {' AND '.join(f'{name} IS NOT NULL' for name in wanted)}" if wanted else ""
    con.execute(
        f"COPY (SELECT * FROM (SELECT {chosen} FROM raw) {where}) TO {literal(str(folder / CLEAN))} (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)"
    )


def _counts(con: duckdb.DuckDBPyConnection, table: str, names: list[str]) -> list[int]:
    row = (
        con.execute(
            f"SELECT count(*), {', '.join(f'count({quote(n)})' for n in names)} FROM {table}"
        ).fetchone()
        or ()
    )
    return [int(value) for value in row]


def _reason(output: Output) -> str:
    if not output.raw:
        return f"'{output.name} is missing'"
    cell = quote(output.raw)
    return (
        f"CASE WHEN {kinds.missing_test(cell, output.kind)} THEN '{output.name} is missing' "
        f"ELSE '{output.name} cannot be read: “' || left({cell}, 80) || '”' END"
    )


def _row_rejects(con: duckdb.DuckDBPyConnection, outputs: list[Output], width: int, file: Path) -> int:
    """Append rows whose required cells cannot be read to rejects.csv."""
    tests = [(o, f"CAST({o.sql} AS {_TYPES[o.kind]}) IS NULL") for o in outputs if o.required]
    if not tests:
        return 0
    reason = "CASE " + " ".join(f"WHEN {test} THEN {_reason(o)}" for o, test in tests) + " END"
    record = f"concat_ws(',', {', '.join(f'coalesce(c{i}, chr(0))' for i in range(1, width + 1))})"
    found = con.execute(
        f"SELECT {LINE}, {reason}, replace({record}, chr(0), '') FROM raw WHERE {' OR '.join(t for _, t in tests)}"
    )
    count = 0
    with file.open("a", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        while rows := found.fetchmany(10_000):
            writer.writerows(rows)
            count += len(rows)
    return count


def _cell_rejects(con: duckdb.DuckDBPyConnection, outputs: list[Output]) -> list[dict[str, Any]]:
    """Cells of accepted rows that say something but cannot be read; they are empty in the clean table."""
    wanted = (
        " AND ".join(f"CAST({o.sql} AS {_TYPES[o.kind]}) IS NOT NULL" for o in outputs if o.required)
        or "TRUE"
    )
    found = []
    for o in outputs:
        if (
            o.required
            or not o.raw
            or (o.kind == "text" and not o.sql.startswith("CASE WHEN CASE") and "regexp_matches" not in o.sql)
        ):
            continue
        bad = f"{wanted} AND NOT {kinds.missing_test(quote(o.raw), o.kind)} AND CAST({o.sql} AS {_TYPES[o.kind]}) IS NULL"
        row = con.execute(f"SELECT count(*) FROM raw WHERE {bad}").fetchone() or (0,)
        if row[0]:
            some = con.execute(
                f"SELECT {LINE}, left({quote(o.raw)}, 80) FROM raw WHERE {bad} LIMIT {_EXAMPLES}"
            ).fetchall()
            found.append(
                {
                    "column": o.name,
                    "header": o.header,
                    "count": int(row[0]),
                    "examples": [list(r) for r in some],
                }
            )
    return found


def clean(task: dict[str, Any], say: Callable[[float, str], None]) -> dict[str, Any]:
    """Write the clean table.

    Args:
        task: raw, columns, contract (list of column specs), mapping, answers, comma_likely, folder, is_wide.
        say: Called with (share, message).

    Returns:
        columns, rows, accepted, rejected, cell_rejects, notes.

    Raises:
        MappingError: A question is open, or no row fulfils the contract.
    """
    folder = Path(task["folder"])
    shutil.copyfile(Path(task["raw"]).parent / REJECTS, folder / REJECTS)
    with _connect(folder, task["answers"].get("time_zone", "UTC")) as con:
        _view(con, Path(task["raw"]))
        builder = _Builder(con, task)
        specs = {c["name"]: c for c in task["contract"]}
        found = [(name, builder.mapped(specs[name], source)) for name, source in task["mapping"].items()]
        if builder.open:
            raise _unanswered(builder.open)
        outputs = [output for _, output in found if output]
        say(0.2, "Writing the clean table")
        if task["is_wide"]:
            return _finish_wide(con, builder, outputs, folder)
        return _finish(con, builder, outputs, folder, say)


def _unanswered(questions: list[Question]) -> MappingError:
    first = questions[0]
    kind = first.id.partition(":")[0]
    options = " or ".join(f"{kind}={value}" for value, _ in first.options)
    return MappingError(first.text, f"Answer it on the Data page, or give {options}.")


def _finish(
    con: duckdb.DuckDBPyConnection,
    builder: _Builder,
    mapped: list[Output],
    folder: Path,
    say: Callable[[float, str], None],
) -> dict[str, Any]:
    used = {o.raw for o in mapped}
    rest = [c for c in builder.columns.values() if c.name not in used]
    as_text: set[str] = set()
    for _ in range(
        2
    ):  # a second time only when a column outside the contract holds what its sample did not show
        taken = {o.name for o in mapped}
        outputs = mapped + [builder.extra(c, taken, as_text=c.header in as_text) for c in rest]
        _write(con, outputs, folder)
        say(0.7, "Checking every cell")
        clean_counts = _counts(
            con, f"read_parquet({literal(str(folder / CLEAN))})", [o.name for o in outputs]
        )
        raw_names = sorted({o.raw for o in outputs if o.raw})
        raw_counts = dict(zip(["", *raw_names], _counts(con, "raw", raw_names), strict=True))
        is_short = clean_counts[0] < raw_counts[""] or any(
            o.raw and count < raw_counts[o.raw] for o, count in zip(outputs, clean_counts[1:], strict=True)
        )
        cells = _cell_rejects(con, outputs) if is_short else []
        doubtful = {c["header"] for c in cells} & {o.header for o in outputs if o.is_extra}
        if not doubtful:
            break
        as_text |= doubtful
    rejected = (
        _row_rejects(con, outputs, len(builder.columns), folder / REJECTS)
        if clean_counts[0] < raw_counts[""]
        else 0
    )
    if clean_counts[0] == 0:
        raise _no_rows(con, outputs)
    columns = [
        Column(o.name, o.kind, o.header, clean_counts[0] - n)
        for o, n in zip(outputs, clean_counts[1:], strict=True)
    ]
    return {
        "columns": [asdict(c) for c in columns],
        "rows": clean_counts[0],
        "accepted": clean_counts[0],
        "rejected": rejected,
        "cell_rejects": cells,
        "notes": [],
    }


def _no_rows(con: duckdb.DuckDBPyConnection, outputs: list[Output]) -> MappingError:
    for o in outputs:
        if o.required:
            row = con.execute(
                f"SELECT {_reason(o)} FROM raw WHERE CAST({o.sql} AS {_TYPES[o.kind]}) IS NULL LIMIT 1"
            ).fetchone()
            if row:
                return MappingError(f"No row can be used: {row[0]}.", f"Choose another column for {o.name}.")
    return MappingError("No row can be used.", "Check the mapping of the columns.")


def _finish_wide(
    con: duckdb.DuckDBPyConnection, builder: _Builder, mapped: list[Output], folder: Path
) -> dict[str, Any]:
    """Unpivot: one row per date and metric. Either dates run down and metrics across, or the other way round."""
    used = {o.raw for o in mapped}
    rest = [c for c in builder.columns.values() if c.name not in used]
    by_name = {o.name: o for o in mapped}
    notes, numbers = [], []
    for column in rest:
        guess = kinds.for_target(
            builder.values[column.name], "number", comma_likely=builder.task["comma_likely"]
        )
        style = builder.style(column, guess)
        if style is None:
            continue
        if not column.examples or guess.share < 0.5:
            notes.append(f"Column “{column.header}” does not hold numbers and was left out.")
            continue
        numbers.append(
            Output(
                column.header,
                "number",
                column.header,
                kinds.cast(quote(column.name), "number", style),
                column.name,
            )
        )
    if builder.open:
        raise _unanswered(builder.open)
    if not numbers:
        raise MappingError(
            "No column holds the numbers of a metric.",
            "Upload a table with a date column and one column per metric.",
        )
    across = "metric" in by_name  # periods run across
    keys = [by_name["metric" if across else "date"], *([by_name["segment"]] if "segment" in by_name else [])]
    if across:
        numbers, left = _periods(con, numbers)
        notes += left
    chosen = ", ".join(
        f"CAST({o.sql} AS {_TYPES[o.kind]}) AS {quote(o.name if o in keys else o.header)}"
        for o in [*keys, *numbers]
    )
    con.execute(f"CREATE TEMP TABLE wide AS SELECT {LINE}, {chosen} FROM raw")
    pivot = f"(UNPIVOT wide ON {', '.join(quote(o.header) for o in numbers)} INTO NAME across VALUE value)"
    day = "CAST(across AS DATE)" if across else "date"
    name = "metric" if across else "across"
    segment = ", segment" if "segment" in by_name else ""
    key = keys[0].name
    con.execute(
        f"COPY (SELECT {day} AS date, {name} AS metric, value{segment} FROM {pivot} WHERE {quote(key)} IS NOT NULL ORDER BY {LINE}) "
        f"TO {literal(str(folder / CLEAN))} (FORMAT parquet, COMPRESSION zstd)"
    )
    names = ["date", "metric", "value"] + (["segment"] if segment else [])
    counts = _counts(con, f"read_parquet({literal(str(folder / CLEAN))})", names)
    accepted = (con.execute(f"SELECT count(*) FROM wide WHERE {quote(key)} IS NOT NULL").fetchone() or (0,))[
        0
    ]
    kept = [Output(k.name, k.kind, k.header, k.sql, k.raw, k.name == key) for k in keys]
    if counts[0] == 0:
        raise _no_rows(con, [*kept])
    rejected = _row_rejects(con, kept, len(builder.columns), folder / REJECTS)
    headers = {
        "date": "" if across else keys[0].header,
        "metric": keys[0].header if across else "",
        "value": "",
        "segment": by_name["segment"].header if segment else "",
    }
    types = {"date": "date", "metric": "text", "value": "number", "segment": "text"}
    columns = [Column(n, types[n], headers[n], counts[0] - c) for n, c in zip(names, counts[1:], strict=True)]
    return {
        "columns": [asdict(c) for c in columns],
        "rows": counts[0],
        "accepted": int(accepted),
        "rejected": rejected,
        "cell_rejects": _cell_rejects(con, [*kept, *numbers]),
        "notes": notes,
    }


def _periods(con: duckdb.DuckDBPyConnection, numbers: list[Output]) -> tuple[list[Output], list[str]]:
    """Columns whose header is a period, renamed to its first day."""
    guess = kinds.guess_date([o.header for o in numbers], numeric=True)
    kept, left = [], []
    for o in numbers:
        style = "iso" if guess is None else guess.style
        day = con.execute(
            f"SELECT CAST({kinds.cast(literal(o.header), 'date', style)} AS VARCHAR)"
        ).fetchone()
        if day and day[0]:
            kept.append(Output(o.name, o.kind, day[0], o.sql, o.raw))
        else:
            left.append(f"Column “{o.header}” is not named by a period and was left out.")
    if not kept:
        raise MappingError("No column is named by a period.", "Name the columns by month, such as 2026-01.")
    return kept, left

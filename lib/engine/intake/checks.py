"""What of the all-text table did not make it into the clean one, and why."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from lib.engine.intake.outputs import TYPES, Output
from lib.engine.intake.readers.raw_table import LINE
from lib.engine.intake.values import casts
from lib.engine.query import quote
from lib.errors import MappingError

_EXAMPLES = 20
_KINDS = {
    "text": "known word",
    "integer": "whole number",
    "number": "number",
    "boolean": "yes or no",
    "date": "date",
    "timestamp": "time",
}


def is_read(output: Output) -> str:
    """SQL: whether the output has a value."""
    return f"CAST({output.sql} AS {TYPES[output.kind]}) IS NOT NULL"


def counts(con: duckdb.DuckDBPyConnection, table: str, names: list[str]) -> list[int]:
    """Rows of a table, then values present in each column."""
    listed = ", ".join(["count(*)", *(f"count({quote(name)})" for name in names)])
    row = con.execute(f"SELECT {listed} FROM {table}").fetchone() or ()
    return [int(value) for value in row]


def _reason(output: Output) -> str:
    if not output.raw:
        return f"'{output.name} is missing'"
    cell = quote(output.raw)
    return (
        f"CASE WHEN {casts.missing_test(cell, output.kind)} THEN '{output.name} is missing' "
        f"ELSE '{output.name} cannot be read: “' || left({cell}, 80) || '”' END"
    )


def row_rejects(con: duckdb.DuckDBPyConnection, outputs: list[Output], width: int, file: Path) -> int:
    """Append rows whose required cells cannot be read to rejects.csv, and say how many there are."""
    tests = [(output, f"NOT ({is_read(output)})") for output in outputs if output.required]
    if not tests:
        return 0
    why = "CASE " + " ".join(f"WHEN {test} THEN {_reason(output)}" for output, test in tests) + " END"
    record = "concat_ws(',', " + ", ".join(f"coalesce(c{i}, '')" for i in range(1, width + 1)) + ")"
    found = con.execute(
        f"SELECT {LINE}, {why}, {record} FROM raw WHERE {' OR '.join(test for _, test in tests)}"
    )
    count = 0
    with file.open("a", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        while rows := found.fetchmany(10_000):
            writer.writerows(rows)
            count += len(rows)
    return count


def cell_rejects(con: duckdb.DuckDBPyConnection, outputs: list[Output]) -> list[dict[str, Any]]:
    """Cells of accepted rows that say something but cannot be read; they are empty in the clean table."""
    wanted = " AND ".join(is_read(output) for output in outputs if output.required) or "TRUE"
    found = []
    for output in outputs:
        if output.required or not output.raw:
            continue
        said = f"NOT {casts.missing_test(quote(output.raw), output.kind)}"
        bad = f"{wanted} AND {said} AND NOT ({is_read(output)})"
        row = con.execute(f"SELECT count(*) FROM raw WHERE {bad}").fetchone() or (0,)
        if row[0]:
            cell = f"left({quote(output.raw)}, 80)"
            some = con.execute(f"SELECT {LINE}, {cell} FROM raw WHERE {bad} LIMIT {_EXAMPLES}").fetchall()
            examples = [list(item) for item in some]
            found.append(
                {"column": output.name, "header": output.header, "count": int(row[0]), "examples": examples}
            )
    return found


def cell_counts(
    outputs: Sequence[Output], rows: int, present: Sequence[int], unread: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Where every cell of the mapped columns went, as `dataset.CellCount` in plain data.

    Args:
        outputs: Columns of the clean table, those of the contract first.
        rows: Rows in use.
        present: Values of each output in the clean table.
        unread: From `cell_rejects`.
    """
    bad = {item["column"]: item for item in unread}
    counted = []
    for output, values in zip(outputs, present, strict=True):
        if not output.raw or output.is_extra:
            continue
        item = bad.get(output.name, {"count": 0, "examples": []})
        counted.append(
            {
                "column": output.name,
                "header": output.header,
                "read": values,
                "empty": max(0, rows - values - item["count"]),
                "unreadable": item["count"],
                "reason": f"not a {_KINDS[output.kind]} that can be read" if item["count"] else "",
                "examples": item["examples"],
            }
        )
    return counted


def no_rows(con: duckdb.DuckDBPyConnection, outputs: list[Output]) -> MappingError:
    """Why not a single row is left: the required column that fails most often."""
    required = [output for output in outputs if output.required]
    tallies = ", ".join(["0", *(f"count(*) FILTER (WHERE NOT ({is_read(output)}))" for output in required)])
    failed = con.execute(f"SELECT {tallies} FROM raw").fetchone() or (0,)
    if any(failed):
        worst = required[max(range(len(required)), key=failed[1:].__getitem__)]
        bad = f"SELECT {_reason(worst)} FROM raw WHERE NOT ({is_read(worst)}) LIMIT 1"
        row = con.execute(bad).fetchone() or ("",)
        return MappingError(f"No row can be used: {row[0]}.", f"Choose another column for {worst.name}.")
    return MappingError("No row can be used.", "Check the mapping of the columns.")

"""Metrics with one column each, turned into one row per date and metric."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import duckdb

from lib.engine.contracts import meaning
from lib.engine.datasets.dataset import CLEAN, CleanColumn
from lib.engine.intake import checks, repeated_rows
from lib.engine.intake.model import REJECTS, RawColumn
from lib.engine.intake.outputs import TYPES, Builder, Output
from lib.engine.intake.readers.raw_table import LINE
from lib.engine.intake.values import casts, value_kinds
from lib.engine.query import literal, quote
from lib.errors import MappingError

_INDEX = re.compile(r"(?i)column_1|unnamed: ?0|index|level_0|#|no\.?|nr\.?|row( number)?|__index_level_0__")
_TYPES = {"date": "date", "metric": "text", "value": "number", "segment": "text"}  # of the long table


def write(
    con: duckdb.DuckDBPyConnection, builder: Builder, mapped: list[Output], folder: Path
) -> dict[str, Any]:
    """Unpivot: one row per date and metric. Either dates run down and metrics across, or the other way round."""
    by_name = {o.name: o for o in mapped}
    numbers, beside, notes = _numbers(con, builder, {o.raw for o in mapped})
    across = "metric" in by_name  # periods run across
    keys = [by_name[name] for name in ("metric" if across else "date", "segment") if name in by_name]
    if across:
        numbers, left = _periods(con, numbers)
        notes += left
    told = _unpivot(con, keys, numbers, beside, folder / CLEAN)
    notes += told
    names = ["date", "metric", "value", *(key.name for key in keys[1:])]
    counts = checks.counts(con, f"read_parquet({literal(str(folder / CLEAN))})", names)
    key = quote(keys[0].name)
    accepted = (con.execute(f"SELECT count(*) FROM wide WHERE {key} IS NOT NULL").fetchone() or (0,))[0]
    kept = [Output(k.name, k.kind, k.header, k.sql, k.raw, k is keys[0]) for k in keys]
    if counts[0] == 0:
        raise checks.no_rows(con, kept)
    rejected = checks.row_rejects(con, kept, len(builder.columns), folder / REJECTS)
    return {
        "columns": _described(names, counts, {key.name: key.header for key in keys}),
        "rows": counts[0],
        "accepted": int(accepted),
        "rejected": rejected,
        "cells": _cells(con, kept, numbers, int(accepted)),
        "notes": notes,
        "copies_told": bool(told),
    }


def _counts_rows(con: duckdb.DuckDBPyConnection, column: RawColumn) -> bool:
    """Whether a column is the index that a data frame was saved with: it has no name and grows by one a row."""
    if not _INDEX.fullmatch(column.header.strip()) or column.kind != "integer":
        return False
    cell = f"TRY_CAST({quote(column.name)} AS BIGINT)"
    row = con.execute(
        f"SELECT count(*), count(DISTINCT {cell}), min({cell}), max({cell}) FROM raw"
    ).fetchone()
    return bool(row and row[0] == row[1] and row[2] in (0, 1) and row[3] - row[2] + 1 == row[0])


def _cells(
    con: duckdb.DuckDBPyConnection, keys: list[Output], numbers: list[Output], accepted: int
) -> list[dict[str, Any]]:
    """Where every cell of the file's columns went, over the rows that are used."""
    every, listed = [*keys, *numbers], ", ".join(f"count({quote(o.header)})" for o in numbers)
    named = ", ".join(f"count({quote(o.name)})" for o in keys)
    row = (
        con.execute(f"SELECT {named}, {listed} FROM wide WHERE {quote(keys[0].name)} IS NOT NULL").fetchone()
        or ()
    )
    return checks.cell_counts(every, accepted, [int(n) for n in row], checks.cell_rejects(con, every))


def _described(names: list[str], counts: list[int], headers: Mapping[str, str]) -> list[dict[str, Any]]:
    """The long table's columns; those without a header come from many."""
    present = zip(names, counts[1:], strict=True)
    return [
        asdict(CleanColumn(name, _TYPES[name], headers.get(name, ""), counts[0] - n)) for name, n in present
    ]


def _numbers(
    con: duckdb.DuckDBPyConnection, builder: Builder, used: set[str]
) -> tuple[list[Output], list[Output], list[str]]:
    """The columns that hold a metric's numbers, those that tell rows apart, and notes on the latter."""
    indices = [c for c in builder.columns.values() if c.name not in used and _counts_rows(con, c)]
    used = used | {c.name for c in indices}
    notes = [f"Column “{c.header}” only counts the rows and was left out." for c in indices]
    numbers: list[Output] = []
    beside: list[Output] = []
    for column in builder.columns.values():
        output, note = (None, "") if column.name in used else _number_or_text(builder, column)
        if output is not None:
            (beside if note else numbers).append(output)
            notes += [note] if note else []
    builder.check_answered()
    if not numbers:
        raise MappingError(
            "No column holds the numbers of a metric.",
            "Upload a table with a date column and one column per metric.",
        )
    return numbers, beside, notes


def _number_or_text(builder: Builder, column: RawColumn) -> tuple[Output | None, str]:
    """A column as a metric's numbers, else as text that tells rows apart with a note; None where it waits for an answer."""
    guess = value_kinds.for_target(
        builder.values[column.name], "number", comma_likely=builder.task["comma_likely"]
    )
    style = builder.style(column, guess)
    if style is None:
        return None, ""
    is_number = bool(column.examples) and guess.share >= 0.5
    if is_number and not _is_identifier(builder, column.header):
        sql = builder.in_whole_money(column, casts.cast(quote(column.name), "number", style))
        return Output(column.header, "number", column.header, sql, column.name), ""
    what = "holds identifiers or parts of a date" if is_number else "does not hold numbers"
    sql = casts.cast(quote(column.name), "text", "")
    note = f"Column “{column.header}” {what} and was left out."
    return Output(column.header, "text", column.header, sql, column.name), note


def _is_identifier(builder: Builder, header: str) -> bool:
    """Whether a column of numbers names things, so that no metric can be made of it, unless a person said otherwise."""
    told = builder.answers.get(f"{meaning.ANSWER}:{header}", "")
    return told == "never" or (not told and meaning.by_name(header)[0] == "never")


def _unpivot(
    con: duckdb.DuckDBPyConnection,
    keys: list[Output],
    numbers: list[Output],
    beside: list[Output],
    target: Path,
) -> list[str]:
    """Write the long table; the table `wide` stays for what is checked afterwards.

    Args:
        con: Where the table `raw` is.
        keys: The date, or the metric where periods run across; and the segment where there is one.
        numbers: The columns that become rows.
        beside: Columns that tell rows of one date apart; they are not kept.
        target: The Parquet file.

    Returns:
        What was done with rows that stand for the same period, full sentences.
    """
    chosen = ", ".join(
        f"CAST({o.sql} AS {TYPES[o.kind]}) AS {quote(o.name if o in keys else o.header)}"
        for o in [*keys, *numbers]
    )
    apart = "".join(f", {o.sql} AS beside{index}" for index, o in enumerate(beside))
    con.execute(f"CREATE TEMP TABLE wide AS SELECT {LINE}, {chosen}{apart} FROM raw")
    told, rows = _one_a_period(con, keys, numbers, len(beside))
    pivot = f"(UNPIVOT {rows} ON {', '.join(quote(o.header) for o in numbers)} INTO NAME across VALUE value)"
    is_across = keys[0].name == "metric"
    day = "CAST(across AS DATE)" if is_across else "date"
    name = "metric" if is_across else "across"
    segment = ", segment" if len(keys) > 1 else ""
    long = (
        f"SELECT {day} AS date, {name} AS metric, value{segment} FROM {pivot} "
        f"WHERE {quote(keys[0].name)} IS NOT NULL"
    )
    con.execute(f"COPY ({long} ORDER BY {LINE}) TO {literal(str(target))} (FORMAT parquet, COMPRESSION zstd)")
    return told


def _one_a_period(
    con: duckdb.DuckDBPyConnection, keys: list[Output], numbers: list[Output], beside: int
) -> tuple[list[str], str]:
    """One row is one period, in one segment: what is told of rows that repeat one, and the rows that count."""
    names = [o.name for o in keys] + [f"beside{index}" for index in range(beside)]
    filled = f"(SELECT * FROM wide WHERE {quote(keys[0].name)} IS NOT NULL)"
    found = repeated_rows.repeats(con, filled, names, [*names, *(o.header for o in numbers)])
    if found is None:
        return [], "wide"
    told = repeated_rows.told_periods(found)
    return told, "wide" if found.is_parts else f"({repeated_rows.latest(filled, names, LINE)})"


def _periods(con: duckdb.DuckDBPyConnection, numbers: list[Output]) -> tuple[list[Output], list[str]]:
    """Columns whose header is a period, renamed to its first day."""
    guess = value_kinds.guess_date([o.header for o in numbers], numeric=True)
    kept, left = [], []
    for o in numbers:
        style = "iso" if guess is None else guess.style
        day = con.execute(
            f"SELECT CAST({casts.cast(literal(o.header), 'date', style)} AS VARCHAR)"
        ).fetchone()
        if day and day[0]:
            kept.append(Output(o.name, o.kind, day[0], o.sql, o.raw))
        else:
            left.append(f"Column “{o.header}” is not named by a period and was left out.")
    if not kept:
        raise MappingError("No column is named by a period.", "Name the columns by month, such as 2026-01.")
    return kept, left

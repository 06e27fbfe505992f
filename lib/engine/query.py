"""The one door through which an analysis asks for rows: `query` and `evidence`.

One DuckDB instance a process, one cursor a call, every result fetched whole (a shared connection gives wrong answers
without an error). Only our own SQL comes through here; what a person types runs in `sandbox`.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from lib.engine.datasets.dataset import Dataset
from lib.engine.evidence.evidence import Evidence, Scalar

_lock = threading.Lock()
_connection: duckdb.DuckDBPyConnection | None = None


@dataclass(frozen=True)
class Table:
    """A small result: column names and rows, fetched whole."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Scalar, ...], ...]

    def records(self) -> list[dict[str, Scalar]]:
        """The rows as dictionaries."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


def now() -> str:
    """The time, ISO 8601 UTC to the second."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


def quote(name: str) -> str:
    '''An identifier, quoted for SQL.

    >>> quote('a "b"')
    '"a ""b"""'
    '''
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text literal for SQL, where a parameter cannot stand (a file name in a view)."""
    return "'" + text.replace("'", "''") + "'"


def cursor() -> duckdb.DuckDBPyConnection:
    """A cursor of its own for one call. Close it (use `with`)."""
    global _connection
    with _lock:
        if _connection is None:
            _connection = duckdb.connect(":memory:")
            _connection.execute("SET TimeZone = 'UTC'")
            _connection.execute(
                "SET threads = 3"
            )  # three beat two on two cores for clustered hash aggregates
        return _connection.cursor()


def bind(sql: str, datasets: Mapping[str, Dataset]) -> str:
    """Put the datasets in front of a query as CTEs, so that the query itself stays portable.

    Args:
        sql: A SELECT (it may begin with WITH) that reads tables by the names in `datasets`.
        datasets: Table name -> dataset.
    """
    head = ", ".join(
        f"{quote(name)} AS (SELECT * FROM read_parquet({literal(str(data.path))}))"
        for name, data in datasets.items()
    )
    body = sql.strip()
    if not head:
        return body
    return (
        f"WITH {head}, {body[5:].lstrip()}"
        if body[:5].upper() == "WITH " or body[:5].upper() == "WITH\n"
        else f"WITH {head} {body}"
    )


def query(sql: str, datasets: Mapping[str, Dataset], params: Mapping[str, Any] | None = None) -> Table:
    """Run one of our own SELECTs and fetch it whole.

    Args:
        sql: Portable SQL; parameters as `$name`.
        datasets: Table name -> dataset.
        params: Parameter name -> value.
    """
    with cursor() as cur:
        cur.execute(bind(sql, datasets), dict(params or {}))
        columns = tuple(item[0] for item in cur.description or ())
        return Table(columns, tuple(tuple(row) for row in cur.fetchall()))


def evidence(
    title: str,
    definition: str,
    sql: str,
    datasets: Mapping[str, Dataset],
    params: Mapping[str, Any] | None = None,
    *,
    rows: Sequence[Sequence[Scalar]] | None = None,
    columns: Sequence[str] | None = None,
    method: str = "",
) -> Evidence:
    """Run a query as Evidence, or wrap rows that a kernel computed for that query.

    Args:
        title: Short noun phrase.
        definition: Exact meaning, for a person.
        sql: The portable definition.
        datasets: Table name -> dataset.
        params: Parameter name -> value.
        rows: Rows that are already computed (by a kernel, or with intervals added); the query is then not run.
        columns: Their columns; required with `rows`.
        method: What was added to the query's rows.
    """
    if rows is None:
        table = query(sql, datasets, params)
        columns, rows = table.columns, table.rows
    if columns is None:
        raise ValueError("rows need columns")
    return Evidence(
        title=title,
        definition=definition,
        sql=sql.strip(),
        columns=tuple(columns),
        rows=tuple(tuple(r) for r in rows),
        params=tuple((params or {}).items()),
        sources=tuple(data.source() for data in datasets.values()),
        at=now(),
        method=method,
    )

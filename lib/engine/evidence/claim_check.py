"""Whether a sentence's words are true of the numbers beside it: SQL over small evidence tables that must give TRUE.

"Half", "every month" and "both" are statements too. Each is written as a query over the evidence it speaks of and runs
in an empty database that can reach nothing else.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Mapping
from typing import Any

import duckdb

from lib.engine.evidence.evidence import Evidence
from lib.engine.query import quote

_KINDS = (
    (bool, "BOOLEAN"),
    (float, "DOUBLE"),
    (int, "HUGEINT"),
    (dt.datetime, "TIMESTAMP"),
    (dt.date, "DATE"),
)  # the narrower of two Python types comes first
_lock = threading.Lock()
_connection: duckdb.DuckDBPyConnection | None = None
_known: dict[tuple[object, ...], bool] = {}  # same words, same tables, same answer


_KINDS = (
    (bool, "BOOLEAN"),
    (int, "HUGEINT"),
    (float, "DOUBLE"),
    (dt.datetime, "TIMESTAMP"),
    (dt.date, "DATE"),
)


def _kind(values: list[Any]) -> str:
    """The column type that holds all these values."""
    kinds = {_kind_of(value) for value in values if value is not None}
    if kinds == {"DOUBLE", "HUGEINT"}:
        return "DOUBLE"
    return kinds.pop() if len(kinds) == 1 else "VARCHAR"


def _kind_of(value: object) -> str:
    """The column type of one value; the narrower type first, because a truth is an integer and a moment a day."""
    return next((kind for type_, kind in _KINDS if isinstance(value, type_)), "VARCHAR")


def _load(connection: duckdb.DuckDBPyConnection, name: str, evidence: Evidence) -> None:
    kinds = [_kind(evidence.column(column)) for column in evidence.columns]
    fields = ", ".join(f"{quote(c)} {k}" for c, k in zip(evidence.columns, kinds, strict=True))
    connection.execute(f"CREATE TABLE {quote(name)} ({fields})")
    if evidence.rows:
        marks = ", ".join("?" * len(kinds))
        rows = [
            [str(v) if k == "VARCHAR" and v is not None else v for v, k in zip(row, kinds, strict=True)]
            for row in evidence.rows
        ]
        connection.executemany(f"INSERT INTO {quote(name)} VALUES ({marks})", rows)


def holds(sql: str, tables: Mapping[str, Evidence]) -> bool:
    """Whether a claim is true of these tables.

    Args:
        sql: A SELECT that gives one row with one value; only TRUE counts as true (NULL does not).
        tables: Name used in the query -> evidence.

    >>> from lib.engine.evidence.evidence import Evidence
    >>> e = Evidence("t", "d", "", ("month", "rate"), (("a", 0.1), ("b", 0.2)))
    >>> holds("SELECT min(rate) > 0.05 FROM t", {"t": e}), holds("SELECT count(*) = 3 FROM t", {"t": e})
    (True, False)
    """
    key = (sql, *((name, evidence.id) for name, evidence in sorted(tables.items())))
    with _lock:
        if key not in _known:
            if len(_known) > 2_000:
                _known.clear()
            _known[key] = _ask(sql, tables)
        return _known[key]


def _ask(sql: str, tables: Mapping[str, Evidence]) -> bool:
    """Run the query in the empty database; the caller holds the lock."""
    global _connection
    if _connection is None:
        _connection = duckdb.connect(":memory:", config={"threads": 1})
        _connection.execute("SET enable_external_access = false")
    for name, evidence in tables.items():
        _connection.execute(f"DROP TABLE IF EXISTS {quote(name)}")
        _load(_connection, name, evidence)
    row = _connection.execute(sql).fetchone()
    return row is not None and row[0] is True

"""The one door through which an analysis asks for rows: `open_source`, and `query` and `evidence` over it.

Only our own SQL comes through here; what a person types runs in `sandbox`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from lib.engine.datasets.dataset import Dataset
from lib.engine.evidence.evidence import Evidence, Scalar
from lib.engine.sources.answers import Table
from lib.engine.sources.local import LocalSource
from lib.engine.sources.source import Source
from lib.engine.sources.sql_text import literal, quote
from lib.framework import slots

__all__ = ["Table", slots.EVENTS, "evidence", "literal", "now", "open_source", "query", "quote"]


def now() -> str:
    """The time, ISO 8601 UTC to the second."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


def open_source(datasets: Mapping[str, Dataset]) -> Source:
    """Where datasets are asked. The only place that knows which kinds of sources there are.

    Args:
        datasets: Table name -> dataset, as the query or question names it.
    """
    return LocalSource(datasets)


def events(dataset: Dataset) -> Source:
    """The source of one list of events."""
    return open_source({slots.EVENTS: dataset})


def query(sql: str, datasets: Mapping[str, Dataset], params: Mapping[str, Any] | None = None) -> Table:
    """Run one of our own SELECTs and fetch it whole.

    Args:
        sql: Portable SQL; parameters as `$name`.
        datasets: Table name -> dataset.
        params: Parameter name -> value.
    """
    return open_source(datasets).query(sql, params)


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
    """Run a query as Evidence, or wrap rows that a source answered for that query.

    Args:
        title: Short noun phrase.
        definition: Exact meaning, for a person.
        sql: The portable definition.
        datasets: Table name -> dataset.
        params: Parameter name -> value.
        rows: Rows that are already there (a source's answer, or with intervals added); the query is then not run.
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

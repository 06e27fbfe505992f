"""What each column of a dataset holds, as one small table."""

from __future__ import annotations

from lib.engine import query
from lib.engine.datasets.dataset import Dataset
from lib.engine.evidence.evidence import Evidence
from lib.engine.sources.sql_text import literal, quote


def profile(dataset: Dataset) -> Evidence:
    """One row per column: kind, values present, missing, different values, smallest and largest.

    Args:
        dataset: The dataset.

    Returns:
        Columns `column, kind, from_header, present, missing, different, smallest, largest`.
    """
    parts = []
    for position, item in enumerate(dataset.columns):
        name = quote(item.name)
        parts.append(
            f'SELECT {position} AS position, {literal(item.name)} AS "column", {literal(item.kind)} AS kind, '
            f"{literal(item.header or 'same in every row')} AS from_header, count({name}) AS present, "
            f"count(*) - count({name}) AS missing, count(DISTINCT {name}) AS different, "
            f"CAST(min({name}) AS VARCHAR) AS smallest, CAST(max({name}) AS VARCHAR) AS largest FROM t"
        )
    inner = " UNION ALL ".join(parts)
    sql = (
        'SELECT "column", kind, from_header, present, missing, different, smallest, largest '
        f"FROM ({inner}) AS columns ORDER BY position"
    )
    definition = "Counts over all accepted rows; smallest and largest in the column's own order."
    return query.evidence(f"Columns of {dataset.name}", definition, sql, {"t": dataset})


def head(dataset: Dataset, rows: int = 50) -> query.Table:
    """The first rows, as text where they are not numbers."""
    plain = ("text", "integer", "number", "boolean")
    names = ", ".join(
        quote(c.name) if c.kind in plain else f"CAST({quote(c.name)} AS VARCHAR) AS {quote(c.name)}"
        for c in dataset.columns
    )
    return query.query(f"SELECT {names} FROM t LIMIT {int(rows)}", {"t": dataset})

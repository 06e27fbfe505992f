"""What one row is: rows that stand for the same thing are made one, by a stated rule, and every one of them is told.

The clean table is looked at once it is written, inside the worker. A rule is the columns that name a thing (its key)
and which of several rows counts. Exact copies are left out; of different rows the later one counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import duckdb

from lib.engine.contracts import meaning
from lib.engine.datasets.dataset import CLEAN
from lib.engine.query import literal, quote
from lib.framework import slots

_MOST = 0.5  # share of keys with different rows from which those are parts that add up, not corrections


@dataclass(frozen=True)
class Repeats:
    """How often the rows of a table repeat their key.

    Attributes:
        rows: All rows.
        keys: Different keys.
        copies: Rows that are exact copies of an earlier one.
        conflicts: Keys with different rows.
    """

    rows: int
    keys: int
    copies: int
    conflicts: int

    @property
    def is_parts(self) -> bool:
        """Most keys have different rows: they are parts of something the file does not name."""
        return self.conflicts > _MOST * self.keys


def repeats(
    con: duckdb.DuckDBPyConnection, table: str, key: Sequence[str], whole: Sequence[str]
) -> Repeats | None:
    """Count the rows that repeat their key; None when none does.

    Args:
        con: A connection.
        table: SQL of the table.
        key: Columns that name a thing.
        whole: Columns that must be equal for a copy.
    """
    keys, every = (f"hash({', '.join(quote(name) for name in names)})" for names in (key, whole))
    row = con.execute(f"SELECT count(*), count(DISTINCT {keys}) FROM {table}").fetchone() or (0, 0)
    if row[0] == row[1]:
        return None
    more = con.execute(
        f"SELECT sum(n - different), count(*) FILTER (WHERE different > 1) FROM "
        f"(SELECT count(*) AS n, count(DISTINCT {every}) AS different FROM {table} GROUP BY {keys})"
    ).fetchone() or (0, 0)
    return Repeats(int(row[0]), int(row[1]), int(more[0] or 0), int(more[1] or 0))


def latest(table: str, key: Sequence[str], order: str, without: str = "") -> str:
    """SQL of the last row of each key, in the order given; `without` is a column that served the order only."""
    away = f"nth, {without}" if without else "nth"
    keys = ", ".join(quote(name) for name in key)
    return (
        f"SELECT * EXCLUDE ({away}) FROM (SELECT *, row_number() OVER (PARTITION BY {keys} ORDER BY {order} DESC) AS nth "
        f"FROM {table}) WHERE nth = 1"
    )


def told_periods(found: Repeats) -> list[str]:
    """What a person is told of dates that stand in a metrics file more than once."""
    if found.is_parts:
        return [
            "Most dates stand in several rows: they are added up. Map the column that tells them apart as segment."
        ]
    notes = []
    if found.copies:
        notes.append(
            f"{found.copies:,} rows are exact copies of others: each is counted once."
            if found.copies > 1
            else "One row is an exact copy of another: it is counted once."
        )
    if found.conflicts:
        notes.append(
            f"{found.conflicts:,} dates stand in the file more than once with different values: the later row counts."
            if found.conflicts > 1
            else "One date stands in the file more than once with different values: the later row counts."
        )
    return notes


@dataclass(frozen=True)
class Clean:
    """The clean table as it was written.

    Attributes:
        con: A connection.
        folder: Where it lies.
        kinds: Column -> kind.
        headers: Column -> header in the file, "" for a constant.
    """

    con: duckdb.DuckDBPyConnection
    folder: Path
    kinds: Mapping[str, str]
    headers: Mapping[str, str]

    @property
    def table(self) -> str:
        """SQL of its rows with `line`, their number in it."""
        path = literal(str(self.folder / CLEAN))
        return (
            f"(SELECT * RENAME (file_row_number AS line) FROM read_parquet({path}, file_row_number = true))"
        )

    def rewrite(self, sql: str) -> None:
        """Write it anew as the rows of a query that keeps `line`."""
        target = self.folder / f"one-{CLEAN}"
        self.con.execute(
            f"COPY (SELECT * EXCLUDE (line) FROM ({sql}) ORDER BY line) TO {literal(str(target))} "
            "(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)"
        )
        target.replace(self.folder / CLEAN)


def _metrics(clean: Clean) -> list[str]:
    """One row is one metric in one period, in one segment."""
    further = [
        name
        for name, kind in clean.kinds.items()
        if kind in ("text", "boolean") or meaning.by_name(name)[0] == "never"
    ]
    key = list(dict.fromkeys(["date", "metric", *further]))
    filled = f"(SELECT * FROM {clean.table} WHERE value IS NOT NULL)"
    found = repeats(clean.con, filled, key, list(clean.kinds))
    if found and not found.is_parts:
        clean.rewrite(latest(filled, key, "line"))
    return told_periods(found) if found else []


def _deals(clean: Clean) -> list[str]:
    """One row is one deal, in its latest state."""
    by_name = "name" in clean.headers.get("deal_id", "").lower()  # two deals may have the same name
    key = ["deal_id", "created_date"] if by_name else ["deal_id"]
    found = repeats(clean.con, clean.table, key, list(clean.kinds))
    if not found:
        return []
    table, order = clean.table, "line"
    if "closed_date" in clean.kinds:  # of a deal whose rows all have one, the last that was closed
        of_deal = "OVER (PARTITION BY deal_id)"
        closed = f"CASE WHEN count(*) {of_deal} = count(closed_date) {of_deal} THEN closed_date END"
        table, order = f"(SELECT *, {closed} AS closed FROM {table})", "closed DESC NULLS LAST, line"
    clean.rewrite(latest(table, key, order, "closed" if "closed_date" in clean.kinds else ""))
    n = found.rows - found.keys
    return [
        f"{n:,} rows repeat a deal that stands in another row: a deal counts once, in its latest state."
        if n > 1
        else "One row repeats a deal that stands in another row: a deal counts once, in its latest state."
    ]


def _survey(clean: Clean) -> list[str]:
    """One row is the latest answer of one person."""
    found = repeats(clean.con, clean.table, ["respondent_id"], list(clean.kinds))
    if not found:
        return []
    order = "date DESC NULLS LAST, line" if "date" in clean.kinds else "line"
    clean.rewrite(latest(clean.table, ["respondent_id"], order))
    n = found.rows - found.keys
    return [
        f"{n:,} rows are further answers of people who answered more than once: the latest answer of each person counts."
        if n > 1
        else "One row is a further answer of a person who answered more than once: the latest one counts."
    ]


def _customers(clean: Clean) -> list[str]:
    """One row is one customer: subscriptions that run beside each other add up, the first day counts."""
    names = set(clean.kinds)
    found = repeats(clean.con, clean.table, ["customer_id"], list(clean.kinds))
    if not found:
        return []
    apart = [name for name in ("customer_id", "signup_date", "plan") if name in names]
    parts = latest(clean.table, apart, "line")
    runs = "churn_date IS NULL" if "churn_date" in names else "TRUE"
    summed = f"CASE WHEN bool_or({runs}) THEN sum({{0}}) FILTER (WHERE {runs}) ELSE arg_max({{0}}, line) END"
    special = {
        "signup_date": "min(signup_date)",
        "first_paid_date": "min(first_paid_date)",
        "mrr": summed.format("mrr"),
        "revenue": "sum(revenue)",
        "churn_date": f"CASE WHEN bool_or({runs}) THEN NULL ELSE max(churn_date) END",
    }
    told = ", ".join(
        f"{special.get(name) or f'arg_max({quote(name)}, line)'} AS {quote(name)}"
        for name in clean.kinds
        if name != "customer_id"
    )
    clean.rewrite(f"SELECT customer_id, {told}, min(line) AS line FROM ({parts}) GROUP BY customer_id")
    n = found.rows - found.keys
    return [
        f"{n:,} rows are further rows of a customer: a customer counts once, and what runs side by side is added up."
        if n > 1
        else "One row is a further row of a customer: a customer counts once, and what runs side by side is added up."
    ]


_RULES: Mapping[str, Callable[[Clean], list[str]]] = MappingProxyType(
    {slots.METRICS: _metrics, slots.DEALS: _deals, slots.SURVEY: _survey, slots.CUSTOMERS: _customers}
)


def settle(clean: Clean, slot: str) -> list[str]:
    """Make rows that stand for the same thing one, by the rule of their kind of table.

    Args:
        clean: The clean table.
        slot: Its kind.

    Returns:
        What was done, full sentences; none where every row is a thing of its own.
    """
    rule = _RULES.get(slot)
    return rule(clean) if rule else []

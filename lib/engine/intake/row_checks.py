"""What is looked for in the rows of every table that is taken in: named, counted, told; nothing is left out by it.

One table of checks. A further one is a further entry of `CHECKS`: what it needs, the SQL that finds its rows, and its
words. All counts of a table are one query over the clean Parquet file.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from lib.engine.query import quote
from lib.framework import slots

FIRST_DAY = "1990-01-01"  # before it, a date is a default of some program rather than a day of the business


@dataclass(frozen=True)
class RowCheck:
    """One thing to look for.

    Attributes:
        id: Stable name, snake_case.
        needs: Canonical columns it reads.
        test: SQL over the clean table: true for a row that is counted. An aggregate where `is_whole`.
        one: The sentence for one row; `{n}` and `{example}` may stand in it.
        many: The sentence for several.
        example: SQL whose first value among the rows found becomes `{example}`.
        contracts: Slots whose tables it is for; () for all.
        is_whole: `test` is an aggregate that gives the count itself.
        unless: Smallest count that is worth a word.
    """

    id: str
    needs: tuple[str, ...]
    test: str
    one: str
    many: str
    example: str = "''"
    contracts: tuple[str, ...] = ()
    is_whole: bool = False
    unless: int = 1


def _repeated(key: str, thing: str, slot: str) -> RowCheck:
    return RowCheck(
        f"repeated_{key}",
        (key,),
        f"count({key}) - count(DISTINCT {key})",
        f"One row repeats the {key} of another row: one {thing} may be counted twice.",
        f"{{n}} rows repeat the {key} of another row: one {thing} may be counted several times.",
        contracts=(slot,),
        is_whole=True,
    )


CHECKS: tuple[RowCheck, ...] = (
    # Customers, deals and people of a survey that repeat are made one before (`repeated_rows`), which says so itself.
    _repeated("user_id", "person", slots.EXPERIMENT),
    RowCheck(
        "churn_before_signup", ("churn_date", "signup_date"), "churn_date < signup_date",
        "One customer left before the sign-up date, which is impossible (churn_date {example}).",
        "{n} customers left before their sign-up date, which is impossible (churn_date {example}, for example).",
        "churn_date", (slots.CUSTOMERS,),
    ),
    RowCheck(
        "paid_before_signup", ("first_paid_date", "signup_date"), "first_paid_date < signup_date",
        "One customer paid before the sign-up date (first_paid_date {example}).",
        "{n} customers paid before their sign-up date (first_paid_date {example}, for example).",
        "first_paid_date", (slots.CUSTOMERS,),
    ),
    RowCheck(
        "closed_before_created", ("closed_date", "created_date"), "closed_date < created_date",
        "One deal was closed before it was created, which is impossible (closed_date {example}).",
        "{n} deals were closed before they were created, which is impossible (closed_date {example}, for example).",
        "closed_date", (slots.DEALS,),
    ),
    RowCheck(
        "negative_mrr", ("mrr",), "mrr < 0",
        "One customer has a negative mrr ({example}).",
        "{n} customers have a negative mrr ({example}, for example).",
        "mrr", (slots.CUSTOMERS,),
    ),
    RowCheck(
        "negative_spend", ("spend",), "spend < 0",
        "One row has a negative spend ({example}): it is taken off.",
        "{n} rows have a negative spend ({example}, for example): they are taken off.",
        "spend", (slots.SPEND,),
    ),
)  # fmt: skip
_MAY_BE_AHEAD = {"churn_date"}  # a cancellation that was announced
_CURRENCY = re.compile(r"(^|_)(currency|currency_code|currency_iso_code|ccy|währung|waehrung|devise|moneda)$")
_AMOUNTS = {"revenue", "mrr", "amount", "spend", "value"}


def find(
    con: duckdb.DuckDBPyConnection, table: str, slot: str, columns: Mapping[str, str], mapped: Collection[str]
) -> list[dict[str, Any]]:
    """Run every check that a table has the columns for.

    Args:
        con: A connection.
        table: SQL of the clean table.
        slot: Its contract's slot.
        columns: Name -> kind of its columns.
        mapped: Those of them that the contract knows.

    Returns:
        Those found, as `dataset.Check` in plain data, in the order of `CHECKS`.
    """
    chosen = [
        check
        for check in (*CHECKS, *_currencies(columns, mapped), *_dates(columns, mapped))
        if columns.keys() >= set(check.needs) and (not check.contracts or slot in check.contracts)
    ]
    if not chosen:
        return []
    counts = con.execute(f"SELECT {', '.join(map(_counted, chosen))} FROM {table}").fetchone() or ()
    found = [(check, int(n)) for check, n in zip(chosen, counts, strict=True) if n and n >= check.unless]
    return [_told(check, n, _example(con, table, check)) for check, n in found]


def _counted(check: RowCheck) -> str:
    return check.test if check.is_whole else f"count(*) FILTER (WHERE {check.test})"


def _example(con: duckdb.DuckDBPyConnection, table: str, check: RowCheck) -> str:
    """Looked up only for what was found: writing out a value of each row would take longer than all counts."""
    wanted = check.example if check.is_whole else f"min(CAST({check.example} AS VARCHAR))"
    row = con.execute(
        f"SELECT {wanted} FROM {table} WHERE {'TRUE' if check.is_whole else check.test}"
    ).fetchone()
    return str(row[0]) if row and row[0] is not None else ""


def _told(check: RowCheck, n: int, example: str) -> dict[str, Any]:
    text = (check.one if n == 1 else check.many).format(n=f"{n:,}", example=example)
    return {"id": check.id, "columns": list(check.needs), "count": n, "text": text}


def _currencies(columns: Mapping[str, str], mapped: Collection[str]) -> list[RowCheck]:
    """Amounts that a column beside them gives in several currencies."""
    names = [name for name, kind in columns.items() if kind == "text" and _CURRENCY.search(name)]
    if not _AMOUNTS & set(mapped):
        return []
    return [_currency(name) for name in names[:1]]


def _currency(name: str) -> RowCheck:
    cell = f"upper({quote(name)})"
    return RowCheck(
        "currencies",
        (name,),
        f"CASE WHEN count(DISTINCT {cell}) > 1 THEN count({cell}) ELSE 0 END",
        "",
        "The amounts of {n} rows are in several currencies ({example}) and are added up as they stand. "
        "Convert them to one first.",
        f"list_aggregate(list_sort(list(DISTINCT {cell}))[:6], 'string_agg', ', ')",
        is_whole=True,
    )


def _dates(columns: Mapping[str, str], mapped: Collection[str]) -> list[RowCheck]:
    """Days that lie ahead or long before any business, in every column of days and times that the contract knows."""
    found = []
    for name, kind in columns.items():
        if kind not in ("date", "timestamp") or name not in mapped:
            continue
        cell = quote(name)
        # A day begins in the east up to 14 hours before it does in UTC.
        ahead = f"{cell} > CAST(now() AT TIME ZONE 'UTC' + INTERVAL 14 HOUR AS TIMESTAMP)"
        if name == "closed_date" and "outcome" in columns:  # of an open deal it is a forecast
            ahead += " AND outcome <> 'open'"
        also = "" if name in _MAY_BE_AHEAD else ", which has not happened yet"
        early = f"{cell} < DATE '{FIRST_DAY}'"
        some = f"CAST({cell} AS DATE)"
        found += [
            RowCheck(
                f"future:{name}",
                (name,),
                ahead,
                f"One value of {name} is in the future ({{example}}){also}.",
                f"{{n}} values of {name} are in the future ({{example}}, for example){also}.",
                some,
            ),
            RowCheck(
                f"early:{name}",
                (name,),
                early,
                f"One value of {name} is impossible ({{example}}).",
                f"{{n}} values of {name} are impossible ({{example}}, for example).",
                some,
            ),
        ]
    return found

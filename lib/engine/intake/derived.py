"""Columns that a file does not have but whose parts it has: revenue from price and quantity, monthly revenue from a term."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from lib.engine.intake.outputs import Output
from lib.engine.query import literal
from lib.framework import slots

_DIVIDED = re.compile(r"/ (\d+)$")  # an amount in hundredths or millionths, see `Builder.in_whole_money`
# Months of a billing term by the words that name it; the first that fits counts.
TERMS: tuple[tuple[str, float], ...] = (
    ("half.?year|semi.?annual|6.?month|halbj", 6.0),
    ("quarter|3.?month|quartal|trimest", 3.0),
    ("year|annual|annum|12.?month|jahr|jährlich|^an$|annuel|anual|año|yr", 12.0),
    ("week|woche|semaine|semana", 12 / 52),
    ("day|tag|jour|d[ií]a", 12 / 365),
    ("month|monat|mois|mes|mth", 1.0),
)


def add(outputs: Sequence[Output], slot: str) -> list[Output]:
    """The columns to write, with those that follow from others.

    Args:
        outputs: The mapped columns.
        slot: Kind of table.
    """
    named = {output.name: output for output in outputs}
    made = {slots.EVENTS: _revenue, slots.CUSTOMERS: _monthly}.get(slot, lambda _: None)(named)
    if made is None:
        return list(outputs)
    return [*(output for output in outputs if output.name != made.name), made]


def _revenue(named: Mapping[str, Output]) -> Output | None:
    """Money of an event: its amount, or price times quantity less discount; and less what was refunded."""
    amount = named.get("revenue")
    if amount is not None:
        return _less(amount, f"({amount.sql})", named, ("refunded",)) if "refunded" in named else None
    price = named.get("unit_price")
    if price is None:
        return None
    pieces = f" * COALESCE({named['quantity'].sql}, 1)" if "quantity" in named else ""
    return _less(price, f"({price.sql}){pieces}", named, ("discount", "refunded"))


def _less(amount: Output, sql: str, named: Mapping[str, Output], taken: Sequence[str]) -> Output:
    """The revenue: an amount less what was taken off it, both in one unit."""
    parts = _DIVIDED.search(amount.sql)
    for name in taken:
        if name in named:
            part = named[name].sql
            part = part if _DIVIDED.search(part) or not parts else f"({part}) / {parts[1]}"
            sql += f" - COALESCE(abs({part}), 0)"
    return Output("revenue", "number", amount.header, sql, amount.raw)


def _monthly(named: Mapping[str, Output]) -> Output | None:
    """Monthly revenue of a subscription: its price times its seats, over the months of its term."""
    amount = named.get("price")
    if amount is None or "mrr" in named:
        return None
    sql = f"({amount.sql})"
    if "quantity" in named:
        sql += f" * COALESCE({named['quantity'].sql}, 1)"
    if "interval" in named:
        term = f"lower({named['interval'].sql})"
        tests = " ".join(
            f"WHEN regexp_matches({term}, {literal(words)}) THEN {months}" for words, months in TERMS
        )
        sql = f"{sql} / CASE WHEN {named['interval'].sql} IS NULL THEN 1 {tests} ELSE 1 END"
    return Output("mrr", "number", amount.header, sql, amount.raw)

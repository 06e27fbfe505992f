"""Columns that a file does not have but whose parts it has: revenue from price and quantity, monthly revenue from a term."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lib.engine.intake.outputs import Output
from lib.engine.query import literal
from lib.framework import slots

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
    """Money of an event: its amount, or cents, or price times quantity; less discount and refund."""
    amount = named.get("revenue") or named.get("revenue_cents") or named.get("unit_price")
    less = [name for name in ("discount", "refunded") if name in named]
    if amount is None or (amount.name == "revenue" and "refunded" not in less):
        return None
    sql, is_cents = f"({amount.sql})", amount.name == "revenue_cents"
    if amount.name == "unit_price" and "quantity" in named:
        sql += f" * COALESCE({named['quantity'].sql}, 1)"
    for name in less if amount.name != "revenue" else ["refunded"]:  # an amount is mostly after its discount
        sql += f" - COALESCE(abs({named[name].sql}), 0)"
    return Output("revenue", "number", amount.header, f"({sql}) / 100" if is_cents else sql, amount.raw)


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

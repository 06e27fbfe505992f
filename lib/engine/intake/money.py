"""What an amount stands for: whole money, its hundredths or millionths, and in which currency."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from lib.engine.intake.model import RawColumn
from lib.engine.intake.values import value_kinds
from lib.engine.intake.values.patterns import CURRENCY, CURRENCY_OF

_BEGINS, _ENDS = r"(?:^|[_ .(\[/-])(?:in[_ ])?", r"[)\]]?$"
# Ad platforms' interfaces give millionths, payment systems' hundredths; some say so in the name.
_BY_NAME = (
    (re.compile(rf"(?i){_BEGINS}micros?{_ENDS}"), 1_000_000),
    (re.compile(rf"(?i){_BEGINS}(?:cents?|minor(?:[_ ]units?)?|pence|pennies|paise|kobo|centavos|centimes){_ENDS}"), 100),
)  # fmt: skip
_CURRENCY_HEADER = re.compile(
    r"(?:^|[_ .-])(?:currency(?:[_ ](?:iso[_ ])?code)?|ccy|währung|waehrung|devise|moneda)$", re.I
)
_CODE = re.compile(r"[A-Za-z]{3}")
# As the interfaces of payment systems call their columns, always in small letters.
_PAYMENT = re.compile(
    r"(?:^|[_.])(?:amount|subtotal|total|price|gross|net|fee|revenue|mrr|balance)(?:[_.]|$)"
)
_NO_HUNDREDTHS = {"JPY", "KRW", "VND", "CLP", "ISK", "PYG", "UGX", "XAF", "XOF", "RWF"}
_SMALLEST = 50  # hundredths; payment systems take no payment below that
_MARK = re.compile(CURRENCY)


def divisor(header: str) -> int:
    """What the name of a column says its amounts have to be divided by.

    >>> divisor("metrics.cost_micros"), divisor("amountCents"), divisor("Price (cents)"), divisor("accents")
    (1000000, 100, 100, 1)
    """
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", header.strip())
    return next((parts for pattern, parts in _BY_NAME if pattern.search(name)), 1)


def unclear(columns: Sequence[RawColumn], sample: Mapping[str, Sequence[str | None]]) -> list[RawColumn]:
    """Columns of whole numbers that may be cents: they stand beside a currency, as payment systems write them.

    Args:
        columns: Of the file.
        sample: Values by the column's own name.
    """
    found = currency_columns(columns, sample)
    small = [c for c in found if c.header == c.header.lower()]
    if not small or not codes(sample[small[0].name]) - _NO_HUNDREDTHS:
        return []
    return [column for column in columns if _may_be_hundredths(column, sample[column.name])]


def _may_be_hundredths(column: RawColumn, cells: Sequence[str | None]) -> bool:
    is_named = column.header == column.header.lower() and _PAYMENT.search(column.header)
    if not is_named or (column.kind, column.style) != ("integer", "plain") or divisor(column.header) > 1:
        return False
    amounts = [abs(int(cell)) for cell in value_kinds.present(cells) if re.fullmatch(r"[+-]?\d+", cell)]
    return any(amounts) and all(amount == 0 or amount >= _SMALLEST for amount in amounts)


def currency_columns(
    columns: Sequence[RawColumn], sample: Mapping[str, Sequence[str | None]]
) -> list[RawColumn]:
    """Columns that say in which currency the amounts of a row are."""
    named = (c for c in columns if _CURRENCY_HEADER.search(c.header.strip()))
    return [c for c in named if codes(sample[c.name])]


def codes(cells: Sequence[str | None]) -> set[str]:
    """The currencies' codes in cells; none where some cell is no code."""
    some = value_kinds.present(cells)
    return {cell.upper() for cell in some} if all(map(_CODE.fullmatch, some)) else set()


def in_cells(cells: Sequence[str]) -> list[str]:
    """The currencies written into amounts, in order of appearance; a sign and its code are one.

    >>> in_cells(["€ 5", "EUR 7", "$3", "12 USD"])
    ['€', '$']
    """
    found: dict[str, str] = {}
    dollars = "USD" if any("USD" in cell.upper() for cell in cells) else "$"
    for cell in cells:
        for mark in _MARK.findall(cell):
            code = dollars if mark == "$" else CURRENCY_OF.get(mark) or mark.upper()
            found.setdefault(code, mark)
    return list(found.values())


def beside(columns: Sequence[RawColumn], sample: Mapping[str, Sequence[str | None]]) -> Iterator[str]:
    """What has to be said of amounts beside a column of several currencies."""
    has_numbers = any(column.kind in ("number", "integer") for column in columns)
    for column in currency_columns(columns, sample):
        several = sorted(codes(sample[column.name]))
        if len(several) > 1 and has_numbers:
            yield (
                f"Column “{column.header}” names several currencies ({', '.join(several[:6])}): amounts of different "
                "currencies are added up as they stand. Convert them to one first."
            )

"""The answer of a query as the chart its columns suggest: a line over time, bars by category, or none."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

from lib.charts.spec import Chart
from lib.charts.style import is_time, number
from lib.engine.evidence.evidence import Evidence

MAX_BARS = 15
MAX_LINES = 5


def chart(evidence: Evidence, types: Sequence[str]) -> Chart | None:
    """A chart of an answer, where one would say more than its table.

    The first column is the axis: dates make lines (a text column beside them splits into several), up to fifteen
    categories make bars. The first number is the value.

    Args:
        evidence: The answer.
        types: The engine's type of each column.
    """
    if len(evidence.rows) < 2 or len(evidence.columns) < 2:
        return None
    first, numbers = evidence.columns[0], _numbers(evidence, types)
    if not numbers or first == numbers[0]:
        return None
    axis, value = evidence.column(first), numbers[0]
    if any(item is None for item in axis):
        return None
    if is_time(axis):
        return _lines(evidence, types, first, value)
    if len(evidence.rows) > MAX_BARS or len(set(map(str, axis))) < len(axis) or types[0] != "VARCHAR":
        return None
    alt = f"{_label(value)} by {_label(first)}: " + ", ".join(
        f"{name} {amount}" for name, amount in list(zip(axis, evidence.column(value), strict=True))[:5]
    )
    return Chart(
        "bars",
        evidence,
        first,
        value,
        alt,
        format=_format(evidence, value),
        caption=_capital(f"{_label(value)} by {_label(first)}"),
    )


def _lines(evidence: Evidence, types: Sequence[str], first: str, value: str) -> Chart | None:
    others = zip(evidence.columns[1:], types[1:], strict=True)
    split = next((c for c, kind in others if kind == "VARCHAR" and c != first), "")
    if split and not 2 <= len(set(evidence.column(split))) <= MAX_LINES:
        return None
    seen = list(zip(evidence.column(first), evidence.column(split or first), strict=True))
    if len(set(seen)) < len(seen) or None in itertools.chain.from_iterable(seen):
        return None
    what = f"{_label(value)} by {_label(first)}" + (f" and {_label(split)}" if split else "")
    alt = what + _reach(len(seen), evidence.column(value))
    ordered = sorted(evidence.rows, key=lambda row: str(row[0]))
    return Chart(
        "lines",
        replace(evidence, rows=tuple(ordered)),
        first,
        value,
        alt,
        series=split,
        format=_format(evidence, value),
        caption=_capital(what),
    )


def _reach(points: int, values: Sequence[object]) -> str:
    """How many points and between which values, as the end of a sentence."""
    known = [v for v in values if number(v) is not None]
    return f": {points} points from {min(known)} to {max(known)}." if known else ""  # type: ignore[type-var]


def _numbers(evidence: Evidence, types: Sequence[str]) -> list[str]:
    kinds = ("INT", "DOUBLE", "FLOAT", "DECIMAL")
    return [
        name
        for name, kind in zip(evidence.columns, types, strict=True)
        if any(word in kind for word in kinds)
        and "[" not in kind
        and "(" not in kind.replace("DECIMAL(", "")
        and any(number(v) is not None for v in evidence.column(name))
    ]


def number_format(name: str, values: Sequence[object]) -> str:
    """How numbers of a column are written: shares as percent where name and range say so, whole ones as counts.

    >>> number_format("conversion_rate", [0.1, 0.25]), number_format("users", [10, 20]), number_format("x", [1.5])
    ('percent1', 'count', 'number')
    """
    known = [v for v in (number(value) for value in values) if v is not None]
    is_share = any(word in name.lower() for word in ("rate", "share", "conversion", "percent"))
    if is_share and known and all(0 <= v <= 1 for v in known):
        return "percent1"
    return "count" if known and all(v == round(v) for v in known) else "number"


def _format(evidence: Evidence, column: str) -> str:
    return number_format(column, evidence.column(column))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _label(name: str) -> str:
    return name.replace("_", " ")

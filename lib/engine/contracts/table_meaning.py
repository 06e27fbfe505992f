"""What a draft of a table means, in plain words, before it is taken in: what one row is, and how each metric counts."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import numpy as np

from lib.engine.contracts import meaning
from lib.engine.contracts.meaning import Counting, ValueShape
from lib.engine.intake.model import Reading
from lib.framework import slots

ROWS: Final[Mapping[str, str]] = MappingProxyType(
    {
        slots.EVENTS: "One row is one thing that one person did.",
        slots.METRICS_WIDE: "One row is one day, week or month; every further column of numbers is a metric.",
        slots.METRICS_LONG: "One row is one metric in one day, week or month.",
        slots.CUSTOMERS: "One row is one customer. Several rows of a customer count once; plans side by side add up.",
        slots.SUBSCRIPTIONS: "One row is one subscription. The subscriptions of a customer become one customer.",
        slots.SPEND: "One row is the spend of one channel on one day, or in one week or month.",
        slots.SURVEY: "One row is one answer. Of several answers of a person the latest counts.",
        slots.DEALS: "One row is one deal. Of several rows of a deal the latest counts.",
        slots.EXPERIMENT: "One row is one person in one variant.",
    }
)


def one_row(contract: str, mapping: Mapping[str, str]) -> str:
    """What one row is, one or two sentences.

    Args:
        contract: Id of the contract.
        mapping: Canonical column -> header.
    """
    if contract == slots.METRICS_WIDE and "metric" in mapping:
        return "One row is one metric; every further column is a period."
    return ROWS[contract]


def counted(reading: Reading, contract: str, mapping: Mapping[str, str]) -> dict[str, Counting]:
    """How each metric of a draft is counted, by its first rows: metric -> reading; empty for other tables.

    Args:
        reading: The file.
        contract: Id of the contract.
        mapping: Canonical column -> header.
    """
    is_long = contract == slots.METRICS_LONG and {"metric", "value"} <= mapping.keys()
    is_wide = contract == slots.METRICS_WIDE and "metric" not in mapping
    cells = _long(reading, mapping) if is_long else _wide(reading, mapping) if is_wide else {}
    return {name: meaning.of_metric(name, _shape(found)) for name, found in cells.items() if name}


def _long(reading: Reading, mapping: Mapping[str, str]) -> dict[str, list[str | None]]:
    """First values of each metric that has a row a period."""
    cells: dict[str, list[str | None]] = {}
    name, value = (_place(reading, mapping[column]) for column in ("metric", "value"))
    for row in reading.head:
        cells.setdefault(str(row[name] or ""), []).append(row[value])
    return cells


def _wide(reading: Reading, mapping: Mapping[str, str]) -> dict[str, list[str | None]]:
    """First values of each metric that has a column."""
    free = [c.header for c in reading.columns if c.kind in ("integer", "number")]
    places = {header: _place(reading, header) for header in free if header not in mapping.values()}
    return {header: [row[at] for row in reading.head] for header, at in places.items()}


def _place(reading: Reading, header: str) -> int:
    return reading.headers.index(header) if header in reading.headers else 0


def _shape(cells: list[str | None]) -> ValueShape:
    """What the first values look like; a percent sign makes fractions of them."""
    found = [value for cell in cells if not math.isnan(value := _number(cell or ""))]
    if not found:
        return ValueShape()
    values = np.array(found)
    return ValueShape(
        float(values.min()),
        float(values.max()),
        is_whole=bool((values % 1 == 0).all()),
        only_rises=meaning.rises(values),
        periods=len(values),
    )


def _number(cell: str) -> float:
    """A number as most files write it; NaN for anything else."""
    bare = re.sub(r"[^\d.,%-]", "", cell)
    part = 100 if bare.endswith("%") else 1
    try:
        return float(bare.rstrip("%").replace(",", "")) / part
    except ValueError:
        return math.nan

"""When a saved query can be a metric's definition: its first column is a date, its second a number."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from lib.engine.sandbox import SandboxResult
from lib.errors import DataError

_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
_NUMBERS = (*_WHOLE, *(f"U{name}" for name in _WHOLE), "FLOAT", "DOUBLE")


@dataclass(frozen=True)
class MetricColumns:
    """The columns of a result that make it a metric: one date, one value."""

    date: str
    value: str


def series_of(result: SandboxResult) -> MetricColumns | None:
    """Which columns of a result are its date and its value; None when it cannot be a metric.

    Args:
        result: Of a query.
    """
    pairs = list(zip(result.evidence.columns, result.types, strict=True))[:2]
    if len(pairs) < 2:
        return None
    (date, first), (value, second) = pairs
    is_date = first == "DATE" or first.startswith("TIMESTAMP")
    is_number = second in _NUMBERS or second.startswith("DECIMAL")
    return MetricColumns(date, value) if is_date and is_number else None


def rows_of(name: str, result: SandboxResult) -> list[tuple[dt.date, str, float]]:
    """A result as rows of the metrics table.

    Args:
        name: The metric's name.
        result: Of a query.

    Raises:
        DataError: It has no date or no number, or more than one row a date.
    """
    found = series_of(result)
    if found is None:
        raise DataError(
            f"The query “{name}” does not begin with a date and a number.",
            "Select a date first and a number second.",
        )
    dates, values = result.evidence.column(found.date), result.evidence.column(found.value)
    rows = [
        (dt.date.fromisoformat(str(day)[:10]), name, float(value))
        for day, value in zip(dates, values, strict=True)
        if day is not None and value is not None
    ]
    if len({day for day, _, _ in rows}) != len(rows):
        raise DataError(f"The query “{name}” gives several rows for one date.", "Group by the date.")
    return rows

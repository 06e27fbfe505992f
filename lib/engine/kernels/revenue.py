"""Revenue over the layout: cumulative by cohort and segment, per user at a horizon, per user and month."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib.engine.calendar import Calendar, Periods
from lib.engine.kernels.activity import periods
from lib.engine.layout import Layout

DAYS = 30


@dataclass(frozen=True, eq=False)
class Cohorts:
    """Cohorts by calendar month of the first event, periods of 30 days since each user's own first event.

    Attributes:
        months: The calendar months.
        customers: int64[months, segments].
        revenue: float64[months, segments, periods], cumulative.
        youngest: int64[months], time of the last first event of the cohort, -1 where it is empty.
        width: Length of a period in units.
    """

    months: Periods
    customers: np.ndarray
    revenue: np.ndarray
    youngest: np.ndarray
    width: int


def cohorts(
    layout: Layout, calendar: Calendar, segment: np.ndarray | None = None, segments: int = 1
) -> Cohorts:
    """Cumulative revenue of every cohort and segment.

    Args:
        layout: Events with revenue.
        calendar: For the cohorts' months.
        segment: int32[users] codes; None for one segment.
        segments: Number of codes.
    """
    months = periods(layout, calendar, "month")
    number, width = len(months.starts), layout.bin_units(24 * DAYS)
    spans = layout.last // width + 1
    cohort = months.index(layout.user_first, layout.origin_ms, layout.unit_ms)
    group = cohort * segments + (0 if segment is None else segment)
    customers = np.bincount(group, minlength=number * segments).reshape(number, segments)
    youngest = np.full(number, -1)
    np.maximum.at(youngest, cohort, layout.user_first)
    user, age = ages(layout)
    cell = group[user] * spans + age // width
    revenue = np.bincount(cell, weights=layout.revenue, minlength=number * segments * spans)
    cumulative = np.cumsum(revenue.reshape(number, segments, spans), axis=2)
    return Cohorts(months, customers, cumulative, youngest, width)


def ages(layout: Layout) -> tuple[np.ndarray, np.ndarray]:
    """User of each revenue event and its time since the user's first event, in units."""
    keys = layout.revenue_keys if layout.revenue_keys is not None else np.zeros(0, np.int64)
    user = layout.user_of(keys)
    return user, layout.time_of(keys) - layout.user_first[user]


def per_user(layout: Layout, age_limit: int) -> np.ndarray:
    """Revenue of each user before an age, float64[users]."""
    user, age = ages(layout)
    early = age < age_limit
    paid = layout.revenue if layout.revenue is not None else np.zeros(0)
    return np.bincount(user[early], weights=paid[early], minlength=layout.users)


def monthly(layout: Layout, calendar: Calendar) -> tuple[Periods, np.ndarray, np.ndarray, np.ndarray]:
    """Revenue per user and calendar month.

    Returns:
        The months; user, month number and revenue of every (user, month) with revenue above zero, sorted by
        both.
    """
    months = periods(layout, calendar, "month")
    keys = layout.revenue_keys if layout.revenue_keys is not None else np.zeros(0, np.int64)
    paid = layout.revenue if layout.revenue is not None else np.zeros(0)
    month = months.index(layout.time_of(keys), layout.origin_ms, layout.unit_ms)
    number = len(months.starts)
    cells = layout.user_of(keys) * number + month  # sorted, because the keys are and months follow time
    begins = (
        np.flatnonzero(np.concatenate(([True], cells[1:] != cells[:-1])))
        if len(cells)
        else np.zeros(0, np.int64)
    )
    total = np.add.reduceat(paid, begins) if len(begins) else paid
    cells = cells[begins]
    some = total > 0
    return months, cells[some] // number, cells[some] % number, total[some]

"""Revenue over the layout: cumulative by cohort and segment, per user at a horizon, per user and month."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib.engine.calendar import Calendar, Clock, Periods
from lib.engine.kernels.activity import periods
from lib.engine.layout.event_layout import Layout

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
    clock = months.clock(layout.origin_ms, layout.unit_ms)
    cohort = clock.index(layout.user_first)
    group = cohort if segment is None else cohort * segments + segment
    customers = np.bincount(group, minlength=number * segments).reshape(number, segments)
    youngest = np.full(number, -1)
    np.maximum.at(youngest, cohort, layout.user_first)
    added = revenue(layout, clock, width, segment, segments)
    return Cohorts(months, customers, np.cumsum(added, axis=2), youngest, width)


def revenue(
    layout: Layout, clock: Clock, width: int, segment: np.ndarray | None = None, segments: int = 1
) -> np.ndarray:
    """Revenue by cohort, segment and period, float64[cohorts, segments, periods]; reads paying users only.

    Args:
        layout: Events with revenue.
        clock: Of the cohorts' periods.
        width: Length of a period in units.
        segment: int32[users] codes; None for one segment.
        segments: Number of codes.
    """
    user, first, age = ages(layout)
    number, spans = len(clock.starts) - 1, layout.last // width + 1
    group = clock.index(first) * segments + (0 if segment is None else segment[user])
    cell = group * spans + age // width
    found = np.bincount(cell, weights=layout.revenue, minlength=number * segments * spans)
    return found.reshape(number, segments, spans)


def ages(layout: Layout) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """User of each revenue event, the time of the user's first event, and the time from there, in units."""
    keys = layout.revenue_keys if layout.revenue_keys is not None else np.zeros(0, np.int64)
    user = layout.user_of(keys)
    first = layout.user_first[user]
    return user, first, layout.time_of(keys) - first


def per_payer(layout: Layout, age_limit: int) -> tuple[np.ndarray, np.ndarray]:
    """Users with revenue before an age, rising, and how much; int64[payers] and float64[payers]."""
    user, _, age = ages(layout)
    early = age < age_limit
    paid = layout.revenue if layout.revenue is not None else np.zeros(0)
    user, paid = user[early], paid[early]
    begins = np.flatnonzero(np.concatenate(([True], user[1:] != user[:-1]))) if len(user) else user
    return user[begins], np.add.reduceat(paid, begins) if len(user) else paid


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

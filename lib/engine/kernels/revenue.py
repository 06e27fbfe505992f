"""Revenue over the layout: cumulative by cohort and segment, per user at a horizon, per user and month."""

from __future__ import annotations

import math

import numpy as np

from lib.engine.calendar import Calendar, Periods, PeriodTable
from lib.engine.kernels.activity import periods
from lib.engine.layout.event_layout import EventLayout
from lib.engine.sources.answers import REVENUE_DAYS, CohortRevenue, PayingMonths, SegmentRevenue


def cohorts(layout: EventLayout, calendar: Calendar, by: str) -> CohortRevenue:
    """Cumulative revenue of every cohort and segment.

    Args:
        layout: Events with revenue.
        calendar: For the cohorts' months.
        by: Column of the segments; "" for none.
    """
    segment, names = layout.segment(by) if by else (None, ())
    segments = len(names) or 1
    months = periods(layout, calendar, "month")
    number, width = len(months.starts), layout.bin_units(24 * REVENUE_DAYS)
    clock = months.clock(layout.origin_ms, layout.unit_ms)
    cohort = clock.index(layout.user_first)
    group = cohort if segment is None else cohort * segments + segment
    youngest = np.full(number, -1)
    np.maximum.at(youngest, cohort, layout.user_first)
    oldest = np.maximum(0, (months.bounds[:-1] - layout.origin_ms) // layout.unit_ms)  # that a user can be
    lived = np.bincount((layout.last - layout.user_first) // width, minlength=layout.last // width + 1)
    return CohortRevenue(
        months=months,
        segments=tuple(names),
        customers=np.bincount(group, minlength=number * segments).reshape(number, segments),
        revenue=np.cumsum(revenue(layout, clock, width, segment, segments), axis=2),
        mature=(layout.last - youngest) // width,
        begun=(layout.last - oldest) // width + 1,
        users=layout.users,
        reached=np.cumsum(lived[::-1])[::-1],
    )


def revenue(
    layout: EventLayout, clock: PeriodTable, width: int, segment: np.ndarray | None = None, segments: int = 1
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


def ages(layout: EventLayout) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """User of each revenue event, the time of the user's first event, and the time from there, in units."""
    keys = layout.revenue_keys if layout.revenue_keys is not None else np.zeros(0, np.int64)
    user = layout.user_of(keys)
    first = layout.user_first[user]
    return user, first, layout.time_of(keys) - first


def at_age(layout: EventLayout, days: int, by: str) -> tuple[SegmentRevenue, ...]:
    """Revenue up to an age of the users who have reached it: of everybody, then of each segment that has any."""
    limit = layout.bin_units(24 * days)
    who = layout.last - layout.user_first >= limit
    user, value = per_payer(layout, limit)  # most users bring nothing; their number is enough
    user, value = user[who[user]], value[who[user]]
    groups = [("", int(np.count_nonzero(who)), value)]
    if by:
        codes, names = layout.segment(by)
        sizes, of = np.bincount(codes, weights=who, minlength=len(names)), codes[user]
        groups += [(name, int(sizes[i]), value[of == i]) for i, name in enumerate(names)]
    return tuple(_spread(name, n, own) for name, n, own in groups if n)


def _spread(segment: str, customers: int, own: np.ndarray) -> SegmentRevenue:
    """Mean and squares over customers of whom only some brought something."""
    mean = float(own.sum()) / customers
    squares = float(((own - mean) ** 2).sum()) + (customers - len(own)) * mean**2
    return SegmentRevenue(segment, customers, mean, squares)


def per_payer(layout: EventLayout, age_limit: int) -> tuple[np.ndarray, np.ndarray]:
    """Users with revenue before an age, rising, and how much; int64[payers] and float64[payers]."""
    user, _, age = ages(layout)
    early = age < age_limit
    paid = layout.revenue if layout.revenue is not None else np.zeros(0)
    return _summed(user[early], paid[early])


def _summed(of: np.ndarray, amount: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each different value of a sorted array, and the sum of its amounts."""
    if not len(of):
        return of, amount
    begins = np.flatnonzero(np.concatenate(([True], of[1:] != of[:-1])))
    return of[begins], np.add.reduceat(amount, begins)


def monthly(layout: EventLayout, calendar: Calendar) -> tuple[Periods, np.ndarray, np.ndarray, np.ndarray]:
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
    # Sorted, because the keys are and months follow time.
    cells, total = _summed(layout.user_of(keys) * number + month, paid)
    some = total > 0
    return months, cells[some] // number, cells[some] % number, total[some]


def paying_months(months: Periods, user: np.ndarray, month: np.ndarray, amount: np.ndarray) -> PayingMonths:
    """How many months with revenue were not followed by another, of those whose next month is complete.

    Args:
        months: Calendar months.
        user: User of every month with revenue, sorted.
        month: Its number.
        amount: Its revenue.
    """
    if not len(user):
        return PayingMonths(0, math.nan, 0, 0)
    next_is_known = np.append(months.complete()[1:], False)[month]
    stayed = np.append((user[1:] == user[:-1]) & (month[1:] == month[:-1] + 1), False)
    lost = int((next_is_known & ~stayed).sum())
    return PayingMonths(len(user), float(amount.mean()), int(next_is_known.sum()), lost)

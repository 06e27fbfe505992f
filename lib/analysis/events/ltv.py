"""What a customer has brought so far, by cohort and segment, and what formulas make of it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from lib.analysis.events.ltv_methods import METHOD_COLUMNS, method_rows
from lib.analysis.events.ltv_sql import cohort_sql, monthly_sql
from lib.analysis.events.ltv_verdict import conclude
from lib.analysis.result_types import TableResult
from lib.engine import query
from lib.engine.calendar import Calendar
from lib.engine.datasets.dataset import Dataset
from lib.engine.evidence.cache import cached
from lib.engine.evidence.evidence import Evidence, Scalar
from lib.engine.sources.answers import REVENUE_DAYS, CohortRevenue, SegmentRevenue
from lib.errors import DataError
from lib.framework import slots
from lib.stats.intervals import z_value

ALL = "all"
COLUMNS = ("cohort", "segment", "period", "customers", "revenue_per_customer", "is_mature")
SEGMENT_COLUMNS = (
    "segment",
    "customers",
    "days",
    "revenue_per_customer",
    "ci_low",
    "ci_high",
    "margin_per_customer",
)
ENOUGH_CUSTOMERS = 30
SHARE_AT_HORIZON = 0.5  # the horizon of a comparison is the longest that half of the customers have reached


@dataclass(frozen=True)
class LtvResult(TableResult):
    """Observed value of customers.

    Attributes:
        by: Column of the segments; "" for none.
        days: Age at which segments are compared; 0 when there is none.
        verdict: What a customer brings by that age, and who brings more.
        findings: What to be careful with.
        evidence: By cohort (`COLUMNS`), by segment at one age (`SEGMENT_COLUMNS`), by method
            (`METHOD_COLUMNS`).
    """

    by: str
    days: int

    @property
    def segments(self) -> list[dict[str, Scalar]]:
        """By segment at one age, as dictionaries with the keys of `SEGMENT_COLUMNS`."""
        return self.evidence[1].records()

    @property
    def methods(self) -> list[dict[str, Scalar]]:
        """By method, as dictionaries with the keys of `METHOD_COLUMNS`."""
        return self.evidence[2].records()


@cached
def ltv(
    dataset: Dataset,
    *,
    by: str = "",
    margin: float | None = None,
    calendar: Calendar | None = None,
    currency: str = "",
) -> LtvResult:
    """Observed cumulative revenue per customer.

    A cohort is the calendar month of a user's first event; period k is the k-th 30 days since that user's
    own first event, the first being 0. Revenue up to the end of the period is divided by every user of the
    cohort, paying or not. A period is mature when the whole cohort has reached its end by the last event of
    the data; others have no value. Segments are compared at one age, the longest that at least half of the
    users have reached.

    Formulas stand beside the observed value, each by name: margin, capped at 36 and 60 months, discounted,
    and 1/churn only from 30 churned customers on. A customer has churned when a month with revenue is
    followed by a whole month without.

    Args:
        dataset: Events with revenue.
        by: Text column to split users by.
        margin: Gross margin 0..1; None where the team has not given one.
        calendar: Time zone of the months; UTC when None.
        currency: ISO code in which amounts are written; "" for none.

    Raises:
        DataError: No revenue column, an unknown column, a margin outside 0..1.

    Source:
        Observed cohort value: Fader and Hardie; formulas: Skok, "SaaS metrics 2.0".
    """
    _check(dataset, margin)
    calendar = calendar or Calendar()
    source = query.events(dataset)
    found = source.cohort_revenue(calendar, by)
    by_cohort = _by_cohort(dataset, calendar, by, _rows(found))
    age = _horizon(found)
    segments = query.evidence(
        "Revenue per customer by segment",
        "Revenue per user up to one age, of the users who have reached it.",
        cohort_sql(calendar, by),
        {slots.EVENTS: dataset},
        rows=_compare(source.revenue_at_age(age, by), age, margin) if age else [],
        columns=SEGMENT_COLUMNS,
        method="mean per user with normal interval, 95 %",
    )
    methods = query.evidence(
        "Lifetime value by method",
        "What a customer is worth by each definition, per user or per paying customer.",
        monthly_sql(calendar),
        {slots.EVENTS: dataset},
        rows=method_rows(source.paying_months(calendar), segments.records(), margin),
        columns=METHOD_COLUMNS,
        method="churn per month from users' months with revenue; Wilson, 95 %",
    )
    verdict, findings = conclude(segments, methods, currency)
    return LtvResult(verdict, findings, (by_cohort, segments, methods), by, age)


def _check(dataset: Dataset, margin: float | None) -> None:
    """Refuse a file without amounts, and a margin that cannot be one."""
    if not dataset.has("revenue"):
        raise DataError(
            f"{dataset.name} has no revenue.", "Choose the column with the amount of each payment."
        )
    if margin is not None and not 0 <= margin <= 1:
        raise DataError(
            "The gross margin must lie between none and all of the revenue.", "Correct it in the settings."
        )


def _by_cohort(dataset: Dataset, calendar: Calendar, by: str, rows: list[tuple[Scalar, ...]]) -> Evidence:
    split = f", by their first {by}" if by else ""
    return query.evidence(
        "Revenue per customer by cohort",
        f"Cumulative revenue per user by month of the first event{split}.",
        cohort_sql(calendar, by),
        {slots.EVENTS: dataset},
        rows=rows,
        columns=COLUMNS,
        method="revenue summed over periods of 30 days and divided by all users of the cohort; only whole cohorts",
    )


def _rows(found: CohortRevenue) -> list[tuple[Scalar, ...]]:
    """One row a cohort and period that somebody can have begun: of everybody, then of each segment."""
    groups = [(ALL, found.customers.sum(axis=1), found.revenue.sum(axis=1))]
    groups += [(name, found.customers[:, i], found.revenue[:, i]) for i, name in enumerate(found.segments)]
    return [
        row for name, customers, revenue in groups for row in _group_rows(found, name, customers, revenue)
    ]


def _group_rows(
    found: CohortRevenue, name: str, customers: np.ndarray, revenue: np.ndarray
) -> Iterator[tuple[Scalar, ...]]:
    for cohort in np.flatnonzero(customers):
        month, number = found.months.starts[cohort].isoformat(), int(customers[cohort])
        for period, amount in enumerate(revenue[cohort, : found.begun[cohort]]):
            is_mature = period < int(found.mature[cohort])
            yield month, name, period, number, float(amount) / number if is_mature else None, is_mature


def _horizon(found: CohortRevenue) -> int:
    """The longest age in days that enough users have reached; 0 when there is none."""
    for period in range(len(found.reached) - 1, 0, -1):
        reached = int(found.reached[period])
        if reached / found.users >= SHARE_AT_HORIZON and reached >= ENOUGH_CUSTOMERS:
            return period * REVENUE_DAYS
    return 0


def _compare(groups: Sequence[SegmentRevenue], days: int, margin: float | None) -> list[tuple[Scalar, ...]]:
    rows: list[tuple[Scalar, ...]] = []
    for group in groups:
        n, mean = group.customers, group.mean
        width = z_value(0.95) * math.sqrt(group.squares / (n - 1) / n) if n > 1 else math.inf
        low, high = (mean - width, mean + width) if n >= ENOUGH_CUSTOMERS else (None, None)
        rows.append(
            (group.segment or ALL, n, days, mean, low, high, None if margin is None else mean * margin)
        )
    return rows

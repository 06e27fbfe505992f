"""What a customer has brought so far, by cohort and segment, and what formulas make of it."""

from __future__ import annotations

import math
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
from lib.engine.kernels import revenue as kernel
from lib.engine.layout.event_layout import Layout, open_layout
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
    layout = open_layout(dataset)
    codes, names = layout.segment(by) if by else (None, (ALL,))
    found = kernel.cohorts(layout, calendar, codes, len(names))
    by_cohort = _by_cohort(dataset, calendar, by, _rows(layout, found, names, bool(by)))
    age, grown_up = _horizon(layout, found)
    segments = query.evidence(
        "Revenue per customer by segment",
        "Revenue per user up to one age, of the users who have reached it.",
        cohort_sql(calendar, by),
        {slots.EVENTS: dataset},
        rows=_compare(layout, age, grown_up, codes, names, margin),
        columns=SEGMENT_COLUMNS,
        method="mean per user with normal interval, 95 %",
    )
    rows = method_rows(*kernel.monthly(layout, calendar), segments.records(), margin)
    methods = query.evidence(
        "Lifetime value by method",
        "What a customer is worth by each definition, per user or per paying customer.",
        monthly_sql(calendar),
        {slots.EVENTS: dataset},
        rows=rows,
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


def _rows(
    layout: Layout, found: kernel.Cohorts, names: tuple[str, ...], has_segments: bool
) -> list[tuple[Scalar, ...]]:
    groups: list[tuple[str, np.ndarray, np.ndarray]] = [
        (ALL, found.customers.sum(axis=1), found.revenue.sum(axis=1))
    ]
    if has_segments:
        groups += [(name, found.customers[:, i], found.revenue[:, i]) for i, name in enumerate(names)]
    rows: list[tuple[Scalar, ...]] = []
    spans = found.revenue.shape[2]
    for name, customers, revenue in groups:
        for cohort in np.flatnonzero(customers):
            for period in range(spans):
                end = int(found.youngest[cohort]) + (period + 1) * found.width
                is_mature = end <= layout.last
                if period * found.width > layout.last - _oldest(layout, found, int(cohort)):
                    break  # nobody of the cohort has got that far
                value = float(revenue[cohort, period]) / int(customers[cohort])
                month = found.months.starts[cohort].isoformat()
                rows.append(
                    (month, name, period, int(customers[cohort]), value if is_mature else None, is_mature)
                )
    return rows


def _oldest(layout: Layout, found: kernel.Cohorts, cohort: int) -> int:
    """Earliest time a user of the cohort can have started, in units since the first event."""
    return max(0, (int(found.months.bounds[cohort]) - layout.origin_ms) // layout.unit_ms)


def _horizon(layout: Layout, found: kernel.Cohorts) -> tuple[int, np.ndarray]:
    """Age in days that enough users have reached, and who they are; (0, nobody) when there is none."""
    lived = layout.last - layout.user_first
    for period in range(layout.last // found.width, 0, -1):
        reached = lived >= period * found.width
        if reached.mean() >= SHARE_AT_HORIZON and reached.sum() >= ENOUGH_CUSTOMERS:
            return period * kernel.DAYS, reached
    return 0, np.zeros(layout.users, bool)


def _compare(
    layout: Layout,
    days: int,
    who: np.ndarray,
    codes: np.ndarray | None,
    names: tuple[str, ...],
    margin: float | None,
) -> list[tuple[Scalar, ...]]:
    if not days:
        return []
    # Most users bring nothing; their number is enough.
    user, value = kernel.per_payer(layout, layout.bin_units(24 * days))
    user, value = user[who[user]], value[who[user]]
    groups = [(ALL, int(np.count_nonzero(who)), value)]
    if codes is not None:
        sizes, of = np.bincount(codes, weights=who, minlength=len(names)), codes[user]
        groups += [(name, int(sizes[i]), value[of == i]) for i, name in enumerate(names)]
    rows: list[tuple[Scalar, ...]] = []
    for name, n, own in groups:
        if not n:
            continue
        mean = float(own.sum()) / n
        squares = float(((own - mean) ** 2).sum()) + (n - len(own)) * mean**2
        width = z_value(0.95) * math.sqrt(squares / (n - 1) / n) if n > 1 else math.inf
        low, high = (mean - width, mean + width) if n >= ENOUGH_CUSTOMERS else (None, None)
        rows.append((name, n, days, mean, low, high, None if margin is None else mean * margin))
    return rows

"""Lifetime value by named methods, with the range each one has."""

from __future__ import annotations

import numpy as np

from lib.analysis.kpis.money_kpis import LEAST_CHURNED, ltv_variants
from lib.engine.calendar import Periods
from lib.engine.evidence.evidence import Scalar
from lib.stats.intervals import Interval, wilson

METHOD_COLUMNS = ("method", "value", "low", "high", "n", "is_usable", "note")
_FIELDS = {
    "capped at 36 months": "capped_36",
    "capped at 60 months": "capped_60",
    "discounted": "discounted",
    "1/churn": "simple",
}


def churn(months: Periods, user: np.ndarray, month: np.ndarray) -> Interval:
    """Share of users' paying months that were not followed by another, of those whose next month is complete.

    Returns:
        The share with Wilson's interval; `n` is the number of paying months.
    """
    complete = months.complete()
    next_is_known = np.append(complete[1:], False)[month]
    stayed = np.zeros(len(user), bool)
    stayed[:-1] = (user[1:] == user[:-1]) & (month[1:] == month[:-1] + 1)
    return wilson(int((next_is_known & ~stayed).sum()), int(next_is_known.sum()))


def method_rows(
    months: Periods,
    user: np.ndarray,
    month: np.ndarray,
    revenue: np.ndarray,
    segments: list[dict[str, Scalar]],
    margin: float | None,
) -> list[tuple[Scalar, ...]]:
    """One row per method.

    Args:
        months: Calendar months.
        user: User of every month with revenue, sorted.
        month: Its number.
        revenue: Its amount.
        segments: Observed value by segment, `all` first; empty when there is none.
        margin: Gross margin 0..1 or None.
    """
    rows: list[tuple[Scalar, ...]] = []
    if segments:
        whole = segments[0]
        rows.append(
            (
                "observed revenue per user",
                whole["revenue_per_customer"],
                whole["ci_low"],
                whole["ci_high"],
                whole["customers"],
                True,
                "",
            )
        )
        if margin is not None:
            low, high = (None if end is None else end * margin for end in (whole["ci_low"], whole["ci_high"]))
            rows.append(
                (
                    "observed margin per user",
                    whole["margin_per_customer"],
                    low,
                    high,
                    whole["customers"],
                    True,
                    "",
                )
            )
    if not len(user):
        return rows
    lost = churn(months, user, month)
    churned = round(lost.value * lost.n) if lost.n else 0
    arpa, share = float(revenue.mean()), 1.0 if margin is None else margin
    unit = "revenue per paying customer" if margin is None else "margin per paying customer"
    for method, field in _FIELDS.items():
        is_usable = churned >= (LEAST_CHURNED if method == "1/churn" else 1)
        note = "" if is_usable else f"needs {LEAST_CHURNED} churned customers, has {churned}"
        values = [
            getattr(ltv_variants(arpa, share, rate), field) if rate > 0 else None
            for rate in (lost.value if churned else 0.0, lost.high, lost.low)
        ]
        shown = values if is_usable else [None, None, None]
        rows.append((f"{unit}, {method}", *shown, churned, is_usable, note))
    return rows

"""Lifetime value by named methods, with the range each one has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lib.analysis.kpis.money_kpis import LEAST_CHURNED, LtvVariants, ltv_variants
from lib.engine.evidence.evidence import Scalar
from lib.engine.sources.answers import PayingMonths
from lib.stats.intervals import wilson

METHOD_COLUMNS = ("method", "value", "low", "high", "n", "is_usable", "note")
_FIELDS = {
    "capped at 36 months": "capped_36",
    "capped at 60 months": "capped_60",
    "discounted": "discounted",
    "1/churn": "simple",
}


def method_rows(
    paying: PayingMonths, segments: Sequence[Mapping[str, Scalar]], margin: float | None
) -> list[tuple[Scalar, ...]]:
    """One row per method.

    Args:
        paying: Months with revenue and how many were not followed by another.
        segments: Observed value by segment, `all` first; empty when there is none.
        margin: Gross margin 0..1 or None.
    """
    rows = _observed(segments[0], margin) if segments else []
    return rows + (_formulas(paying, margin) if paying.number else [])


def _observed(whole: Mapping[str, Scalar], margin: float | None) -> list[tuple[Scalar, ...]]:
    """What all users have brought, and the margin of it."""
    value, ends = whole["revenue_per_customer"], (whole["ci_low"], whole["ci_high"])
    rows: list[tuple[Scalar, ...]] = [
        ("observed revenue per user", value, *ends, whole["customers"], True, "")
    ]
    if margin is not None:
        kept = (None if end is None else end * margin for end in ends)
        own = whole["margin_per_customer"]
        rows.append(("observed margin per user", own, *kept, whole["customers"], True, ""))
    return rows


def _formulas(paying: PayingMonths, margin: float | None) -> list[tuple[Scalar, ...]]:
    """What each formula makes of a month's revenue and the churn per month, at its value and at both ends."""
    churn = wilson(paying.lost, paying.followed)
    share = 1.0 if margin is None else margin
    unit = "revenue per paying customer" if margin is None else "margin per paying customer"
    rates = (churn.value if paying.lost else 0.0, churn.high, churn.low)
    variants = [ltv_variants(paying.mean_revenue, share, rate) if rate > 0 else None for rate in rates]
    return [(f"{unit}, {method}", *_shown(variants, method, paying.lost)) for method in _FIELDS]


def _shown(variants: Sequence[LtvVariants | None], method: str, churned: int) -> tuple[Scalar, ...]:
    """A method's value and ends where enough have churned for it, and what it needs where not."""
    if churned < (LEAST_CHURNED if method == "1/churn" else 1):
        return (None, None, None, churned, False, f"needs {LEAST_CHURNED} churned customers, has {churned}")
    values = (getattr(one, _FIELDS[method]) if one else None for one in variants)
    return (*values, churned, True, "")

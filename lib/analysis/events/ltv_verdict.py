"""What observed value says, and how sure it is."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from lib.analysis.verdict import Finding, Verdict
from lib.engine.evidence.evidence import Evidence, Fact, Scalar

ENOUGH_CUSTOMERS = 30


def conclude(
    segments: Evidence, methods: Evidence, currency: str = ""
) -> tuple[Verdict, tuple[Finding, ...]]:
    """The verdict on the value of customers.

    Args:
        segments: Value by segment at one age, `all` first.
        methods: Value by method.
        currency: ISO code in which amounts are written; "" for none.
    """
    money = f"money:{currency}"
    rows = segments.records()
    return (_judge(segments, rows, money) if rows else _SHORT), _withheld(methods)


_SHORT = Verdict(
    "unclear",
    "Can't tell yet what a user brings: too few have been here long enough.",
    code="ltv_short",
    needs=f"about {ENOUGH_CUSTOMERS} users with at least a month of history",
)


def _withheld(methods: Evidence) -> tuple[Finding, ...]:
    """That one over churn is not shown, and why."""
    return tuple(
        Finding(
            "ltv_churn_formula",
            "low",
            "Lifetime value as one over churn is withheld: it {note}.",
            "With few churned customers its range is wider than its value.",
            (),
            {"note": str(row["note"])},
            evidence=methods,
        )
        for row in methods.records()
        if row["method"].endswith("1/churn") and not row["is_usable"]
    )


def _judge(segments: Evidence, rows: Sequence[Mapping[str, Scalar]], money: str) -> Verdict:
    """What a user brings by one age, unless its range is too wide; and who brings more."""
    whole = rows[0]
    facts: dict[str, Fact | str] = {
        "value": segments.fact(0, "revenue_per_customer", money),
        "low": segments.fact(0, "ci_low", money),
        "high": segments.fact(0, "ci_high", money),
        "days": segments.fact(0, "days", "days"),
    }
    mean, half = whole["revenue_per_customer"], whole["revenue_per_customer"] - whole["ci_low"]
    if mean <= 0 or half > 0.5 * mean:
        factor = (half / (0.5 * mean)) ** 2 if mean > 0 else 10
        needed = max(1, math.ceil(whole["customers"] * (factor - 1)))
        return Verdict(
            "unclear",
            "Can't tell yet what a user brings: between {low} and {high} in {days}.",
            facts,
            code="ltv_wide",
            needs=f"about {needed:,} more users of that age",
        )
    apart = _apart(rows)
    if not apart:
        return Verdict(
            "info", "A user brings {value} ({low} to {high}) in {days}.", facts, code="ltv_observed"
        )
    worst, best = apart
    facts |= {
        "best": rows[best]["segment"],
        "worst": rows[worst]["segment"],
        "best_value": segments.fact(best, "revenue_per_customer", money),
        "worst_value": segments.fact(worst, "revenue_per_customer", money),
    }
    return Verdict(
        "mixed",
        "A user brings {value} in {days}: {best_value} from {best}, {worst_value} from {worst}.",
        facts,
        code="ltv_segments_differ",
        flips="Intervals of the two that overlap.",
    )


def _apart(rows: Sequence[Mapping[str, Scalar]]) -> tuple[int, int] | None:
    """Rows of the worst and best segment, if their intervals lie apart."""
    known = [i for i, row in enumerate(rows) if i and row["ci_low"] is not None]
    if len(known) < 2:
        return None
    best = max(known, key=lambda i: rows[i]["ci_low"])
    worst = min(known, key=lambda i: rows[i]["ci_high"])
    return (worst, best) if rows[worst]["ci_high"] < rows[best]["ci_low"] else None

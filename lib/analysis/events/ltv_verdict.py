"""What observed value says, and how sure it is."""

from __future__ import annotations

import math

from lib.analysis.verdict import Finding, Verdict
from lib.engine.evidence.evidence import Evidence, Fact

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
    findings = tuple(
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
    rows = segments.records()
    if not rows:
        return Verdict(
            "unclear",
            "Can't tell yet what a user brings: too few have been here long enough.",
            code="ltv_short",
            needs=f"about {ENOUGH_CUSTOMERS} users with at least a month of history",
        ), findings
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
        ), findings
    known = [i for i, row in enumerate(rows) if i and row["ci_low"] is not None]
    if len(known) > 1:
        best = max(known, key=lambda i: rows[i]["ci_low"])
        worst = min(known, key=lambda i: rows[i]["ci_high"])
        if rows[worst]["ci_high"] < rows[best]["ci_low"]:
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
            ), findings
    return Verdict(
        "info", "A user brings {value} ({low} to {high}) in {days}.", facts, code="ltv_observed"
    ), findings

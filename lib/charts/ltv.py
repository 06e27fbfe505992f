"""Observed value of customers as intervals by segment and as curves by cohort."""

from __future__ import annotations

from dataclasses import replace

from lib.analysis.events.ltv import ALL, LtvResult
from lib.charts.spec import Chart


def segments(result: LtvResult, currency: str = "") -> Chart:
    """Revenue per user at one age, by segment."""
    table = result.evidence[1]
    kept = replace(table, rows=tuple(row for row in table.rows if row[4] is not None))
    money = f"money:{currency}"
    listed = "; ".join(
        f"{row[0]} {kept.fact(i, 'revenue_per_customer', money)}" for i, row in enumerate(kept.rows)
    )
    return Chart(
        "intervals",
        kept,
        x="segment",
        y="revenue_per_customer",
        low="ci_low",
        high="ci_high",
        format=money,
        highlight=ALL,
        tones=((ALL, "ink"),),
        caption=f"Revenue per user in their first {result.days} days; 95 %.",
        alt=f"Revenue per user by segment: {listed}.",
    )


def cohorts(result: LtvResult, currency: str = "") -> Chart:
    """Cumulative revenue per user, one line a cohort, only as far as the whole cohort has come."""
    table = result.evidence[0]
    kept = replace(table, rows=tuple(row for row in table.rows if row[1] == ALL and row[5]))
    return Chart(
        "lines",
        kept,
        x="period",
        y="revenue_per_customer",
        series="cohort",
        format=f"money:{currency}",
        caption="Cumulative revenue per user, by periods of 30 days since the first event; one line per month.",
        alt=f"Cumulative revenue per user of {len(set(kept.column('cohort')))} monthly cohorts.",
    )

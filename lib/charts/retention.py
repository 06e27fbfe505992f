"""Retention as a curve and as a cohort table."""

from __future__ import annotations

from lib.analysis.events.retention import RetentionResult
from lib.charts.spec import Chart


def curve(result: RetentionResult) -> Chart:
    """Share of users active by periods since their first."""
    table = result.evidence[1]
    points = [0, len(table.rows) // 2, len(table.rows) - 1] if table.rows else []
    listed = "; ".join(
        f"{result.period} {table.rows[i][0]}: {table.fact(i, 'rate', 'percent')}" for i in sorted(set(points))
    )
    return Chart(
        "lines",
        table,
        x="period",
        y="rate",
        low="ci_low",
        high="ci_high",
        format="percent",
        caption=f"Share of users active, by {result.period}s since their first; 95 %.",
        alt=f"Retention curve. {listed}.",
    )


def cohorts(result: RetentionResult) -> Chart:
    """One row a cohort, one column a period; cells the data does not cover yet are empty."""
    table = result.evidence[0]
    return Chart(
        "heatmap",
        table,
        x="period",
        y="rate",
        series="cohort",
        format="percent",
        caption=f"Share of each {result.period}'s new users who were active again; empty where the time has not come.",
        alt=f"Retention of {len(set(table.column('cohort')))} cohorts by {result.period}s since their first.",
    )

"""A funnel as bars: share of everybody who entered, by step or by segment at the end."""

from __future__ import annotations

from dataclasses import replace

from lib.analysis.events.funnel import ALL, FunnelResult
from lib.charts.spec import Chart


def steps(result: FunnelResult) -> Chart:
    """Everybody, one bar a step, with the interval of the conversion rate."""
    table = result.evidence[0]
    kept = tuple(row for row in table.rows if row[0] == ALL)
    # A step may come twice; its number keeps the bars apart.
    named = replace(table, rows=tuple((*row[:1], f"{row[-1]}. {row[1]}", *row[2:]) for row in kept))
    listed = "; ".join(
        f"{named.rows[i][1]} {named.fact(i, 'conversion_rate', 'percent1')}" for i in range(len(kept))
    )
    return Chart(
        "bars",
        named,
        x="step",
        y="conversion_rate",
        low="ci_low",
        high="ci_high",
        format="percent1",
        caption="Share of users who entered and whose window has passed; line: 95 % interval.",
        alt=f"Share of users who reach each step: {listed}.",
    )


def segments(result: FunnelResult) -> Chart:
    """Segments at the last step, with intervals."""
    table = result.evidence[0]
    last = len(result.steps)
    kept = replace(table, rows=tuple(row for row in table.rows if row[-1] == last and row[3] is not None))
    listed = "; ".join(
        f"{row[0]} {kept.fact(i, 'conversion_rate', 'percent1')}" for i, row in enumerate(kept.rows)
    )
    return Chart(
        "intervals",
        kept,
        x="segment",
        y="conversion_rate",
        low="ci_low",
        high="ci_high",
        format="percent1",
        highlight=ALL,
        tones=((ALL, "ink"),),
        caption=f"Users who get from {result.steps[0]} to {result.steps[-1]}, by {result.by or 'segment'}; 95 %.",
        alt=f"Conversion by segment: {listed}.",
    )

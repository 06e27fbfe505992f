"""Attribution as one line of channels per model."""

from __future__ import annotations

from lib.analysis.events.attribution import AttributionResult
from lib.charts.spec import Chart


def models(result: AttributionResult) -> Chart:
    """Share of conversions by model, one stack per model, one part per channel."""
    table = result.evidence[0]
    first = [row for row in table.rows if row[1] == result.models[0]]
    listed = "; ".join(str(row[0]) for row in first)
    return Chart(
        "stacked",
        table,
        x="model",
        y="share",
        series="channel",
        format="percent",
        tones=(("(no touch)", "pale"),),
        caption=f"Share of users with {result.conversion} that each model credits to each channel.",
        alt=f"Share of conversions by channel ({listed}) under {len(result.models)} models.",
    )

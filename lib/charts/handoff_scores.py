"""Handoff candidates as rate ratios with their ranges; one means no effect."""

from __future__ import annotations

from dataclasses import replace

from lib.analysis.handoff.scoring import HandoffResult
from lib.charts.spec import Chart


def candidates(result: HandoffResult, most: int = 12) -> Chart:
    """The best candidates; past the gates where there are gates.

    Args:
        result: Scores.
        most: Candidates shown.
    """
    table = result.evidence[0]
    prefix = "past_gates_" if any(value is not None for value in table.column("past_gates_ratio")) else ""
    value, low, high = (
        ("past_gates_ratio", "past_gates_low", "past_gates_high")
        if prefix
        else ("rate_ratio", "ci_low", "ci_high")
    )
    index = table.columns.index(value)
    kept = replace(table, rows=tuple(row for row in table.rows if row[index] is not None)[:most])
    listed = "; ".join(f"{row[0]} {kept.fact(i, value, 'ratio2')}" for i, row in enumerate(kept.rows))
    among = ", among users past every gate" if prefix else ""
    return Chart(
        "intervals",
        kept,
        x="event",
        y=value,
        low=low,
        high=high,
        format="ratio2",
        reference=1.0,
        tones=tuple((event, "shared") for event in result.recommended),
        highlight=(result.recommended or ("",))[0],
        caption=f"How often {result.outcome} follows, against users of the same age without it{among}. Line: none.",
        alt=f"Rate ratios of candidates for {result.outcome}: {listed}.",
    )

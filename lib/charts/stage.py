"""Pictures of the stage step: which inputs speak for the verdict and which against, and the weight of each stage."""

from __future__ import annotations

from dataclasses import replace

from lib.analysis.stage.stage import StageResult
from lib.charts.spec import Chart
from lib.framework.load import framework


def support_chart(result: StageResult) -> Chart:
    """The evidence scale: one bar an input, right of zero for the stage with the most weight, left against it.

    Args:
        result: With at least one known input.
    """
    table = result.evidence[0]
    at = table.columns.index
    # The order of `signals` is the order of the rows.
    labels = [f"{r.signal.name}: {r.kpi.fact.text if r.kpi else r.says}" for r in result.signals]
    rows = tuple((label, *row) for label, row in zip(labels, table.rows, strict=True))
    shown = replace(table, columns=("input", *table.columns), rows=rows)
    tones = tuple(
        (label, "shared" if row[at("support")] >= 0 else "alarm")
        for label, row in zip(labels, table.rows, strict=True)
    )
    name = framework().stage_rules[result.leaning].name
    speaks_for = sum(row[at("support")] >= 0 for row in table.rows)
    against = len(table.rows) - speaks_for
    return Chart(
        "bars",
        shown,
        x="input",
        y="support",
        format="+number1",
        tones=tones,
        title=f"What speaks for “{name}”, and what against",
        caption=f"The longer the bar, the more it counts: +1 doubles the odds of “{name}”, −1 halves them. "
        "A wide range or an answer without data counts for less.",
        alt=f"Bars: {speaks_for} inputs speak for {name}, {against} against it. Strongest: {labels[0]}.",
    )


def weights_chart(result: StageResult) -> Chart:
    """The weight of each stage."""
    table = result.evidence[1]
    words = ", ".join(f"{row[1]} {row[2]:.0%}" for row in table.rows)
    lead = framework().stage_rules[result.leaning].name
    return Chart(
        "bars",
        table,
        x="name",
        y="weight",
        format="percent",
        tones=((lead, "ink"),),
        highlight=lead,
        title="Weight of each stage",
        caption="After every known input; the three add up to 100 %.",
        alt=f"Weight of each stage: {words}.",
    )

"""Pictures of the period explainer: what changed by segment in people, by stage, and by segment of a metric."""

from __future__ import annotations

from dataclasses import replace

from lib.analysis.metrics.metric_change import ChangeResult
from lib.analysis.metrics.mix_rate import MixResult
from lib.analysis.metrics.ratio_decomposition import FactorResult
from lib.analysis.metrics.series import label
from lib.charts.spec import Chart
from lib.engine.evidence import formats

MOST = 8


def stages(found: FactorResult) -> Chart:
    """From the end result before over the effect of each stage to the end result after; the bars add up exactly."""
    records = found.table.records()
    whole = records[-1]
    rows = [(found.before.name, whole["before"])]
    rows += [(row["factor"], row["effect"]) for row in records[:-1]]
    rows.append((found.after.name, whole["after"]))
    table = replace(
        found.table,
        title=f"{label(found.what)} by stage: waterfall",
        columns=("step", "value"),
        rows=tuple(rows),
    )
    alt = "; ".join(f"{name} {formats.write(value, 'number')}" for name, value in rows)
    return Chart(
        "waterfall",
        table,
        "step",
        "value",
        f"{found.verdict.text} Bars: {alt}.",
        format="number",
        caption=f"{found.what}, {found.unit}. Each bar is what the change of that stage alone explains; all add up "
        "exactly.",
    )


def people(found: MixResult) -> Chart:
    """How many more or fewer a week reached the end, by segment."""
    weeks = (found.before.days / 7, found.after.days / 7)
    records = [row for row in found.table.records() if row["segment"] != "all"]
    made = [(row["segment"], row["after_part"] / weeks[1] - row["before_part"] / weeks[0]) for row in records]
    rows = tuple(sorted(made, key=lambda row: -row[1]))
    table = replace(
        found.table,
        title=f"{label(found.what)}: change of the count a week",
        columns=("segment", "change"),
        rows=rows,
    )
    alt = "; ".join(f"{name} {formats.write(value, '+number')}" for name, value in rows)
    return Chart(
        "bars",
        table,
        "segment",
        "change",
        f"Change a week by segment: {alt}.",
        format="+number",
        tones=tuple((str(name), "shared" if value >= 0 else "alarm") for name, value in rows),
        caption=f"People a week who reached the end, {found.after.name} against {found.before.name}.",
    )


def segments(found: ChangeResult) -> Chart | None:
    """How much each segment moved a metric; None where the file has no segments of it."""
    records = [row for row in found.table.records() if row["segment"] != "all"]
    if not records:
        return None
    shown, rest = records[:MOST], records[MOST:]
    rows = [(row["segment"], row["change"]) for row in shown]
    if rest:
        rows.append(("other segments", sum(row["change"] for row in rest)))
    table = replace(
        found.table,
        title=f"{label(found.metric)}: change by segment",
        columns=("segment", "change"),
        rows=tuple(rows),
    )
    alt = "; ".join(f"{name} {formats.write(value, '+number')}" for name, value in rows)
    return Chart(
        "bars",
        table,
        "segment",
        "change",
        f"Change by segment: {alt}.",
        format="+number",
        tones=tuple((str(name), "shared" if value >= 0 else "alarm") for name, value in rows),
        caption=f"Mean of each date it was measured on, {found.after.name} against {found.before.name}.",
    )

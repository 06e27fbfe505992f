"""Pictures of the translation and team steps."""

from __future__ import annotations

from dataclasses import replace

from lib.analysis.events import event_names
from lib.analysis.team.team import TeamResult
from lib.analysis.translation.translator import Translation
from lib.charts.spec import Chart
from lib.engine.evidence import formats
from lib.engine.evidence.evidence import Evidence

_CRAFTS = {"Product marketing": ("●", "process"), "Growth": ("◆", "outcome")}  # a sign beside every colour


def gap_chart(result: TeamResult) -> Chart | None:
    """Best level per skill, coloured by craft, gaps first; None while nobody is rated."""
    table = result.evidence[0]
    rated = [row for row in table.rows if row[2] is not None]
    if not rated:
        return None
    at = table.columns.index
    short = [row[at("gap")] >= 0.5 for row in rated]
    signs = ["⚠" if is_short else _CRAFTS[row[1]][0] for row, is_short in zip(rated, short, strict=True)]
    labels = [
        f"{sign} {row[0]} (asked: {row[at('target')]:g})" for sign, row in zip(signs, rated, strict=True)
    ]
    shown = replace(
        table,
        columns=("label", *table.columns),
        rows=tuple((label, *row) for label, row in zip(labels, rated, strict=True)),
    )
    tones = tuple(
        (label, "alarm" if is_short else _CRAFTS[row[1]][1])
        for label, row, is_short in zip(labels, rated, short, strict=True)
    )
    return Chart(
        "bars",
        shown,
        x="label",
        y="best",
        format="number1",
        tones=tones,
        title="The team's best level in each skill",
        caption="Scale 1 to 5; in brackets what the stage asks for. ⚠ and red: falls short of it. ● and blue: product "
        "marketing. ◆ and orange: growth.",
        alt=f"Bars of the best level in {len(rated)} skills; {sum(short)} fall short of what the stage asks for.",
    )


def translation_chart(found: Translation) -> Chart | None:
    """Extra people at each step after the change, with range; None while nothing is measured."""
    table = found.table
    if table is None or "step" not in table.columns:
        return None
    rows = tuple(row for row in table.rows[1:] if row[table.columns.index("step")] != "Monthly revenue")
    if not rows:
        return None
    shown = replace(table, rows=rows)
    last = rows[-1]
    step, extra = last[table.columns.index("step")], last[table.columns.index("extra")]
    few = max(abs(row[table.columns.index("extra")]) for row in rows) < 10
    return Chart(
        "intervals",
        shown,
        x="step",
        y="extra",
        low="ci_low",
        high="ci_high",
        format="+number" if few else "+count",
        reference=0.0,
        tones=((str(step), "outcome"),),
        title="What arrives at each step",
        caption="Extra people in thirty days, with the range that the measured links leave.",
        alt=f"Extra people at {len(rows)} steps; at {step} {formats.write(extra, '+number' if few else '+count')}.",
    )


def channel_chart(rates: Evidence) -> Chart:
    """Share of each channel's people who go on, with its range, best first.

    Args:
        rates: What `translation_chain.channel_rates` gave; at least one row.
    """
    at = rates.columns.index("channel")
    named = [
        tuple(event_names.event(str(cell)) if index == at else cell for index, cell in enumerate(row))
        for row in rates.rows
    ]
    rates = replace(rates, rows=tuple(named))
    best, worst = rates.records()[0], rates.records()[-1]
    said = " and ".join(f"{row['channel']} {formats.write(row['rate'], 'percent1')}" for row in (best, worst))
    return Chart(
        "intervals",
        rates,
        x="channel",
        y="rate",
        low="ci_low",
        high="ci_high",
        format="percent1",
        title=rates.title,
        tones=((str(best["channel"]), "shared"), (str(worst["channel"]), "alarm"))
        if best is not worst
        else (),
        caption="Share that goes on within thirty days, with its 95 % range. Volume from a weaker channel brings less.",
        alt=f"Share that goes on, {len(rates.rows)} channels; best and worst: {said}.",
    )

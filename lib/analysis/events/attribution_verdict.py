"""Whether the leading channel is the same whatever the attribution model."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from lib.analysis.verdict import Finding, Verdict
from lib.engine.evidence.evidence import Evidence, Fact, Scalar
from lib.stats.intervals import z_value

ENOUGH_CONVERSIONS = 30
COLUMNS = (
    "model",
    "leader",
    "leader_share",
    "second",
    "second_share",
    "lead",
    "lead_low",
    "lead_high",
    "agreement",
)


def conclude(
    table: Evidence, conversion: str, models: Sequence[str], no_touch: str
) -> tuple[Evidence, Verdict, tuple[Finding, ...]]:
    """Leaders by model, the verdict and findings.

    Args:
        table: Credit by channel and model.
        conversion: The event.
        models: Models in the table.
        no_touch: Name of the row for conversions without a touch.
    """
    by_model = {
        model: {
            row["channel"]: row
            for row in table.records()
            if row["model"] == model and row["channel"] != no_touch
        }
        for model in models
    }
    total = sum(row["conversions"] for row in table.records() if row["model"] == models[0])
    touched = sum(row["conversions"] for row in by_model[models[0]].values())
    agreement = _agreement(
        [[row["conversions"] for row in channels.values()] for channels in by_model.values()]
    )
    rows = [_leader(model, channels, total, agreement) for model, channels in by_model.items()]
    leaders = replace(
        table,
        title="Leading channels",
        columns=COLUMNS,
        rows=tuple(row for row in rows if row),
        definition="The two channels with most credit by each model, and how sure the lead is.",
        method="difference of two shares of the same conversions, 95 %; agreement is Kendall's W over models",
    )
    findings = _findings(table, conversion, no_touch)
    facts: dict[str, Fact | str] = {"conversion": conversion}
    if touched < ENOUGH_CONVERSIONS or not leaders.rows:
        missing = max(1, math.ceil(ENOUGH_CONVERSIONS - touched))
        return (
            leaders,
            Verdict(
                "unclear",
                "Can't tell yet which channel leads to {conversion}: too few conversions have a touch.",
                facts,
                code="attribution_too_few",
                needs=f"about {missing} more conversions with a touch",
            ),
            findings,
        )
    return leaders, _judge(leaders, facts, round(total)), findings


def _leader(
    model: str, channels: dict[str, dict[str, Scalar]], total: float, agreement: float | None
) -> tuple[Scalar, ...] | None:
    ranked = sorted(channels.values(), key=lambda row: (-row["conversions"], row["channel"]))
    if not ranked or not total or ranked[0]["conversions"] <= 0:
        return None
    first = ranked[0]
    second = ranked[1] if len(ranked) > 1 else {"channel": "", "share": 0.0}
    lead = first["share"] - second["share"]
    error = math.sqrt(max(first["share"] + second["share"] - lead**2, 0) / total)
    width = z_value(0.95) * error
    return (
        model,
        first["channel"],
        first["share"],
        second["channel"],
        second["share"],
        lead,
        lead - width,
        lead + width,
        agreement,
    )


def _agreement(credit: Sequence[list[float]]) -> float | None:
    """Kendall's W of the channels' ranks over models: 1 when all models rank alike, 0 when at random."""
    models, channels = len(credit), len(credit[0]) if credit else 0
    if models < 2 or channels < 2:
        return None
    sums = [0.0] * channels
    ties = 0.0
    for values in credit:
        ranks = [sum(v < w for v in values) + (sum(v == w for v in values) + 1) / 2 for w in values]
        sums = [total + rank for total, rank in zip(sums, ranks, strict=True)]
        ties += (
            sum(values.count(v) ** 3 - values.count(v) for v in set(values))
            if isinstance(values, list)
            else 0
        )
    mean = models * (channels + 1) / 2
    spread = 12 * sum((total - mean) ** 2 for total in sums)
    whole = models**2 * (channels**3 - channels) - models * ties
    return spread / whole if whole > 0 else None


def _judge(leaders: Evidence, facts: dict[str, Fact | str], total: int) -> Verdict:
    rows = leaders.records()
    names = list(dict.fromkeys(row["leader"] for row in rows))
    facts |= {
        "leader": names[0],
        "least": leaders.fact(
            min(range(len(rows)), key=lambda i: rows[i]["leader_share"]), "leader_share", "percent"
        ),
        "most": leaders.fact(
            max(range(len(rows)), key=lambda i: rows[i]["leader_share"]), "leader_share", "percent"
        ),
    }
    unsure = [row for row in rows if row["lead_low"] <= 0]
    if len(names) > 1 and len([1 for row in rows if row["lead_low"] > 0]) == len(rows):
        other = next(row for row in rows if row["leader"] != names[0])
        facts |= {"other": other["leader"], "model": rows[0]["model"], "other_model": other["model"]}
        return Verdict(
            "mixed",
            "Which channel leads to {conversion} depends on the model: {leader} by {model}, {other} by "
            "{other_model}.",
            facts,
            code="attribution_model_decides",
            flips="All models agreeing on one channel.",
        )
    if unsure:
        tight = min(unsure, key=lambda row: abs(row["lead"]))
        facts |= {"second": tight["second"], "close": tight["leader"]}
        factor = ((tight["lead"] - tight["lead_low"]) / tight["lead"]) ** 2 if tight["lead"] > 0 else 10.0
        needed = max(1, math.ceil(total * (min(factor, 100.0) - 1)))
        return Verdict(
            "unclear",
            "Can't tell yet which channel leads to {conversion}: {close} and {second} are too close.",
            facts,
            code="attribution_close",
            needs=f"about {needed:,} more conversions",
        )
    template = "{leader} leads to {conversion} by every model, with {least} to {most} of the conversions."
    if str(facts["least"]) == str(facts["most"]):
        template = "{leader} leads to {conversion} by every model, with {most} of the conversions."
    return Verdict(
        "good",
        template,
        facts,
        code="attribution_stable",
        flips="A model by which another channel leads.",
    )


def _findings(table: Evidence, conversion: str, no_touch: str) -> tuple[Finding, ...]:
    index = table.find(channel=no_touch)
    share = table.rows[index][3]
    if not share or share < 0.1:
        return ()
    facts: dict[str, Fact | str] = {"share": table.fact(index, "share", "percent"), "conversion": conversion}
    template = "{share} of the users with {conversion} have no touch in the lookback window."
    why = "No model can credit them; a longer window or a missing source may explain them."
    return (Finding("attribution_no_touch", "medium", template, why, (conversion,), facts, evidence=table),)

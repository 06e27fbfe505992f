"""Whether the leading channel is the same whatever the attribution model."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
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


Row = Mapping[str, Scalar]


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
    by_model: dict[str, dict[str, Row]] = {model: {} for model in models}
    for row in table.records():
        if row["channel"] != no_touch:
            by_model[row["model"]][row["channel"]] = row
    credit = [[row["conversions"] for row in channels.values()] for channels in by_model.values()]
    touched, total = sum(credit[0]), _total(table, models[0])
    agreement = _agreement(credit)
    rows = [_leader(model, channels, total, agreement) for model, channels in by_model.items()]
    leaders = replace(
        table,
        title="Leading channels",
        columns=COLUMNS,
        rows=tuple(row for row in rows if row),
        definition="The two channels with most credit by each model, and how sure the lead is.",
        method="difference of two shares of the same conversions, 95 %; agreement is Kendall's W over models",
    )
    facts: dict[str, Fact | str] = {"conversion": conversion}
    is_enough = touched >= ENOUGH_CONVERSIONS and leaders.rows
    verdict = _judge(leaders, facts, round(total)) if is_enough else _too_few(touched, facts)
    return leaders, verdict, _findings(table, conversion, no_touch)


def _total(table: Evidence, model: str) -> float:
    """All conversions, by one of the models: each credits every one."""
    return sum(row["conversions"] for row in table.records() if row["model"] == model)


def _too_few(touched: float, facts: Mapping[str, Fact | str]) -> Verdict:
    missing = max(1, math.ceil(ENOUGH_CONVERSIONS - touched))
    return Verdict(
        "unclear",
        "Can't tell yet which channel leads to {conversion}: too few conversions have a touch.",
        facts,
        code="attribution_too_few",
        needs=f"about {missing} more conversions with a touch",
    )


def _leader(
    model: str, channels: Mapping[str, Row], total: float, agreement: float | None
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
    sums = [sum(ranks) for ranks in zip(*map(_ranks, credit), strict=True)]
    ties = sum(_cubes(values) for values in credit)
    mean = models * (channels + 1) / 2
    spread = 12 * sum((total - mean) ** 2 for total in sums)
    whole = models**2 * (channels**3 - channels) - models * ties
    return spread / whole if whole > 0 else None


def _ranks(values: Sequence[float]) -> list[float]:
    """Rank of each value, 1 for the smallest; equal values share the mean of theirs."""
    return [sum(v < w for v in values) + (sum(v == w for v in values) + 1) / 2 for w in values]


def _cubes(values: Sequence[float]) -> int:
    """What ties take from the spread that ranks can have: n^3 - n of every group of n equal values."""
    return sum(n**3 - n for n in Counter(values).values())


def _judge(leaders: Evidence, facts: Mapping[str, Fact | str], total: int) -> Verdict:
    """Whether one channel leads by every model."""
    rows = leaders.records()
    shares = leaders.column("leader_share")
    facts = {
        **facts,
        "leader": rows[0]["leader"],
        "least": leaders.fact(shares.index(min(shares)), "leader_share", "percent"),
        "most": leaders.fact(shares.index(max(shares)), "leader_share", "percent"),
    }
    other = next((row for row in rows if row["leader"] != rows[0]["leader"]), None)
    unsure = [row for row in rows if row["lead_low"] <= 0]
    if other and not unsure:
        return _by_model(rows[0], other, facts)
    if unsure:
        return _close(min(unsure, key=lambda row: abs(row["lead"])), facts, total)
    same = str(facts["least"]) == str(facts["most"])
    return Verdict(
        "good",
        "{leader} leads to {conversion} by every model, with "
        + ("{most} of the conversions." if same else "{least} to {most} of the conversions."),
        facts,
        code="attribution_stable",
        flips="A model by which another channel leads.",
    )


def _by_model(one: Row, other: Row, facts: Mapping[str, Fact | str]) -> Verdict:
    """Two models that are each sure of another channel."""
    return Verdict(
        "mixed",
        "Which channel leads to {conversion} depends on the model: {leader} by {model}, {other} by "
        "{other_model}.",
        {**facts, "other": other["leader"], "model": one["model"], "other_model": other["model"]},
        code="attribution_model_decides",
        flips="All models agreeing on one channel.",
    )


def _close(tight: Row, facts: Mapping[str, Fact | str], total: int) -> Verdict:
    """A model whose two leading channels may be the other way round."""
    lead = tight["lead"]
    factor = ((lead - tight["lead_low"]) / lead) ** 2 if lead > 0 else 10.0
    needed = max(1, math.ceil(total * (min(factor, 100.0) - 1)))
    return Verdict(
        "unclear",
        "Can't tell yet which channel leads to {conversion}: {close} and {second} are too close.",
        {**facts, "second": tight["second"], "close": tight["leader"]},
        code="attribution_close",
        needs=f"about {needed:,} more conversions",
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

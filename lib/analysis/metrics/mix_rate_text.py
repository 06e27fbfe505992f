"""The sentence of a split change: what moved, and whether mix or rate explains most of it."""

from __future__ import annotations

from typing import Any

from lib.analysis.metrics.series import label
from lib.analysis.verdict import Verdict
from lib.engine.evidence.evidence import Evidence


def verdict(table: Evidence, sums: Evidence, conclusion: str, driver: str, what: str) -> Verdict:
    """The sentence: what fell or rose, and whether mix or rate explains most of it."""
    row = table.find(segment=driver)
    direction = "fell" if sums.records()[0]["change"] < 0 else "rose"
    facts = {
        "what": label(what),
        "driver": driver.replace("_", " "),
        "before": sums.fact(0, "rate_before", "percent1"),
        "after": sums.fact(0, "rate_after", "percent1"),
        "mix": sums.fact(0, "mix_effect", "+points"),
        "rate": sums.fact(0, "rate_effect", "+points"),
        "share": table.fact(row, "share_of_new", "percent"),
        "relative": table.fact(row, "relative_rate", "percent"),
        "share_before": table.fact(row, "share_before", "percent"),
        "share_after": table.fact(row, "share_after", "percent"),
        "low": sums.fact(0, "change_low", "+points"),
        "high": sums.fact(0, "change_high", "+points"),
    }
    if conclusion in ("flat", "unclear"):
        return Verdict(
            "info" if conclusion == "flat" else "unclear",
            "{what} went from {before} to {after}: no clear change (range {low} to {high}).",
            facts,
            needs="" if conclusion == "flat" else "a longer period on both sides",
            code=conclusion,
        )
    chance = ", which could be chance" if rate_could_be_chance(sums) else ""
    tails = {
        "mix": _mixed(table.records()[row]),
        "rate": f"mostly rate ({{rate}}{chance}): the same segments convert differently, {{driver}} most.",
        "both": f"both mix ({{mix}}) and rate ({{rate}}{chance}); {{driver}} moved it most.",
    }
    return Verdict(
        "bad" if direction == "fell" else "good",
        f"{{what}} {direction} from {{before}} to {{after}}: {tails[conclusion]}",
        facts,
        code=conclusion,
        flips="Another segment column or another window can move effect between mix and rate.",
    )


def _mixed(record: dict[str, Any]) -> str:
    """The sentence of a change that is mostly mix, about the segment that drives it."""
    if record["relative_rate"] is None:
        return "mostly mix ({mix}); {driver} moved it most."
    # A share of what was added only means something where no segment shrank by more than that.
    if record["share_of_new"] is not None and 0 < record["share_of_new"] <= 1:
        return "mostly mix: {driver} brought {share} of the new volume at {relative} of the others' rate."
    moved = "{driver} went from {share_before} to {share_after} of the volume"
    return f"mostly mix: {moved} at {{relative}} of the others' rate."


def rate_could_be_chance(sums: Evidence) -> bool:
    """Whether the range of the rate effect, where it is known, leaves room for no change within the segments."""
    row = sums.records()[0]
    return row["rate_effect_low"] <= 0 <= row["rate_effect_high"]

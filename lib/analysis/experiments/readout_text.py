"""A readout in plain words. Every number in them is a fact of the results table."""

from __future__ import annotations

import math
from collections.abc import Sequence

from lib.analysis.events import event_names
from lib.analysis.experiments.design import Design
from lib.analysis.experiments.readout import Effect, ValidityCheck
from lib.analysis.verdict import Finding, Status, Verdict, fill
from lib.engine.evidence import formats
from lib.engine.evidence.evidence import Evidence, Fact


def facts_of(results: Evidence, index: int, design: Design, prefix: str = "") -> dict[str, Fact | str]:
    """Facts of one row of the results, by short names."""
    row = results.records()[index]
    metric = next(metric for metric in design.metrics if metric.name == row["metric"])
    level, change = metric.formats
    early = design.reading == "sequential" or bool(
        row["clear_since"]
    )  # by the range that holds at every look
    low, high = ("always_low", "always_high") if early else ("ci_low", "ci_high")
    named = {
        "effect": ("effect", change),
        "relative": ("relative_effect", "+percent1"),
        "p_value": ("p_always" if early else "p_value", "p"),
        "p_adjusted": ("p_adjusted", "p"),
        "control": ("control", level),
        "treatment": ("treatment", level),
        "low": (low, change),
        "high": (high, change),
        "shrunken": ("shrunken_relative_effect", "+percent1"),
        "more": ("more_per_variant", "count"),
    }
    facts: dict[str, Fact | str] = {
        prefix + name: results.fact(index, column, form) for name, (column, form) in named.items()
    }
    facts |= {prefix + "metric": metric.words, prefix + "variant": event_names.quoted(str(row["variant"]))}
    several = not early and len(results.rows) > 1
    chance = "p {p_value}, adjusted {p_adjusted}" if several else "p {p_value}"
    plain = {name: facts[prefix + name] for name in ("p_value", "p_adjusted")}
    return facts | {prefix + "chance": fill(chance, plain)}


SENTENCES = {
    "better": "{variant} improves {metric}: {control} to {treatment}, {effect} (range {low} to {high}, {chance}).",
    "worse": "{variant} worsens {metric}: {control} to {treatment}, {effect} (range {low} to {high}, {chance}).",
    "flat": "{variant} shows no clear difference on {metric}: {control} to {treatment} (range {low} to {high}).",
    "unclear": "{variant} on {metric}: can't tell yet (range {low} to {high}); about {more} more people per variant.",
    "silent": "{variant} on {metric}: too few people or conversions to say anything.",
}


def sentence(results: Evidence, index: int, effect: Effect, design: Design) -> str:
    """One effect in one sentence."""
    text = SENTENCES[effect.state]
    if effect.state == "unclear" and not 0 < effect.more < math.inf:
        text = (
            "{variant} on {metric}: can't tell yet (range {low} to {high}); let it run to its planned size."
        )
    return fill(text, facts_of(results, index, design))


def more_users(more: float) -> str:
    r"""How many people are missing, in words; "" where none are, or where no number would be enough.

    Args:
        more: People per variant.

    >>> more_users(1200).replace("\xa0", " "), more_users(0)
    ('about 1,200 more people per variant', '')
    """
    return f"about {formats.write(more, 'count')} more people per variant" if 0 < more < math.inf else ""


def _needs(effects: Sequence[Effect]) -> str:
    missing = [needed for e in effects if e.state == "unclear" and (needed := more_users(e.more))]
    # What the leading metric lacks; a side metric that can hardly be seen must not set the length of the test.
    return missing[0] if missing else ""


def _silent_needs(checks: Sequence[ValidityCheck]) -> str:
    told = [check.text for check in checks if check.name in ("values", "conversions") and check.state != "ok"]
    return told[0] if told else "more people in every variant"


def _headline(effects: Sequence[Effect]) -> tuple[Status, str, str]:
    """Status, code and template; facts of the leading effect have no prefix, of the second `b_`."""
    better = [e for e in effects if e.state == "better"]
    worse = [e for e in effects if e.state == "worse"]
    if better and worse:
        text = (
            "Mixed: {variant} improves {metric} ({effect}, range {low} to {high}), but {b_variant} worsens "
        )
        return "mixed", "mixed", text + "{b_metric} ({b_effect}, range {b_low} to {b_high})."
    if better:
        return "good", "better", SENTENCES["better"]
    if worse:
        return "bad", "worse", "{control_name} stays ahead: " + SENTENCES["worse"]
    if all(e.state == "flat" for e in effects):
        text = "No difference worth acting on: {metric} {control} to {treatment} (range {low} to {high})."
        return "info", "no_difference", text
    return (
        "unclear",
        "cant_tell",
        "Can't tell yet: {metric} {control} to {treatment} (range {low} to {high}).",
    )


# States of effects, the one that leads the verdict first.
_LEAD = {"better": 0, "worse": 1, "unclear": 2, "flat": 3, "silent": 4}
_TURNS = {True: "A range that no longer leaves out zero.", False: "A range that leaves out zero."}


def _why(
    results: Evidence, effects: Sequence[Effect], checks: Sequence[ValidityCheck], design: Design
) -> list[str]:
    """One sentence an effect, then what was clear early, then the checks that are not passed."""
    told = [sentence(results, i, effect, design) for i, effect in enumerate(effects)]
    told += [
        f"{event_names.quoted(effect.variant)} on {effect.metric.words}: clear since the people who joined by "
        f"{formats.write(effect.clear_since, 'date')}; looking again does not take that back."
        for effect in effects
        if effect.clear_since
    ]
    return told + [check.text for check in checks if check.state in ("fail", "watch")]


def verdict(
    results: Evidence,
    effects: Sequence[Effect],
    checks: Sequence[ValidityCheck],
    design: Design,
    *,
    alarm: bool,
) -> Verdict:
    """The answer in one sentence.

    Args:
        results: Table of effects, row by row as `effects`.
        effects: In order of weight.
        checks: Checks, worst first.
        design: How the test was read.
        alarm: Whether the split is so far off that nothing may be read.
    """
    why = _why(results, effects, checks, design)
    if alarm:
        text = "Do not read this test: the split over the variants is off plan."
        flips = "A split as planned, after the cause is mended."
        return Verdict("bad", text, {}, "the cause of the uneven split", "sample_ratio", tuple(why), flips)
    failed = next((check.text for check in checks if check.state == "fail"), "")
    if failed or all(effect.state == "silent" for effect in effects):
        text = "Can't tell yet: a check that comes before any effect is not passed."
        needs = failed or _needs(effects) or _silent_needs(checks)
        return Verdict("unclear", text, {}, needs, "too_early", tuple(why), "Every check passed.")
    return _told(results, effects, design, why)


def _told(results: Evidence, effects: Sequence[Effect], design: Design, why: list[str]) -> Verdict:
    """The verdict where every check is passed."""
    status, code, template = _headline(effects)
    lead = sorted(range(len(effects)), key=lambda i: _LEAD[effects[i].state])
    second = next((i for i in lead if effects[i].state == "worse"), lead[0])
    facts = facts_of(results, lead[0], design) | facts_of(results, second, design, "b_")
    facts["control_name"] = event_names.quoted(design.control)
    if code in ("better", "worse"):
        del why[lead[0]]  # the verdict itself says it
    flips = _TURNS[code in ("better", "worse", "mixed")]
    return Verdict(status, template, facts, _needs(effects), code, tuple(why), flips)


def findings(
    results: Evidence, table: Evidence, effects: Sequence[Effect], checks: Sequence[ValidityCheck]
) -> tuple[Finding, ...]:
    """What deserves attention beside the verdict."""
    found = []
    for check in checks:
        if check.state in ("fail", "watch"):
            why = "An effect is only worth what the test behind it is worth."
            severity = "high" if check.state == "fail" else "medium"
            found.append(
                Finding(check.name, severity, "{text}", why, facts={"text": check.text}, evidence=table)
            )
    for index, effect in enumerate(effects):
        if effect.state == "better" and effect.shrunken:
            facts = {
                "variant": event_names.quoted(effect.variant),
                "metric": effect.metric.words,
                "relative": results.fact(index, "relative_effect", "+percent1"),
                "shrunken": results.fact(index, "shrunken_relative_effect", "+percent1"),
            }
            text = "Plan with {shrunken} for {variant} on {metric}, not with the {relative} that was seen."
            why = "A winner was picked for looking good, so part of its lead is luck; the smaller figure allows for it."
            found.append(Finding("winners_curse", "low", text, why, facts=facts, evidence=results))
    return tuple(found)

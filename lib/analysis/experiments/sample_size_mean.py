"""How many people a difference of two means needs, in a sentence with its evidence; shares are in `testability`."""

from __future__ import annotations

import math

from lib.analysis.experiments import minimum_detectable_effect
from lib.analysis.verdict import Verdict
from lib.engine.evidence.evidence import Evidence, single
from lib.stats import power

_WORDS = {
    "people": "{n} people per variant see a change of {effect} of a mean of {mean}.",
    "weeks": "{n} people per variant see a change of {effect} of a mean of {mean}: {weeks} weeks of your traffic.",
    "no_traffic": "Can't be tested with this traffic: the people of {weeks} weeks could not even show a change of {limit} "
    "of a mean of {mean}.",
    "smallest": "{weeks} weeks give {n} people per variant: the smallest change they see is {effect} of a mean of {mean}.",
}

_TITLE = "What a test of means needs"
_DEFINITION = (
    "People per variant so that a two-sided test of two means sees a relative change of the control's mean with the power "
    "shown, when every person takes part once."
)
_METHOD = "Normal approximation, equal variances; alpha shared by the comparisons with control"
# Fact of the sentences -> column of the evidence, how it is written.
_FACTS = {
    "n": ("n_per_variant", "count"),
    "effect": ("relative_effect", "percent1"),
    "mean": ("mean", "number"),
    "weeks": ("weeks", "number"),
    "limit": ("largest_effect", "percent"),
}


def plan(
    mean: float,
    sd: float,
    n: float,
    effect: float,
    *,
    weeks: float | None = None,
    is_given: bool = True,
    variants: int = 2,
    alpha: float = 0.05,
) -> tuple[Verdict, Evidence]:
    r"""Say what a test of means needs, or could see.

    Args:
        mean: Mean of control.
        sd: Standard deviation of one person's value.
        n: People per variant.
        effect: Relative change.
        weeks: Weeks of traffic behind `n`; None where the traffic is not known.
        is_given: The effect was asked for; False where it is the smallest that `n` people see.
        variants: With control; more than two share alpha (Bonferroni).
        alpha: Two-sided, of all comparisons.

    Source:
        n = 2 ((z_alpha/2 + z_power) sd / difference)^2, normal approximation.

    >>> plan(20, 10, 1570, 0.05)[0].text.replace("\xa0", " ")
    '1,570 people per variant see a change of 5.0 % of a mean of 20.'
    """
    level = power.corrected_alpha(alpha, variants)
    limit = minimum_detectable_effect.largest_effect()
    is_shown = is_given or minimum_detectable_effect.can_show(effect, n, limit)
    se = sd * math.sqrt(2 / n) if n > 0 and math.isfinite(n) else math.inf
    values = {
        "mean": mean,
        "sd": sd,
        "relative_effect": effect if is_shown else None,
        "difference": mean * effect if is_shown else None,
        "n_per_variant": n,
        "weeks": weeks,
        "variants": variants,
        "alpha": level,
        "power": power.power_of(mean * effect, se, alpha=level) if is_shown else None,
        "largest_effect": limit,
    }
    evidence = single(_TITLE, _DEFINITION, values, method=_METHOD)
    facts = {name: evidence.fact(0, column, form) for name, (column, form) in _FACTS.items()}
    code = "smallest" if not is_given else "people" if weeks is None else "weeks"
    if not is_shown:
        return Verdict("bad", _WORDS["no_traffic"], facts, code="no_traffic"), evidence
    return Verdict("info", _WORDS[code], facts, code=code), evidence

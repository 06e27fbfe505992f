"""How many people a test needs, what it could see, and how long that takes.

Two-sided throughout. Effects on shares are relative unless a name says otherwise.
"""

from __future__ import annotations

import math

from scipy import optimize, stats


def _z(probability: float) -> float:
    return float(stats.norm.ppf(probability))


def n_per_variant_proportion(
    baseline: float, treatment: float, *, alpha: float = 0.05, power: float = 0.8, method: str = "pooled"
) -> float:
    """People per variant to tell two shares apart.

    Args:
        baseline: Share of control, 0..1.
        treatment: Share that should be told apart from it, 0..1.
        alpha: Two-sided false-positive rate.
        power: Chance to see the difference if it is there.
        method: "pooled" (default), "miller" (variance of control in the first root) or "arcsine".

    Returns:
        Nearest whole number as float; infinite when the shares are equal, or one of them is not a share.

    Source:
        Fleiss, Levin and Paik 2003, without continuity correction; Evan Miller's sample size calculator.

    >>> n_per_variant_proportion(0.20, 0.25), n_per_variant_proportion(0.05, 0.055)
    (1094.0, 31233.0)
    >>> n_per_variant_proportion(0.20, 0.25, method="miller"), n_per_variant_proportion(0.1, 0.11)
    (1030.0, 14751.0)
    """
    p, q = baseline, treatment
    if p == q or not 0 <= p <= 1 or not 0 <= q <= 1:
        return math.inf
    a, b = _z(1 - alpha / 2), _z(power)
    if method == "arcsine":
        distance = 2 * math.asin(math.sqrt(q)) - 2 * math.asin(math.sqrt(p))
        return float(max(2, round(2 * ((a + b) / distance) ** 2)))
    middle = p if method == "miller" else (p + q) / 2
    apart = p * (1 - p) + q * (1 - q)
    n = (a * math.sqrt(2 * middle * (1 - middle)) + b * math.sqrt(apart)) ** 2 / (q - p) ** 2
    return float(max(2, round(n)))


def n_per_variant_mean(sd: float, effect: float, *, alpha: float = 0.05, power: float = 0.8) -> float:
    """People per variant to see a difference of two means.

    Args:
        sd: Standard deviation of one person's value.
        effect: Absolute difference, same unit.
        alpha: Two-sided false-positive rate.
        power: Chance to see the difference if it is there.

    >>> n_per_variant_mean(10, 1)
    1570.0
    """
    if effect == 0 or not math.isfinite(effect) or not math.isfinite(sd):
        return math.inf
    return float(max(2, math.ceil(2 * ((_z(1 - alpha / 2) + _z(power)) * sd / effect) ** 2)))


def power_of(effect: float, se: float, *, alpha: float = 0.05) -> float:
    """Chance that a two-sided test at `alpha` sees an effect whose estimate has this standard error.

    >>> round(power_of(2.8016, 1), 3), round(power_of(0, 1), 3)
    (0.8, 0.05)
    """
    if se <= 0:
        return math.nan
    z, shift = _z(1 - alpha / 2), effect / se
    return float(stats.norm.sf(z - shift) + stats.norm.cdf(-z - shift))


def power_proportion(
    baseline: float, relative_effect: float, n_per_variant: float, *, alpha: float = 0.05
) -> float:
    """Power for a relative change of a share, the relative effect read by the delta method.

    Source:
        GrowthBook power-technical: s2 = s2/n/muA2 + s2/n muB2/muA4, with s2 = p (1 - p) of control.

    >>> round(power_proportion(0.1441, 0.2, 2195 / 2), 2)
    0.41
    """
    return power_of(relative_effect, _relative_se(baseline, relative_effect, n_per_variant), alpha=alpha)


def _relative_se(baseline: float, relative_effect: float, n_per_variant: float) -> float:
    if baseline <= 0 or n_per_variant <= 0:
        return math.inf
    variance = (1 - baseline) / baseline / n_per_variant
    return math.sqrt(variance * (1 + (1 + relative_effect) ** 2))


def smallest_effect_proportion(
    baseline: float, n_per_variant: float, *, alpha: float = 0.05, power: float = 0.8, method: str = "simple"
) -> float:
    """Smallest relative change of a share that would be seen with this power.

    Args:
        baseline: Share of control, 0..1 exclusive.
        n_per_variant: People in each variant.
        alpha: Two-sided false-positive rate.
        power: Chance to see it.
        method: "simple" (variance of control in both arms) or "relative" (delta method of the relative
            effect, larger
            when samples are small).

    Returns:
        Relative change, 0.376 for +37.6 %; infinite when no change could be seen.

    Source:
        simple: Kohavi, Tang and Xu 2020; relative: GrowthBook power-technical.

    >>> round(smallest_effect_proportion(0.1, 1000), 3)
    0.376
    >>> round(smallest_effect_proportion(0.1, 1000, method="relative"), 3)
    0.473
    """
    if not 0 < baseline < 1 or n_per_variant <= 0:
        return math.inf
    if method == "simple":
        reach = _z(1 - alpha / 2) + _z(power)
        return reach * math.sqrt(2 * (1 - baseline) / baseline / n_per_variant)

    # Power grows with the effect up to a ceiling; where the ceiling stays under the wanted power there is
    # none.
    def short_of(effect: float) -> float:
        return power_proportion(baseline, effect, n_per_variant, alpha=alpha) - power

    return float(optimize.brentq(short_of, 1e-9, 1e4)) if short_of(1e4) > 0 else math.inf  # type: ignore[arg-type]


def smallest_effect_mean(
    sd: float, n_per_variant: float, *, alpha: float = 0.05, power: float = 0.8
) -> float:
    """Smallest absolute difference of two means that would be seen with this power, in the metric's unit.

    >>> round(smallest_effect_mean(10, 1570), 2)
    1.0
    """
    if n_per_variant <= 0:
        return math.inf
    return (_z(1 - alpha / 2) + _z(power)) * sd * math.sqrt(2 / n_per_variant)


def corrected_alpha(alpha: float, variants: int) -> float:
    """Alpha for one of several comparisons with the same control (Bonferroni).

    Args:
        alpha: For all comparisons together.
        variants: Number of variants, control included.

    >>> corrected_alpha(0.05, 2), corrected_alpha(0.05, 3)
    (0.05, 0.025)
    """
    return alpha / max(1, variants - 1)


def weeks_needed(n_per_variant: float, weekly_users: float, variants: int = 2) -> float:
    """Whole weeks until every variant has its people, when each person comes once.

    >>> weeks_needed(14751, 500), weeks_needed(100, 5000)
    (60.0, 1.0)
    """
    if weekly_users <= 0 or not math.isfinite(n_per_variant):
        return math.inf
    return float(max(1, math.ceil(n_per_variant * variants / weekly_users - 1e-9)))

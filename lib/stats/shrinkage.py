"""What is left of a winner: estimates pulled towards the middle by as much as they are noise.

The best of several variants, or the tests that were shipped, look better than they are because they were
picked for
looking good. Shrinking each estimate by its noise undoes most of that.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from lib.stats.intervals import Interval, z_value

MIN_FOR_CENTRE = 6  # with fewer estimates their own mean is too shaky to shrink towards; zero is used


@dataclass(frozen=True)
class Shrunken:
    """Estimates after shrinking.

    Attributes:
        estimates: One per input, with posterior intervals.
        centre: What they were pulled towards.
        between_sd: Estimated standard deviation of the true effects.
        factors: Share of the distance to the centre that each estimate kept, 0..1.
    """

    estimates: tuple[Interval, ...]
    centre: float
    between_sd: float
    factors: tuple[float, ...]


def shrink(
    effects: Sequence[float], ses: Sequence[float], *, centre: float | None = None, confidence: float = 0.95
) -> Shrunken:
    """Empirical-Bayes (James-Stein) estimates of several effects.

    The true effects are taken as normal around `centre`, their variance by the method of moments from what
    the
    estimates vary beyond their own errors.

    Args:
        effects: Estimates, same unit.
        ses: Their standard errors, all > 0.
        centre: What to pull towards. None: the precision-weighted mean from six estimates on, else zero.
        confidence: Of the posterior intervals.

    Source:
        Efron and Morris 1975; positive-part rule.

    >>> one = shrink([0.2], [0.1]); round(one.estimates[0].value, 3), round(one.factors[0], 3)
    (0.15, 0.75)
    >>> shrink([0.05], [0.1]).estimates[0].value
    0.0
    """
    weights = [1 / se**2 for se in ses]
    given = centre is not None
    if centre is None:
        enough = len(effects) >= MIN_FOR_CENTRE
        centre = sum(w * e for w, e in zip(weights, effects, strict=True)) / sum(weights) if enough else 0.0
        given = not enough
    freedom = len(effects) if given else len(effects) - 1
    beyond = sum((e - centre) ** 2 - se**2 for e, se in zip(effects, ses, strict=True))
    between = max(0.0, beyond / max(1, freedom))
    factors = tuple(between / (between + se**2) for se in ses)
    z = z_value(confidence)
    estimates = []
    for effect, se, factor in zip(effects, ses, factors, strict=True):
        value = centre + factor * (effect - centre)
        half = z * math.sqrt(factor) * se
        estimates.append(Interval(value, value - half, value + half, 0, confidence))
    return Shrunken(tuple(estimates), centre, math.sqrt(between), factors)


def cumulative(relative_effects: Sequence[Interval]) -> Interval:
    """Several relative effects, one after the other, as one: product of (1 + effect) - 1 with its range.

    Args:
        relative_effects: Independent estimates with intervals of one confidence.

    >>> two = cumulative([Interval(0.1, 0.0, 0.2), Interval(0.1, 0.0, 0.2)])
    >>> round(two.value, 3), two.low < two.value < two.high
    (0.21, True)
    """
    if not relative_effects:
        return Interval(0.0, 0.0, 0.0)
    confidence = relative_effects[0].confidence
    z = z_value(confidence)
    centre = sum(math.log1p(max(-0.99, effect.value)) for effect in relative_effects)
    variance = sum(
        ((effect.high - effect.low) / (2 * z) / (1 + max(-0.99, effect.value))) ** 2
        for effect in relative_effects
    )
    half = z * math.sqrt(variance)
    ends = (math.expm1(centre), math.expm1(centre - half), math.expm1(centre + half))
    return Interval(*ends, len(relative_effects), confidence)

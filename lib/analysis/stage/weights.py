"""The arithmetic of the stage verdict: from a signal's value and range to weights of the three stages.

Each signal multiplies the odds of the stages by the likelihood of its band, to the power of the signal's strength.
A range that spans several bands mixes them, so a small sample says little. A signal that is missing multiplies
nothing. As from band to band the odds of scaling and of mature against pre-fit never fall, a better value with the
same precision never raises the weight of pre-fit.

Source:
    Weighted naive Bayes; total positivity of the binomial, Poisson and log-normal families under mixing (Karlin 1968).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import get_args

from scipy import stats

from lib.framework.schema import Band, CompanyStage, Signal, WeightedOption
from lib.stats.intervals import Interval, z_value

Weights = tuple[float, float, float]
STAGES: tuple[CompanyStage, ...] = get_args(CompanyStage)
EVEN: Weights = (1 / 3, 1 / 3, 1 / 3)
ANSWER_DISCOUNT = 0.6  # an answer where data could speak: founders judge their own fit kindly
_LEAST_SPREAD = 0.02  # of a logarithm; a number that is known exactly still sits near an edge by chance


def normalised(weights: Sequence[float]) -> Weights:
    """Weights that add up to one."""
    total = sum(weights)
    a, b, c = weights
    return a / total, b / total, c / total


def _below(signal: Signal, interval: Interval) -> Callable[[float], float]:
    """Chance that the true value lies below an edge, given value and precision."""
    value, n = interval.value, interval.n
    if signal.unit == "percent":
        return lambda edge: float(stats.beta.cdf(edge, n * value + 0.5, n * (1 - value) + 0.5))
    if signal.unit == "count":
        return lambda edge: float(stats.gamma.cdf(edge, value + 0.5))
    spread = _LEAST_SPREAD
    if interval.high > interval.low > 0 and math.isfinite(interval.high):
        spread = max(spread, math.log(interval.high / interval.low) / (2 * z_value(interval.confidence)))
    centre = math.log(max(value, 1e-9))
    return lambda edge: float(stats.norm.cdf((math.log(edge) - centre) / spread)) if edge > 0 else 0.0


def band_shares(signal: Signal, interval: Interval) -> list[float]:
    """How likely each band is, given the value and its range; adds up to one.

    Args:
        signal: With bands.
        interval: Value and range in the signal's unit; `n` is what a share was counted from.
    """
    below = _below(signal, interval)
    edges = [band.start for band in signal.bands[1:] if band.start is not None]
    reached = [1.0, *[below(edge) if signal.direction == "down" else 1 - below(edge) for edge in edges], 0.0]
    return [max(0.0, reached[i] - reached[i + 1]) for i in range(len(signal.bands))]


def likely_band(signal: Signal, interval: Interval) -> Band:
    """The band that the value itself falls into."""
    found = signal.bands[0]
    for band in signal.bands[1:]:
        start = band.start if band.start is not None else 0.0
        if (interval.value <= start) if signal.direction == "down" else (interval.value >= start):
            found = band
    return found


def weigh_value(signal: Signal, interval: Interval) -> Weights:
    """Likelihood of the three stages given a measured value."""
    shares = band_shares(signal, interval)
    mixed = [
        sum(share * band.weights[i] for share, band in zip(shares, signal.bands, strict=True))
        for i in range(3)
    ]
    return normalised([weight**signal.strength for weight in mixed])


def answer_strength(signal: Signal) -> float:
    """How far an answer counts: less where data could have spoken."""
    return signal.strength * (ANSWER_DISCOUNT if signal.needs else 1.0)


def weigh_step(signal: Signal, step: Band | WeightedOption, strength: float) -> Weights:
    """Likelihood of the three stages given one band or answer."""
    return normalised([weight**strength for weight in step.weights])


def combine(all_weights: Sequence[Weights]) -> Weights:
    """The product of all likelihoods on even odds."""
    logs = [sum(math.log(weights[i]) for weights in all_weights) for i in range(3)]
    top = max(logs)
    return normalised([math.exp(value - top) for value in logs])


def support(weights: Weights, stage: int) -> float:
    """How strongly one signal speaks for a stage: doublings of its odds against the average of the others."""
    others = (sum(weights) - weights[stage]) / 2
    return math.log2(weights[stage] / others)

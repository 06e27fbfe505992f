"""Rates of events over time at risk: stratified rate ratios."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from lib.stats.intervals import z_value


@dataclass(frozen=True)
class RateRatio:
    """A rate ratio, exposed over unexposed, with its interval.

    Attributes:
        value: The ratio; NaN where no stratum compares both groups.
        low: Lower end of the interval.
        high: Upper end.
        p_value: Two-sided, of no difference; NaN where the ratio is.
        events: Events in strata that hold both groups.
    """

    value: float
    low: float
    high: float
    p_value: float
    events: float


UNKNOWN = RateRatio(math.nan, math.nan, math.nan, math.nan, 0.0)


def mantel_haenszel(
    exposed_events: np.ndarray,
    exposed_time: np.ndarray,
    events: np.ndarray,
    time: np.ndarray,
    confidence: float = 0.95,
) -> RateRatio:
    """Mantel-Haenszel rate ratio over strata, with the Greenland-Robins interval.

    Args:
        exposed_events: Events of the exposed per stratum.
        exposed_time: Time at risk of the exposed per stratum, any unit.
        events: Events of everybody per stratum.
        time: Time at risk of everybody per stratum, the same unit.
        confidence: Coverage, 0..1.

    Source:
        Greenland and Robins 1985; Rothman, Greenland and Lash, Modern Epidemiology, ch. 15.

    >>> ratio = mantel_haenszel(np.array([20.0]), np.array([100.0]), np.array([30.0]), np.array([200.0]))
    >>> round(ratio.value, 2), round(ratio.low, 2), round(ratio.high, 2)
    (2.0, 0.94, 4.27)
    """
    use = time > 0
    d1, t1, d, t = exposed_events[use], exposed_time[use], events[use], time[use]
    t0 = t - t1
    return from_sums(
        float(np.sum(d1 * t0 / t)),
        float(np.sum((d - d1) * t1 / t)),
        float(np.sum(d * t1 * t0 / t**2)),
        float(np.sum(d[(t1 > 0) & (t0 > 0)])),
        confidence,
    )


def from_sums(
    numerator: float, denominator: float, variance: float, events: float, confidence: float = 0.95
) -> RateRatio:
    """The ratio from its three sums over strata (see `mantel_haenszel`), as a query can give them."""
    if numerator <= 0 or denominator <= 0 or variance <= 0:
        return UNKNOWN
    ratio = numerator / denominator
    error = math.sqrt(variance / (numerator * denominator))
    width = z_value(confidence) * error
    p_value = float(2 * stats.norm.sf(abs(math.log(ratio)) / error))
    return RateRatio(ratio, ratio * math.exp(-width), ratio * math.exp(width), p_value, events)

"""Intervals for shares and their differences."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

from scipy import stats


@dataclass(frozen=True)
class Interval:
    """An estimate and the ends of its confidence interval (same unit as the estimate)."""

    value: float
    low: float
    high: float
    n: float = 0
    confidence: float = 0.95


@lru_cache  # asked for in every interval, and scipy takes 0.1 ms
def z_value(confidence: float) -> float:
    """Two-sided standard normal quantile.

    >>> round(z_value(0.95), 4)
    1.96
    """
    return float(stats.norm.ppf(0.5 + confidence / 2))


def wilson(successes: float, n: float, confidence: float = 0.95) -> Interval:
    """Wilson score interval of a share; for n = 0 the whole range and a value of NaN.

    Args:
        successes: Number of successes, 0..n.
        n: Number of trials.
        confidence: Coverage, 0..1.

    Source:
        Wilson 1927; Newcombe 1998, method 3.

    >>> i = wilson(16, 40); round(i.low, 3), round(i.high, 3)
    (0.263, 0.554)
    """
    if n <= 0:
        return Interval(math.nan, 0.0, 1.0, 0, confidence)
    z, p = z_value(confidence), successes / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    low = 0.0 if successes == 0 else max(0.0, centre - half)
    high = 1.0 if successes == n else min(1.0, centre + half)
    return Interval(p, low, high, n, confidence)


def exact(successes: float, n: float, confidence: float = 0.95) -> Interval:
    """Clopper-Pearson interval of a share.

    Source:
        Clopper and Pearson 1934.

    >>> i = exact(2, 40); round(i.low, 4), round(i.high, 4)
    (0.0061, 0.1692)
    """
    if n <= 0:
        return Interval(math.nan, 0.0, 1.0, 0, confidence)
    tail = (1 - confidence) / 2
    low = 0.0 if successes <= 0 else float(stats.beta.ppf(tail, successes, n - successes + 1))
    high = 1.0 if successes >= n else float(stats.beta.ppf(1 - tail, successes + 1, n - successes))
    return Interval(successes / n, low, high, n, confidence)

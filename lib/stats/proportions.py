"""Two shares compared: difference, relative effect, test."""

from __future__ import annotations

import math

from scipy import stats

from lib.stats.intervals import Interval, wilson, z_value


def newcombe(x1: float, n1: float, x2: float, n2: float, confidence: float = 0.95) -> Interval:
    """Interval of the difference share 2 - share 1, from the two Wilson intervals.

    Args:
        x1: Successes of control.
        n1: People of control.
        x2: Successes of treatment.
        n2: People of treatment.
        confidence: Coverage, 0..1.

    Source:
        Newcombe 1998, method 10.

    >>> i = newcombe(48, 80, 56, 70); round(i.low, 4), round(i.high, 4)
    (0.0524, 0.3339)
    """
    a, b = wilson(x1, n1, confidence), wilson(x2, n2, confidence)
    if n1 <= 0 or n2 <= 0:
        return Interval(math.nan, -1.0, 1.0, n1 + n2, confidence)
    difference = b.value - a.value
    low = difference - math.hypot(b.value - b.low, a.high - a.value)
    high = difference + math.hypot(b.high - b.value, a.value - a.low)
    return Interval(difference, low, high, n1 + n2, confidence)


def standard_error(x1: float, n1: float, x2: float, n2: float) -> float:
    """Standard error of the difference of two shares, unpooled."""
    p1, p2 = x1 / n1, x2 / n2
    return math.sqrt(p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2)


def z_test(x1: float, n1: float, x2: float, n2: float) -> float:
    """Two-sided p-value of "both shares are equal", pooled z-test without continuity correction.

    >>> round(z_test(20034, 44700, 20119, 45489), 4)
    0.0744
    """
    if n1 <= 0 or n2 <= 0:
        return math.nan
    pooled = (x1 + x2) / (n1 + n2)
    se = math.sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2))
    if se == 0:
        return 1.0
    return float(2 * stats.norm.sf(abs(x2 / n2 - x1 / n1) / se))


def relative(x1: float, n1: float, x2: float, n2: float, confidence: float = 0.95) -> Interval:
    """Interval of share 2 / share 1 - 1, delta method on the log scale.

    Returns:
        NaN and infinite ends when either group has no success.

    Source:
        Katz et al. 1978.

    >>> i = relative(48, 80, 56, 70); round(i.value, 3), round(i.low, 3), round(i.high, 3)
    (0.333, 0.077, 0.651)
    """
    if min(x1, x2, n1, n2) <= 0:
        return Interval(math.nan, -1.0, math.inf, n1 + n2, confidence)
    ratio = (x2 / n2) / (x1 / n1)
    half = z_value(confidence) * math.sqrt(max(0.0, 1 / x1 - 1 / n1 + 1 / x2 - 1 / n2))
    return Interval(ratio - 1, ratio * math.exp(-half) - 1, ratio * math.exp(half) - 1, n1 + n2, confidence)

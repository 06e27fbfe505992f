"""Intervals that stay valid however often one looks.

A fixed interval keeps its promise for one look at a date set beforehand. A confidence sequence keeps it
for all looks
together, so that a test may be watched daily and stopped when it is clear; the price is a wider interval.
"""

from __future__ import annotations

import math

from lib.stats.intervals import Interval

DEFAULT_PLAN = 5000.0  # people in all variants together, when nothing else was planned


def tuning(planned_total: float, alpha: float = 0.05) -> float:
    """The mixture's scale that makes the sequence tightest at the planned total.

    Args:
        planned_total: People in both variants when the reading was planned; fixed before the start.
        alpha: 1 - coverage.

    Source:
        Waudby-Smith et al. 2021 (arXiv 2103.06476), appendix; as GrowthBook's sequential testing.
    """
    logs = -2 * math.log(alpha)
    return math.sqrt((logs + math.log(logs + 1)) / max(1.0, planned_total))


def width_factor(n: float, planned_total: float = DEFAULT_PLAN, alpha: float = 0.05) -> float:
    """Half-width of the always-valid interval in standard errors of the estimate.

    >>> from lib.stats.intervals import z_value
    >>> [round(width_factor(n) / z_value(0.95), 2) for n in (500, 5000, 100000)]
    [1.97, 1.55, 1.7]
    """
    if n <= 0:
        return math.inf
    spread = n * tuning(planned_total, alpha) ** 2
    return math.sqrt(2 * (spread + 1) / spread * math.log(math.sqrt(spread + 1) / alpha))


def always_valid(
    value: float, se: float, n: float, *, planned_total: float = DEFAULT_PLAN, alpha: float = 0.05
) -> Interval:
    """Always-valid interval of an estimate.

    Args:
        value: The estimate.
        se: Its standard error now.
        n: People in both variants now.
        planned_total: People in both variants as planned before the start.
        alpha: 1 - coverage over all looks together.

    Source:
        Asymptotic confidence sequence, Waudby-Smith et al. 2021, theorem 2.2.
    """
    half = width_factor(n, planned_total, alpha) * se
    return Interval(value, value - half, value + half, n, 1 - alpha)


def p_value(
    value: float, se: float, n: float, *, planned_total: float = DEFAULT_PLAN, alpha: float = 0.05
) -> float:
    """Always-valid p-value: the smallest level whose interval, tuned for `alpha`, leaves out zero.

    >>> round(p_value(width_factor(5000), 1, 5000), 4)
    0.05
    """
    if se <= 0 or n <= 0 or not math.isfinite(value):
        return 1.0
    spread = n * tuning(planned_total, alpha) ** 2
    log_p = 0.5 * math.log(spread + 1) - (value / se) ** 2 / 2 * spread / (spread + 1)
    return min(1.0, math.exp(log_p))

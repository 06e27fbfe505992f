"""Trends of series over time, with intervals that admit autocorrelation."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from lib.stats.intervals import Interval
from lib.stats.prewhitening import fill


@dataclass(frozen=True)
class Trend:
    """A straight line through a series.

    Attributes:
        slope: Change per period, with an interval that allows for autocorrelation.
        level: Mean of the series, same unit as its values.
        p_value: Of no slope; NaN with fewer than eight values.
        n: Values used.
    """

    slope: Interval
    level: float
    p_value: float
    n: int


def hac_slope_error(y: np.ndarray, bandwidth: int) -> tuple[float, float]:
    """Slope per period of a line through `y`, and its Newey-West standard error (Bartlett weights).

    Args:
        y: float[n].
        bandwidth: Longest lag that may be correlated.

    Source:
        Newey and West 1987, with the small-sample factor n / (n - 2).
    """
    n = len(y)
    design = np.column_stack([np.ones(n), np.arange(n, dtype=float)])
    inverse = np.linalg.inv(design.T @ design)
    beta = inverse @ design.T @ y
    scores = design * (y - design @ beta)[:, None]
    meat = scores.T @ scores
    for lag in range(1, bandwidth + 1):
        cross = scores[lag:].T @ scores[:-lag]
        meat += (1 - lag / (bandwidth + 1)) * (cross + cross.T)
    covariance = inverse @ meat @ inverse * n / (n - 2)
    return float(beta[1]), math.sqrt(max(float(covariance[1, 1]), 0.0))


def fixed_b_quantile(share: float) -> float:
    """Critical value (97.5 %) of a t-ratio whose error uses Bartlett weights over a share `b` of the sample.

    Source:
        Kiefer and Vogelsang 2005, table 1.

    >>> fixed_b_quantile(0), round(fixed_b_quantile(0.1), 3)
    (1.96, 2.261)
    """
    return 1.96 + 2.9694 * share + 0.416 * share**2 - 0.5324 * share**3


def memory_slope_error(y: np.ndarray) -> tuple[float, float]:
    """Standard error of a line's slope when each residual remembers the one before, and degrees of freedom for it.

    The memory (lag-one autocorrelation) is corrected for its bias in short series and held under 0.9.

    Args:
        y: float[n].

    Source:
        Kendall 1954 for the bias; Bartlett's variance factor (1 + rho) / (1 - rho).
    """
    n = len(y)
    at = np.arange(n) - (n - 1) / 2
    slope = float(at @ y / (at @ at))
    residual = y - y.mean() - slope * at
    whole = float(residual @ residual)
    rho = float(residual[1:] @ residual[:-1]) / whole if whole > 0 else 0.0
    rho = min(0.9, max(0.0, rho + (1 + 4 * rho) / n + 2 / n))
    factor = (1 + rho) / (1 - rho)
    return math.sqrt(whole / (n - 2) / float(at @ at) * factor), max(3.0, n / factor - 2)


def trend(values: np.ndarray) -> Trend:
    """A line through a series, its 95 % interval robust to autocorrelation.

    The wider of two honest answers: Newey-West with bandwidth 1.3 sqrt(n) and fixed-b critical values (Lazarus, Lewis,
    Stock and Watson 2018), which admits any form of memory, and a first-order memory corrected for short series.

    Args:
        values: float[n], oldest first, NaN where missing.
    """
    known = values[~np.isnan(values)]
    n = len(known)
    level = float(known.mean()) if n else math.nan
    if n < 8:
        return Trend(Interval(math.nan, -math.inf, math.inf, n), level, math.nan, n)
    y = fill(values[:, None])[:, 0]
    bandwidth = min(n - 3, math.ceil(1.3 * math.sqrt(n)))
    slope, error = hac_slope_error(y, bandwidth)
    plain, freedom = memory_slope_error(y)
    if plain <= 1e-12 * max(abs(slope), 1e-300):
        return Trend(Interval(slope, slope, slope, n), level, 0.0 if slope else 1.0, n)
    half = max(error * fixed_b_quantile(bandwidth / n), plain * float(stats.t.ppf(0.975, freedom)))
    # The p-value is read on the scale on which the half width is the normal's, so that both always agree.
    p = 2 * float(stats.norm.sf(abs(slope) * 1.959964 / half))
    return Trend(Interval(slope, slope - half, slope + half, n), level, p, n)

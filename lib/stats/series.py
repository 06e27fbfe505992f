"""Statistics of series over time: innovations, correlations at many lags at once, trends that admit autocorrelation."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from lib.stats.intervals import Interval

MAX_ORDER = 4  # longest autoregression taken out of a weekly series
WEEKS_OF_YEAR = 52.1775
HALF_WAVE = 13  # weeks; a wave of twice this length or more is trend or season
SHOCK_SPAN = 9  # weeks whose median is the usual level
OUTLIER = 4.0  # robust standard deviations beyond which a single week is cut back


def fill(matrix: np.ndarray) -> np.ndarray:
    """Missing values (NaN) of each column by linear interpolation, ends held; an empty column becomes zeros.

    Args:
        matrix: float[periods, series].
    """
    out = np.array(matrix, float)
    at = np.arange(len(out))
    for column in np.flatnonzero(np.isnan(out).any(axis=0)):
        known = ~np.isnan(out[:, column])
        out[:, column] = np.interp(at, at[known], out[known, column]) if known.any() else 0.0
    return out


def slow_parts(n: int) -> np.ndarray:
    """What is trend, season or calendar in a weekly series, as columns to be regressed out; float[n, parts].

    A parabola, every wave of half a year and longer (whatever its shape, a yearly season is among them) and, from
    two years on, the waves of a quarter, half a quarter and a month: closing dates and billing days move unrelated metrics
    together.

    Args:
        n: Weeks.
    """
    at = np.arange(n)
    along = 2 * at / max(n - 1, 1) - 1
    parts = [np.ones(n), along, along**2]
    parts += [np.cos(math.pi * wave * (at + 0.5) / n) for wave in range(1, n // HALF_WAVE + 1)]
    if n >= 104:
        for period in (WEEKS_OF_YEAR / 4, WEEKS_OF_YEAR / 8, WEEKS_OF_YEAR / 12):
            parts += [np.sin(2 * np.pi * at / period), np.cos(2 * np.pi * at / period)]
    return np.column_stack(parts)


def detrend(matrix: np.ndarray) -> np.ndarray:
    """Take the slow parts out of each column.

    Single weeks far off their neighbours are cut back first: one of them would bend the whole curve.

    Args:
        matrix: float[periods, series] without missing values.
    """
    basis, _ = np.linalg.qr(slow_parts(len(matrix)))
    usual, off, limit = _surroundings(matrix)
    tamed = usual + np.where(limit > 0, np.clip(off, -limit, limit), off)
    return tamed - basis @ (basis.T @ tamed)


def _surroundings(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Each value's usual level (running median), its distance from it, and what distance counts as far."""
    half = SHOCK_SPAN // 2
    padded = np.pad(matrix, ((half, half), (0, 0)), mode="reflect")
    usual = np.median(np.lib.stride_tricks.sliding_window_view(padded, SHOCK_SPAN, axis=0), axis=2)
    off = matrix - usual
    return usual, off, OUTLIER * 1.4826 * np.median(np.abs(off), axis=0)


def common_shocks(matrix: np.ndarray) -> np.ndarray:
    """Weeks in which much of a company leaves its usual range at once: holidays, outages, a changed count; bool[n].

    Such a week shows that something happened to everybody, not that one metric leads another.

    Args:
        matrix: float[periods, series], NaN where nothing was measured.
    """
    n, count = matrix.shape
    if count < 2 or n <= SHOCK_SPAN:
        return np.zeros(n, bool)
    _, off, limit = _surroundings(fill(matrix))
    far = (np.abs(off) > limit) & (limit > 0) & ~np.isnan(matrix)
    return far.sum(axis=1) >= max(2, math.ceil(count / 4))


def past_of(matrix: np.ndarray) -> np.ndarray:
    """Each value's `MAX_ORDER` predecessors; float[periods - MAX_ORDER, series, MAX_ORDER]."""
    n = len(matrix)
    return np.stack([matrix[MAX_ORDER - k : n - k] for k in range(1, MAX_ORDER + 1)], axis=2)


@dataclass(frozen=True, eq=False)
class Whitened:
    """Series reduced to what their trend, season and own past do not explain.

    Attributes:
        flat: float[periods, series], without trend and season, scaled to standard deviation 1, gaps filled.
        scores: float[periods, series], innovations as normal scores; NaN where missing and in the first periods.
        weights: float[series, MAX_ORDER], each series' autoregression.
        known: bool[periods, series], where something was measured; all False for a constant series.
    """

    flat: np.ndarray
    scores: np.ndarray
    weights: np.ndarray
    known: np.ndarray


def whiten(matrix: np.ndarray) -> Whitened:
    """Take out of each series what its trend, season and past explain.

    Two series that merely both rise, or both remember their past, look related at every lag; their innovations do
    not. Scores by rank keep one strange week from making a relation.

    Args:
        matrix: float[periods, series], NaN where nothing was measured.

    Source:
        Haugh 1976; order by BIC; van der Waerden scores.
    """
    n, count = matrix.shape
    known = ~np.isnan(matrix)
    if n <= 3 * MAX_ORDER or count == 0:
        nothing = np.full(matrix.shape, np.nan)
        return Whitened(nothing, nothing, np.zeros((count, MAX_ORDER)), np.zeros(matrix.shape, bool))
    filled = fill(matrix)
    flat = detrend(filled)
    scale = flat.std(axis=0)
    moving = scale > 1e-9 * (np.abs(filled.mean(axis=0)) + 1e-12)
    flat = flat / np.where(moving, scale, 1)
    past, target = past_of(flat), flat[MAX_ORDER:]
    weights = np.zeros((MAX_ORDER + 1, count, MAX_ORDER))
    gram, moment = np.einsum("tsi,tsj->sij", past, past), np.einsum("tsi,ts->si", past, target)
    for order in range(1, MAX_ORDER + 1):
        part = gram[:, :order, :order] + 1e-9 * np.eye(order)
        weights[order, :, :order] = np.linalg.solve(part, moment[:, :order, None])[..., 0]
    residuals = target - np.einsum("tsi,osi->ots", past, weights)
    bic = (n - MAX_ORDER) * np.log((residuals**2).mean(axis=1) + 1e-12)
    best = (bic + np.arange(MAX_ORDER + 1)[:, None] * math.log(n - MAX_ORDER)).argmin(axis=0)
    innovations = np.full((n, count), np.nan)
    innovations[MAX_ORDER:] = residuals[best, :, np.arange(count)].T
    known &= moving
    innovations[~known] = np.nan
    return Whitened(flat, normal_scores(innovations), weights[best, np.arange(count)], known)


def normal_scores(matrix: np.ndarray) -> np.ndarray:
    """Each column's values replaced by the normal quantiles of their ranks (ties share); NaN stays.

    >>> normal_scores(np.array([[3.0], [1.0], [2.0]])).round(2).ravel().tolist()
    [0.67, -0.67, 0.0]
    """
    known = ~np.isnan(matrix)
    ranks = stats.rankdata(np.where(known, matrix, np.inf), axis=0)
    scores = stats.norm.ppf(ranks / (known.sum(axis=0) + 1), loc=0, scale=1)
    return np.where(known, scores, np.nan)


@dataclass(frozen=True, eq=False)
class Lagged:
    """Correlations at every lag.

    Attributes:
        r: float[lags, leaders, followers]; r[k] sets a leader's value k periods before a follower's.
        n: Pairs of values behind each, same shape.
        p: Two-sided p-value of each, same shape; NaN with fewer than ten pairs.
    """

    r: np.ndarray
    n: np.ndarray
    p: np.ndarray


def lagged(leaders: Whitened, followers: Whitened, max_lag: int) -> Lagged:
    """Correlate every leader with every follower at lags 0..max_lag.

    Leader and follower go through the same filter, the one that whitens the follower (a regression with
    autocorrelated errors): a follower that inherits a leader's move keeps it at one lag instead of smearing it.
    Pairs count less where both still remember their past (Bartlett).

    Args:
        leaders: Whitened series that may lead.
        followers: Whitened series that may follow, same periods.
        max_lag: Longest lag in periods.

    Source:
        Cochrane and Orcutt 1949; Bartlett 1935 for the effective number of pairs.
    """
    lags, a, b = max_lag + 1, leaders.flat.shape[1], followers.flat.shape[1]
    r, n, effective = np.zeros((lags, a, b)), np.zeros((lags, a, b)), np.zeros((lags, a, b))
    if len(leaders.flat) <= MAX_ORDER + max_lag or not a or not b:
        return Lagged(r, n, np.full(r.shape, np.nan))
    past, target = past_of(leaders.flat), leaders.flat[MAX_ORDER:]
    seen = leaders.known[MAX_ORDER:].astype(float)
    shifts = [_shifted(followers.scores[MAX_ORDER:], lag) for lag in range(lags)]
    for j in range(b):
        x = standard(target - past @ followers.weights[j], seen)
        y = np.column_stack([shift[:, j] for shift in shifts])
        known = (~np.isnan(y)).astype(float)
        y = np.nan_to_num(y)
        pairs = seen.T @ known
        scale = np.sqrt(((x * x).T @ known) * (seen.T @ (y * y)))
        r[:, :, j] = (x.T @ y / np.where(scale > 0, scale, np.inf)).T
        n[:, :, j] = pairs.T
        memory = 1 + 2 * _memory(x) @ _memory(y[:, :1])[0]
        effective[:, :, j] = pairs.T / np.maximum(1.0, memory)
    r = np.clip(r, -1, 1)
    return Lagged(r, n, correlation_p(r, effective - 2 * MAX_ORDER))


def standard(x: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Columns with mean 0 and deviation 1 over what was seen, cut at 3.5; zero elsewhere."""
    count = np.maximum(seen.sum(axis=0), 1)
    x = x - (x * seen).sum(axis=0) / count
    spread = np.sqrt((x * x * seen).sum(axis=0) / count) + 1e-12
    return np.clip(x / spread, -3.5, 3.5) * seen


def _shifted(scores: np.ndarray, lag: int) -> np.ndarray:
    """Each value moved `lag` periods earlier, so that it stands beside the leader's."""
    out = np.full(scores.shape, np.nan)
    out[: len(scores) - lag] = scores[lag:]
    return out


def _memory(x: np.ndarray, lags: int = 6) -> np.ndarray:
    """Autocorrelations of each column at lags 1..lags; float[series, lags]."""
    whole = (x * x).sum(axis=0) + 1e-12
    return np.column_stack([(x[k:] * x[:-k]).sum(axis=0) / whole for k in range(1, lags + 1)])


def together(series: Whitened) -> tuple[np.ndarray, np.ndarray]:
    """Correlation of all innovations in the same period, and the number of pairs; float[series, series] each."""
    scores = np.nan_to_num(series.scores)
    known = (~np.isnan(series.scores)).astype(float)
    squares = (scores**2).T @ known
    scale = np.sqrt(squares * squares.T)
    return np.clip(scores.T @ scores / np.where(scale > 0, scale, np.inf), -1, 1), known.T @ known


def correlation_p(r: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Two-sided p-value of correlations by Student's t; NaN under ten values.

    Args:
        r: Correlations -1..1.
        n: Effective number of pairs, same shape.

    >>> round(float(correlation_p(np.array(0.5), np.array(20.0))), 4)
    0.0248
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        t = np.abs(r) * np.sqrt(np.maximum(n - 2, 0) / np.maximum(1 - r**2, 1e-15))
        return np.where(n >= 10, 2 * stats.t.sf(t, np.maximum(n - 2, 1)), np.nan)


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

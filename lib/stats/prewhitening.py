"""Series over time reduced to what their trend, season and own past do not explain."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import special, stats

MAX_ORDER = 4  # longest autoregression taken out of a weekly series
WEEKS_OF_YEAR = 52.1775
HALF_WAVE = 13  # weeks; a wave of twice this length or more is trend or season
SHOCK_SPAN = 9  # weeks whose median is the usual level
OUTLIER = 4.0  # robust standard deviations beyond which a single week is cut back
ALWAYS = 3  # level, line and bend are taken out of every series
WORTH = 2.0  # times the noise that a wave has to explain to be taken out (Akaike)


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


def detrend(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Take the slow parts out of each column, where they are there.

    Single weeks far off their neighbours are cut back first: one of them would bend the whole curve. The line and its
    bend always go; a wave goes when it explains more than noise would (Akaike), because every wave taken out of a
    series that has none costs a relation a week of evidence.

    Args:
        matrix: float[periods, series] without missing values.

    Returns:
        The series without their slow parts, and how many of these each one had.
    """
    basis, _ = np.linalg.qr(slow_parts(len(matrix)))
    usual, off, limit = _surroundings(matrix)
    tamed = usual + np.where(limit > 0, np.clip(off, -limit, limit), off)
    shares = basis.T @ tamed
    noise = ((tamed - basis @ shares) ** 2).sum(axis=0) / max(len(matrix) - basis.shape[1], 1)
    keep = shares**2 > WORTH * noise
    keep[:ALWAYS] = True
    return tamed - basis @ (shares * keep), keep.sum(axis=0).astype(float)


def _surroundings(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Each value's usual level (running median), its distance from it, and what distance counts as far."""
    half = SHOCK_SPAN // 2
    padded = np.pad(matrix, ((half, half), (0, 0)), mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, SHOCK_SPAN, axis=0)
    usual = np.partition(windows, half, axis=2)[..., half]  # of an odd number of values: their median
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
        parts: float[series], columns of trend and season that were taken out of each.
    """

    flat: np.ndarray
    scores: np.ndarray
    weights: np.ndarray
    known: np.ndarray
    parts: np.ndarray


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
        return Whitened(
            nothing, nothing, np.zeros((count, MAX_ORDER)), np.zeros(matrix.shape, bool), np.zeros(count)
        )
    filled = fill(matrix)
    flat, parts = detrend(filled)
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
    return Whitened(flat, normal_scores(innovations), weights[best, np.arange(count)], known, parts)


def normal_scores(matrix: np.ndarray) -> np.ndarray:
    """Each column's values replaced by the normal quantiles of their ranks (ties share); NaN stays.

    >>> normal_scores(np.array([[3.0], [1.0], [2.0]])).round(2).ravel().tolist()
    [0.67, -0.67, 0.0]
    """
    known = ~np.isnan(matrix)
    ranks = stats.rankdata(np.where(known, matrix, np.inf), axis=0)
    scores = special.ndtri(ranks / (known.sum(axis=0) + 1))
    return np.where(known, scores, np.nan)

"""Correlations of whitened series at many lags at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import special

from lib.stats.prewhitening import ALWAYS, MAX_ORDER, Whitened, past_of, slow_parts

MEMORY = 6  # lags at which what two series remember is compared
USUAL = 0.4  # of the waves may go from a series that does not wander
WANDERING = 4.0  # weeks of evidence that each wave beyond costs, where both series have it


@dataclass(frozen=True, eq=False)
class Lagged:
    """Correlations at every lag.

    Attributes:
        r: float[lags, leaders, followers]; r[k] sets a leader's value k periods before a follower's.
        n: Pairs of values behind each, same shape.
        effective: Pairs that count: fewer where both remember their past, or lost waves to trend and season.
    """

    r: np.ndarray
    n: np.ndarray
    effective: np.ndarray

    @cached_property
    def p(self) -> np.ndarray:
        """Two-sided p-value of each, same shape; NaN with fewer than ten effective pairs."""
        return correlation_p(self.r, self.effective)


def lagged(leaders: Whitened, followers: Whitened, max_lag: int) -> Lagged:
    """Correlate every leader with every follower at lags 0..max_lag.

    Leader and follower go through the same filter, the one that whitens the follower (a regression with
    autocorrelated errors): a follower that inherits a leader's move keeps it at one lag instead of smearing it.
    Pairs count less where both still remember their past (Bartlett), and by the share of the weeks that trend and
    season took.

    The filter is linear, so the filtered leaders are never made: their sums are sums of products of the leaders, each
    moved by up to `MAX_ORDER` periods, weighted by the follower's filter. All pairs come from a few matrix products.

    Args:
        leaders: Whitened series that may lead.
        followers: Whitened series that may follow, same periods.
        max_lag: Longest lag in periods.

    Source:
        Cochrane and Orcutt 1949; Bartlett 1935 for the effective number of pairs.
    """
    lags, a, b = max_lag + 1, leaders.flat.shape[1], followers.flat.shape[1]
    r, n = np.zeros((lags, a, b)), np.zeros((lags, a, b))
    if len(leaders.flat) <= MAX_ORDER + max_lag or not a or not b:
        return Lagged(r, n, np.full(r.shape, np.nan))
    seen = leaders.known[MAX_ORDER:].astype(float)
    moved = _moved(leaders, seen)
    filters = np.column_stack([np.ones(b), -followers.weights])
    pairs_of_weights = (filters[:, :, None] * filters[:, None, :]).reshape(b, -1)
    flat, products = _products(moved)
    scores = followers.scores[MAX_ORDER:]
    known, y = ~np.isnan(scores), np.nan_to_num(scores)
    for lag in range(lags):
        front = len(y) - lag
        own = _quadratic(products[:front], known[lag:], pairs_of_weights, a)
        both = np.einsum("ikj,jk->ij", (flat[:front].T @ y[lag:]).reshape(a, -1, b), filters)
        scale = np.sqrt(np.maximum(own * (seen[:front].T @ (y[lag:] ** 2)), 0))
        r[lag] = both / np.where(scale > 0, scale, np.inf)
        n[lag] = seen[:front].T @ known[lag:].astype(float)
    left = 1 - _taken(leaders, followers) / len(leaders.flat)
    memory = 1 + 2 * _shared_memory(moved, pairs_of_weights, y)
    return Lagged(np.clip(r, -1, 1), n, n * left / np.maximum(1.0, memory) + 1)


def _taken(leaders: Whitened, followers: Whitened) -> np.ndarray:
    """Weeks' worth of evidence that trend and season took from each pair; float[leaders, followers].

    The mean of both, and where both wander (most waves had to go from either) much more: what wandering is left in two
    such series still makes them look related, in a way no short memory tells.
    """
    most = slow_parts(len(leaders.flat)).shape[1] - ALWAYS
    one, two = leaders.parts[:, None], followers.parts
    both_wander = np.maximum(0, np.minimum(one, two) - ALWAYS - USUAL * most)
    return (one + two) / 2 + WANDERING * both_wander


def _moved(leaders: Whitened, seen: np.ndarray) -> np.ndarray:
    """Each leader and its `MAX_ORDER` predecessors, centred over what was seen, zero elsewhere; float[t, leaders, 5]."""
    parts = np.concatenate([leaders.flat[MAX_ORDER:, :, None], past_of(leaders.flat)], axis=2)
    mean = (parts * seen[:, :, None]).sum(axis=0) / np.maximum(seen.sum(axis=0), 1)[:, None]
    return (parts - mean) * seen[:, :, None]


def _products(moved: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The moved leaders side by side, and the products of each leader's moves by period."""
    count = len(moved)
    squares = np.einsum("tik,til->tikl", moved, moved)
    return moved.reshape(count, -1), squares.reshape(count, -1)


def _quadratic(products: np.ndarray, known: np.ndarray, weights: np.ndarray, leaders: int) -> np.ndarray:
    """Sum of squares of every filtered leader over the periods in which a follower is known; float[leaders, followers]."""
    if known.all():
        return products.sum(axis=0).reshape(leaders, -1) @ weights.T
    sums = (known.T.astype(float) @ products).reshape(known.shape[1], leaders, -1)
    return np.einsum("jik,jk->ij", sums, weights)


def _shared_memory(moved: np.ndarray, weights: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Sum over six lags of both autocorrelations, of filtered leader and follower; float[leaders, followers]."""
    series = np.moveaxis(moved, 0, 2)

    def at(lag: int) -> np.ndarray:
        front, back = series[:, :, lag:], series[:, :, : series.shape[2] - lag]
        return np.matmul(front, back.transpose(0, 2, 1)).reshape(len(series), -1) @ weights.T

    whole, own = at(0) + 1e-12, (y * y).sum(axis=0) + 1e-12
    return sum(
        (at(k) / whole * ((y[k:] * y[:-k]).sum(axis=0) / own) for k in range(1, MEMORY + 1)),
        np.zeros(whole.shape),
    )


def standard(x: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Columns with mean 0 and deviation 1 over what was seen, cut at 3.5; zero elsewhere."""
    count = np.maximum(seen.sum(axis=0), 1)
    x = x - (x * seen).sum(axis=0) / count
    spread = np.sqrt((x * x * seen).sum(axis=0) / count) + 1e-12
    return np.clip(x / spread, -3.5, 3.5) * seen


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
    df = np.maximum(n - 2, 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        t = np.abs(r) * np.sqrt(np.maximum(n - 2, 0) / np.maximum(1 - r**2, 1e-15))
        return np.where(n >= 10, 2 * special.stdtr(df, -t), np.nan)

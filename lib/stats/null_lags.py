"""Telling a relation from its imitations: what one pair of series does where no relation can be."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from lib.stats.lag_correlation import standard
from lib.stats.prewhitening import HALF_WAVE, MAX_ORDER, WEEKS_OF_YEAR, Whitened, past_of

FAR_PAIRS = 20  # fewer pairs at a far lag say nothing
PRIOR = 100  # far lags of one's own that weigh as much as those of the same series with others
PARTNERS = 12  # other series that each of the two is set against


@dataclass(frozen=True)
class Background:
    """What one pair's correlation has to stand out from.

    Attributes:
        yearly: Largest r sqrt(pairs), with the sign of the relation, a whole number of years away from it.
        quarterly: Mean of the same whole quarters away, in its standard errors.
        spread: Mean square of r sqrt(pairs) at lags where no relation can be; about 1 where all is as it should be.
            A short series has few such lags, so those of either series with others count too.
        highest: Largest absolute r sqrt(pairs) of the pair itself there.
        r: Correlation at the lag of interest without the quarter that supports it most.
        n: Pairs behind that.
    """

    yearly: float
    quarterly: float
    spread: float
    highest: float
    r: float
    n: float


def background(
    leaders: Whitened, followers: Whitened, pair: tuple[int, int], lag: int, max_lag: int
) -> Background:
    """Two ways in which unrelated series betray themselves, for one pair and lag.

    A shared calendar, averages that overlap or wandering that no short filter takes out relate two series at far lags as
    well, where nothing can be. And two steps, or two strange months, that happen to follow one another make one
    quarter of the data relate and not the rest.

    Args:
        leaders: Whitened series that may lead.
        followers: Whitened series that may follow, same periods.
        pair: Which leader, which follower.
        lag: The lag of interest.
        max_lag: Longest lag of interest; far is more than two beyond, on either side.
    """
    i, j = pair
    x, at, y, known, z, pairs = _across(leaders, followers, i, j)
    n = len(x)
    lags, enough = np.arange(1 - n, n), pairs >= FAR_PAIRS
    far = z[_is_far(lags, max_lag) & enough]
    signed, away = z * np.sign(z[n - 1 + lag]), np.abs(lags - lag)
    annual = signed[_near(away, WEEKS_OF_YEAR, 1.5) & enough]
    quarters = signed[_near(away, WEEKS_OF_YEAR / 4, 0.5) & (np.abs(lags) > max_lag) & enough]
    front, back, both = x[: n - lag], y[lag:], at[: n - lag] * known[lag:]
    sums = np.stack([front * back * both, front**2 * both, back**2 * both, both])
    block = np.stack([np.convolve(row, np.ones(HALF_WAVE), "valid") for row in sums])
    rest = sums.sum(axis=1)[:, None] - block
    r = rest[0] / np.sqrt(np.maximum(rest[1] * rest[2], 1e-12))
    weakest = int((r * np.sign(sums[0].sum())).argmin())
    return Background(
        float(annual.max()) if len(annual) else 0.0,
        float(quarters.mean()) * math.sqrt(len(quarters)) if len(quarters) else 0.0,
        _spread(leaders, followers, pair, far, max_lag),
        float(np.abs(far).max()) if len(far) else 0.0,
        float(r[weakest]),
        float(rest[3, weakest]),
    )


def _across(leaders: Whitened, followers: Whitened, i: int, j: int) -> tuple[np.ndarray, ...]:
    """Filtered leader, where it was seen, follower, where it is known; r sqrt(pairs) and pairs at every lag."""
    at = leaders.known[MAX_ORDER:, [i]].astype(float)
    flat = leaders.flat[:, [i]]
    x = standard(flat[MAX_ORDER:] - past_of(flat) @ followers.weights[j], at)[:, 0]
    y = followers.scores[MAX_ORDER:, j]
    known, seen = (~np.isnan(y)).astype(float), at[:, 0]
    y = np.nan_to_num(y)

    def across(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return np.correlate(a, b, "full")  # index n - 1 + lag sets a[t + lag] beside b[t]

    pairs = across(known, seen)
    scale = np.sqrt(np.maximum(across(known, x * x) * across(y * y, seen), 0))
    z = across(y, x) / np.where(scale > 0, scale, np.inf) * np.sqrt(pairs)
    return x, seen, y, known, z, pairs


def _is_far(lags: np.ndarray, max_lag: int) -> np.ndarray:
    return np.abs(lags) > max_lag + 2


def _spread(
    leaders: Whitened, followers: Whitened, pair: tuple[int, int], own: np.ndarray, max_lag: int
) -> float:
    """Mean square at far lags: the pair's own, steadied by those of its two series with others."""
    i, j = pair
    others = [(i, k) for k in _some(followers.flat.shape[1], j)]
    others += [(k, j) for k in _some(leaders.flat.shape[1], i)]
    total, count = 0.0, 0
    for a, b in others:
        *_, z, pairs = _across(leaders, followers, a, b)
        far = z[_is_far(np.arange(len(z)) - len(z) // 2, max_lag) & (pairs >= FAR_PAIRS)]
        total, count = total + float((far * far).sum()), count + len(far)
    usual = total / count if count else 1.0
    return (float((own * own).sum()) + PRIOR * usual) / (len(own) + PRIOR)


def _some(count: int, but: int) -> list[int]:
    """At most `PARTNERS` numbers below `count`, evenly spread, without one."""
    rest = [k for k in range(count) if k != but]
    step = max(1, math.ceil(len(rest) / PARTNERS))
    return rest[::step]


def _near(away: np.ndarray, period: float, within: float) -> np.ndarray:
    """Which distances are whole multiples of a period, at least one, to within so many weeks."""
    times = np.round(away / period)
    return (times >= 1) & (np.abs(away - times * period) <= within)

"""What moves before what: every process metric against every outcome metric at lags of 0 to 8 weeks.

Both series lose trend and season and pass the filter that takes the outcome's own past out of it; only then are they
correlated, and all pairs and lags together are held to a 5 % chance of even one false relation (Holm). What passes has
to stand out from the same pair at lags where nothing can be, and has to hold without the quarter that supports it most:
a shared calendar, two steps that happened to follow one another and averages that overlap fail there. A relation found
is correlational: the order in time is evidence, not proof.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from lib.analysis.metrics.series import MetricSeries, matrix, smooth_zeros
from lib.stats.adjust_many import holm_array
from lib.stats.lag_correlation import Lagged, correlation_p, lagged
from lib.stats.null_lags import Background, background
from lib.stats.prewhitening import common_shocks, whiten

MAX_LAG = 8
ALPHA = 0.05
CALENDAR = 3.0  # deviations at whole years' or quarters' distance from which a relation is the calendar's
REST = 0.04  # how much less certain a relation may be without the quarter that supports it most
SMOOTH = 1.4  # mean square at far lags from which a series is taken to be an average over weeks
MOST = 5000  # pairs that are listed, the most certain ones: more only costs time
MIN_WEEKS = 30  # fewer give no lag a chance to pass the correction


class Link(NamedTuple):
    """One process metric and one outcome metric at the lag that speaks loudest.

    Attributes:
        process: Series id of the one that moves first.
        outcome: Series id of the one that follows.
        lag_weeks: Weeks in between; 0 is the same week.
        r: Correlation of innovations, -1..1.
        p_value: Of this lag alone.
        p_adjusted: Over all pairs and lags that were looked at.
        n: Weeks behind it.
    """

    process: str
    outcome: str
    lag_weeks: int
    r: float
    p_value: float
    p_adjusted: float
    n: int

    @property
    def is_found(self) -> bool:
        """Whether it passes the correction."""
        return self.p_adjusted < ALPHA


def links(
    process: Sequence[MetricSeries], outcome: Sequence[MetricSeries], max_lag: int = MAX_LAG
) -> tuple[Link, ...]:
    """The loudest lag of every pair, most certain first.

    Args:
        process: Series that may lead; weekly ones are used.
        outcome: Series that may follow.
        max_lag: Longest lag in weeks.

    Returns:
        One link a pair with at least `MIN_WEEKS` weeks in common, the `MOST` most certain ones; `is_found` says which
        pass the correction.
    """
    a, b = [s for s in process if s.period == "week"], [s for s in outcome if s.period == "week"]
    if not a or not b:
        return ()
    _, values = matrix([*a, *b])
    if len(values) < MIN_WEEKS:
        return ()
    scaled = smooth_zeros(values)
    scaled[common_shocks(scaled)] = np.nan
    leaders, followers = whiten(scaled[:, : len(a)]), whiten(scaled[:, len(a) :])
    found = lagged(leaders, followers, max_lag)
    same = np.array([[x.id == y.id for y in b] for x in a])
    loud = _loudest(found, same)
    p, adjusted = loud.p.copy(), holm_array(loud.p * (max_lag + 1))
    for i, j in np.argwhere(adjusted < ALPHA):
        pair, lag = (int(i), int(j)), int(loud.lag[i, j])
        against = background(leaders, followers, pair, lag, max_lag)
        questions = (max_lag + 1) * int((~np.isnan(loud.p)).sum())
        held, whole = _held(
            against, float(loud.r[i, j]), float(loud.n[i, j]), float(loud.effective[i, j]), questions
        )
        p[i, j], adjusted[i, j] = max(p[i, j], held), max(adjusted[i, j], whole)
    return _listed(a, b, loud, p, adjusted)


class _Loud(NamedTuple):
    """Each pair at its loudest lag; arrays [leaders, followers], p NaN where there is too little to say."""

    lag: np.ndarray
    r: np.ndarray
    n: np.ndarray
    effective: np.ndarray
    p: np.ndarray


def _loudest(found: Lagged, same: np.ndarray) -> _Loud:
    """The lag of every pair at which the least chance would do as much."""
    able = (found.n >= MIN_WEEKS - MAX_LAG - 4) & (found.effective >= 10) & ~same
    strength = np.where(
        able, found.r**2 / np.maximum(1 - found.r**2, 1e-15) * np.maximum(found.effective - 2, 0), -1
    )
    lag = strength.argmax(axis=0)

    def at(values: np.ndarray) -> np.ndarray:
        return np.take_along_axis(values, lag[None], axis=0)[0]

    r, effective = at(found.r), at(found.effective)
    p = np.where(at(able), correlation_p(r, effective), np.nan)
    return _Loud(lag, r, at(found.n), effective, p)


def _held(
    against: Background, r: float, pairs: float, effective: float, questions: int
) -> tuple[float, float]:
    """The p-value of a relation once it is held against the same pair at far lags, alone and for all questions."""
    z = abs(r) * math.sqrt(pairs)
    if z <= against.highest or against.yearly > max(CALENDAR, 0.6 * z) or against.quarterly > CALENDAR:
        return 0.0, 1.0
    usual = max(pairs / max(effective - 1, 1), against.spread)
    shrink = usual * max(1.0, usual / SMOOTH)  # what is smoothed is also known less well
    held = _p(r, pairs / shrink + 1)
    rest = _p(against.r, against.n / shrink + 1) if against.r * r > 0 else 1.0
    return held, max(min(1.0, held * questions), min(1.0, rest * questions * REST))


def _p(r: float, pairs: float) -> float:
    p = float(correlation_p(np.asarray(r), np.asarray(pairs)))
    return 1.0 if math.isnan(p) else p


def _listed(
    a: Sequence[MetricSeries], b: Sequence[MetricSeries], loud: _Loud, p: np.ndarray, adjusted: np.ndarray
) -> tuple[Link, ...]:
    """Pairs that could be compared, most certain first."""
    first = sorted(range(len(a)), key=lambda i: a[i].id)
    second = sorted(range(len(b)), key=lambda j: b[j].id)
    grid = np.ix_(first, second)
    flat = p[grid].ravel()
    order = np.argsort(flat, kind="stable")
    order = order[~np.isnan(flat[order])][:MOST]
    rows, columns = np.divmod(order, max(len(b), 1))
    left, right = [a[i].id for i in first], [b[j].id for j in second]
    columns_of = (
        [left[i] for i in rows],
        [right[j] for j in columns],
        *(
            values[grid].ravel()[order].tolist()
            for values in (loud.lag, loud.r, p, adjusted, loud.n.astype(int))
        ),
    )
    return tuple(map(Link._make, zip(*columns_of, strict=True)))

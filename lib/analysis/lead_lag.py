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
from dataclasses import dataclass

import numpy as np

from lib.analysis.series import Series, matrix, smooth_zeros
from lib.stats.far_lags import background
from lib.stats.multiple import holm_array
from lib.stats.series import (
    MAX_ORDER,
    Lagged,
    Whitened,
    common_shocks,
    correlation_p,
    lagged,
    whiten,
)

MAX_LAG = 8
ALPHA = 0.05
CALENDAR = 3.0  # deviations at whole years' or quarters' distance from which a relation is the calendar's
REST = 0.07  # how much less certain a relation may be without the quarter that supports it most
MIN_WEEKS = 30  # fewer give no lag a chance to pass the correction


@dataclass(frozen=True)
class Link:
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


def links(process: Sequence[Series], outcome: Sequence[Series], max_lag: int = MAX_LAG) -> tuple[Link, ...]:
    """The loudest lag of every pair, most certain first.

    Args:
        process: Series that may lead; weekly ones are used.
        outcome: Series that may follow.
        max_lag: Longest lag in weeks.

    Returns:
        One link a pair with at least `MIN_WEEKS` weeks in common; `is_found` says which pass the correction.
    """
    a, b = [s for s in process if s.period == "week"], [s for s in outcome if s.period == "week"]
    if not a or not b:
        return ()
    _, values = matrix([*a, *b])
    if len(values) < MIN_WEEKS:
        return ()
    scaled = np.column_stack([smooth_zeros(column) for column in values.T])
    scaled[common_shocks(scaled)] = np.nan
    leaders, followers = whiten(scaled[:, : len(a)]), whiten(scaled[:, len(a) :])
    found = lagged(leaders, followers, max_lag)
    p = np.where(found.n >= MIN_WEEKS - MAX_LAG - 4, found.p, np.nan)
    same = np.array([[x.id == y.id for y in b] for x in a])
    p[:, same] = np.nan
    adjusted = holm_array(p)
    _hold_against_background(leaders, followers, found, p, adjusted, max_lag)
    return _best(a, b, found.r, found.n, p, adjusted)


def _hold_against_background(leaders: Whitened, followers: Whitened, found: Lagged, p: np.ndarray,
                             adjusted: np.ndarray, max_lag: int) -> None:  # fmt: skip
    """Raise the p-values of relations that do not stand out from the same pair's correlations at far lags, in place."""
    count = int((~np.isnan(p)).sum())
    for k, i, j in np.argwhere(adjusted < ALPHA):
        against = background(leaders, followers, (int(i), int(j)), int(k), max_lag)
        r, pairs = float(found.r[k, i, j]), float(found.n[k, i, j])
        z = abs(r) * math.sqrt(pairs)
        if z <= against.highest or against.yearly > max(CALENDAR, 0.6 * z) or against.quarterly > CALENDAR:
            adjusted[k, i, j] = 1.0
            continue
        shrink = max(1.0, against.usual) ** 2  # as if so many fewer pairs had been seen
        held = _p(r, pairs / shrink)
        rest = _p(against.r, against.n / shrink) if against.r * r > 0 else 1.0
        p[k, i, j] = max(p[k, i, j], held)
        adjusted[k, i, j] = max(adjusted[k, i, j], min(1.0, held * count), min(1.0, rest * count * REST))


def _p(r: float, pairs: float) -> float:
    p = float(correlation_p(np.asarray(r), np.asarray(pairs - 2 * MAX_ORDER)))
    return 1.0 if math.isnan(p) else p


def _best(a: Sequence[Series], b: Sequence[Series], r: np.ndarray, n: np.ndarray, p: np.ndarray,
          adjusted: np.ndarray) -> tuple[Link, ...]:  # fmt: skip
    loudest = np.where(np.isnan(p), np.inf, p).argmin(axis=0)
    made = [
        Link(
            x.id,
            y.id,
            int(k),
            float(r[k, i, j]),
            float(p[k, i, j]),
            float(adjusted[k, i, j]),
            int(n[k, i, j]),
        )
        for i, x in enumerate(a)
        for j, y in enumerate(b)
        if not np.isnan(p[(k := loudest[i, j]), i, j])
    ]
    return tuple(sorted(made, key=lambda link: (link.p_value, link.process, link.outcome)))

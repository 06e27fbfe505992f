"""What moves before what: every process metric against every outcome metric at lags of 0 to 8 weeks.

Both series lose trend and season and pass the filter that takes the outcome's own past out of it; only then are they
correlated, and all pairs and lags together are held to a 5 % chance of even one false relation (Holm). A
relation found is
correlational: the order in time is evidence, not proof.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lib.analysis.series import Series, matrix, smooth_zeros
from lib.stats.multiple import holm_array
from lib.stats.series import lagged, whiten

MAX_LAG = 8
ALPHA = 0.05
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
    found = lagged(whiten(scaled[:, : len(a)]), whiten(scaled[:, len(a) :]), max_lag)
    p = np.where(found.n >= MIN_WEEKS - MAX_LAG - 4, found.p, np.nan)
    same = np.array([[x.id == y.id for y in b] for x in a])
    p[:, same] = np.nan
    adjusted = holm_array(p)
    return _best(a, b, found.r, found.n, p, adjusted)


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

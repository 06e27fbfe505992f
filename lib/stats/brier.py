"""How good were the forecasts? Brier score and calibration."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from lib.stats.intervals import Interval, wilson

MIN_FORECASTS = 10  # below it a score says more about luck than about the forecaster


@dataclass(frozen=True)
class Calibration:
    """Forecasts against what happened.

    Attributes:
        n: Forecasts with a known outcome.
        brier: Mean squared distance, 0 best, 0.25 = always saying one half, 1 worst; NaN without forecasts.
        climate: Brier score of always saying the share that happened; to be beaten.
        mean_forecast: Mean probability given.
        happened: Share that happened, Wilson interval.
        enough: Whether there are enough forecasts to judge.
    """

    n: int
    brier: float
    climate: float
    mean_forecast: float
    happened: Interval
    enough: bool


def calibration(forecasts: Sequence[float], outcomes: Sequence[bool]) -> Calibration:
    """Score probabilities against what happened.

    Args:
        forecasts: Probabilities, 0..1.
        outcomes: What happened, same order.

    Source:
        Brier 1950.

    >>> c = calibration([0.9, 0.5], [True, False]); round(c.brier, 3), c.climate
    (0.13, 0.25)
    """
    n = len(forecasts)
    hits = sum(bool(outcome) for outcome in outcomes)
    if n == 0:
        return Calibration(0, math.nan, math.nan, math.nan, wilson(0, 0), False)
    brier = sum((p - bool(o)) ** 2 for p, o in zip(forecasts, outcomes, strict=True)) / n
    share = hits / n
    return Calibration(n, brier, share * (1 - share), sum(forecasts) / n, wilson(hits, n), n >= MIN_FORECASTS)

"""Waiting times when some people are still waiting: the Kaplan-Meier estimate."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lib.stats.intervals import z_value


@dataclass(frozen=True)
class Survival:
    """A step curve of the share still waiting.

    Attributes:
        time: Times at which somebody stopped waiting, ascending (the unit of the input); starts with 0.
        waiting: Share still waiting just after each time, 1 at time 0, never rising.
        low: Lower end of the pointwise interval.
        high: Upper end.
        at_risk: People still observed and waiting just before each time.
        n: People in all.
        events: People who stopped waiting while observed.
    """

    time: tuple[float, ...]
    waiting: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    at_risk: tuple[int, ...]
    n: int
    events: int

    def at(self, time: float) -> tuple[float, float, float]:
        """Share still waiting after `time`, with the interval's ends."""
        index = int(np.searchsorted(np.asarray(self.time), time, side="right")) - 1
        return self.waiting[index], self.low[index], self.high[index]

    def quantile(self, share_done: float) -> float:
        """Time by which this share has stopped waiting; NaN when the curve never gets there.

        >>> kaplan_meier([1, 2, 3, 4], [True, True, True, True]).quantile(0.5)
        2.0
        """
        for time, waiting in zip(self.time, self.waiting, strict=True):
            if waiting <= 1 - share_done + 1e-12 and time > 0:
                return time
        return math.nan


def kaplan_meier(
    times: Sequence[float] | np.ndarray, happened: Sequence[bool] | np.ndarray, confidence: float = 0.95
) -> Survival:
    """Estimate the share still waiting; a wait not seen to its end counts as long as it was seen.

    Args:
        times: Wait of each person, >= 0: until it ended, or until observation stopped.
        happened: Whether the wait ended (False: still waiting when last seen).
        confidence: Coverage of the pointwise interval (log-log scale, so it stays within 0..1).

    Source:
        Kaplan and Meier 1958; Greenwood's variance; log-log interval of Kalbfleisch and Prentice.

    >>> curve = kaplan_meier([1, 3, 3, 5, 8], [True, True, False, True, False])
    >>> [round(value, 3) for value in curve.waiting]
    [1.0, 0.8, 0.6, 0.3]
    """
    wait = np.asarray(times, dtype=float)
    ended = np.asarray(happened, dtype=bool)
    order = np.argsort(wait, kind="stable")
    wait, ended = wait[order], ended[order]
    n = len(wait)
    points, starts = np.unique(wait, return_index=True) if n else (np.array([]), np.array([], dtype=int))
    stops = np.add.reduceat(ended.astype(np.int64), starts) if n else np.array([], dtype=np.int64)
    risk = n - starts
    keep = stops > 0
    points, stops, risk = points[keep], stops[keep], risk[keep]
    share = np.cumprod(1 - stops / risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.cumsum(stops / (risk * (risk - stops)))
    low, high = _log_log(share, greenwood, z_value(confidence))
    return Survival(
        time=(0.0, *points.tolist()),
        waiting=(1.0, *share.tolist()),
        low=(1.0, *low.tolist()),
        high=(1.0, *high.tolist()),
        at_risk=(n, *risk.tolist()),
        n=n,
        events=int(ended.sum()),
    )


def _log_log(share: np.ndarray, greenwood: np.ndarray, z: float) -> tuple[np.ndarray, np.ndarray]:
    """Ends of the interval: exact 0 where nobody is left waiting."""
    low, high = np.zeros_like(share), np.zeros_like(share)
    inside = (share > 1e-12) & (share < 1)
    logged = np.log(share[inside])
    half = z * np.sqrt(greenwood[inside]) / np.abs(logged)
    low[inside] = np.exp(logged * np.exp(half))
    high[inside] = np.exp(logged * np.exp(-half))
    low[share >= 1], high[share >= 1] = 1.0, 1.0
    return low, high

"""Removal effect of channels in a first-order chain of journeys."""

from __future__ import annotations

import numpy as np


def conversion_probability(steps: np.ndarray, removed: int | None = None) -> float:
    """Chance to end converted from the start, when whoever reaches the removed state is lost.

    Args:
        steps: Counts [n + 3, n + 3]: n channels, then start, converted, lost.
        removed: Channel taken away; None for none.
    """
    number = len(steps) - 3
    total = steps.sum(axis=1, keepdims=True).astype(float)
    chance = np.divide(steps, total, out=np.zeros(steps.shape), where=total > 0)
    transient = chance[: number + 1, : number + 1].copy()
    reward = chance[: number + 1, number + 1].copy()
    if removed is not None:
        transient[removed], reward[removed] = 0, 0
        transient[:, removed] = 0
    # Every journey ends, so the chain leaves the transient states and the system has one solution.
    return float(np.linalg.solve(np.eye(number + 1) - transient, reward)[number])


def markov_effects(steps: np.ndarray) -> np.ndarray:
    """Part of all conversions that is lost when a channel is taken away, float64[channels], 0..1.

    Source:
        Anderl, Becker, von Wangenheim and Schumann 2016, "Mapping the customer journey".

    >>> steps = np.zeros((5, 5))  # two journeys start at a; one goes on to b and converts, one is lost
    >>> steps[2, 0], steps[0, 1], steps[0, 4], steps[1, 3] = 2, 1, 1, 1
    >>> markov_effects(steps)
    array([1., 1.])
    """
    whole = conversion_probability(steps)
    number = len(steps) - 3
    if whole <= 0:
        return np.zeros(number)
    return np.array([1 - conversion_probability(steps, channel) / whole for channel in range(number)])

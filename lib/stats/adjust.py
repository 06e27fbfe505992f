"""Several questions to one data set: p-values adjusted so that the family keeps its promise."""

from __future__ import annotations

import math
from collections.abc import Sequence


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm step-down: the chance of any false finding in the family stays under alpha.

    NaN stays NaN and is not counted.

    Source:
        Holm 1979.

    >>> [round(p, 4) for p in holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    known = sorted((p, i) for i, p in enumerate(p_values) if not math.isnan(p))
    out = [math.nan] * len(p_values)
    highest = 0.0
    for rank, (p, index) in enumerate(known):
        highest = max(highest, min(1.0, p * (len(known) - rank)))
        out[index] = highest
    return out


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """Benjamini-Hochberg: share of false findings among the findings stays under alpha. For many metrics.

    Source:
        Benjamini and Hochberg 1995.

    >>> [round(p, 4) for p in benjamini_hochberg([0.01, 0.04, 0.03])]
    [0.03, 0.04, 0.04]
    """
    known = sorted((p, i) for i, p in enumerate(p_values) if not math.isnan(p))
    out = [math.nan] * len(p_values)
    lowest = 1.0
    for rank in range(len(known), 0, -1):
        p, index = known[rank - 1]
        lowest = min(lowest, p * len(known) / rank)
        out[index] = lowest
    return out

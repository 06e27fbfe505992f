"""Did people land in the variants in the shares that were planned? If not, nothing else can be trusted."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from scipy import stats

ALARM_P = 0.001
WATCH_P = 0.01
SMALL_DEVIATION = 0.001  # a tenth of a percentage point never alarms, however many people
MIN_PER_VARIANT = 8  # expected; below it the chi-square approximation says nothing

State = Literal["ok", "watch", "alarm", "too_few"]


@dataclass(frozen=True)
class SampleRatio:
    """One sample-ratio check.

    Attributes:
        p_value: Chi-square p-value, NaN when there are too few people.
        deviation: Largest distance of a variant's share from its planned share, 0..1.
        state: ok | watch | alarm | too_few.
        n: People checked.
    """

    p_value: float
    deviation: float
    state: State
    n: float


def check(
    counts: Sequence[float], shares: Sequence[float] | None = None, *, comparisons: int = 1
) -> SampleRatio:
    """Chi-square test of the counts against the planned shares.

    Args:
        counts: People per variant.
        shares: Planned shares, any positive scale; equal when not given.
        comparisons: Number of checks made together (segments); the limits are divided by it.

    Source:
        Limits: alarm under 0.001 as GrowthBook and Eppo; watch up to 0.01 and small deviations as Statsig.

    >>> round(check([5000, 5200]).p_value, 4), check([5000, 5200]).state
    (0.0477, 'ok')
    >>> round(check([10000, 10500]).p_value, 5), check([10000, 10500]).state
    (0.00048, 'alarm')
    """
    total = float(sum(counts))
    planned = list(shares) if shares else [1.0] * len(counts)
    whole = float(sum(planned))
    expected = [total * share / whole for share in planned]
    if total <= 0 or len(counts) < 2 or min(expected) < MIN_PER_VARIANT:
        return SampleRatio(math.nan, math.nan, "too_few", total)
    p = float(stats.chisquare(list(counts), expected).pvalue)
    deviation = max(abs(count - want) / total for count, want in zip(counts, expected, strict=True))
    state: State = "ok"
    if p < ALARM_P / comparisons:
        state = "alarm" if deviation >= SMALL_DEVIATION else "watch"
    elif p < WATCH_P / comparisons:
        state = "watch"
    return SampleRatio(p, deviation, state, total)


def contingency_p(known: Sequence[float], lost: Sequence[float]) -> float:
    """Chi-square p-value of "the share that is missing is the same in all variants"; 1 where it cannot be had.

    Args:
        known: People with a value, per variant.
        lost: People without one, same order.

    >>> round(contingency_p([90, 60], [10, 40]), 6), contingency_p([90, 90], [0, 0])
    (1e-06, 1.0)
    """
    table = [list(known), list(lost)]
    totals = [a + b for a, b in zip(known, lost, strict=True)]
    if min(sum(known), sum(lost)) <= 0 or min(totals) <= 0:
        return 1.0
    expected = min(sum(row) for row in table) * min(totals) / sum(totals)
    if expected < 5:
        return 1.0
    return float(stats.chi2_contingency(table, correction=False).pvalue)  # type: ignore[union-attr]


def check_segments(
    counts: Mapping[str, Sequence[float]], shares: Sequence[float] | None = None
) -> dict[str, SampleRatio]:
    """The same check in every segment, limits divided by the number of segments (Bonferroni).

    Args:
        counts: Segment -> people per variant.
        shares: Planned shares.
    """
    return {name: check(values, shares, comparisons=max(1, len(counts))) for name, values in counts.items()}

"""Metrics that say the same twice, and metrics that only say how much was spent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from lib.analysis.metrics.lead_lag import Link, links
from lib.analysis.metrics.series import MetricSeries, matrix, smooth_zeros
from lib.stats.lag_correlation import together
from lib.stats.prewhitening import whiten

SAME = 0.9  # correlation of innovations from which two metrics are one
MIN_COMMON = 16
FOLLOWS_SPEND = 0.8


@dataclass(frozen=True)
class Duplicate:
    """Two metrics that carry the same information.

    Attributes:
        first: Series id of the one to keep (fewer gaps, then first by name).
        second: Series id of the one that repeats it.
        r: Correlation of their innovations.
        n: Weeks behind it.
    """

    first: str
    second: str
    r: float
    n: int


def duplicates(series: Sequence[MetricSeries]) -> tuple[Duplicate, ...]:
    """Pairs of weekly series whose unexplained moves agree almost wholly.

    Levels are not compared: two series that both grow agree in level without having anything in common.

    Args:
        series: Any series; weekly ones are used.
    """
    weekly = [item for item in series if item.period == "week" and not item.only_rises]
    _, values = matrix(weekly)
    if len(weekly) < 2 or len(values) < MIN_COMMON:
        return ()
    r, n = together(whiten(smooth_zeros(values)))
    pairs = [
        (i, j)
        for i in range(len(weekly))
        for j in range(i + 1, len(weekly))
        if abs(r[i, j]) >= SAME and n[i, j] >= MIN_COMMON - 4
    ]
    out = []
    for i, j in pairs:
        first, second = sorted((weekly[i], weekly[j]), key=lambda s: (round(s.missing, 3), s.name))
        out.append(Duplicate(first.id, second.id, float(r[i, j]), int(n[i, j])))
    return tuple(out)


def spend_only(
    series: Sequence[MetricSeries], spend: Sequence[MetricSeries], outcome: Sequence[MetricSeries]
) -> dict[str, Link]:
    """Process metrics that follow spend closely and say nothing about any outcome once spend is taken out.

    Args:
        series: Process metrics.
        spend: Spend series.
        outcome: Outcome and shared metrics.

    Returns:
        Series id -> its link to the spend series (`process` is the spend).
    """
    by_id = {item.id: item for item in (*series, *spend)}
    spent = {item.id for item in spend}
    close: dict[str, Link] = {}
    for link in _close(spend, [item for item in series if item.id not in spent]):
        close.setdefault(link.outcome, link)
    rest = [_beyond(by_id[key], by_id[link.process]) for key, link in close.items()]
    useful = {link.process for link in links(rest, outcome) if link.is_found}
    return {key: link for key, link in close.items() if key not in useful}


def _close(spend: Sequence[MetricSeries], series: Sequence[MetricSeries]) -> list[Link]:
    """Series that move with spend in the same week or the next."""
    return [link for link in links(spend, series, 1) if link.is_found and link.r >= FOLLOWS_SPEND]


def _beyond(item: MetricSeries, spend: MetricSeries) -> MetricSeries:
    """The series without what a straight line on spend explains."""
    _, values = matrix([item, spend])
    both = ~np.isnan(values).any(axis=1)
    design = np.column_stack([np.ones(int(both.sum())), values[both, 1]])
    out = np.full(len(values), np.nan)
    out[both] = values[both, 0] - design @ np.linalg.lstsq(design, values[both, 0], rcond=None)[0]
    starts, _ = matrix([item, spend])
    return replace(item, starts=starts, values=out)

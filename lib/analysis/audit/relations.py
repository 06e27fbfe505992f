"""What the metrics of a team have to do with one another: leads, duplicates, spend that alone moves a metric."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from lib.analysis.audit import duplicates
from lib.analysis.audit.duplicates import Duplicate
from lib.analysis.metrics import lead_lag
from lib.analysis.metrics.lead_lag import Link
from lib.analysis.metrics.series import MetricSeries
from lib.engine.evidence.cache import Results


class Relations(NamedTuple):
    """What the series have to do with one another.

    Attributes:
        links: Every pair that was correlated.
        same: Pairs that say the same twice.
        spent: Series id -> its link to the spend that alone moves it.
    """

    links: tuple[Link, ...]
    same: tuple[Duplicate, ...]
    spent: dict[str, Link]

    @property
    def ahead(self) -> tuple[Link, ...]:
        """Links that passed the correction, at least a week apart."""
        return tuple(link for link in self.links if link.is_found and link.lag_weeks > 0)


class _SeriesKey(tuple):
    """Series as a cache key: equal when ids, weeks and values are."""

    def __new__(cls, items: Sequence[MetricSeries]) -> _SeriesKey:
        return super().__new__(cls, items)

    def __hash__(self) -> int:
        return hash(tuple((item.id, item.starts[:1], item.values.tobytes()) for item in self))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, tuple) and [(i.id, i.starts, i.values.tobytes()) for i in self] == [
            (i.id, i.starts, i.values.tobytes()) for i in other
        ]


def relations(
    leaders: Sequence[MetricSeries],
    process: Sequence[MetricSeries],
    ends: Sequence[MetricSeries],
    every: Sequence[MetricSeries],
    spend: Sequence[MetricSeries],
) -> Relations:
    """Links, duplicates and spend-only metrics; the last few answers are kept.

    Args:
        leaders: What may lead.
        process: Process metrics.
        ends: What may follow.
        every: All series, for duplicates.
        spend: What was spent.
    """
    key = tuple(_SeriesKey(items) for items in (leaders, process, ends, every, spend))
    return _KNOWN.get(key, lambda: _compute(*key))


def _compute(
    leaders: _SeriesKey, process: _SeriesKey, ends: _SeriesKey, every: _SeriesKey, spend: _SeriesKey
) -> Relations:
    spent_ids = {item.id for item in spend}
    same = duplicates.duplicates([item for item in every if item.id not in spent_ids])
    spent = duplicates.spend_only(process, spend, ends) if spend else {}
    return Relations(lead_lag.links(leaders, ends), same, spent)


_KNOWN = Results[Relations](16)

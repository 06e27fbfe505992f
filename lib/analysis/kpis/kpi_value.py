"""One KPI with its range: what every KPI analysis hands over, and the intervals they share."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scipy import stats

from lib.engine.contracts import channel_names
from lib.engine.datasets.dataset import Dataset
from lib.engine.evidence.evidence import Evidence, Fact
from lib.engine.query import literal, now
from lib.framework.load import framework
from lib.stats.intervals import Interval, z_value

COLUMNS = ("kpi", "value", "ci_low", "ci_high", "n", "window_start", "window_end")


@dataclass(frozen=True)
class KpiValue:
    """A KPI computed from one dataset or two.

    Attributes:
        id: Stable name, `pmf_share`.
        name: For a person.
        interval: Value with its 95 % range in the KPI's unit; NaN value when it cannot be told.
        format: How it is written (lib.engine.evidence.formats).
        evidence: One row: value, range, n, window.
        needs: What would settle it when it cannot be told yet; "" otherwise.
        kpi: Id in the KPI catalogue.
    """

    id: str
    name: str
    interval: Interval
    format: str
    evidence: Evidence
    needs: str = ""
    kpi: str = ""

    @property
    def is_known(self) -> bool:
        """Whether there is a value that may be shown."""
        return not self.needs and math.isfinite(self.interval.value)

    @property
    def fact(self) -> Fact:
        """The value."""
        return self.evidence.fact(0, "value", self.format)

    @property
    def low(self) -> Fact:
        """Lower end of the range."""
        return self.evidence.fact(0, "ci_low", self.format)

    @property
    def high(self) -> Fact:
        """Upper end of the range."""
        return self.evidence.fact(0, "ci_high", self.format)

    @property
    def n(self) -> Fact:
        """What was counted: answers, deals, customers, users."""
        return self.evidence.fact(0, "n", "count")

    @property
    def definition(self) -> str:
        """The exact meaning."""
        return self.evidence.definition


def kpi_value(
    id: str,
    interval: Interval,
    format: str,
    *,
    definition: str,
    sql: str,
    datasets: Mapping[str, Dataset],
    window: tuple[Any, Any] = (None, None),
    name: str = "",
    params: Mapping[str, Any] | None = None,
    method: str = "",
    needs: str = "",
    kpi: str = "",
) -> KpiValue:
    """Wrap a computed KPI and its evidence.

    Args:
        id: Stable name.
        interval: Value and range; a value that may not be shown is NaN.
        format: Of lib.engine.evidence.formats.
        definition: Exact meaning in one or two sentences.
        sql: The portable query behind it.
        datasets: Table name -> dataset it read.
        window: First and last day that counted.
        name: For a person; the catalogue's name by default.
        params: Bound into the query.
        method: What turned the query's row into value and range.
        needs: "about 40 more answers", when it cannot be told yet.
        kpi: Id in the catalogue; `id` by default when it is there.
    """
    catalogue = framework().kpis
    kpi = kpi or (id if id in catalogue else "")
    name = name or (catalogue[kpi].name if kpi else id)
    row = (
        id,
        _plain(interval.value),
        _plain(interval.low),
        _plain(interval.high),
        int(interval.n),
        *map(_day, window),
    )
    table = Evidence(
        title=name,
        definition=definition,
        sql=sql.strip(),
        columns=COLUMNS,
        rows=(row,),
        params=tuple((params or {}).items()),
        sources=tuple(data.source() for data in datasets.values()),
        at=now(),
        method=method,
    )
    return KpiValue(id, name, interval, format, table, needs, kpi)


def _plain(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _day(value: Any) -> str | None:
    if isinstance(value, dt.datetime):
        value = value.date()
    return value.isoformat() if isinstance(value, dt.date) else None if value is None else str(value)[:10]


def unknown(n: float = 0) -> Interval:
    """No value: the range is everything."""
    return Interval(math.nan, -math.inf, math.inf, n)


def poisson_ratio(numerator: float, events: float, confidence: float = 0.95) -> Interval:
    """A known amount over a count of events, the count taken as Poisson.

    Args:
        numerator: The amount, known exactly (spend).
        events: How many events it is shared among (customers won).
        confidence: Coverage, 0..1.

    >>> i = poisson_ratio(1000, 10); round(i.value), round(i.low), round(i.high)
    (100, 54, 209)
    """
    if events <= 0:
        return unknown()
    tail = (1 - confidence) / 2
    fewest = float(stats.chi2.ppf(tail, 2 * events)) / 2
    most = float(stats.chi2.ppf(1 - tail, 2 * events + 2)) / 2
    return Interval(numerator / events, numerator / most, numerator / fewest, events, confidence)


def log_interval(value: float, se_log: float, n: float, confidence: float = 0.95) -> Interval:
    """A positive quantity whose logarithm has this standard error."""
    if not value > 0 or not math.isfinite(se_log):
        return unknown(n)
    half = z_value(confidence) * se_log
    return Interval(value, value * math.exp(-half), value * math.exp(half), n, confidence)


def mean_interval(
    mean: float | None, deviation: float | None, n: float, confidence: float = 0.95
) -> Interval:
    """A mean with its t interval."""
    if mean is None or deviation is None or n < 2:
        return unknown(n)
    half = float(stats.t.ppf(0.5 + confidence / 2, n - 1)) * deviation / math.sqrt(n)
    return Interval(mean, mean - half, mean + half, n, confidence)


def channel_sql(column: str, aliases: Mapping[str, Any]) -> str:
    """A channel column under the names the team agreed on; see `lib.engine.contracts.channel_names.case`."""
    return channel_names.case(column, aliases)


def in_list(values: Sequence[str]) -> str:
    """Text literals for an IN list."""
    return ", ".join(literal(value) for value in values)

"""One line per metric of the audit: what it is, how it moves, what it leads, and whether to keep, fix or drop it."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lib.analysis import saved_queries
from lib.analysis.audit import words
from lib.analysis.audit.relations import Relations, relations
from lib.analysis.events import event_series
from lib.analysis.metrics import series, series_reading
from lib.analysis.metrics.lead_lag import Link
from lib.analysis.metrics.series import MetricSeries, SeriesChange
from lib.analysis.result_types import Data
from lib.analysis.templates import Template
from lib.engine.calendar import Calendar
from lib.engine.datasets.dataset import Dataset
from lib.engine.evidence.cache import cached
from lib.engine.evidence.evidence import Evidence
from lib.errors import UserError
from lib.framework import metric_kinds, slots
from lib.framework.recognise import recognise
from lib.framework.schema import Kpi
from lib.stats.series import Trend
from lib.workbook.model import Metric, Workbook

STALE_DAYS = 42
_OUTCOME = re.compile(
    r"paid|paying|revenue|mrr|arr|churn|retention|retained|ltv|conver|customers|renew|activation|outcome",
    re.IGNORECASE,
)
_PROCESS = re.compile(
    r"visit|impression|click|open|download|follower|view|traffic|reach|webinar|session|lead|form|spend|email|process",
    re.IGNORECASE,
)
_SPEND = re.compile(r"spend|budget|ad cost|adspend|media cost", re.IGNORECASE)


@dataclass(frozen=True)
class MetricLine:
    """One metric, in the register or only in the data.

    Attributes:
        id: Metric id; for one that is not in the register, the id it would get.
        metric: As registered, else as suggested.
        suggestion: What the catalogue or the rules would fill in.
        reason: Why, one sentence.
        is_registered: It stands in the register.
        series: Its values, or None.
        change: Last periods against those before, or None without series.
        trend: MetricLine through the last half year, or None.
        leads: Outcome metrics that follow it (passed the correction, at least a week later).
        led_by: Process metrics that it follows.
        duplicate_of: Metric id that it repeats, "".
        spend: Link to the spend that alone moves it, or None.
        verdict: keep | fix | drop | "" where nothing can be said.
        verdict_reason: Why, one sentence.
        feeds: It is in the North Star tree.
    """

    id: str
    metric: Metric
    suggestion: Metric
    reason: str
    is_registered: bool
    series: MetricSeries | None = None
    change: SeriesChange | None = None
    trend: Trend | None = None
    leads: tuple[Link, ...] = ()
    led_by: tuple[Link, ...] = ()
    duplicate_of: str = ""
    spend: Link | None = None
    verdict: str = ""
    verdict_reason: str = ""
    feeds: bool = False

    @property
    def name(self) -> str:
        """Its name."""
        return self.metric.name or self.suggestion.name or self.id

    @property
    def kind(self) -> str:
        """The kind that counts: as registered, else as suggested."""
        return self.metric.kind if self.metric.kind != metric_kinds.UNASSIGNED else self.suggestion.kind


@dataclass(frozen=True, eq=False)
class Measured:
    """Everything read from the data, before the register is laid over it.

    Attributes:
        series: Series id -> series.
        evidence: Tables they were read from.
        spend: Ids of spend series.
    """

    series: Mapping[str, MetricSeries]
    evidence: tuple[Evidence, ...]
    spend: tuple[str, ...]


@cached
def from_metrics(dataset: Dataset, calendar: Calendar) -> tuple[tuple[MetricSeries, ...], Evidence]:
    """Series of a metrics file."""
    return series_reading.read(dataset, calendar)


def measured(workbook: Workbook, data: Data) -> Measured:
    """All series: metrics file, queries that feed a metric, spend; events where no metrics file is open.

    A metric of the register may also name a series of the events file beside a metrics file.
    """
    calendar = Calendar.of(workbook.settings)
    found: dict[str, MetricSeries] = {}
    tables: list[Evidence] = []
    for read, table in _files(workbook, data, calendar):
        found |= {item.id: item for item in read}
        tables.append(table)
    spend = [key for key in found if _SPEND.search(key.replace("_", " "))]
    total = (
        event_series.from_spend(data[slots.SPEND], calendar) if slots.SPEND in data and not spend else None
    )
    if total is not None:
        found[total.id] = total
        spend.append(total.id)
    found |= _queries(workbook, data, calendar)
    money = f"money:{workbook.settings.currency}"
    for key, item in found.items():
        if item.format == "money":
            found[key] = replace(item, format=money)
    return Measured(found, tuple(tables), tuple(spend))


def _files(
    workbook: Workbook, data: Data, calendar: Calendar
) -> Iterator[tuple[Sequence[MetricSeries], Evidence]]:
    """The series of each file and the table they were read from."""
    if slots.METRICS in data:
        yield from_metrics(data[slots.METRICS], calendar)
    wanted = {metric.series for metric in workbook.metrics.values()}
    if slots.EVENTS in data and slots.METRICS not in data:
        yield event_series.from_events(data[slots.EVENTS], calendar)
    elif slots.EVENTS in data and any(key.startswith("events:") for key in wanted):
        read, table = event_series.from_events(data[slots.EVENTS], calendar)
        yield [item for item in read if item.id in wanted], table


def _queries(workbook: Workbook, data: Data, calendar: Calendar) -> dict[str, MetricSeries]:
    out: dict[str, MetricSeries] = {}
    for metric in workbook.metrics.values():
        query = workbook.queries.get(metric.series)
        if metric.source == "query" and query is not None and query.sql and data:
            try:
                rows = saved_queries.answer(query.sql, data).evidence.rows
            except UserError:
                continue  # the register shows it as not measured; Explore shows the error
            made = event_series.from_rows(metric.series, metric.name or query.name, rows, calendar)
            if made is not None:
                out[made.id] = made
    return out


def of_kpi(kpi: Kpi, **more: Any) -> Metric:
    """A metric of the register as the catalogue knows it.

    Args:
        kpi: Its entry.
        more: Name, source and what else the entry does not say.
    """
    known = {field: getattr(kpi, field) for field in ("kind", "aarrr", "owners", "unit", "direction")}
    return Metric(**known, definition=kpi.formula, kpi=kpi.id, **more)


def suggest(id: str, name: str, unit: str = "") -> tuple[Metric, str]:
    """What a metric probably is: by the KPI catalogue, else by its words.

    Args:
        id: Its series id, "" for none.
        name: Its name.
        unit: Its unit, if known.

    Returns:
        The suggested record, and why.
    """
    base: dict[str, Any] = {
        "name": name,
        "series": id,
        "source": "file" if id else "hand",
        "cadence": "weekly" if id else "",
    }
    known = next((found for text in _names_of(id, name) if (found := recognise(text)).kpi), None)
    if known is not None and known.kpi is not None:
        return of_kpi(known.kpi, **base), known.reason
    if _is_conversion(id):
        shared = Metric(**base, kind=metric_kinds.SHARED, owners=("Marketing", "Growth"), unit="percent")
        return shared, words.CONVERSION_IS_SHARED.text
    text = f"{name} {id}".replace("_", " ")
    if word := _OUTCOME.search(text):
        outcome = Metric(**base, kind=metric_kinds.OUTCOME, owners=("Growth",), unit=unit)
        return outcome, words.WORD_OF_OUTCOME.write(word=word.group(0))
    if word := _PROCESS.search(text):
        process = Metric(**base, kind=metric_kinds.PROCESS, owners=("Marketing",), unit=unit)
        return process, words.WORD_OF_PROCESS.write(word=word.group(0))
    return Metric(**base, unit=unit), words.UNKNOWN_NAME.write(name=name)


def _is_conversion(id: str) -> bool:
    """Whether a series is the conversion between two events."""
    return id.startswith("events:") and ">" in id


def _names_of(id: str, name: str) -> tuple[str, ...]:
    """What a metric may be recognised by: its name, else the series of a file or the event it counts."""
    if not id or id.startswith("query:") or _is_conversion(id):
        return (name,)
    return (name, id.removeprefix("events:"))


def slug(text: str) -> str:
    """A series' name as a metric id.

    >>> slug("events:trial_start>paid"), slug("E-Mail Opens (%)")
    ('events_trial_start_paid', 'e_mail_opens')
    """
    return re.sub(r"[^0-9a-z]+", "_", text.lower()).strip("_") or "metric"


def lines(
    workbook: Workbook, found: Measured, feeds: frozenset[str], today: dt.date
) -> tuple[tuple[MetricLine, ...], tuple[Link, ...]]:
    """One line per metric, and every link that was looked at.

    Args:
        workbook: The register.
        found: What the data hold.
        feeds: Metric ids of the North Star tree.
        today: For reviews; staleness is read against the data's own end.
    """
    drafts = _drafts(workbook, found)
    by_series = {line.series.id: line.id for line in drafts if line.series}
    newest = max((line.series.last for line in drafts if line.series), default=today)
    related = _related(drafts, [found.series[key] for key in found.spend])
    spend = frozenset(found.spend)
    return tuple(_finish(line, related, by_series, newest, feeds, spend) for line in drafts), related.links


def _related(drafts: Sequence[MetricLine], spend: Sequence[MetricSeries]) -> Relations:
    """Who leads whom, by the kind that counts for each metric."""
    by_kind: dict[str, list[MetricSeries]] = {
        metric_kinds.PROCESS: [],
        metric_kinds.OUTCOME: [],
        metric_kinds.SHARED: [],
        metric_kinds.UNASSIGNED: [],
    }
    for line in drafts:
        if line.series is not None and not line.series.only_rises:
            by_kind[line.kind].append(line.series)
    # A metric that nobody has sorted yet may lead; where nothing is an outcome yet, it may also be one.
    fronts = [
        *by_kind[metric_kinds.PROCESS],
        *by_kind[metric_kinds.SHARED],
        *by_kind[metric_kinds.UNASSIGNED],
    ]
    ends = [*by_kind[metric_kinds.OUTCOME], *by_kind[metric_kinds.SHARED]] or by_kind[metric_kinds.UNASSIGNED]
    every = [line.series for line in drafts if line.series]
    return relations(fronts, by_kind[metric_kinds.PROCESS], ends, every, spend)


def _drafts(workbook: Workbook, found: Measured) -> list[MetricLine]:
    """Register first, then what is only in the data."""
    out: list[MetricLine] = []
    used: set[str] = set()
    by_name = {slug(item.name): key for key, item in found.series.items()}
    by_name |= {slug(key): key for key in found.series}
    for id, metric in workbook.metrics.items():
        named = by_name.get(slug(metric.series or metric.name), "")
        key = metric.series if metric.series in found.series else named
        used.add(key)
        suggestion, reason = suggest(key, metric.name or id, metric.unit)
        line = MetricLine(id, metric, suggestion, reason, True, found.series.get(key))
        out.append(_described(line))
    for key, item in found.series.items():
        if key not in used and key != "spend:total":
            suggestion, reason = suggest(key, item.name)
            id = slug(key)
            while id in workbook.metrics:
                id += "_2"
            metric = Metric(name=item.name, series=key)
            out.append(_described(MetricLine(id, metric, suggestion, reason, False, item)))
    return out


def _described(line: MetricLine) -> MetricLine:
    if line.series is None:
        return line
    return replace(line, change=series.change(line.series), trend=series.recent_trend(line.series))


def _finish(
    line: MetricLine,
    related: Relations,
    by_series: Mapping[str, str],
    newest: dt.date,
    feeds: frozenset[str],
    spend_ids: frozenset[str],
) -> MetricLine:
    key = line.series.id if line.series else ""
    told = replace(
        line,
        leads=tuple(link for link in related.ahead if link.process == key),
        led_by=tuple(link for link in related.ahead if link.outcome == key),
        duplicate_of=next((by_series.get(pair.first, "") for pair in related.same if pair.second == key), ""),
        spend=related.spent.get(key),
        feeds=line.id in feeds,
    )
    verdict, why = _by_data(told) or _by_upkeep(told, newest) or _by_register(told, key in spend_ids)
    return replace(told, verdict=verdict, verdict_reason=why.text if why else "")


_Judgement = tuple[str, Template | None]


def _by_data(line: MetricLine) -> _Judgement | None:
    """Keep | fix | drop with its reason from how the series moves, the strongest reason first."""
    if line.series is not None and line.series.only_rises:
        return "drop", words.ONLY_RISES
    if line.duplicate_of:
        return "drop", words.REPEATS
    if line.spend is not None:
        return "fix", words.WITH_SPEND
    return ("keep", words.LEADS) if line.leads else None


def _by_upkeep(line: MetricLine, newest: dt.date) -> _Judgement | None:
    """The same from whether it is measured, updated and owned."""
    if line.series is None:
        return ("fix", words.NOT_MEASURED) if line.is_registered else ("", None)
    if (newest - line.series.last).days > STALE_DAYS:
        return "fix", words.NOT_UPDATED
    return ("fix", words.NOBODY_ANSWERS) if line.is_registered and not line.metric.owners else None


def _by_register(line: MetricLine, is_spend: bool) -> _Judgement:
    """The same from its kind and from the decision that hangs on it."""
    if is_spend:
        return "keep", words.IS_SPEND
    if line.kind in (metric_kinds.OUTCOME, metric_kinds.SHARED):
        return "keep", words.OUTCOME_SAYS if line.kind == metric_kinds.OUTCOME else words.BOTH_MOVE
    if not line.is_registered:
        return "", words.NO_RELATION
    return ("keep", words.DECISION_HANGS) if line.metric.decision else ("fix", words.NO_DECISION_ATTACHED)


def finite(value: float | None) -> float | None:
    """The value, or None for NaN and infinity, so that tables and JSON stay clean."""
    return value if value is not None and math.isfinite(value) else None

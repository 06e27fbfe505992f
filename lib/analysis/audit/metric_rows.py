"""One line per metric of the audit: what it is, how it moves, what it leads, and whether to keep, fix or drop it."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lib.analysis import saved_queries
from lib.analysis.audit import duplicates
from lib.analysis.audit.duplicates import Duplicate
from lib.analysis.events import event_series
from lib.analysis.metrics import lead_lag, series
from lib.analysis.metrics.lead_lag import Link
from lib.analysis.metrics.series import Change, Series
from lib.analysis.result_types import Data
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
class Line:
    """One metric, in the register or only in the data.

    Attributes:
        id: Metric id; for one that is not in the register, the id it would get.
        metric: As registered, else as suggested.
        suggestion: What the catalogue or the rules would fill in.
        reason: Why, one sentence.
        is_registered: It stands in the register.
        series: Its values, or None.
        change: Last periods against those before, or None without series.
        trend: Line through the last half year, or None.
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
    series: Series | None = None
    change: Change | None = None
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

    series: Mapping[str, Series]
    evidence: tuple[Evidence, ...]
    spend: tuple[str, ...]


@cached
def from_metrics(dataset: Dataset, calendar: Calendar) -> tuple[tuple[Series, ...], Evidence]:
    """Series of a metrics file."""
    return series.read(dataset, calendar)


def measured(workbook: Workbook, data: Data) -> Measured:
    """All series: metrics file, queries that feed a metric, spend; events where no metrics file is open.

    A metric of the register may also name a series of the events file beside a metrics file.
    """
    calendar = Calendar.of(workbook.settings)
    found: dict[str, Series] = {}
    tables: list[Evidence] = []
    wants_events = any(metric.series.startswith("events:") for metric in workbook.metrics.values())
    if slots.METRICS in data:
        read, table = from_metrics(data[slots.METRICS], calendar)
        found |= {item.id: item for item in read}
        tables.append(table)
    if slots.EVENTS in data and (slots.METRICS not in data or wants_events):
        read, table = event_series.from_events(data[slots.EVENTS], calendar)
        wanted = {metric.series for metric in workbook.metrics.values()} if slots.METRICS in data else None
        found |= {item.id: item for item in read if wanted is None or item.id in wanted}
        tables.append(table)
    spend = [key for key in found if _SPEND.search(key.replace("_", " "))]
    if slots.SPEND in data and not spend:
        total = event_series.from_spend(data[slots.SPEND], calendar)
        if total is not None:
            found[total.id] = total
            spend.append(total.id)
    found |= _queries(workbook, data, calendar)
    money = f"money:{workbook.settings.currency}"
    found = {
        key: replace(item, format=money) if item.format == "money" else item for key, item in found.items()
    }
    return Measured(found, tuple(tables), tuple(spend))


def _queries(workbook: Workbook, data: Data, calendar: Calendar) -> dict[str, Series]:
    out: dict[str, Series] = {}
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
    found = recognise(name)
    if found.kpi is None and id and not id.startswith(("events:", "query:")):
        found = recognise(id)
    if found.kpi is None and id.startswith("events:") and ">" not in id:
        found = recognise(id.removeprefix("events:"))
    base: dict[str, Any] = {
        "name": name,
        "series": id,
        "source": "file" if id else "hand",
        "cadence": "weekly" if id else "",
    }
    if found.kpi is not None:
        return of_kpi(found.kpi, **base), found.reason
    if id.startswith("events:") and ">" in id:
        return (
            Metric(**base, kind=metric_kinds.SHARED, owners=("Marketing", "Growth"), unit="percent"),
            "A conversion from one step to the next depends on who comes in and on what meets them.",
        )
    text = f"{name} {id}".replace("_", " ")
    outcome, process = _OUTCOME.search(text), _PROCESS.search(text)
    word = outcome or process
    if word is None:
        return Metric(
            **base, unit=unit
        ), f"Nothing in the name “{name}” says what it is: choose its kind yourself."
    kind = metric_kinds.OUTCOME if outcome else metric_kinds.PROCESS
    owner = "Growth" if outcome else "Marketing"
    what = "what became of people" if outcome else "what is done to reach people"
    return (
        Metric(**base, kind=kind, owners=(owner,), unit=unit),
        f"“{word.group(0)}” in the name speaks of {what}.",
    )


def slug(text: str) -> str:
    """A series' name as a metric id.

    >>> slug("events:trial_start>paid"), slug("E-Mail Opens (%)")
    ('events_trial_start_paid', 'e_mail_opens')
    """
    return re.sub(r"[^0-9a-z]+", "_", text.lower()).strip("_") or "metric"


def lines(
    workbook: Workbook, found: Measured, feeds: frozenset[str], today: dt.date
) -> tuple[tuple[Line, ...], tuple[Link, ...]]:
    """One line per metric, and every link that was looked at.

    Args:
        workbook: The register.
        found: What the data hold.
        feeds: Metric ids of the North Star tree.
        today: For reviews; staleness is read against the data's own end.
    """
    drafts = _drafts(workbook, found)
    by_kind: dict[str, list[Series]] = {
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
    links, same, spent = _relations(
        _bag(fronts),
        _bag(by_kind[metric_kinds.PROCESS]),
        _bag(ends),
        _bag([line.series for line in drafts if line.series]),
        _bag([found.series[key] for key in found.spend]),
    )
    by_series = {line.series.id: line.id for line in drafts if line.series}
    newest = max((line.series.last for line in drafts if line.series), default=today)
    done = [_finish(line, links, same, spent, by_series, newest, feeds, set(found.spend)) for line in drafts]
    return tuple(done), links


class _bag(tuple):  # noqa: N801 - a private value type
    """Series as a cache key: equal when ids, weeks and values are."""

    def __new__(cls, items: Sequence[Series]) -> _bag:
        return super().__new__(cls, items)

    def __hash__(self) -> int:
        return hash(tuple((item.id, item.starts[:1], item.values.tobytes()) for item in self))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, tuple) and [(i.id, i.starts, i.values.tobytes()) for i in self] == [
            (i.id, i.starts, i.values.tobytes()) for i in other
        ]


_RELATIONS: dict[
    int, tuple[tuple[object, ...], tuple[tuple[Link, ...], tuple[Duplicate, ...], dict[str, Link]]]
] = {}


def _relations(
    leaders: _bag, process: _bag, ends: _bag, every: _bag, spend: _bag
) -> tuple[tuple[Link, ...], tuple[Duplicate, ...], dict[str, Link]]:
    """Links, duplicates and spend-only metrics; the last few answers are kept."""
    key = (leaders, process, ends, every, spend)
    number = hash(key)
    if number in _RELATIONS and _RELATIONS[number][0] == key:
        return _RELATIONS[number][1]
    spent_ids = {item.id for item in spend}
    same = duplicates.duplicates([item for item in every if item.id not in spent_ids])
    spent = duplicates.spend_only(process, spend, ends) if spend else {}
    answer = (lead_lag.links(leaders, ends), same, spent)
    while len(_RELATIONS) >= 16:
        _RELATIONS.pop(next(iter(_RELATIONS)))
    _RELATIONS[number] = (key, answer)
    return answer


def _drafts(workbook: Workbook, found: Measured) -> list[Line]:
    """Register first, then what is only in the data."""
    out: list[Line] = []
    used: set[str] = set()
    by_name = {slug(item.name): key for key, item in found.series.items()} | {
        slug(key): key for key in found.series
    }
    for id, metric in workbook.metrics.items():
        key = (
            metric.series
            if metric.series in found.series
            else by_name.get(slug(metric.series or metric.name), "")
        )
        item = found.series.get(key)
        suggestion, reason = suggest(key, metric.name or id, metric.unit)
        used |= {key} if item else set()
        out.append(_described(Line(id, metric, suggestion, reason, True, item)))
    for key, item in found.series.items():
        if key not in used and key != "spend:total":
            suggestion, reason = suggest(key, item.name)
            id = slug(key)
            while id in workbook.metrics:
                id += "_2"
            out.append(
                _described(Line(id, Metric(name=item.name, series=key), suggestion, reason, False, item))
            )
    return out


def _described(line: Line) -> Line:
    if line.series is None:
        return line
    return Line(
        line.id,
        line.metric,
        line.suggestion,
        line.reason,
        line.is_registered,
        line.series,
        series.change(line.series),
        series.recent_trend(line.series),
    )


def _finish(
    line: Line,
    links: Sequence[Link],
    same: Sequence[Duplicate],
    spent: Mapping[str, Link],
    by_series: Mapping[str, str],
    newest: dt.date,
    feeds: frozenset[str],
    spend_ids: set[str],
) -> Line:
    key = line.series.id if line.series else ""
    leads = tuple(link for link in links if link.process == key and link.is_found and link.lag_weeks > 0)
    led_by = tuple(link for link in links if link.outcome == key and link.is_found and link.lag_weeks > 0)
    twin = next((by_series.get(pair.first, "") for pair in same if pair.second == key), "")
    spend = spent.get(key)
    verdict, reason = _judge(line, bool(leads), twin, spend, newest, key in spend_ids)
    return Line(
        line.id,
        line.metric,
        line.suggestion,
        line.reason,
        line.is_registered,
        line.series,
        line.change,
        line.trend,
        leads,
        led_by,
        twin,
        spend,
        verdict,
        reason,
        line.id in feeds,
    )


def _judge(
    line: Line, leads: bool, twin: str, spend: Link | None, newest: dt.date, is_spend: bool
) -> tuple[str, str]:
    """Keep | fix | drop with its reason, the strongest reason first."""
    item = line.series
    if item is not None and item.only_rises:
        return "drop", "It can only rise, whatever you do: read what is new in each period instead."
    if twin:
        return "drop", "It repeats another metric."
    if spend is not None:
        return "fix", "It moves with spend only: use it to check delivery, not success."
    if leads:
        return "keep", "It moves before an outcome does (correlational)."
    if item is None:
        return ("fix", "It is on the list but not measured.") if line.is_registered else ("", "")
    if (newest - item.last).days > STALE_DAYS:
        return "fix", "It has not been updated for a while."
    if line.is_registered and not line.metric.owners:
        return "fix", "Nobody answers for it."
    if is_spend:
        return "keep", "It is what the others have to be held against."
    if line.kind in (metric_kinds.OUTCOME, metric_kinds.SHARED):
        return (
            "keep",
            "It says what became of people."
            if line.kind == metric_kinds.OUTCOME
            else "Both teams can move it.",
        )
    if line.is_registered and not line.metric.decision:
        return "fix", "No decision is attached to it."
    return (
        ("keep", "A decision hangs on it.")
        if line.is_registered
        else ("", "No relation to an outcome is seen so far.")
    )


def finite(value: float | None) -> float | None:
    """The value, or None for NaN and infinity, so that tables and JSON stay clean."""
    return value if value is not None and math.isfinite(value) else None

"""How many people an idea would reach and how many of them convert today: proposed from what the company measures.

Two roads. The metrics file: the outcome metric's share is the baseline, the process metric's count the reach. The events:
the names of the idea's metrics say by which event people would enter a test and which one is success; the counting is
`testability.traffic`.
"""

from __future__ import annotations

import datetime as dt
import itertools
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from lib.analysis.result_types import Data
from lib.engine import query
from lib.engine.calendar import day_of
from lib.engine.datasets.dataset import Dataset
from lib.engine.evidence.cache import cached
from lib.engine.evidence.evidence import Evidence, Fact
from lib.framework import slots
from lib.framework.journey import recognise
from lib.framework.load import framework
from lib.framework.recognise import recognise_kpi
from lib.workbook.model import Idea, Workbook

RECENT_DAYS = 56  # eight weeks: long enough to be calm, short enough to be today
LEAST_VALUES = 3
# KPI of the catalogue -> kinds of events it leads from and to; "" takes the kind that people enter by.
STEPS: dict[str, tuple[str, str]] = {
    "visit_to_signup_rate": ("visit", "signup"), "activation_rate": ("signup", "activation"),
    "trial_to_paid_rate": ("trial", "paid"), "lead_to_customer_rate": ("interest", "paid"),
    "onboarding_completion": ("signup", "activation"), "signups": ("visit", "signup"), "trials": ("signup", "trial"),
    "qualified_trials": ("signup", "trial"), "activated_users": ("signup", "activation"),
    "new_customers": ("trial", "paid"), "website_traffic": ("visit", "signup"), "leads": ("visit", "interest"),
}  # fmt: skip
_RATES = frozenset(id for id, kpi in framework().kpis.items() if kpi.unit == "percent")
SERIES_SQL = """
SELECT date, SUM(value) AS value, COUNT(*) AS parts FROM metrics
WHERE metric = $metric AND value IS NOT NULL {whole} GROUP BY date ORDER BY date DESC LIMIT 90
"""
NAMES_SQL = """
SELECT metric, COUNT(*) AS values, MIN(value) AS low, MAX(value) AS high FROM metrics
WHERE value IS NOT NULL GROUP BY metric ORDER BY metric
"""


@dataclass(frozen=True)
class RecentMetric:
    """One series of the metrics file as it stands now.

    Attributes:
        metric: Its name in the file.
        value: Mean of its recent values: a share 0..1, or a count a week.
        is_share: Whether it is a share.
        evidence: One row: value, values read, days between them, last day.
    """

    metric: str
    value: float
    is_share: bool
    evidence: Evidence

    @property
    def fact(self) -> Fact:
        """The value for a person."""
        return self.evidence.fact(0, "value", "percent1" if self.is_share else "count")


@dataclass(frozen=True)
class IdeaSizing:
    """What the metrics file says about an idea; either side may be missing."""

    baseline: RecentMetric | None
    reach: RecentMetric | None

    @property
    def answers(self) -> dict[str, float]:
        """Fields of the idea -> value."""
        found: dict[str, float] = {}
        if self.baseline is not None:
            found["baseline"] = round(self.baseline.value, 6)
        if self.reach is not None:
            found["weekly_users"] = float(round(self.reach.value))
        return found


@cached
def series_names(metrics: Dataset) -> dict[str, bool]:
    """Series of the file -> whether their values can be shares (all between 0 and 1, not all whole)."""
    rows = query.query(NAMES_SQL, {slots.METRICS: metrics}).records()
    return {str(r["metric"]): r["low"] >= 0 and r["high"] <= 1 and r["high"] not in (0, 1) for r in rows}


@cached
def recent(metrics: Dataset, series: str, in_hundred: bool = False) -> RecentMetric | None:
    """The recent level of a series, None where it is too short, split into parts that do not add up, or empty.

    Args:
        metrics: Contract `metrics`.
        series: Name in the file.
        in_hundred: It is a rate written as 22.1 for 22.1 %.
    """
    if series not in series_names(metrics):
        return None
    is_share = in_hundred or series_names(metrics)[series]
    sql, rows = _values(metrics, series)
    if len(rows) < LEAST_VALUES or (is_share and any(parts > 1 for *_, parts in rows)):
        return None
    level, used, gap = _level(rows)
    level *= 0.01 if in_hundred else 1 if is_share else 7 / gap
    evidence = query.evidence(
        f"Recent level of {series}",
        "Mean of its last eight weeks" + ("." if is_share else ", as people a week."),
        sql,
        {slots.METRICS: metrics},
        {"metric": series},
        columns=("value", "values_read", "days_between", "last_day"),
        rows=[(level, used, gap, rows[0][0].isoformat())],
    )
    return RecentMetric(series, level, is_share, evidence)


def _level(rows: Sequence[tuple[dt.date, float, int]]) -> tuple[float, int, float]:
    """Mean of the newest values, how many they are, and the usual days between two."""
    gap = statistics.median((a[0] - b[0]).days for a, b in itertools.pairwise(rows)) or 1
    used = [value for day, value, _ in rows if (rows[0][0] - day).days < RECENT_DAYS]
    if len(used) < LEAST_VALUES:
        used = [value for _, value, _ in rows[:LEAST_VALUES]]
    return statistics.fmean(used), len(used), gap


def _values(metrics: Dataset, series: str) -> tuple[str, list[tuple[dt.date, float, int]]]:
    """The query for a series, and its last dates, newest first, with value and how many parts it was added from.

    Values that are only given split count where there are none of the whole: counts may be added, shares may not.
    """
    if not metrics.has("segment"):
        return _asked(metrics, series, "")
    whole = _asked(metrics, series, "AND segment IS NULL")
    return whole if whole[1] else _asked(metrics, series, "")


def _asked(metrics: Dataset, series: str, whole: str) -> tuple[str, list[tuple[dt.date, float, int]]]:
    sql = SERIES_SQL.format(whole=whole)
    rows = query.query(sql, {slots.METRICS: metrics}, {"metric": series}).records()
    return sql, [(day_of(row["date"]), float(row["value"]), int(row["parts"])) for row in rows]


def _series_of(book: Workbook, metric: str, known: dict[str, bool]) -> str:
    """The series of the file behind a metric: as the register says, else by its name; "" for none."""
    record = book.metrics.get(metric)
    wanted = [record.series, record.name] if record else [metric]
    names = {_plain(name): name for name in known}
    return next((names[_plain(name)] for name in wanted if name and _plain(name) in names), "")


def _plain(text: str) -> str:
    return "_".join(text.lower().replace("-", " ").replace("_", " ").split())


def from_metrics(book: Workbook, data: Data, idea: Idea) -> IdeaSizing | None:
    """Baseline and reach from the metrics file; None where it has neither.

    Args:
        book: Its register binds metrics to series.
        data: Slot -> dataset.
        idea: Its outcome metric gives the baseline where that is a share; its process metric the reach where that is
            a count.
    """
    metrics = data.get(slots.METRICS)
    if metrics is None:
        return None
    known = series_names(metrics)

    def now(metric: str) -> RecentMetric | None:
        name = _series_of(book, metric, known)
        return recent(metrics, name, _kpi_of(book, metric) in _RATES and not known[name]) if name else None

    outcome, process = now(idea.outcome_metric), now(idea.process_metric)
    baseline = outcome if outcome and outcome.is_share and 0 < outcome.value < 1 else None
    reach = process if process and not process.is_share and process.value > 0 else None
    return IdeaSizing(baseline, reach) if baseline or reach else None


def likely_events(book: Workbook, idea: Idea, names: list[str]) -> tuple[str, str]:
    """(event by which people would enter, event that is success) by the names of the idea's metrics; "" where unclear.

    Args:
        book: Its register and journey.
        idea: With its two metrics.
        names: Events of the file, those most people did first.

    >>> likely_events(Workbook(), Idea(outcome_metric="Trial-to-paid rate"), ["visit", "trial_start", "paid"])
    ('trial_start', 'paid')
    """
    kinds: dict[str, str] = {}
    for name in names:
        kind = recognise(name)
        if kind is not None:
            kinds.setdefault(kind.id, name)
    outcome, process = (_kpi_of(book, metric) for metric in (idea.outcome_metric, idea.process_metric))
    entry_kind, success_kind = STEPS.get(outcome, ("", ""))
    own_entry = STEPS.get(process, ("", ""))[1]
    entry = kinds.get(entry_kind, "") or kinds.get(own_entry, "")
    named = {_plain(name): name for name in names}
    success = named.get(_plain(_name_of(book, idea.outcome_metric)), "") or kinds.get(success_kind, "")
    entry = entry or named.get(_plain(_name_of(book, idea.process_metric)), "")
    return "" if entry == success else entry, success


def _name_of(book: Workbook, metric: str) -> str:
    record = book.metrics.get(metric)
    return record.name if record else metric


def _kpi_of(book: Workbook, metric: str) -> str:
    record = book.metrics.get(metric)
    if record and record.kpi:
        return record.kpi
    known = recognise_kpi(_name_of(book, metric))
    return known.id if known else ""

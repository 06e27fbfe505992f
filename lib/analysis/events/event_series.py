"""Weekly metrics read from events and spend: people per step, conversion between steps, revenue, spend."""

from __future__ import annotations

import datetime as dt
import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lib.analysis.metrics.series import MetricSeries, label
from lib.analysis.metrics.series_reading import from_values
from lib.engine import query
from lib.engine.calendar import Calendar, day_of
from lib.engine.datasets.dataset import Dataset
from lib.engine.evidence.cache import cached
from lib.engine.evidence.evidence import Evidence
from lib.framework import slots
from lib.framework.journey import recognise

WINDOW_DAYS = 14
MAX_STEPS = 8
CHAIN = (
    "visit",
    "signup",
    "trial",
    "activation",
    "checkout",
    "paid",
)  # kinds of steps that follow one another

PEOPLE_SQL = """
WITH firsts AS (
  SELECT user_id, event, MIN(timestamp) AS seen FROM events WHERE event IS NOT NULL GROUP BY user_id, event
)
SELECT event, CAST({week} AS DATE) AS start, COUNT(*) AS people FROM firsts GROUP BY 1, 2 ORDER BY 1, 2
"""
RATE_SQL = """
WITH firsts AS (
  SELECT user_id, event, MIN(timestamp) AS seen FROM events WHERE event IS NOT NULL GROUP BY user_id, event
), edge AS (SELECT MAX(timestamp) AS until FROM events)
SELECT CAST({week} AS DATE) AS start, COUNT(*) AS entered,
       COUNT(*) FILTER (WHERE b.seen >= a.seen AND b.seen <= a.seen + $window * INTERVAL '1' DAY) AS reached
FROM firsts a LEFT JOIN firsts b ON b.user_id = a.user_id AND b.event = $finish, edge
WHERE a.event = $start AND a.seen <= edge.until - $window * INTERVAL '1' DAY
GROUP BY 1 ORDER BY 1
"""
REVENUE_SQL = "SELECT CAST({week} AS DATE) AS start, SUM(revenue) AS total FROM events GROUP BY 1 ORDER BY 1"
SPEND_SQL = "SELECT CAST({week} AS DATE) AS start, SUM(spend) AS total FROM spend GROUP BY 1 ORDER BY 1"
EDGE_SQL = "SELECT CAST(MIN(timestamp) AS DATE) AS first, CAST(MAX(timestamp) AS DATE) AS last FROM events"
DEFINITION = (
    "People by the week in which they first did the event; rates by the week of entry, of "
    "people who could be watched for the "
    "whole window; money summed. Weeks that the file does not cover whole are left out."
)

Weekly = dict[dt.date, float]  # first day of a week -> value


@cached
def from_events(dataset: Dataset, calendar: Calendar) -> tuple[tuple[MetricSeries, ...], Evidence]:
    """People per journey event, conversion from each to the next, and revenue, by week.

    Args:
        dataset: Events.
        calendar: Weeks of the workbook.
    """
    data = {slots.EVENTS: dataset}
    edge = query.query(EDGE_SQL, data).records()[0]
    people: dict[str, Weekly] = {}
    sql = PEOPLE_SQL.format(week=calendar.sql("week", "seen"))
    for row in query.query(sql, data).records():
        people.setdefault(row["event"], {})[day_of(row["start"])] = float(row["people"])
    made: list[MetricSeries] = []
    if people and edge["first"] is not None:
        span = _Span(day_of(edge["first"]), day_of(edge["last"]), calendar)
        made = [*_steps(people, span), *_rates(dataset, people, span), *_revenue(dataset, span)]
    shown = [
        (s.id, start, None if math.isnan(v) else float(v))
        for s in made
        for start, v in zip(s.starts, s.values, strict=True)
    ]
    table = query.evidence(
        "Metrics from events", DEFINITION, sql, data, rows=shown, columns=("metric", "start", "value")
    )
    return tuple(item for item in made if len(item.values) >= 2), table


@dataclass(frozen=True)
class _Span:
    """The days that a file covers, and the weeks they are counted in."""

    first: dt.date
    last: dt.date
    calendar: Calendar

    def series(
        self, id: str, name: str, values: Weekly, format: str, *, is_rate: bool = False
    ) -> MetricSeries:
        """The weeks that lie whole inside."""
        return _series(id, name, values, self.first, self.last, self.calendar, format, is_rate=is_rate)


def _steps(people: Mapping[str, Weekly], span: _Span) -> list[MetricSeries]:
    """People at each step of the journey."""
    return [
        span.series(f"events:{name}", f"{label(name)}, people", people[name], "count")
        for name in journey(people)
    ]


def _rates(dataset: Dataset, people: Mapping[str, Weekly], span: _Span) -> list[MetricSeries]:
    """Conversion from each step that follows another to the next."""
    chain = [name for name in journey(people) if (kind := recognise(name)) and kind.id in CHAIN]
    sql = RATE_SQL.format(week=span.calendar.sql("week", "a.seen"))
    made = []
    for start, finish in itertools.pairwise(chain):
        params = {"start": start, "finish": finish, "window": WINDOW_DAYS}
        rows = query.query(sql, {slots.EVENTS: dataset}, params).records()
        values = {day_of(row["start"]): row["reached"] / row["entered"] for row in rows if row["entered"]}
        name = f"{label(start)} to {label(finish).lower()} rate"
        made.append(span.series(f"events:{start}>{finish}", name, values, "percent1", is_rate=True))
    return made


def _revenue(dataset: Dataset, span: _Span) -> list[MetricSeries]:
    """Revenue, where the file has any."""
    if not dataset.has("revenue"):
        return []
    sql = REVENUE_SQL.format(week=span.calendar.sql("week", "timestamp"))
    rows = query.query(sql, {slots.EVENTS: dataset}).records()
    values = {day_of(row["start"]): float(row["total"]) for row in rows if row["total"] is not None}
    return [span.series("events:revenue", "Revenue", values, "money")] if values else []


def journey(people: Mapping[str, Weekly]) -> list[str]:
    """Events that are steps of the journey, in its usual order; the busiest of each kind."""
    best: dict[str, tuple[int, float, str]] = {}
    for event, weeks in people.items():
        kind = recognise(event)
        total = sum(weeks.values())
        if kind and kind.on_journey and (kind.id not in best or best[kind.id][1] < total):
            best[kind.id] = (kind.order, total, event)
    return [event for _, _, event in sorted(best.values())][:MAX_STEPS]


@cached
def from_spend(dataset: Dataset, calendar: Calendar) -> MetricSeries | None:
    """All spend by week, or None when the file is empty."""
    rows = query.query(
        SPEND_SQL.format(week=calendar.sql("week", "CAST(date AS TIMESTAMP)")), {slots.SPEND: dataset}
    ).records()
    values = {
        day_of(row["start"]): float(row["total"])
        for row in rows
        if row["total"] is not None and row["start"] is not None
    }
    if not values:
        return None
    return _series(
        "spend:total", "Spend", values, min(values), max(values) + dt.timedelta(days=6), calendar, "money"
    )


def from_rows(
    id: str, name: str, rows: Sequence[Sequence[object]], calendar: Calendar
) -> MetricSeries | None:
    """A series from the first two columns of a saved query: a date and a number; None when they are not that.

    Args:
        id: Series id.
        name: For people.
        rows: Rows of the query.
        calendar: Weeks of the workbook; days are put together as those of a metrics file.
    """
    values: list[tuple[dt.date, float]] = []
    for row in rows:
        try:
            day = day_of(row[0]) if isinstance(row[0], dt.date) else dt.date.fromisoformat(str(row[0])[:10])
            value = float(str(row[1]))
        except (ValueError, IndexError):
            continue
        if math.isfinite(value):
            values.append((day, value))
    return from_values(id, name, values, calendar)


def _series(
    id: str,
    name: str,
    values: dict[dt.date, float],
    first: dt.date,
    last: dt.date,
    calendar: Calendar,
    format: str,
    *,
    is_rate: bool = False,
) -> MetricSeries:
    start = calendar.start("week", first)
    start = start if start == first else calendar.next("week", start)
    starts = []
    while calendar.next("week", start) <= last + dt.timedelta(days=1):
        starts.append(start)
        start = calendar.next("week", start)
    empty = math.nan if is_rate else 0.0  # nobody in a week is a count of zero, but no rate
    array = np.array([values.get(day, empty) for day in starts], float)
    return MetricSeries(id, name, "week", tuple(starts), array, is_rate, last, format)

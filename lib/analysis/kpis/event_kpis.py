"""What people do: activation within a week of signing up, and revenue per active user."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass

from lib.analysis.events.growth_accounting import ENOUGH_USERS, growth_accounting
from lib.analysis.kpis.kpi_value import KpiValue, kpi_value, mean_interval
from lib.engine.calendar import Calendar
from lib.engine.datasets.dataset import Dataset
from lib.engine.evidence.cache import cached
from lib.engine.query import query
from lib.framework import slots
from lib.framework.journey import recognise
from lib.stats.intervals import Interval, wilson
from lib.workbook.model import Workbook

ACTIVATION_DAYS = 7
REVENUE_DAYS = 30
LEAST = 30
MOST_KINDS = 500  # event names looked at; a file with more has free text in its event column

KINDS_SQL = """
SELECT event, COUNT(DISTINCT user_id) AS people FROM events GROUP BY event ORDER BY people DESC, event LIMIT 500
"""
ACTIVATION_SQL = """
WITH span AS (SELECT MAX(timestamp) AS as_of FROM events),
joined AS (
  SELECT user_id, MIN(timestamp) AS joined_at FROM events WHERE event IN ({start}) GROUP BY user_id
),
mature AS (
  SELECT user_id, joined_at FROM joined CROSS JOIN span
  WHERE joined_at + INTERVAL '7' DAY <= as_of
),
reached AS (
  SELECT DISTINCT m.user_id FROM mature m JOIN events e ON e.user_id = m.user_id
  WHERE e.event IN ({goal}) AND e.timestamp >= m.joined_at AND e.timestamp <= m.joined_at + INTERVAL '7' DAY
)
SELECT (SELECT COUNT(*) FROM mature) AS n, (SELECT COUNT(*) FROM reached) AS activated,
       (SELECT COUNT(*) FROM joined) AS joined,
       (SELECT MIN(joined_at) FROM mature) AS first_day, (SELECT MAX(joined_at) FROM mature) AS last_day
"""
REVENUE_SQL = """
WITH span AS (SELECT MAX(timestamp) AS as_of FROM events),
users AS (
  SELECT user_id, COALESCE(SUM(revenue), 0) AS revenue FROM events CROSS JOIN span
  WHERE timestamp > as_of - INTERVAL '30' DAY GROUP BY user_id
)
SELECT COUNT(*) AS n, AVG(revenue) AS mean, STDDEV_SAMP(revenue) AS deviation,
       (SELECT MAX(as_of) FROM span) AS as_of
FROM users
"""


@dataclass(frozen=True)
class EventRoles:
    """Which events stand for signing up, a first success and paying; empty where none was recognised."""

    signup: tuple[str, ...]
    activation: tuple[str, ...]
    paid: tuple[str, ...]


@cached
def kinds(events: Dataset) -> tuple[str, ...]:
    """Event names, most people first; the first 500."""
    return tuple(str(row["event"]) for row in query(KINDS_SQL, {slots.EVENTS: events}).records())


def roles(book: Workbook, events: Dataset) -> EventRoles:
    """Which events mean what: as the team mapped them on the journey, else by their names.

    Args:
        book: Its journey stages come first where they name events of the file.
        events: Contract events.
    """
    names = kinds(events)
    # Of several such stages the last counts: a trial may count as activation too, but the success comes after it.
    mapped = {
        stage.aarrr: found
        for _, stage in book.journey()
        if (found := tuple(event for event in stage.events if event in names))
    }
    named: dict[str, tuple[str, ...]] = {}
    for name in names:
        if (kind := recognise(name)) is not None:
            named[kind.id] = (*named.get(kind.id, ()), name)
    return EventRoles(
        signup=named.get("signup") or named.get("trial", ()),
        activation=mapped.get("activation") or named.get("activation", ()),
        paid=mapped.get("revenue") or named.get("paid", ()),
    )


def activation(events: Dataset, found: EventRoles) -> KpiValue:
    """Users with a first success within seven days / all who signed up at least seven days before the data end."""
    if not found.signup or not found.activation:
        missing = "a sign-up event" if not found.signup else "an event that stands for the first success"
        return kpi_value(
            "activation_rate",
            wilson(0, 0),
            "percent1",
            sql=KINDS_SQL,
            datasets={slots.EVENTS: events},
            needs=f"{missing}; name it on the handoff map",
            definition="Users with a first success within seven days of signing up / all who signed up.",
        )
    params = {f"start{i}": name for i, name in enumerate(found.signup)}
    params |= {f"goal{i}": name for i, name in enumerate(found.activation)}
    sql = ACTIVATION_SQL.format(
        start=", ".join(f"$start{i}" for i in range(len(found.signup))),
        goal=", ".join(f"$goal{i}" for i in range(len(found.activation))),
    )
    row = query(sql, {slots.EVENTS: events}, params).records()[0]
    n = int(row["n"] or 0)
    return kpi_value(
        "activation_rate",
        wilson(int(row["activated"] or 0), n),
        "percent1",
        sql=sql,
        params=params,
        datasets={slots.EVENTS: events},
        window=(row["first_day"], row["last_day"]),
        method="Wilson interval, 95 %",
        needs="" if n >= LEAST else f"about {LEAST - n} more sign-ups that are at least a week old",
        definition=f"People with {' or '.join(found.activation)} within {ACTIVATION_DAYS} days of "
        f"{' or '.join(found.signup)} / all with {' or '.join(found.signup)} at least "
        f"{ACTIVATION_DAYS} days before the data end.",
    )


def quick_ratio(events: Dataset, calendar: Calendar | None = None) -> KpiValue:
    """People gained / people lost over the last three complete months, where no customers file says it.

    Args:
        events: Contract events.
        calendar: Whose months count; UTC when None.
    """
    table = growth_accounting(events, calendar=calendar).evidence[1]
    row = table.records()[0]
    gained, lost = int(row["gained"] or 0), int(row["lost"] or 0)
    short = max(0, ENOUGH_USERS - min(gained, lost))
    is_known = not short and row["quick_ratio"] is not None
    interval = (
        Interval(
            float(row["quick_ratio"] or 0),
            float(row["ci_low"] or 0),
            float(row["ci_high"] or 0),
            gained + lost,
        )
        if is_known
        else Interval(math.nan, 0, math.inf, gained + lost)
    )
    return kpi_value(
        "quick_ratio",
        interval,
        "ratio2",
        sql=table.sql,
        params=dict(table.params),
        datasets={slots.EVENTS: events},
        method="Normal interval of the log ratio of counts, 95 %",
        needs="" if is_known else f"about {max(1, short)} more people gained and lost in complete months",
        definition="People new or come back / people gone, last three complete months of the events. People, not "
        "revenue: a customers file would say it in money.",
    )


def revenue_per_user(events: Dataset) -> KpiValue | None:
    """Revenue of the last thirty days / people active in them; None where events carry no revenue."""
    if not events.has("revenue"):
        return None
    row = query(REVENUE_SQL, {slots.EVENTS: events}).records()[0]
    n = int(row["n"] or 0)
    end = row["as_of"]
    return kpi_value(
        "revenue_per_active_user",
        mean_interval(row["mean"], row["deviation"], n),
        "money",
        kpi="revenue_per_user",
        name="Revenue per active user, 30 days",
        sql=REVENUE_SQL,
        datasets={slots.EVENTS: events},
        window=(end - dt.timedelta(days=REVENUE_DAYS) if end else None, end),
        method="Mean per person, t interval, 95 %",
        definition="Revenue of the last 30 days of the file / people with any event in them.",
        needs="" if n >= LEAST else f"about {LEAST - n} more active people",
    )

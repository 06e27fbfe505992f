"""Quicksand: more and more volume while its quality falls, settled into mix and rate."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence

from lib.analysis.metrics.mix_rate import WINDOW_DAYS, MixResult, Period, from_events
from lib.analysis.metrics.series import MetricSeries, change
from lib.engine import query
from lib.engine.calendar import Calendar
from lib.engine.datasets.dataset import Dataset
from lib.engine.evidence.cache import cached
from lib.errors import DataError
from lib.framework import slots
from lib.framework.journey import recognise

MIN_ENTERED = 100
VOLUME_UP = 0.10
EDGE_SQL = """
SELECT CAST(MIN(timestamp) AS DATE) AS first, CAST(MAX(timestamp) AS DATE) AS last,
       COUNT(DISTINCT user_id) AS users FROM events
"""
KINDS_SQL = """
SELECT event, COUNT(DISTINCT user_id) AS users FROM events WHERE event IS NOT NULL GROUP BY event ORDER BY 2 DESC, 1
"""
_ENTRY = ("trial", "signup", "lead", "visit")


def kinds(dataset: Dataset) -> list[str]:
    """Event names, those of most people first."""
    return [row["event"] for row in query.query(KINDS_SQL, {slots.EVENTS: dataset}).records()]


def steps(names: Sequence[str]) -> tuple[str, str] | None:
    """The entry and the outcome whose conversion tells quality: a trial (else signup, lead, visit) and paying.

    >>> steps(["visit", "trial_start", "paid"])
    ('trial_start', 'paid')
    """
    found = {name: recognise(name) for name in names}
    outcomes = [name for name, kind in found.items() if kind and kind.is_outcome]
    for wanted in _ENTRY:
        entries = [
            name for name, kind in found.items() if kind and kind.id == wanted and name not in outcomes
        ]
        if entries and outcomes:
            return entries[0], outcomes[0]
    return None


def days(dataset: Dataset, window_days: float = WINDOW_DAYS) -> tuple[dt.date, dt.date] | None:
    """First day of the file, and the last one whose people could be watched for the window; None where there is none."""
    edge = query.query(EDGE_SQL, {slots.EVENTS: dataset}).records()[0]
    if edge["first"] is None:
        return None
    last = edge["last"] - dt.timedelta(days=math.ceil(window_days))
    return (edge["first"], last) if last > edge["first"] else None


def months(dataset: Dataset, calendar: Calendar, window_days: float = WINDOW_DAYS) -> tuple[Period, ...]:
    """Whole months of the file whose people could all be watched for the window."""
    edge = query.query(EDGE_SQL, {slots.EVENTS: dataset}).records()[0]
    if edge["first"] is None:
        return ()
    start = edge["first"]
    start = start if start.day == 1 else calendar.next("month", calendar.start("month", start))
    out: list[Period] = []
    while True:
        last = calendar.next("month", start) - dt.timedelta(days=1)
        if last + dt.timedelta(days=math.ceil(window_days)) > edge["last"]:
            return tuple(out)
        out.append(Period(start, last, start.strftime("%b %Y")))
        start = calendar.next("month", start)


@cached
def detect(dataset: Dataset, calendar: Calendar) -> MixResult | None:
    """Compare the last whole month with the first (at most a year before).

    Args:
        dataset: Events.
        calendar: Months of the workbook.

    Returns:
        The split, whatever it says (`is_quicksand` judges it), or None where the file cannot tell: no entry and outcome
        event, less than two whole months, or fewer than `MIN_ENTERED` people in one of them.
    """
    names = kinds(dataset)
    pair, whole = steps(names), months(dataset, calendar)
    if pair is None or len(whole) < 2:
        return None
    try:
        found = from_events(dataset, *pair, whole[max(-13, -len(whole))], whole[-1], calendar=calendar)
    except DataError:
        return None
    sums = found.evidence[1].records()[0]
    return found if min(sums["entered_before"], sums["entered_after"]) >= MIN_ENTERED else None


def is_quicksand(found: MixResult) -> bool:
    """Whether volume rose clearly while the rate fell beyond its sampling error."""
    sums = found.evidence[1].records()[0]
    return bool((sums["entered_change"] or 0) > VOLUME_UP and sums["change_high"] < 0)


def from_series(
    volume: Sequence[MetricSeries], quality: Sequence[MetricSeries]
) -> list[tuple[MetricSeries, MetricSeries]]:
    """Pairs of a volume that rose and a rate that fell against the year or quarter before, for files without events.

    Args:
        volume: Process counts.
        quality: Outcome or shared rates.
    """

    def moved(item: MetricSeries) -> float:
        found = change(item)
        return found.year if math.isfinite(found.year) else _quarter(item)

    rising = [item for item in volume if not item.is_rate and not item.only_rises and moved(item) > VOLUME_UP]
    falling = [item for item in quality if item.is_rate and moved(item) < -VOLUME_UP]
    return [(a, b) for a in rising for b in falling]


def _quarter(item: MetricSeries) -> float:
    values = item.values[~(item.values != item.values)]
    if len(values) < 26:
        return math.nan
    now, before = float(values[-13:].mean()), float(values[-26:-13].mean())
    return now / before - 1 if before > 0 else math.nan

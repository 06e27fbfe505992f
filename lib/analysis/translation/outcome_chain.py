"""The measured chain from a process result to an outcome: leads, trials, paying, revenue, each link with its range."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lib.analysis.kpis import event_kpis
from lib.analysis.kpis.kpi_value import channel_sql, mean_interval, unknown
from lib.analysis.result_types import Data
from lib.engine.datasets.dataset import Dataset
from lib.engine.evidence.cache import cached
from lib.engine.evidence.evidence import Evidence, single
from lib.engine.query import evidence, query
from lib.engine.segments import segment_ctes
from lib.framework import slots
from lib.framework.journey import recognise
from lib.stats.intervals import Interval, wilson
from lib.workbook.model import Workbook

WINDOW_DAYS = 30
LEAST = 30  # people who entered a link, below which it is not used
_ROLES = ("visit", "signup", "trial", "activation", "paid")

# People of one step whose thirty days are over, and when they first reached it and the next one.
_MATURE = """
WITH {who}span AS (SELECT MAX(timestamp) AS as_of FROM events),
a AS (SELECT user_id, MIN(timestamp) AS seen_at FROM events WHERE event IN ({start}){mine} GROUP BY user_id),
b AS (SELECT user_id, MIN(timestamp) AS seen_at FROM events WHERE event IN ({goal}) GROUP BY user_id),
mature AS (SELECT a.user_id, a.seen_at FROM a CROSS JOIN span WHERE a.seen_at + INTERVAL '30' DAY <= as_of)
"""
_COUNTS = """COUNT(*) AS entered,
       COUNT(*) FILTER (WHERE b.seen_at >= mature.seen_at
                          AND b.seen_at <= mature.seen_at + INTERVAL '30' DAY) AS reached
"""
LINK_SQL = f"""{_MATURE}SELECT {_COUNTS}FROM mature LEFT JOIN b ON b.user_id = mature.user_id
"""
# Where a person came from: their channel segment, under the team's name for it.
WHO_SQL = f"""{segment_ctes("channel").strip()},
came AS (SELECT g.user_id, {{channel}} AS channel FROM segment g),
"""
RATES_SQL = f"""{_MATURE}SELECT came.channel, {_COUNTS}\
FROM mature JOIN came ON came.user_id = mature.user_id LEFT JOIN b ON b.user_id = mature.user_id
GROUP BY came.channel ORDER BY entered DESC, came.channel
"""
VOLUME_SQL = """
WITH span AS (SELECT MAX(timestamp) AS as_of FROM events),
firsts AS (SELECT user_id, MIN(timestamp) AS seen_at FROM events WHERE event IN ({start}) GROUP BY user_id)
SELECT COUNT(*) AS people, CAST(MIN(as_of) AS DATE) AS as_of FROM firsts CROSS JOIN span
WHERE seen_at > as_of - INTERVAL '30' DAY
"""
VALUE_SQL = """
SELECT COUNT(*) AS customers, AVG(mrr) AS mean, STDDEV_SAMP(mrr) AS deviation FROM customers WHERE mrr IS NOT NULL
"""


@dataclass(frozen=True)
class ChainStep:
    """One place of the chain: its name and the events that mean it."""

    id: str
    name: str
    events: tuple[str, ...]


@dataclass(frozen=True)
class ChainLink:
    """From one step to the next.

    Attributes:
        start: Where people begin.
        goal: Where they get to.
        rate: Share that goes on within thirty days, with its Wilson interval.
        evidence: The counts.
    """

    start: ChainStep
    goal: ChainStep
    rate: Interval
    evidence: Evidence


@dataclass(frozen=True)
class Chain:
    """What is measured.

    Attributes:
        steps: In order of the journey.
        links: Between neighbours; one fewer than steps.
        volume: People who reached the first step in the last thirty days.
        value: Monthly revenue of a paying customer with its range; NaN value when unknown.
        evidence: All tables.
        channel: Whose rates these are, "" for everybody's.
    """

    steps: tuple[ChainStep, ...]
    links: tuple[ChainLink, ...]
    volume: int
    value: Interval
    evidence: tuple[Evidence, ...]
    channel: str = ""

    @property
    def lowest(self) -> ChainLink | None:
        """The link that the smallest share of people pass; None without links."""
        return min(self.links, key=lambda link: link.rate.value, default=None)


def steps_of(book: Workbook, names: tuple[str, ...]) -> tuple[ChainStep, ...]:
    """The journey's stages that the file knows, else steps recognised by the names of events."""
    mapped: list[ChainStep] = []
    for id, stage in book.journey():
        events = tuple(event for event in stage.events if event in names)
        if events and stage.aarrr != "retention":
            mapped.append(ChainStep(id, stage.name or id, events))
    if len(mapped) < 2:
        return _recognised(names)
    ends = [i for i, step in enumerate(mapped, 1) if book.stages[step.id].aarrr == "revenue"]
    return tuple(mapped[: ends[0]] if ends else mapped)


def _recognised(names: tuple[str, ...]) -> tuple[ChainStep, ...]:
    """One event for each role that the names of events tell."""
    first: dict[str, str] = {}
    for name in names:
        if kind := recognise(name):
            first.setdefault(kind.id, name)
    return tuple(
        ChainStep(role, first[role].replace("_", " ").capitalize(), (first[role],))
        for role in _ROLES
        if role in first
    )


def _in(prefix: str, events: tuple[str, ...]) -> tuple[str, dict[str, str]]:
    names = {f"{prefix}{i}": event for i, event in enumerate(events)}
    return ", ".join(f"${name}" for name in names), names


@cached
def link(
    events: Dataset,
    start: ChainStep,
    goal: ChainStep,
    channel: str = "",
    aliases: Mapping[str, Any] | None = None,
) -> ChainLink:
    """Share of people at one step who reach the next within thirty days; the immature left out.

    Args:
        events: Contract `events`.
        start: Where people begin.
        goal: Where they get to.
        channel: Only people who came through it; "" for everybody.
        aliases: The team's channel names.
    """
    left, a = _in("start", start.events)
    right, b = _in("goal", goal.events)
    who = WHO_SQL.format(channel=channel_sql("g.segment", aliases or {})) if channel else ""
    mine = " AND user_id IN (SELECT user_id FROM came WHERE channel = $channel)" if channel else ""
    sql = LINK_SQL.format(start=left, goal=right, who=who, mine=mine)
    params = a | b | ({"channel": channel} if channel else {})
    row = query(sql, {slots.EVENTS: events}, params).records()[0]
    entered, reached = int(row["entered"] or 0), int(row["reached"] or 0)
    rate = wilson(reached, entered)
    of = f" who came through {channel}" if channel else ""
    table = evidence(
        f"From {start.name} to {goal.name}" + (f", {channel}" if channel else ""),
        f"People{of} who reached {goal.name} within {WINDOW_DAYS} days of their first {start.name} / people{of} whose "
        f"first {start.name} is at least {WINDOW_DAYS} days before the data end.",
        sql,
        {slots.EVENTS: events},
        params,
        columns=("entered", "reached", "rate", "ci_low", "ci_high"),
        rows=[(entered, reached, rate.value if entered else None, rate.low, rate.high)],
        method="Wilson interval, 95 %",
    )
    return ChainLink(start, goal, rate, table)


@cached
def channel_rates(
    events: Dataset, start: ChainStep, goal: ChainStep, aliases: Mapping[str, Any] | None = None
) -> Evidence | None:
    """How people of each channel go from one step to another, best first; None where no channel is named.

    Args:
        events: Contract `events`.
        start: Where people begin.
        goal: Where they get to.
        aliases: The team's channel names.

    Returns:
        Columns channel, entered, reached, rate, ci_low, ci_high, against_all (its rate over everybody's).
    """
    if not events.has("channel"):
        return None
    left, a = _in("start", start.events)
    right, b = _in("goal", goal.events)
    sql = RATES_SQL.format(
        start=left, goal=right, who=WHO_SQL.format(channel=channel_sql("g.segment", aliases or {})), mine=""
    )
    found = [
        (str(r["channel"]), int(r["entered"]), int(r["reached"]))
        for r in query(sql, {slots.EVENTS: events}, a | b).records()
        if int(r["entered"]) >= LEAST
    ]
    overall = sum(r for *_, r in found) / max(1, sum(n for _, n, _ in found))
    rows = []
    for channel, entered, reached in found:
        rate = wilson(reached, entered)
        against = rate.value / overall if overall else None
        rows.append((channel, entered, reached, rate.value, rate.low, rate.high, against))
    rows.sort(key=lambda row: -row[3])
    return (
        evidence(
            f"From {start.name} to {goal.name}, by channel",
            f"People by the channel of their first event that names one: of those whose first {start.name} is at least "
            f"{WINDOW_DAYS} days before the data end, the share that reached {goal.name} within {WINDOW_DAYS} days. Channels "
            f"with fewer than {LEAST} such people are left out.",
            sql,
            {slots.EVENTS: events},
            a | b,
            rows=rows,
            method="Wilson interval, 95 %",
            columns=("channel", "entered", "reached", "rate", "ci_low", "ci_high", "against_all"),
        )
        if rows
        else None
    )


@cached
def _volume(events: Dataset, first: ChainStep) -> Evidence:
    left, names = _in("start", first.events)
    return evidence(
        f"{first.name}, last 30 days",
        f"People whose first {first.name} is in the last 30 days.",
        VOLUME_SQL.format(start=left),
        {slots.EVENTS: events},
        names,
    )


@cached
def _value(customers: Dataset) -> Evidence:
    return evidence(
        "Monthly revenue of a customer",
        "Mean monthly revenue of all customers of the file.",
        VALUE_SQL,
        {slots.CUSTOMERS: customers},
    )


def typed(counts: Sequence[tuple[str, int]], value: float | None = None) -> Chain:
    """A chain from counts that a person types in, where no file gives it.

    Args:
        counts: (step, people who reached it), in order, all of the same period.
        value: Monthly revenue of a customer, None when unknown.

    >>> typed([("Sign-ups", 400), ("Trials", 60)]).links[0].rate.value
    0.15
    """
    steps = tuple(ChainStep(f"step{i}", name, ()) for i, (name, _) in enumerate(counts))
    links = []
    for i, (start, goal) in enumerate(itertools.pairwise(steps)):
        entered, reached = counts[i][1], min(counts[i][1], counts[i + 1][1])
        rate = wilson(reached, entered)
        table = single(
            f"From {start.name} to {goal.name}",
            "Counts typed in by the team, same period.",
            {"entered": entered, "reached": reached, "rate": rate.value},
            method="Wilson interval, 95 %",
        )
        links.append(ChainLink(start, goal, rate, table))
    worth = Interval(value, value, value, 0) if value else unknown()
    return Chain(steps, tuple(links), counts[0][1], worth, tuple(item.evidence for item in links))


def chain(book: Workbook, data: Data, channel: str = "") -> Chain | None:
    """The measured chain; None where the events do not give two steps with enough people.

    Args:
        book: Journey and channel names.
        data: Datasets by slot.
        channel: Rates of the people who came through it; the volume stays everybody's.
    """
    events = data.get(slots.EVENTS)
    if events is None or (channel and not events.has("channel")):
        return None
    steps = steps_of(book, event_kpis.kinds(events))
    links = tuple(link(events, a, b, channel, dict(book.channels)) for a, b in itertools.pairwise(steps))
    if not links or any(item.rate.n < LEAST for item in links):
        return None
    volume = _volume(events, steps[0])
    value, priced = _customer_value(data.get(slots.CUSTOMERS))
    tables = (*(item.evidence for item in links), volume, *priced)
    return Chain(steps, links, int(volume.rows[0][0] or 0), value, tables, channel)


def _customer_value(customers: Dataset | None) -> tuple[Interval, tuple[Evidence, ...]]:
    """Monthly revenue of a customer with the table it was read from; unknown without a file that has it."""
    if customers is None or not customers.has("mrr"):
        return unknown(), ()
    table = _value(customers)
    row = table.records()[0]
    return mean_interval(row["mean"], row["deviation"], int(row["customers"] or 0)), (table,)

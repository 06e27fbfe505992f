"""The handoff contract against the clock: how fast the receiving team picks up, and what is never picked up.

Two clocks are kept apart: the total wait (handoff to pick-up) and the human wait (assigned to pick-up). People who were
handed over so recently that the promised time is still running count for neither side.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from lib.analysis.events.first_event_times import DAY, HOUR, NEVER, load, micros
from lib.analysis.handoff import handoff_rule as rules
from lib.analysis.handoff import words_measured as words
from lib.analysis.handoff.handoff_rule import Rule
from lib.analysis.verdict import Verdict
from lib.engine import query
from lib.engine.datasets.dataset import Dataset
from lib.engine.evidence.cache import cached
from lib.engine.evidence.evidence import Evidence
from lib.framework import slots
from lib.framework.journey import normalise
from lib.stats.intervals import wilson
from lib.stats.survival import Survival, kaplan_meier

Table = Callable[[str, str, list[tuple[object, ...]], tuple[str, ...], str], Evidence]  # of one contract
LEAK_DAYS = 14.0  # without an agreed response time, nothing within two weeks is a leak
KEPT = 0.8  # a promise kept at least this often counts as kept
ENOUGH = 30
POINTS = 120  # of a waiting curve, enough for a picture
_CURVE = ("hours", "still_waiting", "ci_low", "ci_high", "at_risk")
_CURVE_METHOD = "Kaplan-Meier, log-log interval, 95 %."
REASONS = (
    "reject reason", "rejection reason", "lost reason", "disqualification reason", "decline reason", "reason",
)  # fmt: skip


@dataclass(frozen=True)
class SlaClock:
    """One clock of the contract.

    Attributes:
        hours: The promised time.
        mature: Handoffs whose promised time has fully passed within the data.
        inside: Of those, picked up in time.
        share, low, high: inside / mature with its Wilson interval.
        median_hours: Time by which half are picked up (Kaplan-Meier); NaN when half never are.
    """

    hours: float
    mature: int
    inside: int
    share: float
    low: float
    high: float
    median_hours: float


@dataclass(frozen=True)
class ContractMeasure:
    """The handoff contract measured.

    Attributes:
        handed: People handed over.
        accepted: Of those, picked up at some time.
        total: Handoff to pick-up.
        human: Assigned to pick-up, or None without an event for the assignment.
        weekly: Evidence: week, handed, mature, inside, share, ci_low, ci_high.
        waiting: Evidence: hours, still_waiting, ci_low, ci_high, at_risk.
        human_waiting: The same from the assignment on, of those who were assigned; None without such an event.
        channels: Evidence: channel, mature, inside, late, never, leak_rate, ci_low, ci_high; None without channels.
        reasons: Evidence: reason, count, share, cumulative_share; None where no file gives reasons.
        summary: Evidence with one row of the figures above.
        verdict: Whether the promise is kept.
    """

    handed: int
    accepted: int
    total: SlaClock
    human: SlaClock | None
    weekly: Evidence
    waiting: Evidence
    channels: Evidence | None
    reasons: Evidence | None
    summary: Evidence
    verdict: Verdict
    human_waiting: Evidence | None = None


@dataclass(frozen=True, eq=False)
class _Waits:
    """Per person handed over, microseconds; `NEVER` where it did not happen."""

    handed: np.ndarray
    accepted: np.ndarray
    assigned: np.ndarray
    channel: np.ndarray
    until: int


def waits_sql(
    events: Dataset, wanted: Rule, accept: tuple[str, ...], assign: str = ""
) -> tuple[str, dict[str, object]]:
    """The portable definition: one row per person handed over with handed_at, assigned_at and accepted_at."""
    made = rules.compile_rule(events, wanted)
    params: dict[str, object] = dict(made.params) | {f"accept_{i}": name for i, name in enumerate(accept)}
    listed = ", ".join(f"$accept_{i}" for i in range(len(accept))) or "NULL"
    after = ">" if wanted.event in accept else ">="
    head = f"{made.before}, " if made.before else ""
    assigned = "CAST(NULL AS TIMESTAMP)"
    if assign:
        params["assign"] = assign
        assigned = "MIN(e.timestamp) FILTER (WHERE e.event = $assign AND e.timestamp >= h.handed_at)"
    sql = f"""
WITH {head}handed AS (
  SELECT e.user_id, MIN(e.timestamp) FILTER (WHERE {made.where}) AS handed_at
  FROM events e{made.join} WHERE e.user_id IS NOT NULL AND e.timestamp IS NOT NULL GROUP BY e.user_id
)
SELECT h.user_id, h.handed_at, {assigned} AS assigned_at,
  MIN(e.timestamp) FILTER (WHERE e.event IN ({listed}) AND e.timestamp {after} h.handed_at) AS accepted_at
FROM handed h JOIN events e ON e.user_id = h.user_id AND e.timestamp IS NOT NULL
WHERE h.handed_at IS NOT NULL GROUP BY h.user_id, h.handed_at ORDER BY h.user_id
"""
    return sql, params


def _waits(events: Dataset, wanted: Rule, accept: tuple[str, ...], assign: str) -> _Waits:
    first_times, (sql, params) = load(events), waits_sql(events, wanted, accept, assign)
    got = query.events(events).people(sql, params)
    channel = first_times.channel
    if len(channel):
        channel = channel[rules.times(events, wanted, first_times) != NEVER]
    handed, accepted, assigned = (micros(got[name]) for name in ("handed_at", "accepted_at", "assigned_at"))
    return _Waits(handed, accepted, assigned, channel, first_times.until)


def _curve(start: np.ndarray, end: np.ndarray, until: int) -> Survival:
    done = end != NEVER
    return kaplan_meier((np.where(done, end, until) - start) / HOUR, done)


def _clock(start: np.ndarray, end: np.ndarray, until: int, hours: float) -> SlaClock:
    limit = int(hours * HOUR)
    mature = until - start >= limit
    inside = mature & (end != NEVER) & (end - start <= limit)
    share = wilson(int(inside.sum()), int(mature.sum()))
    middle = _curve(start, end, until).quantile(0.5)
    return SlaClock(hours, int(mature.sum()), int(inside.sum()), share.value, share.low, share.high, middle)


def _weekly(waits: _Waits, hours: float, week_start: str) -> list[tuple[object, ...]]:
    """One row per week of the handoff, oldest first."""
    shift = 3 if week_start == "monday" else 4  # 1 January 1970 was a Thursday
    weeks = (waits.handed // DAY + shift) // 7
    rows = []
    for week in np.unique(weeks):
        here = weeks == week
        clock = _clock(waits.handed[here], waits.accepted[here], waits.until, hours)
        day = dt.date(1970, 1, 1) + dt.timedelta(days=int(week) * 7 - shift)
        rows.append((day, int(here.sum()), clock.mature, clock.inside, clock.share, clock.low, clock.high))
    return rows


def _by_channel(waits: _Waits, names: tuple[str, ...], hours: float) -> list[tuple[object, ...]]:
    limit = int(hours * HOUR)
    rows = []
    for code, name in enumerate(names):
        here = waits.channel == code
        start, end = waits.handed[here], waits.accepted[here]
        mature = waits.until - start >= limit
        inside = int((mature & (end != NEVER) & (end - start <= limit)).sum())
        late = int((mature & (end != NEVER) & (end - start > limit)).sum())
        n = int(mature.sum())
        share = wilson(n - inside, n)
        if n:
            rows.append((name, n, inside, late, n - inside - late, share.value, share.low, share.high))
    return sorted(rows, key=lambda row: -float(str(row[5])))


@cached
def reasons(data: Mapping[str, Dataset]) -> Evidence | None:
    """Why handoffs are turned down: counts by reason, most frequent first, from the events or deals file.

    Args:
        data: Datasets by slot.
    """
    for slot in (slots.EVENTS, slots.DEALS):
        dataset = data.get(slot)
        named = {normalise(column.name): column.name for column in dataset.columns} if dataset else {}
        column = next((named[name] for name in REASONS if name in named), "")
        if dataset is None or not column:
            continue
        field = query.quote(column)
        sql = f"""
WITH counted AS (SELECT CAST({field} AS VARCHAR) AS reason, COUNT(*) AS n FROM {slot}
                 WHERE {field} IS NOT NULL GROUP BY CAST({field} AS VARCHAR))
SELECT reason, n AS count, CAST(n AS DOUBLE) / SUM(n) OVER () AS share,
  CAST(SUM(n) OVER (ORDER BY n DESC, reason ROWS UNBOUNDED PRECEDING) AS DOUBLE) / SUM(n) OVER () AS cumulative_share
FROM counted ORDER BY n DESC, reason LIMIT 12
"""
        found = query.evidence(
            words.REASONS_TABLE.text, words.REASONS_MEANS.write(column=column), sql, {slot: dataset}
        )
        if found.rows:
            return found
    return None


def _waiting(curve: Survival) -> list[tuple[object, ...]]:
    """At most `POINTS` points of the curve, evenly by share, the first and last always."""
    last, most = len(curve.time) - 1, min(len(curve.time), POINTS)
    picks = sorted({round(i * last / max(1, most - 1)) for i in range(most)})
    return [(curve.time[i], curve.waiting[i], curve.low[i], curve.high[i], curve.at_risk[i]) for i in picks]


@cached
def measure(
    events: Dataset,
    wanted: Rule,
    accept: tuple[str, ...],
    *,
    sla_hours: float | None = None,
    human_hours: float | None = None,
    assign: str = "",
    week_start: str = "monday",
    reasons_found: Evidence | None = None,
) -> ContractMeasure:
    """Measure a handoff contract.

    Args:
        events: The events dataset.
        wanted: The handoff rule.
        accept: Events that count as picked up; the earliest at or after the handoff ends the wait.
        sla_hours: Promised total time; without one, `LEAK_DAYS` is used and the verdict says that nothing was promised.
        human_hours: Promised time after the assignment.
        assign: Event of the assignment, "" when there is none.
        week_start: monday | sunday.
        reasons_found: What `reasons` gave for the same data.

    Raises:
        DataError: The rule cannot be checked on this file.
    """
    waits = _waits(events, wanted, accept, assign)
    hours = sla_hours if sla_hours is not None else LEAK_DAYS * 24
    total = _clock(waits.handed, waits.accepted, waits.until, hours)
    human = _human(waits, human_hours) if assign else None
    sql, params = waits_sql(events, wanted, accept, assign)
    table: Table = partial(_table, events, sql, {**params, "promised_hours": hours})
    weekly = table(
        words.WEEKLY_TABLE.text,
        words.WEEKLY_TABLE.means,
        _weekly(waits, hours, week_start),
        ("week", "handed", "mature", "inside", "share", "ci_low", "ci_high"),
        "Wilson interval, 95 %.",
    )
    waiting, human_waiting = _curves(table, waits)
    channels = _channels(table, waits, load(events).channels, hours)
    summary = _summary(table, waits, total, human)
    return ContractMeasure(
        len(waits.handed),
        int((waits.accepted != NEVER).sum()),
        total,
        human,
        weekly,
        waiting,
        channels,
        reasons_found,
        summary,
        _verdict(summary, total, sla_hours is not None),
        human_waiting,
    )


def _table(
    events: Dataset,
    sql: str,
    params: Mapping[str, object],
    title: str,
    definition: str,
    rows: list[tuple[object, ...]],
    columns: tuple[str, ...],
    method: str,
) -> Evidence:
    return query.evidence(
        title, definition, sql, {slots.EVENTS: events}, params, rows=rows, columns=columns, method=method
    )


def _channels(table: Table, waits: _Waits, names: tuple[str, ...], hours: float) -> Evidence | None:
    """Who is picked up late or never, by channel; None without channels."""
    if not names:
        return None
    return table(
        words.LEAK_TABLE.text,
        words.LEAK_TABLE.means,
        _by_channel(waits, names, hours),
        ("channel", "mature", "inside", "late", "never", "leak_rate", "ci_low", "ci_high"),
        "Wilson interval, 95 %.",
    )


def _curves(table: Table, waits: _Waits) -> tuple[Evidence, Evidence | None]:
    """Both clocks as curves: who still waits in all, and who for a person."""
    waiting = table(
        words.WAITING_TABLE.text,
        words.WAITING_TABLE.means,
        _waiting(_curve(waits.handed, waits.accepted, waits.until)),
        _CURVE,
        _CURVE_METHOD,
    )
    start, end = _assigned(waits)
    human_waiting = (
        table(
            words.HUMAN_WAITING_TABLE.text,
            words.HUMAN_WAITING_TABLE.means,
            _waiting(_curve(start, end, waits.until)),
            _CURVE,
            _CURVE_METHOD,
        )
        if len(start)
        else None
    )
    return waiting, human_waiting


def _assigned(waits: _Waits) -> tuple[np.ndarray, np.ndarray]:
    """Assignment and pick-up of those who were assigned, microseconds."""
    given = waits.assigned != NEVER
    start, end = waits.assigned[given], waits.accepted[given]
    return start, np.where(end < start, start, end)  # picked up before anybody was assigned: no human wait


def _human(waits: _Waits, hours: float | None) -> SlaClock:
    return _clock(*_assigned(waits), waits.until, hours if hours is not None else LEAK_DAYS * 24)


_SUMMARY_COLUMNS = (
    "handed", "accepted", "promised_hours", "mature", "inside", "share", "ci_low", "ci_high", "median_hours",
    "human_mature", "human_share", "human_median_hours",
)  # fmt: skip


def _summary(table: Table, waits: _Waits, total: SlaClock, human: SlaClock | None) -> Evidence:
    other = (human.mature, human.share, human.median_hours) if human else (0, math.nan, math.nan)
    row = (
        len(waits.handed),
        int((waits.accepted != NEVER).sum()),
        total.hours,
        total.mature,
        total.inside,
        total.share,
        total.low,
        total.high,
        total.median_hours,
        *other,
    )
    return table(
        words.CLOCK_TABLE.text,
        words.CLOCK_TABLE.means,
        [row],
        _SUMMARY_COLUMNS,
        "Wilson interval, 95 %; medians by Kaplan-Meier.",
    )


def _verdict(summary: Evidence, total: SlaClock, promised: bool) -> Verdict:
    facts = {
        "share": summary.fact(0, "share", "percent"),
        "low": summary.fact(0, "ci_low", "percent"),
        "high": summary.fact(0, "ci_high", "percent"),
        "hours": summary.fact(0, "promised_hours", "hours"),
        "n": summary.fact(0, "mature", "count"),
    }
    if not total.mature:
        return words.NOBODY_YET.verdict()
    if not promised:
        return words.NO_PROMISE.verdict(facts)
    if total.mature < ENOUGH and total.low < KEPT <= total.high:
        needs = words.MORE_HANDOFFS.write(n=str(ENOUGH - total.mature))
        return replace(words.FEW_HANDOFFS.verdict(facts), needs=needs)
    return words.PICKED_UP["good" if total.low >= KEPT else "bad" if total.high < KEPT else "mixed"].verdict(
        facts
    )

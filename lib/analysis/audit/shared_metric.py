"""Candidates for a shared metric: an event plus a condition, with precision, recall and volume against the outcome."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from lib.analysis.events import event_names
from lib.analysis.events import first_event_times as read
from lib.analysis.events.first_event_times import DAY, NEVER, FirstTimes
from lib.analysis.events.journey import guess_outcome
from lib.analysis.handoff import handoff_rule as rules
from lib.engine.datasets.dataset import Dataset
from lib.engine.evidence.cache import cached
from lib.engine.evidence.evidence import Evidence
from lib.engine.query import evidence
from lib.framework import slots
from lib.framework.journey import recognise
from lib.stats.intervals import Interval, wilson

HORIZON_DAYS = 30
WITHIN_DAYS = 7
COLUMNS = (
    "candidate", "event", "condition", "where", "people_per_week", "people", "precision", "precision_low",
    "precision_high", "recall",
)  # fmt: skip
MIN_PEOPLE = 50
MIN_RECALL = 0.2

SQL = """
WITH firsts AS (
  SELECT user_id, event, MIN(timestamp) AS seen FROM events GROUP BY user_id, event
), qualified AS (
  SELECT a.user_id, CASE WHEN b.seen > a.seen THEN b.seen ELSE a.seen END AS seen
  FROM firsts a JOIN firsts b ON b.user_id = a.user_id AND b.event = $condition
  WHERE a.event = $event AND b.seen <= a.seen + $within * INTERVAL '1' DAY
), edge AS (SELECT MAX(timestamp) AS until FROM events)
SELECT COUNT(*) FILTER (WHERE o.seen IS NULL OR o.seen > q.seen) AS people,
       COUNT(*) FILTER (WHERE o.seen > q.seen AND o.seen <= q.seen + $horizon * INTERVAL '1' DAY) AS reached
FROM qualified q LEFT JOIN firsts o ON o.user_id = q.user_id AND o.event = $outcome, edge
WHERE q.seen <= edge.until - $horizon * INTERVAL '1' DAY
"""
WHERE_SQL = """
WITH qualified AS (SELECT e.user_id, MIN(e.timestamp) AS seen FROM events e WHERE {where} GROUP BY e.user_id),
firsts AS (
  SELECT user_id, MIN(timestamp) AS seen FROM events WHERE event = $outcome GROUP BY user_id
), edge AS (SELECT MAX(timestamp) AS until FROM events)
SELECT COUNT(*) FILTER (WHERE o.seen IS NULL OR o.seen > q.seen) AS people,
       COUNT(*) FILTER (WHERE o.seen > q.seen AND o.seen <= q.seen + $horizon * INTERVAL '1' DAY) AS reached
FROM qualified q LEFT JOIN firsts o ON o.user_id = q.user_id, edge
WHERE q.seen <= edge.until - $horizon * INTERVAL '1' DAY
"""
DEFINITION = (
    "People qualify when they did the event and, at most seven days after it, the condition; or when they did it with "
    "a value in a column of the file, where that beats the event alone beyond its range. "
    "Precision: share of them with the "
    "outcome within 30 days of qualifying. Recall: share of all people with the outcome who had qualified before. Only "
    "people who could be watched for 30 days count."
)


@dataclass(frozen=True)
class SharedMetricCandidate:
    """An event plus a condition.

    Attributes:
        event: The event.
        condition: A second event within seven days of it; "" for none.
        per_week: People who qualify per week.
        precision: Share of them that reach the outcome.
        recall: Share of the outcome that had qualified before.
        score: Harmonic mean of both.
        where: A value that a column must hold at the event, such as "plan = business"; "" for none.
    """

    event: str
    condition: str
    per_week: float
    precision: Interval
    recall: float
    score: float
    where: str = ""

    @property
    def name(self) -> str:
        """What it would be called."""
        main = event_names.event(self.event) + (f" where {self.where}" if self.where else "")
        return f"{main} with {event_names.event(self.condition).lower()}" if self.condition else main

    @property
    def conditions(self) -> list[str]:
        """Its conditions as the workbook keeps them."""
        return [
            *([self.where] if self.where else []),
            *([f"event:{self.condition}"] if self.condition else []),
        ]


@dataclass(frozen=True)
class Candidates:
    """Candidates, best first, and the table they are from."""

    outcome: str
    found: tuple[SharedMetricCandidate, ...]
    evidence: Evidence


@cached
def candidates(dataset: Dataset, outcome: str = "") -> Candidates:
    """Score journey events, alone and with one condition each, as qualified versions of a step.

    Args:
        dataset: Events.
        outcome: Event that counts as outcome; "" to recognise it.

    Returns:
        At most ten, each with at least `MIN_PEOPLE` people who could be watched and `MIN_RECALL` recall.
    """
    first_times = read.load(dataset)
    outcome = outcome or guess_outcome(first_times)
    done = first_times.of([outcome])
    entries = [kind for kind in first_times.kinds if kind != outcome and _is_entry(kind)][:8]
    others = [
        kind for kind in first_times.kinds if kind != outcome and not _is_after(first_times, kind, done)
    ]
    made = [one for event in entries for one in _versions(first_times, event, others, done)]
    alone = {one.event: one for one in made if not one.condition}
    made += _with_columns(dataset, first_times, entries, done, alone)
    best = tuple(sorted(made, key=lambda one: -one.score)[:10])
    return Candidates(outcome, best, _table(dataset, outcome, best))


def _versions(
    first_times: FirstTimes, event: str, conditions: list[str], done: np.ndarray
) -> Iterator[SharedMetricCandidate]:
    """An event alone, and with each condition that not nearly everybody fulfils anyway."""
    at = first_times.of([event])
    came = at != NEVER
    if alone := _score(first_times, event, "", at, done):
        yield alone
    for condition in conditions:
        second = first_times.of([condition])
        ok = came & (second != NEVER) & (second <= np.where(came, at, 0) + WITHIN_DAYS * DAY)
        if condition == event or ok.sum() > 0.9 * came.sum():
            continue
        qualified = np.where(ok, np.maximum(at, second), NEVER)
        if one := _score(first_times, event, condition, qualified, done):
            yield one


def _with_columns(
    dataset: Dataset,
    first_times: FirstTimes,
    entries: list[str],
    done: np.ndarray,
    alone: dict[str, SharedMetricCandidate],
) -> list[SharedMetricCandidate]:
    """Each event with one value of a column, kept where its range lies above the event alone."""
    columns = dict.fromkeys(text.partition(" = ")[0] for text in rules.offered(dataset) if " = " in text)
    wanted = [event for event in entries if event in alone]
    found = []
    for column in columns:
        for (event, where), at in rules.first_by_value(dataset, column, wanted).items():
            made = _score(first_times, event, "", at, done)
            if made is not None and made.precision.low > alone[event].precision.value:
                found.append(replace(made, where=where))
    return found


def _table(dataset: Dataset, outcome: str, best: tuple[SharedMetricCandidate, ...]) -> Evidence:
    """The candidates as a table, with the query of the first."""
    rows = [
        (
            c.name,
            c.event,
            c.condition,
            c.where,
            c.per_week,
            c.precision.n,
            c.precision.value,
            c.precision.low,
            c.precision.high,
            c.recall,
        )
        for c in best
    ]
    sql, params = SQL, {"event": "", "condition": "", "within": WITHIN_DAYS}
    if best and best[0].where:
        compiled = rules.compile_rule(dataset, rules.rule(best[0].event, [best[0].where]))
        sql, params = WHERE_SQL.replace("{where}", compiled.where), dict(compiled.params)
    elif best:
        params |= {"event": best[0].event, "condition": best[0].condition or best[0].event}
    return evidence(
        "Candidates for a shared metric",
        DEFINITION,
        sql,
        {slots.EVENTS: dataset},
        {**params, "outcome": outcome, "horizon": HORIZON_DAYS},
        rows=rows,
        columns=COLUMNS,
        method="Wilson interval, 95 %",
    )


def _is_entry(kind: str) -> bool:
    found = recognise(kind)
    return bool(
        found and found.on_journey and not found.is_outcome and found.id not in ("visit", "awareness")
    )


def _is_after(first_times: FirstTimes, kind: str, done: np.ndarray) -> bool:
    """Whether most who do this do it after the outcome: then it can qualify nobody."""
    at = first_times.of([kind])
    both = (at != NEVER) & (done != NEVER)
    return bool(both.sum()) and float((at[both] >= done[both]).mean()) > 0.5


def _score(
    first_times: FirstTimes, event: str, condition: str, at: np.ndarray, done: np.ndarray
) -> SharedMetricCandidate | None:
    until = first_times.until - HORIZON_DAYS * DAY
    ready = (at != NEVER) & (at <= until) & (at < done)
    n = int(ready.sum())
    reached = ready & (done != NEVER) & (done <= np.where(ready, at, 0) + HORIZON_DAYS * DAY)
    judged = (done != NEVER) & (first_times.entered <= until)
    if n < MIN_PEOPLE or not judged.any():
        return None
    recall = float((reached & judged).sum() / judged.sum())
    precision = wilson(int(reached.sum()), n)
    if recall < MIN_RECALL:
        return None
    score = 2 * precision.value * recall / (precision.value + recall) if precision.value + recall else 0.0
    weeks = max((until - first_times.since) / (7 * DAY), 1.0)
    return SharedMetricCandidate(event, condition, n / weeks, precision, recall, score)

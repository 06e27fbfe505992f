"""Conditions that would make a handoff's event say more, found in the data instead of guessed.

For one event: every value of a few-valued column at that event, every other event done before it, and every event done at
least two, three or five times by then. A condition is proposed where the people it keeps reach the outcome more often than
all who did the event, beyond what chance gives the best of so many conditions.
"""

from __future__ import annotations

from dataclasses import dataclass

from lib.analysis.events import event_names
from lib.analysis.handoff import handoff_rule as rules
from lib.analysis.handoff import words_candidates as words
from lib.engine import query
from lib.engine.datasets.dataset import Dataset
from lib.engine.evidence.cache import cached
from lib.engine.evidence.evidence import Evidence
from lib.engine.query import evidence
from lib.engine.sources.answers import ConditionCounts, ConditionQuestion, HandedCounts
from lib.framework import slots
from lib.stats.intervals import Interval, wilson

HORIZON_DAYS = 30
TIMES = (2, 3, 5)
MIN_PEOPLE = 50
MIN_RECALL = 0.1
MOST = 5
MOST_KINDS = 24  # the events that most people did
SQL = """
WITH {head}handed AS (
  SELECT e.user_id, MIN(e.timestamp) AS seen FROM events e{join}
  WHERE {where} AND e.user_id IS NOT NULL AND e.timestamp IS NOT NULL GROUP BY e.user_id
), firsts AS (
  SELECT user_id, MIN(timestamp) AS seen FROM events WHERE event = $outcome GROUP BY user_id
), edge AS (SELECT MAX(timestamp) AS until FROM events)
SELECT COUNT(*) FILTER (WHERE o.seen IS NULL OR o.seen > h.seen) AS people,
       COUNT(*) FILTER (WHERE o.seen > h.seen AND o.seen <= h.seen + $horizon * INTERVAL '1' DAY) AS reached
FROM handed h LEFT JOIN firsts o ON o.user_id = h.user_id, edge
WHERE h.seen <= edge.until - $horizon * INTERVAL '1' DAY
"""

COLUMN_SQL = """
WITH handed AS (
  SELECT user_id, {column} AS value, MIN(timestamp) AS seen FROM events
  WHERE event = $event AND {column} IS NOT NULL AND user_id IS NOT NULL AND timestamp IS NOT NULL
  GROUP BY user_id, {column}
), firsts AS (
  SELECT user_id, MIN(timestamp) AS seen FROM events WHERE event = $outcome GROUP BY user_id
), edge AS (SELECT MAX(timestamp) - $horizon * INTERVAL '1' DAY AS until FROM events)
SELECT value, COUNT(*) AS handed,
       COUNT(*) FILTER (WHERE h.seen <= until AND (o.seen IS NULL OR o.seen > h.seen)) AS people,
       COUNT(*) FILTER (WHERE h.seen <= until AND o.seen > h.seen
                        AND o.seen <= h.seen + $horizon * INTERVAL '1' DAY) AS reached
FROM handed h LEFT JOIN firsts o ON o.user_id = h.user_id, edge GROUP BY value ORDER BY value
"""


@dataclass(frozen=True)
class ConditionProposal:
    """An event, alone or with a condition.

    Attributes:
        conditions: As the workbook keeps them; empty for the event alone.
        words: The condition for people.
        per_week: People handed over a week.
        precision: Share of them that reach the outcome, with its 95 % interval; n is how many could be watched.
        recall: Share of the outcome that was handed over before.
    """

    conditions: tuple[str, ...]
    words: str
    per_week: float
    precision: Interval
    recall: float


@dataclass(frozen=True)
class Proposals:
    """Conditions for one event.

    Attributes:
        event: The event.
        outcome: The outcome event.
        alone: The event without a condition; None where too few did it.
        found: Conditions, best first by precision and recall together; at most `MOST`.
        tried: How many conditions were tried.
        evidence: The table: the event alone, then `found`.
    """

    event: str
    outcome: str
    alone: ConditionProposal | None
    found: tuple[ConditionProposal, ...]
    tried: int
    evidence: Evidence


@cached
def proposals(dataset: Dataset, event: str, outcome: str) -> Proposals:
    """Conditions on top of an event, with volume, precision and recall.

    Events are counted in the layout, times to the millisecond; columns by query.

    Args:
        dataset: Events.
        event: The event of the handoff.
        outcome: The event that counts as outcome.

    Raises:
        DataError: The event or the outcome is not in the file.
    """
    question = ConditionQuestion(event, outcome, HORIZON_DAYS, TIMES, MOST_KINDS, MIN_PEOPLE)
    counts = query.events(dataset).condition_counts(question)
    alone = _proposal("", counts.alone, counts)
    tried = _events(counts) | _columns(dataset, event, outcome) if alone else {}
    tried = {text: count for text, count in tried.items() if 0 < count.handed <= 0.9 * counts.alone.handed}
    kept = [
        one
        for text, count in tried.items()
        if alone and (one := _proposal(text, count, counts)) and _is_better(one, alone, len(tried))
    ]
    found = tuple(sorted(kept, key=lambda one: (-_balance(one), one.words))[:MOST])
    shown = (alone, *found) if alone else ()
    return Proposals(event, outcome, alone, found, len(tried), _table(dataset, event, outcome, shown))


def _proposal(text: str, count: HandedCounts, counts: ConditionCounts) -> ConditionProposal | None:
    """The event with one condition, "" for none; None where too few could be watched."""
    if count.watched < MIN_PEOPLE or not counts.judged:
        return None
    share = wilson(count.reached, count.watched)
    conditions, words = ((text,), event_names.condition(text)) if text else ((), "")
    return ConditionProposal(
        conditions, words, count.watched / counts.weeks, share, count.reached / counts.judged
    )


def _events(counts: ConditionCounts) -> dict[str, HandedCounts]:
    """Every other event done before, and every event done so many times by then, as conditions are written."""
    return {
        f"event:{kind}" + (f" >= {times}" if times > 1 else ""): count
        for (kind, times), count in counts.after.items()
    }


def _columns(dataset: Dataset, event: str, outcome: str) -> dict[str, HandedCounts]:
    """Every value of every few-valued column at the event."""
    columns = dict.fromkeys(text.partition(" = ")[0] for text in rules.offered(dataset) if " = " in text)
    found = {}
    for column in columns:
        sql = COLUMN_SQL.format(column=f"CAST({query.quote(column)} AS VARCHAR)")
        params = {"event": event, "outcome": outcome, "horizon": HORIZON_DAYS}
        for row in query.query(sql, {slots.EVENTS: dataset}, params).records():
            text = f"{column} = {row['value']}"
            found[text] = HandedCounts(int(row["handed"]), int(row["people"]), int(row["reached"]))
    return found


def _is_better(one: ConditionProposal, alone: ConditionProposal, tried: int) -> bool:
    """Whether the condition says more than the event alone, beyond the luck of the best of so many."""
    hits = round(one.precision.value * one.precision.n)
    low = wilson(hits, int(one.precision.n), 1 - 0.05 / max(1, tried)).low
    return low > alone.precision.value and one.recall >= MIN_RECALL


def _balance(one: ConditionProposal) -> float:
    """Harmonic mean of precision and recall."""
    both = one.precision.value + one.recall
    return 2 * one.precision.value * one.recall / both if both else 0.0


def _table(dataset: Dataset, event: str, outcome: str, shown: tuple[ConditionProposal, ...]) -> Evidence:
    """The event alone and its conditions, with the query of the best condition."""
    made = rules.compile_rule(dataset, rules.rule(event, shown[1].conditions if len(shown) > 1 else ()))
    sql = SQL.format(head=f"{made.before}, " if made.before else "", join=made.join, where=made.where)
    rows = [
        (
            one.words or "the event alone",
            ", ".join(one.conditions),
            one.per_week,
            int(one.precision.n),
            one.precision.value,
            one.precision.low,
            one.precision.high,
            one.recall,
        )
        for one in shown
    ]
    return evidence(
        words.CONDITIONS_TABLE.text,
        words.CONDITIONS_TABLE.means,
        sql,
        {slots.EVENTS: dataset},
        {**made.params, "outcome": outcome, "horizon": HORIZON_DAYS},
        rows=rows,
        columns=(
            "condition",
            "rule",
            "people_per_week",
            "people",
            "precision",
            "precision_low",
            "precision_high",
            "recall",
        ),
        method=words.CONDITIONS_METHOD.text,
    )

"""The meaning of one place of the baton as one portable query: MIN, LEAST, and COUNT with FILTER."""

from __future__ import annotations

from collections.abc import Sequence

from lib.analysis.handoff.handoff_rule import Compiled

COUNTS = """
SELECT COUNT(*) AS entered, COUNT(handed_at) AS handed, COUNT(*) - COUNT(handed_at) AS kept,
  COUNT(*) FILTER (WHERE is_moved) AS moved_on, COUNT(*) FILTER (WHERE is_further) AS already_further,
  COUNT(*) FILTER (WHERE handed_at IS NOT NULL AND NOT is_moved AND NOT is_further
    AND handed_at + {window} <= until) AS leaked,
  COUNT(*) FILTER (WHERE handed_at IS NOT NULL AND NOT is_moved AND NOT is_further
    AND handed_at + {window} > until) AS open,
  COUNT(outcome_at) AS outcomes, COUNT(*) FILTER (WHERE outcome_at >= handed_at) AS outcomes_through,
  COUNT(outcome_at) - COUNT(*) FILTER (WHERE outcome_at >= handed_at) AS outcomes_bypassing,
  COUNT(*) FILTER (WHERE handed_at + {horizon} <= until
    AND (outcome_at IS NULL OR outcome_at >= handed_at)) AS mature,
  COUNT(*) FILTER (WHERE handed_at + {horizon} <= until AND outcome_at >= handed_at
    AND outcome_at <= handed_at + {horizon}) AS converted
FROM placed
"""


def place_sql(
    made: Compiled, later: Sequence[str], outcome: str, window_days: float, horizon_days: float
) -> tuple[str, dict[str, object]]:
    """One place of the baton: first times per person, where each of them is, and the counts.

    Args:
        made: The rule as SQL.
        later: Events of all later stages.
        outcome: The outcome event.
        window_days: Time to move on before somebody counts as leaked.
        horizon_days: Time from handoff to outcome that counts.

    Returns:
        SQL whose single row has the count columns of `Place`, and the parameters it binds.
    """
    window, horizon = f"INTERVAL '{window_days:g}' DAY", f"INTERVAL '{horizon_days:g}' DAY"
    sql = (
        _firsts(made, len(later))
        + _placed(len(later), window)
        + COUNTS.format(window=window, horizon=horizon)
    )
    params: dict[str, object] = {**made.params, "outcome": outcome}
    return sql, params | {f"later_{i}": kind for i, kind in enumerate(later)}


def _firsts(made: Compiled, later: int) -> str:
    """First times of every person: handed over, outcome, and each later event."""
    head = f"{made.before}, " if made.before else ""
    firsts = "".join(f", MIN(e.timestamp) FILTER (WHERE e.event = $later_{i}) AS l{i}" for i in range(later))
    return f"""
WITH {head}firsts AS (
  SELECT e.user_id, MIN(e.timestamp) FILTER (WHERE {made.where}) AS handed_at,
         MIN(e.timestamp) FILTER (WHERE e.event = $outcome) AS outcome_at{firsts}
  FROM events e{made.join} WHERE e.user_id IS NOT NULL AND e.timestamp IS NOT NULL GROUP BY e.user_id
), edge AS (SELECT MAX(timestamp) AS until FROM events WHERE user_id IS NOT NULL),"""


def _placed(later: int, window: str) -> str:
    """Whether each person moved on after the handoff or was further already."""
    carry = "".join(f", l{i}" for i in range(later))
    ever = " OR ".join(f"l{i} < handed_at" for i in range(later)) or "FALSE"
    return f"""
people AS (
  SELECT handed_at, outcome_at{carry}, {_next(later)} AS next_at, ({ever}) AS had_later, until
  FROM firsts CROSS JOIN edge
), placed AS (
  SELECT *, COALESCE(handed_at IS NOT NULL AND next_at IS NOT NULL AND next_at <= handed_at + {window},
  FALSE) AS is_moved,
         COALESCE(handed_at IS NOT NULL AND next_at IS NULL AND had_later, FALSE) AS is_further
  FROM people
)"""


def _next(later: int) -> str:
    """Earliest later event that is not before the handoff."""
    after = [f"CASE WHEN l{i} >= handed_at THEN l{i} END" for i in range(later)]
    if not after:
        return "CAST(NULL AS TIMESTAMP)"
    return after[0] if len(after) == 1 else f"LEAST({', '.join(after)})"

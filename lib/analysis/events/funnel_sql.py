"""The meaning of a funnel as one portable query: joins, MIN/MAX, COUNT with FILTER, one plain window."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lib.engine.segments import SEGMENT, segment_ctes, segment_join

SECOND = "INTERVAL '1' SECOND"


def _any_step(number: int, previous: int, is_strict: bool, has_gap: bool) -> str:
    earlier = "<" if is_strict else "<="
    gap = f" AND e.timestamp <= MAX(p.done_at) + $gap_{number} * {SECOND}" if has_gap else ""
    return f"""
step_{number} AS (
  SELECT e.user_id, e.timestamp AS done_at, MAX(p.entered) AS entered, MAX(p.done_at) AS before
  FROM events e JOIN step_{previous} p ON p.user_id = e.user_id AND p.done_at {earlier} e.timestamp
  WHERE e.event = $step_{number}
  GROUP BY e.user_id, e.timestamp
  HAVING e.timestamp <= MAX(p.entered) + $window_seconds * {SECOND}{gap}
),"""


def _first_step(number: int, previous: int, is_strict: bool, has_gap: bool) -> str:
    later = ">" if is_strict else ">="
    gap = f" AND MIN(e.timestamp) <= p.done_at + $gap_{number} * {SECOND}" if has_gap else ""
    return f"""
step_{number} AS (
  SELECT p.user_id, MIN(e.timestamp) AS done_at, p.entered, p.done_at AS before
  FROM step_{previous} p JOIN events e ON e.user_id = p.user_id AND e.timestamp {later} p.done_at
  WHERE e.event = $step_{number}
  GROUP BY p.user_id, p.entered, p.done_at
  HAVING MIN(e.timestamp) <= p.entered + $window_seconds * {SECOND}{gap}
),"""


def _entry(is_first: bool) -> str:
    at = "MIN(timestamp)" if is_first else "timestamp"
    return f"""
step_1 AS (
  SELECT user_id, {at} AS done_at, {at} AS entered, {at} AS before
  FROM events WHERE event = $step_1 GROUP BY user_id{"" if is_first else ", timestamp"}
),
entry AS (
  SELECT user_id,
         MIN(done_at) + $window_seconds * {SECOND} > (SELECT MAX(timestamp) FROM events) AS is_immature
  FROM step_1 GROUP BY user_id
),"""


def _fresh_entry(steps: int) -> str:
    """First times of every step, and who of those with the first one was not further already."""
    firsts = ", ".join(
        f"MIN(timestamp) FILTER (WHERE event = $step_{n}) AS at_{n}" for n in range(1, steps + 1)
    )
    in_order = "".join(
        f"\n   AND (at_{n} IS NULL OR at_{later} IS NULL OR at_{n} <= at_{later})"
        for n in range(1, steps)
        for later in range(n + 1, steps + 1)
    )
    return f"""
firsts AS (
  SELECT user_id, {firsts} FROM events GROUP BY user_id
),
step_1 AS (
  SELECT user_id, at_1 AS done_at, at_1 AS entered, at_1 AS before FROM firsts WHERE at_1 IS NOT NULL{in_order}
),
entry AS (
  SELECT user_id,
         done_at + $window_seconds * {SECOND} > (SELECT MAX(timestamp) FROM events) AS is_immature
  FROM step_1
),"""


def _fresh_step(number: int, previous: int, _is_strict: bool, has_gap: bool) -> str:
    gap = f" AND f.at_{number} <= p.done_at + $gap_{number} * {SECOND}" if has_gap else ""
    return f"""
step_{number} AS (
  SELECT p.user_id, f.at_{number} AS done_at, p.entered, p.done_at AS before
  FROM step_{previous} p JOIN firsts f ON f.user_id = p.user_id
  WHERE f.at_{number} <= p.entered + $window_seconds * {SECOND}{gap}
),"""


_STEP = {"any": _any_step, "first": _first_step, "fresh": _fresh_step}


def portable_sql(
    steps: Sequence[str], *, window_days: float, entry: str, by: str, step_window_days: Sequence[float | None]
) -> tuple[str, dict[str, Any]]:
    """The query and its parameters.

    Returns:
        SQL that yields segment, position, users, immature_users, median_seconds (of mature users, from the
        step before), for the largest population `all` and each segment; and parameter name -> value.
    """
    params: dict[str, Any] = {"window_seconds": float(window_days) * 86_400, "step_1": steps[0]}
    start = _fresh_entry(len(steps)) if entry == "fresh" else _entry(entry == "first")
    parts = ["WITH", f"{segment_ctes(by)}," if by else "", start]
    for number, step in enumerate(steps[1:], start=2):
        params[f"step_{number}"] = step
        gap = step_window_days[number - 2] if number - 2 < len(step_window_days) else None
        if gap is not None:
            params[f"gap_{number}"] = float(gap) * 86_400
        parts.append(_STEP[entry](number, number - 1, step in steps[: number - 1], gap is not None))
    return "".join([*parts, _counted(len(steps), by), _selected(by)]), params


def _counted(number: int, by: str) -> str:
    """Each user once per step they reached, with the wait since the step before and their segment."""
    union = "\n  UNION ALL\n  ".join(
        f"SELECT user_id, {n} AS position, done_at, before,\n         "
        f"ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY done_at) AS nth FROM step_{n}"
        for n in range(1, number + 1)
    )
    return f"""
reached AS (
  {union}
),
counted AS (
  SELECT r.position, r.user_id, n.is_immature,
         EXTRACT(EPOCH FROM r.done_at) - EXTRACT(EPOCH FROM r.before) AS wait,
         {SEGMENT if by else "'all'"} AS segment
  FROM reached r JOIN entry n ON n.user_id = r.user_id
  {segment_join("r") if by else ""}
  WHERE r.nth = 1
)"""


def _selected(by: str) -> str:
    """Users and median wait by step, of everybody and of each segment."""
    select = """
SELECT {0} AS segment, position, COUNT(*) AS users,
       COUNT(*) FILTER (WHERE is_immature) AS immature_users,
       PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY CASE WHEN is_immature THEN NULL ELSE wait END)
         AS median_seconds
FROM counted GROUP BY {1}position"""
    each = "\nUNION ALL" + select.format("segment", "segment, ") if by else ""
    return select.format("'all'", "") + each + "\nORDER BY 1, 2"

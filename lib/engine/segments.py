"""Which segment a person is in: one rule, used by the event layout and by every query over events.

A person's segment in a column is the value of their earliest event that has one; of several at the same instant
the alphabetically first. Whoever never has a value is in `NO_VALUE`, so the segments always add up to everybody.
"""

from __future__ import annotations

from lib.engine.sources.sql_text import quote

NO_VALUE = "(none)"


def segment_ctes(column: str) -> str:
    """Two CTEs over `events`: `seen`, and `segment` with one row of every person who has a value.

    Args:
        column: Column of the events, e.g. "channel"; anything but text is written as text.

    Returns:
        SQL to stand behind WITH, without a comma at its end.

    >>> "MIN(timestamp) AS seen_at" in segment_ctes("channel")
    True
    """
    name = quote(column)
    return f"""
seen AS (
  SELECT user_id, MIN(timestamp) AS seen_at FROM events WHERE {name} IS NOT NULL GROUP BY user_id
),
segment AS (
  SELECT e.user_id, MIN(CAST(e.{name} AS VARCHAR)) AS segment
  FROM events e JOIN seen s ON s.user_id = e.user_id AND s.seen_at = e.timestamp
  WHERE e.{name} IS NOT NULL GROUP BY e.user_id
)"""


def segment_join(people: str) -> str:
    """The join that gives each row of the table `people`, which has a user_id, its segment as `g`."""
    return f"LEFT JOIN segment g ON g.user_id = {people}.user_id"


SEGMENT = f"COALESCE(g.segment, '{NO_VALUE}')"  # of a row joined by `segment_join`

"""The meaning of attribution as portable queries: credit by rule, and the steps of journeys."""

from __future__ import annotations

_JOURNEY = """
WITH conversion AS (
  SELECT user_id, MIN(timestamp) AS end_at FROM events WHERE event = $conversion GROUP BY user_id
),
touch AS (
  SELECT user_id, timestamp, channel, CASE WHEN event = $conversion THEN 1 ELSE 0 END AS is_own
  FROM events WHERE channel IS NOT NULL{touches}
),"""

_CREDIT = """
journey AS (
  SELECT c.user_id, t.channel,
         ROW_NUMBER() OVER (PARTITION BY c.user_id ORDER BY t.timestamp, t.is_own, t.channel) AS nth,
         COUNT(*) OVER (PARTITION BY c.user_id) AS touches,
         POWER(2.0, (EXTRACT(EPOCH FROM t.timestamp) - EXTRACT(EPOCH FROM c.end_at)) / $half_life_seconds) AS fresh
  FROM conversion c JOIN touch t ON t.user_id = c.user_id
   AND t.timestamp >= c.end_at - $lookback_seconds * INTERVAL '1' SECOND AND t.timestamp <= c.end_at
),
weighed AS (
  SELECT channel, nth, touches, fresh / SUM(fresh) OVER (PARTITION BY user_id) AS decay FROM journey
)
SELECT channel,
       SUM(CASE WHEN nth = 1 THEN 1.0 ELSE 0.0 END) AS first,
       SUM(CASE WHEN nth = touches THEN 1.0 ELSE 0.0 END) AS last,
       SUM(1.0 / touches) AS linear,
       SUM(CASE WHEN touches <= 2 THEN 1.0 / touches WHEN nth = 1 OR nth = touches THEN 0.4
                ELSE 0.2 / (touches - 2) END) AS position,
       SUM(decay) AS decay
FROM weighed GROUP BY channel ORDER BY channel"""

_STEPS = """
ending AS (
  SELECT user_id, end_at, 1 AS is_converted FROM conversion
  UNION ALL
  SELECT t.user_id, MAX(t.timestamp), 0 FROM touch t LEFT JOIN conversion c ON c.user_id = t.user_id
  WHERE c.user_id IS NULL GROUP BY t.user_id
),
journey AS (
  SELECT e.user_id, e.is_converted, t.channel,
         LAG(t.channel) OVER (PARTITION BY e.user_id ORDER BY t.timestamp, t.is_own, t.channel) AS before,
         LEAD(t.channel) OVER (PARTITION BY e.user_id ORDER BY t.timestamp, t.is_own, t.channel) AS after
  FROM ending e JOIN touch t ON t.user_id = e.user_id
   AND t.timestamp >= e.end_at - $lookback_seconds * INTERVAL '1' SECOND
   AND t.timestamp <= e.end_at
)
SELECT COALESCE(before, '(start)') AS source, channel AS target, COUNT(*) AS steps
FROM journey GROUP BY COALESCE(before, '(start)'), channel
UNION ALL
SELECT channel, CASE WHEN is_converted = 1 THEN '(converted)' ELSE '(lost)' END, COUNT(*)
FROM journey WHERE after IS NULL GROUP BY channel, is_converted
ORDER BY 1, 2"""


def _touches(number: int) -> str:
    if not number:
        return ""
    return " AND event IN (" + ", ".join(f"$touch_{n}" for n in range(1, number + 1)) + ")"


def credit_sql(touches: int) -> str:
    """Query for the credit of each rule; params: conversion, half_life_seconds, lookback_seconds, touch_1..n."""
    return (_JOURNEY.format(touches=_touches(touches)) + _CREDIT).strip()


def steps_sql(touches: int) -> str:
    """Query for the steps of journeys; parameters: conversion, lookback_seconds, touch_1..n."""
    return (_JOURNEY.format(touches=_touches(touches)) + _STEPS).strip()

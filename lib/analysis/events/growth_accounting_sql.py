"""The meaning of growth accounting as portable queries."""

from __future__ import annotations

from lib.engine.calendar import Calendar, Unit

_PREVIOUS = {"week": "INTERVAL '7' DAY", "month": "INTERVAL '1' MONTH"}


def users_sql(calendar: Calendar, unit: Unit) -> str:
    """Query for period, active, new, retained, resurrected, churned users, where there is any event."""
    step = _PREVIOUS[unit]
    return f"""
WITH activity AS (
  SELECT DISTINCT user_id, CAST({calendar.sql(unit, "timestamp")} AS DATE) AS period FROM events
),
start AS (
  SELECT user_id, MIN(period) AS first_period FROM activity GROUP BY user_id
),
state AS (
  SELECT a.period,
         COUNT(*) AS active,
         COUNT(*) FILTER (WHERE a.period = s.first_period) AS new,
         COUNT(*) FILTER (WHERE a.period > s.first_period AND b.user_id IS NOT NULL) AS retained,
         COUNT(*) FILTER (WHERE a.period > s.first_period AND b.user_id IS NULL) AS resurrected
  FROM activity a
  JOIN start s ON s.user_id = a.user_id
  LEFT JOIN activity b ON b.user_id = a.user_id AND b.period = CAST(a.period - {step} AS DATE)
  GROUP BY a.period
),
gone AS (
  SELECT CAST(a.period + {step} AS DATE) AS period, COUNT(*) AS churned
  FROM activity a
  LEFT JOIN activity b ON b.user_id = a.user_id AND b.period = CAST(a.period + {step} AS DATE)
  WHERE b.user_id IS NULL GROUP BY CAST(a.period + {step} AS DATE)
)
SELECT s.period, s.active, s.new, s.retained, s.resurrected, COALESCE(g.churned, 0) AS churned
FROM state s LEFT JOIN gone g ON g.period = s.period
ORDER BY s.period""".strip()


def revenue_sql(calendar: Calendar) -> str:
    """Query for month, revenue, new, expansion, resurrected, contraction, churned amounts."""
    month = f"CAST({calendar.sql('month', 'timestamp')} AS DATE)"
    return f"""
WITH paid AS (
  SELECT user_id, {month} AS period, SUM(revenue) AS amount
  FROM events WHERE revenue IS NOT NULL GROUP BY user_id, {month} HAVING SUM(revenue) > 0
),
start AS (
  SELECT user_id, MIN(period) AS first_period FROM paid GROUP BY user_id
),
state AS (
  SELECT a.period, SUM(a.amount) AS revenue,
         SUM(CASE WHEN a.period = s.first_period THEN a.amount ELSE 0 END) AS new,
         SUM(CASE WHEN b.amount < a.amount THEN a.amount - b.amount ELSE 0 END) AS expansion,
         SUM(CASE WHEN a.period > s.first_period AND b.user_id IS NULL THEN a.amount ELSE 0 END) AS resurrected,
         SUM(CASE WHEN b.amount > a.amount THEN b.amount - a.amount ELSE 0 END) AS contraction
  FROM paid a
  JOIN start s ON s.user_id = a.user_id
  LEFT JOIN paid b ON b.user_id = a.user_id AND b.period = CAST(a.period - INTERVAL '1' MONTH AS DATE)
  GROUP BY a.period
),
gone AS (
  SELECT CAST(a.period + INTERVAL '1' MONTH AS DATE) AS period, SUM(a.amount) AS churned
  FROM paid a
  LEFT JOIN paid b ON b.user_id = a.user_id AND b.period = CAST(a.period + INTERVAL '1' MONTH AS DATE)
  WHERE b.user_id IS NULL GROUP BY CAST(a.period + INTERVAL '1' MONTH AS DATE)
)
SELECT s.period, s.revenue, s.new, s.expansion, s.resurrected, s.contraction, COALESCE(g.churned, 0) AS churned
FROM state s LEFT JOIN gone g ON g.period = s.period
ORDER BY s.period""".strip()

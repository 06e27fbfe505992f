"""The meaning of lifetime value as portable queries."""

from __future__ import annotations

from lib.engine.calendar import Calendar
from lib.engine.segments import SEGMENT, segment_ctes, segment_join


def cohort_sql(calendar: Calendar, by: str) -> str:
    """Query for cohort, segment, period, customers and revenue in that period, where there is any."""
    segments = f"{segment_ctes(by)}," if by else ""
    name = SEGMENT if by else "'all'"
    join = segment_join("s") if by else ""
    return f"""
WITH {segments}
start AS (
  SELECT user_id, MIN(timestamp) AS first_at FROM events GROUP BY user_id
),
customer AS (
  SELECT s.user_id, s.first_at, CAST({calendar.sql("month", "s.first_at")} AS DATE) AS cohort, {name} AS segment
  FROM start s {join}
),
size AS (
  SELECT cohort, segment, COUNT(*) AS customers FROM customer GROUP BY cohort, segment
),
paid AS (
  SELECT c.cohort, c.segment, e.revenue,
         FLOOR((EXTRACT(EPOCH FROM e.timestamp) - EXTRACT(EPOCH FROM c.first_at)) / 2592000) AS period
  FROM events e JOIN customer c ON c.user_id = e.user_id WHERE e.revenue IS NOT NULL
)
SELECT p.cohort, p.segment, p.period, MAX(s.customers) AS customers, SUM(p.revenue) AS revenue
FROM paid p JOIN size s ON s.cohort = p.cohort AND s.segment = p.segment
GROUP BY p.cohort, p.segment, p.period
ORDER BY 1, 2, 3""".strip()


def monthly_sql(calendar: Calendar) -> str:
    """Query for user_id, month and revenue of every user's month with revenue."""
    month = calendar.sql("month", "timestamp")
    return f"""
SELECT user_id, CAST({month} AS DATE) AS month, SUM(revenue) AS revenue
FROM events WHERE revenue IS NOT NULL
GROUP BY user_id, CAST({month} AS DATE) HAVING SUM(revenue) > 0
ORDER BY 1, 2""".strip()

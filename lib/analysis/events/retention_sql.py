"""The meaning of retention as one portable query."""

from __future__ import annotations

from lib.engine.calendar import Calendar, Unit

_NUMBER = {
    "week": "CAST((CAST({later} AS DATE) - CAST({earlier} AS DATE)) / 7 AS INTEGER)",
    "month": "CAST((EXTRACT(YEAR FROM {later}) - EXTRACT(YEAR FROM {earlier})) * 12"
    " + EXTRACT(MONTH FROM {later}) - EXTRACT(MONTH FROM {earlier}) AS INTEGER)",
}


def portable_sql(
    calendar: Calendar, unit: Unit, *, is_bounded: bool, has_return: bool, has_cohort: bool
) -> str:
    """Query for cohort, period, users, retained; cells without anybody are left out.

    Its parameters are return_event and cohort_event, where they are asked for.
    """
    returns = "WHERE event = $return_event" if has_return else ""
    joins = "WHERE event = $cohort_event" if has_cohort else ""
    number = _NUMBER[unit].format(later="r.active_in", earlier="c.cohort")
    came_back = "SELECT user_id, active_in FROM activity"
    if not is_bounded:
        came_back = """SELECT l.user_id, p.active_in
  FROM (SELECT user_id, MAX(active_in) AS last_in FROM activity GROUP BY user_id) l
  JOIN (SELECT DISTINCT active_in FROM activity) p ON p.active_in <= l.last_in"""
    return f"""
WITH activity AS (
  SELECT DISTINCT user_id, {calendar.sql(unit, "timestamp")} AS active_in FROM events {returns}
),
cohort AS (
  SELECT user_id, {calendar.sql(unit, "MIN(timestamp)")} AS cohort FROM events {joins} GROUP BY user_id
),
size AS (
  SELECT cohort, COUNT(*) AS users FROM cohort GROUP BY cohort
),
returned AS (
  {came_back}
)
SELECT CAST(c.cohort AS DATE) AS cohort, {number} AS period, MAX(s.users) AS users, COUNT(*) AS retained
FROM cohort c
JOIN size s ON s.cohort = c.cohort
JOIN returned r ON r.user_id = c.user_id AND r.active_in >= c.cohort
GROUP BY c.cohort, {number}
ORDER BY 1, 2""".strip()

"""The meaning of handoff scoring as one portable query."""

SQL = """
WITH person AS (
  SELECT user_id, MIN(timestamp) AS first_at FROM events GROUP BY user_id
),
won AS (
  SELECT user_id, MIN(timestamp) AS outcome_at FROM events WHERE event = $outcome GROUP BY user_id
),
gate AS (
  SELECT user_id, event, MIN(timestamp) AS gate_at
  FROM events WHERE event IN ({gates}) GROUP BY user_id, event
),
passed AS (
  SELECT user_id, MAX(gate_at) AS passed_at FROM gate GROUP BY user_id HAVING COUNT(*) = $gate_count
),
life AS (
  SELECT p.user_id, {start} AS start_at, w.outcome_at,
         EXTRACT(EPOCH FROM COALESCE(w.outcome_at, (SELECT MAX(timestamp) FROM events)))
           - EXTRACT(EPOCH FROM {start}) AS age_end
  FROM person p LEFT JOIN won w ON w.user_id = p.user_id {passed}
),
first_time AS (
  SELECT event, user_id, MIN(timestamp) AS first_at
  FROM events WHERE event <> $outcome GROUP BY event, user_id
),
plain AS (
  SELECT f.event, COUNT(*) AS users,
         COUNT(*) FILTER (WHERE w.outcome_at IS NULL OR f.first_at <= w.outcome_at) AS reach,
         COUNT(*) FILTER (WHERE f.first_at <= w.outcome_at
                          AND w.outcome_at <= f.first_at + $horizon_seconds * INTERVAL '1' SECOND) AS
                          converted,
         PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY CASE
           WHEN f.first_at <= w.outcome_at AND w.outcome_at <= f.first_at + $horizon_seconds * INTERVAL '1'
           SECOND
           THEN EXTRACT(EPOCH FROM w.outcome_at) - EXTRACT(EPOCH FROM f.first_at) END) AS lead_seconds,
         COUNT(*) FILTER (WHERE f.first_at <= w.outcome_at) AS before,
         COUNT(*) FILTER (WHERE f.first_at > w.outcome_at) AS after
  FROM first_time f LEFT JOIN won w ON w.user_id = f.user_id GROUP BY f.event
),
stratum AS (
  SELECT CEIL(age_end / $bin_seconds) - 1 AS bin, COUNT(*) AS events
  FROM life WHERE outcome_at IS NOT NULL AND age_end > 0 GROUP BY CEIL(age_end / $bin_seconds) - 1
),
everybody AS (
  SELECT s.bin, MAX(s.events) AS events,
         SUM(CASE WHEN l.age_end < (s.bin + 1) * $bin_seconds THEN l.age_end
                  ELSE (s.bin + 1) * $bin_seconds END
             - s.bin * $bin_seconds) AS at_risk
  FROM stratum s JOIN life l ON l.age_end > s.bin * $bin_seconds GROUP BY s.bin
),
exposed_life AS (
  SELECT f.event, l.age_end, l.outcome_at,
         CASE WHEN f.first_at < l.start_at THEN 0
              ELSE EXTRACT(EPOCH FROM f.first_at) - EXTRACT(EPOCH FROM l.start_at) END AS age_start
  FROM first_time f JOIN life l ON l.user_id = f.user_id WHERE l.age_end > 0
),
exposed AS (
  SELECT x.event, s.bin,
         COUNT(*) FILTER (WHERE x.outcome_at IS NOT NULL
                          AND CEIL(x.age_end / $bin_seconds) - 1 = s.bin) AS events,
         SUM(CASE WHEN x.age_end < (s.bin + 1) * $bin_seconds THEN x.age_end
                  ELSE (s.bin + 1) * $bin_seconds END
             - CASE WHEN x.age_start > s.bin * $bin_seconds THEN x.age_start
                    ELSE s.bin * $bin_seconds END) AS at_risk
  FROM exposed_life x JOIN stratum s
    ON x.age_end >= s.bin * $bin_seconds AND x.age_start < (s.bin + 1) * $bin_seconds AND x.age_start <
    x.age_end
  GROUP BY x.event, s.bin
),
compared AS (
  SELECT k.event, e.at_risk, e.events,
         COALESCE(x.at_risk, 0) AS exposed_at_risk, COALESCE(x.events, 0) AS exposed_events
  FROM (SELECT DISTINCT event FROM first_time) k CROSS JOIN everybody e
  LEFT JOIN exposed x ON x.event = k.event AND x.bin = e.bin
)
SELECT p.event, p.users, p.reach, p.converted, p.before, p.after, p.lead_seconds,
       SUM(c.exposed_events * (c.at_risk - c.exposed_at_risk) / c.at_risk) AS numerator,
       SUM((c.events - c.exposed_events) * c.exposed_at_risk / c.at_risk) AS denominator,
       SUM(c.events * c.exposed_at_risk * (c.at_risk - c.exposed_at_risk) / (c.at_risk * c.at_risk)) AS
       variance
FROM plain p LEFT JOIN compared c ON c.event = p.event
GROUP BY p.event, p.users, p.reach, p.converted, p.before, p.after, p.lead_seconds
ORDER BY p.event
"""


def portable_sql(gates: tuple[str, ...] = ()) -> str:
    """The query: age counted from the first event, or from the moment a user had passed all of `gates`.

    Parameters of the query: outcome, horizon_seconds, bin_seconds, gate_count, gate_1, gate_2, ...
    Its columns numerator, denominator and variance are the sums of the Mantel-Haenszel rate ratio.
    """
    names = ", ".join(f"$gate_{n}" for n in range(1, len(gates) + 1)) or "NULL"
    return SQL.format(
        gates=names,
        start="g.passed_at" if gates else "p.first_at",
        passed="JOIN passed g ON g.user_id = p.user_id" if gates else "",
    ).strip()

"""The same five questions as one writes them plainly in DuckDB and idiomatically in ClickHouse.

Both read a table `ev(user, event, timestamp, channel, revenue, ch0)` and `users(user, t0, ch0)`; the
acquisition channel is given to them ready, which favours them.
"""

from __future__ import annotations

from collections.abc import Sequence

WEEK, DAY, MONDAY = 604_800, 86_400, 1_704_067_200  # 1 January 2024 was a Monday
TOUCHES = ("email_open", "whitepaper", "webinar", "demo_request", "pricing_view", "visit")


def listed(names: Sequence[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)


def chdb_funnel(steps: Sequence[str], window: int) -> str:
    conditions = ", ".join(f"event = '{step}'" for step in steps)
    return f"""
        SELECT ch0, level, count() FROM (
          SELECT user, any(ch0) AS ch0, windowFunnel({window})(timestamp, {conditions}) AS level
          FROM ev WHERE event IN ({listed(steps)}) GROUP BY user)
        WHERE level > 0 GROUP BY ch0, level"""


CHDB_RETENTION = f"""
    WITH p AS (SELECT user, groupBitOr(bitShiftLeft(toUInt64(1),
                 intDiv(toUnixTimestamp(timestamp) - {MONDAY}, {WEEK}))) m
               FROM ev GROUP BY user),
    g AS (SELECT m, count() n, toInt32(bitCount(bitXor(m, m - 1))) - 1 cw, toInt32(floor(log2(m))) mo FROM p GROUP BY m)
    SELECT cw, o, sumIf(n, bitTest(m, cw + o)) bounded, sum(n) unbounded
    FROM (SELECT m, n, cw, arrayJoin(range(toUInt32(mo - cw + 1))) o FROM g) GROUP BY cw, o"""

CHDB_ATTRIBUTION = f"""
    WITH c AS (SELECT user, min(timestamp) p FROM ev WHERE event = 'paid' GROUP BY user),
    j AS (SELECT e.user u, e.channel ch, row_number() OVER (PARTITION BY e.user ORDER BY e.timestamp, e.channel) rn,
                 count() OVER (PARTITION BY e.user) n, exp2(-(toInt64(c.p) - toInt64(e.timestamp)) / {7 * DAY}.0) w,
                 sum(exp2(-(toInt64(c.p) - toInt64(e.timestamp)) / {7 * DAY}.0)) OVER (PARTITION BY e.user) sw
          FROM ev e INNER JOIN c ON e.user = c.user
          WHERE e.event IN ({listed(TOUCHES)}) AND e.timestamp < c.p AND e.timestamp >= c.p - {30 * DAY})
    SELECT ch, sum(rn = 1), sum(rn = n), sum(1 / n),
           sum(if(n <= 2, 1 / n, if(rn = 1 OR rn = n, 0.4, 0.2 / (n - 2)))), sum(w / sw)
    FROM j GROUP BY ch"""

CHDB_LTV = f"""
    SELECT toStartOfMonth(u.t0) m, u.ch0, intDiv(toInt64(e.timestamp) - toInt64(u.t0), {30 * DAY}) k, sum(e.revenue)
    FROM ev e INNER JOIN users u ON u.user = e.user WHERE e.event = 'paid' GROUP BY m, u.ch0, k"""

CHDB_HANDOFF = f"""
    WITH f AS (SELECT user, event, min(timestamp) t FROM ev GROUP BY user, event),
    p AS (SELECT user, min(timestamp) p FROM ev WHERE event = 'paid' GROUP BY user)
    SELECT f.event, countIf(p.user = 0 OR f.t < p.p), countIf(p.user <> 0 AND f.t < p.p AND p.p <= f.t + {30 * DAY})
    FROM f LEFT JOIN p ON p.user = f.user WHERE f.event <> 'paid' GROUP BY f.event"""


def duck_funnel(steps: Sequence[str], window: int) -> str:
    """Any entry by windows: the latest entry carried to each row, as one writes it without any layout."""
    order = "PARTITION BY user ORDER BY timestamp, s ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW"
    cases = " ".join(f"WHEN '{step}' THEN {i}" for i, step in enumerate(steps))
    parts = [
        f"""WITH b AS (SELECT user, ch0, epoch(timestamp) t, timestamp, CASE event {cases} END s FROM ev
                 WHERE event IN ({listed(steps)})),
             l0 AS (SELECT *, CASE WHEN s = 0 THEN t END e0 FROM b)"""
    ]
    for i in range(1, len(steps)):
        parts.append(f"m{i} AS (SELECT *, MAX(e{i - 1}) OVER ({order}) c{i} FROM l{i - 1})")
        parts.append(
            f"l{i} AS (SELECT *, CASE WHEN s = {i} AND t - c{i} <= {window} THEN c{i} END e{i} FROM m{i})"
        )
    counts = ", ".join(f"COUNT(DISTINCT CASE WHEN e{i} IS NOT NULL THEN user END)" for i in range(len(steps)))
    return ", ".join(parts) + f" SELECT ch0, {counts} FROM l{len(steps) - 1} GROUP BY ch0"


DUCK_RETENTION = """
    WITH a AS (SELECT DISTINCT user, date_trunc('week', timestamp) w FROM ev),
    c AS (SELECT user, MIN(w) cw, MAX(w) lw FROM a GROUP BY user)
    SELECT cw, date_diff('week', cw, a.w) o, COUNT(*) FROM a JOIN c USING (user) GROUP BY ALL
    UNION ALL
    SELECT cw, 1000 + date_diff('week', cw, lw), COUNT(*) FROM c GROUP BY ALL"""

DUCK_ATTRIBUTION = f"""
    WITH c AS (SELECT user, MIN(timestamp) p FROM ev WHERE event = 'paid' GROUP BY user),
    j AS (SELECT e.user, e.channel ch, ROW_NUMBER() OVER (PARTITION BY e.user ORDER BY e.timestamp, e.channel) rn,
                 COUNT(*) OVER (PARTITION BY e.user) n, POWER(2, -(epoch(c.p) - epoch(e.timestamp)) / {7 * DAY}) w
          FROM ev e JOIN c ON e.user = c.user
          WHERE e.event IN ({listed(TOUCHES)}) AND e.timestamp < c.p AND e.timestamp >= c.p - INTERVAL 30 DAY),
    k AS (SELECT *, SUM(w) OVER (PARTITION BY user) sw FROM j)
    SELECT ch, SUM((rn = 1)::INT), SUM((rn = n)::INT), SUM(1 / n),
           SUM(CASE WHEN n <= 2 THEN 1 / n WHEN rn = 1 OR rn = n THEN 0.4 ELSE 0.2 / (n - 2) END), SUM(w / sw)
    FROM k GROUP BY ch"""

DUCK_LTV = f"""
    WITH u AS (SELECT user, MIN(timestamp) t0, ANY_VALUE(ch0) ch0 FROM ev GROUP BY user)
    SELECT date_trunc('month', t0) m, u.ch0, floor((epoch(e.timestamp) - epoch(t0)) / {30 * DAY}) k, SUM(revenue)
    FROM ev e JOIN u USING (user) WHERE event = 'paid' GROUP BY ALL"""

DUCK_HANDOFF = """
    WITH f AS (SELECT user, event, MIN(timestamp) t FROM ev GROUP BY ALL),
    p AS (SELECT user, t p FROM f WHERE event = 'paid')
    SELECT f.event, COUNT(*) FILTER (WHERE p.p IS NULL OR f.t < p.p),
           COUNT(*) FILTER (WHERE f.t < p.p AND p.p <= f.t + INTERVAL 30 DAY)
    FROM f LEFT JOIN p USING (user) WHERE f.event <> 'paid' GROUP BY f.event"""

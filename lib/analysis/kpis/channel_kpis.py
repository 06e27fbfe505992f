"""Where customers come from: the share that comes unpaid, and how much hangs on one channel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lib.analysis.kpis.kpi_value import KpiValue, channel_sql, in_list, kpi_value
from lib.engine.contracts import paying as paying_rows
from lib.engine.datasets.dataset import Dataset
from lib.engine.query import query
from lib.engine.segments import segment_ctes
from lib.framework import slots
from lib.stats.intervals import wilson

LEAST = 30  # people with a known channel
UNPAID = (
    "organic",
    "organic_search",
    "organic search",
    "organic_social",
    "organic social",
    "direct",
    "referral",
    "seo",
    "word_of_mouth",
    "word of mouth",
    "blog",
    "content",
    "(direct)",
    "(none)",
)

CUSTOMERS_SQL = """
WITH base AS (
  SELECT {started} AS started, {channel} AS channel FROM customers WHERE {counts}
),
span AS (SELECT MAX(started) AS as_of FROM base)
SELECT channel, COUNT(*) AS people, MIN(as_of) - 179 AS first_day, MAX(as_of) AS last_day
FROM base CROSS JOIN span
WHERE started > as_of - 180 AND channel IS NOT NULL AND channel <> ''
GROUP BY channel ORDER BY people DESC, channel
"""
EVENTS_SQL = """
WITH firsts AS (
  SELECT user_id, MIN(timestamp) AS started FROM events GROUP BY user_id
),{segments},
named AS (
  SELECT g.user_id, {channel} AS channel, f.started
  FROM segment g JOIN firsts f ON f.user_id = g.user_id WHERE g.segment <> ''
)
SELECT channel, COUNT(*) AS people, MIN(started) AS first_day, MAX(started) AS last_day
FROM named GROUP BY channel ORDER BY people DESC, channel
"""


def sources(data: Mapping[str, Dataset], aliases: Mapping[str, Any]) -> tuple[KpiValue, KpiValue, str] | None:
    """Organic share and share of the largest channel, with the largest channel's name.

    New customers of the last 180 days where the customers file names channels, else people by their
    first channel.

    Returns:
        (organic share, channel concentration, channel), or None when no file names channels.
    """
    customers, events = data.get(slots.CUSTOMERS), data.get(slots.EVENTS)
    if customers and customers.has("channel"):
        # Where first payments are in the file (a CRM's list of contacts), whoever has none is no customer yet.
        sql = CUSTOMERS_SQL.format(
            channel=channel_sql("channel", aliases),
            started=paying_rows.started(customers),
            counts=paying_rows.counts(customers),
        )
        return _read(sql, {slots.CUSTOMERS: customers}, "New customers of the last 180 days")
    if events and events.has("channel"):
        sql = EVENTS_SQL.format(segments=segment_ctes("channel"), channel=channel_sql("g.segment", aliases))
        return _read(sql, {slots.EVENTS: events}, "People, by their first channel,")
    return None


def _read(sql: str, datasets: Mapping[str, Dataset], who: str) -> tuple[KpiValue, KpiValue, str] | None:
    rows = query(sql, datasets).records()
    n = sum(int(row["people"]) for row in rows)
    if not n:
        return None
    unpaid = sum(int(row["people"]) for row in rows if row["channel"] in UNPAID)
    window = (min(row["first_day"] for row in rows), max(row["last_day"] for row in rows))
    needs = "" if n >= LEAST else f"about {LEAST - n} more people with a known channel"
    organic = kpi_value(
        "organic_share",
        wilson(unpaid, n),
        "percent1",
        name="Organic share",
        sql=sql,
        datasets=datasets,
        window=window,
        needs=needs,
        method="Wilson interval, 95 %",
        definition=f"{who} that came through an unpaid channel ({in_list(UNPAID[:6])}, ...) / all with one.",
    )
    top = rows[0]
    largest = kpi_value(
        "channel_concentration",
        wilson(int(top["people"]), n),
        "percent1",
        name="Share of the largest channel",
        sql=sql,
        datasets=datasets,
        window=window,
        needs=needs,
        method="Wilson interval, 95 %",
        definition=f"{who} that came through the largest channel, {top['channel']} / all with one.",
    )
    return organic, largest, str(top["channel"])

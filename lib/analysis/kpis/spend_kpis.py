"""What a spend file says alone: the price of a click and a thousand impressions, and how much goes to one channel."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from lib.analysis.kpis.kpi_value import KpiValue, channel_sql, kpi_value
from lib.engine.datasets.dataset import Dataset
from lib.engine.query import query
from lib.framework import slots
from lib.stats.intervals import Interval

PRICE_SQL = """
SELECT SUM(spend) AS spend, SUM({units}) AS units, MIN(date) AS first_day, MAX(date) AS last_day
FROM spend WHERE {units} IS NOT NULL AND spend IS NOT NULL
"""
SHARE_SQL = """
SELECT {channel} AS channel, SUM(spend) AS spend, MIN(date) AS first_day, MAX(date) AS last_day
FROM spend WHERE spend IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1
"""
_EXACT = "A ratio of two sums over the whole file; nothing is sampled, so it has no range."


def from_spend(spend: Dataset, aliases: Mapping[str, Any]) -> tuple[KpiValue, ...]:
    """The KPIs that a spend file answers without any other file.

    Args:
        spend: Rows of date, channel, spend, perhaps clicks and impressions.
        aliases: Channel name in the file -> canonical name.
    """
    found = []
    if spend.has("clicks"):
        found.append(_price(spend, "clicks", 1, "cost_per_click", "Cost per click", "click"))
    if spend.has("impressions"):
        name, unit = "Cost per thousand impressions", "thousand impressions"
        found.append(_price(spend, "impressions", 1000, "cost_per_mille", name, unit))
    share = _largest_share(spend, aliases)
    return (*found, share) if share else tuple(found)


def _price(spend: Dataset, units: str, each: int, id: str, name: str, unit: str) -> KpiValue:
    sql = PRICE_SQL.format(units=units)
    row = query(sql, {slots.SPEND: spend}).records()[0]
    n = int(row["units"] or 0)
    value = float(row["spend"]) / n * each if n else math.nan
    return kpi_value(
        id,
        Interval(value, value, value, n),
        "money",
        name=name,
        sql=sql,
        datasets={slots.SPEND: spend},
        window=(row["first_day"], row["last_day"]),
        method=_EXACT,
        definition=f"Spend per {unit}: spend / {units}, of the rows that say how many {units} there were.",
        needs="" if n else f"rows with {units}",
    )


def _largest_share(spend: Dataset, aliases: Mapping[str, Any]) -> KpiValue | None:
    """Share of the channel that most is spent on; None where nothing was spent or one channel is all there is."""
    sql = SHARE_SQL.format(channel=channel_sql("channel", aliases))
    rows = query(sql, {slots.SPEND: spend}).records()
    whole = sum(float(row["spend"]) for row in rows)
    if len(rows) < 2 or whole <= 0:
        return None
    share = float(rows[0]["spend"]) / whole
    return kpi_value(
        "spend_concentration",
        Interval(share, share, share, len(rows)),
        "percent1",
        name=f"Share of spend on {rows[0]['channel']}",
        sql=sql,
        datasets={slots.SPEND: spend},
        window=(min(row["first_day"] for row in rows), max(row["last_day"] for row in rows)),
        method=_EXACT,
        definition="Spend on the channel that most is spent on / spend on all channels.",
    )

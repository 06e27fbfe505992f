"""What sales brings home: win rate, and whether the sales material goes with more wins."""

from __future__ import annotations

from lib.analysis.kpis.kpi_value import KpiValue, kpi_value, unknown
from lib.engine.datasets.dataset import Dataset
from lib.engine.query import query
from lib.framework import slots
from lib.stats.intervals import wilson
from lib.stats.proportions import newcombe

LEAST = 20  # decided deals below which a rate is not shown; per group for the comparison

WIN_SQL = """
SELECT COUNT(*) FILTER (WHERE LOWER(outcome) = 'won') AS won,
       COUNT(*) FILTER (WHERE LOWER(outcome) IN ('won', 'lost')) AS decided,
       MIN(created_date) AS first_day, MAX(created_date) AS last_day
FROM deals
"""
ENABLEMENT_SQL = """
SELECT sales_asset_used AS used,
       COUNT(*) FILTER (WHERE LOWER(outcome) = 'won') AS won, COUNT(*) AS decided,
       MIN(created_date) AS first_day, MAX(created_date) AS last_day
FROM deals
WHERE LOWER(outcome) IN ('won', 'lost') AND sales_asset_used IS NOT NULL
GROUP BY sales_asset_used ORDER BY sales_asset_used
"""


def win_rate(deals: Dataset) -> KpiValue:
    """Won / (won + lost), open deals left out; withheld under 20 decided deals."""
    row = query(WIN_SQL, {slots.DEALS: deals}).records()[0]
    won, n = int(row["won"] or 0), int(row["decided"] or 0)
    return kpi_value(
        "win_rate",
        wilson(won, n),
        "percent1",
        sql=WIN_SQL,
        datasets={slots.DEALS: deals},
        window=(row["first_day"], row["last_day"]),
        method="Wilson interval, 95 %",
        definition="Deals won / (deals won + deals lost); open deals are left out.",
        needs="" if n >= LEAST else f"about {LEAST - n} more decided deals",
    )


def enablement(deals: Dataset) -> KpiValue:
    """Win rate with the sales material minus without it; withheld under 20 decided deals on either side."""
    groups = {bool(row["used"]): row for row in query(ENABLEMENT_SQL, {slots.DEALS: deals}).records()}
    used, other = groups.get(True), groups.get(False)
    n1, n2 = (int(row["decided"]) if row else 0 for row in (used, other))
    interval, window = unknown(n1 + n2), (None, None)
    if used and other:
        interval = newcombe(int(other["won"]), n2, int(used["won"]), n1)
        window = (min(used["first_day"], other["first_day"]), max(used["last_day"], other["last_day"]))
    missing = max(0, LEAST - n1) + max(0, LEAST - n2)
    return kpi_value(
        "sales_enablement",
        interval,
        "+points",
        sql=ENABLEMENT_SQL,
        datasets={slots.DEALS: deals},
        window=window,
        method="Newcombe interval of a difference of two shares, 95 %",
        definition="Win rate of decided deals where the sales material was used minus that of the others, in "
        "percentage points. Sellers choose when to use it, so this is a difference, not a proven effect.",
        needs=f"about {missing} more decided deals, with and without the material" if missing else "",
    )

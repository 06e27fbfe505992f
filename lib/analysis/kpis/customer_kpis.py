"""Who pays, what a customer brings and how long they stay: from the customers file alone."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from lib.analysis.kpis.kpi_value import (
    KpiValue,
    kpi_value,
    log_interval,
    mean_interval,
    poisson_ratio,
    unknown,
)
from lib.analysis.kpis.money_kpis import LEAST_CHURNED, MONTH_DAYS, ltv_variants
from lib.engine.contracts import paying as paying_rows
from lib.engine.datasets.dataset import Dataset
from lib.engine.query import query
from lib.framework import slots
from lib.stats.intervals import Interval

MOST_AHEAD = 0.2  # share of customers that may begin in the future; with more, the clock is wrong

BASE_SQL = """
WITH base AS (
  SELECT {started} AS started, {ended} AS ended{mrr} FROM customers
  WHERE {started} IS NOT NULL AND {counts}{happened}
),
span AS (
  SELECT {as_of} AS as_of FROM base
)
"""
MONTHS_SQL = """
SELECT COUNT(*) AS customers, MAX(as_of) AS as_of, MIN(started) AS first_day,
       COUNT(*) FILTER (WHERE ended IS NULL OR ended > as_of) AS active,
       COUNT(*) FILTER (WHERE ended IS NOT NULL AND ended <= as_of) AS churned,
       SUM(CAST((CASE WHEN ended IS NULL OR ended > as_of THEN as_of ELSE ended END) - started AS DOUBLE)) AS days,
       {mean} AS mean_mrr, {deviation} AS sd_mrr
FROM base CROSS JOIN span
"""
QUICK_SQL = """
SELECT MAX(as_of) AS as_of, MAX(as_of) - 89 AS first_day,
       COUNT(*) FILTER (WHERE started > as_of - 90) AS won,
       COUNT(*) FILTER (WHERE ended IS NOT NULL AND ended > as_of - 90 AND ended <= as_of) AS lost,
       COALESCE(SUM({mrr}) FILTER (WHERE started > as_of - 90), 0) AS gained_mrr,
       COALESCE(SUM({mrr}) FILTER (WHERE ended IS NOT NULL AND ended > as_of - 90 AND ended <= as_of), 0) AS lost_mrr
FROM base CROSS JOIN span
"""


def _base(customers: Dataset) -> str:
    as_of, happened = "GREATEST(MAX(started), COALESCE(MAX(ended), MAX(started)))", ""
    if today := _last_day(customers):
        happened = f" AND {paying_rows.started(customers)} <= DATE '{today}'"
        as_of = f"LEAST({as_of}, DATE '{today}')"
    return BASE_SQL.format(
        started=paying_rows.started(customers),
        counts=paying_rows.counts(customers),
        happened=happened,
        as_of=as_of,
        ended="churn_date" if customers.has("churn_date") else "CAST(NULL AS DATE)",
        mrr=", mrr" if customers.has("mrr") else "",
    )


AHEAD_SQL = """
SELECT COUNT(*) AS n, COUNT(*) FILTER (WHERE {started} > DATE '{today}') AS begun,
       COUNT(*) FILTER (WHERE {ended} > DATE '{today}') AS ended
FROM customers
"""


def _last_day(customers: Dataset) -> str:
    """The day on which the file was taken in, where a few of its dates lie behind it and so have not happened; else "".

    Where many do, it is the clock that is wrong.
    """
    today = customers.added_at[:10]
    if not today:
        return ""
    ended = "churn_date" if customers.has("churn_date") else "CAST(NULL AS DATE)"
    sql = AHEAD_SQL.format(started=paying_rows.started(customers), ended=ended, today=today)
    row = query(sql, {slots.CUSTOMERS: customers}).records()[0]
    return today if row["begun"] + row["ended"] > 0 and row["begun"] <= MOST_AHEAD * row["n"] else ""


def _leavers(customers: Dataset) -> str:
    return (
        "" if customers.has("churn_date") else "the day each customer left (churn_date) in the customers file"
    )


def quick_ratio(customers: Dataset) -> KpiValue:
    """Revenue (or customers) won over lost in the last ninety days of the file."""
    by_money = customers.has("mrr")
    sql = _base(customers) + QUICK_SQL.format(mrr="mrr" if by_money else "1")
    row = query(sql, {slots.CUSTOMERS: customers}).records()[0]
    won, lost = int(row["won"] or 0), int(row["lost"] or 0)
    gained, gone = float(row["gained_mrr"]), float(row["lost_mrr"])
    is_enough = min(won, lost) >= 5 and gone > 0
    interval = (
        log_interval(gained / gone, math.sqrt(1 / won + 1 / lost), won + lost)
        if is_enough
        else unknown(won + lost)
    )
    what = "New monthly revenue / lost monthly revenue" if by_money else "New customers / customers lost"
    return kpi_value(
        "quick_ratio",
        interval,
        "ratio2",
        sql=sql,
        datasets={slots.CUSTOMERS: customers},
        window=(row["first_day"], row["as_of"]),
        method="Poisson counts on the log scale, 95 %",
        definition=f"{what} in the last 90 days of the file. Expansion and contraction are not in the file.",
        needs=""
        if is_enough
        else _leavers(customers) or "at least five customers won and five lost within ninety days",
    )


def paying(customers: Dataset) -> tuple[KpiValue, dict[str, Any]]:
    """Customers paying on the last day of the file, and the months they have paid."""
    has_mrr = customers.has("mrr")
    sql = _base(customers) + MONTHS_SQL.format(
        mean="AVG(mrr) FILTER (WHERE ended IS NULL OR ended > as_of)" if has_mrr else "NULL",
        deviation="STDDEV_SAMP(mrr) FILTER (WHERE ended IS NULL OR ended > as_of)" if has_mrr else "NULL",
    )
    row = query(sql, {slots.CUSTOMERS: customers}).records()[0]
    n = int(row["active"] or 0)
    value = kpi_value(
        "paying_customers",
        Interval(n, n, n, n),
        "count",
        kpi="customers",
        name="Paying customers",
        sql=sql,
        datasets={slots.CUSTOMERS: customers},
        window=(row["first_day"], row["as_of"]),
        method="A count, without error",
        definition=" ".join(_who_pays(customers)),
    )
    return value, row


def _who_pays(customers: Dataset) -> Iterator[str]:
    """What a paying customer is in this file, in full sentences."""
    yield "Customers who had paid and not left on the last day of the file."
    if rule := paying_rows.words(customers):
        yield rule
    if not customers.has("churn_date"):
        yield "The file has no churn_date, so nobody counts as gone."
    else:
        yield "Rows that end before they begin are left out."


def revenue_per_customer(customers: Dataset, row: Mapping[str, Any], sql: str) -> KpiValue:
    """Mean monthly revenue of the customers paying on the last day of the file."""
    interval = mean_interval(row["mean_mrr"], row["sd_mrr"], int(row["active"] or 0))
    return kpi_value(
        "revenue_per_user",
        interval,
        "money",
        sql=sql,
        datasets={slots.CUSTOMERS: customers},
        window=(row["as_of"], row["as_of"]),
        method="Mean with t interval, 95 %",
        definition="Mean monthly revenue of the customers paying on the last day of the file.",
        needs=_revenue_needs(row) if not math.isfinite(interval.low) else "",
    )


def _revenue_needs(row: Mapping[str, Any]) -> str:
    if row["mean_mrr"] is None:
        return "monthly revenue (mrr) in the customers file"
    return "at least two paying customers"


def lifetime_value(customers: Dataset, row: Mapping[str, Any], margin: float | None, sql: str) -> KpiValue:
    """Margin of a customer's first 36 months at the observed churn; withheld under 30 churned customers."""
    churned, days = int(row["churned"] or 0), float(row["days"] or 0)
    needs, interval = "", unknown(churned)
    if not row["mean_mrr"]:
        needs = "monthly revenue (mrr) in the customers file"
    elif margin is None:
        needs = "the gross margin, in the workbook's settings"
    elif _leavers(customers):
        needs = _leavers(customers)
    elif churned < LEAST_CHURNED or days <= 0:
        needs = f"about {max(1, LEAST_CHURNED - churned)} more customers who left; with fewer the range is too wide"
    else:
        interval = _capped(float(row["mean_mrr"]), margin, churned, days / MONTH_DAYS)
    return kpi_value(
        "ltv",
        interval,
        "money",
        name="LTV, first 36 months",
        sql=sql,
        datasets={slots.CUSTOMERS: customers},
        window=(row["first_day"], row["as_of"]),
        needs=needs,
        method=f"Churned customers as a Poisson count over customer-months, 95 %; gross margin {margin}",
        definition="Mean monthly revenue x gross margin, summed over the months that customers survive at the observed "
        "churn, 36 months at most.",
    )


def _capped(arpa: float, margin: float, churned: int, months: float) -> Interval:
    rate = poisson_ratio(months, churned)  # months per churned customer

    def value(months_per_churn: float) -> float:
        return ltv_variants(arpa, margin, min(0.999, 1 / months_per_churn)).capped_36

    return Interval(value(rate.value), value(rate.low), value(rate.high), churned)

"""What a customer costs and brings: CAC, payback, lifetime value, quick ratio; from customers and spend."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lib.analysis.kpis.kpi_value import (
    KpiValue,
    channel_sql,
    in_list,
    kpi_value,
    log_interval,
    mean_interval,
    poisson_ratio,
    unknown,
)
from lib.engine.datasets.dataset import Dataset
from lib.engine.query import query
from lib.framework import slots
from lib.stats.intervals import Interval

LEAST_CUSTOMERS = 10
LEAST_CHURNED = 30  # churn events below which 1/churn is not used: its range would be wider than its value
WINDOW_DAYS = 90
MONTH_DAYS = 30
_CAC_METHOD = "Spend taken as exact, customers as a Poisson count, 95 %"
_NO_CHANNEL = "a channel column in the customers file"
HORIZON_MONTHS = 36

PERIOD_SQL = """
SELECT MIN(date) AS first_day, MAX(date) AS last_day, SUM(spend) AS spend FROM spend
"""
WON_SQL = """
SELECT COUNT(*) AS customers, {mean} AS mean_mrr, {deviation} AS sd_mrr
FROM customers
WHERE {started} >= $first_day AND {started} <= $last_day {only}
"""
CHANNELS_SQL = """
SELECT {channel} AS channel, SUM(spend) AS spend FROM spend GROUP BY {channel} HAVING SUM(spend) > 0
"""


@dataclass(frozen=True)
class LtvVariants:
    """Lifetime value by four definitions, in the currency of `arpa`; horizons in months."""

    simple: float
    discounted: float
    capped_36: float
    capped_60: float


def ltv_variants(arpa: float, margin: float, churn: float, yearly_discount: float = 0.10) -> LtvVariants:
    """Lifetime value from monthly revenue per account, margin and monthly churn.

    Args:
        arpa: Revenue per account and month.
        margin: Gross margin, 0..1.
        churn: Monthly churn, 0..1, above 0.
        yearly_discount: Yearly rate for the discounted variant.

    Source:
        Skok (simple, discounted); the capped variants sum the surviving margin of the first months.

    >>> v = ltv_variants(100, 0.8, 0.03)
    >>> round(v.simple), round(v.discounted), round(v.capped_36), round(v.capped_60)
    (2667, 2123, 1776, 2238)
    """
    monthly = arpa * margin
    d = (1 + yearly_discount) ** (1 / 12) - 1

    def capped(months: int) -> float:
        return monthly * (1 - (1 - churn) ** months) / churn

    return LtvVariants(monthly / churn, monthly * (1 + d) / (churn + d), capped(36), capped(60))


def _started(customers: Dataset) -> str:
    """The day somebody became a customer: where first payments are in the file, whoever has none is not one yet."""
    return "first_paid_date" if customers.has("first_paid_date") else "signup_date"


def _won(customers: Dataset, window: Mapping[str, Any], only: str = "") -> tuple[str, dict[str, Any]]:
    has_mrr = customers.has("mrr")
    sql = WON_SQL.format(
        mean="AVG(mrr)" if has_mrr else "NULL",
        deviation="STDDEV_SAMP(mrr)" if has_mrr else "NULL",
        started=_started(customers),
        only=only,
    )
    return sql, query(sql, {slots.CUSTOMERS: customers}, window).records()[0]


@dataclass(frozen=True)
class Cost:
    """What customers cost in the period that the spend file covers."""

    blended: KpiValue
    paid: KpiValue
    mean_mrr: float | None
    sd_mrr: float | None
    window: Mapping[str, Any]


def cost(customers: Dataset, spend: Dataset, aliases: Mapping[str, Any]) -> Cost:
    """Blended and paid CAC over the days that the spend file covers.

    Args:
        customers: Contract customers.
        spend: Contract spend.
        aliases: The team's channel names, alias -> canonical.
    """
    period = query(PERIOD_SQL, {slots.SPEND: spend}).records()[0]
    window = {"first_day": period["first_day"], "last_day": period["last_day"]}
    span = (window["first_day"], window["last_day"])
    sql, row = _won(customers, window)
    both = {slots.CUSTOMERS: customers, slots.SPEND: spend}
    total, n = float(period["spend"] or 0), int(row["customers"] or 0)
    blended = kpi_value(
        "cac",
        poisson_ratio(total, n),
        "money",
        name="CAC, blended",
        sql=f"{PERIOD_SQL.strip()};\n{sql}",
        datasets=both,
        params=window,
        window=span,
        method=_CAC_METHOD,
        needs=_more_customers(n),
        definition="All spend of the spend file / all customers whose first payment falls into the same days. "
        "Fully loaded only if the file holds salaries and tools too.",
    )
    paid, paid_sql = _paid(customers, spend, aliases, window)
    paid_value = kpi_value(
        "cac_paid",
        paid,
        "money",
        name="CAC, paid channels",
        kpi="cac",
        sql=paid_sql or sql,
        datasets=both,
        params=window,
        window=span,
        method=_CAC_METHOD,
        needs=_more_customers(int(paid.n)) if customers.has("channel") else _NO_CHANNEL,
        definition="Spend of the channels that cost money / customers of those channels, same days.",
    )
    return Cost(blended, paid_value, row["mean_mrr"], row["sd_mrr"], window)


def _paid(
    customers: Dataset, spend: Dataset, aliases: Mapping[str, Any], window: Mapping[str, Any]
) -> tuple[Interval, str]:
    """Spend per customer of the channels that cost money, and its query; unknown and "" where no file says."""
    channels = query(
        CHANNELS_SQL.format(channel=channel_sql("channel", aliases)), {slots.SPEND: spend}
    ).records()
    if not channels or not customers.has("channel"):
        return unknown(), ""
    names = in_list([str(item["channel"]) for item in channels])
    sql, row = _won(customers, window, f"AND {channel_sql('channel', aliases)} IN ({names})")
    return poisson_ratio(sum(float(c["spend"]) for c in channels), int(row["customers"] or 0)), sql


def _more_customers(n: int) -> str:
    return "" if n >= LEAST_CUSTOMERS else f"about {LEAST_CUSTOMERS - n} more new customers"


def payback(found: Cost, margin: float | None, datasets: Mapping[str, Dataset]) -> KpiValue:
    """CAC / (monthly revenue of the customers won x gross margin), in days of a thirty-day month."""
    n, needs = found.blended.interval.n, found.blended.needs
    interval = unknown(n)
    if not found.mean_mrr:
        needs = "monthly revenue (mrr) in the customers file"
    elif margin is None:
        needs = "the gross margin, in the workbook's settings"
    elif not needs:
        days = found.blended.interval.value / (found.mean_mrr * margin) * MONTH_DAYS
        spread = (found.sd_mrr or 0) / found.mean_mrr
        interval = log_interval(days, math.sqrt((1 + spread * spread) / n), n)
    return kpi_value(
        "cac_payback",
        interval,
        "days",
        sql=found.blended.evidence.sql,
        datasets=datasets,
        params=found.window,
        window=(found.window["first_day"], found.window["last_day"]),
        needs=needs,
        method=f"Delta method on the log scale, 95 %; gross margin {margin}",
        definition="Blended CAC / (mean monthly revenue of the customers won in these days x gross margin), in days.",
    )


BASE_SQL = """
WITH base AS (
  SELECT {started} AS started, {ended} AS ended{mrr} FROM customers
  WHERE {started} IS NOT NULL
),
span AS (
  SELECT GREATEST(MAX(started), COALESCE(MAX(ended), MAX(started))) AS as_of FROM base
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
    return BASE_SQL.format(
        started=_started(customers),
        ended="churn_date" if customers.has("churn_date") else "CAST(NULL AS DATE)",
        mrr=", mrr" if customers.has("mrr") else "",
    )


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
        definition="Customers who had paid and not left on the last day of the file."
        + ("" if customers.has("churn_date") else " The file has no churn_date, so nobody counts as gone."),
    )
    return value, row


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


def ltv_to_cac(ltv: KpiValue, cac: KpiValue) -> KpiValue:
    """LTV over blended CAC."""
    needs = ltv.needs or cac.needs
    interval = unknown()
    if not needs:
        a, b = ltv.interval, cac.interval
        se = math.hypot(math.log(a.high / a.low), math.log(b.high / b.low)) / (2 * 1.959964)
        interval = log_interval(a.value / b.value, se, min(a.n, b.n))
    return kpi_value(
        "ltv_to_cac",
        interval,
        "ratio2",
        sql=f"{ltv.evidence.sql};\n{cac.evidence.sql}",
        datasets={},
        method="Both ranges combined on the log scale, 95 %",
        needs=needs,
        definition="Lifetime value over 36 months / blended CAC.",
    )

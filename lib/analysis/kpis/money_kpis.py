"""What a customer costs and brings: CAC, payback, lifetime value, quick ratio; from customers and spend."""

from __future__ import annotations

import datetime as dt
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
    poisson_ratio,
    unknown,
)
from lib.engine.calendar import add_months
from lib.engine.contracts import paying as paying_rows
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

DATES_SQL = """
SELECT MIN(date) AS first_day, MAX(date) AS last_day, COUNT(DISTINCT date) AS dates,
       COUNT(DISTINCT EXTRACT(DAY FROM date)) AS days_of_month
FROM spend WHERE spend IS NOT NULL
"""
PERIOD_SQL = """
SELECT SUM(spend) AS spend FROM spend WHERE date >= $first_day AND date <= $last_day
"""
WON_SQL = """
SELECT COUNT(*) AS customers, {mean} AS mean_mrr, {deviation} AS sd_mrr
FROM customers
WHERE {started} >= $first_day AND {started} <= $last_day AND {counts} {only}
"""
CHANNELS_SQL = """
SELECT {channel} AS channel, SUM(spend) AS spend FROM spend
WHERE date >= $first_day AND date <= $last_day GROUP BY {channel} HAVING SUM(spend) > 0
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


def _spend_window(spend: Dataset) -> dict[str, Any]:
    """First and last day that the spend file covers: a month or week named by its first day lasts to its end.

    A month or week in which the file was taken in is not over: it is left out, for its customers are not all there.
    """
    row = query(DATES_SQL, {slots.SPEND: spend}).records()[0]
    first, last = _as_date(row["first_day"]), _as_date(row["last_day"])
    if first is None or last is None:
        return {"first_day": None, "last_day": None}
    step = _step(row, first, last)
    taken_in = _as_date(spend.added_at)
    is_running = bool(step and taken_in and last <= taken_in <= _end(last, step))
    if is_running and last > first:
        last = add_months(last, -1) if step == MONTH_DAYS else last - dt.timedelta(days=step)
    return {"first_day": first, "last_day": _end(last, step)}


def _step(row: Mapping[str, Any], first: dt.date, last: dt.date) -> int:
    """Days from one date of the spend file to the next: 30 for months, 7 for weeks, else 0."""
    gap = (last - first).days / (row["dates"] - 1) if row["dates"] > 1 else 0.0
    if (gap >= 28 or not gap) and row["days_of_month"] == 1 and first.day == 1:
        return MONTH_DAYS
    return 7 if gap == 7 else 0


def _end(start: dt.date, step: int) -> dt.date:
    """Last day of the month or week that begins on a day."""
    if step == MONTH_DAYS:
        return add_months(start, 1) - dt.timedelta(days=1)
    return start + dt.timedelta(days=max(0, step - 1))


def _won(customers: Dataset, window: Mapping[str, Any], only: str = "") -> tuple[str, dict[str, Any]]:
    has_mrr = customers.has("mrr")
    sql = WON_SQL.format(
        mean="AVG(mrr)" if has_mrr else "NULL",
        deviation="STDDEV_SAMP(mrr)" if has_mrr else "NULL",
        started=paying_rows.started(customers),
        counts=paying_rows.counts(customers),
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
    window = _spend_window(spend)
    period = query(PERIOD_SQL, {slots.SPEND: spend}, window).records()[0]
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
        CHANNELS_SQL.format(channel=channel_sql("channel", aliases)), {slots.SPEND: spend}, window
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


def _as_date(value: Any) -> dt.date | None:
    """The day of a date, a timestamp or an ISO text."""
    if isinstance(value, dt.datetime):
        return value.date()
    return value if isinstance(value, dt.date) else dt.date.fromisoformat(value[:10]) if value else None

"""What people answer: net promoter score with its error, and the product-market-fit share with the n it needs."""

from __future__ import annotations

import math

from lib.analysis.kpis.kpi_value import KpiValue, kpi_value, unknown
from lib.engine.datasets.dataset import Dataset
from lib.engine.query import query
from lib.framework import slots
from lib.stats.intervals import Interval, wilson, z_value

PMF_LEAST = 30  # answers below which the share is not shown
NPS_LEAST = 30

NPS_SQL = """
SELECT COUNT(nps_score) AS n,
       COUNT(*) FILTER (WHERE nps_score >= 9) AS promoters,
       COUNT(*) FILTER (WHERE nps_score <= 6) AS detractors,
       {span}
FROM survey WHERE nps_score IS NOT NULL
"""
PMF_SQL = """
SELECT COUNT(*) AS n,
       COUNT(*) FILTER (WHERE LOWER(TRIM(pmf_answer)) = 'very disappointed') AS very,
       {span}
FROM survey
WHERE LOWER(TRIM(pmf_answer)) IN ('very disappointed', 'somewhat disappointed', 'not disappointed')
"""


def nps_interval(promoters: int, detractors: int, n: int, confidence: float = 0.95) -> Interval:
    """Net promoter score, -100..100, with its normal interval.

    Args:
        promoters: Answers of 9 or 10.
        detractors: Answers of 0 to 6.
        n: All answers.
        confidence: Coverage, 0..1.

    Source:
        Variance of a difference of two multinomial shares; cybaea.net 2016. One answer of each kind is added where all
        answers are of one kind.

    >>> i = nps_interval(50, 20, 100); round(i.value, 1), round(i.high - i.value, 1)
    (30.0, 15.3)
    """
    if n <= 0:
        return unknown()
    p, d = promoters / n, detractors / n
    spread = p + d - (p - d) ** 2
    score = 100 * (p - d)
    if (
        spread < 1e-12
    ):  # everybody of one kind: no variance was seen, which is not the same as none being there
        p, d = (promoters + 1) / (n + 3), (detractors + 1) / (n + 3)
        spread = p + d - (p - d) ** 2
    half = z_value(confidence) * 100 * math.sqrt(spread / n)
    return Interval(score, max(-100.0, score - half), min(100.0, score + half), n, confidence)


def _span(survey: Dataset) -> str:
    return (
        "MIN(date) AS first_day, MAX(date) AS last_day"
        if survey.has("date")
        else ("NULL AS first_day, NULL AS last_day")
    )


def nps(survey: Dataset) -> KpiValue:
    """Net promoter score of a survey; withheld under 30 answers."""
    sql = NPS_SQL.format(span=_span(survey))
    row = query(sql, {slots.SURVEY: survey}).records()[0]
    n = int(row["n"] or 0)
    interval = nps_interval(int(row["promoters"] or 0), int(row["detractors"] or 0), n)
    return kpi_value(
        "nps",
        interval,
        "number1",
        sql=sql,
        datasets={slots.SURVEY: survey},
        window=(row["first_day"], row["last_day"]),
        method="Normal interval of the difference of two shares, 95 %",
        definition="Share of answers 9 and 10 minus share of answers 0 to 6, in points from -100 to 100.",
        needs="" if n >= NPS_LEAST else f"about {NPS_LEAST - n} more answers to the recommendation question",
    )


def pmf(survey: Dataset) -> KpiValue:
    """Share who would be very disappointed without the product; withheld under 30 answers."""
    sql = PMF_SQL.format(span=_span(survey))
    row = query(sql, {slots.SURVEY: survey}).records()[0]
    n, very = int(row["n"] or 0), int(row["very"] or 0)
    return kpi_value(
        "pmf_share",
        wilson(very, n),
        "percent1",
        sql=sql,
        datasets={slots.SURVEY: survey},
        window=(row["first_day"], row["last_day"]),
        method="Wilson interval, 95 %",
        definition="People who would be very disappointed without the product / people who answered the question. "
        "Ask activated users only.",
        needs="" if n >= PMF_LEAST else f"about {PMF_LEAST - n} more answers to the fit question",
    )

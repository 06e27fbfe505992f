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
LEAST_FOR_SCALE = 10  # answers of which none is above 5 or 7, before the scale is taken to end there
_SHORTER = (5, 7)

NPS_SQL = """
SELECT COUNT(nps_score) AS n,
       COUNT(*) FILTER (WHERE nps_score >= 9) AS promoters,
       COUNT(*) FILTER (WHERE nps_score <= 6) AS detractors,
       MAX(nps_score) AS highest,
       {span}
FROM survey WHERE nps_score IS NOT NULL
"""
CSAT_SQL = """
WITH asked AS (SELECT MAX({column}) AS highest FROM survey)
SELECT COUNT({column}) AS n, MAX(highest) AS highest,
       COUNT(*) FILTER (WHERE {column} >= CASE WHEN highest <= 5 THEN 4 WHEN highest <= 7 THEN 6 ELSE 9 END) AS satisfied,
       {span}
FROM survey CROSS JOIN asked WHERE {column} IS NOT NULL
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
    scale = _scale(n, row["highest"])
    interval = (
        nps_interval(int(row["promoters"] or 0), int(row["detractors"] or 0), n) if not scale else unknown(n)
    )
    needs = "" if n >= NPS_LEAST else f"about {NPS_LEAST - n} more answers to the recommendation question"
    return kpi_value(
        "nps",
        interval,
        "number1",
        sql=sql,
        datasets={slots.SURVEY: survey},
        window=(row["first_day"], row["last_day"]),
        method="Normal interval of the difference of two shares, 95 %",
        definition="Share of answers 9 and 10 minus share of answers 0 to 6, in points from -100 to 100.",
        needs=f"answers on a scale of 0 to 10: no answer is above {scale}, so this is a scale of 1 to {scale}"
        if scale
        else needs,
    )


def _scale(n: int, highest: object) -> int:
    """The shorter scale that answers were given on, by their highest; 0 where they go up to 10 or are too few to say."""
    if n < LEAST_FOR_SCALE or highest is None or int(str(highest)) > _SHORTER[-1]:
        return 0
    return next(top for top in _SHORTER if int(str(highest)) <= top)


def csat(survey: Dataset) -> KpiValue | None:
    """Share of satisfied people: the two best answers of the scale; None where no question asks for it.

    Answers to the recommendation question that stop at 5 or 7 are taken for satisfaction, which such scales ask for.
    """
    column = next((name for name in ("csat_score", "nps_score") if survey.has(name)), "")
    if not column:
        return None
    sql = CSAT_SQL.format(column=column, span=_span(survey))
    row = query(sql, {slots.SURVEY: survey}).records()[0]
    n, highest = int(row["n"] or 0), row["highest"]
    if not n or (column == "nps_score" and not _scale(n, highest)):
        return None
    top = next(t for t in (*_SHORTER, 10) if int(highest) <= t)
    return kpi_value(
        "csat",
        wilson(int(row["satisfied"] or 0), n),
        "percent1",
        sql=sql,
        datasets={slots.SURVEY: survey},
        window=(row["first_day"], row["last_day"]),
        method="Wilson interval, 95 %",
        definition=f"People who gave one of the two best answers, {top - 1} or {top} / people who answered the question.",
        needs="" if n >= NPS_LEAST else f"about {NPS_LEAST - n} more answers to the satisfaction question",
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

"""Where active users and revenue come from and go to, period by period."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from lib.analysis.events.growth_accounting_sql import revenue_sql, users_sql
from lib.analysis.result_types import TableResult
from lib.analysis.verdict import Finding, Verdict
from lib.engine import query
from lib.engine.calendar import Calendar
from lib.engine.datasets.dataset import Dataset
from lib.engine.evidence.cache import cached
from lib.engine.evidence.evidence import Evidence, Fact, Scalar
from lib.engine.sources.answers import PeriodFlow
from lib.errors import DataError
from lib.framework import slots
from lib.stats.intervals import z_value

COLUMNS = ("period", "active", "new", "retained", "resurrected", "churned", "quick_ratio", "is_complete")
REVENUE_COLUMNS = (
    "period",
    "revenue",
    "new",
    "expansion",
    "resurrected",
    "contraction",
    "churned",
    "quick_ratio",
    "is_complete",
)
QUICK_COLUMNS = ("what", "periods", "gained", "lost", "quick_ratio", "ci_low", "ci_high")
LAST_PERIODS = 3
ENOUGH_USERS = 30  # gained and lost, each, for a ratio with a range


@dataclass(frozen=True)
class GrowthResult(TableResult):
    """Growth accounting.

    Attributes:
        period: week | month, for users; revenue is always by month.
        verdict: Whether gains outrun losses.
        findings: Whether users and revenue point apart.
        evidence: Users by period (`COLUMNS`); the last complete periods together (`QUICK_COLUMNS`); with a
            revenue column, revenue by month (`REVENUE_COLUMNS`).
    """

    period: str


@cached
def growth_accounting(
    dataset: Dataset, *, period: str = "month", calendar: Calendar | None = None
) -> GrowthResult:
    """Account for every active user and, where there is revenue, every amount.

    Users of a period: new (first period with any event), retained (active in the period before too),
    resurrected (active earlier, not in the period before); churned were active in the period before and are
    not in this one. Active = new + retained + resurrected. Quick ratio = (new + resurrected) / churned.
    Revenue per user and month alike: new, expansion and resurrected amounts over contraction and churned
    amounts. The first period has no quick ratio, and an incomplete last period is marked, has
    no losses yet and is not judged.

    Args:
        dataset: Events.
        period: week | month.
        calendar: Time zone and first day of the week; UTC and Monday when None.

    Raises:
        DataError: An unknown period.

    Source:
        Jonathan Hsu, "Diligence at Social Capital"; quick ratio of revenue: Mamoon Hamid.
    """
    if period not in ("week", "month"):
        raise DataError(f"Growth cannot be accounted for by {period!r}.", "Choose week or month.")
    calendar = calendar or Calendar()
    source, sources = query.events(dataset), {slots.EVENTS: dataset}
    users = source.user_flow(calendar, period)
    sql = users_sql(calendar, period)
    table = query.evidence(
        "Growth accounting of users",
        f"Active users by {period}: new, retained, resurrected; and who left.",
        sql,
        sources,
        rows=_user_rows(users),
        columns=COLUMNS,
        method="quick ratio is new and resurrected over churned",
    )
    quick = [_quick("users", users)]
    more: tuple[Evidence, ...] = ()
    if dataset.has("revenue"):
        money = source.revenue_flow(calendar)
        quick.append(_quick("revenue", money))
        more = (_revenue_table(dataset, calendar, money),)
    summary = query.evidence(
        "Quick ratio",
        f"Gains over losses in the last {LAST_PERIODS} complete periods together.",
        sql,
        sources,
        rows=quick,
        columns=QUICK_COLUMNS,
        method="range for counts by the normal interval of the log ratio, 95 %",
    )
    return GrowthResult(_conclude(summary, period), _findings(summary), (table, summary, *more), period)


def _revenue_table(dataset: Dataset, calendar: Calendar, money: PeriodFlow) -> Evidence:
    return query.evidence(
        "Growth accounting of revenue",
        "Revenue by month: new, expansion, resurrected; contraction and churned.",
        revenue_sql(calendar),
        {slots.EVENTS: dataset},
        rows=_money_rows(money),
        columns=REVENUE_COLUMNS,
        method="quick ratio is gained over lost revenue",
    )


def _ratio(gained: float, lost: float, number: int) -> float | None:
    return gained / lost if number and lost > 0 else None


def _user_rows(flow: PeriodFlow) -> list[tuple[Scalar, ...]]:
    complete = flow.periods.complete()
    return [
        (
            day.isoformat(),
            int(flow.active[i]),
            int(flow.new[i]),
            int(flow.active[i] - flow.new[i] - flow.resurrected[i]),
            int(flow.resurrected[i]),
            int(flow.churned[i]) if complete[i] else None,
            _ratio(flow.new[i] + flow.resurrected[i], flow.churned[i], i * complete[i]),
            bool(complete[i]),
        )
        for i, day in enumerate(flow.periods.starts)
    ]


def _money_rows(flow: PeriodFlow) -> list[tuple[Scalar, ...]]:
    complete = flow.periods.complete()
    gains = (flow.active, flow.new, flow.expansion, flow.resurrected)
    rows: list[tuple[Scalar, ...]] = []
    for i, day in enumerate(flow.periods.starts):
        gained = flow.new[i] + flow.expansion[i] + flow.resurrected[i]
        lost = (flow.contraction[i], flow.churned[i])
        ratio = _ratio(gained, sum(lost), i * complete[i])
        # Of a month that is not over nobody knows yet who pays less or nothing.
        told = (float(part) if complete[i] else None for part in lost)
        rows.append((day.isoformat(), *(float(part[i]) for part in gains), *told, ratio, bool(complete[i])))
    return rows


def _quick(what: str, flow: PeriodFlow) -> tuple[Scalar, ...]:
    """Gains over losses of the last complete periods after the first; a range where users were counted."""
    judged = [i for i in np.flatnonzero(flow.periods.complete()) if i > 0][-LAST_PERIODS:]
    gained, lost = flow.new + flow.resurrected + flow.expansion, flow.churned + flow.contraction
    up, down = float(gained[judged].sum()), float(lost[judged].sum())
    ratio = up / down if down > 0 else None
    low = high = None
    if what == "users" and ratio and up >= 1:
        width = math.exp(z_value(0.95) * math.sqrt(1 / up + 1 / down))
        low, high = ratio / width, ratio * width
    return (what, len(judged), up, down, ratio, low, high)


def _conclude(summary: Evidence, period: str) -> Verdict:
    row = summary.records()[0]
    facts: dict[str, Fact | str] = {"period": period}
    if row["gained"] < ENOUGH_USERS or row["lost"] < ENOUGH_USERS or row["quick_ratio"] is None:
        missing = max(1, math.ceil(ENOUGH_USERS - min(row["gained"], row["lost"])))
        needs = f"about {missing} more users gained and lost" if row["periods"] else f"two complete {period}s"
        return Verdict(
            "unclear",
            "Can't tell yet whether gains outrun losses: too few users came and went.",
            facts,
            code="growth_too_few",
            needs=needs,
        )
    facts |= {
        "ratio": summary.fact(0, "quick_ratio", "ratio2"),
        "low": summary.fact(0, "ci_low", "ratio2"),
        "high": summary.fact(0, "ci_high", "ratio2"),
        "periods": summary.fact(0, "periods", "count"),
    }
    if row["ci_low"] > 1:
        template = (
            "Users grow: gains are {ratio} ({low} to {high}) the losses of the last complete {period}s."
        )
        return Verdict(
            "good", template, facts, code="growth_up", flips="A ratio whose range comes down to one."
        )
    if row["ci_high"] < 1:
        template = "Users shrink: gains are only {ratio} ({low} to {high}) the losses of the last complete {period}s."
        return Verdict("bad", template, facts, code="growth_down", flips="A ratio whose range reaches one.")
    return Verdict(
        "mixed",
        "Users stand still: gains are {ratio} ({low} to {high}) the losses.",
        facts,
        code="growth_flat",
    )


def _findings(summary: Evidence) -> tuple[Finding, ...]:
    rows = summary.records()
    if len(rows) < 2 or rows[0]["ci_low"] is None or rows[1]["quick_ratio"] is None:
        return ()
    users_grow, users_shrink, revenue = rows[0]["ci_low"] > 1, rows[0]["ci_high"] < 1, rows[1]["quick_ratio"]
    if not ((users_grow and revenue < 1) or (users_shrink and revenue > 1)):
        return ()
    facts: dict[str, Fact | str] = {
        "users": summary.fact(0, "quick_ratio", "ratio2"),
        "revenue": summary.fact(1, "quick_ratio", "ratio2"),
    }
    template = (
        "Users and revenue point apart: gains over losses are {users} for users and {revenue} for revenue."
    )
    why = "One of the two teams sees growth where the other sees decline."
    return (Finding("growth_points_apart", "high", template, why, (), facts, evidence=summary),)

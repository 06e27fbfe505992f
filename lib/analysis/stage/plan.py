"""What follows from the stage: the first ninety days, and the two roles side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lib.analysis.experiments.ideas import cards
from lib.analysis.experiments.minimum_detectable_effect import ANSWERS
from lib.analysis.kpis.kpis import KpisResult
from lib.analysis.result_types import Data
from lib.analysis.stage.stage import StageResult, decided_focus
from lib.analysis.translation.outcome_chain import chain
from lib.engine.datasets.dataset import Dataset
from lib.engine.evidence.cache import cached
from lib.engine.evidence.evidence import Fact
from lib.engine.query import evidence
from lib.framework import slots
from lib.framework.load import framework
from lib.framework.recognise import recognise_kpi
from lib.framework.schema import NinetyDays, Role
from lib.workbook.model import Workbook

LATEST_SQL = """
WITH last_days AS (SELECT metric, MAX(date) AS last_day FROM metrics WHERE value IS NOT NULL GROUP BY metric)
SELECT m.metric, MAX(m.value) AS value, COUNT(*) AS values_of_day, MAX(l.last_day) AS last_day
FROM metrics m JOIN last_days l ON l.metric = m.metric AND l.last_day = m.date
WHERE m.value IS NOT NULL GROUP BY m.metric ORDER BY m.metric
"""
SESSIONS = {"product_marketing": ("insight_session", "quarterly_review"),
            "growth": ("growth_sprint", "learning_session", "handoff_review"),
            "both": ("insight_session", "learning_session", "handoff_review")}  # fmt: skip
PHASES = ("days 1 to 30", "days 31 to 60", "days 61 to 90")


@dataclass(frozen=True)
class PlanLine:
    """One line of the first ninety days.

    Attributes:
        content: What is done and what it leaves.
        owner: Who does it: the named lead of that side, else the role's name.
        baselines: The KPIs it is judged by, each with where it stands now or that it is not known.
    """

    content: NinetyDays
    owner: str
    baselines: tuple[str, ...]


@dataclass(frozen=True)
class Companions:
    """What goes with the plan.

    Attributes:
        tools: Of the craft that leads, with the month in which the entry was true.
        sessions: Recurring sessions, each with whether it is in the team's calendar already.
        experiments: The team's own next ideas, best first, each with whether it can be tested.
        start: Where to find a first idea while there is none.
    """

    tools: tuple[str, ...]
    sessions: tuple[str, ...]
    experiments: tuple[str, ...]
    start: str


@dataclass(frozen=True)
class RoleRow:
    """One row of the comparison of the two roles: label, product marketing, growth."""

    label: str
    product_marketing: str
    growth: str


def chosen_focus(book: Workbook, result: StageResult) -> str:
    """What the team decided, else what the verdict suggests, else ""."""
    return decided_focus(book) or result.focus


def ninety_days(book: Workbook, result: StageResult, data: Data | None = None) -> tuple[PlanLine, ...]:
    """The first ninety days for the chosen (else suggested) focus, with baselines from the data.

    Args:
        book: The team's choice and leads.
        result: The stage result; its KPIs are the baselines.
        data: Datasets by slot; the latest values of uploaded metrics stand in where no KPI was computed.
    """
    series = latest_series(data[slots.METRICS]) if data and slots.METRICS in data else {}
    focus = chosen_focus(book, result)
    owners = {
        "product_marketing": book.settings.marketing_lead or framework().roles["product_marketing"].name,
        "growth": book.settings.growth_lead or framework().roles["growth"].name,
    }
    return tuple(
        PlanLine(row, owners[row.role], tuple(baseline(id, result.kpis, series) for id in row.kpis))
        for row in framework().ninety_days.values()
        if row.focus == focus
    )


def companions(book: Workbook, focus: str, data: Data | None = None) -> Companions:
    """Tools, sessions and first experiments of the first ninety days.

    Args:
        book: Backlog and sessions.
        focus: product_marketing | growth | both.
        data: Datasets by slot; the weakest step of the journey is where ideas are looked for.
    """
    leading = [role for id, role in framework().roles.items() if focus in ("both", id)]
    ideas = _next_ideas(book)
    return Companions(
        tuple(
            f"{tool.name} (as of {tool.as_of})" for role in leading for tool in role.tools if not tool.retired
        ),
        _sessions(book, focus),
        ideas,
        "" if ideas else _weakest_step(book, data or {}),
    )


def _sessions(book: Workbook, focus: str) -> tuple[str, ...]:
    names = {ritual.name for ritual in book.rituals.values()}
    found = []
    for id in SESSIONS.get(focus, ()):
        row = framework().rituals[id]
        planned = " (in your calendar)" if id in book.rituals or row.name in names else ""
        found.append(f"{row.name}: {_small(row.purpose).rstrip('.')}{planned}")
    return tuple(found)


def _next_ideas(book: Workbook) -> tuple[str, ...]:
    waiting = [card for card in cards(book) if card.idea.status not in ("done", "not_test")]
    return tuple(
        f"{card.idea.name or card.sentence}: {ANSWERS[card.testability.answer].lower()}"
        for card in waiting[:3]
    )


def _small(text: str) -> str:
    return text[0].lower() + text[1:]


def _weakest_step(book: Workbook, data: Data) -> str:
    found = chain(book, data)
    if found is None or found.lowest is None:
        return "No idea waits yet: interview five people who stopped, and write the first one."
    return (
        f"No idea waits yet: look for one between {found.lowest.start.name} and {found.lowest.goal.name}, where only "
        f"{found.lowest.evidence.fact(0, 'rate', 'percent1').text} go on."
    )


def baseline(kpi: str, kpis: KpisResult, series: Mapping[str, Fact] | None = None) -> str:
    """A KPI with where it stands now: computed here, else the latest value of an uploaded series."""
    name = framework().kpis[kpi].name
    value = next((v for v in kpis.values.values() if v.kpi == kpi and v.is_known), None)
    fact = value.fact if value else (series or {}).get(kpi)
    return f"{name} (now {fact.text})" if fact else f"{name} (not measured yet)"


@cached
def latest_series(metrics: Dataset) -> dict[str, Fact]:
    """The latest value of each uploaded series that the catalogue knows, by KPI id."""
    table = evidence(
        "Latest value of each metric",
        "The last dated value of each series in the file; a series split into segments is left out.",
        LATEST_SQL,
        {slots.METRICS: metrics},
    )
    found: dict[str, Fact] = {}
    for index, row in enumerate(table.records()):
        kpi = recognise_kpi(str(row["metric"]))
        if kpi is not None and kpi.id not in found and row["values_of_day"] == 1:
            is_plain = kpi.unit == "currency" or (kpi.unit == "percent" and not 0 <= row["value"] <= 1)
            found[kpi.id] = table.fact(index, "value", "number" if is_plain else kpi.format)
    return found


def comparison(book: Workbook) -> tuple[RoleRow, ...]:
    """The two roles side by side, and who does the work of each today, from the team's own ownership map."""
    pmm, growth = framework().roles["product_marketing"], framework().roles["growth"]
    return (
        RoleRow("What it is for", pmm.mission, growth.mission),
        RoleRow("Strategy", pmm.strategy, growth.strategy),
        RoleRow("Goals", "; ".join(pmm.goals), "; ".join(growth.goals)),
        RoleRow("Tools", _tools(pmm), _tools(growth)),
        RoleRow("Measured by", _measures(pmm), _measures(growth)),
        RoleRow("Who does it here today", _today(book, pmm), _today(book, growth)),
        RoleRow("Metrics owned here", _metrics(book, pmm), _metrics(book, growth)),
    )


def _tools(role: Role) -> str:
    return "; ".join(
        f"{t.name} ({_small(t.retired)})" if t.retired else f"{t.name} (as of {t.as_of})" for t in role.tools
    )


def _measures(role: Role) -> str:
    return ", ".join(framework().kpis[id].name for id in role.kpis)


def _today(book: Workbook, role: Role) -> str:
    """Owners of the role's areas as the team named them."""
    parts = []
    for area in role.areas:
        owns = book.owns.get(area)
        owner = (owns.resolved or owns.today or owns.marketing_today or owns.growth_today) if owns else ""
        parts.append(f"{framework().areas[area].name}: {owner or 'nobody named yet'}")
    return "; ".join(parts)


def _metrics(book: Workbook, role: Role) -> str:
    """Metrics of the register that measure this role, with their owners."""
    found = []
    for metric in book.metrics.values():
        kpi = metric.kpi or (known.id if (known := recognise_kpi(metric.name)) else "")
        if kpi in role.kpis:
            found.append(f"{metric.name}: {' and '.join(metric.owners) or 'no owner'}")
    return "; ".join(found) or "none in the register yet"

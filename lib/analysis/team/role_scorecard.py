"""A scorecard for the next role, an interview exercise from the team's own weakest step, a view for one person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lib.analysis.kpis.kpis import KpisResult
from lib.analysis.stage.plan import baseline
from lib.analysis.team.team import DIFFER, Level, TeamResult, scale_step
from lib.analysis.translation.outcome_chain import Chain
from lib.analysis.verdict import fill
from lib.engine.evidence.evidence import Evidence, Fact
from lib.framework.load import framework
from lib.framework.schema import Exercise
from lib.workbook.model import Workbook

NAMES = {
    "product_marketing": "Product marketing lead",
    "growth": "Growth lead",
    "hybrid": "Growth and product marketing lead",
}


@dataclass(frozen=True)
class Scorecard:
    """Mission, outcomes, competencies.

    Attributes:
        title: The role's name.
        mission: Why the role exists.
        outcomes: What is there after a year, each checkable.
        measures: KPIs with where they stand now.
        competencies: Skills with what good looks like, largest gap first.
        areas: Areas nobody owns that the role takes over.
    """

    title: str
    mission: str
    outcomes: tuple[str, ...]
    measures: tuple[str, ...]
    competencies: tuple[tuple[str, str], ...]
    areas: tuple[str, ...]


@dataclass(frozen=True)
class Task:
    """An interview exercise with its facts filled in.

    Attributes:
        content: What good and poor answers look like, minutes.
        text: The task.
        evidence: The step's table when it comes from data.
    """

    content: Exercise
    text: str
    evidence: Evidence | None


@dataclass(frozen=True)
class CareerStep:
    """One skill of one person: where they are, what the next level looks like, what to show.

    Attributes:
        differs: "higher" where they rate themselves clearly above their peers, "lower" below, "" otherwise.
    """

    skill: str
    level: float
    now: str
    next: str
    evidence_prompt: str
    differs: str = ""


def scorecard(role: str, result: TeamResult, kpis: KpisResult) -> Scorecard:
    """A scorecard from the gap, the areas nobody owns, and where the numbers stand.

    Args:
        role: product_marketing | growth | hybrid.
        result: The team's gaps.
        kpis: For baselines.
    """
    roles = framework().roles
    chosen = [roles[role]] if role in roles else list(roles.values())
    crafts = [role] if role in roles else list(roles)
    outcomes = [outcome for one in chosen for outcome in one.outcomes]
    measures = list(dict.fromkeys(kpi for one in chosen for kpi in one.kpis))
    return Scorecard(
        NAMES.get(role, NAMES["hybrid"]),
        " ".join(one.mission for one in chosen),
        tuple(outcomes[: 3 if len(chosen) == 1 else 4]),
        tuple(baseline(kpi, kpis) for kpi in measures[:6]),
        _competencies(result, crafts),
        _free_areas(result, crafts),
    )


def _competencies(result: TeamResult, crafts: Sequence[str]) -> tuple[tuple[str, str], ...]:
    gaps = [gap.skill for gap in result.gaps if gap.skill.role in crafts]
    return tuple((skill.name, skill.what_good_looks_like) for skill in gaps[:4])


def _free_areas(result: TeamResult, crafts: Sequence[str]) -> tuple[str, ...]:
    """Areas of the crafts that nobody owns."""
    areas = [framework().areas[id] for id in result.unowned]
    kinds = {"process": "product_marketing"}
    return tuple(area.name for area in areas if kinds.get(area.kind, "growth") in crafts)


def exercise(role: str, chain: Chain | None) -> Task:
    """The interview exercise of a role, about the team's own weakest step where the chain is measured."""
    content = next(e for e in framework().exercises.values() if e.role == (role or "hybrid"))
    weakest = chain.lowest if chain else None
    if weakest is None:
        return Task(content, content.without_data, None)
    table = weakest.evidence
    facts: dict[str, Fact | str] = {
        "from_step": weakest.start.name,
        "to_step": weakest.goal.name,
        "rate": table.fact(0, "rate", "percent"),
        "users": table.fact(0, "entered", "count"),
    }
    return Task(content, fill(content.template, facts), table)


def career(book: Workbook, person: str, levels: Sequence[Level]) -> tuple[CareerStep, ...]:
    """What one person's ratings mean and what the next level looks like, furthest below first.

    Args:
        book: The workbook.
        person: Record id of the person.
        levels: All ratings.
    """
    steps = []
    for level in levels:
        if level.person != person or level.value is None:
            continue
        skill = framework().skills[level.skill]
        at = scale_step(level.value)
        following = skill.levels[at] if at < 5 else "The top of the scale: teach it."
        steps.append(
            CareerStep(
                skill.name,
                level.value,
                skill.levels[at - 1],
                following,
                skill.evidence_prompt,
                _differs(level),
            )
        )
    return tuple(sorted(steps, key=lambda step: step.level))


def _differs(level: Level) -> str:
    if level.difference is None or abs(level.difference) < DIFFER:
        return ""
    return "higher" if level.difference > 0 else "lower"

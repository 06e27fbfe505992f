"""Who can do what, which gap the stage opens, and whether to hire a hybrid or two specialists."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from lib.analysis.findings import framework_finding
from lib.analysis.stage.stage import StageResult, decided_focus
from lib.analysis.verdict import Finding, Fix, Verdict
from lib.engine.evidence.cache import step_cached
from lib.engine.evidence.evidence import Evidence, Fact, single
from lib.engine.query import now
from lib.framework.load import framework
from lib.framework.schema import Skill
from lib.workbook.model import Workbook

SELF = "self"
STRONG = 4.0
# What the stage asks of each craft, 1..5: the best person's level.
TARGETS = {"product_marketing": {"product_marketing": 4.0, "growth": 2.5},
           "growth": {"product_marketing": 3.0, "growth": 4.0},
           "both": {"product_marketing": 4.0, "growth": 4.0},
           "": {"product_marketing": 3.0, "growth": 3.0}}  # fmt: skip
DIFFER = 1.5
LEAST_PEERS = 2  # with fewer, what the peers say is what one of them says
COLUMNS = ("skill", "role", "best", "target", "gap", "people_rated", "strong")


@dataclass(frozen=True)
class Level:
    """One person's level in one skill.

    Attributes:
        person, skill: Ids.
        own: What they say themselves, 1..5; None unrated.
        peers: Mean of what others say; None unrated.
        raters: Peers who rated.
        value: Peers and self, each side counting half where both are there.
    """

    person: str
    skill: str
    own: float | None
    peers: float | None
    raters: int = 0

    @property
    def difference(self) -> float | None:
        """Self minus peers; None while fewer than two peers have rated, so that nobody's own rating shows."""
        if self.own is None or self.peers is None or self.raters < LEAST_PEERS:
            return None
        return self.own - self.peers

    @property
    def value(self) -> float | None:
        """The level that counts."""
        known = [x for x in (self.own, self.peers) if x is not None]
        return statistics.fmean(known) if known else None


@dataclass(frozen=True)
class Gap:
    """One skill against what the stage asks for."""

    skill: Skill
    best: float | None
    target: float

    @property
    def size(self) -> float:
        """How far the best person is below the target; the whole target where nobody is rated."""
        return max(0.0, self.target - (self.best or 0.0))


@dataclass(frozen=True)
class RoleAdvice:
    """Hybrid or two specialists.

    Attributes:
        suggested: hybrid | specialists | "" when it cannot be told.
        reason: Why, one sentence.
    """

    suggested: Literal["hybrid", "specialists", ""]
    reason: str


@dataclass(frozen=True)
class TeamResult:
    """The team against its stage.

    Attributes:
        levels: One per person and skill that somebody rated.
        gaps: Every skill against the target, largest gap first.
        unowned: Ids of ownership areas without an owner.
        advice: Hybrid or specialists.
        role: Craft to hire for next: product_marketing | growth | hybrid | "".
    """

    verdict: Verdict
    findings: tuple[Finding, ...]
    evidence: tuple[Evidence, ...]
    levels: tuple[Level, ...]
    gaps: tuple[Gap, ...]
    unowned: tuple[str, ...]
    advice: RoleAdvice
    role: str


def scale_step(value: float) -> int:
    """The step of the scale, 1 to 5, that a level stands on.

    >>> scale_step(0.4), scale_step(3.6), scale_step(5.0)
    (1, 4, 5)
    """
    return min(5, max(1, round(value)))


def ratings(book: Workbook) -> tuple[Level, ...]:
    """All ratings by person and skill; `skills/<person>/<skill>/<rater>` -> 1..5, rater "self" for oneself."""
    found: dict[tuple[str, str], dict[str, float]] = {}
    for key, value in book.skills.items():
        parts = key.split("/")
        is_rating = len(parts) == 3 and parts[1] in framework().skills and parts[0] in book.people
        if is_rating and isinstance(value, int | float) and not isinstance(value, bool) and 1 <= value <= 5:
            found.setdefault((parts[0], parts[1]), {})[parts[2]] = float(value)
    return tuple(
        Level(
            person,
            skill,
            said.get(SELF),
            _mean(v for rater, v in said.items() if rater != SELF),
            sum(rater != SELF for rater in said),
        )
        for (person, skill), said in found.items()
    )


def _mean(values: Iterable[float]) -> float | None:
    listed = list(values)
    return statistics.fmean(listed) if listed else None


def unowned_areas(book: Workbook) -> tuple[str, ...]:
    """Areas for which nobody is named; empty when the ownership map was not touched at all."""
    named = {
        id for id in framework().areas if (o := book.owns.get(id)) and (o.resolved or o.today or o.should)
    }
    return tuple(id for id in framework().areas if id not in named) if named else ()


@step_cached
def team(book: Workbook, stage: StageResult) -> TeamResult:
    """Hold the team's ratings against what the stage (or the chosen focus) asks for.

    Args:
        book: People, ratings, ownership map.
        stage: The stage result; its focus sets the targets while nothing is chosen.
    """
    focus = decided_focus(book) or stage.focus
    levels = ratings(book)
    gaps = tuple(
        sorted(
            (_gap(skill, levels, focus) for skill in framework().skills.values()),
            key=lambda gap: (-gap.size, gap.skill.id),
        )
    )
    rated = {level.person for level in levels}
    unowned = unowned_areas(book)
    table = _table(gaps, levels)
    role = _role(gaps, focus) if levels else (focus if focus in ("product_marketing", "growth") else "")
    advice = _advice(gaps, levels, unowned)
    found = _findings(book, gaps, levels, unowned, table)
    return TeamResult(
        _verdict(book, gaps, rated, table),
        found,
        (table, _coverage(gaps)),
        levels,
        gaps,
        unowned,
        advice,
        role,
    )


def _gap(skill: Skill, levels: tuple[Level, ...], focus: str) -> Gap:
    known = [level.value for level in levels if level.skill == skill.id and level.value is not None]
    return Gap(skill, max(known, default=None), TARGETS[focus if focus in TARGETS else ""][skill.role])


def _table(gaps: tuple[Gap, ...], levels: tuple[Level, ...]) -> Evidence:
    rows = []
    for gap in gaps:
        rated = [level for level in levels if level.skill == gap.skill.id]
        strong = sum((level.value or 0) >= STRONG for level in rated)
        role = framework().roles[gap.skill.role].name
        rows.append((gap.skill.name, role, gap.best, gap.target, gap.size, len(rated), strong))
    return Evidence(
        title="Skills against what the stage asks for",
        sql="",
        columns=COLUMNS,
        rows=tuple(rows),
        at=now(),
        definition="Best person per skill, 1 to 5; self-rating and the mean of the peers count half each. The target "
        "follows the chosen focus, else the stage.",
        method="Targets: 4 for the craft the focus puts first, 2.5 to 3 for the other, 4 for both when integrated",
    )


def _coverage(gaps: tuple[Gap, ...]) -> Evidence:
    """Coverage by craft: skills in which somebody reaches what is asked for, of those that count for it."""
    rows = []
    for id, role in framework().roles.items():
        own = [gap for gap in gaps if gap.skill.role == id]
        missing = ", ".join(gap.skill.name for gap in own if gap.size > 0 and gap.best is not None)
        rows.append(
            (
                role.name,
                sum(g.best is not None and g.size == 0 for g in own),
                len(own),
                sum(g.best is None for g in own),
                missing,
            )
        )
    return Evidence(
        title="Coverage by craft",
        sql="",
        columns=("craft", "covered", "skills", "unrated", "missing"),
        at=now(),
        rows=tuple(rows),
        method="Counted from the table of gaps",
        definition="Skills of each craft in which somebody reaches the level that the stage asks for.",
    )


def _role(gaps: tuple[Gap, ...], focus: str) -> str:
    total = {role: sum(g.size for g in gaps if g.skill.role == role) for role in framework().roles}
    big = [role for role, size in total.items() if size >= 1.0]
    if len(big) == 2 and max(total.values()) < 1.5 * min(total.values()):
        return "hybrid"
    return max(total, key=lambda role: total[role]) if big else ""


def _advice(gaps: tuple[Gap, ...], levels: tuple[Level, ...], unowned: tuple[str, ...]) -> RoleAdvice:
    if not levels:
        return RoleAdvice("", "Rate at least one person, yourself for instance, before choosing.")
    present = {
        role
        for role in framework().roles
        if sum((g.best or 0) >= STRONG - 0.5 for g in gaps if g.skill.role == role) >= 2
    }
    if len(present) == 2:
        return RoleAdvice("hybrid", "Both crafts are present; what is missing lies between them.")
    if present:
        missing = next(r.name for id, r in framework().roles.items() if id not in present)
        return RoleAdvice(
            "specialists", f"{missing} is missing as a craft: depth there comes before a bridge."
        )
    return RoleAdvice(
        "specialists", "Neither craft is strong yet: one person can hardly be excellent at both."
    )


def _unrated(gaps: tuple[Gap, ...], is_anybody_named: bool, is_anybody_rated: bool) -> Verdict | None:
    """The verdict while too little is rated; None from there on."""
    if not is_anybody_rated:
        text = "Can't tell yet which skill is missing: nobody is rated."
        needs = "at least one rating of each skill"
        if not is_anybody_named:
            needs = "the people of the team, then a rating of each skill"
        return Verdict("unclear", text, needs=needs, code="team_unrated")
    unrated = sum(gap.best is None for gap in gaps)
    if unrated <= len(gaps) / 2:
        return None
    text = "Can't tell yet which skill is missing: most skills are unrated."
    return Verdict("unclear", text, needs=f"ratings of {unrated} more skills", code="team_thin")


def _verdict(book: Workbook, gaps: tuple[Gap, ...], rated: set[str], table: Evidence) -> Verdict:
    if unclear := _unrated(gaps, bool(book.people), bool(book.people and rated)):
        return unclear
    largest = gaps[0]
    facts: dict[str, Fact | str] = {
        "skill": largest.skill.name,
        "best": table.fact(0, "best", "number1"),
        "target": table.fact(0, "target", "number1"),
        "role": framework().roles[largest.skill.role].name.lower(),
    }
    if largest.size < 0.5:
        text = "The team covers what the stage asks for; the smallest reserve is {skill} at {best}."
        return Verdict("good", text, facts, code="team_covered")
    text = "The largest gap is {skill} in {role}: level {best} where {target} is asked for."
    if largest.best is None:
        text = "The largest gap is {skill} in {role}: nobody is rated, level {target} is asked for."
    return Verdict("bad", text, facts, code="team_gap")


def _findings(
    book: Workbook,
    gaps: tuple[Gap, ...],
    levels: tuple[Level, ...],
    unowned: tuple[str, ...],
    table: Evidence,
) -> tuple[Finding, ...]:
    return (
        *_without_owner(unowned),
        *_short(gaps, table),
        *_differences(levels),
        *_lonely(book, gaps, levels),
    )


def _without_owner(unowned: tuple[str, ...]) -> Iterator[Finding]:
    for id in unowned:
        area, why = framework().areas[id], framework().findings["unowned_area"].why
        fix = Fix(f"{area.owner} owns it", ((f"owns/{id}/today", area.owner),))
        yield framework_finding("unowned_area", {"area": area.name}, why=why, subjects=(id,), fixes=(fix,))


def _short(gaps: tuple[Gap, ...], table: Evidence) -> Iterator[Finding]:
    """Skills below their target, the largest three gaps."""
    for index, gap in enumerate(gaps[:3]):
        if gap.best is not None and gap.size >= 0.5:
            facts = {
                "skill": gap.skill.name,
                "value": table.fact(index, "best", "number1"),
                "target": table.fact(index, "target", "number1"),
            }
            yield framework_finding("skill_gap", facts, subjects=(gap.skill.id,), evidence=table)


def _differences(levels: tuple[Level, ...]) -> Iterator[Finding]:
    """Skills that somebody and their peers see differently, largest first; whose stays in that person's own view."""
    wide = sorted(
        (abs(level.difference), level.skill)
        for level in levels
        if level.difference is not None and abs(level.difference) >= DIFFER
    )
    for gap, skill in wide[::-1][:2]:
        one = single("Self and peers", "Difference of self-rating and mean of peers.", {"gap": gap})
        facts = {"skill": framework().skills[skill].name, "gap": one.fact(0, "gap", "number1")}
        yield framework_finding("self_and_peers_differ", facts, evidence=one)


def _lonely(book: Workbook, gaps: tuple[Gap, ...], levels: tuple[Level, ...]) -> list[Finding]:
    """Skills in which exactly one of several people is strong."""
    if len({level.person for level in levels}) < 2:
        return []
    found = []
    for gap in gaps:
        strong = [lv for lv in levels if lv.skill == gap.skill.id and (lv.value or 0) >= STRONG]
        if len(strong) == 1 and gap.target >= STRONG:
            facts = {"person": book.people[strong[0].person].name, "skill": gap.skill.name}
            found.append(framework_finding("one_person_deep", facts, subjects=(gap.skill.id,)))
    return found[:2]

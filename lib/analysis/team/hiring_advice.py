"""Whom a founder hires next, and which way one person grows: from the stage, the ratings and what nobody owns."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from lib.analysis.stage.stage import StageResult, decided_focus
from lib.analysis.team.team import Level, TeamResult, scale_step
from lib.framework.load import framework
from lib.framework.schema import StageRule
from lib.workbook.model import Workbook

ENOUGH = 3.5  # a level at which somebody carries a skill alone
CLEAR = 0.5  # difference of two crafts, in levels, below which somebody is at home in both
_RATE_FIRST = "Nobody is rated yet: rate yourself on the Team page, and this allows for what you do yourself."
_CARRIES_NONE = "Nobody carries any of its skills yet."
_NO_HIRE = (
    "No hire is called for: what the stage puts first is covered. Give the people you have the time for it."
)
_RATE_YOURSELF = "Rate yourself on the Team page, and this starts from what you can do today."
_THREE_ANSWERS = "Three answers about the stage are enough to begin."
_DEEPER = "A second craft learned by half helps nobody: keep one thing others come to you for."
_BRIDGE = "A specialist who stays on one side depends on somebody else to translate."


@dataclass(frozen=True)
class Recommendation:
    """One piece of advice.

    Attributes:
        text: The advice, one or two sentences.
        why: What it rests on.
        against: What speaks against it.
        steps: First steps.
    """

    text: str
    why: tuple[str, ...] = ()
    against: str = ""
    steps: tuple[str, ...] = ()


def rule_in_use(book: Workbook, placed: StageResult) -> StageRule | None:
    """The rule of the focus that was chosen, else of the stage that the data suggest, else None."""
    chosen = decided_focus(book)
    return next((r for r in framework().stage_rules.values() if r.focus == chosen), placed.rule)


def hire_next(book: Workbook, placed: StageResult, result: TeamResult) -> Recommendation | None:
    """Whom to hire next; None while neither stage nor choice says what comes first.

    Args:
        book: The team's choice.
        placed: The stage.
        result: Gaps and unowned areas.
    """
    rule = rule_in_use(book, placed)
    if rule is None:
        return None
    if not result.levels:
        return Recommendation(rule.hire, (_RATE_FIRST, *_free_areas(result)), rule.against)
    wanted = [gap for gap in result.gaps if rule.focus in ("both", gap.skill.role)]
    carried = [gap.skill.name for gap in wanted if (gap.best or 0) >= ENOUGH]
    short = [gap.skill.name for gap in wanted if gap.size >= CLEAR]
    has = f"Somebody carries {', '.join(carried)} already." if carried else _CARRIES_NONE
    text = _hire(rule, short, carried) if short else _NO_HIRE
    return Recommendation(text, (has, *_free_areas(result)), rule.against)


def _hire(rule: StageRule, short: Sequence[str], carried: Sequence[str]) -> str:
    names = " and ".join(short[:2])
    if rule.focus == "both" or len(carried) < 2:
        return f"{rule.hire} Look for {names} first."
    craft = framework().roles[rule.focus].name.lower()
    return f"Hire for {names}: the rest of {craft}, which the stage puts first, is there already."


def _free_areas(result: TeamResult) -> tuple[str, ...]:
    """What the next person could take over."""
    names = ", ".join(framework().areas[id].name.lower() for id in result.unowned)
    return (f"Nobody owns {names} yet: the next person could.",) if names else ()


def grow(book: Workbook, placed: StageResult, levels: Sequence[Level], person: str) -> Recommendation:
    """Which way one person grows, by their ratings and what the stage puts first.

    Args:
        book: The team's choice.
        placed: The stage.
        levels: All ratings.
        person: Record id; "" or somebody unrated gets what the stage alone says.
    """
    rule = rule_in_use(book, placed)
    own = _craft(levels, person)
    if own is None:
        return _grow_unrated(rule)
    roles = framework().roles
    if rule is None:
        known = f"Your strength is {roles[own].name.lower()}." if own else "You are at home in both crafts."
        text = f"{known} Which of the two the company needs next cannot be told yet."
        return Recommendation(text, (_THREE_ANSWERS,), "", _lowest(levels, person, own))
    why = (f"{rule.name}: {rule.focus_name.lower()}. {rule.because}",)
    if rule.focus == "both" or (own and own != rule.focus):
        start = own or "growth"
        other = roles["growth" if start == "product_marketing" else "product_marketing"].name.lower()
        text = f"Grow towards {other}, from your strength in {roles[start].name.lower()}."
        return Recommendation(text, why, _DEEPER, roles[start].next_steps)
    craft = roles[rule.focus].name.lower()
    strength = "it is where you are strongest" if own else "you are at home in both, so the choice is yours"
    text = f"Go deeper in {craft}: the stage puts it first, and {strength}."
    return Recommendation(text, why, _BRIDGE, _lowest(levels, person, rule.focus))


def _grow_unrated(rule: StageRule | None) -> Recommendation:
    """What the stage alone says."""
    if rule is None:
        text = "Can't tell yet which way to grow: neither the stage nor your skills are known."
        return Recommendation(text, (_THREE_ANSWERS, _RATE_YOURSELF))
    return Recommendation(rule.marketer, (_RATE_YOURSELF,), rule.against)


def _craft(levels: Sequence[Level], person: str) -> str | None:
    """The craft somebody is clearly stronger in, "" for both alike, None while they are not rated in either."""
    known = {
        role: [
            lv.value
            for lv in levels
            if lv.person == person and lv.value is not None and framework().skills[lv.skill].role == role
        ]
        for role in framework().roles
    }
    if not any(known.values()):
        return None
    means = {role: statistics.fmean(values) if values else 0.0 for role, values in known.items()}
    (best, high), (_, low) = sorted(means.items(), key=lambda item: -item[1])[:2]
    return best if high - low >= CLEAR else ""


def _lowest(levels: Sequence[Level], person: str, craft: str) -> tuple[str, ...]:
    """What the next level of somebody's two lowest skills of a craft looks like."""
    own = [
        (lv.value, lv.skill)
        for lv in levels
        if lv.person == person and lv.value is not None and craft in ("", framework().skills[lv.skill].role)
    ]
    found = []
    for value, id in sorted(own)[:2]:
        skill, at = framework().skills[id], scale_step(value)
        found.append(f"{skill.name}: {skill.levels[at] if at < 5 else 'teach it'}")
    return tuple(found)

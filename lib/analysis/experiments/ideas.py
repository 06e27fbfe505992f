"""Ideas for experiments: what each still lacks, whether it can be tested, and which comes first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lib.analysis.experiments.minimum_detectable_effect import DetectableEffect, assess
from lib.workbook.model import Idea, Insight, Learning, Workbook

OPEN = ("idea", "testable", "longer", "")
# Status of an earlier learning, the one that counts first -> confidence, why.
LEARNED = (
    ("rejected", 0.2, "an earlier test spoke against it"),
    ("confirmed", 1.0, "a confirmed learning carries it"),
    ("supported", 0.8, "a supported learning carries it"),
)
# A score of impact up to 1..10 -> Intercom's weight of it.
_IMPACT = ((2, 0.25), (4, 0.5), (6, 1.0), (8, 2.0), (11, 3.0))


@dataclass(frozen=True)
class IdeaCard:
    """One idea with what the data say about testing it.

    Attributes:
        id: Its id.
        idea: As saved.
        sentence: "Because ..., we believe ...".
        missing: What it still needs, in words.
        testability: What a test could see.
        ice: Mean of the three scores, None while one is missing.
        rice: RICE, None while something is missing.
        confidence: 0..1, by the evidence behind it.
        confidence_why: Why that much.
        feeds_north_star: Whether its outcome metric feeds the North Star; None while there is none.
    """

    id: str
    idea: Idea
    sentence: str
    missing: tuple[str, ...]
    testability: DetectableEffect
    ice: float | None
    rice: float | None
    confidence: float
    confidence_why: str
    feeds_north_star: bool | None


def sentence(idea: Idea, metric_name: Mapping[str, str] | None = None) -> str:
    """The idea as one sentence, gaps shown as dots.

    >>> sentence(Idea(because="people stall", believe="a sample report", audience="new trials"))
    'Because people stall, we believe a sample report for new trials will move … and ….'
    """
    names = metric_name or {}
    process, outcome = (names.get(m, m) or "…" for m in (idea.process_metric, idea.outcome_metric))
    parts = (idea.because or "…", idea.believe or "…", idea.audience or "…")
    because, believe, audience = (part.strip().rstrip(".") for part in parts)
    return f"Because {because}, we believe {believe} for {audience} will move {process} and {outcome}."


def gaps(idea: Idea) -> tuple[str, ...]:
    """What an idea still needs before it can become a test, in words."""
    wanted = {
        "why (because ...)": idea.because,
        "what you believe will work": idea.believe,
        "for whom": idea.audience,
        "a process metric": idea.process_metric,
        "an outcome metric": idea.outcome_metric,
        "an owner from marketing": idea.marketing_owner,
        "an owner from growth": idea.growth_owner,
    }
    found = [words for words, value in wanted.items() if not value]
    if idea.process_metric and idea.process_metric == idea.outcome_metric:
        found.append("two different metrics")
    return tuple(found)


def _card(id: str, idea: Idea, workbook: Workbook) -> IdeaCard:
    insights = [workbook.insights[i] for i in idea.insights if i in workbook.insights]
    own = {key for key, e in workbook.experiments.items() if e.idea == id}
    learnings = [
        learning
        for key, learning in workbook.learnings.items()
        if learning.experiment in own or key in idea.learnings
    ]
    confidence, why = suggested_confidence(insights, learnings)
    names = {key: metric.name for key, metric in workbook.metrics.items()}
    could = assess(idea.baseline, idea.weekly_users, idea.weeks, idea.hoped_effect)
    star = feeds_north_star(workbook, idea.outcome_metric)
    return IdeaCard(
        id,
        idea,
        sentence(idea, names),
        gaps(idea),
        could,
        ice(idea, confidence),
        rice(idea, confidence),
        confidence,
        why,
        star,
    )


def cards(workbook: Workbook) -> tuple[IdeaCard, ...]:
    """All ideas, best first: testable before longer before the rest, then by ICE."""
    order = {"testable": 0, "longer": 1, "unknown": 2, "not_test": 3}
    found = [_card(id, idea, workbook) for id, idea in workbook.ideas.items()]
    return tuple(
        sorted(found, key=lambda c: (c.idea.status == "done", order[c.testability.answer], -(c.ice or 0)))
    )


# ---- scores ----------------------------------------------------------------------------------------------------------


def suggested_confidence(insights: Sequence[Insight], learnings: Sequence[Learning]) -> tuple[float, str]:
    """Confidence 0..1 that the evidence behind an idea carries, and why.

    Source:
        RICE's steps of 50, 80 and 100 %; under 50 % is a moonshot.

    >>> suggested_confidence([], [])[0]
    0.3
    """
    said = {learning.status for learning in learnings}
    for status, confidence, why in LEARNED:
        if status in said:
            return confidence, why
    sources = {insight.source for insight in insights if insight.source}
    strength = max((insight.strength for insight in insights), default=0)
    if len(sources) >= 2 and strength >= 4:
        return 0.8, "insights from several sources, at least one strong"
    if insights:
        return 0.5, "an insight from one source"
    return 0.3, "no insight linked yet: a moonshot"


def ice(idea: Idea, confidence: float | None = None) -> float | None:
    """Mean of impact, confidence and ease, each 1..10; None while one is missing.

    Args:
        idea: Its own scores.
        confidence: 0..1, what the evidence carries; stands in while nobody gave a confidence.

    >>> ice(Idea(impact=8, confidence=7, ease=6)), ice(Idea(impact=8, ease=6), 0.5)
    (7.0, 6.333333333333333)
    """
    sure = idea.confidence if idea.confidence is not None or confidence is None else 10 * confidence
    parts = (idea.impact, sure, idea.ease)
    return None if any(part is None for part in parts) else sum(part or 0 for part in parts) / 3


def rice(idea: Idea, confidence: float, weeks: float = 13) -> float | None:
    """Reach in a quarter x impact x confidence / effort (person-months); None while one is missing.

    Args:
        idea: With weekly_users, impact 1..10 (read as Intercom's 0.25..3) and effort.
        confidence: 0..1, by the evidence.
        weeks: Of reach.
    """
    if not idea.weekly_users or not idea.impact or not idea.effort:
        return None
    impact = next(weight for limit, weight in _IMPACT if idea.impact <= limit)
    return idea.weekly_users * weeks * impact * confidence / idea.effort


def feeds_north_star(workbook: Workbook, metric: str) -> bool | None:
    """Whether a metric is the North Star or one of its inputs; None while no North Star is chosen.

    >>> feeds_north_star(Workbook(), "paid") is None
    True
    """
    star = workbook.north_star.metric
    if not star:
        return None
    reached, frontier = {star}, [star]
    while frontier:
        parent = frontier.pop()
        new = {edge.child for edge in workbook.inputs.values() if edge.parent == parent} - reached
        reached |= new
        frontier += new
    return metric in reached

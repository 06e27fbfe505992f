"""Can we even test this? The time a team has first, then the smallest effect it could see in that time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from lib.analysis.verdict import Verdict
from lib.engine import query
from lib.engine.datasets.dataset import Dataset
from lib.engine.evidence.cache import cached
from lib.engine.evidence.evidence import Evidence, single
from lib.framework import slots
from lib.stats import power
from lib.stats.intervals import wilson
from lib.workbook.model import Idea, Insight, Learning, Workbook

Answer = Literal["testable", "longer", "not_test", "unknown"]
LONGEST_WEEKS = 12  # a test longer than a quarter is overtaken by other changes
LARGEST_EFFECT = 1.0  # no team plans on more than doubling what it tests
ANSWERS = {
    "testable": "Testable in the time you have",
    "longer": "Needs longer",
    "not_test": "Do not test",
    "unknown": "Baseline or traffic missing",
}

TRAFFIC_SQL = """
WITH entered AS (
  SELECT user_id, MIN(timestamp) AS entered_at FROM events WHERE event = $entry GROUP BY user_id),
ends AS (SELECT MIN(entered_at) AS opening, (SELECT MAX(timestamp) FROM events) AS closing FROM entered),
people AS (
  SELECT n.user_id, n.entered_at, MAX(CASE WHEN e.event = $outcome AND e.timestamp >= n.entered_at
    AND e.timestamp < n.entered_at + INTERVAL '{days}' DAY THEN 1 ELSE 0 END) AS converted,
    CASE WHEN n.entered_at + INTERVAL '{days}' DAY <= (SELECT closing FROM ends) THEN 1 ELSE 0 END AS mature
  FROM entered n JOIN events e ON e.user_id = n.user_id GROUP BY n.user_id, n.entered_at)
SELECT DATE_TRUNC('week', entered_at) AS week, COUNT(*) AS people, SUM(mature) AS mature,
  SUM(CASE WHEN mature = 1 THEN converted ELSE 0 END) AS converted
FROM people GROUP BY 1 ORDER BY 1
"""


@dataclass(frozen=True)
class Traffic:
    """What the data say about reach and baseline.

    Attributes:
        weekly_users: Median new people a week over the last complete weeks.
        baseline: Share of them that reached the outcome in the window, of people whose window is over.
        low, high: Wilson interval of the baseline.
        evidence: The weeks it was read from.
    """

    weekly_users: float
    baseline: float
    low: float
    high: float
    evidence: Evidence


@cached
def traffic(
    events: Dataset, entry: str, outcome: str, *, window_days: int = 14, weeks: int = 8
) -> Traffic | None:
    """Weekly reach and baseline from events.

    Args:
        events: Contract `events`.
        entry: Event by which people would enter the test; each person counts once, in the week of the
            first time.
        outcome: Event that counts as success.
        window_days: How long after entering.
        weeks: How many of the last complete weeks the reach is read from.

    Returns:
        None when nobody entered in a complete week.
    """
    sql = TRAFFIC_SQL.format(days=int(window_days))
    title, what = (
        "Weekly reach and baseline",
        "New people by week of their first entry, and how many reached the outcome.",
    )
    evidence = query.evidence(title, what, sql, {slots.EVENTS: events}, {"entry": entry, "outcome": outcome})
    complete = evidence.rows[1:-1] if len(evidence.rows) > 2 else ()
    recent = complete[-weeks:]
    if not recent:
        return None
    people = sorted(float(row[1]) for row in recent)
    middle = len(people) // 2
    weekly = people[middle] if len(people) % 2 else (people[middle - 1] + people[middle]) / 2
    # Of the weeks whose window is over, the newest say best what a test started now would meet.
    ripe = [row for row in complete if row[2] == row[1]][-weeks:]
    mature, converted = sum(float(row[2]) for row in ripe), sum(float(row[3]) for row in ripe)
    share = wilson(converted, mature)
    return Traffic(weekly, share.value, share.low, share.high, evidence) if mature else None


@dataclass(frozen=True)
class Testability:
    """What could be seen.

    Attributes:
        answer: testable | longer | not_test | unknown.
        smallest_effect: Smallest relative effect seen with the wanted power in the weeks given; NaN when
            unknown.
        weeks_needed: Weeks until the hoped effect could be seen; NaN without a hope, infinite if never.
        n_per_variant: People in each variant at the end of the weeks given.
        verdict: In words.
        evidence: Inputs and outputs.
        advice: What to do instead, where a test is no use.
    """

    answer: Answer
    smallest_effect: float
    weeks_needed: float
    n_per_variant: float
    verdict: Verdict
    evidence: Evidence
    advice: str = ""


_ADVICE = "Interview five to eight people, or roll it out and watch the metric, with a date to turn it back."
_STATUS = {"testable": "good", "longer": "mixed", "not_test": "bad", "no_traffic": "bad", "open": "info"}
_WORDS = {
    "testable": "Testable: in {weeks} weeks you could see a change of {smallest} or more, and you hope for {hoped}.",
    "longer": "Needs longer: in {weeks} weeks you could see {smallest} or more; for the {hoped} you hope for it takes "
    "{needed} weeks.",
    "not_test": "Do not test this: with {users} people a week a change of {hoped} takes {needed} weeks to see; in "
    "{weeks} weeks you would only see {smallest} or more.",
    "open": "In {weeks} weeks you could see a change of {smallest} or more. Do you hope for that much?",
    "no_traffic": "Can't be tested with this traffic: {users} people a week in {weeks} weeks could not even show a change "
    "of {limit}.",
    "unknown": "Can't tell yet: how many people come a week, and how many of them convert today?",
}


def assess(
    baseline: float | None,
    weekly_users: float | None,
    weeks: float | None,
    hoped: float | None = None,
    *,
    variants: int = 2,
    power_wanted: float = 0.8,
    alpha: float = 0.05,
) -> Testability:
    """The smallest relative effect that the weeks at hand could show, and what follows from it.

    Args:
        baseline: Share that converts today, 0..1.
        weekly_users: New people a week, all variants together.
        weeks: Weeks available.
        hoped: Relative effect hoped for; None leaves the answer to the reader.
        variants: With control; more than two share alpha (Bonferroni).
        power_wanted: Chance to see it.
        alpha: Two-sided.

    >>> t = assess(0.10, 500, 4, 0.10); t.answer, round(t.smallest_effect, 3)
    ('not_test', 0.376)
    """
    if not baseline or not 0 < baseline < 1 or not weekly_users or not weeks:
        return _unknown(baseline, weekly_users, weeks)
    level = power.corrected_alpha(alpha, variants)
    n = weekly_users * weeks / variants
    smallest = power.smallest_effect_proportion(baseline, n, alpha=level, power=power_wanted)
    needed = math.nan
    if hoped:
        target = min(0.999, baseline * (1 + abs(hoped)))
        per_variant = power.n_per_variant_proportion(baseline, target, alpha=level, power=power_wanted)
        needed = power.weeks_needed(per_variant, weekly_users, variants)
    answer, code = _answer(weeks, hoped, needed, smallest)
    limit = largest_effect(baseline, hoped)
    if answer not in ("testable", "longer") and not can_show(smallest, n, limit):
        smallest, answer, code = math.nan, "not_test", "no_traffic"
    evidence = single(
        "What a test could see",
        "Smallest relative change of the baseline that a two-sided test sees with the wanted power, when every new "
        "person of the weeks takes part once.",
        {
            "baseline": baseline,
            "weekly_users": weekly_users,
            "weeks": weeks,
            "variants": variants,
            "hoped": hoped,
            "n_per_variant": math.floor(n),
            "largest_effect": limit,
            "smallest_effect": smallest if math.isfinite(smallest) else None,
            "weeks_needed": needed if math.isfinite(needed) else None,
        },
        method="Two-proportion power, variance of control in every variant; weeks by the pooled sample size",
    )
    formats = {
        "weeks": ("weeks", "number"),
        "smallest": ("smallest_effect", "percent"),
        "hoped": ("hoped", "percent"),
        "needed": ("weeks_needed", "number"),
        "users": ("weekly_users", "count"),
        "limit": ("largest_effect", "percent"),
    }
    facts = {name: evidence.fact(0, column, form) for name, (column, form) in formats.items()}
    verdict = Verdict(_STATUS[code], _WORDS[code], facts, code=code)  # type: ignore[arg-type]
    return Testability(
        answer, smallest, needed, n, verdict, evidence, _ADVICE if answer == "not_test" else ""
    )


def largest_effect(baseline: float | None = None, hoped: float | None = None) -> float:
    """Largest relative effect worth planning on, or the one hoped for; of a share, none above everybody.

    >>> largest_effect(), largest_effect(0.8), largest_effect(0.1, hoped=2.0)
    (1.0, 0.25, 2.0)
    """
    wanted = max(LARGEST_EFFECT, abs(hoped or 0.0))
    return wanted if baseline is None else min(wanted, round((1 - baseline) / baseline, 12))


def can_show(smallest: float, n_per_variant: float, limit: float) -> bool:
    """Whether a test of this many people could show any effect up to the limit.

    >>> can_show(0.4, 1000, 1.0), can_show(16.8, 0.5, 1.0)
    (True, False)
    """
    return n_per_variant >= 1 and smallest <= limit


def _answer(weeks: float, hoped: float | None, needed: float, smallest: float) -> tuple[Answer, str]:
    if not hoped:
        return "unknown", "open"
    if needed <= weeks or smallest <= abs(hoped):
        return "testable", "testable"
    return ("longer", "longer") if needed <= LONGEST_WEEKS else ("not_test", "not_test")


def _unknown(baseline: float | None, weekly_users: float | None, weeks: float | None) -> Testability:
    known = {"a share that converts today": baseline, "people a week": weekly_users, "weeks available": weeks}
    needs = ", ".join(words for words, value in known.items() if not value)
    evidence = single("What a test could see", "Nothing yet.", dict(known))
    verdict = Verdict("unclear", _WORDS["unknown"], needs=needs, code="unknown")
    return Testability("unknown", math.nan, math.nan, math.nan, verdict, evidence)


def planned_people(baseline: float | None, effect: float | None, variants: int = 2) -> int | None:
    """People in all variants to see a relative effect on a share; None while baseline or effect is missing.

    >>> planned_people(0.10, 0.10)
    29502
    """
    if not baseline or not effect or not 0 < baseline < 1:
        return None
    target = min(0.999, baseline * (1 + abs(effect)))
    alpha = power.corrected_alpha(0.05, variants)
    return int(power.n_per_variant_proportion(baseline, target, alpha=alpha)) * max(2, variants)


# ---- scores of ideas
# -----------------------------------------------------------------------------------------------


def suggested_confidence(insights: Sequence[Insight], learnings: Sequence[Learning]) -> tuple[float, str]:
    """Confidence 0..1 that the evidence behind an idea carries, and why.

    Source:
        RICE's steps of 50, 80 and 100 %; under 50 % is a moonshot.

    >>> suggested_confidence([], [])[0]
    0.3
    """
    if any(learning.status == "rejected" for learning in learnings):
        return 0.2, "an earlier test spoke against it"
    if any(learning.status == "confirmed" for learning in learnings):
        return 1.0, "a confirmed learning carries it"
    if any(learning.status == "supported" for learning in learnings):
        return 0.8, "a supported learning carries it"
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
    impact = next(
        value for limit, value in ((2, 0.25), (4, 0.5), (6, 1.0), (8, 2.0), (11, 3.0)) if idea.impact <= limit
    )
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


@cached
def event_names(events: Dataset, limit: int = 60) -> list[str]:
    """Kinds of events, those most people did first."""
    sql = """SELECT event, COUNT(DISTINCT user_id) AS people FROM events WHERE event IS NOT NULL
        GROUP BY event ORDER BY people DESC, event"""
    return [str(row[0]) for row in query.query(sql, {slots.EVENTS: events}).rows[:limit]]

"""Can we even test this? The time a team has first, then the smallest effect it could see in that time."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from lib.analysis.verdict import Status, Verdict
from lib.engine import query
from lib.engine.datasets.dataset import Dataset
from lib.engine.evidence.cache import cached
from lib.engine.evidence.evidence import Evidence, single
from lib.framework import slots
from lib.stats import power
from lib.stats.intervals import wilson

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
    weekly = statistics.median(float(row[1]) for row in recent)
    # Of the weeks whose window is over, the newest say best what a test started now would meet.
    ripe = [row for row in complete if row[2] == row[1]][-weeks:]
    mature, converted = sum(float(row[2]) for row in ripe), sum(float(row[3]) for row in ripe)
    share = wilson(converted, mature)
    return Traffic(weekly, share.value, share.low, share.high, evidence) if mature else None


@dataclass(frozen=True)
class DetectableEffect:
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
_STATUS: Mapping[str, Status] = {
    "testable": "good",
    "longer": "mixed",
    "not_test": "bad",
    "no_traffic": "bad",
    "open": "info",
}
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
_TITLE = "What a test could see"
_DEFINITION = (
    "Smallest relative change of the baseline that a two-sided test sees with the wanted power, when every new person of "
    "the weeks takes part once."
)
_METHOD = "Two-proportion power, variance of control in every variant; weeks by the pooled sample size"
# Fact of the sentences -> column of the evidence, how it is written.
_FACTS = {
    "weeks": ("weeks", "number"),
    "smallest": ("smallest_effect", "percent"),
    "hoped": ("hoped", "percent"),
    "needed": ("weeks_needed", "number"),
    "users": ("weekly_users", "count"),
    "limit": ("largest_effect", "percent"),
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
) -> DetectableEffect:
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
        per_variant = _per_variant(baseline, hoped, level, power_wanted)
        needed = power.weeks_needed(per_variant, weekly_users, variants)
    answer, code = _answer(weeks, hoped, needed, smallest)
    limit = largest_effect(baseline, hoped)
    if answer not in ("testable", "longer") and not can_show(smallest, n, limit):
        smallest, answer, code = math.nan, "not_test", "no_traffic"
    values = {
        "baseline": baseline,
        "weekly_users": weekly_users,
        "weeks": weeks,
        "variants": variants,
        "hoped": hoped,
        "n_per_variant": math.floor(n),
        "largest_effect": limit,
        "smallest_effect": smallest if math.isfinite(smallest) else None,
        "weeks_needed": needed if math.isfinite(needed) else None,
    }
    evidence = single(_TITLE, _DEFINITION, values, method=_METHOD)
    facts = {name: evidence.fact(0, column, form) for name, (column, form) in _FACTS.items()}
    verdict = Verdict(_STATUS[code], _WORDS[code], facts, code=code)
    advice = _ADVICE if answer == "not_test" else ""
    return DetectableEffect(answer, smallest, needed, n, verdict, evidence, advice)


def _per_variant(baseline: float, effect: float, alpha: float, power_wanted: float = 0.8) -> float:
    """People per variant to see a relative effect on a share."""
    target = min(0.999, baseline * (1 + abs(effect)))
    return power.n_per_variant_proportion(baseline, target, alpha=alpha, power=power_wanted)


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


def _unknown(baseline: float | None, weekly_users: float | None, weeks: float | None) -> DetectableEffect:
    known = {"a share that converts today": baseline, "people a week": weekly_users, "weeks available": weeks}
    needs = ", ".join(words for words, value in known.items() if not value)
    evidence = single(_TITLE, "Nothing yet.", dict(known))
    verdict = Verdict("unclear", _WORDS["unknown"], needs=needs, code="unknown")
    return DetectableEffect("unknown", math.nan, math.nan, math.nan, verdict, evidence)


def planned_users(baseline: float | None, effect: float | None, variants: int = 2) -> int | None:
    """People in all variants to see a relative effect on a share; None while baseline or effect is missing.

    >>> planned_users(0.10, 0.10)
    29502
    """
    if not baseline or not effect or not 0 < baseline < 1:
        return None
    return int(_per_variant(baseline, effect, power.corrected_alpha(0.05, variants))) * max(2, variants)


@cached
def event_names(events: Dataset, limit: int = 60) -> list[str]:
    """Kinds of events, those most people did first."""
    sql = """SELECT event, COUNT(DISTINCT user_id) AS people FROM events WHERE event IS NOT NULL
        GROUP BY event ORDER BY people DESC, event"""
    return [str(row[0]) for row in query.query(sql, {slots.EVENTS: events}).rows[:limit]]

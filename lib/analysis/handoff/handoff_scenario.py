"""Move the baton: what changes for both teams when responsibility passes at another place of the journey.

Everybody in the data is in exactly one place, wherever the baton is: not handed over, or handed over and
    then moved on,
already further than that, gone (leaked), or still inside the window. Outcomes are the same people at every
position,
split into those that came through the handoff and those that did not.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

import numpy as np

from lib.analysis.events import event_names
from lib.analysis.events.first_event_times import DAY, HOUR, NEVER, FirstTimes, load
from lib.analysis.handoff import handoff_rule as rules
from lib.analysis.handoff import words_measured as words
from lib.analysis.handoff.handoff_rule import Rule
from lib.analysis.handoff.scenario_sql import place_sql
from lib.analysis.verdict import Verdict
from lib.engine import query
from lib.engine.datasets.dataset import Dataset
from lib.engine.evidence import formats
from lib.engine.evidence.cache import cached
from lib.engine.evidence.evidence import Evidence, Fact
from lib.framework import slots
from lib.stats.intervals import wilson
from lib.stats.survival import kaplan_meier

ENOUGH = 30  # people handed over and seen long enough, below which a rate is only shown with its range


@dataclass(frozen=True)
class ScenarioPlace:
    """One place of the baton and what both teams would be measured by there.

    People (whole numbers; `entered` = `handed` + `kept`, `handed` = `moved_on` + `already_further` +
    `leaked` + `open`,
    `outcomes` = `outcomes_through` + `outcomes_bypassing`):

    Attributes:
        id: The rule in words; also its name on the slider.
        stage: Name of the journey stage it lies in.
        entered: Everybody in the data.
        handed: The rule became true.
        kept: It never did: they stay on marketing's side.
        moved_on: Reached something of a later stage afterwards, within the window.
        already_further: Were past every later stage they ever reached before the rule became true.
        leaked: Had the whole window and did nothing later in it.
        open: Not yet moved on and their window is still running.
        outcomes: People with the outcome, in all.
        outcomes_through: Whose outcome came at or after the handoff.
        outcomes_bypassing: Whose outcome came without it or before it.
        mature: Handed over at least the horizon before the data end and without the outcome until then.
        converted: Of those, with the outcome within the horizon.
        conversion: converted / mature.
        conversion_low, conversion_high: Wilson interval, 95 %.
        leak: leaked / (leaked + moved on).
        reach: handed / entered.
        handed_per_week: handed / weeks of data.
        days_to_handoff: Median days from a person's first event to the handoff, of those handed over.
        wait_hours: Hours until half of those handed over have moved on (Kaplan-Meier); NaN if half never do.
        days_to_outcome: Median days from handoff to outcome, of those converted.
        cost_per_handoff: Spend in the file's period / handed; NaN without a spend file.
    """

    id: str
    stage: str
    entered: int
    handed: int
    kept: int
    moved_on: int
    already_further: int
    leaked: int
    open: int
    outcomes: int
    outcomes_through: int
    outcomes_bypassing: int
    mature: int
    converted: int
    conversion: float
    conversion_low: float
    conversion_high: float
    leak: float
    reach: float
    handed_per_week: float
    days_to_handoff: float
    wait_hours: float
    days_to_outcome: float
    cost_per_handoff: float


@dataclass(frozen=True)
class SliderStop:
    """A place the slider can stop at: a rule, its stage, and the events of all later stages."""

    rule: Rule
    stage: str
    later: tuple[str, ...]


@dataclass(frozen=True)
class HandoffScenario:
    """All places along the journey, first to last.

    Attributes:
        places: In journey order.
        outcome: The outcome event.
        evidence: One row per place, columns as in `ScenarioPlace`.
        names: Id of a place -> what a person calls it.
    """

    places: tuple[ScenarioPlace, ...]
    outcome: str
    evidence: Evidence
    names: Mapping[str, str] = field(default_factory=dict)

    def name(self, id: str) -> str:
        """What a person calls a place."""
        return self.names.get(id, id)

    def place(self, id: str) -> ScenarioPlace | None:
        """The place with this id, if there is one."""
        return next((place for place in self.places if place.id == id), None)


def _median(values: np.ndarray, unit: int) -> float:
    return float(np.median(values)) / unit if len(values) else math.nan


def _next_after(first_times: FirstTimes, later: Sequence[str], handed: np.ndarray) -> np.ndarray:
    """First time of any later event that is not before the handoff (first occurrences only)."""
    found = np.full(len(handed), NEVER, dtype=np.int64)
    for kind in later:
        at = first_times.of([kind])
        found = np.minimum(found, np.where(at >= handed, at, NEVER))
    return found


def _people(first_times: FirstTimes, handed: np.ndarray, stop: SliderStop, window: int) -> dict[str, int]:
    """Where everybody is, as disjoint counts."""
    passed = handed != NEVER
    after = _next_after(first_times, stop.later, handed)
    moved = passed & (after != NEVER) & (after - np.where(passed, handed, 0) <= window)
    before = first_times.of(stop.later)
    further = passed & (after == NEVER) & (before < handed)
    seen = first_times.until - np.where(passed, handed, first_times.until)
    rest = passed & ~moved & ~further
    leaked = rest & (seen >= window)
    return {
        "entered": first_times.people,
        "handed": int(passed.sum()),
        "kept": int((~passed).sum()),
        "moved_on": int(moved.sum()),
        "already_further": int(further.sum()),
        "leaked": int(leaked.sum()),
        "open": int((rest & ~leaked).sum()),
    }


def _outcome(
    first_times: FirstTimes, handed: np.ndarray, outcome: np.ndarray, horizon: int
) -> dict[str, Any]:
    """The outcome's split and the conversion of those who had the whole horizon."""
    passed, paid = handed != NEVER, outcome != NEVER
    through = passed & paid & (outcome >= handed)
    mature = (
        passed & ~(paid & (outcome < handed)) & (first_times.until - np.where(passed, handed, 0) >= horizon)
    )
    took = np.where(through, outcome - np.where(passed, handed, 0), NEVER)
    converted = mature & (took <= horizon)
    share = wilson(int(converted.sum()), int(mature.sum()))
    return {
        "outcomes": int(paid.sum()),
        "outcomes_through": int(through.sum()),
        "outcomes_bypassing": int((paid & ~through).sum()),
        "mature": int(mature.sum()),
        "converted": int(converted.sum()),
        "conversion": share.value,
        "conversion_low": share.low,
        "conversion_high": share.high,
        "days_to_outcome": _median(took[converted], DAY),
    }


def _wait(first_times: FirstTimes, handed: np.ndarray, later: Sequence[str]) -> float:
    """Hours until half of those handed over have moved on, those still waiting counted as long as seen."""
    after = _next_after(first_times, later, handed)
    passed = (handed != NEVER) & ~((after == NEVER) & (first_times.of(later) < handed))
    start, end = handed[passed], after[passed]
    done = end != NEVER
    wait = np.where(done, end, first_times.until) - start
    if not len(wait):
        return math.nan
    if done.mean() > 0.5 and (~done).sum() == 0:
        return _median(wait, HOUR)
    return kaplan_meier(wait / HOUR, done).quantile(0.5)


def place(
    first_times: FirstTimes,
    stop: SliderStop,
    handed: np.ndarray,
    outcome: np.ndarray,
    *,
    window_days: float = 14,
    horizon_days: float = 30,
    spend: float = math.nan,
) -> ScenarioPlace:
    """Measure one place of the baton.

    Args:
        first_times: First times of everybody.
        stop: The place.
        handed: When the rule became true per person (`NEVER` where not).
        outcome: First outcome per person (`NEVER` where none).
        window_days: Time to move on before somebody counts as leaked.
        horizon_days: Time from handoff to outcome that counts.
        spend: Spend of the period in the workbook's currency; NaN when unknown.
    """
    people = _people(first_times, handed, stop, int(window_days * DAY))
    found = _outcome(first_times, handed, outcome, int(horizon_days * DAY))
    passed = handed != NEVER
    judged = people["leaked"] + people["moved_on"]
    total = people["handed"]
    return ScenarioPlace(
        id=stop.rule.text,
        stage=stop.stage,
        **people,
        **found,
        leak=people["leaked"] / judged if judged else math.nan,
        reach=total / first_times.people if first_times.people else math.nan,
        handed_per_week=total / first_times.weeks,
        days_to_handoff=_median(handed[passed] - first_times.entered[passed], DAY),
        wait_hours=_wait(first_times, handed, stop.later),
        cost_per_handoff=spend / total if total else math.nan,
    )


def definition_sql(
    events: Dataset, stop: SliderStop, outcome: str, window_days: float = 14, horizon_days: float = 30
) -> tuple[str, dict[str, object]]:
    """The portable definition of one place: a SELECT over `events` and its parameters.

    Returns:
        SQL whose single row has the count columns of `ScenarioPlace`, and the parameters it binds.
    """
    return place_sql(rules.compile_rule(events, stop.rule), stop.later, outcome, window_days, horizon_days)


@cached
def _measured(
    events: Dataset, stop: SliderStop, outcome: str, window_days: float, horizon_days: float, spend: float
) -> ScenarioPlace:
    """One place, kept: moving the baton only works out the place that is new."""
    first_times = load(events)
    handed = rules.times(events, stop.rule, first_times)
    return place(
        first_times,
        stop,
        handed,
        first_times.of([outcome]),
        window_days=window_days,
        horizon_days=horizon_days,
        spend=spend,
    )


def measure(
    events: Dataset,
    stops: Sequence[SliderStop],
    outcome: str,
    *,
    window_days: float = 14,
    horizon_days: float = 30,
    spend: float = math.nan,
) -> HandoffScenario:
    """Measure every place the baton can be.

    Args:
        events: The events dataset.
        stops: Places in journey order.
        outcome: The outcome event.
        window_days: Time to move on before somebody counts as leaked.
        horizon_days: Time from handoff to outcome that counts.
        spend: Spend of the period; NaN when unknown.

    Raises:
        DataError: A rule cannot be checked on this file.
    """
    places = tuple(_measured(events, stop, outcome, window_days, horizon_days, spend) for stop in stops)
    names = tuple(item.name for item in fields(ScenarioPlace))
    sql, params = definition_sql(events, stops[-1], outcome, window_days, horizon_days) if stops else ("", {})
    found = query.evidence(
        words.PLACES_TABLE.text,
        words.PLACES_TABLE.means,
        sql,
        {slots.EVENTS: events},
        {**params, "window_days": window_days, "horizon_days": horizon_days},
        rows=[tuple(asdict(item).values()) for item in places],
        columns=names,
        method=words.PLACES_METHOD.text,
    )
    return HandoffScenario(places, outcome, found, {stop.rule.text: stop.rule.words for stop in stops})


def compare(scenario: HandoffScenario, here: str, there: str) -> Verdict:
    """Say what moving the baton from one place to another changes, and what it cannot change.

    Args:
        scenario: All places.
        here: Id of the place it is at.
        there: Id of the place it would move to.
    """
    names = [item.id for item in scenario.places]
    a, b, found = names.index(here), names.index(there), scenario.evidence
    facts: dict[str, Fact | str] = {
        "here": f"“{scenario.name(here)}”",
        "there": f"“{scenario.name(there)}”",
        "outcome": event_names.quoted(scenario.outcome),
        "handed_here": found.fact(a, "handed", "count"),
        "handed_there": found.fact(b, "handed", "count"),
        "rate_here": found.fact(a, "conversion", "percent1"),
        "rate_there": found.fact(b, "conversion", "percent1"),
        "outcomes": found.fact(a, "outcomes", "count"),
    }
    if here == there:
        return words.SAME_PLACE.verdict(facts)
    first, second = scenario.places[a], scenario.places[b]
    thin = [item for item in (first, second) if item.mature < ENOUGH]
    if thin:
        return _too_thin(first, second, facts, ENOUGH - min(item.mature for item in thin))
    return _changed(first, second, facts)


def _too_thin(
    here: ScenarioPlace, there: ScenarioPlace, facts: Mapping[str, Fact | str], need: int
) -> Verdict:
    """One of the two places has too few people for its conversion to be compared."""
    many = words.SAME_PEOPLE_AS if here.handed == there.handed else words.OTHER_PEOPLE
    needs = words.MORE_PEOPLE.write(n=str(need))
    return replace(words.FEW_PEOPLE.worded(many=many.text).verdict(facts), needs=needs)


def _changed(here: ScenarioPlace, there: ScenarioPlace, facts: Mapping[str, Fact | str]) -> Verdict:
    """What marketing hands over and growth converts at the other place; a number that stays is said to stay."""
    same_people = here.handed == there.handed
    same_rate = formats.write(here.conversion, "percent1") == formats.write(there.conversion, "percent1")
    if same_people and same_rate:
        return words.SAME_NUMBERS.verdict(facts)
    overlap = here.conversion_low <= there.conversion_high and there.conversion_low <= here.conversion_high
    said = words.SIMILAR_RATES if overlap else words.DIFFERENT_RATES
    many = words.SAME_PEOPLE if same_people else words.OTHER_PEOPLE
    rate = words.SAME_RATE if same_rate else words.OTHER_RATE
    return said.worded(many=many.text, rate=rate.text).verdict(facts)

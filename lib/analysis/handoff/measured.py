"""What an events file says about the handoff: stages, places where it could lie, and the contract of the main one."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from lib.analysis.events import journey
from lib.analysis.events.first_event_times import FirstTimes, load
from lib.analysis.events.journey import Proposal, StageFlow
from lib.analysis.handoff import handoff_rule as rules
from lib.analysis.handoff import handoff_scenario, sla, words
from lib.analysis.handoff.candidates import HandoffCandidate
from lib.analysis.handoff.handoff_rule import Rule
from lib.analysis.handoff.handoff_scenario import HandoffScenario, SliderStop
from lib.analysis.handoff.ownership_disagreement import OwnershipDisagreement
from lib.analysis.handoff.scoring import HandoffResult, handoff
from lib.analysis.handoff.sla import ContractMeasure
from lib.analysis.result_types import Data
from lib.engine import query
from lib.engine.evidence.cache import cached
from lib.engine.evidence.evidence import Evidence
from lib.errors import UserError
from lib.framework import slots
from lib.workbook.model import Handoff, JourneyStage, Workbook

WINDOW_DAYS = 14.0
HORIZON_DAYS = 30.0
MAX_STOPS = 24
ASSIGNED = ("assign", "routed", "owner set", "allocated")


def rule_of(item: Handoff) -> Rule | None:
    """The rule of a handoff, or None while it has no event.

    Raises:
        DataError: One of its conditions cannot be read.
    """
    return rules.rule(item.event, item.conditions) if item.event else None


def stops(
    stages: Sequence[tuple[str, JourneyStage]],
    first_times: FirstTimes,
    outcome: str,
    chosen: Rule | None = None,
) -> tuple[SliderStop, ...]:
    """Every place the slider can stop at: the events of all stages before the outcome, in journey order.

    Args:
        stages: (id, stage) in journey order.
        first_times: First times.
        outcome: The outcome event; it and what comes after it are no places for the baton.
        chosen: The rule in use; added where its event lies if it is not there already.
    """
    found: list[SliderStop] = []
    for name, events, later in _until_outcome(stages, first_times, outcome):
        found += [SliderStop(item, name, later) for event in events for item in _rules_at(event, chosen)]
    if chosen and chosen not in [stop.rule for stop in found]:
        found.append(SliderStop(chosen, words.OUTSIDE.text, (outcome,)))
    first = sorted(found, key=lambda stop: (stop.rule != chosen, -first_times.reach([stop.rule.event])))
    # Where there are too many the rarest events go, never the chosen rule.
    return tuple(found if len(found) <= MAX_STOPS else [s for s in found if s in first[:MAX_STOPS]])


def _until_outcome(
    stages: Sequence[tuple[str, JourneyStage]], first_times: FirstTimes, outcome: str
) -> list[tuple[str, list[str], tuple[str, ...]]]:
    """The stages before the outcome: name, its events in the file, and what counts as having gone on from it."""
    events = [[event for event in stage.events if event in first_times.kinds] for _, stage in stages]
    end = next((index for index, names in enumerate(events) if outcome in names), len(events))
    return [
        (stage.name or key, events[index], _once(chain(*events[index + 1 :])) or (outcome,))
        for index, (key, stage) in enumerate(stages[:end])
    ]


def _rules_at(event: str, chosen: Rule | None) -> list[Rule]:
    """The event alone, and the rule in use where it adds conditions to this event."""
    has_more = chosen is not None and chosen.event == event and chosen.conditions
    return [Rule(event), *([chosen] if chosen is not None and has_more else [])]


def _once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


@cached
def _spend(data: Data) -> float:
    """Spend of the days the events cover; NaN without a spend file."""
    events, spend = data.get(slots.EVENTS), data.get(slots.SPEND)
    if events is None or spend is None:
        return math.nan
    sql = """
SELECT SUM(spend.spend) AS total FROM spend, (SELECT CAST(MIN(timestamp) AS DATE) AS since,
  CAST(MAX(timestamp) AS DATE) AS until FROM events) AS days WHERE spend.date >= since AND spend.date <= until
"""
    total = query.query(sql, {slots.SPEND: spend, slots.EVENTS: events}).rows[0][0]
    return float(total) if total else math.nan


def accept_events(item: Handoff, stages: Sequence[tuple[str, JourneyStage]]) -> tuple[str, ...]:
    """Events that count as picked up: the one agreed, else everything of the stages after the handoff's."""
    if item.accept_event:
        return (item.accept_event,)
    at = next((index for index, (_, stage) in enumerate(stages) if item.event in stage.events), len(stages))
    return _once(event for _, stage in stages[at + 1 :] for event in stage.events)


def assignment(kinds: Sequence[str]) -> str:
    """The event that by its name says a person was given the case, "" for none.

    >>> assignment(["visit", "lead_assigned"])
    'lead_assigned'
    """
    return next((kind for kind in kinds if any(word in kind.lower() for word in ASSIGNED)), "")


def _contract(
    workbook: Workbook,
    item: Handoff,
    data: Data,
    first_times: FirstTimes,
    stages: Sequence[tuple[str, JourneyStage]],
) -> ContractMeasure | None:
    wanted = rule_of(item)
    accept = tuple(event for event in accept_events(item, stages) if event in first_times.kinds)
    if wanted is None or wanted.event not in first_times.kinds or not accept:
        return None
    assign = item.assign_event or assignment(first_times.kinds)
    return sla.measure(
        data[slots.EVENTS],
        wanted,
        accept,
        sla_hours=item.sla_hours,
        human_hours=item.sla_human_hours,
        assign=assign if assign in first_times.kinds else "",
        week_start=workbook.settings.week_start,
        reasons_found=sla.reasons(data),
    )


@dataclass(frozen=True)
class EventsRead:
    """What the events say, or nothing."""

    first_times: FirstTimes | None = None
    proposal: Proposal = field(default_factory=Proposal)
    stages: tuple[tuple[str, JourneyStage], ...] = ()
    flows: Mapping[str, StageFlow] = field(default_factory=dict)
    table: Evidence | None = None
    outcome: str = ""
    scoring: HandoffResult | None = None
    scenario: HandoffScenario | None = None
    contract: ContractMeasure | None = None
    problem: str = ""

    @property
    def wait_format(self) -> str:
        """How a time between two events is written."""
        return self.first_times.wait_format if self.first_times else "hours"

    @property
    def kinds(self) -> tuple[str, ...]:
        """The names of all events."""
        return self.first_times.kinds if self.first_times else ()

    def tables(
        self, listed: Sequence[HandoffCandidate], people: OwnershipDisagreement
    ) -> Iterator[Evidence | None]:
        """All evidence in the order in which it is shown; None for what could not be read."""
        yield self.table
        yield from (candidate.evidence for candidate in listed[:1])
        yield from self.scoring.evidence if self.scoring else ()
        yield self.scenario.evidence if self.scenario else None
        if self.contract:
            yield from (self.contract.summary, self.contract.weekly, self.contract.waiting)
            yield from (self.contract.human_waiting, self.contract.channels, self.contract.reasons)
        yield people.evidence


def read_events(workbook: Workbook, data: Data) -> EventsRead:
    """Everything that is read from the events file."""
    events = data.get(slots.EVENTS)
    own = tuple(workbook.journey())
    if events is None:
        return EventsRead(stages=own)
    first_times = load(events)
    proposal = journey.propose(events)
    stages = own or tuple((item.id, item.stage) for item in proposal.stages)
    flows, table = journey.flow(events, stages) if stages else ({}, None)
    outcome = journey.outcome_of(workbook, first_times)
    wanted, contract, problem = _main_handoff(workbook, data, first_times, stages)
    places = stops(stages, first_times, outcome, wanted)
    scenario = scoring = None
    if places and outcome:
        spend = _spend(data)
        scenario = handoff_scenario.measure(
            events, places, outcome, window_days=WINDOW_DAYS, horizon_days=HORIZON_DAYS, spend=spend
        )
    if outcome and first_times.reach([outcome]):
        scoring = handoff(events, outcome, horizon_days=HORIZON_DAYS)
    return EventsRead(
        first_times, proposal, stages, flows, table, outcome, scoring, scenario, contract, problem
    )


def _main_handoff(
    workbook: Workbook, data: Data, first_times: FirstTimes, stages: Sequence[tuple[str, JourneyStage]]
) -> tuple[Rule | None, ContractMeasure | None, str]:
    """The rule of the main handoff, its contract measured, and why it cannot be, in words."""
    main = workbook.main_handoff()
    if main is None:
        return None, None, ""
    try:
        wanted = rule_of(main[1])
        if wanted:
            rules.compile_rule(data[slots.EVENTS], wanted)
        contract = _contract(workbook, main[1], data, first_times, stages)
    except UserError as error:
        return None, None, str(error)
    if wanted and wanted.event not in first_times.kinds:
        return None, contract, words.NO_SUCH_EVENT.write(event=wanted.event)
    return wanted, contract, ""

"""Step 2: where exactly marketing's responsibility ends and growth's begins, and what the data say about that place."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lib.analysis.events import event_names, journey
from lib.analysis.events.first_event_times import Moments, load
from lib.analysis.events.journey import StageFlow, Suggestion
from lib.analysis.handoff import findings as handoff_findings
from lib.analysis.handoff import handoff_rule as rules
from lib.analysis.handoff import handoff_scenario as batons
from lib.analysis.handoff import sla
from lib.analysis.handoff.candidates import Candidate, candidates
from lib.analysis.handoff.handoff_rule import Rule
from lib.analysis.handoff.handoff_scenario import Baton, Stop
from lib.analysis.handoff.ownership import MatrixRow, matrix
from lib.analysis.handoff.ownership_disagreement import Perception, perceive
from lib.analysis.handoff.ownership_matrix import Cell, grid
from lib.analysis.handoff.scoring import HandoffResult, handoff
from lib.analysis.handoff.sla import ContractMeasure
from lib.analysis.handoff.territory_map import MapCrossing, MapPicture, MapStage, missing_parts, picture
from lib.analysis.result_types import Data
from lib.analysis.verdict import Finding, Verdict
from lib.engine import query
from lib.engine.evidence.cache import cached, step_cached
from lib.engine.evidence.evidence import Evidence, single
from lib.errors import UserError
from lib.framework import metric_kinds, slots
from lib.workbook.model import Handoff, JourneyStage, Workbook

__all__ = ["HandoffMapResult", "MapCrossing", "MapPicture", "MapStage", "handoff_map"]

WINDOW_DAYS = 14.0
HORIZON_DAYS = 30.0
MAX_STOPS = 24
ASSIGNED = ("assign", "routed", "owner set", "allocated")


@dataclass(frozen=True)
class Missing:
    """Evidence that a file would add.

    Attributes:
        slot: Contract of the file.
        gains: What would be seen with it, a phrase.
    """

    slot: str
    gains: str


@dataclass(frozen=True)
class HandoffMapResult:
    """The handoff step for one workbook on its data.

    Attributes:
        verdict: The answer to the step's question.
        findings: What deserves attention, most important first.
        evidence: Everything they were read from.
        picture: The map as data.
        stages: (id, stage) in journey order: the workbook's, or the proposal while it has none.
        flows: Stage id -> what the data say.
        suggestions: Stages proposed from the events, with reasons.
        unplaced: Events that are on no stage yet.
        outcome: The outcome event, "" without data.
        candidates: Every event as a handoff, recommended first.
        scoring: The result the candidates come from, or None.
        baton: All places the baton can be, or None without data.
        contract: The main handoff measured, or None.
        problem: Why the main handoff could not be measured, in words.
        perception: Where the teams see ownership differently.
        matrix: Areas, stages and metrics with their owners.
        grid: Areas x stages with the metrics in each crossing and who answers there.
        missing: Which file would add which evidence.
    """

    verdict: Verdict
    findings: tuple[Finding, ...]
    evidence: tuple[Evidence, ...]
    picture: MapPicture
    stages: tuple[tuple[str, JourneyStage], ...]
    flows: Mapping[str, StageFlow]
    suggestions: tuple[Suggestion, ...]
    unplaced: tuple[str, ...]
    outcome: str
    candidates: tuple[Candidate, ...]
    scoring: HandoffResult | None
    baton: Baton | None
    contract: ContractMeasure | None
    problem: str
    perception: Perception
    matrix: tuple[MatrixRow, ...]
    grid: tuple[Cell, ...]
    missing: tuple[Missing, ...]


def rule_of(item: Handoff) -> Rule | None:
    """The rule of a handoff, or None while it has no event.

    Raises:
        DataError: One of its conditions cannot be read.
    """
    return rules.rule(item.event, item.conditions) if item.event else None


def stops(
    stages: Sequence[tuple[str, JourneyStage]], moments: Moments, outcome: str, chosen: Rule | None = None
) -> tuple[Stop, ...]:
    """Every place the slider can stop at: the events of all stages before the outcome, in journey order.

    Args:
        stages: (id, stage) in journey order.
        moments: First times.
        outcome: The outcome event; it and what comes after it are no places for the baton.
        chosen: The rule in use; added where its event lies if it is not there already.
    """
    known = [
        (stage.name or key, [event for event in stage.events if event in moments.kinds])
        for key, stage in stages
    ]
    end = next((index for index, (_, events) in enumerate(known) if outcome in events), len(known))
    found: list[Stop] = []
    for index, (name, events) in enumerate(known[:end]):
        later = tuple(dict.fromkeys(event for _, more in known[index + 1 :] for event in more))
        for event in events:
            found.append(Stop(Rule(event), name, later or (outcome,)))
            if chosen and chosen.event == event and chosen.conditions:
                found.append(Stop(chosen, name, later or (outcome,)))
    if chosen and chosen not in [stop.rule for stop in found]:
        found.append(Stop(chosen, "Outside the journey", (outcome,)))
    if len(found) > MAX_STOPS:  # the rarest events go, never the chosen rule
        keep = sorted(found, key=lambda stop: (stop.rule != chosen, -moments.reach([stop.rule.event])))[
            :MAX_STOPS
        ]
        found = [stop for stop in found if stop in keep]
    return tuple(found)


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
    at = next((index for index, (_, stage) in enumerate(stages) if item.event in stage.events), -1)
    return (
        tuple(dict.fromkeys(event for _, stage in stages[at + 1 :] for event in stage.events))
        if at >= 0
        else ()
    )


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
    moments: Moments,
    stages: Sequence[tuple[str, JourneyStage]],
) -> ContractMeasure | None:
    wanted = rule_of(item)
    accept = tuple(event for event in accept_events(item, stages) if event in moments.kinds)
    if wanted is None or wanted.event not in moments.kinds or not accept:
        return None
    assign = item.assign_event or assignment(moments.kinds)
    return sla.measure(
        data[slots.EVENTS],
        wanted,
        accept,
        sla_hours=item.sla_hours,
        human_hours=item.sla_human_hours,
        assign=assign if assign in moments.kinds else "",
        week_start=workbook.settings.week_start,
        reasons_found=sla.reasons(data),
    )


@dataclass(frozen=True)
class _Measured:
    """What the events say, or nothing."""

    moments: Moments | None = None
    suggestions: tuple[Suggestion, ...] = ()
    stages: tuple[tuple[str, JourneyStage], ...] = ()
    flows: Mapping[str, StageFlow] | None = None
    table: Evidence | None = None
    outcome: str = ""
    scoring: HandoffResult | None = None
    baton: Baton | None = None
    contract: ContractMeasure | None = None
    problem: str = ""


def _measure(workbook: Workbook, data: Data) -> _Measured:
    """Everything that is read from the events file."""
    events = data.get(slots.EVENTS)
    own = tuple(workbook.journey())
    if events is None:
        return _Measured(stages=own)
    moments = load(events)
    suggestions = journey.suggest(events)
    stages = own or tuple((item.id, item.stage) for item in suggestions)
    flows, table = journey.flow(events, stages) if stages else ({}, None)
    outcome = journey.outcome_of(workbook, moments)
    main = workbook.main_handoff()
    problem, wanted, contract = "", None, None
    try:
        wanted = rule_of(main[1]) if main else None
        if wanted:
            rules.compile_rule(events, wanted)
        contract = _contract(workbook, main[1], data, moments, stages) if main else None
    except UserError as error:
        problem, wanted = str(error), None
    if wanted and wanted.event not in moments.kinds:
        problem, wanted = f"The events file has no event called “{wanted.event}”.", None
    places = stops(stages, moments, outcome, wanted)
    baton = (
        batons.measure(
            events, places, outcome, window_days=WINDOW_DAYS, horizon_days=HORIZON_DAYS, spend=_spend(data)
        )
        if places and outcome
        else None
    )
    scoring = (
        handoff(events, outcome, horizon_days=HORIZON_DAYS) if outcome and moments.reach([outcome]) else None
    )
    return _Measured(moments, suggestions, stages, flows, table, outcome, scoring, baton, contract, problem)


@step_cached
def handoff_map(
    workbook: Workbook,
    data: Data,
    *,
    today: dt.date | None = None,
    votes: Mapping[str, Mapping[str, Sequence[tuple[str, str]]]] | None = None,
) -> HandoffMapResult:
    """The handoff step: the map, the evidence for the handoff, what is missing and how to mend it.

    Args:
        workbook: What the team answered; may be empty.
        data: Datasets by slot; may be empty.
        today: For review dates; the real day when None.
        votes: Who a workshop says owns each row, see `perception.perceive`.
    """
    found = _measure(workbook, data)
    flows = found.flows or {}
    is_proposed = not workbook.stages and bool(found.stages)
    names = {key: stage.name or key for key, stage in found.stages}
    table = matrix(workbook, () if is_proposed else found.stages)
    crossed = grid(workbook, table, () if is_proposed else found.stages)
    people = perceive(workbook.owns, {row.id: row.name for row in table} | names, votes)
    texts = {key: _rule_text(item) for key, item in workbook.handoffs.items()}
    drawn = picture(workbook, found.stages, flows, found.table, rules=texts, is_proposed=is_proposed)
    listed = candidates(workbook, found.scoring, found.moments, found.stages, data.get(slots.EVENTS))
    state = handoff_findings.State(
        workbook=workbook,
        stages=found.stages,
        suggestions=found.suggestions,
        is_proposed=is_proposed,
        flows=flows,
        table=found.table,
        picture=drawn,
        candidates=listed,
        baton=found.baton,
        contract=found.contract,
        perception=people,
        matrix=table,
        grid=crossed,
        kinds=found.moments.kinds if found.moments else (),
        outcome=found.outcome,
        problem=found.problem,
        today=(today or dt.datetime.now(dt.UTC).date()).isoformat(),
    )
    findings = handoff_findings.find(state)
    proofs = [
        found.table,
        *(c.evidence for c in listed[:1]),
        *(found.scoring.evidence if found.scoring else ()),
        found.baton.evidence if found.baton else None,
        *(
            (
                found.contract.summary,
                found.contract.weekly,
                found.contract.waiting,
                found.contract.human_waiting,
                found.contract.channels,
                found.contract.reasons,
            )
            if found.contract
            else ()
        ),
        people.evidence,
    ]
    return HandoffMapResult(
        verdict=_verdict(workbook, state, findings),
        findings=findings,
        evidence=tuple(item for item in proofs if item is not None),
        picture=drawn,
        stages=found.stages,
        flows=flows,
        suggestions=found.suggestions,
        unplaced=journey.unplaced(found.moments, dict(found.stages)) if found.moments else (),
        outcome=found.outcome,
        candidates=listed,
        scoring=found.scoring,
        baton=found.baton,
        contract=found.contract,
        problem=found.problem,
        perception=people,
        matrix=table,
        grid=crossed,
        missing=_missing(data),
    )


def _rule_id(item: Handoff) -> str:
    try:
        found = rule_of(item)
    except UserError:
        return ""
    return found.text if found else ""


def _rule_text(item: Handoff) -> str:
    try:
        found = rule_of(item)
    except UserError:
        return f"{event_names.event(item.event)} ({', '.join(item.conditions)})"
    return found.words if found else ""


def _missing(data: Data) -> tuple[Missing, ...]:
    """What each absent file would add to this step."""
    gains = {
        slots.EVENTS: "volume, conversion and time of each stage, candidates for the handoff, the baton, response times",
        slots.SPEND: "what one handoff costs at each place of the baton",
        slots.DEALS: "why handed-over opportunities were lost",
    }
    return tuple(Missing(slot, text) for slot, text in gains.items() if slot not in data)


def _counts(state: handoff_findings.State) -> Evidence:
    """How far the team is, as evidence of its answers."""
    owned = sum(stage.territory != metric_kinds.UNASSIGNED for stage in state.picture.stages)
    return single(
        "The team's answers",
        "Stages of the journey and those with an owner; handoffs agreed.",
        {
            "stages": len(state.stages),
            "owned": owned,
            "unowned": len(state.stages) - owned,
            "handoffs": len(state.workbook.handoffs),
        },
    )


def _verdict(workbook: Workbook, state: handoff_findings.State, findings: Sequence[Finding]) -> Verdict:
    """The answer to the step's question."""
    counts = _counts(state)
    owned, all_ = counts.fact(0, "owned", "count"), counts.fact(0, "stages", "count")
    if not state.stages:
        return Verdict(
            "unclear",
            "There is no journey yet, so nobody can say where one team ends.",
            needs="an events file, or the stages typed in by hand",
            code="no_journey",
        )
    best = next((item for item in state.candidates if item.status == "recommended"), None)
    main = workbook.main_handoff()
    if main is None or not (main[1].event or main[1].name or main[1].to_stage):
        reasons = (best.sentence,) if best else ()
        if state.is_proposed:
            are = "stage is" if len(state.stages) == 1 else "stages are"
            return Verdict(
                "unclear",
                f"Nobody has said yet where marketing ends and growth begins. {{proposed stages}} {are} proposed "
                "from your events.",
                {"proposed stages": all_},
                needs="owners for the stages and one handoff",
                code="proposed",
                why=reasons,
            )
        return Verdict(
            "bad",
            "Nobody has said where marketing ends and growth begins: no handoff is chosen. {stages with an owner} of "
            "{stages} stages have an owner.",
            {"stages with an owner": owned, "stages": all_},
            code="no_handoff",
            why=reasons,
        )
    return _with_handoff(state, main[1], findings)


def _with_handoff(state: handoff_findings.State, item: Handoff, findings: Sequence[Finding]) -> Verdict:
    """The verdict once a handoff is chosen."""
    high = [finding for finding in findings if finding.severity == "high"]
    gaps = missing_parts(item)
    status = "bad" if len(high) > 1 else "mixed" if high or gaps else "good"
    names = {stage.id: stage.name for stage in state.picture.stages}
    rule = _rule_text(item)
    place_name = f"“{rule}”" if rule else names.get(item.to_stage, "") or item.name
    facts = {"rule": place_name, "giver": item.from_owner, "taker": item.to_owner}
    template = "{giver}'s responsibility ends and {taker}'s begins with {rule}."
    why = [finding.text for finding in high[:3]]
    flips = ""
    place = state.baton.place(_rule_id(item)) if state.baton else None
    if place is not None and state.baton is not None:
        row = state.baton.places.index(place)
        table = state.baton.evidence
        facts |= {
            "people handed over a week": table.fact(row, "handed_per_week", "count"),
            "conversion after it": table.fact(row, "conversion", "percent1"),
            "half move on within": table.fact(row, "wait_hours", "hours"),
        }
        if state.contract is not None:
            why.append(state.contract.verdict.text)
        flips = (
            "Another place, if both teams would rather be measured there: move the baton below and compare. An "
            "event whose interval lies wholly above the others would be a reason."
        )
    elif not state.kinds:
        why.append("No events file is open, so the place is agreed but not measured.")
    if gaps:
        why.append(f"Still open in the contract: {', '.join(gaps)}.")
    return Verdict(
        status,
        template,
        facts,
        code={"good": "agreed", "mixed": "gaps", "bad": "contradicted"}[status],
        why=tuple(why),
        flips=flips,
    )

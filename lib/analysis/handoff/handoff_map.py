"""Step 2: where exactly marketing's responsibility ends and growth's begins, and what the data say about that place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from lib.analysis.events import event_names, journey
from lib.analysis.events.journey import Proposal, StageFlow
from lib.analysis.handoff import findings as handoff_findings
from lib.analysis.handoff import words
from lib.analysis.handoff.candidates import HandoffCandidate, candidates
from lib.analysis.handoff.handoff_rule import Rule
from lib.analysis.handoff.handoff_scenario import HandoffScenario
from lib.analysis.handoff.measured import EventsRead, read_events, rule_of
from lib.analysis.handoff.ownership import MatrixRow, matrix
from lib.analysis.handoff.ownership_disagreement import OwnershipDisagreement, compare_owners
from lib.analysis.handoff.ownership_matrix import OwnershipCell, grid
from lib.analysis.handoff.scoring import HandoffResult
from lib.analysis.handoff.sla import ContractMeasure
from lib.analysis.handoff.state import State
from lib.analysis.handoff.territory_map import (
    MapCrossing,
    MapStage,
    TerritoryMap,
    missing_parts,
    territory_map,
)
from lib.analysis.result_types import Data
from lib.analysis.verdict import Finding, Verdict
from lib.engine.evidence.cache import step_cached
from lib.engine.evidence.evidence import Evidence, Fact, single
from lib.errors import UserError
from lib.framework import metric_kinds, slots
from lib.workbook.model import Handoff, JourneyStage, Workbook

__all__ = ["HandoffMapResult", "MapCrossing", "MapStage", "TerritoryMap", "handoff_map"]


@dataclass(frozen=True)
class Missing:
    """Evidence that a file would add.

    Attributes:
        slot: Contract of the file.
        hint: What would be seen with it, a phrase.
    """

    slot: str
    hint: str


@dataclass(frozen=True)
class HandoffMapResult:
    """The handoff step for one workbook on its data.

    Attributes:
        verdict: The answer to the step's question.
        findings: What deserves attention, most important first.
        evidence: Everything they were read from.
        territory_map: The map as data.
        stages: (id, stage) in journey order: the workbook's, or the proposal while it has none.
        flows: Stage id -> what the data say.
        proposal: Stages proposed from the events with reasons, and what is asked about them.
        unplaced: Events that are on no stage yet.
        outcome: The outcome event, "" without data.
        candidates: Every event as a handoff, recommended first.
        scoring: The result the candidates come from, or None.
        scenario: All places the baton can be, or None without data.
        contract: The main handoff measured, or None.
        problem: Why the main handoff could not be measured, in words.
        disagreement: Where the teams see ownership differently.
        matrix: Areas, stages and metrics with their owners.
        grid: Areas x stages with the metrics in each crossing and who answers there.
        missing: Which file would add which evidence.
        wait_format: How times between two events are written: data that know only days have no hours.
    """

    verdict: Verdict
    findings: tuple[Finding, ...]
    evidence: tuple[Evidence, ...]
    territory_map: TerritoryMap
    stages: tuple[tuple[str, JourneyStage], ...]
    flows: Mapping[str, StageFlow]
    proposal: Proposal
    unplaced: tuple[str, ...]
    outcome: str
    candidates: tuple[HandoffCandidate, ...]
    scoring: HandoffResult | None
    scenario: HandoffScenario | None
    contract: ContractMeasure | None
    problem: str
    disagreement: OwnershipDisagreement
    matrix: tuple[MatrixRow, ...]
    grid: tuple[OwnershipCell, ...]
    missing: tuple[Missing, ...]
    wait_format: str = "hours"


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
        votes: Who a workshop says owns each row, see `disagreement.perceive`.
    """
    found = read_events(workbook, data)
    is_proposed = not workbook.stages and bool(found.stages)
    own = () if is_proposed else found.stages
    names = {key: stage.name or key for key, stage in found.stages}
    table = matrix(workbook, own)
    people = compare_owners(workbook.owns, {row.id: row.name for row in table} | names, votes)
    texts = {key: _rule_text(item) for key, item in workbook.handoffs.items()}
    listed = candidates(workbook, found.scoring, found.first_times, found.stages, data.get(slots.EVENTS))
    state = State(
        workbook=workbook,
        stages=found.stages,
        suggestions=found.proposal.stages,
        is_proposed=is_proposed,
        flows=found.flows,
        table=found.table,
        territory_map=_drawn(workbook, found, texts, is_proposed=is_proposed),
        candidates=listed,
        scenario=found.scenario,
        contract=found.contract,
        disagreement=people,
        matrix=table,
        grid=grid(workbook, table, own),
        kinds=found.kinds,
        outcome=found.outcome,
        problem=found.problem,
        wait_format=found.wait_format,
        today=(today or dt.datetime.now(dt.UTC).date()).isoformat(),
    )
    return _result(state, found, data)


def _drawn(
    workbook: Workbook, found: EventsRead, rules: Mapping[str, str], *, is_proposed: bool
) -> TerritoryMap:
    """The map of the stages that the team has, or that the data propose."""
    return territory_map(
        workbook,
        found.stages,
        found.flows,
        found.table,
        rules=rules,
        is_proposed=is_proposed,
        wait_format=found.wait_format,
    )


def _result(state: State, found: EventsRead, data: Data) -> HandoffMapResult:
    """What the step concludes from everything its rules look at."""
    findings = handoff_findings.find(state)
    tables = found.tables(state.candidates, state.disagreement)
    return HandoffMapResult(
        verdict=_verdict(state, findings),
        findings=findings,
        evidence=tuple(item for item in tables if item is not None),
        territory_map=state.territory_map,
        stages=state.stages,
        flows=state.flows,
        proposal=found.proposal,
        unplaced=journey.unplaced(found.first_times, dict(state.stages)) if found.first_times else (),
        outcome=state.outcome,
        candidates=state.candidates,
        scoring=found.scoring,
        scenario=state.scenario,
        contract=state.contract,
        problem=state.problem,
        disagreement=state.disagreement,
        matrix=state.matrix,
        grid=state.grid,
        missing=tuple(
            Missing(slot, gain.text) for slot, gain in words.MISSING_DATA_HINTS.items() if slot not in data
        ),
        wait_format=state.wait_format,
    )


def _rule(item: Handoff) -> Rule | None:
    """The rule of a handoff, or None where it has none or one that cannot be read."""
    try:
        return rule_of(item)
    except UserError:
        return None


def _rule_text(item: Handoff) -> str:
    """The rule in words; one that cannot be read as it was typed."""
    found = _rule(item)
    if found is None and item.event:
        return f"{event_names.event(item.event)} ({', '.join(item.conditions)})"
    return found.words if found else ""


def _counts(state: State) -> Evidence:
    """How far the team is, as evidence of its answers."""
    owned = sum(stage.territory != metric_kinds.UNASSIGNED for stage in state.territory_map.stages)
    return single(
        words.ANSWERS_TABLE.text,
        words.ANSWERS_TABLE.means,
        {
            "stages": len(state.stages),
            "owned": owned,
            "unowned": len(state.stages) - owned,
            "handoffs": len(state.workbook.handoffs),
        },
    )


def _verdict(state: State, findings: Sequence[Finding]) -> Verdict:
    """The answer to the step's question."""
    if not state.stages:
        return words.NO_JOURNEY_YET.verdict()
    main = state.main
    if main is not None and (main[1].event or main[1].name or main[1].to_stage):
        return _with_handoff(state, main[1], findings)
    counts = _counts(state)
    stages = counts.fact(0, "stages", "count")
    why = [item.sentence for item in state.candidates if item.status == "recommended"][:1]
    if state.is_proposed:
        return words.PROPOSED.of(len(state.stages)).verdict({"proposed stages": stages}, why)
    owned = counts.fact(0, "owned", "count")
    return words.NO_HANDOFF.verdict({"stages with an owner": owned, "stages": stages}, why)


def _with_handoff(state: State, item: Handoff, findings: Sequence[Finding]) -> Verdict:
    """The verdict once a handoff is chosen."""
    high = [finding for finding in findings if finding.severity == "high"]
    gaps = missing_parts(item)
    names = {stage.id: stage.name for stage in state.territory_map.stages}
    rule = _rule_text(item)
    measured = _place_facts(state, item)
    facts: dict[str, Fact | str] = {
        "rule": f"“{rule}”" if rule else names.get(item.to_stage, "") or item.name,
        "giver": item.from_owner,
        "taker": item.to_owner,
        **measured,
    }
    why = [finding.text for finding in high[:3]] + _open_points(state, gaps, is_measured=bool(measured))
    said = words.CHOSEN["bad" if len(high) > 1 else "mixed" if high or gaps else "good"].verdict(facts, why)
    return replace(said, flips=words.ANOTHER_PLACE.text) if measured else said


def _open_points(state: State, gaps: Sequence[str], *, is_measured: bool) -> list[str]:
    """How the contract is kept, that nothing could be measured, and what the contract still lacks."""
    told = []
    if is_measured and state.contract is not None:
        told.append(state.contract.verdict.text)
    elif not is_measured and not state.kinds:
        told.append(words.NOT_MEASURED.text)
    return [*told, words.STILL_OPEN.write(gaps=", ".join(gaps))] if gaps else told


def _place_facts(state: State, item: Handoff) -> dict[str, Fact | str]:
    """What was measured where the handoff lies; nothing while it lies nowhere in the data."""
    rule = _rule(item)
    place = state.scenario.place(rule.text if rule else "") if state.scenario else None
    if place is None or state.scenario is None:
        return {}
    row, table = state.scenario.places.index(place), state.scenario.evidence
    return {
        "people handed over a week": table.fact(row, "handed_per_week", "count"),
        "conversion after it": table.fact(row, "conversion", "percent1"),
        "half move on within": table.fact(row, "wait_hours", state.wait_format),
    }

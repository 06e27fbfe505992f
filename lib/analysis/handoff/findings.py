"""What deserves attention on the handoff map: gaps, overlaps, contradictions with the data, and how to mend them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

from lib.analysis.events import event_names
from lib.analysis.events.journey import StageFlow
from lib.analysis.handoff import contract, ownership_matrix, words
from lib.analysis.handoff.ownership import GROWTH, MARKETING
from lib.analysis.handoff.ownership_disagreement import RowGap
from lib.analysis.handoff.state import State
from lib.analysis.verdict import Finding, Fix, answers, by_severity
from lib.engine.evidence.evidence import Evidence, single
from lib.framework import metric_kinds, step_ids
from lib.framework.journey import archetypes
from lib.workbook.model import JourneyStage

__all__ = ["State", "find", "save_stages", "standard_stages"]

BYPASS = 0.2  # share of outcomes that never pass the handoff, above which it is no border
LEAK = 0.5  # share lost between two stages, above which somebody has to own the loss
ENOUGH_PEOPLE = 30  # fewer who had time to move on say nothing about a stage
TEAMS = (MARKETING, GROWTH)


def save_stages(stages: Sequence[tuple[str, JourneyStage]]) -> tuple[tuple[str, Any], ...]:
    """The answers that write these stages into the workbook."""
    return tuple(
        save
        for key, stage in stages
        for save in answers(
            "stages",
            key,
            name=stage.name,
            order=stage.order,
            events=list(stage.events),
            owners=list(stage.owners),
            aarrr=stage.aarrr,
        )
    )


def standard_stages() -> tuple[tuple[str, JourneyStage], ...]:
    """A journey to start from without data: the usual stages with a first owner each."""
    chosen = sorted(
        (item for item in archetypes() if item.on_journey and item.id in _STANDARD), key=lambda a: a.order
    )
    made = []
    for index, item in enumerate(chosen):
        owners = TEAMS if item.owner == "Both" else (item.owner,)
        made.append((item.id, JourneyStage(name=item.name, order=index + 1, owners=owners, aarrr=item.aarrr)))
    return tuple(made)


_STANDARD = ("visit", "interest", "signup", "trial", "activation", "paid", "renewal", "advocacy")


def _owner_fixes(key: str, first: str = "") -> tuple[Fix, ...]:
    teams = sorted(TEAMS, key=lambda team: team != first)
    return (
        *(words.GIVE_TO.fix(*answers("stages", key, owners=[team]), team=team) for team in teams),
        words.SHARE.fix(*answers("stages", key, owners=list(TEAMS))),
    )


def _no_journey(state: State) -> Iterator[Finding]:
    if not state.stages:
        usual = words.USUAL_STAGES.fix(*save_stages(standard_stages()))
        yield words.NO_JOURNEY.finding(fixes=[usual, words.UPLOAD_EVENTS.fix(page=step_ids.DATA)])
    elif state.is_proposed:
        count = single(
            words.PROPOSED_TABLE.text,
            words.PROPOSED_TABLE.means,
            {"stages": len(state.stages)},
            sources=state.table.sources if state.table else (),
        )
        yield words.STAGES_PROPOSED.of(len(state.stages)).finding(
            {"n": count.fact(0, "stages", "count")}, fixes=[words.TAKE_STAGES.fix(*save_stages(state.stages))]
        )


def _turned(state: State) -> Iterator[Finding]:
    """Neighbours that most people walk in the other order, and one click to change it."""
    names = {stage.id: stage.name for stage in state.territory_map.stages}
    keys = list(state.flows)
    stages = dict(state.stages)
    for key, following in pairwise(keys):
        if state.flows[key].is_contradicted:
            orders = stages[key].order, stages[following].order
            saves = (
                *answers("stages", following, order=orders[0]),
                *answers("stages", key, order=orders[1]),
            )
            facts = {"a": names[key], "b": names[following]}
            fixes = () if state.is_proposed else (words.PUT_BEFORE.fix(*saves, **facts),)
            yield words.STAGES_TURNED.finding(facts, [key, following], fixes, state.table)


def _suggested_owner(state: State, key: str) -> str:
    """The usual owner of this kind of stage, from its events or its name."""
    events = set(dict(state.stages)[key].events)
    alike = (item.stage.owners for item in state.suggestions if events & set(item.stage.events))
    return next((owners[0] for owners in alike if len(owners) == 1), "")


def _owners(state: State) -> Iterator[Finding]:
    if state.is_proposed:
        return
    named = {stage.id: stage for stage in state.territory_map.stages}
    for key, stage in state.stages:
        drawn = named[key]
        if drawn.territory == metric_kinds.UNASSIGNED:
            fixes = _owner_fixes(key, _suggested_owner(state, key))
            yield words.STAGE_UNOWNED.finding({"stage": drawn.name}, [key], fixes)
        elif drawn.marks:
            one = [
                words.ACCOUNTABLE.fix(*answers("owns", key, resolved=name), owner=name)
                for name in stage.owners
            ]
            facts = {"stage": drawn.name, "owners": drawn.owners}
            yield words.STAGE_TWO_OWNERS.finding(facts, [key], one)


def _better(state: State) -> tuple[Fix, ...]:
    """Places the data speak for: events that raise the outcome; only where none does, required steps that not all take."""
    found = {
        status: tuple(item.fix for item in state.candidates if item.fix and item.status == status)
        for status in ("recommended", "gate")
    }
    return found["recommended"] or found["gate"]


def _no_main(state: State) -> Iterator[Finding]:
    """No handoff is chosen, or one without an event while there are events to choose from."""
    main = state.main
    is_chosen = main is not None and bool(main[1].event or not state.kinds)
    if state.stages and not is_chosen:
        yield words.NO_MAIN.finding(fixes=_better(state)[:3] or _at_owner_change(state))


def _at_owner_change(state: State) -> tuple[Fix, ...]:
    """A handoff before the first stage that is not marketing's alone; none while the stages are a proposal."""
    drawn = state.territory_map.stages
    split = next(
        (
            i
            for i, stage in enumerate(drawn)
            if i and stage.territory in (metric_kinds.OUTCOME, metric_kinds.SHARED)
        ),
        0,
    )
    if state.is_proposed or not split:
        return ()
    name = drawn[split].name
    ends = {"from_stage": state.stages[split - 1][0], "to_stage": state.stages[split][0]}
    saves = answers("handoffs", "main", name=name, is_main=True, **ends)
    return (words.HAND_OVER_BEFORE.fix(*saves, stage=name),)


def _crossings(state: State) -> Iterator[Finding]:
    if state.is_proposed:
        return
    names = {stage.id: stage.name for stage in state.territory_map.stages}
    for item in state.territory_map.crossings:
        if item.is_agreed:
            continue
        saves = answers(
            "handoffs",
            f"{item.from_stage}-{item.to_stage}",
            name=names[item.to_stage],
            from_stage=item.from_stage,
            to_stage=item.to_stage,
            from_owner=item.from_owner,
            to_owner=item.to_owner,
            **({"is_main": True} if state.main is None else {}),
        )
        facts = {"a": names[item.from_stage], "b": names[item.to_stage]}
        subjects = (item.from_stage, item.to_stage)
        yield words.CROSSING.finding(facts, subjects, [words.MAKE_HANDOFF.fix(*saves)])


def _event(state: State) -> Iterator[Finding]:
    main = state.main
    if not main:
        return
    if state.problem:
        fixes = _better(state)[:2]
        yield words.NOT_MEASURABLE.finding({"problem": state.problem}, [main[0]], fixes)
    chosen = next((item for item in state.candidates if item.is_chosen), None)
    if chosen and chosen.status in ("null", "less", "after"):
        facts = {"event": event_names.quoted(chosen.event), "outcome": event_names.quoted(state.outcome)}
        yield words.AT_NULL_EVENT.finding(
            facts, [main[0]], _better(state)[:3], chosen.evidence, why=chosen.sentence
        )


def _bypass(state: State) -> Iterator[Finding]:
    main = state.main
    if not main or not state.scenario or not main[1].event:
        return
    rows = [i for i, place in enumerate(state.scenario.places) if place.id.split(" ")[0] == main[1].event]
    for index in rows[-1:]:
        place, table = state.scenario.places[index], state.scenario.evidence
        if place.outcomes and place.outcomes_bypassing > BYPASS * place.outcomes:
            facts = {
                "n": table.fact(index, "outcomes_bypassing", "count"),
                "all": table.fact(index, "outcomes", "count"),
                "outcome": event_names.quoted(state.outcome),
                "rule": f"“{state.scenario.name(place.id)}”",
            }
            yield words.BYPASSED.finding(facts, [main[0]], _better(state)[:3], table)


def _leak(state: State) -> Iterator[Finding]:
    """The stage that loses most people, when it or the next one has no owner (or nobody accountable)."""
    if state.is_proposed or state.table is None:
        return
    flow, following = _largest_loss(state)
    if flow is None or not following or flow.step_conversion > 1 - LEAK:
        return
    drawn = {stage.id: stage for stage in state.territory_map.stages}
    loose = [key for key in (flow.id, following) if key and drawn[key].marks]
    if loose:
        lost = _lost(flow, state.table)
        facts = {
            "share": lost.fact(0, "share", "percent"),
            "a": drawn[flow.id].name,
            "b": drawn[following].name,
        }
        yield words.LARGEST_LOSS.finding(facts, loose, _owner_fixes(loose[0])[:2], lost)


def _largest_loss(state: State) -> tuple[StageFlow | None, str]:
    """The stage before the outcome that loses most people (the first only where it is alone), and the stage after it."""
    before = [
        flow
        for flow in state.flows.values()
        if flow.mature >= ENOUGH_PEOPLE and not flow.is_contradicted and not _is_after_outcome(state, flow.id)
    ]
    if not before:
        return None, ""
    keys = list(state.flows)
    worst = max(before[1:] or before, key=lambda flow: flow.mature - flow.moved_on)
    return worst, next(iter(keys[keys.index(worst.id) + 1 :]), "")


def _lost(flow: StageFlow, table: Evidence) -> Evidence:
    return single(
        words.LOSS_TABLE.text,
        words.LOSS_TABLE.means,
        {"lost": flow.mature - flow.moved_on, "share": 1 - flow.step_conversion},
        sources=table.sources,
        sql=table.sql,
    )


def _is_after_outcome(state: State, key: str) -> bool:
    keys = [item for item, _ in state.stages]
    end = next((item for item, stage in state.stages if state.outcome in stage.events), "")
    return bool(end) and keys.index(key) >= keys.index(end)


_GAPS = {"each_says_other": words.EACH_SAYS_OTHER, "both_claim": words.BOTH_CLAIM}


def _disagreement(state: State) -> Iterator[Finding]:
    for row in state.disagreement.contested:
        if not row.resolved and row.pattern in _GAPS:
            fixes = [_settle(state, row, team) for team in TEAMS]
            evidence = state.disagreement.evidence
            yield _GAPS[row.pattern].finding({"row": row.name}, [row.id], fixes, evidence)


def _settle(state: State, row: RowGap, team: str) -> Fix:
    """Agree on one team; what the others said is kept, and a stage without an owner gets this one."""
    stage = state.workbook.stages.get(row.id)
    saves = answers("owns", row.id, resolved=team)
    if not row.dissent:
        saves += answers("owns", row.id, dissent=_other(row, team))
    if stage and not stage.owners:
        saves += answers("stages", row.id, owners=[team])
    return words.SETTLE_ON.fix(*saves, team=team)


def _other(row: RowGap, agreed: str) -> str:
    """What those said who saw it otherwise, kept beside what was agreed."""
    return "; ".join(
        words.SAID.write(who=who.capitalize(), said=said)
        for who, said in row.today
        if said.lower() != agreed.lower()
    )


def _places(state: State) -> Iterator[Finding]:
    """Stages whose events the file does not have."""
    if not state.kinds or state.is_proposed:
        return
    for key, stage in state.stages:
        gone = [event for event in stage.events if event not in state.kinds]
        if gone:
            rest = [event for event in stage.events if event in state.kinds]
            remove = words.REMOVE_ABSENT.fix(*answers("stages", key, events=rest))
            facts = {"stage": stage.name or key, "events": ", ".join(gone)}
            yield words.EVENT_NOT_IN_FILE.finding(facts, [key], [remove])


def _areas(state: State) -> Iterator[Finding]:
    empty = [row for row in state.matrix if row.kind == "area" and row.problem == "nobody"]
    if empty and not state.is_proposed and state.stages:
        saves = [save for row in empty for save in answers("owns", row.id, today=row.suggested)]
        facts = {"areas": ", ".join(row.name for row in empty)}
        yield words.AREA_UNOWNED.finding(facts, [row.id for row in empty], [words.TAKE_OWNERS.fix(*saves)])


def _crossed(state: State) -> Iterator[Finding]:
    if not state.is_proposed:
        yield from ownership_matrix.findings(state.grid, state.matrix)


RULES: tuple[Callable[[State], Iterator[Finding]], ...] = (
    _no_journey, _turned, _no_main, _event, _leak, _owners, contract.clock, _disagreement, _bypass,
    contract.parts, contract.review, _crossings,
    _places, _crossed, _areas,
)  # fmt: skip


def find(state: State) -> tuple[Finding, ...]:
    """All findings, most important first.

    Args:
        state: The workbook and what was measured.
    """
    return by_severity(finding for rule in RULES for finding in rule(state))

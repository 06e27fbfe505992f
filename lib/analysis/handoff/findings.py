"""What deserves attention on the handoff map: gaps, overlaps, contradictions with the data, and how to mend them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal

from lib.analysis.events import event_names
from lib.analysis.handoff import contract, ownership_matrix
from lib.analysis.handoff.ownership import GROWTH, MARKETING
from lib.analysis.handoff.ownership_disagreement import RowGap
from lib.analysis.handoff.state import State
from lib.analysis.verdict import Finding, Fix
from lib.engine.evidence.evidence import single
from lib.framework.journey import archetypes
from lib.workbook.model import JourneyStage

__all__ = ["State", "find", "save_stages", "standard_stages"]

BYPASS = 0.2  # share of outcomes that never pass the handoff, above which it is no border
LEAK = 0.5  # share lost between two stages, above which somebody has to own the loss
PAGE = "handoff_map"
_RANK = {"high": 0, "medium": 1, "low": 2}


def save_stages(stages: Sequence[tuple[str, JourneyStage]]) -> tuple[tuple[str, Any], ...]:
    """The answers that write these stages into the workbook."""
    saves: list[tuple[str, Any]] = []
    for key, stage in stages:
        saves += [
            (f"stages/{key}/name", stage.name),
            (f"stages/{key}/order", stage.order),
            (f"stages/{key}/events", list(stage.events)),
            (f"stages/{key}/owners", list(stage.owners)),
            (f"stages/{key}/aarrr", stage.aarrr),
        ]
    return tuple(saves)


def standard_stages() -> tuple[tuple[str, JourneyStage], ...]:
    """A journey to start from without data: the usual stages with a first owner each."""
    chosen = sorted(
        (item for item in archetypes() if item.on_journey and item.id in _STANDARD), key=lambda a: a.order
    )
    made = []
    for index, item in enumerate(chosen):
        owners = (MARKETING, GROWTH) if item.owner == "Both" else (item.owner,)
        made.append((item.id, JourneyStage(name=item.name, order=index + 1, owners=owners, aarrr=item.aarrr)))
    return tuple(made)


_STANDARD = ("visit", "interest", "signup", "trial", "activation", "paid", "renewal", "advocacy")


def _owner_fixes(key: str, first: str = "") -> tuple[Fix, ...]:
    names = list(dict.fromkeys([name for name in (first, MARKETING, GROWTH) if name in (MARKETING, GROWTH)]))
    return (
        *(Fix(f"Give it to {name}", ((f"stages/{key}/owners", [name]),)) for name in names),
        Fix("Share it", ((f"stages/{key}/owners", [MARKETING, GROWTH]),)),
    )


def _no_journey(state: State) -> Iterator[Finding]:
    if not state.stages:
        yield Finding(
            "no_journey",
            "high",
            "The journey has no stages yet.",
            "Without stages there is no place where one team's responsibility could end.",
            fixes=(
                Fix("Start from the usual stages", save_stages(standard_stages())),
                Fix("Upload events to have them proposed", page="data"),
            ),
        )
    elif state.is_proposed:
        count = single(
            "Proposed stages",
            "Stages recognised in the events.",
            {"stages": len(state.stages)},
            sources=state.table.sources if state.table else (),
        )
        were = "stage was" if len(state.stages) == 1 else "stages were"
        wait = "waits" if len(state.stages) == 1 else "wait"
        yield Finding(
            "stages_proposed",
            "high",
            f"{{n}} {were} recognised in your events and {wait} for your yes.",
            "Everything below uses them; owners and names can be changed afterwards.",
            facts={"n": count.fact(0, "stages", "count")},
            fixes=(Fix("Take over the proposed stages", save_stages(state.stages)),),
        )


def _suggested_owner(state: State, key: str) -> str:
    """The usual owner of this kind of stage, from its events or its name."""
    stage = dict(state.stages)[key]
    for item in state.suggestions:
        if set(item.stage.events) & set(stage.events) and len(item.stage.owners) == 1:
            return item.stage.owners[0]
    return ""


def _owners(state: State) -> Iterator[Finding]:
    if state.is_proposed:
        return
    named = {stage.id: stage for stage in state.picture.stages}
    for key, stage in state.stages:
        drawn = named[key]
        if drawn.territory == "unassigned":
            yield Finding(
                "stage_unowned",
                "high",
                "{stage} has no owner.",
                "What nobody owns nobody improves, and both teams will point at the other when it breaks.",
                (key,),
                {"stage": drawn.name},
                _owner_fixes(key, _suggested_owner(state, key)),
            )
        elif drawn.marks:
            one = [Fix(f"{name} is accountable", ((f"owns/{key}/resolved", name),)) for name in stage.owners]
            yield Finding(
                "stage_two_owners",
                "medium",
                "{stage} belongs to {owners}, and nobody is accountable.",
                "Two owners may work on it; one has to answer for it, else each waits for the other.",
                (key,),
                {"stage": drawn.name, "owners": drawn.owners},
                tuple(one),
            )


def _better(state: State) -> tuple[Fix, ...]:
    """Places the data speak for: events that raise the outcome; only where none does, required steps that not all take."""
    found = {
        status: tuple(item.fix for item in state.candidates if item.fix and item.status == status)
        for status in ("recommended", "gate")
    }
    return found["recommended"] or found["gate"]


def _no_main(state: State) -> Iterator[Finding]:
    main = state.main
    if not state.stages or (main and main[1].event) or (main and not state.kinds):
        return
    found = list(_better(state)[:3])
    if not found and not state.is_proposed:
        keys = [key for key, _ in state.stages]
        split = next(
            (i for i, s in enumerate(state.picture.stages) if i and s.territory in ("outcome", "shared")), 0
        )
        if split:
            saves = (
                ("handoffs/main/name", state.picture.stages[split].name),
                ("handoffs/main/is_main", True),
                ("handoffs/main/from_stage", keys[split - 1]),
                ("handoffs/main/to_stage", keys[split]),
            )
            found = [Fix(f"Hand over before {state.picture.stages[split].name}", saves)]
    yield Finding(
        "no_main_handoff",
        "high",
        "No event marks where marketing ends and growth begins.",
        "As long as the place is not named, every missed target can be argued to lie on the other side of it.",
        fixes=tuple(found),
    )


def _crossings(state: State) -> Iterator[Finding]:
    if state.is_proposed:
        return
    names = {stage.id: stage.name for stage in state.picture.stages}
    for item in state.picture.crossings:
        if item.is_agreed:
            continue
        key = f"{item.from_stage}-{item.to_stage}"
        saves = (
            (f"handoffs/{key}/name", names[item.to_stage]),
            (f"handoffs/{key}/from_stage", item.from_stage),
            (f"handoffs/{key}/to_stage", item.to_stage),
            (f"handoffs/{key}/from_owner", item.from_owner),
            (f"handoffs/{key}/to_owner", item.to_owner),
            *((("handoffs/" + key + "/is_main", True),) if state.main is None else ()),
        )
        yield Finding(
            "crossing_without_agreement",
            "low",
            "Between {a} and {b} the owner changes and nothing is agreed.",
            "Every change of owner is a place where people get lost.",
            (item.from_stage, item.to_stage),
            {"a": names[item.from_stage], "b": names[item.to_stage]},
            (Fix("Make it a handoff", saves),),
        )


def _event(state: State) -> Iterator[Finding]:
    main = state.main
    if not main:
        return
    if state.problem:
        yield Finding(
            "handoff_not_measurable",
            "high",
            "The handoff cannot be checked on this file: {problem}",
            "A rule that no query can check cannot settle an argument.",
            (main[0],),
            {"problem": state.problem},
            _better(state)[:2],
        )
    chosen = next((item for item in state.candidates if item.is_chosen), None)
    if chosen and chosen.status in ("null", "less", "after"):
        fixes = _better(state)[:3]
        yield Finding(
            "handoff_at_null_event",
            "high",
            "The handoff sits at {event}, which says nothing about {outcome}.",
            chosen.sentence,
            (main[0],),
            {"event": event_names.quoted(chosen.event), "outcome": event_names.quoted(state.outcome)},
            fixes,
            chosen.evidence,
        )


def _bypass(state: State) -> Iterator[Finding]:
    main = state.main
    if not main or not state.baton or not main[1].event:
        return
    rows = [i for i, place in enumerate(state.baton.places) if place.id.split(" ")[0] == main[1].event]
    for index in rows[-1:]:
        place, table = state.baton.places[index], state.baton.evidence
        if place.outcomes and place.outcomes_bypassing > BYPASS * place.outcomes:
            facts = {
                "n": table.fact(index, "outcomes_bypassing", "count"),
                "all": table.fact(index, "outcomes", "count"),
                "outcome": event_names.quoted(state.outcome),
                "rule": f"“{state.baton.name(place.id)}”",
            }
            yield Finding(
                "outcome_bypasses_handoff",
                "medium",
                "{n} of {all} people with {outcome} never passed {rule} before it.",
                "Nobody is measured on those who go round it. Choose an earlier place, or agree who owns them.",
                (main[0],),
                facts,
                _better(state)[:3],
                table,
            )


def _leak(state: State) -> Iterator[Finding]:
    """The stage that loses most people, when it or the next one has no owner (or nobody accountable)."""
    before = [
        (index, flow)
        for index, flow in enumerate(state.flows.values())
        if flow.mature >= 30 and not _is_after_outcome(state, flow.id)
    ]
    if not before or state.is_proposed or state.table is None:
        return
    keys = list(state.flows)
    worst, flow = max(before[1:] or before, key=lambda item: item[1].mature - item[1].moved_on)
    following = keys[worst + 1] if worst + 1 < len(keys) else ""
    drawn = {stage.id: stage for stage in state.picture.stages}
    loose = [key for key in (flow.id, following) if key and drawn[key].marks]
    if not loose or flow.step_conversion > 1 - LEAK or not following:
        return
    lost = single(
        "Largest loss",
        "People who reached the stage and not the next within the window.",
        {"lost": flow.mature - flow.moved_on, "share": 1 - flow.step_conversion},
        sources=state.table.sources,
        sql=state.table.sql,
    )
    yield Finding(
        "biggest_leak_unowned",
        "high",
        "The largest loss, {share} between {a} and {b}, has no owner.",
        "It is where the most people could be won, and no team would be blamed for leaving it.",
        tuple(loose),
        {"share": lost.fact(0, "share", "percent"), "a": drawn[flow.id].name, "b": drawn[following].name},
        tuple(fix for key in loose[:1] for fix in _owner_fixes(key)[:2]),
        lost,
    )


def _is_after_outcome(state: State, key: str) -> bool:
    keys = [item for item, _ in state.stages]
    end = next((item for item, stage in state.stages if state.outcome in stage.events), "")
    return bool(end) and keys.index(key) >= keys.index(end)


def _perception(state: State) -> Iterator[Finding]:
    for row in state.perception.contested:
        if row.resolved or row.pattern not in ("both_claim", "each_says_other"):
            continue
        severity: Literal["high", "medium"] = "high" if row.pattern == "each_says_other" else "medium"
        template = (
            "Marketing says {row} is growth's, growth says it is marketing's."
            if severity == "high"
            else "Both teams say {row} is theirs."
        )
        stage = state.workbook.stages.get(row.id)
        fixes = tuple(
            Fix(
                f"Settle on {name}",
                (
                    (f"owns/{row.id}/resolved", name),
                    *(((f"owns/{row.id}/dissent", _other(row, name)),) if not row.dissent else ()),
                    *(((f"stages/{row.id}/owners", [name]),) if stage and not stage.owners else ()),
                ),
            )
            for name in (MARKETING, GROWTH)
        )
        yield Finding(
            "perception_gap",
            severity,
            template,
            "Each team will act on its own picture until one is agreed; the other view is kept as dissent.",
            (row.id,),
            {"row": row.name},
            fixes,
            state.perception.evidence,
        )


def _other(row: RowGap, agreed: str) -> str:
    """What those said who saw it otherwise, kept beside what was agreed."""
    return "; ".join(
        f"{who.capitalize()} said {said}" for who, said in row.today if said.lower() != agreed.lower()
    )


def _places(state: State) -> Iterator[Finding]:
    """Stages whose events the file does not have."""
    if not state.kinds or state.is_proposed:
        return
    for key, stage in state.stages:
        gone = [event for event in stage.events if event not in state.kinds]
        if gone:
            rest = [event for event in stage.events if event in state.kinds]
            yield Finding(
                "event_not_in_file",
                "low",
                "{stage} names {events}, which the events file does not have.",
                "Its volume is too low or missing until the name fits.",
                (key,),
                {"stage": stage.name or key, "events": ", ".join(gone)},
                (Fix("Remove what is not there", ((f"stages/{key}/events", rest),)),),
            )


def _matrix(state: State) -> Iterator[Finding]:
    empty = [row for row in state.matrix if row.kind == "area" and row.problem == "nobody"]
    if empty and not state.is_proposed and state.stages:
        saves = tuple((f"owns/{row.id}/today", row.suggested) for row in empty)
        yield Finding(
            "area_unowned",
            "low",
            "Without an owner: {areas}.",
            "The six areas are what process and outcome are made of; one name each ends the argument early.",
            tuple(row.id for row in empty),
            {"areas": ", ".join(row.name for row in empty)},
            (Fix("Take over the usual owners", saves),),
        )


def _crossed(state: State) -> Iterator[Finding]:
    if not state.is_proposed:
        yield from ownership_matrix.findings(state.workbook, state.grid, state.matrix)


RULES: tuple[Callable[[State], Iterator[Finding]], ...] = (
    _no_journey, _no_main, _event, _leak, _owners, contract.clock, _perception, _bypass,
    contract.parts, contract.review, _crossings,
    _places, _crossed, _matrix,
)  # fmt: skip


def find(state: State) -> tuple[Finding, ...]:
    """All findings, most important first.

    Args:
        state: The workbook and what was measured.
    """
    found = [finding for rule in RULES for finding in rule(state)]
    return tuple(sorted(found, key=lambda finding: _RANK[finding.severity]))

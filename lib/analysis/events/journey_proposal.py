"""The journey proposed from events: few stages that are sure, one question for each that is not.

Names say what an event may be; the data say whether it can be: when people first do it, how often they do it again,
whether it comes before or after signing up and paying. Where the two differ the event is no stage, and is asked about.
Where names say nothing, the events that nearly everybody with the outcome passed become the stages.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lib.analysis.events import words
from lib.analysis.events.first_event_times import NEVER, FirstTimes, load
from lib.analysis.events.journey_order import (
    AFTER_OUTCOME,
    MAX_STAGES,
    MOST_OF,
    OUTCOME,
    SIGNUP,
    Draft,
    in_order,
    leave_out_use,
    without_contradictions,
)
from lib.analysis.events.journey_questions import (
    Placement,
    StageQuestion,
    order_question,
    outcome_question,
    step_question,
)
from lib.analysis.events.outcome import AGAIN, outcomes, share_first, times_each
from lib.engine import query
from lib.engine.datasets.dataset import Dataset
from lib.engine.evidence.cache import cached
from lib.engine.evidence.evidence import Evidence, Fact
from lib.framework import slots
from lib.framework.journey import Archetype, archetypes, normalise, recognise
from lib.workbook.model import JourneyStage

MAX_QUESTIONS = 4
GATE = 0.6  # share of people with the outcome who passed an event, above which it can be a stage without a known name
RARE = 0.005  # share of all people, below which an event is no stage

_OWNERS = {"Both": ("Marketing", "Growth"), "": ()}  # of an archetype; any other is its only one
_ANCHORS = frozenset((OUTCOME, SIGNUP))  # both known, two stages are enough


@dataclass(frozen=True)
class Suggestion:
    """A stage proposed from the events.

    Attributes:
        id: Id it would get.
        stage: The stage as it would be saved.
        reason: Why it is proposed and why for that owner, with its numbers written.
    """

    id: str
    stage: JourneyStage
    reason: str


@dataclass(frozen=True)
class Proposal:
    """A journey proposed from the events.

    Attributes:
        stages: In journey order, at most `MAX_STAGES`.
        questions: What the events leave open, the most people first; until it is answered it is on no stage.
    """

    stages: tuple[Suggestion, ...] = ()
    questions: tuple[StageQuestion, ...] = ()

    def answered(self, chosen: Mapping[str, int]) -> tuple[tuple[str, JourneyStage], ...]:
        """The stages with the answers given put in.

        Args:
            chosen: Question id -> number of its option; what is not named is answered by the first, which changes
                nothing.
        """
        stages = [(item.id, item.stage) for item in self.stages]
        for question in self.questions:
            put = question.options[chosen.get(question.id, 0)].put
            if put is not None:
                stages = _put(stages, put)
        return tuple((key, stage.model_copy(update={"order": i})) for i, (key, stage) in enumerate(stages, 1))


def _put(stages: list[tuple[str, JourneyStage]], put: Placement) -> list[tuple[str, JourneyStage]]:
    """The stages with one more after the one it follows, or with its events changed where it is there already."""
    keys = [key for key, _ in stages]
    if put.id in keys:
        return [(key, put.stage if key == put.id else stage) for key, stage in stages]
    at = keys.index(put.after) + 1 if put.after in keys else 0
    return [*stages[:at], (put.id, put.stage), *stages[at:]]


def suggest(events: Dataset) -> tuple[Suggestion, ...]:
    """The stages proposed from an events file, see `propose`."""
    return propose(events).stages


@cached
def propose(events: Dataset) -> Proposal:
    """Propose the stages of the journey from an events file, and ask about what is not sure.

    Args:
        events: A dataset with the events contract.

    Returns:
        Stages in journey order; none for a file without people.
    """
    first_times = load(events)
    if not first_times.people:
        return Proposal()
    outcome, *rivals = outcomes(first_times)
    draft = Draft(_groups(first_times, outcome))
    leave_out_use(first_times, draft)
    is_by_name = len(draft.groups) >= 3 or draft.groups.keys() >= _ANCHORS
    if not is_by_name:
        draft.groups = _gates(first_times, outcome)
    keys = in_order(first_times, draft, outcome, is_by_name=is_by_name)
    keys = without_contradictions(first_times, draft, keys, outcome)
    stages = _described(events, first_times, [(key, draft.groups[key]) for key in keys], outcome)
    return Proposal(stages, _questions(events, first_times, draft, keys, outcome, rivals))


def _groups(first_times: FirstTimes, outcome: str) -> dict[str, list[str]]:
    """Archetype id -> events, most people first; only steps forward, and one event alone as the outcome."""
    found: dict[str, list[str]] = {}
    for kind in first_times.kinds:
        archetype = recognise(kind)
        if kind == outcome and (kind in first_times.paying or (archetype and archetype.is_outcome)):
            found[OUTCOME] = [kind]
        elif archetype and _is_step(archetype) and first_times.reach([kind]) >= RARE * first_times.people:
            found.setdefault(archetype.id, []).append(kind)
    return found


def _is_step(archetype: Archetype) -> bool:
    """Whether events of this kind can be a stage before or after the outcome."""
    return archetype.is_stage and archetype.on_journey and not archetype.is_outcome


def _gates(first_times: FirstTimes, outcome: str) -> dict[str, list[str]]:
    """Event -> itself, for the events that most people with the outcome passed before it."""
    paid = first_times.of([outcome])
    reached = paid != NEVER
    if not reached.any():
        return {kind: [kind] for kind in first_times.kinds[:MAX_STAGES]}
    gates = [kind for kind in _passed(first_times, outcome, GATE) if _can_be_gate(first_times, kind)]
    return {kind: [kind] for kind in (*gates[: MAX_STAGES - 1], outcome)}


def _can_be_gate(first_times: FirstTimes, kind: str) -> bool:
    """Whether an event whose name is no help can be a stage: people do it about once, or it is how they come in."""
    found = recognise(kind)
    if found is not None and not (found.is_stage and found.on_journey):
        return False
    is_entry = bool((first_times.of([kind]) == first_times.entered).mean() >= MOST_OF)
    return times_each(first_times, kind) < AGAIN or is_entry


def _passed(first_times: FirstTimes, outcome: str, least: float) -> list[str]:
    """Events that at least this share of the people with the outcome did before it, most first."""
    paid = first_times.of([outcome])
    reached = paid != NEVER
    share = {
        kind: float((first_times.of([kind])[reached] <= paid[reached]).mean())
        for kind in first_times.kinds
        if kind != outcome
    }
    return sorted((kind for kind in share if share[kind] >= least), key=lambda kind: -share[kind])


def _described(
    events: Dataset, first_times: FirstTimes, stages: list[tuple[str, list[str]]], outcome: str
) -> tuple[Suggestion, ...]:
    """Stages as they would be saved, each with its reason."""
    table = _reasons(events, first_times, stages, outcome)
    end = next((i for i, (_, kinds) in enumerate(stages) if outcome in kinds), len(stages) - 1)
    made = []
    for index, (key, kinds) in enumerate(stages):
        has_outcome = outcome in kinds
        archetype = _archetype(key, has_outcome=has_outcome, is_early=index < end / 2)
        facts: dict[str, Fact | str] = {
            "why": archetype.why,
            "kinds": ", ".join(kinds[:3]),
            "outcome": outcome,
            "people": table.fact(index, "people_share", "percent"),
            "before": table.fact(index, "before_share", "percent"),
        }
        template = words.WHY_STAGE if has_outcome else words.WHY_STAGE_BEFORE
        made.append(Suggestion(_id(key), _stage(archetype, kinds, index + 1), template.write(**facts)))
    return tuple(made)


def _stage(archetype: Archetype, kinds: Sequence[str], order: int) -> JourneyStage:
    """A stage of this kind as it would be saved."""
    return JourneyStage(
        name=archetype.name,
        order=order,
        events=tuple(kinds),
        aarrr=archetype.aarrr,
        owners=_OWNERS.get(archetype.owner, (archetype.owner,)),
    )


def _archetype(key: str, *, has_outcome: bool, is_early: bool) -> Archetype:
    """The kind of a stage; for an event whose name says nothing, whose it is follows from its place."""
    known = next((archetype for archetype in archetypes() if archetype.id == key), None)
    return known or Archetype(
        id=key,
        name=normalise(key).capitalize(),
        order=0,
        aarrr="revenue" if has_outcome else "",
        owner="Marketing" if is_early else "Growth",
        why=words.ON_THE_PATH.text,
        patterns=(),
    )


def _id(key: str) -> str:
    return normalise(key).replace(" ", "_") or "stage"


def _reasons(
    events: Dataset, first_times: FirstTimes, stages: list[tuple[str, list[str]]], outcome: str
) -> Evidence:
    paid = first_times.of([outcome])
    reached = paid != NEVER
    rows = []
    for key, kinds in stages:
        at = first_times.of(kinds)
        before = float((at[reached] <= paid[reached]).mean()) if reached.any() else math.nan
        rows.append((key, int((at != NEVER).sum()), float((at != NEVER).mean()), before))
    return query.evidence(
        words.PROPOSED_TABLE.text,
        words.PROPOSED_TABLE.means,
        "SELECT event, COUNT(DISTINCT user_id) AS people FROM events GROUP BY event",
        {slots.EVENTS: events},
        {"outcome": outcome},
        rows=rows,
        columns=("stage", "people", "people_share", "before_share"),
    )


def _questions(
    events: Dataset,
    first_times: FirstTimes,
    draft: Draft,
    keys: list[str],
    outcome: str,
    rivals: Sequence[str],
) -> tuple[StageQuestion, ...]:
    """One question for each stage that is not sure, at most `MAX_QUESTIONS`."""
    made: list[StageQuestion] = []
    if OUTCOME in keys and rivals and outcome not in first_times.paying:
        stage = _stage(_archetype(OUTCOME, has_outcome=True, is_early=False), (rivals[0],), 0)
        made.append(outcome_question(events, first_times, outcome, rivals[0], Placement(OUTCOME, stage)))
    for gone, other in draft.disordered:
        if gone in AFTER_OUTCOME and other == OUTCOME:  # use before paying may well be a step
            draft.steps += draft.groups[gone][:1]
            continue
        stage = _stage(_archetype(gone, has_outcome=False, is_early=False), draft.groups[gone], 0)
        at = keys.index(other) if other in keys else 0
        put = Placement(_id(gone), stage, _id(keys[at - 1]) if at else "")
        made.append(order_question(events, first_times, draft.groups[other], put, _id(other)))
    steps = sorted(
        _may_be_steps(first_times, draft, keys, outcome), key=lambda kind: -first_times.reach([kind])
    )
    for kind in steps:
        archetype = _named_as(kind)
        put = Placement(_id(kind), _stage(archetype, (kind,), 0), _place_of(first_times, draft, keys, kind))
        made.append(step_question(events, first_times, outcome, put))
    return tuple(made[:MAX_QUESTIONS])


def _named_as(kind: str) -> Archetype:
    """A stage that is called as its event."""
    return _archetype(f"event:{kind}", has_outcome=False, is_early=False).model_copy(
        update={"name": normalise(kind).capitalize()}
    )


def _may_be_steps(first_times: FirstTimes, draft: Draft, keys: list[str], outcome: str) -> list[str]:
    """Events that are on no stage and that most people with the outcome passed, about once each."""
    held = {kind for key in keys for kind in draft.groups[key]}
    held |= {kind for gone, _ in draft.disordered for kind in draft.groups[gone] if kind not in draft.steps}
    found = [*draft.steps, *(_unnamed_gates(first_times, outcome) if OUTCOME in keys else ())]
    least = RARE * first_times.people
    return [k for k in dict.fromkeys(found) if k not in held and first_times.reach([k]) >= least]


def _unnamed_gates(first_times: FirstTimes, outcome: str) -> list[str]:
    """Events whose names say nothing, done about once by most people before the outcome."""
    passed = _passed(first_times, outcome, GATE)
    return [kind for kind in passed if recognise(kind) is None and times_each(first_times, kind) < AGAIN]


def _place_of(first_times: FirstTimes, draft: Draft, keys: list[str], kind: str) -> str:
    """Id of the stage that a person has last passed when they first do an event, "" before the first."""
    at, found = first_times.of([kind]), ""
    for key in keys:
        share, n = share_first(first_times.of(draft.groups[key]), at)
        if n and share >= MOST_OF:
            found = _id(key)
    return found

"""The journey: which stages people really pass, in which order, how many, and how long it takes.

Stages are proposed from the events' names (content of the framework) and put into the order in which people
first reach
them. Where names say too little, the events that nearly everybody with the outcome passed become the stages.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lib.analysis.events import words
from lib.analysis.events.first_event_times import NEVER, FirstTimes, load
from lib.engine import query
from lib.engine.datasets.dataset import Dataset
from lib.engine.evidence.cache import cached
from lib.engine.evidence.evidence import Evidence, Fact
from lib.engine.sources.answers import FunnelCounts, FunnelQuestion
from lib.framework import slots
from lib.framework.journey import Archetype, archetypes, normalise, recognise
from lib.stats.intervals import wilson
from lib.workbook.model import JourneyStage, Workbook

MAX_STAGES = 8
CLEARLY = (
    0.65  # share of people who did both and did one first, above which the data overrule the usual order
)
AS_WIDE = 0.75  # of the people of the stage it would move before
ENOUGH = 30
GATE = 0.6  # share of people with the outcome who passed an event, above which it can be a stage without a known name
SAMPLE = 50_000

_OWNERS = {"Both": ("Marketing", "Growth"), "": ()}  # of an archetype; any other is its only one
FLOW_COLUMNS = (
    "stage", "people", "mature", "moved_on", "step_conversion_rate", "ci_low", "ci_high", "median_hours",
)  # fmt: skip


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
class StageFlow:
    """What the data say about one stage.

    Attributes:
        id: Stage id.
        volume: People who ever reached it.
        mature: Reached it at least the window before the data end, and not the next stage before it.
        moved_on: Of the mature, those who reached the next stage within the window.
        step_conversion, low, high: moved_on / mature with its Wilson interval; NaN for the last stage.
        hours: Median hours to the next stage, of those who moved on; NaN when nobody did.
    """

    id: str
    volume: int
    mature: int
    moved_on: int
    step_conversion: float
    low: float
    high: float
    hours: float


def _earlier(a: np.ndarray, b: np.ndarray) -> tuple[float, int]:
    """Share of people with both who did `a` before `b` (ties count half), and how many have both."""
    both = (a != NEVER) & (b != NEVER)
    n = int(both.sum())
    if not n:
        return 0.5, 0
    x, y = a[both], b[both]
    return float(((x < y).sum() + 0.5 * (x == y).sum()) / n), n


def ordered(times: Sequence[np.ndarray]) -> list[int]:
    """Indexes in the order people first reach things; what the data do not clearly contradict stays.

    Args:
        times: First times per person, one array a stage, in the usual order.
    """
    order = list(range(len(times)))
    reached = [int((item != NEVER).sum()) for item in times]
    for _ in times:  # neighbours swap until nothing clearly contradicts the data
        swapped = False
        for i in range(len(order) - 1):
            share, n = _earlier(times[order[i + 1]], times[order[i]])
            # A narrow stage does not move before a wide one: people do some things again and again, early and late.
            is_as_wide = reached[order[i + 1]] >= AS_WIDE * reached[order[i]]
            if n >= ENOUGH and share >= CLEARLY and is_as_wide:
                order[i], order[i + 1] = order[i + 1], order[i]
                swapped = True
        if not swapped:
            break
    return order


def guess_outcome(first_times: FirstTimes) -> str:
    """The likely outcome: the most common event named like paying, else the one done last."""
    named = (kind for kind in first_times.kinds if (found := recognise(kind)) and found.is_outcome)
    if paid := next(named, ""):
        return paid
    forward = (kind for kind in first_times.kinds if _is_forward(kind))
    common = [kind for kind in forward if first_times.reach([kind]) >= 0.01 * first_times.people]
    if not common:
        return first_times.kinds[0] if first_times.kinds else ""
    return max(common, key=lambda kind: (_median_wait(first_times.of([kind]), first_times.entered), kind))


def _is_forward(kind: str) -> bool:
    """Whether an event is a step forward as far as its name tells."""
    found = recognise(kind)
    return found is None or found.on_journey


def _median_wait(at: np.ndarray, begun: np.ndarray) -> float:
    """Median time from a person's first event; infinite where nobody got there."""
    reached = at != NEVER
    return float(np.median((at - begun)[reached])) if reached.any() else math.inf


def outcome_of(workbook: Workbook, first_times: FirstTimes | None) -> str:
    """The outcome event: the first known event of the last revenue stage, else a guess from the data.

    Args:
        workbook: Its stages, if there are any.
        first_times: First times, or None without data.
    """
    for _, stage in reversed(workbook.journey()):
        if stage.aarrr == "revenue":
            known = [event for event in stage.events if first_times is None or event in first_times.kinds]
            if known:
                return known[0]
    return guess_outcome(first_times) if first_times is not None else ""


def _groups(first_times: FirstTimes) -> dict[str, list[str]]:
    """Archetype id -> events, most people first; only what is a step forward."""
    found: dict[str, list[str]] = {}
    for kind in first_times.kinds:
        archetype = recognise(kind)
        if archetype and archetype.on_journey and first_times.reach([kind]) >= 0.005 * first_times.people:
            found.setdefault(archetype.id, []).append(kind)
    return found


def _gates(first_times: FirstTimes, outcome: str) -> dict[str, list[str]]:
    """Event -> itself, for the events that most people with the outcome passed before it."""
    paid = first_times.of([outcome])
    reached = paid != NEVER
    if not reached.any():
        return {kind: [kind] for kind in first_times.kinds[:MAX_STAGES]}
    share = {
        kind: float((first_times.of([kind])[reached] <= paid[reached]).mean())
        for kind in first_times.kinds
        if kind != outcome
    }
    gates = sorted((kind for kind in share if share[kind] >= GATE), key=lambda kind: -share[kind])[
        : MAX_STAGES - 1
    ]
    return {kind: [kind] for kind in (*gates, outcome)}


def _sampled(times: list[np.ndarray]) -> list[np.ndarray]:
    step = max(1, len(times[0]) // SAMPLE) if times else 1
    return [item[::step] for item in times]


@cached
def suggest(events: Dataset) -> tuple[Suggestion, ...]:
    """Propose the stages of the journey from an events file.

    Args:
        events: A dataset with the events contract.

    Returns:
        Stages in journey order, at most `MAX_STAGES`; empty for a file without people.
    """
    first_times = load(events)
    if not first_times.people:
        return ()
    outcome = guess_outcome(first_times)
    groups = _groups(first_times)
    if len(groups) < 3:
        groups = _gates(first_times, outcome)
    usual = {archetype.id: archetype.order for archetype in archetypes()}
    by_name = usual.keys() >= groups.keys()
    keys = sorted(groups, key=lambda key: usual[key]) if by_name else list(groups)
    keys = _most_travelled(first_times, groups, keys, outcome)
    times = _sampled([first_times.of(groups[key]) for key in keys])
    if by_name:
        order = ordered(times)
    else:  # no usual order to lean on: the median time since the first event decides before the pairs do
        begun = _sampled([first_times.entered])[0]
        medians = [_median_wait(at, begun) for at in times]
        start = sorted(range(len(keys)), key=lambda i: (groups[keys[i]] == [outcome], medians[i]))
        order = [start[i] for i in ordered([times[i] for i in start])]
    return _described(events, first_times, [(keys[i], groups[keys[i]]) for i in order], outcome)


def _most_travelled(
    first_times: FirstTimes, groups: Mapping[str, list[str]], keys: list[str], outcome: str
) -> list[str]:
    """At most `MAX_STAGES` in their order: the least travelled that do not hold the outcome go first."""
    others = [key for key in keys if outcome not in groups[key]]
    others.sort(key=lambda key: first_times.reach(groups[key]))
    dropped = set(others[: max(0, len(keys) - MAX_STAGES)])
    return [key for key in keys if key not in dropped]


def _described(
    events: Dataset, first_times: FirstTimes, stages: list[tuple[str, list[str]]], outcome: str
) -> tuple[Suggestion, ...]:
    """Stages as they would be saved, each with its reason."""
    usual = {archetype.id: archetype for archetype in archetypes()}
    table = _reasons(events, first_times, stages, outcome)
    end = next((i for i, (_, kinds) in enumerate(stages) if outcome in kinds), len(stages) - 1)
    made = []
    for index, (key, kinds) in enumerate(stages):
        has_outcome = outcome in kinds
        archetype = usual.get(key) or _unnamed(key, has_outcome, is_early=index < end / 2)
        stage = JourneyStage(
            name=archetype.name,
            order=index + 1,
            events=tuple(kinds),
            aarrr=archetype.aarrr,
            owners=_OWNERS.get(archetype.owner, (archetype.owner,)),
        )
        facts: dict[str, Fact | str] = {
            "why": archetype.why,
            "events": ", ".join(kinds[:3]),
            "outcome": outcome,
            "people": table.fact(index, "people_share", "percent"),
            "before": table.fact(index, "before_share", "percent"),
        }
        said = words.WHY_STAGE if has_outcome else words.WHY_STAGE_BEFORE
        made.append(Suggestion(_id(key), stage, said.write(**facts)))
    return tuple(made)


def _unnamed(key: str, has_outcome: bool, *, is_early: bool) -> Archetype:
    """A kind of stage for an event whose name says nothing: whose it is follows from its place."""
    return Archetype(
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


@cached
def flow(
    events: Dataset,
    stages: Sequence[tuple[str, JourneyStage]],
    *,
    window_days: float = 30,
) -> tuple[dict[str, StageFlow], Evidence]:
    """Volume, conversion to the next stage and time for each stage that has events in the file.

    From each stage to the next it is a `funnel` of two steps with fresh entry: first times only, whoever was further
    already left out.

    Args:
        events: The events dataset.
        stages: (id, stage) in journey order.
        window_days: Time to reach the next stage that counts.

    Returns:
        Stage id -> flow (stages without known events are left out), and the evidence.
    """
    first_times = load(events)
    known = [
        (key, stage, kinds)
        for key, stage in stages
        if (kinds := tuple(kind for kind in dict.fromkeys(stage.events) if kind in first_times.kinds))
    ]
    source = query.events(events)
    flows: dict[str, StageFlow] = {}
    for (key, _, kinds), following in itertools.zip_longest(known, known[1:]):
        counts = None
        if following:
            counts = source.funnel(FunnelQuestion((kinds, following[2]), window_days, entry="fresh"))
        flows[key] = _stage_flow(key, first_times.reach(kinds), counts)
    rows = [
        (stage.name or key, f.volume, f.mature, f.moved_on, f.step_conversion, f.low, f.high, f.hours)
        for (key, stage, _), f in zip(known, flows.values(), strict=True)
    ]
    table = query.evidence(
        words.JOURNEY_TABLE.text,
        words.JOURNEY_TABLE.means,
        flow_sql([stage.events for _, stage, _ in known], window_days),
        {slots.EVENTS: events},
        {"window_days": window_days},
        rows=rows,
        columns=FLOW_COLUMNS,
        method="Wilson interval, 95 %.",
    )
    return flows, table


def _stage_flow(key: str, volume: int, counts: FunnelCounts | None) -> StageFlow:
    """A stage from the funnel of two steps that leads from it to the next; None for the last."""
    if counts is None:
        return StageFlow(key, volume, 0, 0, math.nan, math.nan, math.nan, math.nan)
    n, done = (int(number) for number in counts.users[0] - counts.immature[0])
    share, hours = wilson(done, n), counts.median_hours[1][0]
    return StageFlow(
        key, volume, n, done, share.value, share.low, share.high, math.nan if hours is None else hours
    )


def flow_sql(stages: Sequence[Sequence[str]], window_days: float = 30) -> str:
    """The portable definition of `flow`: one row a stage with people, mature and moved_on."""

    def listed(kinds: Sequence[str]) -> str:
        return ", ".join(query.literal(kind) for kind in kinds)

    window = f"INTERVAL '{window_days:g}' DAY"
    firsts = ", ".join(
        f"MIN(timestamp) FILTER (WHERE event IN ({listed(kinds)})) AS s{i}" for i, kinds in enumerate(stages)
    )
    parts = []
    for i in range(len(stages)):
        moved = f"s{i} + {window} <= until AND s{i + 1} >= s{i} AND s{i + 1} <= s{i} + {window}"
        fresh = f"(s{i + 1} IS NULL OR s{i + 1} >= s{i})"
        mature = f"COUNT(*) FILTER (WHERE s{i} + {window} <= until AND {fresh})"
        last = i + 1 == len(stages)
        parts.append(
            f"SELECT {i} AS stage, COUNT(s{i}) AS people, {'0' if last else mature} AS mature, "
            f"{'0' if last else f'COUNT(*) FILTER (WHERE {moved})'} AS moved_on FROM firsts, edge"
        )
    if not parts:
        return ""
    body = "\nUNION ALL ".join(parts)
    return (
        f"WITH firsts AS (SELECT user_id, {firsts} FROM events WHERE user_id IS NOT NULL AND timestamp IS "
        f"NOT NULL "
        f"GROUP BY user_id), edge AS (SELECT MAX(timestamp) AS until FROM events WHERE user_id IS NOT NULL)\n"
        f"{body}\nORDER BY stage"
    )


def unplaced(first_times: FirstTimes, stages: Mapping[str, JourneyStage]) -> tuple[str, ...]:
    """Events of the file that no stage holds and that are steps forward by their name, most people first."""
    held = {event for stage in stages.values() for event in stage.events}
    return tuple(kind for kind in first_times.kinds if kind not in held and _is_forward(kind))

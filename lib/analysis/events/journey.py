"""The journey: which stages people really pass, in which order, how many, and how long it takes.

Which stages a file suggests is in `journey_proposal`; here is what the data say about stages.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from lib.analysis.events import words
from lib.analysis.events.first_event_times import FirstTimes, load
from lib.analysis.events.journey_order import is_contradicted
from lib.analysis.events.journey_proposal import Proposal, Suggestion, propose, suggest
from lib.analysis.events.outcome import guess_outcome, is_forward
from lib.engine import query
from lib.engine.datasets.dataset import Dataset
from lib.engine.evidence.cache import cached
from lib.engine.evidence.evidence import Evidence
from lib.engine.sources.answers import FunnelCounts, FunnelQuestion
from lib.framework import slots
from lib.stats.intervals import wilson
from lib.workbook.model import JourneyStage, Workbook

__all__ = [
    "Proposal",
    "StageFlow",
    "Suggestion",
    "flow",
    "flow_sql",
    "guess_outcome",
    "outcome_of",
    "propose",
    "suggest",
    "unplaced",
]

FLOW_COLUMNS = (
    "stage", "people", "mature", "moved_on", "step_conversion_rate", "ci_low", "ci_high", "median_hours",
)  # fmt: skip


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
        is_contradicted: Most people who reached it had reached the next stage before it: the order of the two is open,
            and no rate says how many move on.
    """

    id: str
    volume: int
    mature: int
    moved_on: int
    step_conversion: float
    low: float
    high: float
    hours: float
    is_contradicted: bool = False


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
        counts, is_turned = None, False
        if following:
            is_turned = is_contradicted(first_times.of(kinds), first_times.of(following[2]))
            counts = source.funnel(FunnelQuestion((kinds, following[2]), window_days, entry="fresh"))
        flows[key] = replace(_stage_flow(key, first_times.reach(kinds), counts), is_contradicted=is_turned)
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
    return tuple(kind for kind in first_times.kinds if kind not in held and is_forward(kind))

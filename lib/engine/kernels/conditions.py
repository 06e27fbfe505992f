"""People handed over at an event by what they had done before it, counted from the layout's sorted keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lib.engine.kernels.handoff import outcomes
from lib.engine.layout.event_layout import EventLayout
from lib.engine.sources.answers import NEVER, ConditionCounts, ConditionQuestion, HandedCounts


@dataclass(frozen=True, eq=False)
class _Watch:
    """What a handover is judged by, in units of time.

    Attributes:
        ends: int64[users], each user's first outcome; NEVER where there is none.
        until: Last moment from which the horizon lies in the data.
        horizon: How soon the outcome has to follow.
    """

    ends: np.ndarray
    until: int
    horizon: int

    def count(self, at: np.ndarray) -> HandedCounts:
        """Count users by when they were handed over, int64[users]."""
        watched = (at <= self.until) & (at < self.ends)
        waited = self.ends - np.where(watched, at, 0)
        reached = watched & (self.ends != NEVER) & (waited <= self.horizon)
        return HandedCounts(int((at != NEVER).sum()), int(watched.sum()), int(reached.sum()))


def answer(layout: EventLayout, question: ConditionQuestion) -> ConditionCounts:
    """Count the event alone, after every other event, and after each event so many times."""
    ends, horizon = outcomes(layout, question.outcome), layout.units(days=question.horizon_days)
    watch = _Watch(ends, layout.last - horizon, horizon)
    judged = int(((ends != NEVER) & (layout.user_first <= watch.until)).sum())
    weeks = max(layout.hours(watch.until) / 168, 1.0)
    alone = watch.count(outcomes(layout, question.event))
    return ConditionCounts(judged, weeks, alone, _after(layout, question, watch))


def _after(
    layout: EventLayout, question: ConditionQuestion, watch: _Watch
) -> dict[tuple[str, int], HandedCounts]:
    keys = layout.events_of(question.event)
    person, when = layout.user_of(keys), layout.time_of(keys)

    def first_after(since: np.ndarray) -> HandedCounts:
        ready = np.flatnonzero(since.take(person) <= when)
        at = np.full(layout.users, NEVER)
        at[person[ready][::-1]] = when[ready][::-1]  # keys are in order of time: the earliest is written last
        return watch.count(at)

    found = {}
    wide = sorted(layout.kinds, key=lambda kind: -len(layout.firsts_of(kind)))[: question.most_kinds]
    for kind in wide:
        if kind == question.outcome:
            continue
        if kind != question.event:
            found[kind, 1] = first_after(outcomes(layout, kind))
        for number, since in _nth(layout, kind, question.times, question.least_people).items():
            found[kind, number] = first_after(since)
    return found


def _nth(layout: EventLayout, kind: str, times: Sequence[int], least: int) -> dict[int, np.ndarray]:
    """When each user did an event for the nth time, for every number that enough came to."""
    keys = layout.events_of(kind)
    person = layout.user_of(keys)
    found = {}
    for number in times:
        if len(keys) <= number:
            break
        # A key is somebody's nth where the one n - 1 before is theirs and the one n before is not.
        same = person[number - 1 :] == person[: len(person) - number + 1]
        same[1:] &= person[number:] != person[: len(person) - number]
        nth = np.flatnonzero(same) + number - 1
        if len(nth) >= least:
            found[number] = np.full(layout.users, NEVER)
            found[number][person[nth]] = layout.time_of(keys[nth])
    return found

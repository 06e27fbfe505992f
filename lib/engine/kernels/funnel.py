"""Ordered funnels over the layout: per step one search in sorted keys, by blocks that fit the cache."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from lib.engine.kernels import first_times
from lib.engine.layout.event_layout import EventLayout
from lib.engine.sources.answers import DAY, HOUR, NEVER, OTHER, FunnelCounts, FunnelQuestion

_BLOCK_ROWS = 262_144


@dataclass(frozen=True)
class Reached:
    """What a funnel found.

    Attributes:
        users: int64[segments, steps], users who reached the step.
        immature: int64[segments, steps], those of them whose window was still open when the data ended.
        waits: For each step after the first, the times from the step before of mature users, in units, and
            their segments.
    """

    users: np.ndarray
    immature: np.ndarray
    waits: tuple[tuple[np.ndarray, np.ndarray], ...]


@dataclass(frozen=True)
class Spec:
    """A funnel in units of the layout's time.

    Attributes:
        steps: Each step's event; where any of several counts, a tuple of them.
        window: Longest time from the first step.
        gaps: Longest time from the previous step, for each step after the first.
        is_first_attempt: Only each user's first entry counts.
    """

    steps: tuple[str | tuple[str, ...], ...]
    window: int
    gaps: tuple[int, ...]
    is_first_attempt: bool

    def kinds(self, step: int) -> tuple[str, ...]:
        """The events of a step."""
        names = self.steps[step]
        return (names,) if isinstance(names, str) else names

    def is_strict(self, step: int) -> bool:
        """Whether the step must be strictly later: its event came before, and one event may not fill two."""
        earlier = {name for before in range(step) for name in self.kinds(before)}
        return not earlier.isdisjoint(self.kinds(step))


class _Tally:
    """Users, immature users and waits of a funnel, added up step by step."""

    def __init__(self, layout: EventLayout, steps: int, segment: np.ndarray | None, segments: int) -> None:
        self.users = np.zeros((segments, steps), np.int64)
        self.immature = np.zeros((segments, steps), np.int64)
        self._segment, self._segments = segment, segments
        self._is_open = np.zeros(layout.users, np.bool_)
        empty = (np.zeros(0, np.int64), np.zeros(0, np.int32))
        self._waits = [[empty] for _ in range(steps)]

    def enter(self, who: np.ndarray, late: np.ndarray) -> None:
        """Count everybody who enters, once, and whether their window is still open."""
        self._is_open[who] = late
        self._count(0, who, late)

    def reach(self, step: int, who: np.ndarray, waited: np.ndarray) -> None:
        """Count users who reached a later step, and how long they took from the step before."""
        late = self._is_open[who]
        self._count(step, who, late)
        who, waited = who[~late], waited[~late]
        codes = np.zeros(len(who), np.int32) if self._segment is None else self._segment[who]
        self._waits[step].append((waited, codes))

    def reached(self) -> Reached:
        """What was counted."""
        waits = tuple(
            (np.concatenate([w[0] for w in found]), np.concatenate([w[1] for w in found]))
            for found in self._waits
        )
        return Reached(self.users, self.immature, waits)

    def _count(self, step: int, who: np.ndarray, late: np.ndarray) -> None:
        if self._segment is None:
            self.users[:, step] += len(who)
            self.immature[:, step] += np.count_nonzero(late)
            return
        codes = self._segment[who]
        self.users[:, step] += np.bincount(codes, minlength=self._segments)
        self.immature[:, step] += np.bincount(codes[late], minlength=self._segments)


def answer(layout: EventLayout, question: FunnelQuestion) -> FunnelCounts:
    """Count a funnel for everybody and the largest segments."""
    codes, names = layout.segment(question.by) if question.by else (None, ())
    if question.entry == "fresh":
        found, hour = fresh(layout, question, codes, max(1, len(names))), float(HOUR)
    else:
        found, hour = count(layout, _spec(layout, question), codes, max(1, len(names))), layout.units_per_hour
    order = np.argsort(-found.users[:, 0], kind="stable") if names else np.zeros(0, np.int64)
    order = order[found.users[order, 0] > 0]
    most = question.most_segments
    kept = order if len(order) <= most else order[: most - 1]
    group = np.full(len(found.users), len(kept), np.int64)  # of each segment code
    group[kept] = np.arange(len(kept))
    labels = [str(names[code]) for code in kept] + [OTHER] * (len(order) > len(kept))
    users, immature = (_grouped(part, group, len(labels)) for part in (found.users, found.immature))
    medians = tuple(_medians(waits, group, len(labels), hour) for waits in found.waits)
    return FunnelCounts(tuple(labels), users, immature, medians)


def _spec(layout: EventLayout, question: FunnelQuestion) -> Spec:
    window = layout.units(days=question.window_days)
    gaps = (question.gap_days(step) for step in range(1, len(question.steps)))
    return Spec(
        question.steps,
        window,
        tuple(window if days is None else layout.units(days=days) for days in gaps),
        question.entry == "first",
    )


def _grouped(counts: np.ndarray, group: np.ndarray, groups: int) -> np.ndarray:
    """Counts by segment as counts of everybody and of each group; int64[1 + groups, steps]."""
    out = np.zeros((groups + 2, counts.shape[1]), np.int64)
    np.add.at(out, group + 1, counts)
    out[0] = counts.sum(axis=0)
    return out[: groups + 1]


def _medians(
    waits: tuple[np.ndarray, np.ndarray], group: np.ndarray, groups: int, hour: float
) -> tuple[float | None, ...]:
    """Median wait in hours of everybody and of each group; None where nobody got through."""
    times, codes = waits
    of = group[codes]
    order = np.argsort(of.astype(np.uint8), kind="stable")
    parts = np.split(times[order], np.cumsum(np.bincount(of, minlength=groups + 1))[:groups])
    return tuple(float(np.median(part)) / hour if len(part) else None for part in (times, *parts[:groups]))


def fresh(
    layout: EventLayout, question: FunnelQuestion, segment: np.ndarray | None = None, segments: int = 1
) -> Reached:
    """Count users by the first time ever of each step, to the microsecond; waits in microseconds.

    Args:
        layout: The events.
        question: Steps and windows.
        segment: int32[users] segment codes; None for one segment.
        segments: Number of codes.
    """
    times = [first_times.of_any(layout, names) for names in question.steps]
    window = int(question.window_days * DAY)
    tally = _Tally(layout, len(times), segment, segments)
    reached = (times[0] != NEVER) & ~_is_further(times)
    who = np.flatnonzero(reached)
    tally.enter(who, layout.last_us - times[0][who] < window)
    for step in range(1, len(times)):
        gap = question.gap_days(step)
        who = who[times[step][who] != NEVER]
        waited = times[step][who] - times[step - 1][who]
        ok = times[step][who] - times[0][who] <= window
        if gap is not None:
            ok &= waited <= int(gap * DAY)
        who, waited = who[ok], waited[ok]
        tally.reach(step, who, waited)
    return tally.reached()


def _is_further(times: Sequence[np.ndarray]) -> np.ndarray:
    """Whether a user did a later step before an earlier one, bool[users]."""
    latest = np.zeros(len(times[0]), np.int64) - NEVER
    further = np.zeros(len(times[0]), bool)
    for at in times:
        further |= at < latest
        latest = np.where(at == NEVER, latest, np.maximum(at, latest))
    return further


def count(layout: EventLayout, spec: Spec, segment: np.ndarray | None = None, segments: int = 1) -> Reached:
    """Count the users of each segment who reached each step.

    Args:
        layout: The events.
        spec: The funnel.
        segment: int32[users] segment codes; None for one segment.
        segments: Number of codes.
    """
    tally = _Tally(layout, len(spec.steps), segment, segments)
    # Each user's first entry says who entered and whose window is still open; nothing else need be read for it.
    entries = _firsts(layout, spec.kinds(0))
    tally.enter(layout.user_of(entries), layout.time_of(entries) + spec.window > layout.last)
    walk = _first_attempt if spec.is_first_attempt else _any_entry
    for parts in _blocks(layout, spec):
        for step, (at, before) in enumerate(walk(parts, spec), start=1):
            if not len(at):
                break
            who = layout.user_of(at)
            begins = np.flatnonzero(np.concatenate(([True], who[1:] != who[:-1])))
            tally.reach(step, who[begins], at[begins] - before[begins])
    return tally.reached()


def _firsts(layout: EventLayout, kinds: Sequence[str]) -> np.ndarray:
    """Key of the first event of any of these kinds of every user who has one, sorted."""
    if len(kinds) == 1:
        return layout.firsts_of(kinds[0])
    keys = np.sort(np.concatenate([layout.firsts_of(kind) for kind in kinds]))
    who = layout.user_of(keys)
    return keys[np.concatenate(([True], who[1:] != who[:-1]))]


def _events(layout: EventLayout, kinds: Sequence[str]) -> np.ndarray:
    """Sorted keys of the events of any of these kinds."""
    if len(kinds) == 1:
        return layout.events_of(kinds[0])
    return np.sort(np.concatenate([layout.events_of(kind) for kind in kinds]))


def _blocks(layout: EventLayout, spec: Spec) -> Iterator[list[np.ndarray]]:
    """Keys of each step by ranges of users, so that everything a block touches stays in cache."""
    runs = [_events(layout, spec.kinds(step)) for step in range(len(spec.steps))]
    if spec.is_first_attempt:
        runs[0] = _firsts(layout, spec.kinds(0))
    blocks = max(1, -(-sum(len(run) for run in runs) // _BLOCK_ROWS))
    bounds = np.linspace(0, layout.users, blocks + 1).astype(np.int64)
    cuts = [np.searchsorted(run, bounds << layout.shift) for run in runs]
    for index in range(blocks):
        parts = [run[cut[index] : cut[index + 1]] for run, cut in zip(runs, cuts, strict=True)]
        if len(parts[0]):
            yield parts


def predecessors(at: np.ndarray, rows: np.ndarray, is_strict: bool) -> np.ndarray:
    """For each of `rows` the position in `at` of the last key not after it, or -1.

    Both are sorted; `is_strict` asks for the last key before it. The shorter one is searched for in the
    longer.
    """
    if len(rows) <= len(at):
        return np.searchsorted(at, rows, "left" if is_strict else "right") - 1
    position = np.searchsorted(rows, at, "right" if is_strict else "left")
    return np.cumsum(np.bincount(position, minlength=len(rows) + 1))[:-1] - 1


def _any_entry(parts: list[np.ndarray], spec: Spec) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Keys that complete each step after the first on any path, with the key of the step before.

    Each completing key carries the latest entry it can be reached from. Later keys carry later entries, so
    the nearest completing predecessor is always the best one and a single pass is exact.
    """
    at = entered = parts[0]
    for step in range(1, len(parts)):
        rows = parts[step]
        if not len(rows) or not len(at):
            return
        place = predecessors(at, rows, spec.is_strict(step))
        first = int(np.searchsorted(place, 0))  # the rows before that have no predecessor
        rows, place = rows[first:], place[first:]
        start = entered[place]
        ok = rows - start <= spec.window
        if spec.gaps[step - 1] < spec.window:
            ok &= rows - at[place] <= spec.gaps[step - 1]
        before, entered, at = at[place[ok]], start[ok], rows[ok]
        yield at, before


def _first_attempt(parts: list[np.ndarray], spec: Spec) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """From each user's first entry the first of each next step after it; only this one path counts."""
    at = entered = parts[0]
    for step in range(1, len(parts)):
        rows = parts[step]
        place = np.searchsorted(rows, at, "right" if spec.is_strict(step) else "left")
        found = place < len(rows)
        at, entered, place = at[found], entered[found], place[found]
        if not len(at):
            return
        found_at = rows[place]
        ok = (found_at - entered <= spec.window) & (found_at - at <= spec.gaps[step - 1])
        before, entered, at = at[ok], entered[ok], found_at[ok]
        yield at, before

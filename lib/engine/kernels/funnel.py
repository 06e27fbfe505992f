"""Ordered funnels over the layout: per step one search in sorted keys, by blocks that fit the cache."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lib.engine.layout.event_layout import Layout

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
        steps: Event names.
        window: Longest time from the first step.
        gaps: Longest time from the previous step, for each step after the first.
        is_first_attempt: Only each user's first entry counts.
    """

    steps: tuple[str, ...]
    window: int
    gaps: tuple[int, ...]
    is_first_attempt: bool

    def is_strict(self, step: int) -> bool:
        """Whether the step must be strictly later: its event came before, and one event may not fill two."""
        return self.steps[step] in self.steps[:step]


def count(layout: Layout, spec: Spec, segment: np.ndarray | None = None, segments: int = 1) -> Reached:
    """Count the users of each segment who reached each step.

    Args:
        layout: The events.
        spec: The funnel.
        segment: int32[users] segment codes; None for one segment.
        segments: Number of codes.
    """
    steps = len(spec.steps)
    users = np.zeros((segments, steps), np.int64)
    immature = np.zeros((segments, steps), np.int64)
    waits: list[list[tuple[np.ndarray, np.ndarray]]] = [[] for _ in range(steps)]
    # Each user's first entry says who entered and whose window is still open; nothing else need be read for it.
    entries = layout.firsts_of(spec.steps[0])
    entrant = layout.user_of(entries)
    late = layout.time_of(entries) + spec.window > layout.last
    is_open = np.zeros(layout.users, np.bool_)
    is_open[entrant] = late
    users[:, 0], immature[:, 0] = _by_segment(entrant, late, segment, segments)
    for step, at, before in _completions(layout, spec):
        who = at >> layout.shift
        begins = np.flatnonzero(np.concatenate(([True], who[1:] != who[:-1])))
        who = who[begins]
        late = is_open[who]
        reached, still = _by_segment(who, late, segment, segments)
        users[:, step] += reached
        immature[:, step] += still
        begins, who = begins[~late], who[~late]
        codes = np.zeros(len(who), np.int32) if segment is None else segment[who]
        waits[step].append((at[begins] - before[begins], codes))
    empty = (np.zeros(0, np.int64), np.zeros(0, np.int32))
    joined = tuple(
        (np.concatenate([w[0] for w in found]), np.concatenate([w[1] for w in found])) if found else empty
        for found in waits
    )
    return Reached(users, immature, joined)


def _completions(layout: Layout, spec: Spec) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """By ranges of users, and in them by steps after the first: the keys that complete it, and those of the step before."""
    walk = _first_attempt if spec.is_first_attempt else _any_entry
    for parts in _blocks(layout, spec):
        for step, (at, before) in enumerate(walk(parts, spec), start=1):
            if not len(at):
                break
            yield step, at, before


def _by_segment(
    who: np.ndarray, late: np.ndarray, segment: np.ndarray | None, segments: int
) -> tuple[np.ndarray, np.ndarray]:
    """Users of each segment, and those of them whose window is open; int64[segments] each."""
    if segment is None:
        return np.array([len(who)]), np.array([np.count_nonzero(late)])
    codes = segment[who]
    return np.bincount(codes, minlength=segments), np.bincount(codes[late], minlength=segments)


def _blocks(layout: Layout, spec: Spec) -> Iterator[list[np.ndarray]]:
    """Keys of each step by ranges of users, so that everything a block touches stays in cache."""
    runs = [layout.events_of(step) for step in spec.steps]
    if spec.is_first_attempt:
        runs[0] = layout.firsts_of(spec.steps[0])
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

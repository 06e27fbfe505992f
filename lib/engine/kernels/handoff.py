"""What follows an event: reach, precision and person-time at risk of every event kind, from first times alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lib.engine.layout.event_layout import EventLayout
from lib.engine.sources.answers import NEVER, KindCounts, OutcomeCounts, RiskByAge

_CHUNK = 1 << 16  # users summed at once; what they need stays in the cache


@dataclass(frozen=True)
class Lives:
    """How long each user was observed without the outcome.

    Attributes:
        start: int64[users], when age is zero.
        age_end: int64[users], age at the outcome or at the end of the data; 0 where the user is never at
            risk.
        has_outcome: bool[users], whether the life ended with the outcome.
    """

    start: np.ndarray
    age_end: np.ndarray
    has_outcome: np.ndarray


def outcome_counts(layout: EventLayout, outcome: str, horizon_days: float) -> OutcomeCounts:
    """Count every event kind but the outcome."""
    at, horizon = outcomes(layout, outcome), layout.units(days=horizon_days)
    kinds = tuple(count(layout, kind, at, horizon) for kind in layout.kinds if kind != outcome)
    return OutcomeCounts(layout.users, len(layout.firsts_of(outcome)), kinds)


def outcome_risk(
    layout: EventLayout, outcome: str, kinds: Sequence[str], after: Sequence[str], bin_hours: float
) -> dict[str, RiskByAge]:
    """Time at risk of every kind; age counts from the first event, or from when all of `after` were done."""
    width = layout.bin_units(bin_hours)
    life = lives(layout, outcomes(layout, outcome), passed_all(layout, tuple(after)) if after else None)
    whole = everybody(life, width)
    return {kind: risk(layout, kind, life, whole, width) for kind in kinds}


def outcomes(layout: EventLayout, outcome: str) -> np.ndarray:
    """Time of each user's first outcome, int64[users]; NEVER where there is none."""
    first = layout.firsts_of(outcome)
    at = np.full(layout.users, NEVER)
    at[layout.user_of(first)] = layout.time_of(first)
    return at


def count(layout: EventLayout, kind: str, outcome_at: np.ndarray, horizon: int) -> KindCounts:
    """Count one event kind; `horizon` in units of time."""
    first = layout.firsts_of(kind)
    has_outcome = np.flatnonzero((outcome_at != NEVER)[layout.user_of(first)])  # few; all below is about them
    them = first[has_outcome]
    wait = outcome_at[layout.user_of(them)] - layout.time_of(them)
    converted = wait[(wait >= 0) & (wait <= horizon)]
    return KindCounts(
        kind,
        len(first),
        len(first) - int((wait < 0).sum()),
        len(converted),
        int((wait >= 0).sum()),
        int((wait < 0).sum()),
        layout.hours(float(np.median(converted))) if len(converted) else math.nan,
    )


def lives(layout: EventLayout, outcome_at: np.ndarray, start: np.ndarray | None = None) -> Lives:
    """Observed lives from `start` (the first event when None; NEVER leaves a user out) to the outcome or data end."""
    begin = layout.user_first if start is None else start
    is_in = begin != NEVER
    end = np.minimum(outcome_at, layout.last)
    age_end = np.where(is_in, np.maximum(end - np.where(is_in, begin, 0), 0), 0)
    return Lives(begin, age_end, (outcome_at != NEVER) & (age_end > 0))


def passed_all(layout: EventLayout, gates: tuple[str, ...]) -> np.ndarray:
    """When each user had passed the last of the gates, int64[users]; NEVER where one is missing."""
    last = np.zeros(layout.users, np.int64)
    for gate in gates:
        last = np.maximum(last, outcomes(layout, gate))
    return last


def everybody(life: Lives, bin_units: int) -> tuple[np.ndarray, np.ndarray]:
    """Outcomes and time at risk of all users, per age bin: two float64[bins].

    An outcome on the border of two bins belongs to the earlier one, where its user was at risk. In data by the day
    every outcome lies on a border.
    """
    bins = int(life.age_end.max(initial=0)) // bin_units + 1
    events = np.bincount((life.age_end[life.has_outcome] - 1) // bin_units, minlength=bins).astype(float)
    left, number = np.zeros(bins), np.zeros(bins, np.int64)
    for low in range(0, len(life.age_end), _CHUNK):
        part = life.age_end[low : low + _CHUNK]
        number[0] += len(part)  # everybody begins at age zero
        left[0] += len(part) * float(bin_units)
        _add(part, bin_units, left, number, -1)
    return events, _time(left, number, bin_units)


def risk(
    layout: EventLayout, kind: str, life: Lives, whole: tuple[np.ndarray, np.ndarray], bin_units: int
) -> RiskByAge:
    """Split time at risk by whether the event has happened yet.

    Args:
        layout: The events.
        kind: Candidate; a user counts as exposed from their first one on.
        life: From `lives`.
        whole: From `everybody` with the same bins.
        bin_units: Width of an age bin in units of time.
    """
    events, time = whole
    bins = len(events)
    left, number, hits = np.zeros(bins), np.zeros(bins, np.int64), np.zeros(bins)
    first = layout.firsts_of(kind)
    for low in range(0, len(first), _CHUNK):
        part = first[low : low + _CHUNK]
        who = layout.user_of(part)
        end = life.age_end.take(who, mode="clip")  # a layout's users are in bounds: no need to check each
        there = np.flatnonzero(end)
        if 2 * len(there) < len(end):  # past the gates few are at risk; a copy of those is cheaper than all
            part, who, end = part[there], who[there], end[there]
        # Whoever is exposed only after their life ends, or is never at risk, adds nothing: both ends fall together.
        begin = np.minimum(np.maximum(layout.time_of(part) - life.start.take(who, mode="clip"), 0), end)
        won = np.flatnonzero(life.has_outcome.take(who, mode="clip"))
        ends = end[won][begin[won] < end[won]]
        hits += np.bincount((ends - 1) // bin_units, minlength=bins)
        _add(begin, bin_units, left, number, 1)
        _add(end, bin_units, left, number, -1)
    return RiskByAge(hits, _time(left, number, bin_units), events, time)


def _add(ages: np.ndarray, width: int, left: np.ndarray, number: np.ndarray, sign: int) -> None:
    """Count ages by bin, and what is left of each one's own bin, into two arrays."""
    index = ages // width
    number += sign * np.bincount(index, minlength=len(number))
    left += sign * np.bincount(index, weights=(index + 1) * width - ages, minlength=len(left))


def _time(left: np.ndarray, number: np.ndarray, width: int) -> np.ndarray:
    """Time in each bin after the ages counted: what is left of an age's own bin, all of every later one."""
    return left + width * (np.cumsum(number) - number).astype(float)

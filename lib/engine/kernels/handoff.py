"""What follows an event: reach, precision and person-time at risk of every event kind, from first times alone."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from lib.engine.layout import Layout

NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Counts:
    """Users of one event kind, relative to each user's first outcome.

    Attributes:
        kind: The event.
        users: Users who ever did it.
        reach: Users whose first one lies before their outcome, or who have no outcome.
        converted: Those of them whose outcome came within the horizon.
        before: Users with an outcome whose first one lies not after it.
        after: Users whose first one comes after their outcome.
        lead: Median time from it to the outcome of the converted, in units; NaN where nobody converted.
    """

    kind: str
    users: int
    reach: int
    converted: int
    before: int
    after: int
    lead: float


@dataclass(frozen=True)
class Risk:
    """Person-time and outcomes per age bin, of everybody (`time`, `events`) and of the exposed."""

    exposed_events: np.ndarray
    exposed_time: np.ndarray
    events: np.ndarray
    time: np.ndarray


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


def outcomes(layout: Layout, outcome: str) -> np.ndarray:
    """Time of each user's first outcome, int64[users]; NEVER where there is none."""
    first = layout.firsts_of(outcome)
    at = np.full(layout.users, NEVER)
    at[layout.user_of(first)] = layout.time_of(first)
    return at


def count(layout: Layout, kind: str, outcome_at: np.ndarray, horizon: int) -> Counts:
    """Count one event kind; `horizon` in units of time."""
    first = layout.firsts_of(kind)
    at, end = layout.time_of(first), outcome_at[layout.user_of(first)]
    is_open = at < end
    has_outcome = end != NEVER
    is_converted = is_open & has_outcome & (end - at <= horizon)
    waits = end[is_converted] - at[is_converted]
    return Counts(
        kind,
        len(first),
        int(is_open.sum()),
        len(waits),
        int((has_outcome & (at <= end)).sum()),
        int((at > end).sum()),
        float(np.median(waits)) if len(waits) else math.nan,
    )


def lives(layout: Layout, outcome_at: np.ndarray, start: np.ndarray | None = None) -> Lives:
    """Observed lives from `start` (the first event when None; NEVER leaves a user out) to the outcome or data end."""
    begin = layout.user_first if start is None else start
    is_in = begin != NEVER
    end = np.minimum(outcome_at, layout.last)
    age_end = np.where(is_in, np.maximum(end - np.where(is_in, begin, 0), 0), 0)
    return Lives(begin, age_end, (outcome_at != NEVER) & (age_end > 0))


def passed_all(layout: Layout, gates: tuple[str, ...]) -> np.ndarray:
    """When each user had passed the last of the gates, int64[users]; NEVER where one is missing."""
    last = np.zeros(layout.users, np.int64)
    for gate in gates:
        last = np.maximum(last, outcomes(layout, gate))
    return last


def everybody(life: Lives, bin_units: int) -> tuple[np.ndarray, np.ndarray]:
    """Outcomes and time at risk of all users, per age bin: two float64[bins]."""
    bins = int(life.age_end.max(initial=0)) // bin_units + 1
    events = np.bincount(life.age_end[life.has_outcome] // bin_units, minlength=bins).astype(float)
    zero = np.zeros(int((life.age_end > 0).sum()), np.int64)
    return events, _time(zero, life.age_end[life.age_end > 0], bins, bin_units)


def risk(
    layout: Layout, kind: str, life: Lives, whole: tuple[np.ndarray, np.ndarray], bin_units: int
) -> Risk:
    """Split time at risk by whether the event has happened yet.

    Args:
        layout: The events.
        kind: Candidate; a user counts as exposed from their first one on.
        life: From `lives`.
        whole: From `everybody` with the same bins.
        bin_units: Width of an age bin in units of time.
    """
    first = layout.firsts_of(kind)
    who = layout.user_of(first)
    end = life.age_end[who]
    at_risk = end > 0
    who, end = who[at_risk], end[at_risk]
    begin = np.maximum(layout.time_of(first[at_risk]) - life.start[who], 0)
    exposed = begin < end
    who, begin, end = who[exposed], begin[exposed], end[exposed]
    events, time = whole
    bins = len(events)
    hits = np.bincount(end[life.has_outcome[who]] // bin_units, minlength=bins).astype(float)
    return Risk(hits, _time(begin, end, bins, bin_units), events, time)


def _time(begin: np.ndarray, end: np.ndarray, bins: int, width: int) -> np.ndarray:
    """Time that the intervals [begin, end) spend in each bin."""
    return _from(begin, bins, width) - _from(end, bins, width)


def _from(start: np.ndarray, bins: int, width: int) -> np.ndarray:
    """Time in each bin after the starts: what is left of a start's own bin, all of every later one."""
    index = start // width
    left = np.bincount(index, weights=(index + 1) * width - start, minlength=bins)
    number = np.bincount(index, minlength=bins)
    return left + width * (np.cumsum(number) - number).astype(float)

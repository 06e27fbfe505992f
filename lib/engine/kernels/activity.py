"""Who was active in which period: one bit a user and period, stored once per calendar, counted into cohorts."""

from __future__ import annotations

import hashlib
import itertools
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from lib.engine.calendar import Calendar, Periods, Unit
from lib.engine.layout.event_layout import EventLayout
from lib.engine.sources.answers import CohortCounts, PeriodFlow
from lib.errors import LimitError

_MOST_PERIODS = 1 << 16  # 65 thousand weeks are more than a thousand years
_BLOCK_FLAGS = 1 << 19  # flags of one block of users; they stay in the cache while every kind sets its own
_MOST_FLAGS = 1 << 26
_BLOCK_EVENTS = 2048  # of one kind in one block, on average: fewer would be spent on the calls themselves
_COUNT_USERS = 1 << 16
_BITS = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1, bitorder="little").astype(np.int64)


def periods(layout: EventLayout, calendar: Calendar, unit: Unit) -> Periods:
    """The periods that the events of a layout cover."""
    found = calendar.periods(unit, layout.origin_ms, layout.origin_ms + layout.last * layout.unit_ms)
    if len(found.starts) >= _MOST_PERIODS:
        raise LimitError(
            "These events cover too many periods.", "Choose longer periods, or correct dates far off."
        )
    return found


def masks(layout: EventLayout, calendar: Calendar, unit: Unit) -> np.ndarray:
    """In which periods each user had any event; kept beside the layout once computed.

    Returns:
        uint8[bytes, users]: period p is bit p % 8 of byte p // 8.
    """
    path = layout.folder / f"masks-{_stem(calendar, unit)}.npy"
    if not path.exists():
        _keep(path, _masks(layout, periods(layout, calendar, unit), layout.kinds))
    return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))


def _keep(path: Path, array: np.ndarray) -> None:
    temp = path.with_name(f"{path.stem}-{os.urandom(4).hex()}.npy")
    np.save(temp, array, allow_pickle=False)
    temp.rename(path)


def _stem(calendar: Calendar, unit: Unit) -> str:
    text = f"{calendar.time_zone}|{calendar.week_start}|{calendar.fiscal_year_start}|{unit}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _masks(layout: EventLayout, spans: Periods, kinds: Sequence[str]) -> np.ndarray:
    """Bits of the periods in which each user had an event of these kinds (see `masks`)."""
    width = -(-len(spans.starts) // 8) * 8
    runs = [layout.events_of(kind) for kind in kinds]
    clock = spans.clock(layout.origin_ms, layout.unit_ms)
    block = max(_BLOCK_FLAGS // width, _BLOCK_EVENTS * len(runs) * layout.users // max(layout.rows, 1))
    block = max(1, min(block, _MOST_FLAGS // width))
    bounds = np.append(np.arange(0, layout.users, block), layout.users)
    cuts = [np.searchsorted(run, bounds << layout.shift) for run in runs]
    found = np.empty((width // 8, layout.users), np.uint8)
    for index, (low, high) in enumerate(itertools.pairwise(bounds)):
        flags = np.zeros((high - low) * width, np.uint8)
        for run, cut in zip(runs, cuts, strict=True):
            keys = run[cut[index] : cut[index + 1]]
            place = layout.user_of(keys)
            place -= low
            place *= width
            place += clock.index(layout.time_of(keys))
            flags[place] = 1
        found[:, low:high] = np.packbits(flags, bitorder="little").reshape(-1, width // 8).T
    return found


def _by_cohort(mask: np.ndarray, cohort: np.ndarray, number: int) -> np.ndarray:
    """Users of each cohort active in each period, int64[number, number].

    How often each value of a byte occurs in a cohort says at once how often each of its eight bits is set.

    Args:
        mask: As of `masks`.
        cohort: int64[users], 0..number; `number` for users of no cohort.
        number: Number of periods.
    """
    counts = np.zeros((len(mask), (number + 1) * 256), np.int64)
    for low in range(0, mask.shape[1], _COUNT_USERS):
        part = slice(low, low + _COUNT_USERS)
        group = cohort[part] << 8
        for byte, values in enumerate(mask[:, part]):
            counts[byte] += np.bincount(group + values, minlength=counts.shape[1])
    bits = counts.reshape(len(mask), number + 1, 256) @ _BITS
    return bits.transpose(1, 0, 2).reshape(number + 1, -1)[:number, :number]


def _by_offset(by_period: np.ndarray) -> np.ndarray:
    """Counts by cohort and period as counts by cohort and periods since; what lies before the cohort is dropped."""
    out = np.zeros_like(by_period)
    for cohort in range(len(by_period)):
        out[cohort, : len(by_period) - cohort] = by_period[cohort, cohort:]
    return out


def cohorts(
    layout: EventLayout,
    calendar: Calendar,
    unit: Unit,
    *,
    is_bounded: bool,
    return_kind: str = "",
    cohort_kind: str = "",
) -> CohortCounts:
    """Count each cohort's users who came back, by periods since their first.

    Args:
        layout: The events.
        calendar: How times become periods.
        unit: Length of a period.
        is_bounded: Active in exactly that period; otherwise in it or any later one.
        return_kind: Event that counts as coming back; "" for any.
        cohort_kind: Event whose first time puts a user in a cohort; "" for any.
    """
    spans = periods(layout, calendar, unit)
    number, clock = len(spans.starts), spans.clock(layout.origin_ms, layout.unit_ms)
    if cohort_kind:
        first = layout.firsts_of(cohort_kind)
        cohort = np.full(layout.users, number)
        cohort[layout.user_of(first)] = clock.index(layout.time_of(first))
    else:
        cohort = clock.index(layout.user_first)
    size = np.bincount(cohort, minlength=number + 1)[:number]
    if not is_bounded:  # each user's last period says it all
        last = _last_times(layout, return_kind)
        who = np.flatnonzero(last >= 0) if return_kind else slice(None)
        cells = cohort[who] * number + clock.index(last[who])
        by_period = np.bincount(cells, minlength=(number + 1) * number)[: number * number]
        by_period = by_period.reshape(number, number)
        return CohortCounts(spans, size, np.cumsum(_by_offset(by_period)[:, ::-1], axis=1)[:, ::-1])
    mask = _masks(layout, spans, [return_kind]) if return_kind else masks(layout, calendar, unit)
    return CohortCounts(spans, size, _by_offset(_by_cohort(mask, cohort, number)))


def _last_times(layout: EventLayout, kind: str) -> np.ndarray:
    """Time of each user's last event of a kind ("" for any), int64[users]; -1 where there is none."""
    if not kind:
        return layout.user_last
    run = layout.events_of(kind)
    who = layout.user_of(run)
    ends = np.concatenate((who[1:] != who[:-1], [True]))
    last = np.full(layout.users, -1)
    last[who[ends]] = layout.time_of(run[ends])
    return last


def user_flow(layout: EventLayout, calendar: Calendar, unit: Unit) -> PeriodFlow:
    """Active users of each period by what they did in the period before."""
    spans = periods(layout, calendar, unit)
    number, mask = len(spans.starts), masks(layout, calendar, unit)
    active = _per_period(mask, number)
    both = _per_period(mask & _one_later(mask), number)
    first = spans.index(layout.user_first, layout.origin_ms, layout.unit_ms)
    new = np.bincount(first, minlength=number).astype(float)
    none = np.zeros(number)
    churned = np.append(0.0, active[:-1]) - both
    return PeriodFlow(spans, active, new, active - new - both, none, none, churned)


def _one_later(mask: np.ndarray) -> np.ndarray:
    """The same bits, each moved to the period after."""
    moved = mask << np.uint8(1)
    moved[1:] |= mask[:-1] >> np.uint8(7)
    return moved


def _per_period(mask: np.ndarray, number: int) -> np.ndarray:
    """Users active in each period, float64[number]."""
    return np.concatenate([np.bincount(values, minlength=256) @ _BITS for values in mask])[:number].astype(
        float
    )


def flow(spans: Periods, user: np.ndarray, period: np.ndarray, amount: np.ndarray) -> PeriodFlow:
    """Split each period's amounts.

    Args:
        spans: The periods.
        user: User of each (user, period), sorted by user and period, each pair once.
        period: Its period number.
        amount: Its amount, above zero.
    """
    number = len(spans.starts)

    def total(values: np.ndarray, where: np.ndarray, at: np.ndarray) -> np.ndarray:
        return np.bincount(at[where], weights=values[where], minlength=number + 1)[:number]

    same = np.concatenate(([False], user[1:] == user[:-1])) if len(user) else np.zeros(0, bool)
    follows = same & (np.concatenate(([-2], period[:-1])) == period - 1) if len(user) else same
    before = np.concatenate(([0.0], amount[:-1])) if len(user) else amount
    leaves = np.concatenate((~follows[1:], [True])) if len(user) else same
    change = amount - before
    return PeriodFlow(
        periods=spans,
        active=total(amount, np.ones(len(user), bool), period),
        new=total(amount, ~same, period),
        resurrected=total(amount, same & ~follows, period),
        expansion=total(change, follows & (change > 0), period),
        contraction=total(-change, follows & (change < 0), period),
        churned=total(amount, leaves, period + 1),
    )

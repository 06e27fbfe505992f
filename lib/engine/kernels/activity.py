"""Who was active in which period: stored once per calendar, counted into cohorts."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lib.engine.calendar import Calendar, Periods, Unit
from lib.engine.layout import Layout
from lib.errors import LimitError

_BITS = 16  # a period number; 65 thousand weeks are more than a thousand years


@dataclass(frozen=True, eq=False)
class Cohorts:
    """Cohort sizes and who came back.

    Attributes:
        periods: The periods; cohorts and offsets are numbers into them.
        size: int64[periods], users whose first period it is.
        retained: int64[periods, periods], by cohort and offset.
    """

    periods: Periods
    size: np.ndarray
    retained: np.ndarray


def periods(layout: Layout, calendar: Calendar, unit: Unit) -> Periods:
    """The periods that the events of a layout cover."""
    found = calendar.periods(unit, layout.origin_ms, layout.origin_ms + layout.last * layout.unit_ms)
    if len(found.starts) >= 1 << _BITS:
        raise LimitError(
            "These events cover too many periods.", "Choose longer periods, or correct dates far off."
        )
    return found


def pairs(layout: Layout, calendar: Calendar, unit: Unit, kind: str = "") -> np.ndarray:
    """Every (user, period) with at least one event, `user << 16 | period`, sorted, int64.

    Args:
        layout: The events.
        calendar: How times become periods.
        unit: Length of a period.
        kind: Only events of this kind; "" for any, which is kept beside the layout once computed.
    """
    spans = periods(layout, calendar, unit)
    if kind:
        return _distinct(layout, spans, layout.events_of(kind))
    path = layout.folder / f"activity-{_stem(calendar, unit)}.npy"
    if not path.exists():
        runs = [_distinct(layout, spans, layout.events_of(each)) for each in layout.kinds]
        every = np.sort(np.concatenate(runs))  # several times faster than np.unique, which hashes
        _keep(path, every[np.concatenate(([True], every[1:] != every[:-1]))])
    return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))


def _keep(path: Path, array: np.ndarray) -> None:
    temp = path.with_name(f"{path.stem}-{os.urandom(4).hex()}.npy")
    np.save(temp, array, allow_pickle=False)
    temp.rename(path)


def _cells(layout: Layout, calendar: Calendar, unit: Unit, spans: Periods) -> np.ndarray:
    """For every (user, period) of any event its cohort * periods + offset, uint32, kept beside the layout."""
    path = layout.folder / f"cells-{_stem(calendar, unit)}.npy"
    if not path.exists():
        user, period = split(pairs(layout, calendar, unit))
        cohort = spans.index(layout.user_first, layout.origin_ms, layout.unit_ms)[user]
        _keep(path, (cohort * len(spans.starts) + (period - cohort)).astype(np.uint32))
    return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))


def _stem(calendar: Calendar, unit: Unit) -> str:
    text = f"{calendar.time_zone}|{calendar.week_start}|{calendar.fiscal_year_start}|{unit}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _last_periods(
    layout: Layout, calendar: Calendar, unit: Unit, kind: str, spans: Periods, *, is_bounded: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Users and their periods; unbounded retention needs only each user's last one."""
    if not is_bounded and not kind:
        return np.arange(layout.users), spans.index(layout.user_last, layout.origin_ms, layout.unit_ms)
    user, period = split(pairs(layout, calendar, unit, kind))
    if is_bounded or not len(user):
        return user, period
    last = np.concatenate((user[1:] != user[:-1], [True]))
    return user[last], period[last]


def _distinct(layout: Layout, spans: Periods, keys: np.ndarray) -> np.ndarray:
    number = spans.index(layout.time_of(keys), layout.origin_ms, layout.unit_ms)
    pair = (layout.user_of(keys) << _BITS) | number
    return pair[np.concatenate(([True], pair[1:] != pair[:-1]))] if len(pair) else pair


def split(pair: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Users and periods of pairs."""
    return pair >> _BITS, pair & ((1 << _BITS) - 1)


def cohorts(
    layout: Layout,
    calendar: Calendar,
    unit: Unit,
    *,
    is_bounded: bool,
    return_kind: str = "",
    cohort_kind: str = "",
) -> Cohorts:
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
    number = len(spans.starts)
    if is_bounded and not return_kind and not cohort_kind and number < 1 << 15:
        cells = np.bincount(_cells(layout, calendar, unit, spans), minlength=number * number).reshape(
            number, number
        )
        return Cohorts(spans, cells[:, 0], cells)  # everybody is active in their first period
    user, period = _last_periods(layout, calendar, unit, return_kind, spans, is_bounded=is_bounded)
    if cohort_kind:
        first = layout.firsts_of(cohort_kind)
        cohort = np.full(layout.users, -1)
        cohort[layout.user_of(first)] = spans.index(layout.time_of(first), layout.origin_ms, layout.unit_ms)
        size = np.bincount(cohort[cohort >= 0], minlength=number)
    else:
        cohort = spans.index(layout.user_first, layout.origin_ms, layout.unit_ms)
        size = np.bincount(cohort, minlength=number)
    start = cohort[user]
    if cohort_kind:
        known = (start >= 0) & (period >= start)
        start, period = start[known], period[known]
    cells = np.bincount(start * number + (period - start), minlength=number * number).reshape(number, number)
    if not is_bounded:
        cells = np.cumsum(cells[:, ::-1], axis=1)[:, ::-1]
    return Cohorts(spans, size, cells)


@dataclass(frozen=True, eq=False)
class Flow:
    """Amounts per period by what happened since the period before, float64[periods] each.

    With an amount of 1 per active user this is growth accounting of users; with revenue, of revenue.
    """

    active: np.ndarray
    new: np.ndarray
    resurrected: np.ndarray
    expansion: np.ndarray
    contraction: np.ndarray
    churned: np.ndarray


def flow(user: np.ndarray, period: np.ndarray, amount: np.ndarray, periods: int) -> Flow:
    """Split each period's amounts.

    Args:
        user: User of each (user, period), sorted by user and period, each pair once.
        period: Its period number.
        amount: Its amount, above zero.
        periods: Number of periods.
    """

    def total(values: np.ndarray, where: np.ndarray, at: np.ndarray) -> np.ndarray:
        return np.bincount(at[where], weights=values[where], minlength=periods + 1)[:periods]

    same = np.concatenate(([False], user[1:] == user[:-1])) if len(user) else np.zeros(0, bool)
    follows = same & (np.concatenate(([-2], period[:-1])) == period - 1) if len(user) else same
    before = np.concatenate(([0.0], amount[:-1])) if len(user) else amount
    leaves = np.concatenate((~follows[1:], [True])) if len(user) else same
    change = amount - before
    return Flow(
        active=total(amount, np.ones(len(user), bool), period),
        new=total(amount, ~same, period),
        resurrected=total(amount, same & ~follows, period),
        expansion=total(change, follows & (change > 0), period),
        contraction=total(-change, follows & (change < 0), period),
        churned=total(amount, leaves, period + 1),
    )

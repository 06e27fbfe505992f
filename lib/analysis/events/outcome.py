"""The one event that a journey is for: what brings money before what is only named like it, never a page seen."""

from __future__ import annotations

import math
import re

import numpy as np

from lib.analysis.events.first_event_times import NEVER, FirstTimes
from lib.framework.journey import normalise, recognise

# Names that say money changed hands; the others of the kind (an upgrade, an invoice, a charge) may be something else.
_SURE = re.compile(
    r"\bpaid\b|purchase|\border|\bkauf|gekauft|bestell|bezahlt|\bbought|\bbuy\b|check ?out|payment|subscri|\bwon\b"
)
_BEFORE_MONEY = ("visit", "interest", "intent", "checkout", "renewal", "trial")  # GA4 puts a value on a cart
_SEEN = re.compile(r"\b(page|view|viewed|screen|click|clicked|open|opened|seen|shown|impression|session)\b")
FOLLOWS = 0.65  # share of people who did both and did one first, above which the other is the later one
AS_MANY = 0.3  # of the people of the earlier one
AGAIN = 3.0  # times a person, above which an event is use
COMMON = 0.01  # share of all people, below which an event is no outcome to guess


def guess_outcome(first_times: FirstTimes) -> str:
    """The likely outcome: an event that brings revenue, else one named like paying, else the one done last.

    Args:
        first_times: First times, with the events that carry revenue.
    """
    ranked = outcomes(first_times)
    return ranked[0] if ranked else ""


def outcomes(first_times: FirstTimes) -> tuple[str, ...]:
    """The likely outcome, then the other events that may be it as well as far as names and revenue tell."""
    named = [kind for kind in first_times.kinds if (found := recognise(kind)) and found.is_outcome]
    sure = [kind for kind in named if _SURE.search(normalise(kind))]
    with_money = [kind for kind in first_times.paying if _can_bring_money(kind)]
    for alike in ([k for k in sure if k in with_money], with_money, sure, named):
        if alike:
            return _latest_first(first_times, alike)
    return _done_last(first_times)


def _can_bring_money(kind: str) -> bool:
    """Whether revenue on this event can be a payment: an amount in a cart is none yet, a renewal comes later."""
    found = recognise(kind)
    is_early = found is not None and (not found.on_journey or found.id in _BEFORE_MONEY)
    return not is_early and not _SEEN.search(normalise(kind))


def _latest_first(first_times: FirstTimes, kinds: list[str]) -> tuple[str, ...]:
    """The widest of these; where most people go on from it to another one, that one, and so on."""
    left = sorted(kinds, key=lambda kind: (-first_times.reach([kind]), first_times.kinds.index(kind)))
    chosen = left[0]
    for kind in left[1:]:
        share, n = share_first(first_times.of([chosen]), first_times.of([kind]))
        if share >= FOLLOWS and n >= AS_MANY * first_times.reach([chosen]):
            chosen = kind
    return (chosen, *(kind for kind in left if kind != chosen))


def _done_last(first_times: FirstTimes) -> tuple[str, ...]:
    """Without a payment: the common event that lies latest after a person's first, rather not one done all the time."""
    common = [
        k
        for k in first_times.kinds
        if is_forward(k) and first_times.reach([k]) >= COMMON * first_times.people
    ]
    once = [k for k in common if times_each(first_times, k) < AGAIN and not _SEEN.search(normalise(k))]
    listed = once or common
    if not listed:
        return first_times.kinds[:1]
    return (max(listed, key=lambda kind: (median_wait(first_times.of([kind]), first_times.entered), kind)),)


def is_forward(kind: str) -> bool:
    """Whether an event is a step forward as far as its name tells."""
    found = recognise(kind)
    return found is None or found.on_journey


def times_each(first_times: FirstTimes, kind: str) -> float:
    """How often a person who does an event does it, on average."""
    return first_times.events[first_times.kinds.index(kind)] / max(first_times.reach([kind]), 1)


def median_wait(at: np.ndarray, begun: np.ndarray) -> float:
    """Median time from a person's first event; infinite where nobody got there."""
    reached = at != NEVER
    return float(np.median((at - begun)[reached])) if reached.any() else math.inf


def share_first(a: np.ndarray, b: np.ndarray) -> tuple[float, int]:
    """Share of people with both who did `a` before `b` (ties count half), and how many have both."""
    both = (a != NEVER) & (b != NEVER)
    n = int(both.sum())
    if not n:
        return 0.5, 0
    x, y = a[both], b[both]
    return float(((x < y).sum() + 0.5 * (x == y).sum()) / n), n

"""Which events can be stages as far as the data tell, and in which order people first reach them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from lib.analysis.events.first_event_times import NEVER, FirstTimes
from lib.analysis.events.outcome import AGAIN, median_wait, share_first, times_each
from lib.framework.journey import archetypes, normalise
from lib.stats.intervals import wilson

MAX_STAGES = 8
CLEARLY = (
    0.65  # share of people who did both and did one first, above which the data overrule the usual order
)
AS_WIDE = 0.75  # of the people of the stage it would move before
ENOUGH = 30
FEW = 8  # with fewer than `ENOUGH` the range of the share has to lie above a half
SAMPLE = 50_000
SIGNED_UP = (
    0.8  # share of the people who did an event who have signed up, above which it is done in the product
)
MOST_OF = 0.5  # of the people of the earlier stage: only then does the later stage say how most walk

OUTCOME, SIGNUP = "paid", "signup"
AFTER_OUTCOME = ("usage", "renewal")  # never move before the outcome, whoever did them earlier
_BEFORE_SIGNUP = ("visit", "interest")  # what a person does who has no account yet
_MILESTONES = ("activation",)  # what is done again and again is use, no milestone


@dataclass
class Draft:
    """Stages while they are found: archetype or event -> its events, and what is in doubt.

    Attributes:
        groups: Stage key -> its events, most people first.
        steps: Events that may be a step on the way, or use of the product.
        disordered: (stage, the stage that most people did after it and not before it).
    """

    groups: dict[str, list[str]]
    steps: list[str] = field(default_factory=list)
    disordered: list[tuple[str, str]] = field(default_factory=list)


def leave_out_use(first_times: FirstTimes, draft: Draft) -> None:
    """Take out what its name calls a step and the data call use of the product.

    Args:
        first_times: First times.
        draft: Its groups lose events; those that are done about once are then steps to ask about.
    """
    signup = draft.groups.get(SIGNUP)
    joined = first_times.of(signup) if signup else None
    if joined is None:
        _leave_out_sessions(first_times, draft)
    else:
        _leave_out_inside(first_times, draft, joined)
    for key in _MILESTONES:
        again = [kind for kind in draft.groups.get(key, []) if times_each(first_times, kind) >= AGAIN]
        _take_out(draft, key, again)
        draft.steps += again


def _leave_out_inside(first_times: FirstTimes, draft: Draft, joined: np.ndarray) -> None:
    """Visits and interest of people who have an account already are use."""
    for key in _BEFORE_SIGNUP:
        inside = [kind for kind in draft.groups.get(key, []) if _is_inside(first_times, kind, joined)]
        _take_out(draft, key, inside)
        draft.steps += [kind for kind in inside if times_each(first_times, kind) < AGAIN]


def _take_out(draft: Draft, key: str, kinds: Sequence[str]) -> None:
    """A stage without these events; none without any."""
    left = [kind for kind in draft.groups.get(key, []) if kind not in kinds]
    draft.groups.pop(key, None)
    if left:
        draft.groups[key] = left


def _leave_out_sessions(first_times: FirstTimes, draft: Draft) -> None:
    """Without a sign-up in the file: visits that are sessions of the same people, again and again, are use."""
    visits = draft.groups.get("visit", [])
    again = [
        kind for kind in visits if times_each(first_times, kind) >= AGAIN and "session" in normalise(kind)
    ]
    if len(again) == len(visits):
        _take_out(draft, "visit", again)


def _is_inside(first_times: FirstTimes, kind: str, joined: np.ndarray) -> bool:
    """Whether the people who do an event have signed up and did so first."""
    at = first_times.of([kind])
    share, n = share_first(joined, at)
    return clearly(share, n) and n >= SIGNED_UP * first_times.reach([kind])


def clearly(share: float, n: int) -> bool:
    """Whether a share of so many people says that most of them did one thing first."""
    if n >= ENOUGH:
        return share >= CLEARLY
    return n >= FEW and share >= CLEARLY and wilson(round(share * n), n).low > 0.5


def ordered(times: Sequence[np.ndarray], pinned: Sequence[bool] = ()) -> list[int]:
    """Indexes in the order people first reach things; what the data do not clearly contradict stays.

    Args:
        times: First times per person, one array a stage, in the usual order.
        pinned: Stages that never move forward.
    """
    order = list(range(len(times)))
    stays = list(pinned) or [False] * len(times)
    reached = [int((item != NEVER).sum()) for item in times]
    for _ in times:  # neighbours swap until nothing clearly contradicts the data
        swapped = False
        for i in range(len(order) - 1):
            share, n = share_first(times[order[i + 1]], times[order[i]])
            # A narrow stage does not move before a wide one: people do some things again and again, early and late.
            is_as_wide = reached[order[i + 1]] >= AS_WIDE * reached[order[i]]
            if clearly(share, n) and is_as_wide and not stays[order[i + 1]]:
                order[i], order[i + 1] = order[i + 1], order[i]
                swapped = True
        if not swapped:
            break
    return order


def in_order(first_times: FirstTimes, draft: Draft, outcome: str, *, is_by_name: bool) -> list[str]:
    """The stages' keys in the order in which people first reach them."""
    usual = {archetype.id: archetype.order for archetype in archetypes()}
    keys = sorted(draft.groups, key=lambda key: usual[key]) if is_by_name else list(draft.groups)
    keys = _most_travelled(first_times, draft.groups, keys, outcome)
    times = _sampled([first_times.of(draft.groups[key]) for key in keys])
    if is_by_name:
        return [keys[i] for i in ordered(times, [key in AFTER_OUTCOME for key in keys])]
    # No usual order to lean on: the median time since the first event decides before the pairs do.
    begun = _sampled([first_times.entered])[0]
    medians = [median_wait(at, begun) for at in times]
    start = sorted(range(len(keys)), key=lambda i: (draft.groups[keys[i]] == [outcome], medians[i]))
    return [keys[start[i]] for i in ordered([times[i] for i in start])]


def _most_travelled(
    first_times: FirstTimes, groups: Mapping[str, list[str]], keys: list[str], outcome: str
) -> list[str]:
    """At most `MAX_STAGES` in their order: the least travelled that do not hold the outcome go first."""
    others = [key for key in keys if outcome not in groups[key]]
    others.sort(key=lambda key: first_times.reach(groups[key]))
    dropped = set(others[: max(0, len(keys) - MAX_STAGES)])
    return [key for key in keys if key not in dropped]


def _sampled(times: list[np.ndarray]) -> list[np.ndarray]:
    step = max(1, len(times[0]) // SAMPLE) if times else 1
    return [item[::step] for item in times]


def without_contradictions(
    first_times: FirstTimes, draft: Draft, keys: Sequence[str], outcome: str
) -> list[str]:
    """The stages without those that most people walk in another order; of two the less sure one goes.

    Args:
        first_times: First times.
        draft: Keeps in `disordered` what went, and beside what it lay.
        keys: The stages in their order.
        outcome: The outcome event.
    """
    times = {key: first_times.of(draft.groups[key]) for key in keys}
    kept = list(keys)
    for early, late in combinations(keys, 2):
        if early not in kept or late not in kept:
            continue
        # What comes after the outcome by its kind says so by the people who did both, however few they are.
        least = 0.0 if late in AFTER_OUTCOME and outcome in draft.groups[early] else MOST_OF
        if is_contradicted(times[early], times[late], least):
            gone = _less_sure(first_times, draft, early, late, outcome)
            draft.disordered.append((gone, early if gone == late else late))
            kept.remove(gone)
    return kept


def is_contradicted(early: np.ndarray, late: np.ndarray, least: float = MOST_OF) -> bool:
    """Whether most people of an earlier stage did the later one before it.

    Args:
        early: First times per person of the stage that stands first.
        late: Those of the other one.
        least: Share of the people of the first stage who have to have done both.
    """
    share, n = share_first(late, early)
    return clearly(share, n) and n >= least * int((early != NEVER).sum())


def _less_sure(first_times: FirstTimes, draft: Draft, a: str, b: str, outcome: str) -> str:
    """Which of two stages may be none: use before a step, and the one that fewer people reached."""

    def sureness(key: str) -> tuple[bool, bool, bool, int]:
        events = draft.groups[key]
        return (outcome in events, key == SIGNUP, key not in AFTER_OUTCOME, first_times.reach(events))

    return min((a, b), key=sureness)

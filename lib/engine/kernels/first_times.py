"""First times of users by kind of event, read from the layout."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lib.engine.layout.event_layout import EventLayout
from lib.engine.segments import NO_VALUE
from lib.engine.sources.answers import NEVER, FirstTimes


def first_times(layout: EventLayout, most_kinds: int) -> FirstTimes:
    """First times of everybody, of the kinds that most people did; of several alike the alphabetically first."""
    reach = np.diff(layout.first_offsets)
    chosen = np.argsort(-reach, kind="stable")[:most_kinds]
    kinds = tuple(layout.kinds[code] for code in chosen)
    entered = layout.user_first_us if layout.user_first_us is not None else layout.micros(layout.user_first)
    channel, channels = _channels(layout)
    return FirstTimes(
        kinds=kinds,
        events=tuple(np.diff(layout.offsets)[chosen].tolist()),
        first=np.column_stack([of_any(layout, [kind]) for kind in kinds]),
        entered=entered,
        channel=channel,
        channels=channels,
        since=int(entered.min()),
        until=layout.last_us,
    )


def nobody() -> FirstTimes:
    """First times of data without an event."""
    none = np.zeros(0, np.int64)
    return FirstTimes((), (), np.empty((0, 0)), none, none, (), 0, 0)


def of_any(layout: EventLayout, kinds: Sequence[str]) -> np.ndarray:
    """When each user first did any of these kinds, microseconds since 1970, int64[users]; NEVER where they never did."""
    found = np.full(layout.users, NEVER)
    for kind in kinds:
        who = layout.user_of(layout.firsts_of(kind))
        found[who] = np.minimum(found[who], layout.first_micros(kind))
    return found


def _channels(layout: EventLayout) -> tuple[np.ndarray, tuple[str, ...]]:
    """Each user's channel as an index into the names of those that are anybody's, alphabetically."""
    if layout.channel is None:
        return np.zeros(0, np.int64), ()
    names = np.array([*layout.channels, NO_VALUE])
    used = np.unique(layout.user_channel)
    found, position = np.unique(names[used], return_inverse=True)
    index = np.zeros(len(names), np.int64)
    index[used] = position
    return index[layout.user_channel], tuple(found.tolist())

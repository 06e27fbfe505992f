"""Touches before conversions over the layout, and the credit five rules give to channels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lib.engine.layout.event_layout import EventLayout
from lib.engine.sources.answers import ChannelCredit, CreditQuestion


@dataclass(frozen=True, eq=False)
class Touches:
    """Touches of journeys, ordered by journey, time and channel name.

    Attributes:
        journey: Number of the journey of each touch, rising.
        age: Time from the touch to the journey's end, in units.
        channel: Channel code of each touch.
        journeys: Number of journeys, also those without a touch.
    """

    journey: np.ndarray
    age: np.ndarray
    channel: np.ndarray
    journeys: int


def answer(layout: EventLayout, question: CreditQuestion) -> ChannelCredit:
    """Credit by every rule, and the steps of journeys where they are asked for."""
    conversion = question.conversion
    kinds = (
        question.touches or layout.kinds
    )  # a conversion that carries its own channel is its own last touch
    lookback = layout.units(days=question.lookback_days)
    ends = layout.firsts_of(conversion)
    converted = before(layout, ends, kinds, lookback, conversion)
    number = len(layout.channels)
    given = credit(converted, number, layout.exact_units(question.half_life_days))
    steps = None
    if question.has_steps:
        lost_ends = last_touches(layout, kinds, layout.user_of(ends))
        lost = before(layout, lost_ends, kinds, lookback, conversion)
        steps = transitions(converted, number, number + 1) + transitions(lost, number, number + 2)
    return ChannelCredit(layout.channels, len(ends), given, steps)


def before(
    layout: EventLayout, ends: np.ndarray, kinds: Sequence[str], lookback: int, conversion: str
) -> Touches:
    """Touches from the lookback before the end up to and with the end: data that know only days have many ties.

    Args:
        layout: Events with a channel.
        ends: Sorted keys of the journeys' ends, one a user.
        kinds: Events that count as touches; those without a channel do not.
        lookback: In units of time.
        conversion: Of touches at one moment it is the last.
    """
    none = len(layout.channels)
    parts: list[tuple[np.ndarray, ...]] = []
    for kind in kinds:
        run, channels = layout.events_of(kind), layout.channels_of(kind)
        if channels is None or not len(run):
            continue
        low = np.searchsorted(run, ends - lookback, "left")
        high = np.searchsorted(run, ends, "right")
        number = high - low
        journey = np.repeat(np.arange(len(ends)), number)
        within = np.arange(len(journey)) - np.repeat(np.cumsum(number) - number, number)
        place = np.repeat(low, number) + within
        code = channels[place].astype(np.int64)
        known = code < none
        is_own = np.full(int(known.sum()), kind == conversion)
        parts.append((journey[known], run[place][known], code[known], is_own))
    if not parts:
        empty = np.zeros(0, np.int64)
        return Touches(empty, empty, empty, len(ends))
    journey, key, code, is_own = (np.concatenate([part[i] for part in parts]) for i in range(4))
    order = np.lexsort((code, is_own, key))
    journey, key, code = journey[order], key[order], code[order]
    return Touches(journey, ends[journey] - key, code, len(ends))


def last_touches(layout: EventLayout, kinds: Sequence[str], but: np.ndarray) -> np.ndarray:
    """Key of the last touch of each user who has one and is not among the users `but`, sorted."""
    last = np.full(layout.users, -1)
    for kind in kinds:
        run, channels = layout.events_of(kind), layout.channels_of(kind)
        if channels is None:
            continue
        run = run[channels < len(layout.channels)]
        who = layout.user_of(run)
        ends = np.concatenate((who[1:] != who[:-1], [True])) if len(who) else np.zeros(0, bool)
        last[who[ends]] = np.maximum(last[who[ends]], run[ends])
    last[but] = -1
    return last[last >= 0]


def credit(touches: Touches, channels: int, half_life: float) -> dict[str, np.ndarray]:
    """Conversions credited to each channel, float64[channels], by each rule."""
    journey, code = touches.journey, touches.channel
    size = np.bincount(journey, minlength=touches.journeys)[journey]
    starts = np.concatenate(([True], journey[1:] != journey[:-1])) if len(journey) else np.zeros(0, bool)
    ends = np.concatenate((starts[1:], [True])) if len(journey) else starts
    position = np.where(
        size > 2, np.where(starts | ends, 0.4, 0.2 / np.maximum(size - 2, 1)), 1 / np.maximum(size, 1)
    )
    # Weights of very old touches can all vanish; relative to the newest touch of the journey they cannot.
    newest = np.repeat(touches.age[ends], size[starts]) if len(journey) else touches.age
    fresh = np.exp2((newest - touches.age) / half_life)
    total = np.bincount(journey, weights=fresh, minlength=touches.journeys)[journey]
    return {
        "first": np.bincount(code[starts], minlength=channels).astype(float),
        "last": np.bincount(code[ends], minlength=channels).astype(float),
        "linear": np.bincount(code, weights=1 / np.maximum(size, 1), minlength=channels),
        "position": np.bincount(code, weights=position, minlength=channels),
        "decay": np.bincount(code, weights=fresh / np.maximum(total, 1e-300), minlength=channels),
    }


def transitions(touches: Touches, channels: int, end_state: int) -> np.ndarray:
    """Steps between states, int64[channels + 3, channels + 3]: channels, then start, converted, lost.

    Args:
        touches: Journeys; those without a touch take no step.
        channels: Number of channels.
        end_state: channels + 1 (converted) or channels + 2 (lost), where these journeys end.
    """
    states = channels + 3
    journey, code = touches.journey, touches.channel
    if not len(journey):
        return np.zeros((states, states), np.int64)
    starts = np.concatenate(([True], journey[1:] != journey[:-1]))
    ends = np.concatenate((starts[1:], [True]))
    inner = ~ends[:-1]
    source = np.concatenate((np.full(int(starts.sum()), channels), code[:-1][inner], code[ends]))
    target = np.concatenate((code[starts], code[1:][inner], np.full(int(ends.sum()), end_state)))
    return np.bincount(source * states + target, minlength=states * states).reshape(states, states)

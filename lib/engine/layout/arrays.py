"""The files of an event layout: NumPy sorts each kind's keys and finds the first times; and how they are read again."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

_ARRAYS = ("offsets", "keys", "first_offsets", "firsts", "user_first", "user_last", "user_channel")
_PLANNED = ("kinds", "channels", "users", "shift", "unit_ms", "origin_ms", "last", "last_us")
_OPTIONAL = ("channel", "revenue_keys", "revenue", "first_us", "user_first_us")
NAMES = (*_ARRAYS, *_OPTIONAL)
_NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Plan:
    """Sizes of a layout, known before any row is moved."""

    kinds: tuple[str, ...]
    counts: tuple[int, ...]
    channels: tuple[str, ...]
    has_channel: bool
    has_revenue: bool
    users: int
    unit_ms: int
    origin_ms: int
    last: int
    shift: int
    last_us: int
    is_exact: bool


def bits(users: int) -> int:
    """Bits that hold a user's number."""
    return max(1, users).bit_length()


def load(folder: Path) -> dict[str, Any]:
    """Fields of a `EventLayout` from its files; arrays stay on disk until they are read."""
    meta = json.loads((folder / "layout.json").read_text())
    fields: dict[str, Any] = {**meta, "kinds": tuple(meta["kinds"]), "channels": tuple(meta["channels"])}
    for name in NAMES:
        path = folder / f"{name}.npy"
        if name in _OPTIONAL and not path.exists():
            fields[name] = None
            continue
        array = (
            np.load(path, allow_pickle=False)
            if path.stat().st_size < 4096
            else np.load(path, mmap_mode="r", allow_pickle=False)
        )
        fields[name] = np.asarray(array)
    if len(fields["keys"]) != meta["rows"]:
        raise ValueError("layout does not match its own count")
    return fields


def write(
    plan: Plan,
    revenue: list[tuple[np.ndarray, np.ndarray]],
    exact: dict[str, np.ndarray],
    work: Path,
) -> None:
    """Sort the scattered keys in place and write everything that follows from them.

    Args:
        plan: Sizes of the layout.
        revenue: Keys and amounts of the events that carry revenue, unsorted parts.
        exact: Arrays to the microsecond that take the place of, or stand beside, those from the keys.
        work: Folder with the unsorted `keys.npy` and `channel.npy`.
    """
    keys = np.load(work / "keys.npy", mmap_mode="r+")
    channel = np.load(work / "channel.npy", mmap_mode="r+") if plan.has_channel else None
    offsets = np.concatenate(([0], np.cumsum(plan.counts))).astype(np.int64)
    users = _Users(plan)
    firsts = []
    for start, end in itertools.pairwise(offsets):
        codes = None if channel is None else channel[start:end]
        _sort(keys[start:end], codes, plan)
        firsts.append(users.add(np.asarray(keys[start:end]), codes))
    arrays = {
        "offsets": offsets,
        "first_offsets": np.concatenate(([0], np.cumsum([len(part) for part in firsts]))).astype(np.int64),
        "firsts": np.concatenate(firsts),
        **users.arrays(),
    }
    if plan.has_revenue:
        arrays |= _paid(revenue)
    for name, array in (arrays | exact).items():
        np.save(work / f"{name}.npy", array, allow_pickle=False)
    meta = {name: getattr(plan, name) for name in _PLANNED} | {"rows": int(offsets[-1])}
    (work / "layout.json").write_text(json.dumps(meta))


class _Users:
    """First and last times and first channels of users, gathered kind by kind."""

    def __init__(self, plan: Plan) -> None:
        self._shift, self._none = plan.shift, len(plan.channels)
        self._first = np.full(plan.users, _NEVER)
        self._last = np.full(plan.users, -1)
        self._channel = np.full(plan.users, _NEVER)  # time and channel in one number

    def add(self, run: np.ndarray, codes: np.ndarray | None) -> np.ndarray:
        """Take in one kind's sorted keys; return each user's first of them."""
        low = (1 << self._shift) - 1
        user = run >> self._shift
        is_new = np.concatenate(([True], user[1:] != user[:-1]))
        who, first, last = user[is_new], run[is_new], run[np.append(is_new[1:], True)]
        self._first[who] = np.minimum(self._first[who], first & low)
        self._last[who] = np.maximum(self._last[who], last & low)
        if codes is not None:
            _first_channel(run, np.asarray(codes), user, self._none, self._shift, self._channel)
        return first

    def arrays(self) -> dict[str, np.ndarray]:
        """What was gathered, by the names of the layout's arrays."""
        known = self._channel % (self._none + 1)
        channel = np.where(self._channel == _NEVER, self._none, known).astype(np.int32)
        return {"user_first": self._first, "user_last": self._last, "user_channel": channel}


def _paid(revenue: list[tuple[np.ndarray, np.ndarray]]) -> dict[str, np.ndarray]:
    """Keys and amounts of the events that carry revenue, sorted by key, then amount."""
    keys = np.concatenate([part[0] for part in revenue]) if revenue else np.zeros(0, np.int64)
    paid = np.concatenate([part[1] for part in revenue]) if revenue else np.zeros(0)
    order = np.lexsort((paid, keys))
    return {"revenue_keys": keys[order], "revenue": paid[order]}


def _sort(run: np.ndarray, codes: np.ndarray | None, plan: Plan) -> None:
    """Sort a kind's keys in place, channels (alphabetical codes) along with them and as tie break."""
    if codes is None:
        run.sort()
        return
    width = len(plan.channels).bit_length()
    if (
        bits(plan.users) + plan.shift + width <= 62
    ):  # both fit one integer: several times faster than an indirect sort
        both = (np.asarray(run) << width) | codes
        both.sort()
        run[:] = both >> width
        codes[:] = both & ((1 << width) - 1)
        return
    order = np.lexsort((codes, run))
    run[:], codes[:] = np.asarray(run)[order], np.asarray(codes)[order]


def _first_channel(
    run: np.ndarray, codes: np.ndarray, user: np.ndarray, none: int, shift: int, best: np.ndarray
) -> None:
    """Lower `best` (time and channel in one number) by this kind's earliest events that have a channel."""
    known = codes < none
    if not known.all():
        run, codes, user = run[known], codes[known], user[known]
    if not len(run):
        return
    # Runs are sorted by (user, time, channel), so a user's first row is already the earliest and
    # alphabetically first.
    begins = np.flatnonzero(np.concatenate(([True], user[1:] != user[:-1])))
    value = (run[begins] & ((1 << shift) - 1)) * (none + 1) + codes[begins]
    who = user[begins]
    best[who] = np.minimum(best[who], value)

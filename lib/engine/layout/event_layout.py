"""The event layout: a dataset's events sorted by kind, user and time, as memory-mapped arrays.

Every event is one 63-bit key, `user << shift | time`, and each event kind owns one sorted run of keys. The
shift leaves more room than twice the time range, so two keys that lie closer together than any window belong
to the same user: an ordered question ("b within 14 days after a") becomes a search in sorted arrays, and
only the kinds asked for are ever read. Any number of kinds works, because a kind is a run, not a bit of a
mask.

Times are read to the millisecond (to the second where a very long range of very many users needs the room); the first
times of users are kept to the microsecond beside them where the file's times are finer.
A layout is derived: deleted, damaged or of an older version, it is built again from `clean.parquet`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lib.engine.datasets.dataset import Dataset
from lib.engine.evidence.cache import Results
from lib.engine.layout import arrays, build
from lib.engine.segments import NO_VALUE
from lib.errors import DataError, NotFoundError

VERSION = build.VERSION
_OPEN_LAYOUTS = 8
_opened: Results[EventLayout] = Results(_OPEN_LAYOUTS)


@dataclass(frozen=True, eq=False)
class EventLayout:
    """Events of one dataset, ready for the kernels. Arrays are read-only views of files.

    Attributes:
        dataset: Where the events came from.
        folder: Holds the arrays.
        kinds: Event names; their position is the kind's code.
        channels: Channel names in alphabetical order; code `len(channels)` stands for "no channel".
        users: Number of users; a user is 0..users-1 in the order of user_id.
        rows: Number of events.
        shift: Bits of a key that hold the time.
        unit_ms: Milliseconds of one unit of time (1 or 1000).
        origin_ms: Time of the first event, milliseconds since 1970 UTC.
        last: Time of the last event, in units since the first.
        offsets: int64[kinds + 1], start of each kind's run in `keys`.
        keys: int64[rows], sorted inside each kind.
        first_offsets: int64[kinds + 1], start of each kind's run in `firsts`.
        firsts: int64, the first key of every (kind, user), sorted inside each kind.
        user_first: int64[users], time of each user's first event.
        user_last: int64[users], time of each user's last event.
        user_channel: int32[users], channel code of the earliest event that has a channel; ties go to the
            alphabetically first name.
        channel: Channel code of each key; None where the dataset has no channel.
        revenue_keys: int64, sorted keys of the events that carry revenue; None where there is no revenue
            column.
        revenue: float64, their revenue.
        last_us: Time of the last event, microseconds since 1970 UTC.
        first_us: int64, times of `firsts` in microseconds since 1970, where the events' times are finer than the
            unit; None where the keys say them exactly.
        user_first_us: int64[users], each user's first event likewise.
    """

    dataset: Dataset
    folder: Path
    kinds: tuple[str, ...]
    channels: tuple[str, ...]
    users: int
    rows: int
    shift: int
    unit_ms: int
    origin_ms: int
    last: int
    offsets: np.ndarray
    keys: np.ndarray
    first_offsets: np.ndarray
    firsts: np.ndarray
    user_first: np.ndarray
    user_last: np.ndarray
    user_channel: np.ndarray
    channel: np.ndarray | None
    revenue_keys: np.ndarray | None
    revenue: np.ndarray | None
    last_us: int
    first_us: np.ndarray | None
    user_first_us: np.ndarray | None

    def code(self, kind: str) -> int:
        """Code of an event kind.

        Raises:
            DataError: No event has this name.
        """
        try:
            return self.kinds.index(kind)
        except ValueError:
            more = len(self.kinds) - 8
            some = ", ".join(self.kinds[:8]) + (f" and {more} more" if more > 0 else "")
            raise DataError(
                f"No event is called {kind!r} in {self.dataset.name}.", f"Choose one of its events: {some}."
            ) from None

    def events_of(self, kind: str) -> np.ndarray:
        """Sorted keys of one kind's events, int64."""
        code = self.code(kind)
        return self.keys[self.offsets[code] : self.offsets[code + 1]]

    def channels_of(self, kind: str) -> np.ndarray | None:
        """Channel codes of one kind's events, aligned to `events_of`."""
        code = self.code(kind)
        return None if self.channel is None else self.channel[self.offsets[code] : self.offsets[code + 1]]

    def firsts_of(self, kind: str) -> np.ndarray:
        """Key of the first event of this kind of every user who has one, sorted, int64."""
        code = self.code(kind)
        return self.firsts[self.first_offsets[code] : self.first_offsets[code + 1]]

    def first_micros(self, kind: str) -> np.ndarray:
        """Time of each of `firsts_of`, microseconds since 1970 UTC."""
        if self.first_us is None:
            return self.micros(self.time_of(self.firsts_of(kind)))
        code = self.code(kind)
        return self.first_us[self.first_offsets[code] : self.first_offsets[code + 1]]

    def micros(self, times: np.ndarray) -> np.ndarray:
        """Times in units since the first event as microseconds since 1970 UTC."""
        return (times * self.unit_ms + self.origin_ms) * 1000

    def user_of(self, keys: np.ndarray) -> np.ndarray:
        """User of each key."""
        return keys >> self.shift

    def time_of(self, keys: np.ndarray) -> np.ndarray:
        """Time of each key, in units since the first event."""
        return keys & ((1 << self.shift) - 1)

    def units(self, *, days: float = 0.0, hours: float = 0.0) -> int:
        """A duration in units of time, cut to the range of the data: a longer one asks for nothing more."""
        return min(int((days * 24 + hours) * 3_600_000 // self.unit_ms), self.last + 1)

    def bin_units(self, hours: float) -> int:
        """Width of an age bin in units of time; unlike a window it is never cut."""
        return int(hours * 3_600_000 // self.unit_ms)

    def exact_units(self, days: float) -> float:
        """A duration in units of time, neither cut nor rounded."""
        return days * 86_400_000 / self.unit_ms

    @property
    def units_per_hour(self) -> float:
        """Units of time in an hour."""
        return 3_600_000 / self.unit_ms

    def hours(self, units: float) -> float:
        """Units of time as hours."""
        return units * self.unit_ms / 3_600_000

    def segment(self, column: str) -> tuple[np.ndarray, tuple[str, ...]]:
        """Segment of each user by a text column of the events.

        Args:
            column: `channel`, or any other column of the dataset.

        Returns:
            int32[users] codes and the names. A user's segment is the value of the earliest event that has
            one; ties go to the alphabetically first; users without any value are in "(none)".

        Raises:
            DataError: The dataset has no such column.
        """
        if not self.dataset.has(column):
            raise DataError(
                f"{self.dataset.name} has no column {column!r}.",
                "Choose one of its columns: " + ", ".join(c.name for c in self.dataset.columns) + ".",
            )
        if column == "channel":
            return self.user_channel, (*self.channels, NO_VALUE)
        return build.segment(self.dataset, self.folder, column)


def open_layout(dataset: Dataset) -> EventLayout:
    """The layout of an events dataset; built the first time, opened in about a millisecond afterwards.

    Raises:
        DataError: The dataset is not one of events, or has no usable row.
        NotFoundError: Its files are gone.
    """
    if not dataset.has("user_id", "event", "timestamp"):
        raise DataError(
            f"{dataset.name} is not a list of events.", "Choose a file with user, event and time."
        )
    folder = dataset.folder / f"layout-{VERSION}"
    return _opened.get(folder, lambda: _open_or_build(dataset, folder), holds=lambda _: folder.is_dir())


def _open_or_build(dataset: Dataset, folder: Path) -> EventLayout:
    for _ in range(2):
        if not folder.is_dir():
            if not dataset.path.is_file():
                raise NotFoundError(
                    f"The rows of {dataset.name} are no longer there.", "Upload the file again."
                )
            build.build(dataset, folder)
        try:
            layout = EventLayout(dataset=dataset, folder=folder, **arrays.load(folder))
        except (OSError, ValueError, KeyError):  # damaged or half deleted: it can always be made again
            build.discard(folder)
        else:
            build.tidy(folder)
            return layout
    raise DataError(f"The events of {dataset.name} could not be prepared.", "Upload the file again.")

"""First times: when each person first did each kind of event. The journey is read from these."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from lib.engine import query
from lib.engine.datasets.dataset import Dataset
from lib.engine.segments import SEGMENT, segment_ctes, segment_join
from lib.framework import slots

NEVER = int(np.iinfo(np.int64).max)  # later than any time, so "the earliest of" needs no special case
HOUR = 3_600_000_000  # times are whole microseconds since 1970, UTC
DAY = 24 * HOUR
MAX_KINDS = 64  # kinds of events kept: those that most people did

KINDS_SQL = """
SELECT event, COUNT(*) AS events, COUNT(DISTINCT user_id) AS users
FROM events WHERE event IS NOT NULL AND timestamp IS NOT NULL AND user_id IS NOT NULL
GROUP BY event ORDER BY users DESC, event
"""


@dataclass(frozen=True, eq=False)
class Moments:
    """First times of everybody, in the order of their user ids.

    Attributes:
        kinds: Event names, most people first.
        events: How often each kind happened, same order.
        first: People x kinds, microseconds since 1970; `NEVER` where the person never did it.
        entered: First event of any kind, per person.
        channel: Index into `channels` per person (channel of the first event); empty when the file has none.
        channels: Channel names.
        since: First moment of the data, microseconds.
        until: Last moment of the data: what happens later is not seen.
    """

    kinds: tuple[str, ...]
    events: tuple[int, ...]
    first: np.ndarray
    entered: np.ndarray
    channel: np.ndarray
    channels: tuple[str, ...]
    since: int
    until: int

    @property
    def people(self) -> int:
        """How many people the data hold."""
        return len(self.entered)

    @property
    def weeks(self) -> float:
        """Length of the data in weeks, at least one day."""
        return max(self.until - self.since, DAY) / (7 * DAY)

    def of(self, kinds: Sequence[str]) -> np.ndarray:
        """When each person first did any of these kinds; `NEVER` for kinds the data do not hold."""
        columns = [self.kinds.index(kind) for kind in kinds if kind in self.kinds]
        if not columns:
            return np.full(self.people, NEVER, dtype=np.int64)
        return self.first[:, columns].min(axis=1)

    def reach(self, kinds: Sequence[str]) -> int:
        """How many people ever did any of these kinds."""
        return int((self.of(kinds) != NEVER).sum())


def micros(values: np.ndarray) -> np.ndarray:
    """Timestamps as fetched (datetime64, perhaps masked) to whole microseconds, `NEVER` where missing."""
    mask = np.ma.getmaskarray(values)
    plain = np.ma.getdata(values).astype("datetime64[us]").astype(np.int64)
    missing = mask | (plain == np.iinfo(np.int64).min)
    return np.where(missing, NEVER, plain)


def columns_of(sql: str, dataset: Dataset, params: dict[str, object] | None = None) -> dict[str, np.ndarray]:
    """Run one of our SELECTs over `events` and fetch it as columns (for tables of one row a person)."""
    with query.cursor() as cur:
        found = cur.execute(query.bind(sql, {slots.EVENTS: dataset}), params or {}).fetchnumpy()
        return {name: np.ma.asarray(values) for name, values in found.items()}


@lru_cache(maxsize=8)
def _load(fingerprint: str, dataset: Dataset) -> Moments:
    counted = query.query(KINDS_SQL, {slots.EVENTS: dataset}).records()[:MAX_KINDS]
    kinds = tuple(str(row["event"]) for row in counted)
    params: dict[str, object] = {f"k{i}": kind for i, kind in enumerate(kinds)}
    picks = "".join(f", MIN(timestamp) FILTER (WHERE event = $k{i}) AS f{i}" for i in range(len(kinds)))
    people = (
        f"SELECT user_id, MIN(timestamp) AS entered, MAX(timestamp) AS last{picks} FROM events "
        "WHERE user_id IS NOT NULL AND timestamp IS NOT NULL GROUP BY user_id"
    )
    sql = f"{people} ORDER BY user_id"
    if dataset.has("channel"):
        sql = (
            f"WITH people AS ({people}), {segment_ctes('channel')}\n"
            f"SELECT p.*, {SEGMENT} AS channel FROM people p {segment_join('p')} ORDER BY p.user_id"
        )
    got = columns_of(sql, dataset, params)
    entered = micros(got["entered"])
    first = np.column_stack([micros(got[f"f{i}"]) for i in range(len(kinds))]) if kinds else np.empty((0, 0))
    names = np.ma.getdata(got["channel"]) if "channel" in got else np.array([], dtype=object)
    found, codes = np.unique([str(name) for name in names], return_inverse=True)
    return Moments(
        kinds=kinds,
        events=tuple(int(row["events"]) for row in counted),
        first=first,
        entered=entered,
        channel=codes,
        channels=tuple(str(name) for name in found),
        since=int(entered.min()) if len(entered) else 0,
        until=int(micros(got["last"]).max()) if len(entered) else 0,
    )


def load(dataset: Dataset) -> Moments:
    """First times of an events dataset, computed once per fingerprint and process.

    Args:
        dataset: A dataset with the events contract.
    """
    return _load(dataset.fingerprint, dataset)

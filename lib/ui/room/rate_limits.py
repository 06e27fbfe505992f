"""Rate limits at the room's door: wrong codes per address and overall, answers per person, open streams."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque


class Window:
    """At most `most` events in `seconds`, per name.

    Args:
        most: Events allowed.
        seconds: Length of the sliding window.
        names: How many names are remembered; the oldest is forgotten first.

    >>> window = Window(2, 60)
    >>> [window.take("a", at=t) for t in (0.0, 1.0, 2.0, 61.5)]
    [True, True, False, True]
    """

    def __init__(self, most: int, seconds: float, names: int = 20_000) -> None:
        self._most, self._seconds, self._names = most, seconds, names
        self._seen: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, name: str, at: float | None = None) -> bool:
        """Count one event; whether it was within the limit."""
        now = time.monotonic() if at is None else at
        with self._lock:
            times = self._recent(name, now)
            if len(times) >= self._most:
                return False
            times.append(now)
            return True

    def is_full(self, name: str, at: float | None = None) -> bool:
        """Whether the next event would be refused, without counting one."""
        now = time.monotonic() if at is None else at
        with self._lock:
            return len(self._recent(name, now)) >= self._most

    def _recent(self, name: str, now: float) -> deque[float]:
        times = self._seen.setdefault(name, deque())
        self._seen.move_to_end(name)
        while times and now - times[0] >= self._seconds:
            times.popleft()
        while len(self._seen) > self._names:
            self._seen.popitem(last=False)
        return times


# A room of people behind one hotel router joins within a minute: only wrong codes count.
wrong_codes = Window(10, 60)
wrong_codes_overall = Window(200, 60, names=1)
joins_overall = Window(1200, 60, names=1)
answers = Window(60, 10)
parked = Window(10, 60)

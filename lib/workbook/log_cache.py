"""The end of each workbook's log, kept in memory: what was read once is not read again."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

from lib.workbook.events import Event

_WORKBOOKS = 64


class RecentEvents:
    """The last events of the workbooks that are in use.

    Args:
        read: Reads the events of a workbook with `after < rev <= until`.
        reach: How many revisions back are kept.
    """

    def __init__(self, read: Callable[[str, int, int], list[Event]], reach: int) -> None:
        self._read, self._reach = read, reach
        self._known: OrderedDict[str, tuple[int, list[Event]]] = OrderedDict()
        self._lock = threading.Lock()

    def events(self, id: str, rev: int) -> list[Event]:
        """The events of the last `reach` revisions up to `rev`, in order; the log is append-only, so they stay true."""
        since = max(0, rev - self._reach)
        with self._lock:
            known_rev, known = self._known.get(id, (0, []))
        if known_rev > rev:  # somebody saved in between: the caller asks for the moment before
            return self._read(id, since, rev)
        log = [event for event in known if event.rev > since] + self._read(id, max(since, known_rev), rev)
        with self._lock:
            self._known[id] = (rev, log)
            self._known.move_to_end(id)
            while len(self._known) > _WORKBOOKS:
                self._known.popitem(last=False)
        return log

"""A workbook as it was: answers folded up to a day, for the slide that says what changed since."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from lib.workbook.events import Event
from lib.workbook.model import Workbook, fold


def until(events: Iterable[Event], day: dt.date | None = None, *, id: str = "", name: str = "") -> Workbook:
    """The workbook at the end of a day.

    Args:
        events: All its events, in order.
        day: Last day that counts (UTC); None for all.
        id: The workbook's id.
        name: Its name.
    """
    answers: dict[str, Any] = {}
    rev = 0
    for event in events:
        if day is not None and event.at[:10] > day.isoformat():
            continue  # not the end: a clock that ran fast dates one change later than those after it
        answers[event.key] = event.value
        rev = event.rev
    return fold(answers, id=id, name=name, rev=rev)

"""The finished example: the demo company's files taken in and its answers given, as one workbook."""

from __future__ import annotations

import itertools
import uuid

from lib.engine.datasets import demo
from lib.ui import session
from lib.ui.web import admission, dataset_access
from lib.workbook.dataset_rights import named
from lib.workbook.events import NAME_KEY, Event, now
from lib.workbook.model import check

_FIELDS = ("fingerprint", "name", "contract", "rows")


def open_example() -> None:
    """Open the finished example, made on first use; a visitor sees what the end looks like within seconds."""
    known = [entry.id for entry in session.entries() if entry.name == demo.NAME]
    if known:
        session.open_workbook(known[-1])  # the oldest: the one that was made first
        return
    with admission.long_work("Opening the finished example"):
        log = events()
    id = session.adopt(session.store().import_events(log))
    dataset_access.rights().give(
        id, named(session.workbook())
    )  # shipped with the product: everybody has these files


def events() -> list[Event]:
    """The example as events: its name, its data (taken in now), then each author's answers in order."""
    answers = [("Workbook", NAME_KEY, demo.NAME)]
    answers += [
        ("Workbook", f"datasets/{slot}/{field}", getattr(data, field))
        for slot, data in demo.install(session.home()).items()
        for field in _FIELDS
    ]
    answers += list(demo.answers())
    at, log = now(), []
    # One step for each run of answers of one author in one section, as if they had filled in that page.
    for (author, _), group in itertools.groupby(answers, lambda item: (item[0], item[1].split("/")[0])):
        step = uuid.uuid4().hex
        for _, key, value in group:
            if key != NAME_KEY:
                check(key, value)
            log.append(Event(len(log) + 1, key, value, None, author, at, step))
    return log

"""A workbook as it stood at the end of a day."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from sqlalchemy import update

from lib.report.story.as_of import until
from lib.workbook.database import events
from lib.workbook.store import Store


def test_one_clock_that_ran_fast_hides_no_later_change(tmp_path: Path) -> None:
    store = Store(tmp_path)
    book = store.create("Acme", author="Ann")
    for name in ("One", "Two", "Three"):
        store.save(book, "settings/company", name, author="Ann")
    days = {2: "2026-10-01", 3: "2031-01-01", 4: "2026-10-02"}
    with store.engine.begin() as connection:
        for rev, day in days.items():
            connection.execute(update(events).where(events.c.rev == rev).values(at=f"{day}T09:00:00+00:00"))
    log = store.events(book)
    assert until(log, dt.date(2026, 10, 1)).settings.company == "One"
    assert until(log, dt.date(2026, 10, 3)).settings.company == "Three"
    assert until(log).settings.company == "Three"

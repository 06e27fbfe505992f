"""The end of the log in memory says what the log says."""

from pathlib import Path

import pytest

from lib.workbook.log_cache import RecentEvents
from lib.workbook.store import Store

pytestmark = pytest.mark.usefixtures("database")


def test_it_equals_the_log_whatever_was_read_before(tmp_path: Path) -> None:
    store = Store(tmp_path)
    id = store.create("A", author="Ann")
    read: list[tuple[int, int]] = []

    def log(id: str, after: int, until: int) -> list:
        read.append((after, until))
        return store.events(id, after=after, until=until)

    recent = RecentEvents(log, reach=4)
    for number in range(10):
        store.save(id, "settings/company", f"Acme {number}", author="Ann")
        if number % 3 == 0:
            rev = store.rev(id)
            assert recent.events(id, rev) == store.events(id, after=max(0, rev - 4))
    assert recent.events(id, 5) == store.events(id, after=1, until=5)  # asked for a moment before
    end = store.rev(id)
    assert [event.rev for event in recent.events(id, end)] == list(range(end - 3, end + 1))
    assert all(until - after <= 4 for after, until in read)

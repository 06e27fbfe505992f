"""Erasing a file and a workbook for good on the real pages: what nobody else uses goes, what somebody uses stays."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.engine.datasets import library
from lib.room.store import Rooms
from lib.ui import session
from lib.ui.web import dataset_access
from tests.pages.test_data_page import app, button, give, settled, use
from tests.pages.test_dataset_rights_page import MAL, ROWS, imported, shown, uploaded
from tests.ui.room.test_signin import OWNER, Hosted, hosted, store

__all__ = ["app", "hosted", "store"]


def shelf() -> list[Path]:
    """Folders of datasets that are kept."""
    return [path for path in library.root(session.home()).glob("*") if path.is_dir()]


def kept() -> bytes:
    """Every byte of the home."""
    return b"".join(path.read_bytes() for path in session.home().rglob("*") if path.is_file())


def opened(app: AppTest, key: str) -> AppTest:
    """A table's part of the page, opened."""
    app.session_state[f"data.more.{key}"] = True
    return app.run()


def test_remove_and_erase_leaves_no_file_and_undo_asks_for_it(app: AppTest) -> None:
    settled(use(give(app, "events.csv", ROWS)))
    assert shelf()
    opened(app, "events").button("data.erase.events").click().run()
    assert shelf() == []
    assert [s.value for s in app.toast if "is erased" in s.value]
    app.button("frame.undo").click().run()
    assert "events.csv is missing" in shown(app)


def test_a_file_that_another_workbook_uses_is_not_erased_and_that_is_said(app: AppTest) -> None:
    settled(use(give(app, "events.csv", ROWS)))
    first = app.session_state["session.workbook"]
    copy = session.store().duplicate(first, "The other one", author="Ann")
    dataset_access.rights().give(copy, dataset_access.rights().of(first))
    opened(app, "events").button("data.erase.events").click().run()
    assert len(shelf()) == 1
    assert [s.value for s in app.toast if "It stays for The other one" in s.value]


def test_who_only_names_a_dataset_does_not_keep_it_from_being_erased(hosted: Hosted, tmp_path: Path) -> None:
    uploaded(hosted, tmp_path)
    imported(hosted, MAL)
    app = opened(hosted.visit(OWNER, "data"), "events")
    app.button("data.erase.events").click().run()
    assert shelf() == []


@pytest.mark.parametrize("role", ["editor", "viewer"])
def test_only_owners_erase(hosted: Hosted, tmp_path: Path, role: str) -> None:
    uploaded(hosted, tmp_path)
    hosted.members.grant(OWNER, hosted.book, "pat@example.com", role)
    app = opened(hosted.visit("pat@example.com", "data"), "events")
    assert not [b for b in app.button if b.key == "data.erase.events"]
    assert button(app, "Remove from this workbook")


def test_an_erased_workbook_leaves_nothing(hosted: Hosted, tmp_path: Path) -> None:
    uploaded(hosted, tmp_path)
    rooms = Rooms(hosted.store.engine, session.home())
    room, _, _ = rooms.open(hosted.book, "Session", "hour")
    rooms.join(room.id, "Ann Unmistakable", "marketing")
    app = hosted.visit(OWNER)
    app.session_state["workbook.tabs"] = "All workbooks"
    app.run()
    app.button(f"shelf.delete.{hosted.book}").click().run()
    assert shelf(), "the bin keeps everything"
    app.button(f"shelf.erase.{hosted.book}").click().run()
    assert [s.value for s in app.toast if "erased for good" in s.value]
    assert shelf() == []
    assert hosted.store.entry(hosted.book) is None
    assert hosted.store.events(hosted.book) == []
    assert hosted.members.of(hosted.book) == []
    with hosted.store.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM room").scalar() == 0
    held = kept()
    assert [word for word in (b"Unmistakable", b"Acme", b"secret-") if word in held] == []

"""A file on its way in when the server ends, the disk is full, or a day has passed: nothing is lost in silence."""

from __future__ import annotations

import errno
import io
import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lib.engine import intake
from lib.errors import UserError
from lib.ui import session
from lib.ui.data import jobs, uploads
from lib.ui.data.uploads import Note
from tests.pages.test_data_page import EVENTS, back, button, give, healthy, said, settled, use
from tests.patience import SECONDS

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """A fresh installation with one browser, on the Data page."""
    monkeypatch.setenv("WORKBOOK_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setattr(session, "person", lambda: "anna")
    monkeypatch.setattr(jobs, "_ITEMS", {})
    monkeypatch.setattr(jobs, "_LOOKED", set())
    return _visit()


def _visit() -> AppTest:
    shell = str(ROOT / "lib" / "ui" / "shell.py")
    return back(AppTest.from_file(shell, default_timeout=120).run())


def _restart() -> AppTest:
    """A new server on the same home: what the old one knew and held is gone."""
    for item in jobs._ITEMS.pop("anna ", []):
        if item.job:
            item.job.stop()
        _let_go(item)
    jobs._LOOKED.clear()
    return _visit()


def _let_go(item: jobs.Item) -> None:
    assert item.upload._lock is not None
    item.upload._lock.close()


def test_a_file_that_waited_is_there_after_a_restart(app: AppTest) -> None:
    give(app, "events.csv", EVENTS)
    again = settled(_restart())
    healthy(again)
    assert "The server was started again before this file was in use." in said(again)
    assert "This looks like **events**" in said(again)
    use(again)
    assert "In use: 1 file with 60 rows" in said(again)
    assert "started again" not in said(again)
    assert "events.csv" not in [line for line in said(_restart()).splitlines() if line.startswith("####")]


@pytest.fixture
def over() -> Iterator[threading.Event]:
    """Set when the test is over: what waits for it goes on until then."""
    event = threading.Event()
    yield event
    event.set()


def test_a_file_that_was_being_taken_in_asks_for_the_click_again(
    app: AppTest, over: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(app, "events.csv", EVENTS)
    with monkeypatch.context() as held:
        held.setattr(intake, "accept", lambda *_, **__: over.wait(SECONDS))
        held.setattr(jobs.Item, "patience", 0.0)
        button(app, "Use this file").click().run()
    again = settled(_restart())
    assert "so it is not in use yet. Look at its columns once more, then press Use this file." in said(again)
    use(again)
    healthy(again)
    assert "In use: 1 file with 60 rows" in said(again)


def test_a_file_that_ends_the_server_each_time_is_not_read_for_ever(
    app: AppTest, over: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "read", lambda *_, **__: over.wait(SECONDS))
    monkeypatch.setattr(jobs.Item, "patience", 0.0)
    uploader: Any = app.get("file_uploader")[0]
    uploader.upload("events.csv", EVENTS.encode())
    app.run()
    assert button(app, "Stop")
    assert button(_restart(), "Stop")
    last = _restart()
    assert "Reading events.csv was cut off 2 times" in said(last)
    assert not [b for b in last.button if b.label in ("Stop", "Use this file")]
    button(last, "Discard").click().run()
    assert "events.csv" not in said(_restart())


def test_two_servers_on_one_home_do_not_take_each_others_files(app: AppTest) -> None:
    give(app, "events.csv", EVENTS)
    assert uploads.found(session.home() / "uploads", "anna ") == []
    _let_go(jobs._ITEMS["anna "][0])
    assert len(uploads.found(session.home() / "uploads", "anna ")) == 1
    assert uploads.found(session.home() / "uploads", "ben ") == []


def test_a_file_that_somebody_elses_change_kept_out_of_use_stays(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(app, "events.csv", EVENTS)
    with monkeypatch.context() as clash:
        clash.setattr(session, "save_all", lambda *_, **__: False)
        button(app, "Use this file").click().run()
    assert "This file is not in use yet. Press Use this file once more." in said(settled(app))
    use(app)
    assert "In use: 1 file with 60 rows" in said(app)


def test_a_file_that_was_removed_after_a_day_says_so(app: AppTest) -> None:
    give(app, "events.csv", EVENTS)
    folder = jobs._ITEMS["anna "][0].upload.folder
    os.utime(folder, (0, 0))
    give(app, "later.csv", EVENTS)
    healthy(app)
    assert not folder.exists()
    assert "events.csv waited for more than a day and was removed." in said(app)
    assert "This looks like **events**" in said(app), "the later one is there"


def test_a_full_disk_is_told_and_leaves_nothing(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(shutil, "copyfileobj", full)
        give(app, "events.csv", EVENTS)
    assert "events.csv was not kept. The disk is full" in said(app)
    assert "Free some space on the disk of" in said(app)
    assert ", then upload it again." in said(app)
    assert list((session.home() / "uploads").iterdir()) == []
    give(app, "events.csv", EVENTS)
    assert "This looks like **events**" in said(app)


def test_a_full_disk_while_reading_is_not_called_a_broken_file(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(intake, "read", full)
    give(app, "events.csv", EVENTS)
    assert "The disk is full" in said(app)
    assert "the mistake is ours" not in said(app)


def test_a_file_called_preview_is_read_whole(app: AppTest) -> None:
    give(app, "preview.txt", EVENTS * 40)
    healthy(app)
    assert "rows read" in said(app)
    assert f"{len(EVENTS.splitlines()) * 40:,} records" in said(app)


@pytest.mark.parametrize(
    "name", ["note.json", "lock", "..", ".hidden.csv", "a" * 300 + ".csv", "Umsätze\u202e?.csv"]
)
def test_any_name_can_be_kept(tmp_path: Path, name: str) -> None:
    upload = uploads.save(tmp_path, Note(name, "anna "), io.BytesIO(b"a,b\n1,2\n"), tmp_path)
    assert upload.path.read_bytes() == b"a,b\n1,2\n"
    assert upload.path.is_relative_to(tmp_path)
    upload.remove()
    assert list(tmp_path.iterdir()) == []


def test_no_right_to_write_is_told(tmp_path: Path) -> None:
    (tmp_path / "uploads").write_text("in the way")
    with pytest.raises(UserError, match=r"events\.csv was not kept"):
        uploads.save(tmp_path / "uploads", Note("events.csv", ""), io.BytesIO(b""), tmp_path)

"""Trouble with the disk or the store is told in words, with what to do."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy.exc as sa
from sqlalchemy import event as sa_event

from lib.errors import ConflictError, UserError
from lib.workbook.store import Store
from lib.workbook.store_errors import explain


def _said(error: BaseException, home: Path) -> str:
    known = explain(error, home)
    assert known is not None, error
    assert known.problem.endswith(".")
    assert known.remedy.endswith(".")
    return str(known)


def test_a_damaged_store_is_named(tmp_path: Path) -> None:
    (tmp_path / "workbook.db").write_bytes(
        b"this is no database, but it is long enough to look like one" * 200
    )
    with pytest.raises(Exception) as caught:
        Store(tmp_path)
    assert "workbook.db" in _said(caught.value, tmp_path)
    assert "damaged" in _said(caught.value, tmp_path)


def test_a_store_damaged_while_it_is_open_is_named(tmp_path: Path) -> None:
    store = Store(tmp_path)
    book = store.create("Acme", author="Ann")
    store.save_all(book, [("settings/company", "x" * 4000)], author="Ann")
    store.engine.dispose()
    path = tmp_path / "workbook.db"
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    for beside in tmp_path.glob("workbook.db-*"):
        beside.unlink()
    with pytest.raises(Exception) as caught:
        Store(tmp_path).snapshot(book)
    assert "damaged" in _said(caught.value, tmp_path)


def test_a_home_that_is_no_folder_is_named(tmp_path: Path) -> None:
    target = tmp_path / "file"
    target.write_text("")
    with pytest.raises(Exception) as caught:
        Store(target)
    assert str(target) in _said(caught.value, target)


@pytest.mark.parametrize(
    ("number", "word"),
    [
        (errno.ENOSPC, "disk is full"),
        (errno.EACCES, "may not be written"),
        (errno.EROFS, "may not be written"),
        (errno.ENOTDIR, "cannot be opened"),
    ],
)
def test_errors_of_the_system_are_told(tmp_path: Path, number: int, word: str) -> None:
    assert word in _said(OSError(number, "whatever the system says"), tmp_path)


def test_a_disk_that_is_not_there_is_named(tmp_path: Path) -> None:
    home = tmp_path / "gone"
    assert "Check that its disk is there" in _said(FileNotFoundError(errno.ENOENT, "gone", str(home)), home)


def test_a_mistake_of_ours_is_not_blamed_on_the_disk(tmp_path: Path) -> None:
    assert explain(KeyError("locked"), tmp_path) is None
    assert explain(FileNotFoundError(errno.ENOENT, "no such file"), tmp_path) is None


def test_a_file_deleted_under_the_server_takes_no_more_answers(tmp_path: Path) -> None:
    store = Store(tmp_path)
    book = store.create("Acme", author="Ann")
    for path in tmp_path.glob("workbook.db*"):
        path.unlink()
    with pytest.raises(sa.OperationalError) as caught:
        store.snapshot(book)
    assert "moved or deleted" in _said(caught.value, tmp_path)
    for _ in range(2):  # a write that failed keeps no other waiting
        with pytest.raises(UserError, match="moved or deleted"):
            store.save_all(book, [("settings/company", "B")], author="Ann")


def _fill(store: Store) -> None:
    """Let the file grow no further, as on a full disk."""

    @sa_event.listens_for(store.engine, "connect")
    def _(raw: Any, _record: Any) -> None:
        pages = raw.execute("PRAGMA page_count").fetchone()[0]
        raw.execute(f"PRAGMA max_page_count = {pages}")

    store.engine.dispose()


def test_on_a_full_disk_an_answer_is_refused_in_words_and_everything_can_still_be_read(
    tmp_path: Path,
) -> None:
    store = Store(tmp_path)
    book = store.create("Acme", author="Ann")
    store.save(book, "settings/company", "Acme", author="Ann")
    _fill(store)
    with pytest.raises(UserError, match=r"The disk is full.*Free some space"):
        store.save(book, "stage/note", "x" * 50_000, author="Ann")
    assert store.workbook(book).settings.company == "Acme"
    assert [event.rev for event in store.events(book)] == [1, 2]
    for number in range(200):  # people come and go until not even that fits
        store.seen(f"{'guest' * 40}{number}", "", book, "start")
    with pytest.raises(UserError, match="The disk is full"):
        store.seen("guest" * 40, "n" * 9000, book, "start")  # a name that was typed is not dropped in silence


def test_a_busy_store_is_refused_in_words(tmp_path: Path) -> None:
    store = Store(tmp_path)
    book = store.create("Acme", author="Ann")
    with store.engine.connect() as raw:
        raw.exec_driver_sql("PRAGMA busy_timeout = 1")
    with sqlite3.connect(tmp_path / "workbook.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(ConflictError, match="The workbook is busy"):
            store.save(book, "settings/company", "B", author="Ann")
    other.close()
    store.save(book, "settings/company", "C", author="Ann")
    assert store.workbook(book).settings.company == "C"


@pytest.mark.parametrize(("url", "words"), [
    ("nonsense://ann@host/name", "not the address of a database"),
    ("not an address", "not the address of a database"),
    ("mysql+aiomysql://ann@host/name", "driver is not installed"),
])  # fmt: skip
def test_an_address_of_a_database_that_cannot_be_used_is_told(tmp_path: Path, url: str, words: str) -> None:
    with pytest.raises(UserError) as refused:
        Store(tmp_path, url)
    assert words in _said(refused.value, tmp_path)

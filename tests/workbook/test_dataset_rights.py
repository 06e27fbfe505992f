"""Rights to datasets: given by uploading or by an owner, asked for each person, ended with the membership."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from lib.workbook.dataset_rights import DatasetRights
from lib.workbook.members import Members
from lib.workbook.store import Store

pytestmark = pytest.mark.usefixtures("database")
OLGA, PAT, MAL = "olga@example.com", "pat@example.com", "mal@example.com"
F = "ab" * 32


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path)
    yield made
    made.engine.dispose()


def _named(store: Store, who: str) -> str:
    id = store.create("Ours", author=who)
    store.save(id, "datasets/events/fingerprint", F, author=who)
    Members(store.engine).claim(id, who)
    return id


def test_naming_a_dataset_gives_no_right_and_membership_of_its_workbook_does(store: Store) -> None:
    rights, members = DatasetRights(store.engine), Members(store.engine)
    book = _named(store, OLGA)
    rights.give(book, [F])
    _named(store, MAL)  # names it in a workbook of his own
    members.grant(OLGA, book, PAT, "viewer")
    assert [rights.may_open(who, F) for who in (OLGA, PAT, MAL, "")] == [True, True, False, False]
    assert [rights.may_pass_on(who, F) for who in (OLGA, PAT, MAL)] == [True, False, False]
    members.grant(OLGA, book, PAT, "")
    assert not rights.may_open(PAT, F)
    store.delete(book)
    assert not rights.may_open(OLGA, F)
    store.undelete(book)
    assert rights.may_open(OLGA, F)
    rights.take(F)
    assert not rights.may_open(OLGA, F)


def test_a_home_of_before_gets_what_was_uploaded_and_not_what_was_imported(store: Store) -> None:
    book = _named(store, OLGA)
    stolen = store.import_events(store.events(book), "Copy")
    Members(store.engine).claim(stolen, MAL)
    with store.engine.connect().execution_options(write=True) as connection, connection.begin():
        connection.execute(sa.text("UPDATE workbook SET created_at = '2999' WHERE id = :id"), {"id": stolen})
    rights = DatasetRights(store.engine)
    assert rights.having(F) == {book}
    assert rights.may_open(OLGA, F)
    assert not rights.may_open(MAL, F)


def test_where_nobody_signed_in_a_home_of_before_keeps_its_copies(store: Store) -> None:
    book = store.create("Ours", author="Ann")
    store.save(book, "datasets/events/fingerprint", F, author="Ann")
    copy = store.import_events(store.events(book), "Copy")
    rights = DatasetRights(store.engine)
    assert not rights.is_hosted()
    assert rights.having(F) == {book, copy}

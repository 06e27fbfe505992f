"""Ratings of people: nobody reads from the history or from a file that leaves who rated whom how."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lib.workbook import history, portable
from lib.workbook.model import fold
from lib.workbook.store import Store

RATING = "skills/ann/messaging/p1"


@pytest.fixture
def log(tmp_path: Path) -> list[history.Event]:
    """A workbook in which Ben named Ann, chose a hire and rated her twice."""
    store = Store(tmp_path)
    book = store.create("Team", author="Cy")
    store.save(book, "people/ann/name", "Ann", author="Ben")
    store.save(book, "skills/hiring", "hybrid", author="Ben")
    store.save_all(book, [(RATING, 2)], author="Ben", note="Rate Messaging")
    store.save_all(book, [(RATING, 4)], author="Ben", note="Rate Messaging")
    return list(store.events(book))


def test_the_history_hides_who_rated_whom_how(log: list[history.Event]) -> None:
    """A rating is seen to have been given, and nothing else; other answers keep their author."""
    newest, first, hiring, person, _ = history.steps(log)
    for step in (newest, first):
        shown = f"{step.author} {step.title} {step.changes}"
        assert step.author == history.SOMEBODY
        for told in ("Ben", "Ann", "ann", "messaging", "Messaging", "'2'", "'4'"):
            assert told not in shown
    assert (hiring.author, hiring.changes[0].after) == ("Ben", "hybrid")
    assert (person.author, person.changes[0].after) == ("Ben", "Ann")
    assert "Messaging" not in history.label(RATING)


def test_an_undone_rating_stays_hidden(tmp_path: Path) -> None:
    """Taking a rating back tells no more than giving it."""
    store = Store(tmp_path)
    book = store.create("Team", author="Cy")
    store.save(book, RATING, 2, author="Ben")
    store.undo(book, author="Ben")
    newest = history.steps(store.events(book))[0]
    assert newest.title.startswith("Undo")
    assert newest.author == history.SOMEBODY
    assert "Ben" not in str(newest)


def test_a_file_that_leaves_with_a_deck_holds_no_rating(log: list[history.Event]) -> None:
    """It opens, holds every other answer, and neither level, rater nor rated."""
    content = portable.export(portable.without_private(log))
    opened = portable.parse(content)
    book = fold({event.key: event.value for event in opened})
    assert book.people["ann"].name == "Ann"
    assert book.skills["hiring"] == "hybrid"
    assert b"messaging" not in content.lower()
    assert b"p1" not in content
    assert not any(value for key, value in book.skills.items() if key != "hiring")
    whole = portable.parse(portable.export(log))
    assert fold({event.key: event.value for event in whole}).skills["ann/messaging/p1"] == 4


def test_evidence_of_a_rating_is_as_private_as_the_rating(log: list[history.Event]) -> None:
    """What somebody wrote in support of a rating stays out of file and history; both kinds of file open."""
    said = replace(
        log[-1], rev=log[-1].rev + 1, key=f"{RATING}/evidence", value="Late with the launch", step="e"
    )
    whole = [*log, said]
    assert portable.private_answers(whole) == 2
    shared = portable.export(portable.without_private(whole))
    assert b"Late with the launch" not in shared
    assert "Late with the launch" not in str(history.steps(whole))
    assert not portable.withheld(portable.parse(portable.export(whole)))
    reopened = portable.parse(shared)
    assert portable.withheld(reopened)
    assert portable.private_answers(reopened) == 0
    assert portable.export(portable.without_private(reopened)) == shared


def test_a_file_without_private_answers_opens_and_goes_on(tmp_path: Path, log: list[history.Event]) -> None:
    """Undo, new ratings and another export work in a workbook that came without its ratings."""
    store = Store(tmp_path)
    book = store.import_events(portable.parse(portable.export(portable.without_private(log))), "Copy")
    store.save(book, RATING, 5, author="Dee")
    store.undo(book, author="Dee")
    store.save(book, RATING, 3, author="Dee")
    assert store.workbook(book).skills["ann/messaging/p1"] == 3
    assert portable.private_answers(store.events(book)) == 1

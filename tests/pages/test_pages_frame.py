"""The pages of the frame through the shell: start, workbook, reference, and every page without any data."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.ui import pages
from lib.workbook.store import Store, open_store

SHELL = pages.ROOT / "lib" / "ui" / "shell.py"


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setenv("WORKBOOK_HOME", str(tmp_path))
    found = open_store(tmp_path.resolve())
    yield found
    found.engine.dispose()


def _visit(path: str, book: str = "") -> AppTest:
    at = AppTest.from_file(SHELL, default_timeout=120)
    if book:
        at.query_params["workbook"] = book
    at.run()
    if path != "start":
        at.switch_page(f"../../pages/{path}.py").run()
    assert not at.exception
    return at


@pytest.mark.parametrize("path", [page.path for page in pages.available()])
def test_a_page_of_an_empty_installation_opens_and_makes_nothing(store: Store, path: str) -> None:
    at = _visit(path)
    assert len(at.title) == 1
    assert not [item.value for item in at.error]
    assert store.entries() == []


@pytest.mark.parametrize("path", [page.path for page in pages.available()])
def test_a_page_of_an_empty_workbook_opens(store: Store, path: str) -> None:
    book = store.create("A", author="Ann")
    at = _visit(path, book)
    assert len(at.title) == 1
    assert not [item.value for item in at.error]
    assert store.rev(book) == 1, "looking at a page must not change the workbook"


def test_the_first_answer_makes_the_workbook(store: Store) -> None:
    at = _visit("workbook")
    at.text_input("answer.settings.company").set_value("Acme").run()
    (entry,) = store.entries()
    assert store.workbook(entry.id).settings.company == "Acme"


def test_a_link_opens_its_workbook_and_not_the_newest(store: Store) -> None:
    old = store.create("Old", author="Ann")
    store.create("New", author="Ann")
    at = _visit("start", old)
    assert at.title[0].value == "Where does Old stand?"


def test_a_link_to_a_workbook_that_is_gone_says_so(store: Store) -> None:
    store.create("Other", author="Ann")
    at = _visit("start", "no-such-id")
    assert any("not here" in item.value for item in at.error)


def test_start_says_what_is_next(store: Store) -> None:
    book = store.create("Acme", author="Ann")
    at = _visit("start", book)
    assert any(button.label == "Continue: Data" for button in at.button)
    store.save(book, "datasets/events/fingerprint", "ab", author="Ann")
    at.run()
    assert not any(button.label == "Continue: Data" for button in at.button)


def test_start_leads_a_team_that_walks_without_data_to_what_it_began(store: Store) -> None:
    book = store.create("Acme", author="Ann")
    store.save(book, "stages/visit/name", "Visit", author="Ann")
    at = _visit("start", book)
    assert any(button.label == "Continue: Handoff map" for button in at.button)


def test_undo_in_the_sidebar(store: Store) -> None:
    book = store.create("Acme", author="Ann")
    at = _visit("workbook", book)
    assert at.button("frame.undo").disabled
    at.text_input("answer.settings.company").set_value("Typo").run()
    at.button("frame.undo").click().run()
    assert store.workbook(book).settings.company == ""
    at.button("frame.redo").click().run()
    assert at.text_input("answer.settings.company").value == "Typo"


def test_names_go_into_the_history(store: Store) -> None:
    book = store.create("Acme", author="Ann")
    at = _visit("workbook", book)
    at.text_input("frame.name").set_value("Maya").run()
    at.text_input("answer.settings.company").set_value("Acme").run()
    assert store.events(book)[-1].author == "Maya"


def test_the_history_goes_back_to_a_point(store: Store) -> None:
    book = store.create("Acme", author="Ann")
    store.save(book, "settings/company", "One", author="Ann")
    store.save(book, "settings/company", "Two", author="Bob")
    at = _visit("workbook", book)
    at.session_state["workbook.tabs"] = "History"
    at.run()
    at.button("history.restore.2").click().run()
    assert store.workbook(book).settings.company == "One"


def test_workbooks_are_made_copied_deleted_and_brought_back(store: Store) -> None:
    book = store.create("Acme", author="Ann")
    at = _visit("workbook", book)
    at.session_state["workbook.tabs"] = "All workbooks"
    at.run()
    at.text_input("shelf.name").set_value("Second").run()
    at.button("shelf.create").click().run()
    assert {entry.name for entry in store.entries()} == {"Acme", "Second"}
    at.button(f"shelf.copy.{book}").click().run()
    assert "Acme (copy)" in {entry.name for entry in store.entries()}
    at.button(f"shelf.delete.{book}").click().run()
    assert book not in {entry.id for entry in store.entries()}
    at.button(f"shelf.back.{book}").click().run()
    assert book in {entry.id for entry in store.entries()}
    assert not at.exception


def test_the_finished_example_opens_with_one_click(store: Store) -> None:
    at = _visit("start")
    at.button("start.example").click().run()
    assert not at.exception
    assert not [item.value for item in at.error]
    (entry,) = store.entries()
    book = store.workbook(entry.id)
    assert book.datasets["events"].rows > 100_000
    assert book.main_handoff() is not None
    assert {event.author for event in store.events(entry.id)} > {"Workbook"}


def test_reference_searches(store: Store) -> None:
    at = _visit("reference")
    at.text_input("reference.search").set_value("activation").run()
    assert any("Activation" in item.value for item in at.markdown)
    at.text_input("reference.search").set_value("qqqq").run()
    assert any("Nothing here speaks of" in item.value for item in at.markdown)

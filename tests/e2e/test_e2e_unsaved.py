"""The server ends while somebody types: the text is marked, kept in the browser, and sent again."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from lib.workbook.store import Store
from tests.e2e.support import Server, answer, make_workbook, settled, visit
from tests.patience import until

COMPANY = "settings/company"


def _saved(home: Path, book: str, what: str, text: str) -> None:
    store = Store(home)
    kept = until(lambda: store.snapshot(book).value(what) == text)
    assert kept, f"{text!r} was not saved: {store.snapshot(book).value(what)!r}"
    store.engine.dispose()


def _hang(server: Server) -> None:
    """From now on the server takes nothing in, and the browser does not know; once it knows, nobody can type."""
    os.kill(server.pid, signal.SIGSTOP)


def _add(field: Locator, text: str) -> None:
    field.press("End")
    field.press_sequentially(text)


def _kept(page: Page) -> str:
    return page.evaluate("localStorage.getItem('workbook.unsaved')") or "{}"


def _is_emptied(page: Page) -> None:
    assert until(lambda: _kept(page) == "{}", lambda seconds: page.wait_for_timeout(1000 * seconds))


def _box(field: Locator) -> Locator:
    return field.locator("xpath=ancestor::*[contains(@class,'st-key-answer-')][1]")


def test_text_typed_while_the_server_is_away_is_marked_and_sent_again(
    fresh_server: Server, page: Page
) -> None:
    book = make_workbook(fresh_server.home)
    visit(page, f"{fresh_server.url}/workbook?workbook={book}")
    _hang(fresh_server)
    field = answer(page, COMPANY)
    _add(field, " and Sons")
    expect(_box(field)).to_have_attribute("data-unsaved", "Not saved yet")
    assert "Acme and Sons" in _kept(page)
    fresh_server.stop(kill=True)
    fresh_server.start()
    _saved(fresh_server.home, book, COMPANY, "Acme and Sons")
    expect(field).to_have_value("Acme and Sons")
    _is_emptied(page)
    expect(_box(field)).not_to_have_attribute("data-unsaved", "Not saved yet")


def test_text_outlives_a_restart_and_a_reload(fresh_server: Server, page: Page) -> None:
    book = make_workbook(fresh_server.home)
    url = f"{fresh_server.url}/workbook?workbook={book}"
    visit(page, url)
    _hang(fresh_server)
    _add(answer(page, COMPANY), " after all")
    assert "Acme after all" in _kept(page)
    fresh_server.stop(kill=True)
    page.goto("about:blank")
    fresh_server.start()
    visit(page, url)
    _saved(fresh_server.home, book, COMPANY, "Acme after all")
    expect(answer(page, COMPANY)).to_have_value("Acme after all")


def test_somebody_elses_answer_is_not_written_over(fresh_server: Server, page: Page) -> None:
    book = make_workbook(fresh_server.home)
    url = f"{fresh_server.url}/workbook?workbook={book}"
    visit(page, url)
    _hang(fresh_server)
    _add(answer(page, COMPANY), " mine")
    fresh_server.stop(kill=True)
    page.goto("about:blank")
    store = Store(fresh_server.home)
    store.save(book, COMPANY, "Theirs", author="Ben")
    store.engine.dispose()
    fresh_server.start()
    visit(page, url)
    expect(page.get_by_text("Not saved: “Acme mine”")).to_be_visible()
    expect(answer(page, COMPANY)).to_have_value("Theirs")
    page.get_by_role("button", name="Use what I typed").click(delay=60)
    _saved(fresh_server.home, book, COMPANY, "Acme mine")


def test_a_long_text_that_was_never_sent_is_sent_after_a_restart(fresh_server: Server, page: Page) -> None:
    book = make_workbook(fresh_server.home)
    store = Store(fresh_server.home)
    store.save_all(
        book,
        [("handoffs/h/name", "Trial"), ("stages/a/name", "A"), ("stage/decision", "growth")],
        author="Ann",
    )
    store.engine.dispose()
    visit(page, f"{fresh_server.url}/stage_choice?workbook={book}")
    field = answer(page, "stage/reason")
    field.press_sequentially("Because they come back")
    expect(_box(field)).to_have_attribute("data-unsaved", "Not saved yet")
    page.wait_for_timeout(1500)  # Streamlit sends a long text when it is left, no earlier
    assert "Because they come back" in _kept(page)
    fresh_server.stop(kill=True)
    fresh_server.start()
    _saved(fresh_server.home, book, "stage/reason", "Because they come back")


def test_what_is_saved_leaves_nothing_behind_in_the_browser(server: Server, page: Page) -> None:
    book = make_workbook(server.home)
    visit(page, f"{server.url}/workbook?workbook={book}")
    _add(answer(page, COMPANY), " Ltd")
    _saved(server.home, book, COMPANY, "Acme Ltd")
    _is_emptied(page)
    settled(page)
    expect(answer(page, COMPANY)).to_have_value("Acme Ltd")

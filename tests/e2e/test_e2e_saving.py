"""What a person typed is there after a reload, a second tab, a restart; two people at once see each other's words."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from lib.workbook.store import Store
from tests.e2e.support import Server, answer, make_workbook, settled, visit
from tests.patience import until

COMPANY = "settings/company"


def _type(page: Page, text: str) -> None:
    field = answer(page, COMPANY)
    field.fill(text)
    field.press("Enter")
    page.wait_for_timeout(300)
    settled(page)


def _wait_saved(home: Path, book: str, text: str) -> None:
    store = Store(home)
    saved = until(lambda: store.workbook(book).settings.company == text)
    assert saved, f"{text!r} was not saved: {store.workbook(book).settings}"
    store.engine.dispose()


def test_what_is_typed_is_saved_without_leaving_the_field(server: Server, page: Page) -> None:
    book = make_workbook(server.home)
    visit(page, f"{server.url}/workbook?workbook={book}")
    answer(page, COMPANY).fill("Typed only")
    _wait_saved(server.home, book, "Typed only")


def test_reload_second_tab_and_restart_lose_nothing(fresh_server: Server, page: Page) -> None:
    book = make_workbook(fresh_server.home)
    url = f"{fresh_server.url}/workbook?workbook={book}"
    visit(page, url)
    _type(page, "Kept Ltd")
    _wait_saved(fresh_server.home, book, "Kept Ltd")
    visit(page, url)
    expect(answer(page, COMPANY)).to_have_value("Kept Ltd")
    other = page.context.new_page()
    visit(other, url)
    expect(answer(other, COMPANY)).to_have_value("Kept Ltd")
    fresh_server.stop(kill=True)
    fresh_server.start()
    visit(page, url)
    expect(answer(page, COMPANY)).to_have_value("Kept Ltd")


def test_a_change_made_on_a_page_of_the_time_before_a_restart_is_not_lost_in_silence(
    fresh_server: Server, page: Page
) -> None:
    book = make_workbook(fresh_server.home)
    visit(page, f"{fresh_server.url}/workbook?workbook={book}")
    expect(page.get_by_test_id("stAlert")).to_have_count(0)
    fresh_server.stop(kill=True)
    fresh_server.start()
    settled(page)
    _type(page, "Typed after the restart")
    _wait_saved(fresh_server.home, book, "Typed after the restart")  # typed in again by the page itself
    _type(page, "Typed again")
    _wait_saved(fresh_server.home, book, "Typed again")
    expect(page.get_by_test_id("stAlert")).to_have_count(0)


def test_two_tabs_on_one_answer_show_both_and_ask(server: Server, page: Page) -> None:
    book = make_workbook(server.home)
    url = f"{server.url}/workbook?workbook={book}"
    other = page.context.new_page()
    visit(page, url)
    visit(other, url)
    _type(page, "From the first tab")
    _wait_saved(server.home, book, "From the first tab")
    _type(other, "From the second tab")
    conflict = other.locator("[class*='st-key-clash']")
    expect(conflict).to_contain_text("From the first tab")
    expect(conflict).to_contain_text("From the second tab")
    assert _company(server.home, book) == "From the first tab"
    other.get_by_role("button", name="Keep mine").click(delay=60)
    _wait_saved(server.home, book, "From the second tab")
    expect(conflict).to_have_count(0)
    # Now the first tab is behind; it takes over what stands there.
    _type(page, "Again from the first")
    page.get_by_role("button", name="Take theirs").click(delay=60)
    expect(answer(page, COMPANY)).to_have_value("From the second tab")
    assert _company(server.home, book) == "From the second tab"


def test_somebody_elses_answer_arrives_with_the_next_click(
    server: Server, browser: Browser, page: Page
) -> None:
    book = make_workbook(server.home)
    url = f"{server.url}/workbook?workbook={book}"
    visit(page, url)
    person = browser.new_context()
    other = person.new_page()
    visit(other, url)
    _type(other, "By another person")
    _wait_saved(server.home, book, "By another person")
    page.get_by_role("tab", name="File").click()
    settled(page)
    page.get_by_role("tab", name="Settings").click()
    settled(page)
    expect(answer(page, COMPANY)).to_have_value("By another person")
    expect(page.locator("[data-testid=stSidebar]")).to_contain_text("Also here: Guest")
    person.close()


def test_undo_and_redo_from_the_sidebar(server: Server, page: Page) -> None:
    book = make_workbook(server.home)
    visit(page, f"{server.url}/workbook?workbook={book}")
    _type(page, "Changed")
    _wait_saved(server.home, book, "Changed")
    page.locator(".st-key-frame-undo").get_by_role("button", name="Undo").click(delay=60)
    _wait_saved(server.home, book, "Acme")
    expect(answer(page, COMPANY)).to_have_value("Acme")
    page.locator(".st-key-frame-undo").get_by_role("button", name="Redo").click(delay=60)
    _wait_saved(server.home, book, "Changed")


def test_a_name_is_remembered_by_the_browser(server: Server, page: Page) -> None:
    book = make_workbook(server.home)
    visit(page, f"{server.url}/?workbook={book}")
    name = page.get_by_label("Your name")
    name.fill("Maya")
    name.press("Enter")
    page.wait_for_timeout(500)
    settled(page)
    visit(page, f"{server.url}/workbook?workbook={book}")
    expect(page.get_by_label("Your name")).to_have_value("Maya")
    _type(page, "Maya's")
    _wait_saved(server.home, book, "Maya's")
    store = Store(server.home)
    assert store.events(book)[-1].author == "Maya"
    store.engine.dispose()


def _company(home: Path, book: str) -> str:
    store = Store(home)
    found = store.workbook(book).settings.company
    store.engine.dispose()
    return found


_CROWDED = """
from lib.ui import frame
from lib.ui.kit import save_status
from lib.ui.web import admission
admission.is_crowded, save_status.PATIENCE = lambda: True, 2.0
run = frame.run
def counted():
    print("whole page", flush=True)
    run()
frame.run = counted
"""


def test_in_a_crowd_a_save_is_answered_at_once_and_the_page_follows(tmp_path: Path, page: Page) -> None:
    server = Server(tmp_path, first=_CROWDED)
    server.start()
    try:
        book = make_workbook(tmp_path)
        visit(page, f"{server.url}/workbook?workbook={book}")
        pages = server.log().count("whole page")
        answer(page, COMPANY).fill("Crowded Ltd")
        _wait_saved(tmp_path, book, "Crowded Ltd")
        page.wait_for_timeout(700)
        assert server.log().count("whole page") == pages  # the field alone is drawn ...
        undo = page.locator(".st-key-frame-undo").get_by_role("button", name="Undo")
        expect(undo).to_be_enabled()  # ... and the page a while later, once
        assert server.log().count("whole page") == pages + 1
        expect(answer(page, COMPANY)).to_have_value("Crowded Ltd")
        page.wait_for_timeout(3000)
        assert server.log().count("whole page") == pages + 1
        undo.click(delay=60)
        expect(answer(page, COMPANY)).to_have_value("Acme")
    finally:
        server.stop()

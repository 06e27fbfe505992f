"""The audit and the handoff page on the finished example: accessible in every tab, and two people at once lose nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from lib.workbook.model import Workbook
from lib.workbook.store import Store
from tests.e2e import axe
from tests.e2e.screens import make_example
from tests.e2e.support import Server, answer, served, settled, visit
from tests.patience import until

TABS = {
    "metric_audit": ("Each metric", "What changed", "Shared metrics", "North Star"),
    "handoff_map": ("Move the baton", "Candidates", "Response time", "Where we differ", "Who answers"),
}
ENTRY, NAME = "handoffs/trial/entry", "handoffs/trial/name"
REGISTER = "audit-register"
ROW, HEAD = 35, 36  # pixels of a table's row and heading


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, str]]:
    """A server with the finished example of this module alone."""
    home = tmp_path_factory.mktemp("example")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBOOK_HOME", str(home))
        book = make_example(home)
    with served(home) as running:
        yield running, book


@pytest.fixture
def two(example: tuple[Server, str], browser: Browser) -> Iterator[Callable[[str], tuple[Page, Page]]]:
    """Two people with a browser each, on one page of the example."""
    server, book = example
    people = [browser.new_context(viewport={"width": 1280, "height": 1000}) for _ in range(2)]

    def opened(path: str) -> tuple[Page, Page]:
        pages = [person.new_page() for person in people]
        for page in pages:
            visit(page, f"{server.url}/{path}?workbook={book}")
        return pages[0], pages[1]

    yield opened
    for person in people:
        person.close()


def wait(home: Path, book: str, is_so: Callable[[Workbook], bool]) -> Workbook:
    """The workbook once something is so; fails with what stands there in the end."""
    store = Store(home)
    try:
        assert until(lambda: is_so(store.workbook(book))), store.workbook(book).model_dump_json(indent=1)[
            :3000
        ]
        return store.workbook(book)
    finally:
        store.engine.dispose()


@pytest.mark.parametrize("path", TABS)
@pytest.mark.parametrize("width", [1280, 390])
def test_every_tab_is_accessible(example: tuple[Server, str], page: Page, path: str, width: int) -> None:
    try:
        axe.script()
    except axe.NoAxeError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))
    server, book = example
    page.set_viewport_size({"width": width, "height": 900})
    visit(page, f"{server.url}/{path}?workbook={book}")
    found = {}
    for tab in TABS[path]:
        page.get_by_role("tab", name=tab, exact=True).click()
        page.wait_for_timeout(300)
        settled(page)
        assert page.locator("[data-testid=stException]").count() == 0, tab
        found[tab] = axe.violations(page)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), tab
    assert found == {tab: [] for tab in TABS[path]}


def test_two_people_on_different_answers_lose_nothing(example: tuple[Server, str], two: Callable) -> None:
    server, book = example
    ann, ben = two("handoff_map")
    answer(ann, ENTRY).fill("Work address, asked for a trial")
    answer(ben, NAME).fill("Trial, agreed")
    answer(ann, ENTRY).press("Control+Enter")
    answer(ben, NAME).press("Enter")
    found = wait(server.home, book, lambda b: b.handoffs["trial"].name == "Trial, agreed"
                 and b.handoffs["trial"].entry.startswith("Work address"))  # fmt: skip
    assert found.handoffs["trial"].exit  # what neither touched still stands
    settled(ann)
    settled(ben)
    assert (
        ann.locator("[class*='st-key-clash']").count() == ben.locator("[class*='st-key-clash']").count() == 0
    )


def test_two_people_on_one_clause_of_the_contract_see_both(
    example: tuple[Server, str], two: Callable
) -> None:
    server, book = example
    ann, ben = two("handoff_map")
    answer(ann, ENTRY).fill("As Ann has it")
    answer(ann, ENTRY).press("Control+Enter")
    wait(server.home, book, lambda b: b.handoffs["trial"].entry == "As Ann has it")
    answer(ben, ENTRY).fill("As Ben has it")
    answer(ben, ENTRY).press("Control+Enter")
    conflict = ben.locator("[class*='st-key-clash']")
    expect(conflict).to_contain_text("As Ann has it")
    expect(conflict).to_contain_text("As Ben has it")
    wait(server.home, book, lambda b: b.handoffs["trial"].entry == "As Ann has it")
    ben.get_by_role("button", name="Keep mine").click(delay=60)
    wait(server.home, book, lambda b: b.handoffs["trial"].entry == "As Ben has it")
    expect(conflict).to_have_count(0)


def cell(page: Page, row: int, column: float, text: str) -> None:
    """Type into a cell of the register: row from 0, column as a share of its width."""
    canvas = page.locator(
        f".st-key-{REGISTER}-0 canvas, .st-key-{REGISTER}-1 canvas, .st-key-{REGISTER}-2 canvas"
    ).first
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    # Glide lays its scroller over the canvas, so the mouse is moved by hand.
    page.mouse.click(box["x"] + box["width"] * column, box["y"] + HEAD + ROW * row + ROW / 2)
    page.wait_for_timeout(200)
    if not page.locator("#portal textarea").count():  # a cell that was selected already opens by the click
        page.keyboard.press("Enter")
        page.wait_for_timeout(300)
    page.keyboard.press("Control+a")
    page.keyboard.type(text, delay=15)
    page.wait_for_timeout(200)
    page.keyboard.press("Enter")
    page.wait_for_timeout(400)
    settled(page)


def test_two_people_in_the_register(example: tuple[Server, str], two: Callable) -> None:
    server, book = example
    ann, ben = two("metric_audit")
    first, second = list(wait(server.home, book, lambda b: True).metrics)[:2]
    cell(ann, 0, 0.1, "Visits of people")
    cell(ben, 1, 0.1, "Searches for our name")  # Ben has not seen Ann's edit yet
    found = wait(server.home, book, lambda b: b.metrics[second].name == "Searches for our name")
    assert found.metrics[first].name == "Visits of people"
    cell(ben, 0, 0.1, "By Ben")  # he has seen it now: no clash, his word stands
    wait(server.home, book, lambda b: b.metrics[first].name == "By Ben")
    cell(ann, 0, 0.1, "By Ann")  # she has not seen his
    conflict = ann.locator("[class*='st-key-clash']")
    expect(conflict).to_contain_text("By Ben")
    expect(conflict).to_contain_text("By Ann")
    assert wait(server.home, book, lambda b: True).metrics[first].name == "By Ben"
    ann.get_by_role("button", name="Keep mine").click(delay=60)
    wait(server.home, book, lambda b: b.metrics[first].name == "By Ann")
    expect(conflict).to_have_count(0)


def test_edit_after_edit_is_kept(example: tuple[Server, str], two: Callable) -> None:
    server, book = example
    ann, _ = two("metric_audit")
    ids = list(wait(server.home, book, lambda b: True).metrics)
    for row in range(5):
        cell(ann, row, 0.1, f"Name {row}")
    wait(
        server.home,
        book,
        lambda b: [b.metrics[id].name for id in ids[:5]] == [f"Name {row}" for row in range(5)],
    )

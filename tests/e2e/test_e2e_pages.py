"""Every page in a real browser: cold deep links, no request elsewhere, accessible, usable by keyboard and on a phone."""

from __future__ import annotations

import os

import pytest
from playwright.sync_api import BrowserContext, Page

from lib.ui import pages
from tests.e2e import axe
from tests.e2e.support import Server, make_workbook, settled, visit
from tests.patience import until

PATHS = [item.path for item in pages.available()]


@pytest.mark.parametrize("path", PATHS)
def test_a_deep_link_on_a_cold_server_shows_that_page(fresh_server: Server, page: Page, path: str) -> None:
    book = make_workbook(fresh_server.home)
    visit(page, f"{fresh_server.url}/{path}?workbook={book}")
    assert page.locator("h1").count() == 1
    current = page.locator(".st-key-frame-current a").first
    assert pages.info(path).title in current.inner_text()
    # The sidebar is ours, not the one that Streamlit makes of the files in pages/.
    assert page.locator(".st-key-frame-brand").is_visible()
    assert page.locator("[data-testid=stSidebarNav]").count() == 0
    assert page.locator("[data-testid=stException]").count() == 0
    assert "Uncaught" not in fresh_server.log()
    assert f"workbook={book}" in page.url


def test_a_page_without_any_workbook_says_what_to_do(fresh_server: Server, page: Page) -> None:
    for path in PATHS:
        visit(page, f"{fresh_server.url}/{path}")
        text = page.locator("[data-testid=stMain]").inner_text()
        assert "went wrong on our side" not in text, path
        assert page.locator("[data-testid=stException]").count() == 0, path
    assert "a page failed" not in fresh_server.log()


def test_no_request_leaves_the_server(server: Server, context: BrowserContext) -> None:
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    book = make_workbook(server.home)
    for path in PATHS:
        visit(page, f"{server.url}/{path}?workbook={book}")
    page.wait_for_timeout(500)
    sent = {url.split("/")[2] for url in asked if not url.startswith(("data:", "blob:"))}
    assert sent == {f"127.0.0.1:{server.port}"}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("width", [1280, 390])
def test_accessible(server: Server, page: Page, path: str, width: int) -> None:
    try:
        axe.script()
    except axe.NoAxeError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))
    page.set_viewport_size({"width": width, "height": 900})
    book = make_workbook(server.home)
    visit(page, f"{server.url}/{path}?workbook={book}")
    assert axe.violations(page) == []
    page.emulate_media(color_scheme="dark")  # the reader's system turns dark while the page is open
    scheme = "getComputedStyle(document.querySelector('.stApp')).colorScheme"
    # The content policy allows no function that would wait in the page.
    is_dark = until(lambda: page.evaluate(scheme) == "dark", lambda s: page.wait_for_timeout(1000 * s))
    assert is_dark, "the page does not follow the system's theme"
    settled(page)
    assert axe.violations(page) == []


@pytest.mark.parametrize("path", PATHS)
def test_readable_on_a_phone(server: Server, page: Page, path: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    book = make_workbook(server.home)
    visit(page, f"{server.url}/{path}?workbook={book}")
    # Nothing makes the page itself scroll sideways.
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 391
    assert page.locator("h1").is_visible()


def test_the_walk_keeps_the_workbook_in_the_address(server: Server, page: Page) -> None:
    book = make_workbook(server.home, "Kept")
    make_workbook(server.home, "Newer")
    visit(page, f"{server.url}/?workbook={book}")
    for item in pages.available()[1:]:
        link = page.locator(".st-key-frame-nav").get_by_role("link", name=item.title, exact=False).first
        link.click()
        page.wait_for_url(f"**/{item.path}?*")
        settled(page)
        assert f"workbook={book}" in page.url, item.path
    page.go_back()
    settled(page)
    assert f"workbook={book}" in page.url


def test_every_page_is_reached_by_keyboard(server: Server, page: Page) -> None:
    book = make_workbook(server.home)
    visit(page, f"{server.url}/?workbook={book}")
    for _ in range(40):
        page.keyboard.press("Tab")
        if "Reference" in page.evaluate("document.activeElement.innerText || ''"):
            break
    else:
        pytest.fail("Tab never reached the link to the Reference page")
    page.keyboard.press("Enter")
    page.wait_for_url("**/reference?*")


# The element that the keyboard is on, and whether it or what holds it closely shows a ring; null for none.
_STOP = """() => {
  const stop = document.activeElement;
  if (!stop || stop === document.body) return null;
  const rings = [stop, stop.parentElement, stop.parentElement?.parentElement].filter(Boolean).map(getComputedStyle)
    .some(style => (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none');
  const name = stop.getAttribute('aria-label') || stop.innerText || stop.closest('label')?.innerText || stop.tagName;
  return {name: name.slice(0, 40), rings: rings || stop.tagName === 'CANVAS'};
}"""  # a grid's canvas draws its own ring


@pytest.mark.parametrize("path", ["handoff_map", "stage_choice", "reference"])
def test_the_keyboard_always_shows_where_it_is(server: Server, page: Page, path: str) -> None:
    visit(page, f"{server.url}/{path}?workbook={make_workbook(server.home)}")
    stops = []
    for _ in range(90):
        page.keyboard.press("Tab")
        stop = page.evaluate(_STOP)
        if stop is None:
            break
        stops.append(stop)
    assert stops[0]["name"] == "Skip to main content"
    assert len(stops) > 15
    assert [stop["name"] for stop in stops if not stop["rings"]] == []
    assert "Link to heading" not in {stop["name"] for stop in stops}, (
        "an anchor per heading is a stop for nothing"
    )


def test_escape_closes_what_opens_over_the_page(server: Server, page: Page) -> None:
    visit(page, f"{server.url}/?workbook={make_workbook(server.home)}")
    opener = page.locator(".stPopover button").first
    opener.focus()
    page.keyboard.press("Enter")
    body = page.locator("[data-testid=stPopoverBody]")
    body.wait_for()
    page.keyboard.press("Escape")
    body.wait_for(state="hidden")
    assert page.evaluate("document.activeElement.closest('.stPopover') !== null"), "back on what opened it"


def test_the_server_dresses_its_answers_and_keeps_its_doors_closed(server: Server, page: Page) -> None:
    answer = page.request.get(server.url, headers={"accept": "text/html"})
    policy = answer.headers["content-security-policy"]
    script = next(rule for rule in policy.split("; ") if rule.startswith("script-src"))
    assert "unsafe-inline" not in script
    assert "'unsafe-eval'" not in script
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert page.request.get(f"{server.url}/_stcore/metrics").status == 404


def test_the_policy_blocks_nothing_that_is_needed(server: Server, page: Page) -> None:
    blocked: list[str] = []
    page.on(
        "console",
        lambda message: blocked.append(message.text) if "Content Security" in message.text else None,
    )
    book = make_workbook(server.home)
    for path in PATHS:
        visit(page, f"{server.url}/{path}?workbook={book}")
    assert blocked == []

"""Servers on free ports with homes of their own, and one browser for the whole run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, sync_playwright

from tests.e2e.support import Server, launch, served


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder drives a real server: marked, and given time for it."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium: skipped where there is none, except in CI, where that is a failure."""
    with sync_playwright() as playwright:
        try:
            found = launch(playwright)
        except Error as error:
            reason = f"no Chromium to drive: {error}"
            if os.environ.get("CI", "").lower() in ("1", "true"):
                pytest.fail(reason, pytrace=False)
            pytest.skip(reason)
        yield found
        found.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for the tests that only read or that make workbooks of their own."""
    with served(tmp_path_factory.mktemp("home")) as running:
        yield running


@pytest.fixture
def fresh_server(tmp_path: Path) -> Iterator[Server]:
    """A server of this test alone: nobody has opened a page of it."""
    with served(tmp_path) as running:
        yield running


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """One person: cookies of their own. Two tabs of it are the same person."""
    made = browser.new_context(viewport={"width": 1280, "height": 900})
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """One tab."""
    return context.new_page()

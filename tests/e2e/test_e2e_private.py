"""Private ratings and the workbook's file, in a real browser: left out unless somebody asks for a full backup."""

from __future__ import annotations

import json
from pathlib import Path

from playwright.sync_api import Page

from lib.workbook import portable
from lib.workbook.store import Store
from tests.e2e.support import Server, settled, visit


def _rated(home: Path) -> str:
    store = Store(home)
    book = store.create("Private matters", author="Ann")
    store.save_all(
        book, [("people/ann/name", "Ann"), ("skills/ann/storytelling_empathy/p9", 2)], author="Ben"
    )
    store.engine.dispose()
    return book


def _file(page: Page) -> bytes:
    with page.expect_download() as caught:
        page.get_by_role("button", name="Export workbook").click(delay=60)
    return Path(caught.value.path()).read_bytes()


def test_the_file_leaves_ratings_out_until_asked(server: Server, page: Page) -> None:
    visit(page, f"{server.url}/workbook?workbook={_rated(server.home)}")
    page.get_by_role("tab", name="File").click(delay=60)
    page.get_by_text("Left out: 1 private answer").wait_for()
    settled(page)
    without = _file(page)
    assert b"storytelling" not in without
    assert json.loads(without)["events"][1]["value"] == "Ann"
    page.get_by_text("Include private ratings (full backup)").click(delay=60)
    page.get_by_text("The file holds 1 private answer").wait_for()
    settled(page)
    assert portable.private_answers(portable.parse(_file(page))) == 1

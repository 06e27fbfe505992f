"""A newcomer has the finished example's deck after three clicks."""

from __future__ import annotations

import zipfile
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.support import Server, settled, visit


def test_three_clicks_to_a_deck(fresh_server: Server, page: Page, tmp_path: Path) -> None:
    visit(page, fresh_server.url)
    page.get_by_role("button", name="Open the finished example").click()
    deck = page.get_by_role("button", name="make the deck")
    expect(deck).to_be_visible()
    settled(page)
    deck.click()
    page.wait_for_url("**/summary?*")
    download = page.get_by_role("button", name="Download the deck")
    expect(download).to_be_visible()
    settled(page)
    with page.expect_download() as found:
        download.click()
    target = tmp_path / "deck.pptx"
    found.value.save_as(target)
    with zipfile.ZipFile(target) as packed:
        slides = [name for name in packed.namelist() if name.startswith("ppt/slides/slide")]
        charts = [name for name in packed.namelist() if name.startswith("ppt/charts/chart")]
    assert len(slides) >= 8
    assert charts, "charts in the deck are native, not pictures"

"""The Summary page in a browser: the newcomer's deck, and a company's own template."""

from __future__ import annotations

import io
from pathlib import Path

from playwright.sync_api import Page, expect
from pptx import Presentation
from pptx.util import Inches

from tests.e2e.support import Server, make_workbook, settled, visit


def _template(folder: Path) -> Path:
    """A company's own 16:9 file with an example slide in it."""
    made = Presentation()
    made.slide_width, made.slide_height = Inches(13.333), Inches(7.5)
    made.slides.add_slide(made.slide_layouts[0]).shapes.title.text_frame.text = "Example of the brand team"
    path = folder / "acme-brand.pptx"
    made.save(str(path))
    return path


def test_our_template_shows_what_was_found_and_is_used(
    fresh_server: Server, page: Page, tmp_path: Path
) -> None:
    folder = tmp_path / "upload"
    folder.mkdir()
    book = make_workbook(fresh_server.home)
    visit(page, f"{fresh_server.url}/summary?workbook={book}")
    page.get_by_role("button", name="Use our template").click()
    broken = folder / "broken.pptx"
    broken.write_bytes(b"PK\x03\x04 not a presentation")
    field = page.locator('input[type="file"]')
    field.set_input_files(str(broken))
    expect(page.get_by_text("broken.pptx is damaged or is not a PowerPoint file.").first).to_be_visible()
    settled(page)
    if not field.count():
        page.get_by_role("button", name="Use our template").click()
    page.locator('input[type="file"]').set_input_files(str(_template(folder)))
    expect(page.get_by_text("acme-brand.pptx is in use").first).to_be_visible()
    settled(page)
    found = page.get_by_text("13.33 × 7.5 in").first
    if not found.is_visible():
        page.get_by_role("button", name="Use our template").click()
    expect(found).to_be_visible()
    expect(page.get_by_text("Its example slide was left out.").first).to_be_visible()
    page.keyboard.press("Escape")
    download = page.get_by_role("button", name="Download the deck")
    with page.expect_download() as waiting:
        download.click()
    deck = Presentation(io.BytesIO(Path(waiting.value.path()).read_bytes()))
    assert "Example of the brand team" not in {
        s.shapes.title.text_frame.text for s in deck.slides if s.shapes.title
    }
    assert deck.slide_layouts[0].name == Presentation(str(_template(folder))).slide_layouts[0].name

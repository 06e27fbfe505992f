"""A larger file on the Data page: seen at once, stopped without a trace, then taken in whole."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.support import Server, settled, visit

ROWS = 420_000


def _file(folder: Path) -> Path:
    """Some 20 MB of events; one bad line at the end, so that every record passes the careful reader."""
    path = folder / "events_2026.csv"
    kinds, channels = ("visit", "signup", "activated", "paid"), ("organic", "paid_search", "email")
    with path.open("w", encoding="utf-8") as stream:
        stream.write("user_id,event,timestamp,channel\n")
        stream.writelines(
            f"user_{i % 9973},{kinds[i % 4]},2026-0{1 + i % 9}-{1 + i % 28:02d} 10:{i % 60:02d}:00,{channels[i % 3]}\n"
            for i in range(ROWS)
        )
        stream.write("user_1,visit\n")
    return path


def _left(home: Path) -> list[str]:
    """Files of uploads and datasets on disk."""
    places = [home / "uploads", home / "datasets"]
    return [str(f.relative_to(home)) for place in places for f in place.rglob("*") if f.is_file()]


def test_a_large_file_is_seen_stopped_and_loaded(fresh_server: Server, page: Page, tmp_path: Path) -> None:
    path = _file(tmp_path)
    visit(page, f"{fresh_server.url}/data")
    expect(page.get_by_text("Up to 500 MB a file")).to_be_visible()
    upload, stop = page.locator("input[type=file]"), page.get_by_role("button", name="Stop")

    upload.set_input_files(path)
    expect(page.get_by_text("The first rows")).to_be_visible()
    expect(page.get_by_test_id("stProgress")).to_be_visible()
    expect(page.get_by_role("button", name="Use this file")).to_have_count(0)
    expect(page.get_by_test_id("stProgress")).to_contain_text("record")
    stop.click()
    expect(page.get_by_role("heading", name="events_2026.csv")).to_have_count(0)
    page.wait_for_timeout(1000)
    assert _left(fresh_server.home) == []

    upload.set_input_files(path)
    use = page.get_by_role("button", name="Use this file")
    expect(use).to_be_visible()
    expect(page.get_by_text(f"{ROWS:,} rows read · 1 rejected")).to_be_visible()
    settled(page)
    use.click()
    expect(page.get_by_text(f"{ROWS:,} rows are in use")).to_be_visible()
    left = _left(fresh_server.home)
    assert {Path(name).name for name in left} >= {"manifest.json", "clean.parquet", "original.csv"}
    assert not [name for name in left if name.startswith("uploads/")]

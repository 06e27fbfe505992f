"""The server ends while a file is on its way: what arrived is read again, what did not is asked for."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, Route, expect

from tests.e2e.support import Server, settled, visit


def _file(folder: Path) -> Path:
    path = folder / "events.csv"
    rows = (
        f"u{i % 997},{('visit', 'paid')[i % 2]},2026-01-{1 + i % 28:02d} 10:00:00\n" for i in range(20_000)
    )
    path.write_text("user_id,event,timestamp\n" + "".join(rows))
    return path


def test_a_restart_loses_no_file_in_silence(fresh_server: Server, page: Page, tmp_path: Path) -> None:
    path = _file(tmp_path)
    visit(page, f"{fresh_server.url}/data")
    page.route("**/_stcore/upload_file/**", _never)  # the bytes are under way when the server ends
    page.locator("input[type=file]").set_input_files(path)
    expect(page.get_by_text("events.csv")).to_be_visible()
    fresh_server.stop(kill=True)
    page.unroute("**/_stcore/upload_file/**")
    fresh_server.start()
    expect(page.get_by_text("A file that was still on its way up did not arrive")).to_be_visible()
    expect(page.get_by_text("events.csv")).to_have_count(0)

    page.locator("input[type=file]").set_input_files(path)
    use = page.get_by_role("button", name="Use this file")
    expect(use).to_be_visible()
    expect(page.get_by_text("did not arrive")).to_have_count(0)
    fresh_server.stop(kill=True)
    fresh_server.start()
    expect(page.get_by_text("The file was kept and is read once more.")).to_be_visible()
    expect(use).to_be_visible()
    settled(page)
    use.click(delay=60)
    expect(page.get_by_text("20,000 rows are in use")).to_be_visible()


def _never(_route: Route) -> None:
    """Hold a request for ever."""

"""Pictures of every page: `python -m tests.e2e.screens --out FOLDER [--only data,team] [--book empty] [--dark] [--fold]`."""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.e2e.support import Server, launch, served, settled, visit

WIDTHS = {1280: 900, 390: 844}
_MOST = 7000  # pixels of one picture


def make_example(home: Path) -> str:
    """The finished example in a home; returns its id."""
    os.environ["WORKBOOK_HOME"] = str(home)
    from lib.ui.start import example
    from lib.workbook.store import open_store

    return open_store(home).import_events(example.events())


def make_empty(home: Path) -> str:
    """A workbook in which nobody has said anything, in a home; returns its id."""
    from lib.workbook.store import open_store

    return open_store(home).create("Our workbook", author="Ann")


BOOKS = {"example": make_example, "empty": make_empty, "none": lambda home: ""}


def shoot(page: Page, server: Server, book: str, path: str, target: Path, *, fold: bool) -> None:
    """One picture; the whole page unless `fold`, then only what is seen without scrolling."""
    width = page.viewport_size["width"] if page.viewport_size else 1280
    page.set_viewport_size({"width": width, "height": WIDTHS[width]})
    visit(page, f"{server.url}/{'' if path == 'start' else path}{f'?workbook={book}' if book else ''}")
    page.wait_for_timeout(600)
    if not fold:
        height = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
        page.set_viewport_size({"width": width, "height": max(WIDTHS[width], min(int(height), _MOST))})
        page.wait_for_timeout(300)
        settled(page)
    page.screenshot(path=target)


def main() -> None:
    """Shoot every page at both widths."""
    from lib.ui import pages

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--only", default="", help="pages, comma separated")
    parser.add_argument("--fold", action="store_true", help="only what is seen without scrolling")
    parser.add_argument("--widths", default="1280,390")
    parser.add_argument("--book", choices=list(BOOKS), default="example")
    parser.add_argument("--dark", action="store_true", help="as a reader sees it whose system is dark")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    wanted = [name for name in args.only.split(",") if name] or [item.path for item in pages.available()]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        book = BOOKS[args.book](Path(folder))
        with served(Path(folder)) as server:
            browser = launch(playwright)
            for width in map(int, args.widths.split(",")):
                page = browser.new_page(viewport={"width": width, "height": WIDTHS[width]},
                                        color_scheme="dark" if args.dark else "light")  # fmt: skip
                for path in wanted:
                    target = args.out / f"{path}-{width}{'-dark' if args.dark else ''}.png"
                    shoot(page, server, book, path, target, fold=args.fold)
                    print(target)  # noqa: T201
            browser.close()


if __name__ == "__main__":
    main()

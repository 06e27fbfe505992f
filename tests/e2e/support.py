"""A real server and a real browser: shared by the browser tests and the screenshot script."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Locator, Page, Playwright, expect

from lib.workbook.store import Store
from tests.patience import MILLISECONDS, SECONDS

ROOT = Path(__file__).resolve().parents[2]
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
_SETTLED = """() => {
  const app = document.querySelector('[data-testid=stApp]');
  return !!app && app.dataset.testScriptState === 'notRunning' && app.dataset.testConnectionState === 'CONNECTED'
    && !document.querySelector('[data-testid=stSkeleton]') && !document.querySelector('[data-stale=true]')
    && !!document.querySelector('h1');
}"""


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


class Server:
    """One workbook server on a port and home of its own.

    Args:
        home: WORKBOOK_HOME.
        port: 0 for a free one.
        more: Further arguments of `streamlit run`.
        first: Python run in the server's process before it starts.
    """

    def __init__(self, home: Path, port: int = 0, more: Sequence[str] = (), *, first: str = "") -> None:
        self.home, self.more, self.first = home, more, first
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Of the running server."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        environment = {**os.environ, "WORKBOOK_HOME": str(self.home), "WORKBOOK_NO_WARM": "1"}
        start = (
            ("-c", f"{self.first}\nfrom streamlit.web.cli import main\nmain()")
            if self.first
            else ("-m", "streamlit")
        )
        command = [sys.executable, *start, "run", "app.py", "--server.port", str(self.port), *self.more]
        log = (self.home / "server.log").open("ab")
        self._process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            try:
                with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=120) as answer:  # noqa: S310
                    if answer.read() == b"ok":
                        return
            except OSError:
                time.sleep(0.1)
            if self._process.poll() is not None:
                break
        raise RuntimeError("the server did not start:\n" + (self.home / "server.log").read_text()[-3000:])

    def stop(self, *, kill: bool = False) -> None:
        if self._process is None:
            return
        (self._process.kill if kill else self._process.terminate)()
        try:
            self._process.wait(timeout=15)  # not a test: who does not go by then is ended
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def log(self) -> str:
        return (self.home / "server.log").read_text(encoding="utf-8", errors="replace")


@contextmanager
def served(home: Path) -> Iterator[Server]:
    server = Server(home)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def chromium() -> str | None:
    """A Chromium of the system, None for the one Playwright brings."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return os.environ.get("CHROMIUM") or next(
        (found for name in names if (found := shutil.which(name))), None
    )


def launch(playwright: Playwright) -> Browser:
    """A browser whose pages wait as long as a busy machine needs."""
    found = playwright.chromium.launch(executable_path=chromium(), headless=True, args=FLAGS)
    made = found.new_context

    def new_context(**options: Any) -> BrowserContext:
        context = made(**options)
        context.set_default_timeout(MILLISECONDS)
        return context

    found.new_context = new_context
    expect.set_options(timeout=MILLISECONDS)
    return found


def settled(page: Page) -> None:
    """Wait until a Streamlit page has drawn everything: checked, a moment waited, checked again."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        if page.evaluate(_SETTLED):
            page.wait_for_timeout(150)
            if page.evaluate(_SETTLED):
                return
        page.wait_for_timeout(50)
    raise AssertionError(f"{page.url} did not settle in {SECONDS} s: {page.inner_text('body')[:500]}")


def choose(page: Page, box: Locator, option: str) -> None:
    """Take an option of a select box by the keyboard: a list that scrolls or is drawn anew loses a click."""
    settled(page)
    box.click()
    page.keyboard.type(option)
    page.get_by_role("option", name=option).wait_for()
    page.keyboard.press("Enter")
    settled(page)


def visit(page: Page, url: str) -> None:
    page.goto(url)
    settled(page)


def make_workbook(home: Path, name: str = "Acme growth") -> str:
    """A workbook with two answers in a home, made beside a running server."""
    store = Store(home)
    book = store.create(name, author="Ann")
    store.save_all(book, [("settings/company", "Acme"), ("settings/currency", "EUR")], author="Ann")
    store.engine.dispose()
    return book


def answer(page: Page, key: str) -> Locator:
    """The input bound to an answer of the workbook: "settings/company"."""
    return (
        page.locator(f".st-key-answer-{re.sub('[^A-Za-z0-9_-]', '-', key)}").locator("input, textarea").first
    )

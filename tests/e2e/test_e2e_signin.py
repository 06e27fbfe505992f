"""Signing in end to end: a real provider's flow, a real browser, one workbook for its members only."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from lib.workbook.members import Members
from lib.workbook.store import Store
from tests.e2e.oidc import CLIENT, SECRET, Provider, provided
from tests.e2e.support import Server, answer, free_port, settled

pytestmark = pytest.mark.e2e


def hosted(home: Path, provider: Provider) -> Server:
    """A server that asks people to sign in."""
    port = free_port()
    secrets = home / "secrets.toml"
    secrets.write_text(
        f'[auth]\nredirect_uri = "http://127.0.0.1:{port}/oauth2callback"\ncookie_secret = "0123456789abcdef0123456789abcdef"\n'
        f'client_id = "{CLIENT}"\nclient_secret = "{SECRET}"\n'
        f'server_metadata_url = "{provider.issuer}/.well-known/openid-configuration"\n',
        encoding="utf-8",
    )
    return Server(home, port, ["--secrets.files", str(secrets)])


def sign_in(page: Page, server: Server, book: str) -> None:
    page.goto(f"{server.url}/workbook?workbook={book}")
    settled(page)
    page.get_by_role("heading", name="Sign in to open your workbooks").wait_for()
    assert page.get_by_text("Acme").count() == 0
    page.get_by_role("button", name="Sign in").click(delay=60)
    page.get_by_role("button", name="Sign out").wait_for()
    page.goto(f"{server.url}/workbook?workbook={book}")
    settled(page)


def test_members_get_in_by_signing_in_and_others_do_not(browser: Browser, tmp_path: Path) -> None:
    store = Store(tmp_path)
    book = store.create("Acme", author="Ann")
    Members(store.engine).appoint(book, "ann@example.com")
    with provided() as provider:
        server = hosted(tmp_path, provider)
        server.start()
        try:
            ann = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
            sign_in(ann, server, book)
            answer(ann, "settings/company").fill("Acme Ltd")
            ann.wait_for_timeout(1500)
            assert Store(tmp_path).workbook(book).settings.company == "Acme Ltd"
            assert Store(tmp_path).events(book)[-1].author == "ann@example.com"
            (cookie,) = [c for c in ann.context.cookies() if c["name"] == "_streamlit_user"]
            assert cookie["httpOnly"]

            # Somebody else signs in at the same provider: known, but no member.
            provider.who = "eve@example.com"
            eve = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
            sign_in(eve, server, book)
            assert "Acme" not in eve.inner_text("body")

            # A forged cookie is nobody.
            mallory = browser.new_context().new_page()
            mallory.context.add_cookies(
                [{"name": "_streamlit_user", "value": "ann@example.com", "url": server.url}]
            )
            mallory.goto(f"{server.url}/workbook?workbook={book}")
            settled(mallory)
            mallory.get_by_role("heading", name="Sign in to open your workbooks").wait_for()

            ann.get_by_role("button", name="Sign out").click(delay=60)
            ann.get_by_role("heading", name="Sign in to open your workbooks").wait_for()
            assert provider.refused == []
        finally:
            server.stop()

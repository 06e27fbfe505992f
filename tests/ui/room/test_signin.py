"""Where people sign in: each role on the real pages, and nothing changes where nobody does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.errors import NotAllowedError
from lib.ui import pages
from lib.ui.web import signin
from lib.workbook.members import Members
from lib.workbook.store import Store, open_store

pytestmark = pytest.mark.usefixtures("database")

SHELL = pages.ROOT / "lib" / "ui" / "shell.py"
OWNER = "olga@example.com"
NAME = "answer.settings.company"


class Hosted:
    """An installation where people sign in, with one workbook of Olga's."""

    def __init__(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        self.store, self.members = store, Members(store.engine)
        self._patch = monkeypatch
        monkeypatch.setattr(signin, "is_on", lambda: True)
        self.book = store.create("Olga's", author=OWNER)
        store.save(self.book, "settings/company", "Acme", author=OWNER)
        self.members.claim(self.book, OWNER)

    def visit(self, who: str, page: str = "workbook", book: str = "") -> AppTest:
        self._patch.setattr(signin, "who", lambda: who)
        app = AppTest.from_file(str(SHELL), default_timeout=120)
        app.query_params["workbook"] = book or self.book
        app.run()
        if page != "start" and who:
            app.switch_page(f"../../pages/{page}.py").run()
        assert not app.exception
        return app


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setenv("WORKBOOK_HOME", str(tmp_path))
    found = open_store(tmp_path.resolve())
    yield found
    signin._members.cache_clear()
    found.engine.dispose()


@pytest.fixture
def hosted(store: Store, monkeypatch: pytest.MonkeyPatch) -> Hosted:
    return Hosted(store, monkeypatch)


def test_without_signing_in_there_is_only_the_door(hosted: Hosted) -> None:
    app = hosted.visit("")
    assert [title.value for title in app.title] == ["Sign in to open your workbooks"]
    assert not app.sidebar.children
    assert not app.text_input


@pytest.mark.parametrize(
    ("role", "sees", "answers", "shares", "deletes"),
    [
        ("owner", True, True, True, True),
        ("editor", True, True, False, False),
        ("viewer", True, False, False, False),
        ("", False, False, False, False),
    ],
)
def test_grid(hosted: Hosted, role: str, sees: bool, answers: bool, shares: bool, deletes: bool) -> None:
    who = "pat@example.com"
    if role:
        hosted.members.grant(OWNER, hosted.book, who, role)
    app = hosted.visit(who)
    assert (app.session_state["session.workbook"] == hosted.book) is sees
    if not sees:
        assert not [b for b in app.button if hosted.book in (b.key or "")]
        assert hosted.store.workbook(hosted.book).settings.company == "Acme"
        return
    assert bool([t for t in app.text_input if t.key == "access.who"]) is shares
    app.text_input(NAME).set_value("Typed").run()
    assert (hosted.store.workbook(hosted.book).settings.company == "Typed") is answers
    if answers:
        assert hosted.store.events(hosted.book)[-1].author == who
    app.session_state["workbook.tabs"] = "All workbooks"
    app.run()
    app.button(f"shelf.delete.{hosted.book}").click().run()
    assert (not hosted.store.entries()) is deletes


def test_whoever_makes_a_workbook_owns_it(hosted: Hosted) -> None:
    app = hosted.visit("pat@example.com", "workbook")
    app.text_input(NAME).set_value("Mine").run()  # the first answer makes a workbook
    made = app.session_state["session.workbook"]
    assert made != hosted.book
    assert hosted.members.role(made, "pat@example.com") == "owner"
    assert hosted.visit(OWNER, book=made).session_state["session.workbook"] == hosted.book


def test_access_that_is_taken_away_ends_at_once(hosted: Hosted) -> None:
    hosted.members.grant(OWNER, hosted.book, "pat@example.com", "editor")
    app = hosted.visit("pat@example.com")
    hosted.members.grant(OWNER, hosted.book, "pat@example.com", "")
    app.text_input(NAME).set_value("Too late").run()
    assert hosted.store.workbook(hosted.book).settings.company == "Acme"
    assert len(hosted.store.entries()) == 1


def test_an_owner_gives_and_takes_access(hosted: Hosted) -> None:
    app = hosted.visit(OWNER)
    app.text_input("access.who").set_value("Pat@Example.com")
    app.selectbox("access.role").set_value("viewer")
    app.button("access.give").click().run()
    assert hosted.members.role(hosted.book, "pat@example.com") == "viewer"
    app.button("access.remove.pat@example.com").click().run()
    assert hosted.members.role(hosted.book, "pat@example.com") == ""
    app.button(f"access.remove.{OWNER}").click().run()  # nobody else could open it any more
    assert hosted.members.role(hosted.book, OWNER) == "owner"


def test_a_viewer_cannot_open_a_room(hosted: Hosted) -> None:
    hosted.members.grant(OWNER, hosted.book, "pat@example.com", "viewer")
    app = hosted.visit("pat@example.com", "room")
    app.button("room.open").click().run()
    assert not [b for b in app.button if b.key == "room.start"]
    assert any("role" in item.value for item in app.error)


def test_without_sign_in_nothing_is_asked(store: Store) -> None:
    book = store.create("Open", author="Ann")
    assert signin.may(book, "delete")
    assert signin.mine("look") is None
    with pytest.raises(NotAllowedError):
        Members(store.engine).require(book, "", "look")

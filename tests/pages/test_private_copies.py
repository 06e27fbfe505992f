"""Copies of a workbook on a server where people sign in: private ratings stay with those who may share them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import streamlit as st

from lib.workbook import portable
from tests.ui.room.test_signin import OWNER, Hosted, hosted, store

__all__ = ["hosted", "store"]
PAT = "pat@example.com"
RATING = "skills/ann/messaging/p1"


def rated(hosted: Hosted, role: str) -> str:
    """Olga's workbook with a rating of Ann by Ben in it, and Pat's role there."""
    hosted.store.save(hosted.book, "people/ann/name", "Ann", author=OWNER)
    hosted.store.save(hosted.book, RATING, 2, author="ben@example.com")
    hosted.store.save(hosted.book, RATING, 4, author="ben@example.com")
    if role:
        hosted.members.grant(OWNER, hosted.book, PAT, role)
    return hosted.book


def downloads(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], bytes]]:
    """What the page's download buttons would give when they are clicked."""
    made: list[Callable[[], bytes]] = []
    real = st.download_button

    def noticing(label: str, data: Callable[[], bytes], *args: object, **more: object) -> bool:
        if label == "Export workbook":
            made.append(data)
        return real(label, data, *args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(st, "download_button", noticing)
    return made


@pytest.mark.parametrize(("role", "held"), [("viewer", 0), ("editor", 0), ("owner", 1)])
def test_a_copy_holds_private_answers_only_for_who_may_share_them(
    hosted: Hosted, role: str, held: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = rated(hosted, role)
    app = hosted.visit(PAT)
    app.session_state["workbook.tabs"] = "All workbooks"
    app.run()
    app.button(f"shelf.copy.{book}").click().run()
    copy = app.session_state["session.workbook"]
    assert copy != book
    assert hosted.members.role(copy, PAT) == "owner"
    log = hosted.store.events(copy)
    assert portable.private_answers(log) == held
    assert ("ben@example.com" in str(log)) is bool(held)
    assert hosted.store.workbook(copy).people["ann"].name == "Ann"
    # The way that leaked: who owns the copy takes a full backup of it.
    made = downloads(monkeypatch)
    app.session_state["workbook.tabs"] = "File"
    app.run()
    if held:
        (toggle,) = [toggle for toggle in app.toggle if "full backup" in toggle.label]
        toggle.set_value(True).run()
    whole = made[-1]()
    assert portable.private_answers(portable.parse(whole)) == held
    assert (b"ben@example.com" in whole) is bool(held)
    assert portable.private_answers(hosted.store.events(book)) == 1  # the team's own keeps it


@pytest.mark.parametrize("role", ["viewer", "editor"])
def test_an_export_of_who_may_not_share_holds_no_private_answer(
    hosted: Hosted, role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rated(hosted, role)
    made = downloads(monkeypatch)
    app = hosted.visit(PAT)
    app.session_state["workbook.tabs"] = "File"
    app.run()
    assert not [toggle for toggle in app.toggle if "full backup" in toggle.label]
    assert portable.private_answers(portable.parse(made[-1]())) == 0
    assert b"ben@example.com" not in made[-1]()


def test_a_full_backup_asks_again_when_it_is_made(hosted: Hosted, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page was drawn for an owner; by the time of the click they are none any more."""
    rated(hosted, "owner")
    made = downloads(monkeypatch)
    app = hosted.visit(PAT)
    app.session_state["workbook.tabs"] = "File"
    app.run()
    (toggle,) = [toggle for toggle in app.toggle if "full backup" in toggle.label]
    toggle.set_value(True).run()
    assert portable.private_answers(portable.parse(made[-1]())) == 1
    hosted.members.grant(OWNER, hosted.book, PAT, "editor")
    assert portable.private_answers(portable.parse(made[-1]())) == 0


def test_a_copy_is_without_private_answers_unless_they_are_asked_for(hosted: Hosted) -> None:
    book = rated(hosted, "")
    bare = hosted.store.duplicate(book, "Bare", author="Ann")
    whole = hosted.store.duplicate(book, "Whole", author="Ann", private=True)
    counts = [portable.private_answers(hosted.store.events(id)) for id in (bare, whole)]
    assert counts == [0, 1]
    assert hosted.store.workbook(bare).rev == hosted.store.workbook(whole).rev  # the history has its length

"""Workbooks made before sign-in was on get their owners from the command line."""

import json
from pathlib import Path

import pytest

from lib.__main__ import main
from lib.workbook.members import Members
from lib.workbook.store import open_store


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WORKBOOK_HOME", str(tmp_path))
    return tmp_path.resolve()


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(["owner", *words])
    out = capsys.readouterr()
    return code or 0, out.out, out.err


def test_an_older_workbook_gets_an_owner_who_may_then_share_it(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = open_store(home)
    old, other = store.create("Old", author="Ann"), store.create("Other", author="Ann")
    assert said(capsys)[1].count("Old") == 1
    code, out, _ = said(capsys, "Old", "Ann@Example.com", "--json")
    assert code == 0
    owners = {row["workbook"]: row["owners"] for row in json.loads(out)["rows"]}
    assert owners == {old: "ann@example.com", other: ""}
    Members(store.engine).require(old, "ann@example.com", "share")
    said(capsys, old, "bo@example.com")
    assert [m.who for m in Members(store.engine).of(old)] == ["ann@example.com", "bo@example.com"]


def test_all_without_an_owner_at_once_and_none_that_has_one(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = open_store(home)
    mine, theirs = store.create("Mine", author="Ann"), store.create("Theirs", author="Ann")
    Members(store.engine).claim(theirs, "eve@example.com")
    said(capsys, "--unowned", "ann@example.com")
    assert Members(store.engine).role(mine, "ann@example.com") == "owner"
    assert Members(store.engine).role(theirs, "ann@example.com") == ""


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("Nowhere", "ann@example.com"), "There is no workbook"),
        (("Twin", "ann@example.com"), "2 workbooks are called"),
        (("Twin",), "e-mail address is missing"),
        (("One", "ann"), "not an e-mail address"),
    ],
)
def test_what_cannot_be_done_is_said(
    home: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], problem: str
) -> None:
    store = open_store(home)
    for name in ("One", "Twin", "Twin"):
        store.create(name, author="Ann")
    code, _, err = said(capsys, *words)
    assert code == 2
    assert problem in err

"""One workbook as one file: the round trip changes nothing, and a bad file is refused whole."""

from __future__ import annotations

import contextlib
import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.errors import ConflictError, DataError, FileError, NotFoundError
from lib.workbook import portable
from lib.workbook.store import Store

pytestmark = pytest.mark.usefixtures("database")

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
_KEYS = st.sampled_from(["stage/a", "stage/b", "summary/x", "channels/fb", "skills/p/s/r"])
_TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=12)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(_KEYS, _JSON, _TEXT, st.sampled_from(["save", "undo", "redo"])), max_size=12))
def test_round_trip_is_identical(acts: list[tuple[str, object, str, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder))
        book = store.create("A", author="Ann")
        for key, value, author, act in acts:
            with contextlib.suppress(NotFoundError, ConflictError):
                if act == "save":
                    store.save(book, key, value, author=author)
                else:
                    (store.undo if act == "undo" else store.redo)(book, author=author)
        content = portable.export(store.events(book))
        copy = store.import_events(portable.parse(content))
        assert portable.export(store.events(copy)) == content
        assert store.snapshot(copy).answers == store.snapshot(book).answers
        store.engine.dispose()


def _file(tmp_path: Path) -> dict[str, object]:
    store = Store(tmp_path)
    book = store.create("Acmé", author="Ann")
    store.save(book, "settings/company", "Acme", author="Ann")
    return json.loads(portable.export(store.events(book)))


def test_a_file_opens_in_another_installation(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    content = json.dumps(_file(tmp_path)).encode()
    other = Store(tmp_path / "other")
    book = other.import_events(portable.parse(content))
    assert (other.workbook(book).name, other.workbook(book).settings.company) == ("Acmé", "Acme")
    other.undo(book, author="Ann")
    assert other.workbook(book).settings.company == ""


@pytest.mark.parametrize(
    "change",
    [
        lambda whole: whole.update(format="something else"),
        lambda whole: whole.update(version=99),
        lambda whole: whole.update(version="1"),
        lambda whole: whole.update(events={}),
        lambda whole: whole["events"].pop(0),
        lambda whole: whole["events"].reverse(),
        lambda whole: whole["events"].append({"rev": 3}),
        lambda whole: whole["events"].append("x"),
        lambda whole: whole["events"][0].update(rev=True),
        lambda whole: whole["events"][0].update(author=7),
        lambda whole: whole["events"][0].update(key="k" * 2000),
        lambda whole: whole["events"][0].update(value=float("nan")),
        lambda whole: whole["events"][0].update(value=7),  # the workbook's name
        lambda whole: whole["events"][0].update(value="n" * 200),
        lambda whole: whole["events"][1].update(at=""),
        lambda whole: whole["events"][1].update(at="yesterday"),
        lambda whole: whole["events"][1].update(at="0001-01-01T00:00:00+00:00"),
        lambda whole: whole["events"][1].update(at="9999-12-31T23:59:59+00:00"),
        lambda whole: whole["events"][1].update(base=2**70),
        lambda whole: whole["events"][1].update(base=-1),
        lambda whole: whole["events"][1].update(value="half a character \ud83d"),
        lambda whole: whole["events"][1].update(author="\udcff"),
        lambda whole: whole["events"][1].update(value="x" * 300_000),
    ],
)
def test_a_damaged_file_is_refused(tmp_path: Path, change: object) -> None:
    whole = _file(tmp_path)
    change(whole)  # type: ignore[operator]
    with pytest.raises(FileError) as refused:
        portable.parse(json.dumps(whole).encode())
    assert refused.value.remedy


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"\xff\xfe\x00", b"[" * 100_000, b"PK\x03\x04", b"null"]
)
def test_something_else_is_refused(content: bytes) -> None:
    with pytest.raises(FileError):
        portable.parse(content)


def test_an_answer_of_another_time_does_not_keep_the_workbook_from_opening(tmp_path: Path) -> None:
    whole = _file(tmp_path)
    strange = {
        "base": None,
        "author": "Ann",
        "at": "2026-01-01T00:00:00+00:00",
        "step": "s",
        "undoes": "",
        "note": "",
    }
    whole["events"] += [  # type: ignore[operator]
        {"rev": 3, "key": "settings/currency", "value": "dollars", **strange},
        {"rev": 4, "key": "metrics/m/kind", "value": "no such kind", **strange},
        {"rev": 5, "key": "metrics/m/name", "value": "NPS", **strange},
        {"rev": 6, "key": "something/unknown", "value": 1, **strange},
    ]
    store = Store(tmp_path)
    snapshot = store.snapshot(store.import_events(portable.parse(json.dumps(whole).encode())))
    book = snapshot.workbook
    assert snapshot.value("settings/currency", "EUR") == "EUR", "what an input starts from"
    assert snapshot.value("metrics/m/name") == "NPS"
    assert (book.settings.currency, book.metrics["m"].name, book.metrics["m"].kind) == (
        "USD",
        "NPS",
        "unassigned",
    )


def test_a_workbook_whose_name_is_refused_is_not_left_behind(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for name in ("n" * 121, " ", ""):
        with pytest.raises(DataError):
            store.create(name, author="Ann")
    assert store.entries() == []

"""Erasing a person: no byte of their id is left in a home's datasets, and the others' rows stand as before."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

import lib.__main__ as program
from lib.engine import intake
from lib.engine.contracts import recognition
from lib.engine.datasets import library
from lib.engine.datasets.dataset import Dataset
from lib.engine.datasets.forget import forget
from lib.engine.datasets.reader import OWNER_OF_ALL
from lib.engine.layout.event_layout import open_layout
from lib.workbook.store import Store

PERSON = "carla-4711"
ROWS = [(PERSON if i % 5 == 0 else f"u{i % 7}", i) for i in range(60)]
CSV = "user_id,event,timestamp,note\n" + "".join(
    f"{user},{('visit', 'paid')[i % 2]},2026-01-{1 + i % 28:02d} 10:00:00,n{i}\n" for user, i in ROWS
)
TORN = f"{PERSON},visit,no time at all,x\nu1,visit,no time either,y\n"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    place = tmp_path / "home"
    place.mkdir()
    return place


def take_in(home: Path, name: str, text: str, contract: str = "events") -> Dataset:
    path = home.parent / name
    path.write_text(text)
    reading = intake.read(path)
    return intake.accept(reading, contract, recognition.propose(reading, contract).mapping, home=home)


def left_of(home: Path, person: str) -> list[str]:
    """Files of a home that hold an id, Parquet read as rows."""
    found = []
    for path in home.rglob("*"):
        if path.is_file():
            held = path.read_bytes()
            if path.suffix == ".parquet":
                held += str(duckdb.sql(f"SELECT * FROM '{path}'").fetchall()).encode()
            if person.encode() in held:
                found.append(str(path.relative_to(home)))
    return found


def test_a_forgotten_person_is_in_no_file_and_the_others_are(home: Path) -> None:
    data = take_in(home, "events.csv", CSV + TORN)
    other = take_in(home, "more.csv", "user_id,event,timestamp\nu9,visit,2026-01-01\nu8,paid,2026-01-02\n")
    open_layout(data)
    assert len(left_of(home, PERSON)) >= 3, "original, table and rejects hold them before"
    rejected = data.accounting.rejected
    assert rejected == 2

    (told,) = forget(home, PERSON)
    assert (told.dataset, told.rows, told.rejects, told.original) == ("events.csv", 12, 1, True)
    assert left_of(home, PERSON) == []
    now = library.open_dataset(home, data.fingerprint, OWNER_OF_ALL)
    assert now.fingerprint != data.fingerprint, "no result of before is taken for this one"
    assert (now.rows, now.accounting.accepted, now.accounting.rejected) == (48, 48, 1)
    kept = duckdb.sql(f"SELECT user_id, note FROM '{now.path}'").fetchall()
    assert kept == [(user, f"n{i}") for user, i in ROWS if user != PERSON], "in their order"
    assert open_layout(now)
    assert library.open_dataset(home, other.fingerprint, OWNER_OF_ALL).folder == other.folder
    assert forget(home, PERSON) == []


def test_a_second_person_and_the_same_file_again(home: Path) -> None:
    data = take_in(home, "events.csv", CSV)
    forget(home, PERSON)
    forget(home, "u1")
    now = library.open_dataset(home, data.fingerprint, OWNER_OF_ALL)
    assert now.rows == sum(user not in (PERSON, "u1") for user, _ in ROWS)
    again = take_in(home, "events.csv", CSV)
    assert again.fingerprint == now.fingerprint, "the same upload does not bring them back"
    assert left_of(home, PERSON) == []
    assert library.names_of(home, again.fingerprint) >= {data.fingerprint, now.fingerprint}


def test_numbers_as_ids_and_a_value_that_is_no_id(home: Path) -> None:
    text = "customer_id,signup_date,mrr\n" + "".join(f"{i},2026-01-{i:02d},7\n" for i in range(1, 21))
    data = take_in(home, "customers.csv", text, "customers")
    (told,) = forget(home, "7")
    assert told.rows == 1, "mrr is 7 everywhere and names nobody"
    assert library.open_dataset(home, data.fingerprint, OWNER_OF_ALL).rows == 19


def test_a_dataset_of_one_person_goes_whole(home: Path) -> None:
    data = take_in(
        home, "events.csv", f"user_id,event,timestamp\n{PERSON},a,2026-01-01\n{PERSON},b,2026-01-02\n"
    )
    (told,) = forget(home, PERSON)
    assert told.is_gone
    assert not data.folder.exists()


def test_a_cut_off_erasure_is_finished_by_the_next(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    take_in(home, "events.csv", CSV)

    def broken(_path: Path) -> None:
        raise OSError("cut off")

    with monkeypatch.context() as patched:
        patched.setattr(library, "_erase", broken)
        with pytest.raises(OSError, match="cut off"):
            forget(home, PERSON)
    assert left_of(home, PERSON)
    forget(home, PERSON)
    assert left_of(home, PERSON) == []


def test_the_command_reports_what_was_erased_and_what_stays(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    take_in(home, "events.csv", CSV)
    store = Store(home)
    book = store.create("Ours", author="Ann")
    store.save(book, "queries/q/sql", f"select * from events where user_id = '{PERSON}'", author="Ann")
    store.engine.dispose()
    waiting = home / "uploads" / "one" / "file"
    waiting.mkdir(parents=True)
    (waiting / "new.csv").write_text(CSV)
    assert program.main(["forget", "--user-id", PERSON, "--home", str(home), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [row["where"] for row in told["rows"]] == ["events.csv", "new.csv (not in use yet)"]
    assert told["rows"][0]["rows"] == 12
    assert told["answers"] == [{"workbook": "Ours", "key": "queries/q/sql", "times": 1}]
    assert "started again" in told["left"]
    assert not waiting.exists()

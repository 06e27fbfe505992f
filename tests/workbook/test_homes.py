"""Homes and workbook files that earlier code made: each opens, and everything in it is still there.

`make_home.py` made them with the code of the commit that `homes/index.json` names.
"""

import gzip
import json
from pathlib import Path

import pytest

from lib.room.reveal import reveal
from lib.room.store import Rooms
from lib.workbook import portable
from lib.workbook.members import Members
from lib.workbook.store import Store

HOMES = Path(__file__).resolve().parent / "homes"
INDEX = json.loads((HOMES / "index.json").read_text(encoding="utf-8"))


def unpack(name: str, home: Path) -> Path:
    """The home as it was left."""
    (home / "workbook.db").write_bytes(gzip.decompress((HOMES / f"{name}.db.gz").read_bytes()))
    return home


@pytest.mark.parametrize("name", INDEX)
def test_a_home_made_before_opens(name: str, tmp_path: Path) -> None:
    made = INDEX[name]
    store = Store(unpack(name, tmp_path))
    snapshot = store.snapshot(made["id"])
    standing = [answer for answer in snapshot.answers.values() if answer.value is not None]
    assert (snapshot.rev, snapshot.workbook.name, len(standing)) == (
        made["rev"],
        made["name"],
        made["standing"],
    )
    assert snapshot.workbook.metrics["nps"].kind == made["kind"]
    saved = store.save(made["id"], "metrics/nps/definition", "Promoters less detractors", author="Eva")
    assert saved.rev == made["rev"] + 1
    store.undo(made["id"], author="Eva")
    assert Members(store.engine).role(made["id"], "ann@example.com") == (
        "owner" if made["has_members"] else ""
    )


@pytest.mark.parametrize("name", [name for name, made in INDEX.items() if made["has_room"]])
def test_a_room_made_before_opens(name: str, tmp_path: Path) -> None:
    home = unpack(name, tmp_path)
    rooms = Rooms(Store(home).engine, home)
    (room,) = rooms.of_workbook(INDEX[name]["id"])
    current = rooms.round(room.id)
    assert current is not None
    answers, people = rooms.ballots.answers(room.id, "viewer", current), rooms.people(room.id)
    shown = {row.question.id: row for row in reveal(current.questions, answers, people, anonymous=False).rows}
    assert shown["metrics/nps/kind"].counts == {"process": 1, "outcome": 1}
    assert [by for _, by in shown["checkin"].texts] == ["Ann", "Ben"]
    assert [item.dissent for item in rooms.outcomes(room.id)] == ["Ben: no"]
    rooms.step(room.id, "facilitator", 2)
    assert rooms.steps.undo(room.id, "facilitator").startswith("went to")


@pytest.mark.parametrize("name", INDEX)
def test_a_workbook_file_made_before_opens(name: str, tmp_path: Path) -> None:
    made = INDEX[name]
    log = portable.parse(gzip.decompress((HOMES / f"{name}.json.gz").read_bytes()))
    store = Store(tmp_path)
    id = store.import_events(log)
    book = store.workbook(id)
    assert (book.name, book.rev, book.metrics["nps"].kind) == (made["name"], made["rev"], made["kind"])
    assert portable.export(store.events(id)) == portable.export(log)

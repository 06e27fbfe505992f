"""Private answers go for good: one person's, one's own, everybody's; and who may do it."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib.errors import NotAllowedError
from tests.room.setting import Door, Setting, everything

pytestmark = pytest.mark.usefixtures("database")

NPS, CHECKIN = "metrics/nps/kind", "checkin"


def both_answered(setting: Setting):
    asked = setting.ask()
    setting.say(setting.ann, asked, NPS, "process")
    setting.say(setting.ann, asked, CHECKIN, "my-secret-sentence-of-ann")
    setting.say(setting.ben, asked, NPS, "outcome")
    return asked


def test_one_persons_answers_go_and_the_others_stay(setting: Setting) -> None:
    asked = both_answered(setting)
    setting.turn("close_round")
    setting.rooms.end(setting.id, "facilitator")
    assert setting.rooms.ballots.total(setting.id) == {setting.ann.id: 2, setting.ben.id: 1}
    assert setting.rooms.ballots.delete_answers(setting.id, "facilitator", setting.ann.id) == 2
    assert setting.rooms.ballots.own(setting.id, setting.ann.id, asked) == {}
    assert setting.rooms.ballots.own(setting.id, setting.ben.id, asked) == {NPS: "outcome"}
    assert setting.rooms.ballots.delete_answers(setting.id, "owner") == 1
    assert setting.rooms.ballots.total(setting.id) == {}


@pytest.mark.parametrize("role", ["participant", "viewer"])
def test_only_a_facilitator_deletes_what_others_said(setting: Setting, role: str) -> None:
    both_answered(setting)
    for person in ("", setting.ann.id):
        with pytest.raises(NotAllowedError):
            setting.rooms.ballots.delete_answers(setting.id, role, person)
    with pytest.raises(NotAllowedError):
        setting.rooms.remove(setting.id, role, setting.ann.id)
    assert setting.rooms.ballots.total(setting.id) == {setting.ann.id: 2, setting.ben.id: 1}


def test_deleted_words_are_not_left_on_the_disk(setting: Setting, tmp_path: Path) -> None:
    both_answered(setting)

    def held() -> list[str]:
        if setting.store.engine.dialect.name == "postgresql":  # its files are its own; its tables are ours
            return ["tables"] if b"my-secret-sentence" in everything(setting.store) else []
        files = [f for f in tmp_path.iterdir() if f.is_file()]
        return [f.name for f in files if b"my-secret-sentence" in f.read_bytes()]

    assert held()
    setting.rooms.ballots.delete_own(setting.id, setting.ann)
    assert held() == []


def test_a_phone_deletes_its_own_answers_and_nobody_elses(door: Door) -> None:
    eva, max_ = door.joined("Eva"), door.joined("Max", "marketing")
    asked = door.setting.ask()
    for client in (eva, max_):
        client.post("/w/answer", json={"round": asked.id, "question": NPS, "value": "process", "sequence": 1})
    door.setting.turn("close_round")
    door.rooms.end(door.setting.id, "facilitator")
    assert door.client().post("/w/forget", json={}).status_code == 404
    assert eva.post("/w/forget", content=b"", headers={"content-type": "text/plain"}).status_code == 409
    assert eva.post("/w/forget", json={}).json() == {"deleted": 1}
    assert eva.post("/w/forget", json={}).json() == {"deleted": 0}
    names = {person.id: person.name for person in door.rooms.people(door.setting.id)}
    assert {names[id]: n for id, n in door.rooms.ballots.total(door.setting.id).items()} == {"Max": 1}


def test_deleted_answers_do_not_come_back_with_redo(setting: Setting) -> None:
    both_answered(setting)
    setting.turn("close_round")
    setting.rooms.ballots.delete_answers(setting.id, "facilitator")
    setting.rooms.steps.undo(setting.id, "facilitator")
    setting.rooms.steps.redo(setting.id, "facilitator")
    assert setting.rooms.ballots.total(setting.id) == {}


def test_somebody_taken_out_is_nobody_any_more(door: Door) -> None:
    from lib.ui.room import live

    eva = door.joined("Eva")
    asked = door.setting.ask()
    eva.post("/w/answer", json={"round": asked.id, "question": NPS, "value": "process", "sequence": 1})
    id = next(p.id for p in door.rooms.people(door.setting.id) if p.name == "Eva")
    door.rooms.remove(door.setting.id, "facilitator", id)
    live.memory.forget_person(door.setting.id, id)
    assert eva.get("/w/state").status_code == 404
    assert (
        eva.post(
            "/w/answer", json={"round": asked.id, "question": NPS, "value": "process", "sequence": 2}
        ).status_code
        == 404
    )
    assert door.rooms.ballots.total(door.setting.id) == {}

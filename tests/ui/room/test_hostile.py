"""Races, replays and hostile input: what two people at once, a late phone or a script could do to a room."""

from __future__ import annotations

import asyncio
import json
import threading
from concurrent.futures import CancelledError

import pytest

from lib.errors import NotAllowedError
from lib.room import join_codes
from lib.room.model import now
from lib.ui.room import live
from tests.room.setting import QUESTIONS, Door, Setting

pytestmark = pytest.mark.usefixtures("database")

NPS = "metrics/nps/kind"


def at_once(*jobs) -> list[BaseException | None]:
    """Run jobs as close together as threads allow; what each one raised."""
    ready, found = threading.Barrier(len(jobs)), [None] * len(jobs)

    def run(index: int) -> None:
        ready.wait()
        try:
            jobs[index]()
        except Exception as error:  # noqa: BLE001
            found[index] = error

    threads = [threading.Thread(target=run, args=(i,)) for i in range(len(jobs))]
    [t.start() for t in threads]
    [t.join(120) for t in threads]
    return found


def test_eight_who_open_a_round_at_once_open_one(setting: Setting) -> None:
    ask = lambda: setting.rooms.open_round(setting.id, "facilitator", QUESTIONS)  # noqa: E731
    raised = at_once(*[ask] * 8)
    assert sum(error is None for error in raised) == 1
    assert all(isinstance(error, NotAllowedError) for error in raised if error)
    assert [item.number for item in setting.rooms.rounds(setting.id)] == [1]


def test_a_round_opened_again_in_the_same_moment_is_not_revealed(setting: Setting) -> None:
    for _ in range(5):
        setting.ask()
        setting.turn("close_round")
        reopened, revealed = at_once(lambda: setting.turn("reopen_round"), lambda: setting.turn("reveal"))
        state = setting.rooms.state(setting.id)
        # One of the two was first; the other one found the door shut.
        assert (reopened is None) != (revealed is None)
        assert state == ("open" if reopened is None else "revealed")
        if state == "open":
            setting.turn("close_round")


def test_after_the_end_no_answer_counts_even_with_the_round_still_open(setting: Setting) -> None:
    asked = setting.ask()
    setting.rooms.end(setting.id, "facilitator")
    with pytest.raises(NotAllowedError):
        setting.say(setting.ann, asked, NPS, "process")
    assert setting.rooms.ballots.total(setting.id) == {}


def test_a_late_answer_counts_when_the_room_went_on_by_accident(door: Door) -> None:
    eva, asked = door.joined(), door.setting.ask()
    body = {"round": asked.id, "question": NPS, "value": "process", "sequence": 1}
    door.rooms.step(door.setting.id, "facilitator", 2)
    assert eva.post("/w/answer", json=body).json() == {"saved": True, "changed": True}
    door.rooms.step(door.setting.id, "facilitator", 1)
    assert eva.get("/w/state").json()["own"] == {NPS: "process"}
    door.setting.turn("close_round")
    replay = eva.post("/w/answer", json={**body, "value": "outcome", "sequence": 2})
    assert replay.status_code == 409
    assert eva.get("/w/state").json()["own"] == {NPS: "process"}


def test_an_answer_to_another_rooms_round_is_refused(door: Door) -> None:
    eva = door.joined()
    other, _, _ = door.rooms.open("w2", "Other", "hour")
    door.rooms.step(other.id, "facilitator", 1)
    foreign = door.rooms.open_round(other.id, "facilitator", QUESTIONS)
    reply = eva.post(
        "/w/answer", json={"round": foreign.id, "question": NPS, "value": "process", "sequence": 1}
    )
    assert reply.status_code == 409
    assert door.rooms.ballots.total(other.id) == {}


@pytest.mark.parametrize(
    "change",
    [
        {"sequence": 2**80}, {"sequence": -1}, {"sequence": "1"}, {"sequence": None}, {"sequence": 1.5},
        {"question": ["x"]}, {"question": {"a": 1}}, {"question": "metrics/none/kind"}, {"round": ["x"]}, {"round": {}},
        {"value": {"process": 1}}, {"value": ["process"]}, {"value": 10**300}, {"value": True}, {"value": "\x00"},
        {"value": "nothing of the kind"},
    ],
)  # fmt: skip
def test_wrong_types_get_a_sentence_and_change_nothing(door: Door, change: dict[str, object]) -> None:
    eva, asked = door.joined(), door.setting.ask()
    body = {"round": asked.id, "question": NPS, "value": "process", "sequence": 1, **change}
    reply = eva.post("/w/answer", json=body)
    assert (reply.status_code, bool(reply.json()["problem"])) == (409, True)
    assert door.rooms.ballots.total(door.setting.id) == {}


@pytest.mark.parametrize("path", ["/join", "/w/answer", "/w/park", "/w/forget"])
@pytest.mark.parametrize(
    "raw", [b"[" * 7000, b'{"a":' * 1500, b'{"text": "\\ud800"}', b'{"a": NaN', b"\x00" * 100, b"9" * 5000]
)
def test_bodies_that_break_parsers_get_a_sentence(door: Door, path: str, raw: bytes) -> None:
    reply = door.joined().post(path, content=raw, headers={"content-type": "application/json"})
    assert reply.status_code == 409
    assert reply.json()["remedy"]


def test_half_a_character_does_not_poison_the_room(door: Door) -> None:
    eva, asked = door.joined(), door.setting.ask()
    raw = json.dumps(
        {"round": asked.id, "question": "checkin", "value": "a \ud83d b", "sequence": 1}
    ).encode()
    assert eva.post("/w/answer", content=raw, headers={"content-type": "application/json"}).status_code == 409
    door.setting.turn("close_round")
    door.setting.turn("reveal")
    assert eva.get("/w/state").status_code == 200


@pytest.mark.parametrize("cookie", ["a.b.c.é", "....", "é", "a" * 5000, "a.b.c.", '"\\351.b.c.d"', "\x7f"])
def test_damaged_cookies_are_nobody(door: Door, cookie: str) -> None:
    headers = {"cookie": f"room={cookie}; room_board_r={cookie}".encode("latin-1")}
    assert door.client().get("/w/state", headers=headers).status_code == 404
    assert door.client().get("/w/board/qr?room=r", headers=headers).status_code == 404
    assert door.client().get("/w", headers=headers).status_code == 303


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ann\x00Lee", "AnnLee"),
        ("\u202eneB", "neB"),
        ("  Zoë\t Ü ", "Zoë Ü"),
        ("李 小龍", "李 小龍"),
        ("x" * 300, "x" * 40),
    ],
)
def test_names_are_shown_without_tricks(door: Door, name: str, shown: str) -> None:
    door.joined(name)
    assert shown in [person.name for person in door.rooms.people(door.setting.id)]


@pytest.mark.parametrize("name", ["", "   ", "\u200b\u200b", "\x00", "\u202e"])
def test_a_name_that_nobody_could_see_is_refused(door: Door, name: str) -> None:
    body = {"code": door.setting.room.code, "name": name, "side": "growth"}
    assert door.client().post("/join", json=body).status_code == 409


def test_a_failure_inside_is_a_sentence_and_the_phone_tries_again(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    eva, asked = door.joined(), door.setting.ask()

    def broken(*_: object) -> None:
        raise OSError("database or disk is full: /secret/path")

    monkeypatch.setattr(door.rooms.ballots, "answer", broken)
    reply = eva.post(
        "/w/answer", json={"round": asked.id, "question": NPS, "value": "process", "sequence": 1}
    )
    assert reply.status_code == 503
    assert "secret" not in reply.text
    assert reply.json()["remedy"]


def test_a_sender_that_goes_away_takes_no_others_answer_with_it(setting: Setting) -> None:
    held, free = threading.Event(), threading.Event()
    first = setting.rooms.writer.submit(lambda _: (held.set(), free.wait(120)))
    held.wait(120)
    gone = setting.rooms.writer.submit(lambda _: "gone")
    kept = setting.rooms.writer.submit(lambda _: "kept")
    assert gone.cancel()
    free.set()
    first.result(120)
    assert kept.result(120) == "kept"
    with pytest.raises(CancelledError):
        gone.result(120)
    assert setting.rooms.writer.do(lambda _: "alive") == "alive"


def test_one_person_cannot_take_the_streams_of_all() -> None:
    hub = live.Hub()

    async def main() -> tuple[int, int]:
        async def drain(stream) -> None:
            async for _ in stream:
                pass

        tasks = []
        for _ in range(12):
            tasks.append(asyncio.create_task(drain(hub.listen("r", who="eva"))))
            await asyncio.sleep(0.01)
        tasks.append(asyncio.create_task(drain(hub.listen("r", who="max"))))
        await asyncio.sleep(0.1)
        found = hub.listeners("r")
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return found, len(hub._waiting) + len(hub._of_person)

    assert asyncio.run(main()) == (live.MAX_STREAMS + 1, 0)


def test_a_code_renewed_the_morning_after_opens_the_room(setting: Setting) -> None:
    from lib.room import tables

    old = tables.rooms.update().values(expires_at="2020-01-01T00:00:00.000+00:00")
    setting.rooms.writer.do(lambda c: c.execute(old))
    assert setting.rooms.by_code(setting.room.code) is None
    fresh = setting.rooms.renew(setting.id)
    assert setting.rooms.by_code(fresh).id == setting.id
    assert setting.rooms.get(setting.id).expires_at > now()


def test_the_projector_stays_open_when_somebody_else_facilitates(setting: Setting) -> None:
    setting.rooms.take_over(setting.id, "another browser")
    key = setting.rooms.board_key(setting.id)
    assert key == setting.board
    assert setting.rooms.is_board(setting.id, setting.board)
    other, _, _ = setting.rooms.open("w2", "Other", "hour")
    assert not setting.rooms.is_board(other.id, key)
    assert join_codes.matches(key, join_codes.digest(key))

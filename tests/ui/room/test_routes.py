"""The participants' routes as a hostile client meets them."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.responses import StreamingResponse

from lib.ui.room import live, routes
from tests.patience import SECONDS
from tests.room.setting import Door, Setting

pytestmark = pytest.mark.usefixtures("database")


def test_join_answer_and_come_back(door: Door) -> None:
    client = door.joined()
    cookie = next(c for c in client.cookies.jar if c.name == "room")
    assert cookie.has_nonstandard_attr("HttpOnly")
    asked = door.setting.ask()
    state = client.get("/w/state").json()
    assert state["round"]["id"] == asked.id
    assert state["me"]["name"] == "Eva"
    sent = {"round": asked.id, "question": "metrics/nps/kind", "value": "process", "sequence": 1}
    assert client.post("/w/answer", json=sent).json() == {"saved": True, "changed": True}
    assert client.post("/w/answer", json=sent).json() == {"saved": True, "changed": False}
    assert client.get("/w/state").json()["own"] == {"metrics/nps/kind": "process"}
    assert (
        client.post(
            "/join", json={"code": door.setting.room.code, "name": "Other", "side": "growth"}
        ).status_code
        == 200
    )
    assert sum(p.name in ("Eva", "Other") for p in door.rooms.people(door.setting.id)) == 1


def test_nobody_sees_others_answers_before_the_reveal(door: Door) -> None:
    asked = door.setting.ask()
    door.setting.say(door.setting.ann, asked, "checkin", "a very private sentence")
    client = door.joined()
    for path in ("/w/state", "/w"):
        assert "very private" not in client.get(path).text
    door.setting.turn("close_round")
    assert "very private" not in client.get("/w/state").text
    door.setting.turn("reveal")
    assert "very private" in client.get("/w/state").text


@pytest.mark.parametrize("path", ["/w/state", "/w/events"])
def test_without_a_cookie_nothing_is_told(door: Door, path: str) -> None:
    assert door.client().get(path).status_code == 404
    forged = door.client()
    forged.cookies.set("room", f"{door.setting.id}.{door.setting.ann.id}.{door.setting.ann_token}.{'0' * 32}")
    assert forged.get(path).status_code == 404


def test_a_signed_cookie_with_a_wrong_token_is_nobody(door: Door) -> None:
    client = door.client()
    client.cookies.set("room", door.rooms.signer.sign(door.setting.id, door.setting.ann.id, "x" * 22))
    assert client.get("/w/state").status_code == 404
    assert client.get("/w").headers["location"] == "/join"


def test_a_viewer_may_not_answer(door: Door) -> None:
    client = door.joined(watch=True)
    asked = door.setting.ask()
    reply = client.post(
        "/w/answer",
        json={"round": asked.id, "question": "metrics/nps/kind", "value": "process", "sequence": 1},
    )
    assert reply.status_code == 409
    assert reply.json()["problem"]


def test_foreign_sites_cannot_post(door: Door) -> None:
    client = door.joined()
    asked = door.setting.ask()
    body = json.dumps({"round": asked.id, "question": "metrics/nps/kind", "value": "process", "sequence": 1})
    for headers in (
        {"content-type": "text/plain"},
        {"content-type": "application/json", "sec-fetch-site": "cross-site"},
        {"content-type": "application/x-www-form-urlencoded"},
    ):
        assert client.post("/w/answer", content=body, headers=headers).status_code == 409
    assert door.rooms.ballots.counts(door.setting.id, asked) == {"some": 0, "all": 0}


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b"null", b'{"round": 1}', b'{"a":' * 2000, b"x" * 20_000, b"\xff\xfe"]
)
def test_damaged_requests_get_a_sentence(door: Door, body: bytes) -> None:
    client = door.joined()
    reply = client.post("/w/answer", content=body, headers={"content-type": "application/json"})
    assert reply.status_code == 409
    assert reply.json()["remedy"]


def test_guessing_codes_is_throttled_and_gets_nowhere(door: Door) -> None:
    client = door.client()
    guesses = [f"ABCD{n:04d}".replace("0", "2").replace("1", "3") for n in range(1000)]
    who = {"name": "x", "side": "growth"}
    replies = [client.post("/join", json={"code": guess, **who}) for guess in guesses]
    codes = [reply.status_code for reply in replies]
    assert codes[:10] == [404] * 10
    assert set(codes[10:]) == {429}
    assert replies[-1].headers["retry-after"] == "60"


def test_a_full_house_behind_one_address_can_join(door: Door) -> None:
    for number in range(60):
        door.joined(f"P{number}")
    assert len(door.rooms.people(door.setting.id)) == 62


def test_the_board_needs_its_key_and_shows_no_answer(door: Door) -> None:
    client = door.client()
    assert client.get(f"/w/board?room={door.setting.id}").status_code == 404
    assert client.get(f"/w/board?room={door.setting.id}&key=wrong").status_code == 404
    first = client.get(f"/w/board?room={door.setting.id}&key={door.setting.board}")
    assert first.status_code == 303
    assert client.get(first.headers["location"]).status_code == 200
    assert client.get(first.headers["location"]).status_code == 200  # a projector that is loaded anew
    asked = door.setting.ask()
    door.setting.say(door.setting.ann, asked, "checkin", "a very private sentence")
    state = routes._board_state(door.setting.id)
    assert state["counts"] == {"some": 1, "all": 0}
    assert "very private" not in json.dumps(state)


def test_every_answer_carries_the_headers(door: Door) -> None:
    for path in ("/join", "/w", "/w/state", "/w/board", "/w/assets/room.css", "/w/assets/missing.js"):
        headers = door.client().get(path).headers
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
    assert door.client().get("/w/assets/..%2froom_live.py").status_code == 404


def test_pages_are_light() -> None:
    sizes = [path.stat().st_size for path in routes.ASSETS.iterdir()]
    assert sum(sizes) < 40_000


def test_a_topic_parked_on_a_phone_stands_in_the_workbook_at_once(
    setting: Setting, door: Door, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("WORKBOOK_HOME", str(tmp_path))
    book = setting.store.create("Ours", author="Ann")
    room, _, _ = setting.rooms.open(book, "Tuesday", "hour")
    client = door.client()
    client.post("/join", json={"code": room.code, "name": "Eva", "side": "growth"})
    assert client.post("/w/park", json={"text": "Pricing page"}).status_code == 200
    kept = [item for item in setting.store.workbook(book).room.values() if isinstance(item, dict)]
    assert [(item["kind"], item["text"], item["owner"]) for item in kept] == [
        ("parking", "Pricing page", "Eva")
    ]
    assert setting.store.events(book)[-1].author == "Eva"
    assert [client.post("/w/park", json={"text": f"Topic {n}"}).status_code for n in range(12)].count(
        429
    ) == 3


def test_a_viewer_parks_nothing(door: Door) -> None:
    client = door.joined("Vera", watch=True)
    assert client.post("/w/park", json={"text": "Mine"}).status_code == 409
    assert door.rooms.outcomes(door.setting.id) == []


def test_the_board_shows_the_way_in_to_its_own_room_only(door: Door) -> None:
    board, qr = door.client(), f"/w/board/qr?room={door.setting.id}"
    assert board.get(qr).status_code == 404
    board.get(f"/w/board?room={door.setting.id}&key={door.setting.board}")
    reply = board.get(qr)
    assert reply.headers["content-type"] == "image/svg+xml"
    assert reply.content.startswith(b"<?xml")
    assert door.joined().get(qr).status_code == 404  # a participant's cookie opens no board


def test_two_boards_in_one_browser_stay_apart_and_a_closed_one_says_so(door: Door) -> None:
    other, _, key = door.rooms.open("w2", "Other", "hour")
    browser = door.client()
    for id, its_key in ((door.setting.id, door.setting.board), (other.id, key)):
        assert browser.get(f"/w/board?room={id}&key={its_key}").status_code == 303
    for id in (door.setting.id, other.id):
        assert browser.get(f"/w/board?room={id}").status_code == 200
    stolen = browser.cookies.get(f"room_board_{other.id}")
    elsewhere = door.client()
    elsewhere.cookies.set(
        f"room_board_{door.setting.id}", stolen
    )  # another room's key under this room's name
    closed = elsewhere.get(f"/w/board?room={door.setting.id}")
    assert closed.status_code == 404
    assert "This board is not open." in closed.text
    assert "<h1>" in closed.text


def test_a_hundred_listeners_cost_one_look_up_a_change(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    door.rooms.on_change = live.changed
    monkeypatch.setattr(live, "memory", live.Memory())
    id, read = door.setting.id, door.rooms.get
    reads: list[str] = []
    monkeypatch.setattr(door.rooms, "get", lambda id: (reads.append(id), read(id))[1])
    for _ in range(100):
        live.memory.view(id, shared=True)
    assert len([x for x in reads if x]) <= 2  # the room, and the room of its round
    door.setting.ask()
    before = len(reads)
    seen = {live.memory.view(id, shared=True)[2]["round"]["state"] for _ in range(100)}
    assert seen == {"open"}
    assert len(reads) - before <= 2


def test_a_slow_reader_does_not_put_back_what_stood_before(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    door.rooms.on_change = live.changed
    monkeypatch.setattr(live, "memory", live.Memory())
    id, read = door.setting.id, door.rooms.get
    state = lambda **how: live.memory.view(id, **how)[2]["round"]  # noqa: E731

    def slow(id: str):
        found = read(id)
        monkeypatch.setattr(door.rooms, "get", read)
        door.setting.ask()  # while this reader dawdles the round opens, and another one reads it
        assert state()["state"] == "open"
        return found

    monkeypatch.setattr(door.rooms, "get", slow)
    live.memory.view(id)
    assert state(shared=True)["state"] == "open"


async def _lines(response: StreamingResponse, is_last: Callable[[str], bool] = lambda _: False) -> list[str]:
    """What a stream says until a line, or until it ends."""
    seen: list[str] = []

    async def read() -> None:
        async for line in response.body_iterator:
            seen.append(str(line))
            if is_last(seen[-1]):
                return

    await asyncio.wait_for(read(), SECONDS)
    return seen


def _is_of_a_round(line: str) -> bool:
    return line.startswith("data:") and json.loads(line[5:])["round"] is not None


def test_phones_hear_of_a_question_and_not_of_who_came_in(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    door.rooms.on_change = live.changed
    id = door.setting.id

    async def whole() -> list[str]:
        stream = routes._stream(id, id, who="Eva")
        task = asyncio.create_task(_lines(stream, _is_of_a_round))
        await asyncio.sleep(0.1)
        await asyncio.to_thread(door.rooms.join, id, "Zoe", "growth")
        await asyncio.sleep(0.6)
        await asyncio.to_thread(door.setting.ask)
        return await task

    news = [line for line in asyncio.run(whole()) if line.startswith("data:")]
    assert [_is_of_a_round(line) for line in news] == [False, True]


def test_a_stream_without_a_place_says_so_instead_of_breaking_off(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "MAX_LISTENERS", 0)
    stream = routes._stream(door.setting.id, door.setting.id, who="Eva")
    assert asyncio.run(_lines(stream))[-1] == "event: full\ndata: 1\n\n"

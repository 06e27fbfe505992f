"""Who facilitates: the same browser after a reload and a restart, nobody else, and not even a page drawn before."""

from __future__ import annotations

from pathlib import Path

from lib.room import join_codes
from lib.room.store import Rooms
from lib.ui.room import live
from lib.workbook.store import Store
from tests.room.setting import Setting, visit


def test_a_browsers_key_is_good_for_its_room_alone_and_after_a_restart(
    setting: Setting, tmp_path: Path
) -> None:
    mine, _, _ = setting.rooms.open("w1", "Mine", "hour", "secret of this browser/")
    again = Rooms(Store(tmp_path).engine, tmp_path)  # the server was started anew
    key = again.signer.host_key(mine.id, "secret of this browser/")
    assert again.is_host(mine.id, key)
    assert not again.is_host(setting.id, again.signer.host_key(setting.id, "secret of this browser/"))
    for other in ("", "/", "secret of this browser", "secret of this browser/max@example.com"):
        assert not again.is_host(mine.id, again.signer.host_key(mine.id, other))
    assert not any(again.is_host(mine.id, join_codes.new_token()) for _ in range(1000))


def test_nothing_in_the_store_makes_anybody_the_facilitator(setting: Setting) -> None:
    secret = join_codes.new_token()
    room, key, _ = setting.rooms.open("w1", "Mine", "hour", secret)
    raw = b"".join(path.read_bytes() for path in setting.store.home.glob("workbook.db*"))
    assert join_codes.digest(key).encode() in raw
    assert key.encode() not in raw
    assert secret.encode() not in raw
    assert not setting.rooms.is_host(room.id, join_codes.digest(key))


def test_taking_over_ends_the_other_browsers_rights(setting: Setting) -> None:
    room, first, _ = setting.rooms.open("w1", "Mine", "hour", "one")
    second = setting.rooms.take_over(room.id, "two")
    assert setting.rooms.is_host(room.id, second)
    assert not setting.rooms.is_host(room.id, first)
    assert setting.rooms.take_over(room.id, "one") == first


def test_a_page_drawn_before_somebody_took_over_changes_nothing(served: Store) -> None:
    book = served.create("Ours", author="Ann")
    ann, max_ = visit(book), visit(book)
    ann.button(key="room.open").click().run()
    max_.run()
    assert [button.key for button in max_.button if button.key == "room.start"] == []
    max_.button(key="room.takeover").click().run()
    ann.button(key="room.start").click().run()  # her page still shows the button
    room = live.rooms().of_workbook(book)[0]
    assert room.block is None
    assert "Somebody else is facilitating now" in " ".join(item.value for item in ann.error)
    max_.button(key="room.start").click().run()
    assert live.rooms().get(room.id).block is not None

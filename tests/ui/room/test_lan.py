"""The switch that lets phones in: what the network then sees, and that it sees nothing before."""

import socket
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from lib.errors import UserError
from lib.room.store import Rooms
from lib.ui.room import lan, live
from lib.workbook.store import Store


def status(url: str | urllib.request.Request) -> int:
    try:
        with urllib.request.urlopen(url, timeout=120) as reply:  # noqa: S310
            return reply.status
    except urllib.error.HTTPError as error:
        return error.code


@pytest.fixture(autouse=True)
def _own_port(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        monkeypatch.setattr(lan, "PORT", probe.getsockname()[1])
    monkeypatch.setattr(live, "_rooms", Rooms(Store(tmp_path).engine, tmp_path))


def test_the_network_sees_the_room_and_nothing_else() -> None:
    assert not lan.is_open()
    with lan.opened("127.0.0.1") as base:
        assert lan.is_open()
        assert status(f"{base}/join") == 200
        assert status(f"{base}/w/assets/participant.js") == 200
        for path in (
            "/data",
            "/workbook",
            "/_stcore/health",
            "/_stcore/stream",
            "/_stcore/metrics",
            "/media/x",
            "/static/x",
        ):
            assert status(base + path) == 404
    assert not lan.is_open()


def test_a_foreign_host_is_refused_there_too() -> None:
    with lan.opened("127.0.0.1") as base:
        for path in ("/", "/join", "/w", "/w/state", "/w/assets/participant.js", "/nope"):
            foreign = urllib.request.Request(base + path, headers={"Host": "evil.example"})  # noqa: S310
            assert status(foreign) == 421, path
        own = urllib.request.Request(f"{base}/join", headers={"Host": "192.168.0.7:8600"})  # noqa: S310
        assert status(own) == 200


def test_a_taken_port_is_said_in_words() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", lan.PORT))
        other.listen()
        with pytest.raises(UserError, match="taken"):
            lan.open_lan("127.0.0.1")
    assert not lan.is_open()

"""A room on a store of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from lib.room.model import Participant, Room
from lib.room.questions import AnswerOption, RoomQuestion
from lib.room.store import Rooms
from lib.ui import pages
from lib.ui.room import live, rate_limits, routes
from lib.workbook.store import Store, open_store

SHELL = pages.ROOT / "lib" / "ui" / "shell.py"
KINDS = (AnswerOption("process", "Process"), AnswerOption("outcome", "Outcome"))
QUESTIONS = (
    RoomQuestion("metrics/nps/kind", "single", "NPS?", KINDS),
    RoomQuestion("metrics/cac/kind", "single", "CAC?", KINDS),
    RoomQuestion("checkin", "text", "What should be settled?"),
)


def everything(store: Store) -> bytes:
    """All that a store keeps, as it lies in its file or as its tables give it."""
    if store.engine.dialect.name == "sqlite":
        files = (store.home / "workbook.db", store.home / "workbook.db-wal")
        return b"".join(path.read_bytes() for path in files if path.exists())
    with store.engine.connect() as connection:
        tables = sa.inspect(connection).get_table_names()
        return repr([connection.execute(sa.text(f'SELECT * FROM "{x}"')).all() for x in tables]).encode()


class Setting:
    """One running room with a marketing and a growth person."""

    def __init__(self, home: Path) -> None:
        self.store = Store(home)
        self.rooms = Rooms(self.store.engine, home)
        self.room, self.host, self.board = self.rooms.open("w1", "Tuesday", "hour")
        self.ann, self.ann_token = self.rooms.join(self.id, "Ann", "marketing")
        self.ben, self.ben_token = self.rooms.join(self.id, "Ben", "growth")
        self.rooms.step(self.id, "facilitator", 1)

    @property
    def id(self) -> str:
        return self.room.id

    def now(self) -> Room:
        return self.rooms.get(self.id)

    def ask(self, **how):
        return self.rooms.open_round(self.id, "facilitator", QUESTIONS, **how)

    def say(self, person: Participant, round, question: str, value, sequence: int = 1) -> bool:
        return self.rooms.ballots.answer(self.id, person, round, question, value, sequence).result(120)

    def turn(self, action: str) -> None:
        self.rooms.set_state(self.id, "facilitator", action)


@pytest.fixture
def setting(tmp_path: Path) -> Setting:
    return Setting(tmp_path)


class Door:
    """A room behind real routes, and clients that each keep their own cookies."""

    def __init__(self, setting: Setting, rooms: Rooms) -> None:
        self.setting, self.rooms = setting, rooms
        self.app = Starlette(routes=routes.routes())

    def client(self) -> TestClient:
        return TestClient(self.app, follow_redirects=False)

    def joined(self, name: str = "Eva", side: str = "growth", **more) -> TestClient:
        client = self.client()
        reply = client.post(
            "/join", json={"code": self.rooms.get(self.setting.id).code, "name": name, "side": side, **more}
        )
        assert reply.status_code == 200, reply.text
        return client


@pytest.fixture
def door(setting: Setting, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Door]:
    setting.rooms.on_change = live.hub.publish
    monkeypatch.setattr(live, "_rooms", setting.rooms)
    monkeypatch.setattr(live, "memory", live.Memory())
    monkeypatch.setattr(routes, "memory", live.memory)
    for name in ("wrong_codes", "wrong_codes_overall", "joins_overall", "answers", "parked"):
        limit = getattr(rate_limits, name)
        monkeypatch.setattr(rate_limits, name, rate_limits.Window(limit._most, limit._seconds))
    return Door(setting, setting.rooms)


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A store that the pages read, when they run in this process."""
    monkeypatch.setenv("WORKBOOK_HOME", str(tmp_path))
    found = open_store(tmp_path.resolve())
    monkeypatch.setattr(live, "_rooms", Rooms(found.engine, tmp_path, live.changed))
    yield found
    found.engine.dispose()


def visit(book: str) -> AppTest:
    """The room's page, opened by somebody new."""
    app = AppTest.from_file(str(SHELL), default_timeout=120)
    app.query_params["workbook"] = book
    app.run()
    app.switch_page("../../pages/room.py").run()
    assert not app.exception
    return app

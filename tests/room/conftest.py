"""A room on a store of its own."""

from pathlib import Path

import pytest

from lib.room.model import Person, Room
from lib.room.questions import Option, Question
from lib.room.store import Rooms
from lib.workbook.store import Store

KINDS = (Option("process", "Process"), Option("outcome", "Outcome"))
QUESTIONS = (
    Question("metrics/nps/kind", "single", "NPS?", KINDS),
    Question("metrics/cac/kind", "single", "CAC?", KINDS),
    Question("checkin", "text", "What should be settled?"),
)


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

    def say(self, person: Person, round, question: str, value, sequence: int = 1) -> bool:
        return self.rooms.ballots.answer(self.id, person, round, question, value, sequence).result(5)

    def turn(self, action: str) -> None:
        self.rooms.set_state(self.id, "facilitator", action)


@pytest.fixture
def setting(tmp_path: Path) -> Setting:
    return Setting(tmp_path)

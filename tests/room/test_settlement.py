"""What the room settles stands in the room and in the workbook, or in neither, and the room is told why."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from lib.errors import ConflictError, DataError, NotAllowedError, NotFoundError, UserError
from lib.room import outcome_rows, settlement
from lib.room.model import Outcome
from lib.room.questions import RoomQuestion
from lib.room.settlement import Hand
from lib.ui.room import live
from lib.workbook.store import Store
from tests.room.setting import QUESTIONS, Setting
from tests.ui.room.test_page import running

pytestmark = pytest.mark.usefixtures("database")
NPS = "metrics/nps/kind"
DECISION = Outcome("r:nps", "decision", "NPS? Process", "r", NPS, "Ben would share it")


class Desk:
    """A room on a real workbook, at the moment of a revealed round."""

    def __init__(self, setting: Setting) -> None:
        self.rooms, self.store = setting.rooms, setting.store
        self.book = self.store.create("Acme", author="Ann")
        self.store.save(self.book, "metrics/nps/name", "NPS", author="Ann")
        self.id = self.rooms.open(self.book, "Tuesday", "hour")[0].id
        self.rooms.step(self.id, "facilitator", 1)
        self.rooms.open_round(self.id, "facilitator", QUESTIONS)
        for action in ("close_round", "reveal"):
            self.rooms.set_state(self.id, "facilitator", action)

    def hand(self, role: str = "facilitator") -> Hand:
        return Hand(role, "Fay", self.store.rev(self.book))

    def decide(self, value: str = "process", by: Hand | None = None, question: RoomQuestion | None = None):
        asked, hand = question or QUESTIONS[0], by or self.hand()
        return settlement.decide(self.rooms, self.store, self.id, DECISION, asked, value, hand)

    def stands(self) -> tuple[list[str], str, bool, int, int]:
        """Both sides: what the room settled, what the workbook says, and how far each has moved."""
        book = self.store.workbook(self.book)
        there = [item.text for item in self.rooms.outcomes(self.id)]
        kept = f"{self.id}/{DECISION.id}" in book.room
        return there, book.metrics["nps"].kind, kept, book.rev, self.rooms.get(self.id).rev


@pytest.fixture
def desk(setting: Setting) -> Desk:
    return Desk(setting)


def test_a_decision_stands_in_both_and_goes_from_both(desk: Desk) -> None:
    before = desk.stands()
    told: list[str] = []
    desk.rooms.on_change = told.append
    desk.decide()
    assert desk.stands()[:3] == (["NPS? Process"], "process", True)
    assert told == [desk.id]
    (made,) = desk.rooms.outcomes(desk.id)
    kept = desk.store.workbook(desk.book).room[f"{desk.id}/{made.id}"]
    assert (kept["dissent"], kept["before"], kept["at"]) == ("Ben would share it", [[NPS, None]], made.at)
    step = desk.store.events(desk.book)[-1]
    assert (step.author, step.note) == ("Fay", "Workshop: NPS? NPS? Process")
    settlement.withdraw(desk.rooms, desk.store, desk.id, made, desk.hand())
    assert desk.stands()[:3] == before[:3]


def test_an_answer_that_somebody_changed_meanwhile_refuses_both(desk: Desk) -> None:
    seen = desk.hand()
    desk.store.save(desk.book, NPS, "outcome", author="Ben")
    before = desk.stands()
    with pytest.raises(ConflictError, match="Ben changed Metric: kind meanwhile") as caught:
        desk.decide(by=seen)
    assert "settle it again" in caught.value.remedy
    assert desk.stands() == before
    desk.decide(by=desk.hand())  # having seen it
    assert desk.stands()[:3] == (["NPS? Process"], "process", True)


@pytest.mark.parametrize("trouble", ["value", "bin", "role", "room side", "workbook side", "empty"])
def test_whatever_refuses_one_refuses_both(desk: Desk, trouble: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("cut off")

    before, kinds = desk.stands(), {"value": DataError, "bin": NotFoundError, "role": NotAllowedError}
    outcome, by = DECISION, desk.hand("participant" if trouble == "role" else "facilitator")
    if trouble == "bin":
        desk.store.delete(desk.book)
    if trouble == "room side":
        monkeypatch.setattr(outcome_rows, "put", fail)
    if trouble == "workbook side":
        monkeypatch.setattr(desk.store, "_append", fail)
    if trouble == "empty":
        outcome = replace(outcome, text=" ")
    value = "no such kind" if trouble == "value" else "process"
    with pytest.raises(kinds.get(trouble, DataError if trouble == "empty" else RuntimeError)):
        settlement.decide(desk.rooms, desk.store, desk.id, outcome, QUESTIONS[0], value, by)
    monkeypatch.undo()
    if trouble == "bin":
        desk.store.undelete(desk.book)
    assert desk.stands() == before


def test_taking_back_refuses_both_where_the_answer_changed_meanwhile(desk: Desk) -> None:
    desk.decide()
    seen = desk.hand()
    desk.store.save(desk.book, NPS, "shared", author="Ben")
    before, (made,) = desk.stands(), desk.rooms.outcomes(desk.id)
    with pytest.raises(ConflictError):
        settlement.withdraw(desk.rooms, desk.store, desk.id, made, seen)
    assert desk.stands() == before


def test_actions_stand_in_both_or_in_neither(desk: Desk) -> None:
    action = Outcome("", "action", "Write the rule", owner="Ann", due="2026-12-01")
    changes = [("actions/a1/text", action.text), ("actions/a1/owner", "Ann"), ("actions/a1/due", action.due)]
    settlement.record(desk.rooms, desk.store, desk.id, [action], changes, desk.hand(), "Workshop action")
    assert [item.text for item in desk.rooms.outcomes(desk.id)] == ["Write the rule"]
    assert desk.store.workbook(desk.book).actions["a1"].owner == "Ann"
    bad = [*changes, ("actions/a2/no_such_field", "x")]
    with pytest.raises(DataError):
        settlement.record(desk.rooms, desk.store, desk.id, [action], bad, desk.hand(), "Workshop action")
    assert len(desk.rooms.outcomes(desk.id)) == 1


def test_an_undo_in_the_workbook_leaves_no_decision_standing_in_the_room(desk: Desk) -> None:
    desk.decide()
    assert [item.id for item in settlement.standing(desk.rooms, desk.store, desk.id)] == [DECISION.id]
    desk.store.undo(desk.book, author="Fay")
    assert settlement.standing(desk.rooms, desk.store, desk.id) == []
    assert desk.store.workbook(desk.book).metrics["nps"].kind == "unassigned"
    desk.store.redo(desk.book, author="Fay")
    assert [item.id for item in settlement.standing(desk.rooms, desk.store, desk.id)] == [DECISION.id]
    desk.store.undo(desk.book, author="Fay")
    desk.decide("outcome")  # settled anew
    assert desk.stands()[:3] == (["NPS? Process"], "outcome", True)
    assert len(settlement.standing(desk.rooms, desk.store, desk.id)) == 1


def test_many_who_act_at_once_never_leave_two_truths(desk: Desk) -> None:
    refused: list[str] = []
    stop = threading.Event()

    def others() -> None:
        for turn in range(400):
            if stop.is_set():
                return
            desk.store.save(desk.book, NPS, ("outcome", "shared")[turn % 2], author="Ben")

    def settle(number: int) -> None:
        for turn in range(15):
            outcome = replace(DECISION, id=f"d{number}-{turn}")
            try:
                settlement.decide(
                    desk.rooms, desk.store, desk.id, outcome, QUESTIONS[0], "process", desk.hand()
                )
            except UserError as error:
                refused.append(error.problem)

    threads = [threading.Thread(target=settle, args=(number,)) for number in range(3)]
    rival = threading.Thread(target=others)
    for thread in (rival, *threads):
        thread.start()
    for thread in threads:
        thread.join(120)
    stop.set()
    rival.join(120)
    there = {item.id for item in desk.rooms.outcomes(desk.id)}
    kept = {key.partition("/")[2] for key in desk.store.workbook(desk.book).room}
    assert there == kept
    assert len(there) + len(refused) == 45


def test_the_facilitators_page_says_why_nothing_was_settled(
    served: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, id = running(served)
    rooms, book = live.rooms(), served.entries()[0].id
    served.save(book, "metrics/nps/name", "NPS", author="Ann")
    asked = rooms.open_round(id, "facilitator", QUESTIONS[:1])
    ann, _ = rooms.join(id, "Ann", "marketing")
    rooms.ballots.answer(id, ann, asked, NPS, "process", 1).result(120)
    for action in ("close_round", "reveal"):
        rooms.set_state(id, "facilitator", action)
    app.run()
    real = settlement.decide

    def late(*args):  # Ben saves between the page that was drawn and the click
        served.save(book, NPS, "outcome", author="Ben")
        monkeypatch.setattr(settlement, "decide", real)
        return real(*args)

    monkeypatch.setattr(settlement, "decide", late)
    app.button(key=f"room.settle.{NPS}").click().run()
    said = " ".join(item.value for item in (*app.error, *app.warning)).replace("\\", "")
    assert "Ben changed Metric: kind meanwhile, so neither room nor workbook was changed." in said
    assert rooms.outcomes(id) == []
    assert served.workbook(book).metrics["nps"].kind == "outcome"
    app.button(key=f"room.settle.{NPS}").click().run()
    assert [item.question for item in rooms.outcomes(id)] == [NPS]
    assert served.workbook(book).metrics["nps"].kind == "process"

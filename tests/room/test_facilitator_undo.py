"""Undo and redo of the facilitator's steps: whatever was done, everything before it is there again, and nothing is lost."""

import random

import pytest

from lib.errors import NotAllowedError, NotFoundError
from lib.room import agenda
from lib.room.store import Rooms
from tests.room.setting import QUESTIONS, Setting

pytestmark = pytest.mark.usefixtures("database")

HOST = "facilitator"


def look(rooms: Rooms, id: str) -> tuple:
    room = rooms.get(id)
    rounds = [(item.id, item.state, item.number) for item in rooms.rounds(id)]
    return (room.position, room.block_started_at, room.started_at, room.agenda, room.ended_at, rounds)


def test_every_step_of_a_random_session_can_be_walked_back_and_forth(setting: Setting) -> None:
    rooms, id, dice = setting.rooms, setting.id, random.Random(7)
    doable = [
        lambda: rooms.step(id, HOST, dice.randrange(5)),
        lambda: rooms.open_round(id, HOST, QUESTIONS),
        lambda: rooms.set_state(id, HOST, "close_round"),
        lambda: rooms.set_state(id, HOST, "reopen_round"),
        lambda: rooms.set_state(id, HOST, "reveal"),
        lambda: rooms.set_agenda(id, HOST, agenda.move(rooms.get(id).agenda, "b2", dice.choice((-1, 1)))),
        lambda: rooms.set_agenda(id, HOST, agenda.skip(rooms.get(id).agenda, "b3", dice.random() < 0.5)),
        lambda: rooms.end(id, HOST, rooms.state(id) != "ended"),
    ]
    seen = [look(rooms, id)]
    while len(seen) < 40:
        try:
            dice.choice(doable)()
        except NotAllowedError:
            continue
        if look(rooms, id) != seen[-1]:
            seen.append(look(rooms, id))
    for before in reversed(seen[:-1]):
        rooms.steps.undo(id, HOST)
        assert look(rooms, id) == before
    for after in seen[1:]:
        rooms.steps.redo(id, HOST)
        assert look(rooms, id) == after
    with pytest.raises(NotFoundError):
        rooms.steps.redo(id, HOST)


def test_answers_survive_when_the_round_is_taken_back_and_brought_again(setting: Setting) -> None:
    asked = setting.ask()
    setting.say(setting.ann, asked, "checkin", "kept")
    assert setting.rooms.steps.can(setting.id) == ("asked the questions of Process, outcome or shared?", "")
    setting.rooms.steps.undo(setting.id, HOST)
    assert setting.rooms.round(setting.id) is None
    with pytest.raises(NotAllowedError):  # a phone that still shows the question
        setting.say(setting.ann, asked, "checkin", "too late", 2)
    setting.rooms.steps.redo(setting.id, HOST)
    assert setting.rooms.ballots.own(setting.id, setting.ann.id, asked) == {"checkin": "kept"}


def test_undoing_a_reveal_hides_the_answers_again(setting: Setting) -> None:
    asked = setting.ask()
    setting.say(setting.ann, asked, "checkin", "seen once")
    setting.turn("close_round")
    setting.turn("reveal")
    setting.rooms.steps.undo(setting.id, HOST)
    with pytest.raises(NotAllowedError):
        setting.rooms.ballots.answers(setting.id, "owner", asked)


@pytest.mark.parametrize("role", ["participant", "viewer"])
def test_only_hosts_take_steps_back(setting: Setting, role: str) -> None:
    with pytest.raises(NotAllowedError):
        setting.rooms.steps.undo(setting.id, role)


def test_a_new_step_ends_what_could_be_brought_back(setting: Setting) -> None:
    setting.rooms.step(setting.id, HOST, 3)
    setting.rooms.steps.undo(setting.id, HOST)
    setting.rooms.step(setting.id, HOST, 2)
    assert setting.rooms.steps.can(setting.id) == ("went to Who owns this, today and from now on?", "")

import threading

import pytest

from lib.errors import DataError, LimitError, NotAllowedError, NotFoundError
from lib.room import join_codes, store
from lib.room.model import Outcome
from lib.room.store import Rooms
from lib.workbook.store import Store
from tests.room.setting import QUESTIONS, Setting, everything

pytestmark = pytest.mark.usefixtures("database")


def test_code_opens_the_room_however_it_is_typed(setting: Setting) -> None:
    code = setting.room.code
    assert setting.rooms.by_code(f" {code[:4].lower()}-{code[4:]} ").id == setting.id
    assert setting.rooms.by_code("WRNG2345") is None
    assert setting.rooms.by_code("") is None


def test_code_dies_with_the_session_and_when_renewed(setting: Setting) -> None:
    old = setting.room.code
    fresh = setting.rooms.renew(setting.id)
    assert setting.rooms.by_code(old) is None
    assert setting.rooms.by_code(fresh).id == setting.id
    setting.rooms.end(setting.id, "facilitator")
    assert setting.rooms.by_code(fresh) is None
    setting.rooms.end(setting.id, "facilitator", False)
    assert setting.rooms.by_code(fresh).id == setting.id


def test_tokens_are_stored_as_digests(setting: Setting) -> None:
    raw = everything(setting.store)
    for secret in (setting.host, setting.board, setting.ann_token):
        assert secret.encode() not in raw
        assert join_codes.digest(secret).encode() in raw
    assert setting.rooms.is_host(setting.id, setting.host)
    assert not setting.rooms.is_host(setting.id, setting.board)
    assert not setting.rooms.is_host(setting.id, "")


def test_a_phones_counter_is_the_time_in_milliseconds(setting: Setting) -> None:
    """More than PostgreSQL's INTEGER holds; the largest that a phone may send counts too, and a late retry does not."""
    asked, at = setting.ask(), 1_790_000_000_000
    assert setting.say(setting.ann, asked, "metrics/nps/kind", "process", at)
    assert setting.say(setting.ann, asked, "metrics/nps/kind", "outcome", 2**53 - 1)
    assert not setting.say(setting.ann, asked, "metrics/nps/kind", "process", at + 1)
    setting.rooms.ballots.answer_for(
        setting.id, "facilitator", setting.ben, asked, "metrics/nps/kind", "process"
    )
    assert setting.rooms.ballots.own(setting.id, setting.ann.id, asked) == {"metrics/nps/kind": "outcome"}


def test_answers_stay_private_until_the_reveal(setting: Setting) -> None:
    asked = setting.ask()
    setting.say(setting.ann, asked, "metrics/nps/kind", "process")
    for role in ("owner", "facilitator", "participant", "viewer"):
        with pytest.raises(NotAllowedError):
            setting.rooms.ballots.answers(setting.id, role, asked)
    with pytest.raises(NotAllowedError):
        setting.turn("reveal")
    setting.turn("close_round")
    # A round object that claims to be revealed changes nothing: the store's own state decides.
    with pytest.raises(NotAllowedError):
        setting.rooms.ballots.answers(
            setting.id, "facilitator", store.Round(**{**asked.__dict__, "state": "revealed"})
        )
    setting.turn("reveal")
    assert [a.value for a in setting.rooms.ballots.answers(setting.id, "viewer", asked)] == ["process"]


def test_a_late_answer_is_refused_even_when_sent_for_the_open_round(setting: Setting) -> None:
    asked = setting.ask()
    setting.turn("close_round")
    with pytest.raises(NotAllowedError):
        setting.say(setting.ann, asked, "metrics/nps/kind", "process")
    setting.turn("reopen_round")
    assert setting.say(setting.ann, asked, "metrics/nps/kind", "process")


def test_a_repeated_or_older_answer_changes_nothing(setting: Setting) -> None:
    asked = setting.ask()
    assert setting.say(setting.ann, asked, "metrics/nps/kind", "process", 5)
    assert not setting.say(setting.ann, asked, "metrics/nps/kind", "process", 5)
    assert not setting.say(setting.ann, asked, "metrics/nps/kind", "outcome", 4)
    assert setting.rooms.ballots.own(setting.id, setting.ann.id, asked) == {"metrics/nps/kind": "process"}
    assert setting.say(setting.ann, asked, "metrics/nps/kind", "outcome", 6)
    assert setting.rooms.ballots.own(setting.id, setting.ann.id, asked) == {"metrics/nps/kind": "outcome"}


@pytest.mark.parametrize("value", ["maybe", 3, ["process"], {"process": 1}, True])
def test_what_is_no_answer_is_refused(setting: Setting, value: object) -> None:
    with pytest.raises(DataError):
        setting.say(setting.ann, setting.ask(), "metrics/nps/kind", value)


def test_stepping_back_loses_nothing(setting: Setting) -> None:
    asked = setting.ask()
    setting.say(setting.ann, asked, "metrics/nps/kind", "process")
    setting.rooms.step(setting.id, "facilitator", 3)
    assert setting.rooms.round(setting.id) is None
    setting.rooms.step(setting.id, "facilitator", 1)
    assert setting.rooms.round(setting.id).id == asked.id
    assert setting.rooms.ballots.own(setting.id, setting.ann.id, asked) == {"metrics/nps/kind": "process"}


def test_several_rounds_on_one_block(setting: Setting) -> None:
    first = setting.ask()
    with pytest.raises(NotAllowedError):
        setting.ask()
    setting.turn("close_round")
    second = setting.ask(anonymous=True)
    assert (first.number, second.number) == (1, 2)
    assert setting.rooms.round(setting.id).anonymous


def test_somebody_without_a_device(setting: Setting) -> None:
    asked = setting.ask()
    carl, token = setting.rooms.join(setting.id, "Carl", "growth", device=False)
    assert token == ""
    assert setting.rooms.person(setting.id, carl.id, "") is None
    setting.rooms.ballots.answer_for(setting.id, "facilitator", carl, asked, "metrics/nps/kind", "outcome")
    with pytest.raises(NotAllowedError):
        setting.rooms.ballots.answer_for(
            setting.id, "participant", carl, asked, "metrics/nps/kind", "process"
        )
    assert setting.rooms.ballots.counts(setting.id, asked) == {"some": 1, "all": 0}


def test_hidden_texts_do_not_reach_the_reveal(setting: Setting) -> None:
    asked = setting.ask()
    setting.say(setting.ann, asked, "checkin", "rude words")
    with pytest.raises(NotAllowedError):
        setting.rooms.ballots.texts(setting.id, "facilitator", asked)
    setting.turn("close_round")
    (text,) = setting.rooms.ballots.texts(setting.id, "facilitator", asked)
    with pytest.raises(NotAllowedError):
        setting.rooms.ballots.hide(setting.id, "participant", asked, text)
    setting.rooms.ballots.hide(setting.id, "facilitator", asked, text)
    setting.turn("reveal")
    assert setting.rooms.ballots.answers(setting.id, "viewer", asked) == []


def test_private_answers_can_be_deleted_and_decisions_stay(setting: Setting) -> None:
    asked = setting.ask()
    setting.say(setting.ann, asked, "metrics/nps/kind", "process")
    setting.turn("close_round")
    setting.turn("reveal")
    kept = setting.rooms.settle(
        setting.id, "facilitator", Outcome("", "decision", "NPS is process", asked.id, dissent="Ben")
    )
    assert setting.rooms.ballots.delete_answers(setting.id, "facilitator") == 1
    assert setting.rooms.ballots.answers(setting.id, "viewer", asked) == []
    assert setting.rooms.outcomes(setting.id) == [kept]


def test_the_room_has_a_limit(setting: Setting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MAX_PEOPLE", 2)
    with pytest.raises(LimitError):
        setting.rooms.join(setting.id, "Dora", "growth")


def test_another_process_sees_the_same_room(setting: Setting) -> None:
    asked = setting.ask()
    setting.say(setting.ann, asked, "metrics/nps/kind", "process")
    again = Rooms(Store(setting.store.home).engine, setting.store.home)
    assert again.round(setting.id).questions == QUESTIONS
    assert again.person(setting.id, setting.ann.id, setting.ann_token) == setting.ann
    cookie = setting.rooms.signer.sign(setting.id, setting.ann.id, setting.ann_token)
    assert again.signer.read(cookie) == (setting.id, setting.ann.id, setting.ann_token)
    assert again.signer.read(cookie[:-1] + ("0" if cookie[-1] != "0" else "1")) is None


def test_a_hundred_people_at_once_lose_nothing(setting: Setting) -> None:
    asked = setting.ask()
    people = [setting.rooms.join(setting.id, f"P{n}", "growth")[0] for n in range(30)]
    errors = []

    def vote(person) -> None:
        for n in range(1, 11):
            try:
                setting.say(person, asked, "metrics/nps/kind", "process" if n % 2 else "outcome", n)
            except Exception as error:  # noqa: BLE001
                errors.append(error)

    threads = [threading.Thread(target=vote, args=(person,)) for person in people]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert errors == []
    assert setting.rooms.ballots.counts(setting.id, asked)["some"] == 30
    setting.turn("close_round")
    setting.turn("reveal")
    assert {a.value for a in setting.rooms.ballots.answers(setting.id, "viewer", asked)} == {"outcome"}


def test_unknown_rooms_are_not_found(setting: Setting) -> None:
    with pytest.raises(NotFoundError):
        setting.rooms.step("nothere", "facilitator", 0)

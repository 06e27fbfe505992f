"""The room's database server crashes in mid-vote; and PostgreSQL is left out of the tests only where it is not installed."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from lib.room.model import Participant
from tests import postgres
from tests.room.setting import QUESTIONS, Setting


def test_a_crashed_database_server_keeps_every_acknowledged_vote(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    postgres.need_programs()
    with postgres.serving() as server, server.database() as url:
        monkeypatch.setenv("DATABASE_URL", url)
        setting = Setting(tmp_path)
        asked, acknowledged, enough = setting.ask(), {}, threading.Event()
        people = [setting.rooms.join(setting.id, f"P{number}", "growth")[0] for number in range(8)]

        def vote(person: Participant) -> None:
            for sequence in range(1_790_000_000_000, 1_790_000_100_000):
                try:
                    setting.say(person, asked, QUESTIONS[0].id, "process", sequence)
                except Exception:  # noqa: BLE001  the server is gone: this one was not acknowledged
                    return
                acknowledged[person.id] = sequence
                if sum(last - 1_790_000_000_000 for last in acknowledged.values()) > 200:
                    enough.set()

        voters = [threading.Thread(target=vote, args=(person,)) for person in people]
        for voter in voters:
            voter.start()
        assert enough.wait(120)
        server.stop("immediate")
        for voter in voters:
            voter.join(120)
        server.start()
        with setting.rooms.engine.connect() as connection:
            rows = connection.exec_driver_sql("SELECT participant, sequence FROM room_answer")
            stored = {row.participant: row.sequence for row in rows}
        assert len(acknowledged) == len(people)
        assert all(stored[person] >= sequence for person, sequence in acknowledged.items())
        assert setting.say(people[0], asked, QUESTIONS[0].id, "outcome", 1_790_000_200_000)


@pytest.mark.parametrize("where", ["ci", "elsewhere"])
def test_without_its_programs_ci_fails_and_others_skip(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "program", lambda _: "")
    monkeypatch.setenv("CI", "true" if where == "ci" else "")
    with pytest.raises(pytest.fail.Exception if where == "ci" else pytest.skip.Exception):
        postgres.need_programs()

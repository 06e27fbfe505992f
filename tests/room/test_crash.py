"""A server that is killed in mid-vote: every vote that was acknowledged is there afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lib.room.store import Rooms
from lib.workbook.store import Store
from tests.room.setting import Setting

pytestmark = pytest.mark.usefixtures("database")

ROOT = Path(__file__).resolve().parents[2]
# Sixteen people vote at the same time, through the writer that commits many votes together.
_VOTERS = """
import sys, threading
from pathlib import Path
from lib.room.store import Rooms
from lib.workbook.store import Store
home, room = Path(sys.argv[1]), sys.argv[2]
rooms = Rooms(Store(home).engine, home)
asked, lock = rooms.round(room), threading.Lock()

def vote(person):
    sequence = 0
    while True:
        sequence += 1
        value = ("process", "outcome")[sequence % 2]
        assert rooms.ballots.answer(room, person, asked, "metrics/nps/kind", value, sequence).result()
        with lock:
            sys.stdout.write(f"{person.id} {sequence} {value}\\n")
            sys.stdout.flush()

for person in rooms.people(room):
    threading.Thread(target=vote, args=(person,)).start()
"""


def test_a_killed_server_keeps_every_acknowledged_vote(setting: Setting, tmp_path: Path) -> None:
    people = [setting.rooms.join(setting.id, f"P{number}", "growth")[0] for number in range(14)]
    asked = setting.ask()
    for trial in range(3):
        process = subprocess.Popen([sys.executable, "-c", _VOTERS, str(tmp_path), setting.id], cwd=ROOT,
                                   stdout=subprocess.PIPE, text=True)  # fmt: skip
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if len(lines) >= 150 + 37 * trial:
                os.kill(process.pid, signal.SIGKILL)
                break
        lines += [line for line in process.stdout if line.endswith("\n")]
        process.wait(timeout=120)
        acknowledged: dict[str, tuple[int, str]] = {}
        for line in lines:
            person, sequence, value = line.split()
            acknowledged[person] = max(acknowledged.get(person, (0, "")), (int(sequence), value))
        assert len(acknowledged) == len(people) + 2

        with setting.store.engine.begin() as raw:
            stored = {person: (sequence, value.strip('"')) for person, sequence, value in
                      raw.exec_driver_sql("SELECT participant, sequence, value FROM room_answer")}  # fmt: skip
            if raw.dialect.name == "sqlite":
                assert raw.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
            for person, (sequence, value) in acknowledged.items():
                assert stored[person][0] >= sequence  # one more may have been on disk, unsaid
                assert stored[person][0] > sequence or stored[person][1] == value
            raw.exec_driver_sql("DELETE FROM room_answer")

    # The room goes on after the restart: same round, still open, and it takes votes.
    again = Rooms(Store(tmp_path).engine, tmp_path)
    current = again.round(setting.id)
    assert current is not None
    assert (current.id, current.state) == (asked.id, "open")
    assert again.ballots.answer(setting.id, people[0], asked, "metrics/nps/kind", "process", 1).result(120)

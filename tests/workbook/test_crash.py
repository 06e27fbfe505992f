"""Several processes at once, and one that is killed in the middle of writing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lib.workbook.store import Store

pytestmark = pytest.mark.usefixtures("database")

ROOT = Path(__file__).resolve().parents[2]
_WRITER = """
import sys
from pathlib import Path
from lib.workbook.store import Store
home, book, worker, count = sys.argv[1:]
store = Store(Path(home))
for number in range(int(count)):
    # Three answers a step: a torn step would show.
    store.save_all(book, [(f"stage/{worker}-{number}-{part}", number) for part in "abc"], author=worker)
    print(number, flush=True)
"""


def _writer(home: Path, book: str, worker: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _WRITER, str(home), book, worker, str(count)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_four_processes_lose_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path)
    book = store.create("A", author="Ann")
    processes = [_writer(tmp_path, book, f"p{number}", 25) for number in range(4)]
    assert [process.wait(timeout=120) for process in processes] == [0, 0, 0, 0]
    for process in processes:
        process.communicate()
    assert [event.rev for event in store.events(book)] == list(range(1, 302))
    assert len(store.workbook(book).stage) == 300


def test_a_killed_writer_leaves_every_acknowledged_step_whole(tmp_path: Path, database: str) -> None:
    store = Store(tmp_path)
    book = store.create("A", author="Ann")
    for trial in range(3):
        process = _writer(tmp_path, book, f"t{trial}", 100_000)
        acknowledged = []
        assert process.stdout is not None
        for line in process.stdout:
            acknowledged.append(int(line))
            if len(acknowledged) >= 20 + 7 * trial:
                os.kill(process.pid, signal.SIGKILL)
                break
        acknowledged += [int(line) for line in process.stdout if line.strip().isdigit()]
        process.wait(timeout=120)
        time.sleep(0.05)
        steps: dict[str, int] = {}
        for event in store.events(book):
            steps[event.step] = steps.get(event.step, 0) + 1
        answers = store.workbook(book).stage
        assert all(f"t{trial}-{number}-{part}" in answers for number in acknowledged for part in "abc")
        assert set(steps.values()) == {1, 3}  # 1: the workbook's name
        assert [event.rev for event in store.events(book)] == list(range(1, store.rev(book) + 1))
    if database == "sqlite":
        with store.engine.connect() as raw:
            assert raw.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"


def test_the_log_cannot_be_rewritten_by_a_save(tmp_path: Path) -> None:
    store = Store(tmp_path)
    book = store.create("A", author="Ann")
    store.save(book, "settings/company", "One", author="Ann")
    before = store.events(book)
    store.save(book, "settings/company", "Two", author="Bob")
    store.undo(book, author="Bob")
    store.restore(book, 1, author="Ann")
    assert store.events(book)[: len(before)] == before

"""A process of our own: its limits, its answers, and its end together with all it started."""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Iterator

import psutil
import pytest

from lib.engine.worker.child import Caps
from lib.engine.worker.parent import EndedError, Worker
from lib.errors import FileError
from tests.engine import worker_entry

SECONDS = 120.0


@pytest.fixture
def worker() -> Iterator[Worker]:
    with Worker(worker_entry, Caps(memory_mb=700, cpu_seconds=50, file_mb=0), {"a": 1}) as process:
        yield process


def test_it_answers_several_tasks_under_its_limits_and_without_a_secret(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CANARY", "secret")
    with Worker(worker_entry, Caps(memory_mb=700, cpu_seconds=50, file_mb=0), {"a": 1}) as worker:
        for data in (b"", b"abc", bytes(range(256)) * 4096):
            told, beside = worker.ask({"do": "tell"}, data, seconds=SECONDS)
            assert beside == data[::-1]
        assert told["options"] == {"a": 1}
        assert "CANARY" not in told["environment"]
        assert set(told["environment"]) <= {"LC_CTYPE"}  # which Python sets itself
        assert told["limits"] == {
            "RLIMIT_CORE": [0, 0],
            "RLIMIT_CPU": [50, 50],
            "RLIMIT_FSIZE": [0, 0],
            "RLIMIT_AS": [700 << 20] * 2,
        }
        assert worker.is_alive
    assert not worker.is_alive
    assert not psutil.pid_exists(worker.pid)


def test_what_it_refuses_is_told_in_its_words_and_it_goes_on(worker: Worker) -> None:
    with pytest.raises(FileError) as caught:
        worker.ask({"do": "refuse"}, seconds=SECONDS)
    assert (caught.value.problem, caught.value.remedy) == ("It is empty.", "Export it again.")
    assert worker.ask({"do": "tell"}, seconds=SECONDS)[0]["options"] == {"a": 1}


def test_it_ends_when_its_time_is_up(worker: Worker) -> None:
    worker.ask({"do": "tell"}, seconds=SECONDS)
    with pytest.raises(TimeoutError):
        worker.ask({"do": "sleep"}, seconds=0.3)
    assert not psutil.pid_exists(worker.pid)


def test_whoever_hears_how_far_it_is_can_stop_it_with_all_it_started(worker: Worker) -> None:
    heard: list[tuple[float, str]] = []

    def stop(share: float, doing: str) -> None:
        heard.append((share, doing))
        if doing == "Started":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        worker.ask({"do": "fork"}, seconds=SECONDS, progress=stop)
    assert heard[0] == (0.0, "Starting")
    grandchild = int(heard[-1][0])
    deadline = time.monotonic() + SECONDS
    while psutil.pid_exists(grandchild) and time.monotonic() < deadline:
        with contextlib.suppress(psutil.NoSuchProcess):
            if psutil.Process(grandchild).status() == psutil.STATUS_ZOMBIE:
                break
        time.sleep(0.05)
    else:
        assert not psutil.pid_exists(grandchild)
    assert not worker.is_alive


@pytest.mark.parametrize("do", ["break", "lie"])
def test_a_broken_word_is_the_end_of_it(do: str) -> None:
    with tempfile.TemporaryFile() as log, Worker(worker_entry, Caps(), log=log) as worker:
        with pytest.raises(EndedError):
            worker.ask({"do": do}, seconds=SECONDS)
        assert not worker.is_alive
        log.seek(0)
        assert (b"broken inside" in log.read()) == (do == "break")
        with pytest.raises(EndedError):
            worker.ask({"do": "tell"}, seconds=SECONDS)


def test_a_reply_longer_than_allowed_is_not_read() -> None:
    with (
        Worker(worker_entry, Caps(), max_reply=100_000) as worker,
        pytest.raises(EndedError, match="too long"),
    ):
        worker.ask({"do": "tell"}, bytes(200_000), seconds=SECONDS)


def test_nobody_asks_it_any_more() -> None:
    with Worker(worker_entry, Caps(idle_seconds=1)) as worker:
        deadline = time.monotonic() + SECONDS
        while worker.is_alive and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not worker.is_alive
        with pytest.raises(EndedError):
            worker.ask({"do": "tell"}, seconds=SECONDS)


def test_it_ends_with_its_parent() -> None:
    with Worker(worker_entry, Caps()) as worker:
        worker.ask({"do": "tell"}, seconds=SECONDS)
        worker._in.close()
        worker._process.wait(SECONDS)

"""Free SQL reads no file, writes none, keeps no secret of ours, and never hurts the server: attack by attack."""

from __future__ import annotations

import datetime as dt
import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lib.engine import sandbox
from lib.engine.datasets.dataset import CLEAN, Accounting, CleanColumn, Dataset
from lib.engine.sandbox import LIMITS, parent, worker
from lib.errors import QueryError
from tests.patience import until
from tests.security.shared_sandbox import answers
from tests.security.sql_attacks import EMPTY_ANSWERS, LEAKS, READ_FILES, READ_MORE, TRICKS, UNLOCK, WRITE
from tests.security.sql_bombs import BOMBS, MAY_ANSWER

SECRET = "canary-7f3a-do-not-leak"
QUICK = replace(LIMITS, seconds=2.5, query_ms=700, cpu_seconds=3)
READ = [*READ_FILES, *READ_MORE]
CHANGE = [*WRITE, *UNLOCK, *TRICKS]
# A process of their own for some of each kind: the way a person's query really goes.
ALONE = [*READ[::9], *CHANGE[::12], *EMPTY_ANSWERS]


@dataclass
class Ground:
    """Where the attacks run: one small table, a secret file, a folder to write to."""

    data: dict[str, Dataset]
    canary: Path
    folder: Path
    outcome: dict[str, str]
    seconds: dict[str, float]
    grown: int
    base: Path


def _dataset(folder: Path) -> Dataset:
    folder.mkdir()
    when = [dt.datetime(2026, 1, 5, tzinfo=dt.UTC).replace(tzinfo=None)] * 20
    table = pa.table(
        {
            "user_id": [f"u{i}" for i in range(20)],
            "event": ["signup"] * 20,
            "timestamp": when,
            "revenue": [1.5] * 20,
        }
    )
    pq.write_table(table, folder / CLEAN)
    columns = tuple(
        CleanColumn(n, k, n)
        for n, k in (
            ("user_id", "text"),
            ("event", "text"),
            ("timestamp", "timestamp"),
            ("revenue", "number"),
        )
    )
    return Dataset("f" * 64, "events.csv", "events", 20, columns, folder, Accounting(21, 20, 0, 0, 0, 1))


def _outcome(sql: str, data: dict[str, Dataset], limits: sandbox.SandboxLimits) -> str:
    try:
        found = sandbox.run(sql, data, limits=limits)
    except QueryError as error:
        return f"refused: {error}"
    return f"answered: {found.evidence.rows[:200]}"


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """All attacks: bombs and a part of the rest each in a sandbox of its own, a few at a time, the rest in a shared one."""
    base = tmp_path_factory.mktemp("attacks")
    folder, canary = base / "out", base / "secret.txt"
    folder.mkdir()
    canary.write_text(SECRET)
    data = {"events": _dataset(base / "events")}
    os.environ["CANARY"] = SECRET

    def filled(sql: str) -> str:
        places = {"canary": canary, "folder": folder, "clean": data["events"].path}
        for name, path in places.items():
            sql = sql.replace(f"{{{name}}}", str(path))
        return sql

    outcome: dict[str, str] = {}
    for some in (READ, LEAKS, CHANGE):
        outcome |= dict(zip(some, answers([filled(sql) for sql in some], data), strict=True))
    alone = [*ALONE, *BOMBS, *MAY_ANSWER]
    seconds: dict[str, float] = {}

    def timed(sql: str) -> str:
        started = time.monotonic()
        told = _outcome(filled(sql), data, QUICK)
        seconds[sql] = time.monotonic() - started
        return told

    before = psutil.Process().memory_info().rss
    with ThreadPoolExecutor(3) as pool:
        outcome |= dict(zip(alone, pool.map(timed, alone), strict=True))
    grown = psutil.Process().memory_info().rss - before
    yield Ground(data, canary, folder, outcome, seconds, grown, base)
    del os.environ["CANARY"]


def test_there_are_more_attacks_than_were_once_tried() -> None:
    assert len({*READ, *LEAKS, *EMPTY_ANSWERS, *CHANGE, *BOMBS, *MAY_ANSWER}) >= 177


@pytest.mark.parametrize("sql", READ)
def test_no_file_and_no_secret_is_read(ground: Ground, sql: str) -> None:
    told = ground.outcome[sql]
    assert told.startswith("refused"), told
    assert SECRET not in told


@pytest.mark.parametrize("sql", EMPTY_ANSWERS)
def test_what_may_answer_tells_nothing(ground: Ground, sql: str) -> None:
    assert ground.outcome[sql] == EMPTY_ANSWERS[sql]


@pytest.mark.parametrize("sql", CHANGE)
def test_anything_but_reading_is_refused(ground: Ground, sql: str) -> None:
    told = ground.outcome[sql]
    assert told.startswith("refused"), told
    assert SECRET not in told


@pytest.mark.parametrize("sql", LEAKS)
def test_catalogues_tell_nothing_of_the_machine(ground: Ground, sql: str) -> None:
    told = ground.outcome[sql]
    assert told != "no answer"
    if told.startswith("answered"):
        private = (SECRET, str(ground.base), str(Path.home()), str(Path(__file__).resolve().parents[2]))
        assert not [word for word in private if len(word) > 1 and word in told]


@pytest.mark.parametrize("sql", [*BOMBS, *MAY_ANSWER], ids=lambda sql: sql[:60])
def test_every_bomb_is_stopped_in_one_sentence(ground: Ground, sql: str) -> None:
    told = ground.outcome[sql]
    assert ground.seconds[sql] < QUICK.seconds + 10, "its process was ended when its time was up"
    if sql in MAY_ANSWER and told.startswith("answered"):
        assert len(told) < 100_000
        return
    assert told.startswith("refused"), told[:200]
    problem_and_remedy = told.removeprefix("refused: ")
    assert problem_and_remedy.endswith((".", "?", "…"))
    assert "Traceback" not in told
    assert len(problem_and_remedy) < 400


def test_the_server_does_not_grow_while_it_is_attacked(ground: Ground) -> None:
    assert ground.grown < 100 << 20


def test_no_more_queries_run_at_once_than_the_machine_can_bear(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parent, "_PATIENCE", 0.05)
    for _ in range(parent.AT_ONCE):
        parent._turns.acquire()
    try:
        with pytest.raises(QueryError, match="Too many queries"):
            sandbox.run("SELECT 1", ground.data)
    finally:
        for _ in range(parent.AT_ONCE):
            parent._turns.release()
    assert sandbox.run("SELECT 1 AS one", ground.data).evidence.rows == ((1,),)


def test_nothing_was_written_and_nobody_is_left(ground: Ground) -> None:
    assert list(ground.folder.iterdir()) == []
    assert ground.canary.read_text() == SECRET
    assert sorted(p.name for p in ground.data["events"].folder.iterdir()) == [CLEAN]
    assert until(lambda: not _left())


def _left() -> list[psutil.Process]:
    """Sandboxes of this process that still run."""
    own = [p for p in psutil.Process().children(recursive=True) if p.status() != psutil.STATUS_ZOMBIE]
    return [p for p in own if "sandbox" in " ".join(p.cmdline())]


def test_an_insert_in_a_query_changes_nothing_that_stays(ground: Ground) -> None:
    sql = "WITH x AS (INSERT INTO events SELECT * FROM events RETURNING *) SELECT count(*) FROM x"
    _outcome(sql, ground.data, QUICK)
    after = sandbox.run("SELECT count(*) FROM events", ground.data)
    assert after.evidence.rows == ((20,),)


def test_an_honest_query_works_and_says_what_it_read(ground: Ground) -> None:
    found = sandbox.run(
        "SELECT event, count(*) AS users, sum(revenue) AS revenue FROM events GROUP BY event", ground.data
    )
    assert found.evidence.columns == ("event", "users", "revenue")
    assert found.evidence.rows == (("signup", 20, 30.0),)
    assert not found.is_truncated
    assert found.evidence.sources[0].rows == 20


def test_truncation_is_said(ground: Ground) -> None:
    found = sandbox.run("SELECT * FROM range(10001)", ground.data)
    assert found.is_truncated
    assert len(found.evidence.rows) == 10_000
    whole = sandbox.run("SELECT * FROM range(10000)", ground.data)
    assert not whole.is_truncated


@pytest.mark.parametrize(("sql", "words"), [
    ("", "no query"), ("  ;  ", "no query"), ("SELECT 1; SELECT 2", "more than one"), ("SELECT nope FROM events", "nope"),
    ("SELEC 1", "cannot be read at “SELEC” (character 1)"),
    ("SELECT 'a\0b'", "is no text"), ("SELECT 1 -- " + "x" * 20_000, "longer than"),
])  # fmt: skip
def test_a_mistake_is_one_clear_sentence(ground: Ground, sql: str, words: str) -> None:
    with pytest.raises(QueryError) as caught:
        sandbox.run(sql, ground.data)
    assert words in caught.value.problem


def test_a_worker_started_ahead_serves_one_query_only(ground: Ground) -> None:
    sandbox.warm()
    sandbox.run("SELECT 1", ground.data)
    assert sandbox.run("SELECT count(*) FROM events", ground.data).evidence.rows == ((20,),)


def test_doors_are_closed_in_the_order_that_closes_them() -> None:
    first = [setting.split()[1] for setting in worker.FIRST]
    last = [setting.split()[1] for setting in worker.LAST]
    assert first[0] == "temp_directory", "later it would leave <cwd>/.tmp open"
    assert last == ["enable_external_access", "disabled_filesystems", "lock_configuration"]
    assert "python_enable_replacements" in first
    assert "autoload_known_extensions" in first

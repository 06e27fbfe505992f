"""One writer for all answers: what arrives within a few milliseconds is committed together.

Every answer is on disk (synchronous FULL) before it is acknowledged; committing them one by one would make 100
phones wait for each other's disk flush.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import sqlalchemy as sa

from lib.errors import LimitError

MAX_BATCH = 256
Job = Callable[[sa.Connection], Any]


class Writer:
    """Runs jobs in order on a thread of its own, many in one transaction.

    A job that raises fails alone: its savepoint is rolled back and the others are kept.

    Args:
        engine: Where to write.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._jobs: queue.Queue[tuple[Job, Future[Any]]] = queue.Queue(maxsize=20_000)
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def submit(self, job: Job) -> Future[Any]:
        """Queue a job; the future is done once it is on disk.

        Raises:
            LimitError: Too many are waiting.
        """
        future: Future[Any] = Future()
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="room-writer", daemon=True)
                self._thread.start()
        try:
            self._jobs.put_nowait((job, future))
        except (
            queue.Full
        ) as error:  # never wait here: whoever calls may be the event loop that serves everybody
            raise LimitError("Too much is being saved at once.", "Wait a moment and try again.") from error
        return future

    def do(self, job: Job) -> Any:
        """Run a job and wait for its result."""
        return self.submit(job).result(timeout=30)

    def _run(self) -> None:
        while True:
            batch = [self._jobs.get()]
            while len(batch) < MAX_BATCH and not self._jobs.empty():
                batch.append(self._jobs.get_nowait())
            # A sender that went away has cancelled its job; from here on nobody can.
            self._commit([item for item in batch if item[1].set_running_or_notify_cancel()])

    def _commit(self, batch: list[tuple[Job, Future[Any]]]) -> None:
        done: list[tuple[Future[Any], Any, BaseException | None]] = []
        try:
            with self._engine.connect().execution_options(write=True) as connection, connection.begin():
                for job, future in batch:
                    try:
                        with connection.begin_nested():
                            done.append((future, job(connection), None))
                    except Exception as error:  # noqa: BLE001  it belongs to whoever submitted the job
                        done.append((future, None, error))
        except Exception as error:  # noqa: BLE001  the commit itself failed: nobody's answer is on disk
            done = [(future, None, error) for _, future in batch]
        for future, result, error in done:
            if error is None:
                future.set_result(result)
            else:
                future.set_exception(error)

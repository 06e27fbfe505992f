"""The parent's side of a process of our own: start it, give it tasks, hear how far it is, and end it and all it started.

What could hurt the server or hold it up (files of strangers, SQL that people type, decks) is done beside it. Such a process
gets no secret of ours: an empty environment, no terminal, a session of its own.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from types import ModuleType
from typing import IO, Any, Self

from lib import errors
from lib.engine.worker.child import LENGTHS, Caps, Say, send
from lib.errors import UserError

_ROOT = Path(__file__).resolve().parents[3]
_POLL_MS = 250  # between two looks at whether the person still wants it


class EndedError(OSError):
    """The process ended, or broke its word, before it answered."""


class Worker:
    """One process and its pipes; it does one task at a time."""

    def __init__(
        self,
        entry: ModuleType,
        caps: Caps,
        options: Mapping[str, Any] | None = None,
        *,
        max_reply: int = 1 << 30,
        log: IO[bytes] | None = None,
    ) -> None:
        """Start it.

        Args:
            entry: The module it runs, which calls `worker_child.serve` when it is the program.
            caps: What it may use.
            options: What `entry` is told before any task.
            max_reply: Bytes of a reply; one that promises more is not believed.
            log: Takes what it prints; nowhere by default, since that could be people's data.

        Raises:
            OSError: It cannot be started.
        """
        self.started_at = time.monotonic()
        self._max_reply, self._is_ended = max_reply, False
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and file
            [sys.executable, "-I", str(entry.__file__), str(_ROOT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log or subprocess.DEVNULL,
            start_new_session=True,
            cwd="/",
            env={},
        )
        if self._process.stdin is None or self._process.stdout is None:
            raise OSError("the process has no pipes")
        self._in, self._out = self._process.stdin, self._process.stdout
        self._has_more = select.poll()
        self._has_more.register(self._out, select.POLLIN)
        self.pid = self._process.pid
        with contextlib.suppress(BrokenPipeError):  # whoever asks it finds out
            send(self._in, {"caps": asdict(caps), "options": options or {}})

    @property
    def is_alive(self) -> bool:
        """Whether it can be asked."""
        return not self._is_ended and self._process.poll() is None

    def __enter__(self) -> Self:
        """The worker, which ends with the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        self.end()

    def ask(
        self, head: Mapping[str, Any], data: bytes = b"", *, seconds: float, progress: Say | None = None
    ) -> tuple[Any, bytes]:
        """Give it a task and wait for the answer. Where that does not come, the process is ended.

        Args:
            head: The task, as JSON can carry it.
            data: Bytes that belong to it.
            seconds: Wall time it may take.
            progress: Called several times a second with (share done, what is being done); what it raises stops the work.

        Returns:
            The result, and the bytes beside it.

        Raises:
            UserError: What the process tells a person.
            TimeoutError: It took too long.
            EndedError: It ended without an answer.
        """
        deadline = time.monotonic() + seconds
        done: dict[str, Any] = {"share": 0.0, "doing": "Starting"}

        def look() -> None:
            if time.monotonic() > deadline:
                raise TimeoutError("the process took too long")
            if progress:
                progress(done["share"], done["doing"])

        try:
            send(self._in, head, data)
            while "share" in (reply := self._receive(look))[0]:
                done = reply[0]
        except BaseException as error:
            self.end()
            if isinstance(error, BrokenPipeError | ValueError):
                raise EndedError(f"the process broke off: {error}") from error
            raise
        if "error" in reply[0]:
            name, problem, remedy = map(str, reply[0]["error"])
            raise _told(name, problem, remedy)
        return reply[0]["result"], reply[1]

    def end(self) -> None:
        """End it and whatever it started; more than once does no harm."""
        if self._is_ended:  # by now the number may be somebody else's
            return
        self._is_ended = True
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        for stream in (self._in, self._out):
            with contextlib.suppress(OSError):
                stream.close()
        self._process.wait()

    def _receive(self, look: Callable[[], None]) -> tuple[dict[str, Any], bytes]:
        sizes = LENGTHS.unpack(self._read(LENGTHS.size, look))
        if sum(sizes) > self._max_reply:
            raise ValueError("its reply is too long")
        head, data = (self._read(size, look) for size in sizes)
        return json.loads(head), data

    def _read(self, size: int, look: Callable[[], None]) -> bytes:
        found = bytearray()
        while len(found) < size:
            look()
            if not self._has_more.poll(_POLL_MS):
                continue
            piece = os.read(self._out.fileno(), size - len(found))
            if not piece:
                raise BrokenPipeError("it ended")
            found += piece
        return bytes(found)


def _told(name: str, problem: str, remedy: str) -> UserError:
    kind = getattr(errors, name, UserError)
    is_ours = isinstance(kind, type) and issubclass(kind, UserError)
    return kind(problem, remedy) if is_ours else UserError(problem, remedy)

"""The child's side of a process of our own: its limits, its tasks one after another, its replies, and its end.

A message is a head (JSON) and bytes, each with its length in front. A child that was taken over can tell its parent words and
bytes, and nothing else.
"""

from __future__ import annotations

import json
import os
import signal
import struct
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import IO, Any

from lib.errors import UserError

LENGTHS = struct.Struct(">QQ")
Say = Callable[[float, str], None]
"""Tells the parent (share done 0..1, what is being done)."""
Answer = tuple[Any, bytes]
"""A result as JSON can carry it, and bytes beside it."""
Serve = Callable[[dict[str, Any], bytes, Say], Answer]
"""Answers one task, given as its head, its bytes, and a way to say how far it is."""


@dataclass(frozen=True)
class Caps:
    """What a process may use; the operating system holds it to that. None is no limit of ours.

    Attributes:
        memory_mb: Address space.
        cpu_seconds: Processor time, over all its tasks.
        file_mb: Size of any file it writes; with 0 it can write none.
        idle_seconds: How long it waits for the next task before it ends.
        is_background: Whether the server, and whoever answers there, comes first.
    """

    memory_mb: int | None = None
    cpu_seconds: int | None = None
    file_mb: int | None = None
    idle_seconds: int = 300
    is_background: bool = False


def limit(caps: Caps) -> None:
    """Put this process under its limits; they cannot be raised again."""
    import resource  # not on Windows, where no such process runs

    if caps.is_background:
        os.nice(10)
    most = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_CPU: caps.cpu_seconds,
        resource.RLIMIT_FSIZE: None if caps.file_mb is None else caps.file_mb << 20,
    }
    if sys.platform.startswith("linux"):
        most[resource.RLIMIT_AS] = None if caps.memory_mb is None else caps.memory_mb << 20
    for kind, value in most.items():
        if value is not None:
            resource.setrlimit(kind, (value, value))


def send(stream: IO[bytes], head: Mapping[str, Any], data: bytes = b"") -> None:
    """Write one message to a pipe."""
    whole = json.dumps(head).encode()
    stream.write(LENGTHS.pack(len(whole), len(data)) + whole + data)
    stream.flush()


def outcome(work: Callable[[], Answer]) -> tuple[dict[str, Any], bytes]:
    """The last message of a task: its result, or what a person is told instead.

    Args:
        work: Gives the answer.

    Raises:
        Exception: Nothing that a person can mend; the process ends by it, and its parent speaks of a crash.
    """
    try:
        result, data = work()
    except UserError as error:
        return {"error": [type(error).__name__, error.problem, error.remedy]}, b""
    return {"result": result}, data


def serve(begin: Callable[[Mapping[str, Any]], Serve]) -> None:
    """Answer the parent's tasks until it is gone or asks for nothing any more.

    Args:
        begin: Given the parent's options, gets ready (imports, connections, locks) and returns what answers a task. It
            runs under the limits.
    """
    # What a library prints must not end up between the answers.
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    first, _ = _receive()
    caps = Caps(**first["caps"])
    limit(caps)
    answer = begin(first["options"])

    def say(share: float, doing: str) -> None:
        send(out, {"share": share, "doing": doing})

    while True:
        signal.alarm(caps.idle_seconds)  # ends the process
        task, data = _receive()
        signal.alarm(0)
        send(out, *outcome(partial(answer, task, data, say)))


def _receive() -> tuple[dict[str, Any], bytes]:
    """The parent's next message; ends the process where the parent is gone."""
    lengths = sys.stdin.buffer.read(LENGTHS.size)
    if len(lengths) < LENGTHS.size:
        sys.exit()
    head, data = (sys.stdin.buffer.read(size) for size in LENGTHS.unpack(lengths))
    return json.loads(head), data

"""Entry of the process that makes files: a task on stdin, its head and its bytes on stdout, until nobody asks any more."""

import contextlib
import json
import os
import pickle
import select
import struct
import sys
from typing import Any

_IDLE_SECONDS = 300
_LENGTH = struct.Struct(">Q")


def _say(out: Any, head: dict[str, Any], data: bytes = b"") -> None:
    whole = json.dumps(head).encode()
    out.write(_LENGTH.pack(len(whole)) + whole + _LENGTH.pack(len(data)) + data)
    out.flush()


def main() -> None:
    """Serve tasks, one after the other."""
    sys.path.insert(0, sys.argv[1])
    with contextlib.suppress(AttributeError, OSError):
        os.nice(10)
    # What a writer prints must not end up between the answers.
    out, sys.stdout = sys.stdout.buffer, sys.stderr

    from lib.errors import UserError
    from lib.report.writers import html, writers

    def file(*args: Any) -> tuple[dict[str, Any], bytes]:
        made = writers.make(*args)
        head = {"name": made.name, "mime": made.mime, "warnings": made.warnings, "slides": made.slides}
        return head, made.data

    def slides(summary: Any) -> tuple[dict[str, Any], bytes]:
        return {}, json.dumps([html.section(summary, message) for message in summary.messages]).encode()

    makers = {"file": file, "slides": slides}
    while select.select([sys.stdin], [], [], _IDLE_SECONDS)[0]:
        size = sys.stdin.buffer.read(_LENGTH.size)
        if len(size) < _LENGTH.size:
            return
        kind, args = pickle.loads(sys.stdin.buffer.read(_LENGTH.unpack(size)[0]))  # noqa: S301 - from our own parent
        try:
            head, data = makers[kind](*args)
        except UserError as error:
            head, data = {"error": [type(error).__name__, error.problem, error.remedy]}, b""
        _say(out, head, data)


if __name__ == "__main__":
    main()

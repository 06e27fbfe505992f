"""One workbook as one JSON file of events: exported, imported, unchanged by the round trip."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from lib.errors import FileError
from lib.workbook.events import NAME_KEY, Event
from lib.workbook.history import SOMEBODY, is_private
from lib.workbook.mapping import MAX_NAME, MAX_VALUE

FORMAT = "process-outcome-workbook"
VERSION = 1
MAX_BYTES = 50_000_000
# Version n -> function that turns a whole file of version n into version n + 1. Applied in order at read.
UPCASTS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}
WITHHELD = "skills/withheld/"  # where a private answer stood before it was left out
_LARGEST = 1 << 53  # whole numbers that every reader of JSON keeps
_MAX_LINE = 1_000  # characters of a key, an author, a note
_TEXTS = ("key", "author", "at", "step", "undoes", "note")


def export(log: Sequence[Event]) -> bytes:
    """The file of a workbook, UTF-8 JSON. The same events always give the same bytes."""
    whole = {"format": FORMAT, "version": VERSION, "events": [event.__dict__ for event in log]}
    return json.dumps(whole, ensure_ascii=False, indent=1).encode()


def without_private(log: Sequence[Event]) -> list[Event]:
    """A log that may leave the team: what somebody answered privately is emptied, with who said it and about whom.

    The number of events stays, so the file opens like any other; the team's own copy keeps every answer.
    """
    return [
        replace(event, key=f"{WITHHELD}{event.rev}", value=None, author=SOMEBODY, note="")
        if is_private(event.key)
        else event
        for event in log
    ]


def private_answers(log: Sequence[Event]) -> int:
    """How many private answers stand in a log: those that `without_private` would leave out.

    >>> portable_log = [Event(1, "skills/ann/messaging/p1", 4, None, "Ben", "2026-01-01", "s")]
    >>> private_answers(portable_log), private_answers(without_private(portable_log))
    (1, 0)
    """
    last = {event.key: event.value for event in log if is_private(event.key)}
    return sum(value is not None for value in last.values())


def withheld(log: Sequence[Event]) -> bool:
    """Whether a file was made without its private answers."""
    return any(event.key.startswith(WITHHELD) for event in log)


def parse(content: bytes) -> list[Event]:
    """The events of a file.

    Raises:
        FileError: It is not a workbook file, is damaged, or was written by a newer version.
    """
    whole = _upcast(_read(content))
    items = whole.get("events")
    if not isinstance(items, list):
        raise _damaged(0)
    log = [_event(number, item) for number, item in enumerate(items, start=1)]
    if [event.rev for event in log] != list(range(1, len(log) + 1)):
        raise FileError(
            "The file is damaged: answers are missing or out of order.", "Export the workbook again."
        )
    return log


def _read(content: bytes) -> dict[str, Any]:
    """The file as JSON, of whatever version.

    Raises:
        FileError: It is none of ours.
    """
    if len(content) > MAX_BYTES:
        raise FileError(
            "The file is larger than a workbook can be.", "Choose the file that Export workbook gave."
        )
    foreign = FileError("This is not a workbook file.", "Choose the .json file that Export workbook gave.")
    try:
        whole = json.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise foreign from error
    is_ours = isinstance(whole, dict) and whole.get("format") == FORMAT
    if not is_ours or not isinstance(whole.get("version"), int):
        raise foreign
    return whole


def _upcast(whole: dict[str, Any]) -> dict[str, Any]:
    """A file of an earlier version as this version writes it.

    Raises:
        FileError: It is of a newer version, or of one that was never written.
    """
    if whole["version"] > VERSION:
        raise FileError(
            "The file was written by a newer version of the workbook.", "Update this app, then import it."
        )
    while whole["version"] < VERSION:
        upcast = UPCASTS.get(whole["version"])
        if upcast is None:
            raise FileError("The file's version is not known.", "Export it again from the app that wrote it.")
        whole = {**upcast(whole), "version": whole["version"] + 1}
    return whole


def title(log: Sequence[Event]) -> str:
    """The workbook's name in a log, "" when it was never named."""
    names = [event.value for event in log if event.key == NAME_KEY and event.value]
    return str(names[-1]) if names else ""


def _event(number: int, item: Any) -> Event:
    if not isinstance(item, dict) or not _is_count(item.get("rev")):
        raise _damaged(number)
    texts = {name: item.get(name, "") for name in _TEXTS}
    value, base = item.get("value"), item.get("base")
    checks = (
        lambda: all(isinstance(text, str) and len(text) <= _MAX_LINE for text in texts.values()),
        lambda: bool(texts["key"]),
        lambda: base is None or (_is_count(base) and 0 <= base < _LARGEST),
        lambda: _is_kept(value, texts) and _is_time(texts["at"]),
        lambda: texts["key"] != NAME_KEY or _is_name(value),
    )
    if not all(holds() for holds in checks):  # in this order: each may rely on those before it
        raise _damaged(number)
    return Event(rev=item["rev"], value=value, base=base, **texts)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value.strip()) <= MAX_NAME


def _is_kept(value: Any, texts: Mapping[str, str]) -> bool:
    """Whether the store takes it: JSON without NaN and Infinity, in whole characters, no longer than an answer may be."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        "".join((text, *texts.values())).encode()
    except (ValueError, RecursionError):
        return False
    return len(text) <= MAX_VALUE


def _is_time(at: str) -> bool:
    """Whether it is a time that every time zone can show."""
    try:
        return 1970 <= dt.datetime.fromisoformat(at).year < 9000
    except ValueError:
        return False


def _damaged(number: int) -> FileError:
    return FileError(
        f"The file is damaged at answer {number}.", "Export the workbook again and import the new file."
    )

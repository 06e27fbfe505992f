"""How the records of a JSON file are arranged, and the records one by one."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from lib.engine.intake.readers import text_lines
from lib.engine.intake.readers.json_files.flatten import decoder
from lib.engine.intake.readers.json_files.scan import BrokenError, JsonText, parsed

LINES, WHOLE, INSIDE = "lines", "whole", "inside"
_LOOK = 20  # lines that decide whether each is a record
_LONGEST = 1 << 24
_SHOWN = 500  # characters of a record that is shown
_CUT = "the file ends before its list does, so later records may be missing"
_DEEPEST = 4  # objects around a list of records
# What interfaces call their list of records; among several lists the first of these is it.
_USUAL = (
    "results",
    "data",
    "records",
    "rows",
    "entries",
    "hits",
    "events",
    "items",
    "values",
    "value",
    "list",
)
_SURE = 6  # so many of them are never a part of one record
_OF_A_RECORD = re.compile(
    r"(?i)(^|_)(event|user|customer|account|time|timestamp|date|email|id|name|type)$|_at$|[a-z](?-i:Id|At|Time)$"
)
_KEYED = re.compile(r'\{\s*"key"\s*:')


@dataclass(frozen=True)
class Arrangement:
    """Where the records of a file are.

    Attributes:
        form: `lines` (one a line), `whole` (lists or objects, one after another), `inside` (lists inside an object).
        lists: Dotted names of the lists inside an object, the likeliest first.
        is_one_line: Records are counted instead of lines, since all are on one.
    """

    form: str
    lists: tuple[str, ...] = ()
    is_one_line: bool = False


@dataclass(frozen=True)
class JsonRecord:
    """One record: its line (or number), its value or why it has none, and how far the file is read."""

    line: int
    value: Any
    offset: int
    problem: str = ""
    text: str = ""


def looks_like_lines(lines: list[str]) -> bool:
    """Whether most of some lines are objects of their own; a line that is cut off counts against it."""
    some = [line.strip().rstrip(",") for line in lines if line.strip()]
    return len(some) > 1 and sum(_is_object(line) for line in some) * 2 >= len(some)


def _is_object(line: str) -> bool:
    if not (line.startswith("{") and line.endswith("}")):
        return False
    try:
        parsed(line, decoder())
    except BrokenError as error:
        return "twice" in error.reason or "nested" in error.reason  # whole, though not usable
    return True


def arrangement(path: Path, encoding: str) -> Arrangement:
    """How a file's records are arranged."""
    with path.open(encoding=encoding, errors="replace") as stream:
        first = [stream.readline(_LONGEST) for _ in range(_LOOK)]
    if looks_like_lines(first):
        return Arrangement(LINES)
    is_one_line = not any(line.strip() for line in first[1:])
    found = _Lists()
    with path.open(encoding=encoding, errors="replace") as stream:
        text = JsonText(stream)
        if text.peek() == "{":
            # A file that is cut off: what was found until there counts.
            with contextlib.suppress(BrokenError):
                found.look(text, "")
            if text.peek():  # further objects follow: each of them is a record
                found = _Lists()
    lists = found.likeliest_first()
    return Arrangement(INSIDE if lists else WHOLE, lists, is_one_line)


def _rank(name: str) -> int:
    last = name.rpartition(".")[2].lower()
    return _USUAL.index(last) if last in _USUAL else len(_USUAL)


def _members(text: JsonText) -> Iterator[str]:
    """The names of the object that begins here; whoever takes one passes over its value."""
    text.step()
    while sign := text.peek():
        if sign == "}":
            text.step()
            return
        if sign == ",":
            text.step()
            continue
        name = text.value() if sign == '"' else None
        if not isinstance(name, str) or text.peek() != ":":
            raise BrokenError("is broken JSON")
        text.step()
        yield name


class _Lists:
    """The lists of objects inside an object, and the names of its own single values."""

    def __init__(self) -> None:
        self.sizes: dict[str, int] = {}  # characters by dotted name
        self.own: set[str] = set()

    def look(self, text: JsonText, path: str) -> None:
        """Note the lists in the object that begins here."""
        for name in _members(text):
            inner, sign = f"{path}.{name}" if path else name, text.peek()
            if sign == "{" and inner.count(".") < _DEEPEST:
                self.look(text, inner)
            elif sign == "[":
                self._list(text, inner)
            else:
                text.skip()
                if not path:
                    self.own.add(name)

    def _list(self, text: JsonText, name: str) -> None:
        start = text.offset
        text.step()
        if text.peek() == "{" and not _KEYED.match(text.start(_SHOWN)):
            self.sizes[name] = 0
        while sign := text.peek():
            if sign == "]":
                text.step()
                break
            if sign == ",":
                text.step()
            else:
                text.skip()
        if name in self.sizes:
            self.sizes[name] = text.offset - start

    def likeliest_first(self) -> tuple[str, ...]:
        """Their names; none where the object is one record that only has lists, such as an order with its items."""
        names = sorted(self.sizes, key=lambda name: (_rank(name), -self.sizes[name]))
        is_record = sum(bool(_OF_A_RECORD.search(name)) for name in self.own) > 1
        return () if is_record and names and _rank(names[0]) >= _SURE else tuple(names)


def records(path: Path, encoding: str, form: Arrangement, chosen: str = "") -> Iterator[JsonRecord]:
    """Every record of a file in order, each exactly once.

    Args:
        path: The file.
        encoding: Its encoding.
        form: From `arrangement`.
        chosen: Which of `form.lists`.
    """
    if form.form == LINES:
        yield from _of_lines(path, encoding)
        return
    with path.open(encoding=encoding, errors="replace") as stream:
        text = JsonText(stream)
        found = _inside(text, chosen) if form.form == INSIDE else _one_after_another(text)
        for number, record in enumerate(found, 1):
            yield JsonRecord(number, *_rest(record)) if form.is_one_line else record


def _rest(record: JsonRecord) -> tuple[Any, int, str, str]:
    return record.value, record.offset, record.problem, record.text


def _of_lines(path: Path, encoding: str) -> Iterator[JsonRecord]:
    parser, offset, number, is_open = decoder(), 0, 0, False
    for number, line in text_lines.numbered(path, encoding):
        offset += len(line) + 1
        bare = line.strip().lstrip("\ufeff").rstrip(",")
        if bare in ("[", "]"):  # a list with one record a line
            is_open = bare == "["
        elif not bare:
            yield JsonRecord(number, {}, offset)
        elif len(line) >= _LONGEST:
            yield JsonRecord(number, None, offset, "is longer than any row may be", bare[:_SHOWN])
        else:
            try:
                yield JsonRecord(number, parsed(bare, parser), offset, text=bare[:_SHOWN])
            except BrokenError as error:
                yield JsonRecord(number, None, offset, error.reason, bare[:_SHOWN])
    if is_open:
        yield JsonRecord(number, None, offset, _CUT)


def _taken(text: JsonText) -> JsonRecord:
    """The value that begins here, as a record."""
    line, start, begin = text.line, text.start(_SHOWN), text.offset
    value, problem = None, ""
    try:
        value = text.value()
    except BrokenError as error:
        problem = error.reason
    return JsonRecord(line, value, text.offset, problem, start[: text.offset - begin])


def _of_list(text: JsonText) -> Iterator[JsonRecord]:
    """The records of the list that begins here."""
    text.step()
    while sign := text.peek():
        if sign in ",]":
            text.step()
        if sign == "]":
            return
        if sign != ",":
            yield _stray(text) if sign in "}:" else _taken(text)
    yield JsonRecord(text.line, None, text.offset, _CUT)


def _stray(text: JsonText) -> JsonRecord:
    line, sign = text.line, text.peek()
    text.step()
    return JsonRecord(line, None, text.offset, "is a bracket without its other half", sign)


def _one_after_another(text: JsonText) -> Iterator[JsonRecord]:
    while sign := text.peek():
        if sign == "[":
            yield from _of_list(text)
        elif sign in "}]:,":
            if sign == ",":
                text.step()
            else:
                yield _stray(text)
        else:
            yield _taken(text)


def _inside(text: JsonText, chosen: str) -> Iterator[JsonRecord]:
    """The records of one list inside the object that begins the file."""
    text.peek()
    try:
        is_found = _goes_to(text, "", chosen)
    except BrokenError:
        is_found = False
    if is_found:
        yield from _of_list(text)


def _goes_to(text: JsonText, path: str, chosen: str) -> bool:
    for name in _members(text):
        inner = f"{path}.{name}" if path else name
        if inner == chosen and text.peek() == "[":
            return True
        if text.peek() == "{" and chosen.startswith(f"{inner}."):
            if _goes_to(text, inner, chosen):
                return True
        else:
            text.skip()
    return False


def first(path: Path, encoding: str, count: int) -> list[JsonRecord]:
    """The first records of a file."""
    form = arrangement(path, encoding)
    return list(islice(records(path, encoding, form, next(iter(form.lists), "")), count))

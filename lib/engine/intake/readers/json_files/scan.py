"""A text of JSON, read value by value with bounded memory: a broken value costs itself, never the file."""

from __future__ import annotations

import json
import re
from typing import IO, Any

from lib.engine.intake.readers.json_files.flatten import MAX_DEPTH, UnusableError, decoder

_CHUNK = 1 << 20
_BEFORE = 200  # characters kept before a place: how far in its line begins
_LONGEST = 1 << 24  # characters of one value; the rest of a longer one is passed over
_DEEPEST = 10 * MAX_DEPTH  # a value deeper than this is not even parsed
_QUICK = json.JSONDecoder()
_SPACE = re.compile(r"[^\s\ufeff]")
_STRUCTURE = re.compile(r'["{}\[\]]')
_IN_STRING = re.compile(r'["\\\n]')
_NOTHING = re.compile(r"(?!)")
_SCALAR_END = re.compile(r"[,\s\]}]")


class BrokenError(ValueError):
    """A value that cannot be read: `reason` is a phrase for a person."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def parsed(text: str, parser: json.JSONDecoder) -> Any:
    """The value of a text.

    Raises:
        BrokenError: It is not JSON, or not usable.
    """
    try:
        return parser.decode(text)
    except UnusableError as error:
        raise BrokenError(str(error)) from error
    except RecursionError as error:
        raise BrokenError(f"is nested more than {MAX_DEPTH} levels deep") from error
    except ValueError as error:
        raise BrokenError("is broken JSON") from error


class JsonText:
    """A place in a text of JSON, which only moves forward."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream, self._parser = stream, decoder()
        self._text, self._at, self._ahead = "", 0, 0  # `_ahead`: how far a search has come
        self._line, self._counted, self._dropped = 1, 0, 0
        self._is_end = False

    @property
    def line(self) -> int:
        """The line of this place, from 1."""
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line

    @property
    def offset(self) -> int:
        """Characters before this place."""
        return self._dropped + self._at

    def _more(self) -> bool:
        """Read on; what lies before this place is let go."""
        chunk = "" if self._is_end else self._stream.read(_CHUNK)
        if not chunk:
            self._is_end = True
            return False
        _ = self.line  # counts what is let go
        gone = max(0, self._at - _BEFORE)
        self._text = self._text[gone:] + chunk
        self._dropped += gone
        self._ahead -= gone
        self._at -= gone
        self._counted = self._at
        return True

    def peek(self) -> str:
        """The next character that is not a space, where this place then is; "" at the end."""
        while True:
            found = _SPACE.search(self._text, self._at)
            if found:
                self._at = found.start()
                return found.group()
            self._at = len(self._text)
            if not self._more():
                return ""

    def start(self, count: int) -> str:
        """At most `count` characters from this place on, as far as they are read already."""
        return self._text[self._at : self._at + count]

    def step(self) -> None:
        """Pass over one character."""
        self._at += 1

    def value(self) -> Any:
        """The value that begins here; this place is behind it afterwards.

        Raises:
            BrokenError: It cannot be read.
        """
        if self.peek() == "{":
            try:
                found, self._at = self._parser.raw_decode(self._text, self._at)
                return found
            except (ValueError, RecursionError):  # perhaps it only goes on in the next piece of the file
                pass
        return parsed(self._span(is_kept=True), self._parser)

    def skip(self) -> None:
        """Pass over the value that begins here, whatever its size.

        Raises:
            BrokenError: It does not end.
        """
        if self.peek() == "{":
            try:
                self._at = _QUICK.raw_decode(self._text, self._at)[1]
                return
            except (ValueError, RecursionError):  # as in `value`
                pass
        self._span(is_kept=False)

    def _find(self, pattern: re.Pattern[str], *, is_kept: bool) -> str:
        """The next match from `_ahead` on, which is moved behind it; "" at the end of the file."""
        while True:
            found = pattern.search(self._text, self._ahead)
            if found:
                self._ahead = found.end()
                return found.group()
            self._ahead = len(self._text)
            if not is_kept or self._ahead - self._at > _LONGEST:
                self._at = self._ahead
            if not self._more():
                return ""

    def _span(self, *, is_kept: bool) -> str:
        """Text of the value that begins here, which is passed over."""
        begin, indent = self.offset, self._indent()
        self._ahead = self._at
        deepest, problem = self._to_its_end(indent, is_kept=is_kept)
        length = self._dropped + self._ahead - begin
        text = self._text[self._at : self._ahead] if is_kept and length <= _LONGEST else ""
        self._at = self._ahead
        if is_kept and length > _LONGEST:
            problem = "is longer than any row may be"
        elif is_kept and deepest > _DEEPEST:
            problem = f"is nested more than {MAX_DEPTH} levels deep"
        if problem:
            raise BrokenError(problem)
        return text

    def _to_its_end(self, indent: str | None, *, is_kept: bool) -> tuple[int, str]:
        """Move `_ahead` behind the value; how deep it is nested, and what is wrong with it."""
        if self._text[self._at] not in '{["':
            self._ahead += 1
            sign = self._find(_SCALAR_END, is_kept=is_kept)
            self._ahead -= len(sign)
            return 0, ""
        depth = deepest = 0
        while sign := self._find(_STRUCTURE, is_kept=is_kept):
            problem = self._string(is_kept=is_kept) if sign == '"' else ""
            if problem:
                return deepest, self._next_record(indent) or problem
            depth += {"{": 1, "[": 1, '"': 0}.get(sign, -1)
            deepest = max(deepest, depth)
            if depth <= 0:
                return deepest, ""
        return deepest, "ends with the file before it is whole"

    def _string(self, *, is_kept: bool) -> str:
        """Move `_ahead` behind a string; what is wrong with it."""
        while sign := self._find(_IN_STRING, is_kept=is_kept):
            if sign == '"':
                return ""
            if sign == "\n":
                return "is broken JSON: a quote is opened and not closed on its line"
            while self._ahead >= len(self._text) and self._more():
                pass
            self._ahead += 1
        return "ends with the file before it is whole"

    def _indent(self) -> str | None:
        """The spaces before this place on its line; None where something else is there."""
        start = self._text.rfind("\n", 0, self._at) + 1
        before = self._text[start : self._at]
        return before if not before.strip() else None

    def _next_record(self, indent: str | None) -> str:
        """Move `_ahead` to the next line that begins as the broken record's did: what is between is lost with it."""
        if indent is None:
            self._find(_NOTHING, is_kept=False)  # to the end of the file
            return "is broken JSON, and what follows it cannot be told apart"
        self._ahead -= 1  # the line break itself may be the one
        if self._find(re.compile(rf"\n{re.escape(indent)}\{{"), is_kept=False):
            self._ahead -= 1
        return ""

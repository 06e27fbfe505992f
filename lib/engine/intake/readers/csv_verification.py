"""Proof of what a clean text file holds, from its bytes alone: every record counted, every cell's place checked.

No CSV reader takes part. Line ends and delimiters outside quotes are found with NumPy, piece by piece; a file passes only
if every record has exactly as many cells as the others, quotes stand where they may, and nothing is blank, broken or
doubtful. Whatever does not pass goes to the careful reader.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from lib.engine.intake.readers import header
from lib.engine.intake.readers.raw_table import LAST
from lib.engine.intake.values import patterns

_PIECE = 1 << 19
_QUOTE, _LINE, _RETURN = 34, 10, 13
_PLACES, _SAMPLE = 20, 5_000  # places in the file that give samples, and rows of all of them
_SPACES = np.zeros(256, bool)
_SPACES[[9, 10, 11, 12, 13, 28, 29, 30, 31, 32]] = True
_SPACES[128:] = True  # a space of Unicode begins and ends with such bytes
_DRAWN = np.zeros(256, bool)
_DRAWN[[ord(sign) for sign in "-=_:"]] = True  # what lines between rows are drawn with


def _any_of(letters: str) -> np.ndarray:
    table = np.zeros(256, bool)
    table[[ord(letter) for letter in letters.lower() + letters.upper()]] = True
    return table


_WORD_BEGINS = _any_of("".join({word[0] for word in patterns.NO_ID if word}))
_WORD_SECONDS = _any_of("".join({word[1] for word in patterns.NO_ID if word}))
_WORD_LENGTHS = np.isin(np.arange(11), [len(word) for word in patterns.NO_ID if word])


@dataclass
class Structure:
    """What a clean file holds from its first row on.

    Attributes:
        rows: Records.
        missing: Empty cells by column.
        sample: Rows from places spread over the file, None where a cell is empty.
        ends: The last rows, which may be totals.
        has_breaks: Whether a quoted cell spans lines.
        tidy: Columns (from 0) in which no cell begins or ends with a space or a letter outside ASCII.
        wordless: Columns in which no cell can be a word for "nothing", such as null or n/a.
    """

    rows: int
    missing: list[int]
    sample: list[list[str | None]] = field(default_factory=list)
    ends: list[list[str | None]] = field(default_factory=list)
    has_breaks: bool = False
    tidy: set[int] = field(default_factory=set)
    wordless: set[int] = field(default_factory=set)


class _Unclean(Exception):  # noqa: N818 - no error: it says that another reader takes over
    """The bytes leave something open."""


def check(
    path: Path,
    start: int,
    delimiter: str,
    width: int,
    longest: int,
    tick: Callable[[int], None],
    names: bytes = b"",
) -> Structure | None:
    """Look at every byte of a text file; None where anything is unusual.

    Args:
        path: UTF-8 text.
        start: Byte where the first row begins.
        delimiter: One ASCII character.
        width: Cells of a record.
        longest: Bytes that a record may have.
        tick: Called with the bytes seen so far, now and then.
        names: The header as it stands in the file; a record that repeats it is unusual.
    """
    pieces = -(-max(1, path.stat().st_size - start) // _PIECE)
    every = -(-pieces // _PLACES)
    found = _ByteReader(delimiter, width, longest, _SAMPLE // min(pieces, _PLACES), names)
    try:
        with path.open("rb") as stream:
            stream.seek(start)
            for number, piece in enumerate(_pieces(stream, found)):
                found.take(piece, is_sampled=number % every == 0)
                if number % 32 == 0:
                    tick(stream.tell())
    except (_Unclean, UnicodeDecodeError, csv.Error):
        return None
    found.result.ends = found.rows_of(b"".join(found.last))[-LAST:]
    found.result.tidy = set(np.flatnonzero(~found.untidy).tolist())
    found.result.wordless = set(np.flatnonzero(~found.wordy).tolist())
    return found.result


def _pieces(stream: io.BufferedReader, found: _ByteReader) -> Iterator[bytes]:
    """The file in pieces that begin where a record begins; the last one ends with a line end."""
    while chunk := stream.read(_PIECE):
        yield found.rest + chunk
    if found.rest.endswith(
        b"\r"
    ):  # with a line end put behind it, it would pass for a file that ends with both
        raise _Unclean
    if found.rest:
        yield found.rest + (b"\r\n" if found.has_returns else b"\n")
        if found.rest:  # a quote is still open at the end of the file
            raise _Unclean


class _ByteReader:
    def __init__(self, delimiter: str, width: int, longest: int, sample: int, names: bytes) -> None:
        self.delimiter, self.width, self.longest, self.sample = delimiter, width, longest, sample
        self.names = names
        self.result = Structure(0, [0] * width)
        self.rest = b""
        self.last: list[bytes] = []
        self.has_returns: bool | None = None
        self.untidy, self.wordy = np.zeros(width, bool), np.zeros(width, bool)

    def take(self, piece: bytes, *, is_sampled: bool) -> None:
        """Check the whole records of a piece and keep the rest for the next."""
        data = np.frombuffer(piece, np.uint8)
        at = np.flatnonzero((data == _LINE) | (data == ord(self.delimiter)))
        quotes = np.flatnonzero(data == _QUOTE) if b'"' in piece else None
        if quotes is not None:
            at = at[np.searchsorted(quotes, at) & 1 == 0]
        count = len(at) // self.width
        at = at[: count * self.width]
        ends = at[self.width - 1 :: self.width]
        cut = int(ends[-1]) + 1 if count else 0
        self.rest = piece[cut:]
        if len(self.rest) > self.longest + _PIECE or b"\x00" in piece or self._repeats_header(piece):
            raise _Unclean
        if not count:
            return
        if quotes is not None:
            self._check_quotes(data, quotes[: np.searchsorted(quotes, cut)])
        self._check_cells(piece, data, at, ends, cut)
        self._check_blank(piece, data, ends)
        self.result.rows += count
        self.result.has_breaks |= piece.count(b"\n", 0, cut) > count
        begin = int(ends[-LAST - 1]) + 1 if count > LAST else 0
        self.last = [piece[begin:cut]] if count >= LAST else [*self.last, piece[:cut]][-LAST:]
        if is_sampled:
            stop = int(ends[min(count, self.sample) - 1]) + 1
            self.result.sample += self.rows_of(piece[:stop])

    def _repeats_header(self, piece: bytes) -> bool:
        return bool(self.names) and (piece.startswith(self.names) or b"\n" + self.names in piece)

    def _check_cells(
        self, piece: bytes, data: np.ndarray, at: np.ndarray, ends: np.ndarray, cut: int
    ) -> None:
        """Every record ends with a line end, and no other stands between its cells; count its empty cells."""
        if np.count_nonzero(data[at] == _LINE) != len(ends) or not (data[ends] == _LINE).all():
            raise _Unclean
        starts = np.concatenate(([0], at[:-1] + 1))
        lengths = at - starts
        returns = piece.count(b"\r", 0, cut)
        if self.has_returns is None:
            self.has_returns = returns > 0
        if returns != (len(ends) if self.has_returns else 0):
            raise _Unclean
        if self.has_returns:
            lengths[self.width - 1 :: self.width] -= 1
            if (lengths < 0).any() or not (data[ends - 1] == _RETURN).all():
                raise _Unclean
        if np.diff(ends, prepend=-1).max() > self.longest:
            raise _Unclean
        empty = lengths == 0
        if (lengths == 2).any():  # two quotes with nothing between them are an empty cell too
            empty |= (lengths == 2) & (data[starts] == _QUOTE)
        for column, missing in enumerate(np.count_nonzero(empty.reshape(-1, self.width), axis=0)):
            self.result.missing[column] += int(missing)
        self._note_words(data, starts, starts + lengths, empty)

    def _note_words(self, data: np.ndarray, starts: np.ndarray, stops: np.ndarray, empty: np.ndarray) -> None:
        """Which columns hold cells to trim, or cells that may be a word for nothing."""
        first = data[starts]
        if (is_quoted := first == _QUOTE).any():
            starts, stops = starts + is_quoted, stops - is_quoted
            first = data[starts]
        last = data[stops - 1]  # of an empty cell it is a mark, which does not matter
        loose = ((first <= 32) | (first > 126) | (last <= 32) | (last > 126)) & ~empty
        self.untidy |= loose.reshape(-1, self.width).any(axis=0)
        length = stops - starts
        may = _WORD_BEGINS[first] & _WORD_LENGTHS[np.minimum(length, 10)] & ~empty
        if may.any():  # the second letter decides nearly always
            may[may] = _WORD_SECONDS[data[starts[may] + 1]]
            self.wordy |= may.reshape(-1, self.width).any(axis=0)

    def _check_quotes(self, data: np.ndarray, quotes: np.ndarray) -> None:
        """A quote opens at the start of a cell and closes at its end; a doubled one may stand anywhere between."""
        if len(quotes) % 2:
            raise _Unclean
        marks = (ord(self.delimiter), _LINE)
        before, after = data[np.maximum(quotes[0::2] - 1, 0)], data[quotes[1::2] + 1]
        is_first = quotes[0::2] == 0
        if not (is_first | np.isin(before, (*marks, _QUOTE))).all():
            raise _Unclean
        if not np.isin(after, (*marks, _QUOTE, _RETURN)).all():
            raise _Unclean

    def _check_blank(self, piece: bytes, data: np.ndarray, ends: np.ndarray) -> None:
        """No record consists of spaces and delimiters only, or is a line drawn between rows."""
        begins = np.concatenate(([0], ends[:-1] + 1))
        before = data[np.maximum(ends - (2 if self.has_returns else 1), 0)]
        empty = _SPACES | _DRAWN
        empty[[ord(self.delimiter), _QUOTE]] = True
        doubtful = empty[data[begins]] & empty[before]
        if not doubtful.any():
            return
        empty[128:] = True
        doubtful &= ~np.logical_or.reduceat(~empty[data[: ends[-1] + 1]], begins)
        for index in np.flatnonzero(doubtful):
            text = piece[begins[index] : ends[index]].decode().replace('"', "")
            if not text.replace(self.delimiter, "").strip() or header.is_rule(text.split(self.delimiter)):
                raise _Unclean

    def rows_of(self, piece: bytes) -> list[list[str | None]]:
        """Cells of whole records."""
        text = io.StringIO(piece.decode(), newline="")
        rows = list(csv.reader(text, delimiter=self.delimiter, strict=True))
        return [[cell or None for cell in row] for row in rows]

"""A first look at a file from its first bytes: its time does not depend on the file's size."""

from __future__ import annotations

import codecs
import csv
import zlib
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from lib.engine.intake.model import Limits
from lib.engine.intake.readers import blocks, dialects, header, text_lines
from lib.errors import FileError

_BYTES = 1 << 16
_ROWS = 50
_NO_TEXT = (b"PK", b"PAR1", b"SQLite format 3", b"\xd0\xcf\x11\xe0", b"%PDF", b"\x89PNG")


@dataclass(frozen=True)
class Preview:
    """The first rows of a text file, before it is read.

    Attributes:
        headers: As in the file.
        rows: At most 50.
        delimiter: One character, "" for one column, "whitespace" for aligned text.
        size: Bytes of the file.
    """

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    delimiter: str
    size: int


def _start(path: Path) -> bytes:
    with path.open("rb") as stream:
        head = stream.read(_BYTES)
    if head[:2] == b"\x1f\x8b":
        try:
            return zlib.decompressobj(wbits=31).decompress(head, _BYTES)
        except zlib.error as error:
            raise FileError("The .gz file is damaged.", "Download or export it again.") from error
    return head


def preview(path: Path | str, folder: Path) -> Preview | None:
    """The first rows of a text file; None when the format has no cheap first look (workbooks, Parquet, zip, JSON, databases).

    Args:
        path: The file.
        folder: A folder for a copy of its first 64 kB.
    """
    path = Path(path)
    head = _start(path)
    if head in (b"", codecs.BOM_UTF8) or head.startswith(_NO_TEXT):
        return None
    text = _decoded(head)
    if text is None or text.lstrip("\ufeff \t\r\n")[:1] in ("{", "[", "<"):
        return None
    cut = text.rfind("\n")
    small = folder / "preview.txt"
    small.write_text(text[:cut] if cut > 0 and len(head) == _BYTES else text, encoding="utf-8")
    limits = Limits()
    try:
        dialect = dialects.detect(small, "utf-8", limits)
        first = list(islice(text_lines.records(small, "utf-8", dialect, limits), _ROWS + 20))
    except csv.Error:
        return None
    choice = blocks.choose(first, dialect.width)
    first = first[choice.start :]
    found = header.find(first, choice.width)
    rows = [tuple(r.cells) for r in first[found.start :] if len(r.cells) == choice.width and not r.is_blank]
    return Preview(found.headers, tuple(rows[:_ROWS]), dialect.delimiter, path.stat().st_size)


def _decoded(head: bytes) -> str | None:
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return head[: len(head) // 2 * 2].decode("utf-16", errors="replace")
    if head.count(0) > len(head) * 0.2:
        name = "utf-16-le" if head[1::2].count(0) > head[0::2].count(0) else "utf-16-be"
        return head[: len(head) // 2 * 2].decode(name, errors="replace")
    try:
        return head.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.start >= len(head) - 4:
            return head[: error.start].decode("utf-8-sig")
        return head.decode("cp1252", errors="replace")

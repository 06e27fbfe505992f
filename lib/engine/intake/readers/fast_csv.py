"""The fast path for big clean files: their structure is proven from their bytes, and DuckDB reads them where they lie.

Nothing is believed that was not counted: the rows DuckDB delivers later must be as many as the bytes hold. Anything
unusual sends the file to the careful reader.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lib.engine.datasets.dataset import Accounting
from lib.engine.intake.model import Limits
from lib.engine.intake.readers import blocks, csv_verification, header, layout, row_source
from lib.engine.intake.readers.raw_table import RawTable, Rejects
from lib.engine.intake.readers.text_lines import Dialect, FileRecord


def _byte_of_line(path: Path, line: int) -> int:
    """Where a line begins, counted from 1."""
    with path.open("rb") as stream:
        for _ in range(line - 1):
            stream.readline()
        return stream.tell()


def _ends_alike(path: Path, start: int) -> bool:
    """Whether the lines before the first row end as that row does: else readers count them differently."""
    with path.open("rb") as stream:
        above, row = stream.read(start), stream.readline()
    returns = above.count(b"\r")
    ends_with_return = above.count(b"\n") if row.endswith(b"\r\n") else 0
    return returns == above.count(b"\r\n") == ends_with_return


def _begins_cleanly(first: list[FileRecord], head: header.Head) -> bool:
    """Whether there are data below the header, and above them nothing that readers may count differently."""
    above = first[: head.start]
    return head.start < len(first) and not any(r.is_blank or r.problem or "\n" in r.text for r in above)


def _is_changed(first: list[FileRecord], head: header.Head, width: int) -> bool:
    """Whether only a part of the file is the table, or its columns are not kept as they stand."""
    return blocks.choose(first, width) != blocks.Choice(width) or bool(layout.of(first, head, width).changes)


def read(
    path: Path,
    first: list[FileRecord],
    dialect: Dialect,
    encoding: str,
    folder: Path,
    limits: Limits,
    tick: Callable[[int], None],
) -> RawTable | None:
    """Take a clean UTF-8 file as it is, or say that it is not clean enough (None).

    Args:
        path: UTF-8 text, perhaps with a byte order mark.
        first: Its first records, as the careful reader sees them.
        dialect: One of the plain delimiters.
        encoding: utf-8 or utf-8-sig.
        folder: Where what is known about the table goes.
        limits: Caps.
        tick: Called with the bytes seen so far.
    """
    head = header.find(first, dialect.width)
    if not _begins_cleanly(first, head) or _is_changed(first, head, dialect.width):
        return None
    skip = first[head.start].line - 1
    # A byte order mark before a first row of data would count as part of its first cell.
    start = _byte_of_line(path, skip + 1) if skip else 3 * (encoding == "utf-8-sig")
    if not _ends_alike(path, start):
        return None
    found = _proven(path, start, first, head, dialect, limits, tick)
    if found is None:
        return None
    text = row_source.Text(
        path=str(path),
        delimiter=dialect.delimiter,
        width=dialect.width,
        encoding=encoding,
        skip=skip,
        rows=found.rows,
        longest=limits.max_cell_kb << 10,
        has_breaks=found.has_breaks,
        stamp=row_source.stamp(path),
        missing=found.missing,
        tidy=sorted(found.tidy),
        wordless=sorted(found.wordless),
    )
    row_source.save(folder, skip + 1, text)
    row_source.save_sample(folder, found.sample, dialect.width)
    Rejects(folder).close()
    preamble = tuple(first[i].text[:300] for i in head.preamble)
    return RawTable(head, _accounting(head, found.rows), (), preamble, line_offset=skip + 1, is_in_place=True)


def _proven(
    path: Path,
    start: int,
    first: list[FileRecord],
    head: header.Head,
    dialect: Dialect,
    limits: Limits,
    tick: Callable[[int], None],
) -> csv_verification.Structure | None:
    """What the bytes prove; None where they leave something open, or where the first or a last row adds up the others."""
    if header.is_total(first[head.start].cells):
        return None
    names = first[head.start - 1].text.encode() if head.rows and dialect.width > 1 else b""
    longest = limits.max_cell_kb << 10
    found = csv_verification.check(path, start, dialect.delimiter, dialect.width, longest, tick, names)
    if found is None or not found.rows:
        return None
    ends = [[cell or "" for cell in row] for row in found.ends]
    return None if header.notes_below(ends) or any(map(header.is_total, ends)) else found


def _accounting(head: header.Head, rows: int) -> Accounting:
    return Accounting(
        total=head.start + rows,
        accepted=rows,
        rejected=0,
        preamble=len(head.preamble),
        blank=0,
        header=head.rows,
    )

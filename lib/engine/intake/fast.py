"""The fast path for big clean files: DuckDB reads with a dialect that is already known.

It is believed only when an independent count of the physical records agrees. Anything unusual sends the file to the
careful reader.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow.parquet as pq

from lib.engine.dataset import Accounting
from lib.engine.intake import header
from lib.engine.intake.lines import Dialect, Record
from lib.engine.intake.model import RAW, Limits
from lib.engine.intake.rawtable import RawTable, Rejects
from lib.engine.run import literal

_CHUNK = 16 << 20


@dataclass(frozen=True)
class Physical:
    """What the bytes themselves say, counted without any CSV reader.

    Attributes:
        records: Line ends outside quotes, plus an unterminated last line.
        is_plain: No empty lines, no NULs, no lone carriage returns, quotes in pairs.
    """

    records: int
    is_plain: bool


def count(path: Path, tick: Callable[[int], None]) -> Physical:
    """Count the physical records of a text file by its quotes and line ends."""
    records = quotes = 0
    last = b"\n"
    done = 0
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            done += len(chunk)
            joined = last[-2:] + chunk
            returns = chunk.count(b"\r")
            if b"\x00" in chunk or b"\n\n" in joined[1 if done == len(chunk) else 0 :] or b"\n\r\n" in joined:
                return Physical(0, is_plain=False)
            if returns and returns != chunk.count(b"\r\n") + (chunk[-1:] == b"\r") - (
                last[-1:] == b"\r" and chunk[:1] == b"\n"
            ):
                return Physical(0, is_plain=False)
            if b'"' in chunk:
                data = np.frombuffer(chunk, np.uint8)
                at = np.flatnonzero((data == 34) | (data == 10))
                is_quote = data[at] == 34
                inside = (np.cumsum(is_quote) + quotes) & 1
                records += int(np.count_nonzero(~is_quote & (inside == 0)))
                quotes += int(is_quote.sum())
            elif quotes & 1 == 0:
                records += chunk.count(b"\n")
            last = joined[-2:]
            tick(done)
    return Physical(records + (last[-1:] != b"\n"), is_plain=quotes % 2 == 0)


def _load(path: Path, folder: Path, dialect: Dialect, skip: int, limits: Limits) -> int:
    """Rows written to raw.parquet, or -1 if DuckDB found anything to complain of."""
    names = [f"c{i}" for i in range(1, dialect.width + 1)]
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in names)
    source = (
        f"read_csv({literal(str(path))}, auto_detect = false, header = false, skip = {skip}, "
        f"delim = {literal(dialect.delimiter)}, quote = '\"', escape = '\"', nullstr = '', columns = {{{columns}}}, "
        "strict_mode = true, "
        f"null_padding = false, ignore_errors = false, max_line_size = {limits.max_cell_kb << 10}, parallel = true)"
    )
    try:
        with duckdb.connect(":memory:") as con:
            con.execute(f"SET temp_directory = {literal(str(folder / 'spill'))}")
            con.execute("SET memory_limit = '1GB'")
            con.execute("SET threads = 2")
            con.execute(
                f"COPY (SELECT * FROM {source}) TO {literal(str(folder / RAW))} (FORMAT parquet, COMPRESSION snappy)"
            )
            filled = " AND ".join(f"{name} IS NULL" for name in names)
            found = con.execute(
                f"SELECT count(*), count(*) FILTER (WHERE {filled}) FROM read_parquet({literal(str(folder / RAW))})"
            ).fetchone()
    except duckdb.Error:
        return -1
    return int(found[0]) if found and found[1] == 0 else -1


def _ends_with_total(folder: Path) -> bool:
    file = pq.ParquetFile(folder / RAW)
    last = file.read_row_group(file.num_row_groups - 1)
    rows = last.slice(max(0, last.num_rows - 3)).to_pylist()
    return any(header.is_total([cell or "" for cell in row.values()]) for row in rows)


def read(
    path: Path,
    first: list[Record],
    dialect: Dialect,
    folder: Path,
    limits: Limits,
    tick: Callable[[int], None],
) -> RawTable | None:
    """Read a clean UTF-8 file, or say that it is not clean enough (None).

    Args:
        path: UTF-8 text, perhaps with a byte order mark.
        first: Its first records, as the careful reader sees them.
        dialect: One of the plain delimiters.
        folder: Where raw.parquet goes.
        limits: Caps.
        tick: Called with the bytes counted so far.
    """
    head = header.find(first, dialect.width)
    before = first[: head.start]
    if any(r.is_blank or r.problem or "\n" in r.text for r in before) or head.start >= len(first):
        return None
    physical = count(path, tick)
    if not physical.is_plain:
        return None
    rows = _load(path, folder, dialect, first[head.start].line - 1, limits)
    if rows <= 0 or rows + head.start != physical.records or _ends_with_total(folder):
        return None
    Rejects(folder).close()
    accounting = Accounting(
        total=physical.records,
        accepted=rows,
        rejected=0,
        preamble=len(head.preamble),
        blank=0,
        header=head.rows,
    )
    preamble = tuple(first[i].text[:300] for i in head.preamble)
    return RawTable(head, accounting, (), preamble, line_offset=first[head.start].line)

"""Where the all-text table of a reading is: written out as Parquet, or still in the clean text file it came from.

A clean file is not copied into an all-text table first: its dialect is known and its structure proven, so DuckDB reads
it where it lies. Only when single records have to be named (a cell that cannot be read) is the table written out.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from lib.engine.datasets.dataset import Accounting
from lib.engine.intake.model import RAW, Limits
from lib.engine.intake.readers import raw_table, text_lines
from lib.engine.intake.readers.raw_table import LINE
from lib.engine.query import literal
from lib.errors import FileError

META = "raw.json"
SAMPLE = "sample.json"
_GROUP_ROWS = 2000  # rows of each sampled row group


@dataclass(frozen=True)
class Text:
    """A clean text file that DuckDB can read with a dialect that is known.

    Attributes:
        path: UTF-8 text.
        delimiter, width: Its dialect.
        encoding: utf-8 or utf-8-sig, for the careful reader.
        skip: Lines before the first row.
        rows: Records, as its bytes prove.
        longest: Bytes of the longest record allowed.
        has_breaks: Whether records span lines; then a record's number is not its line.
        stamp: Size and time of the file when it was looked at.
        missing: Empty cells by column.
        tidy, wordless: Columns from 0, see `structure.Structure`.
    """

    path: str
    delimiter: str
    width: int
    encoding: str
    skip: int
    rows: int
    longest: int
    has_breaks: bool
    stamp: tuple[int, int]
    missing: list[int]
    tidy: list[int]
    wordless: list[int]

    @property
    def sql(self) -> str:
        """The file as a table of c1, c2, ...: all text, strict, nothing detected and nothing skipped."""
        columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(1, self.width + 1))
        return (
            f"read_csv({literal(self.path)}, auto_detect = false, header = false, skip = {self.skip}, "
            f"delim = {literal(self.delimiter)}, quote = '\"', escape = '\"', nullstr = '', "
            f"columns = {{{columns}}}, strict_mode = true, null_padding = false, ignore_errors = false, "
            f"max_line_size = {self.longest + 2}, parallel = true)"
        )


def stamp(path: Path) -> tuple[int, int]:
    """Size and time of change of a file."""
    found = path.stat()
    return found.st_size, found.st_mtime_ns


def save(folder: Path, line_offset: int, text: Text | None = None) -> None:
    """Note beside the table where it is and where its line numbers start."""
    whole = {"line_offset": line_offset, "text": asdict(text) if text else None}
    (folder / META).write_text(json.dumps(whole), encoding="utf-8")


def save_sample(folder: Path, rows: list[list[str | None]], width: int) -> None:
    """Keep rows of a clean file that show what its columns hold."""
    columns = {f"c{i + 1}": [row[i] for row in rows] for i in range(width)}
    (folder / SAMPLE).write_text(json.dumps(columns), encoding="utf-8")


class TextTable:
    """The all-text table of one reading."""

    def __init__(self, folder: Path) -> None:
        """Open what `save` noted in a folder."""
        self.folder = folder
        meta: dict[str, Any] = json.loads((folder / META).read_text(encoding="utf-8"))
        self.line_offset: int = meta["line_offset"]
        self.text = Text(**meta["text"]) if meta["text"] else None
        self.has_sample = self.text is not None
        if self.text and stamp(Path(self.text.path)) != tuple(self.text.stamp):
            raise FileError("The file has changed since it was looked at.", "Upload it again.")

    @property
    def sql(self) -> str:
        """The table of c1, c2, ..., as text."""
        return self.text.sql if self.text else f"read_parquet({literal(str(self.folder / RAW))})"

    def numbered(self) -> str:
        """The table with the line each record starts on; only where it is written out."""
        if self.line_offset < 0:
            return self.sql
        return (
            f"(SELECT * EXCLUDE (file_row_number), file_row_number + {self.line_offset} AS {LINE} "
            f"FROM read_parquet({literal(str(self.folder / RAW))}, file_row_number = true))"
        )

    def is_plain(self, name: str, *, is_id: bool) -> bool:
        """Whether it is known that no cell of a column needs trimming, nor is a word for nothing (if an identifier)."""
        if self.text is None:
            return False
        index = int(name[1:]) - 1
        return index in self.text.tidy and (not is_id or index in self.text.wordless)

    def sample(self) -> dict[str, list[str | None]]:
        """Values of each column from places spread over the file."""
        if self.has_sample:
            return dict(json.loads((self.folder / SAMPLE).read_text(encoding="utf-8")))
        return _sample(self.folder / RAW)

    def write_out(self, con: duckdb.DuckDBPyConnection, limits: Limits) -> Accounting | None:
        """Write the table out, so that records have line numbers.

        Returns:
            What the careful reader found, where it had to take over.
        """
        if self.text is None:
            return None
        text, self.text = self.text, None
        if not text.has_breaks:
            target = self.folder / RAW
            try:
                found = con.execute(
                    f"COPY (SELECT * FROM {text.sql}) TO {literal(str(target))} (FORMAT parquet, COMPRESSION snappy)"
                ).fetchone()
            except duckdb.Error:
                found = None
            if found and found[0] == text.rows:
                return None
        self.line_offset = -1
        dialect = text_lines.Dialect(text.delimiter, text.width)
        records = text_lines.records(Path(text.path), text.encoding, dialect, limits)
        table, _ = raw_table.write(records, text.width, self.folder, limits, lambda done: None)
        return table.accounting


def _sample(raw: Path) -> dict[str, list[str | None]]:
    """Values from up to five places of the written table."""
    file = pq.ParquetFile(raw)
    groups = file.num_row_groups
    picked = sorted({round(i * (groups - 1) / 4) for i in range(5)})
    found: dict[str, list[str | None]] = {name: [] for name in file.schema_arrow.names if name != LINE}
    for group in picked:
        table = file.read_row_group(group, columns=list(found))
        step = max(1, table.num_rows // _GROUP_ROWS)
        for name in found:
            found[name] += table.column(name).to_pylist()[::step][: _GROUP_ROWS + 1]
    return found


def values(path: Path, names: list[str]) -> list[int]:
    """Rows of a Parquet file, then values present in each column, from its footer."""
    meta = pq.read_metadata(path)
    place = (
        {meta.row_group(0).column(i).path_in_schema: i for i in range(meta.num_columns)}
        if meta.num_row_groups
        else {}
    )
    present = []
    for name in names:
        groups = [meta.row_group(g).column(place[name]) for g in range(meta.num_row_groups)]
        present.append(sum(c.num_values - c.statistics.null_count for c in groups))
    return [meta.num_rows, *present]

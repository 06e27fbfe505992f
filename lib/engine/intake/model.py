"""What reading a file leaves behind, as plain frozen data that crosses a process boundary as JSON."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from lib.engine.datasets.dataset import Accounting
from lib.errors import FileError

Progress = Callable[[float, str], bool | None]
"""Called with (share done 0..1, what is being done); returning False stops the work."""

RAW = "raw.parquet"
REJECTS = "rejects.csv"


class StoppedError(FileError):
    """The person stopped the reading."""


@dataclass(frozen=True)
class Limits:
    """Caps on what is taken in; each can be set by an environment variable WORKBOOK_<NAME>.

    Attributes:
        max_file_mb: Size of the uploaded file, megabytes.
        max_unpacked_mb: Size once unzipped, megabytes.
        max_ratio: Unpacked size over packed size, for files that unpack to more than 50 MB.
        max_columns: Columns of a table.
        max_cell_kb: One cell, kilobytes.
        max_record_lines: Lines that one quoted record may span.
        max_cells_m: Cells of a spreadsheet or Parquet file, millions.
        timeout_seconds: Wall time of one reading.
        memory_mb: Address space of the worker, megabytes.
        fast_path_mb: Files from this size on try the fast path, megabytes.
    """

    max_file_mb: int = 4096
    max_unpacked_mb: int = 8192
    max_ratio: int = 250
    max_columns: int = 2000
    max_cell_kb: int = 1024
    max_record_lines: int = 500
    max_cells_m: int = 2000
    timeout_seconds: int = 900
    memory_mb: int = 4096
    fast_path_mb: int = 4

    @classmethod
    def from_environment(cls) -> Limits:
        """The defaults, changed by what the environment sets."""
        found = {item.name: os.environ.get(f"WORKBOOK_{item.name.upper()}", "") for item in fields(cls)}
        return cls(**{name: int(value) for name, value in found.items() if value.isdigit()})


@dataclass(frozen=True)
class Reject:
    """A record that is kept but not used, and why.

    Attributes:
        line: Physical line (or spreadsheet row) where the record starts, 1-based.
        reason: One phrase for a person.
        text: The record as it stands in the file, at most 500 characters.
    """

    line: int
    reason: str
    text: str = ""


@dataclass(frozen=True)
class IntakeQuestion:
    """Something the file leaves open; it is asked, never guessed.

    Attributes:
        id: `dates:<header>`, `decimal:<header>`, `swapped:<header>`, `unit:<header>` or, for letters that several zones
            have, `CST:<header>`; an answer to `dates`, `decimal` ... alone covers every column.
        column: The header it is about.
        text: The question, with examples from the file.
        options: (value, what it means) in the order to show.
    """

    id: str
    column: str
    text: str
    options: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class RawColumn:
    """One column as it stands in the file.

    Attributes:
        name: Column of `raw.parquet`: c1, c2, ...
        header: The header as shown to a person; unique; `column_3` where the file has none.
        kind: text | integer | number | boolean | date | timestamp, as far as a sample shows.
        style: How its values are written (see `kinds`); "" for text.
        missing: Records without a value.
        examples: Up to five different values.
        is_unique: No value occurs twice in the sample.
    """

    name: str
    header: str
    kind: str = "text"
    style: str = ""
    missing: int = 0
    examples: tuple[str, ...] = ()
    is_unique: bool = False


@dataclass(frozen=True)
class Sheet:
    """One sheet of a spreadsheet, or one file of an archive."""

    name: str
    is_hidden: bool = False


@dataclass(frozen=True)
class Reading:
    """A file read as an all-text table, waiting for a mapping.

    Attributes:
        name: The file's name as uploaded.
        path: The original file.
        folder: Holds `raw.parquet` and `rejects.csv`; removed when the Reading is no longer used.
        sha256: Of the original bytes.
        format: csv | fixed | json | html | xlsx | xls | parquet | sqlite.
        encoding: e.g. utf-8; "" where it has no meaning.
        delimiter: e.g. ","; "whitespace" for fixed width; "" where it has no meaning.
        has_header: Whether the file names its columns.
        columns: In file order.
        accounting: Where each physical record went.
        rejects: The first 200 rejected records; all are in `rejects.csv`.
        notes: What a person should know, full sentences.
        questions: What has to be answered before the columns concerned can be used.
        head: The first 50 accepted rows.
        preamble: Rows above the header, as text.
        sheet: The sheet that was read.
        sheets: All sheets.
    """

    name: str
    path: Path
    folder: Path
    sha256: str
    format: str
    encoding: str
    delimiter: str
    has_header: bool
    columns: tuple[RawColumn, ...]
    accounting: Accounting
    rejects: tuple[Reject, ...] = ()
    notes: tuple[str, ...] = ()
    questions: tuple[IntakeQuestion, ...] = ()
    head: tuple[tuple[str | None, ...], ...] = ()
    preamble: tuple[str, ...] = ()
    sheet: str = ""
    sheets: tuple[Sheet, ...] = ()
    keep: Any = field(default=None, compare=False, repr=False)  # owns the temporary folder

    @property
    def raw(self) -> Path:
        """The all-text table."""
        return self.folder / RAW

    @property
    def has_commas(self) -> bool:
        """Whether its decimals are likely written with a comma, so that "1.234" may be a thousand."""
        return self.delimiter == ";" or any(column.style == "comma" for column in self.columns)

    @property
    def headers(self) -> tuple[str, ...]:
        """Headers in file order."""
        return tuple(column.header for column in self.columns)

    def column(self, header: str) -> RawColumn:
        """The column with this header.

        Raises:
            KeyError: There is none.
        """
        for column in self.columns:
            if column.header == header:
                return column
        raise KeyError(header)


def to_json(reading: Reading) -> dict[str, Any]:
    """The reading as plain data, without its folder's owner."""
    whole = {item.name: getattr(reading, item.name) for item in fields(reading) if item.name != "keep"}
    for name in ("columns", "rejects", "questions", "sheets"):
        whole[name] = [asdict(item) for item in whole[name]]
    return whole | {
        "accounting": asdict(reading.accounting),
        "path": str(reading.path),
        "folder": str(reading.folder),
    }


def from_json(whole: Mapping[str, Any], keep: Any = None) -> Reading:
    """A reading from `to_json`."""
    data = dict(whole)
    data["columns"] = tuple(RawColumn(**{**c, "examples": tuple(c["examples"])}) for c in data["columns"])
    data["rejects"] = tuple(Reject(**item) for item in data["rejects"])
    data["questions"] = tuple(
        IntakeQuestion(**{**q, "options": tuple((str(a), str(b)) for a, b in q["options"])})
        for q in data["questions"]
    )
    data["sheets"] = tuple(Sheet(**item) for item in data["sheets"])
    data["accounting"] = Accounting(**data["accounting"])
    data["head"] = tuple(tuple(row) for row in data["head"])
    for name in ("notes", "preamble"):
        data[name] = tuple(data[name])
    return Reading(**{**data, "path": Path(data["path"]), "folder": Path(data["folder"])}, keep=keep)

"""What a dataset is once it has been taken in: a folder named by its fingerprint, immutable, safe for many readers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lib.engine.evidence.evidence import DatasetRead

CLEAN = "clean.parquet"


@dataclass(frozen=True)
class CleanColumn:
    """One column of a clean table.

    Attributes:
        name: Canonical name where the contract knows it (`user_id`), else the header in snake_case.
        kind: text | integer | number | boolean | date | timestamp (timestamps are UTC without zone).
        header: The header in the uploaded file; "" for a constant that the user gave.
        missing: Rows without a value.
    """

    name: str
    kind: str
    header: str
    missing: int = 0


@dataclass(frozen=True)
class Accounting:
    """Where every physical record went; the parts always add up to the whole.

    Attributes:
        total: All records, of all files where a dataset has several.
        accepted: In use.
        rejected: Kept apart, each with its reason.
        preamble: Above the header.
        blank: Without anything in them.
        header: Naming the columns.
        left_out: Read, but in another file of the dataset too, so that they count once.
    """

    total: int
    accepted: int
    rejected: int
    preamble: int
    blank: int
    header: int
    left_out: int = 0

    def __post_init__(self) -> None:
        named = self.accepted + self.rejected + self.preamble + self.blank + self.header
        parts = named + self.left_out
        if parts != self.total:
            raise AssertionError(f"row accounting does not add up: {parts} of {self.total}")


@dataclass(frozen=True)
class CellCount:
    """Where every cell of one mapped column went, over the rows in use; the three parts add up to the rows.

    Attributes:
        column: Canonical name; of a wide table, the header of a metric.
        header: The header in the file.
        read: Cells with a value.
        empty: Cells that are empty, or hold a word for "nothing".
        unreadable: Cells that say something which cannot be read; they count as empty.
        reason: Why they cannot be read, one phrase; "" where there are none.
        examples: (line of the file, text) of the first of them.
    """

    column: str
    header: str
    read: int
    empty: int
    unreadable: int = 0
    reason: str = ""
    examples: tuple[tuple[int, str], ...] = ()

    @property
    def text(self) -> str:
        """What a person is told of the unreadable cells; "" where there are none."""
        if not self.unreadable:
            return ""
        some = ", ".join(f"“{value}” (line {line:,})" for line, value in self.examples[:3])
        n = f"{self.unreadable:,} cells" if self.unreadable > 1 else "One cell"
        verb = "are" if self.unreadable > 1 else "is"
        return (
            f"{n} of {self.column} cannot be read and {verb} left empty: {some}."
            if some
            else f"{n} of {self.column} cannot be read and {verb} left empty."
        )


@dataclass(frozen=True)
class Check:
    """Something in the rows that deserves a look; nothing is left out because of it.

    Attributes:
        id: Of a check in `intake.row_checks`.
        columns: Canonical columns it is about.
        count: Rows or values concerned.
        text: The sentence for a person.
    """

    id: str
    columns: tuple[str, ...]
    count: int
    text: str


@dataclass(frozen=True)
class Dataset:
    """A clean table on disk.

    Attributes:
        fingerprint: Hex SHA-256 of original bytes, chosen sheet, mapping and answers, or of the files it is made of;
            names the folder.
        name: The uploaded file's name, or those of several joined by " + ".
        contract: Which contract it fulfils: events, metrics, customers, spend, experiment, survey, deals.
        rows: Accepted rows. For `metrics` uploaded wide, rows of the long table.
        columns: Columns of `clean.parquet`, in order.
        folder: Holds the original, `clean.parquet`, `rejects.csv`, `manifest.json` and derived layouts.
        accounting: Where each physical record went.
        added_at: ISO 8601 UTC.
        answers: What a person said when the file was taken in: question id -> answer.
        cells: Where the cells of each mapped column went; empty for a dataset that was taken in before they were counted.
        checks: What was found in its rows.
        notes: What a person was told when it was read, full sentences.
    """

    fingerprint: str
    name: str
    contract: str
    rows: int
    columns: tuple[CleanColumn, ...]
    folder: Path
    accounting: Accounting
    added_at: str = ""
    answers: Mapping[str, str] = field(default_factory=dict, compare=False)
    cells: tuple[CellCount, ...] = ()
    checks: tuple[Check, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def path(self) -> Path:
        """The clean Parquet file."""
        return self.folder / CLEAN

    @property
    def unreadable(self) -> int:
        """Cells of mapped columns that say something which cannot be read."""
        return sum(cell.unreadable for cell in self.cells)

    @property
    def remarks(self) -> tuple[str, ...]:
        """Everything a person should know of what was read, the gravest first: rows, cells, checks, then the notes."""
        n = self.accounting.rejected
        rows = f"{n:,} row{'s' if n > 1 else ''} of {self.name} cannot be used; `python -m lib profile` lists them."
        told = (cell.text for cell in self.cells if cell.unreadable)
        return (*([rows] if n else []), *told, *(check.text for check in self.checks), *self.notes)

    def has(self, *names: str) -> bool:
        """Whether all these columns are there."""
        return set(names) <= {column.name for column in self.columns}

    def source(self) -> DatasetRead:
        """This dataset as it is named in an Evidence; counted in rows of the file, which a wide table has fewer of."""
        return DatasetRead(self.name, self.fingerprint, self.accounting.accepted, self.remarks)

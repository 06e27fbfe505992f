"""What a dataset is once it has been taken in: a folder named by its fingerprint, immutable, safe for many readers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lib.engine.evidence.evidence import Source

CLEAN = "clean.parquet"


@dataclass(frozen=True)
class Column:
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
    """

    fingerprint: str
    name: str
    contract: str
    rows: int
    columns: tuple[Column, ...]
    folder: Path
    accounting: Accounting
    added_at: str = ""

    @property
    def path(self) -> Path:
        """The clean Parquet file."""
        return self.folder / CLEAN

    def has(self, *names: str) -> bool:
        """Whether all these columns are there."""
        return set(names) <= {column.name for column in self.columns}

    def source(self) -> Source:
        """This dataset as it is named in an Evidence; counted in rows of the file, which a wide table has fewer of."""
        return Source(self.name, self.fingerprint, self.accounting.accepted)

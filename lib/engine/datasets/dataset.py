"""What a dataset is once it has been taken in: a folder named by its fingerprint, immutable, safe for many readers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

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
    """Where every physical record of a file went; the parts always add up to the whole."""

    total: int
    accepted: int
    rejected: int
    preamble: int
    blank: int
    header: int

    def __post_init__(self) -> None:
        parts = self.accepted + self.rejected + self.preamble + self.blank + self.header
        if parts != self.total:
            raise AssertionError(f"row accounting does not add up: {parts} of {self.total}")


@dataclass(frozen=True)
class Dataset:
    """A clean table on disk.

    Attributes:
        fingerprint: Hex SHA-256 of original bytes, chosen sheet, mapping and answers; names the folder.
        name: The uploaded file's name.
        contract: Which contract it fulfils: events, metrics, customers, spend, experiment, survey, deals.
        rows: Accepted rows. For `metrics` uploaded wide, rows of the long table.
        columns: Columns of `clean.parquet`, in order.
        folder: Holds the original, `clean.parquet`, `rejects.csv`, `manifest.json` and derived layouts.
        accounting: Where each physical record went.
        added_at: ISO 8601 UTC.
        answers: What a person said when the file was taken in: question id -> answer.
    """

    fingerprint: str
    name: str
    contract: str
    rows: int
    columns: tuple[Column, ...]
    folder: Path
    accounting: Accounting
    added_at: str = ""
    answers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), compare=False)

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

"""Evidence and facts: the second waist of the house.

A result that people act on is `Evidence`: the query, its parameters, the small table that came back, and which rows of
which dataset it was read from. A number on a page, slide or brief is a `Fact`: one cell of an Evidence plus a format.
Nothing else may put a number in front of a person.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from lib.engine.evidence import formats

Scalar = Any  # str | int | float | bool | date | datetime | None


@dataclass(frozen=True)
class DatasetRead:
    """One dataset that an Evidence was read from.

    Attributes:
        name: The file name as uploaded, or what a person called it.
        fingerprint: SHA-256 (hex) of the original bytes and the mapping.
        rows: Rows of the file that were read; a wide table has several values in each.
        notes: What a person should know of what was read: rows and cells left out, doubtful rows. It follows from
            the file, so it is no part of equality.
    """

    name: str
    fingerprint: str
    rows: int
    notes: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Evidence:
    """A small table with everything needed to check it.

    Attributes:
        title: What the table shows, a short noun phrase.
        definition: Exact meaning in one or two sentences for a person.
        sql: The portable SQL that defines the numbers (even when a faster kernel computed them).
        params: Names and values bound into the query, in order.
        columns: Column names, snake_case, units in the name where they have one.
        rows: The table, one tuple a row, same length as `columns`.
        sources: Datasets read. Empty only when a person typed the numbers.
        at: When it was computed, ISO 8601 UTC; not part of equality, so results compare across runs.
        method: What turned the query's rows into these columns where SQL alone did not, e.g. "Wilson interval, 95 %".
    """

    title: str
    definition: str
    sql: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Scalar, ...], ...]
    params: tuple[tuple[str, Scalar], ...] = ()
    sources: tuple[DatasetRead, ...] = ()
    at: str = field(default="", compare=False)
    method: str = ""

    def __post_init__(self) -> None:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError("every row of an Evidence has one value per column")

    @cached_property  # asked for often, and the object is frozen
    def id(self) -> str:
        """Short stable name: same query, parameters, data and table give the same id in any process."""
        whole = json.dumps(
            [
                self.title,
                self.sql,
                self.params,
                self.columns,
                self.rows,
                [s.fingerprint for s in self.sources],
            ],
            default=str,
        )
        return "E" + hashlib.sha256(whole.encode()).hexdigest()[:8]

    @property
    def rows_read(self) -> int:
        """Rows of all sources together."""
        return sum(source.rows for source in self.sources)

    def column(self, name: str) -> list[Scalar]:
        """All values of one column, in row order."""
        index = self.columns.index(name)
        return [row[index] for row in self.rows]

    def records(self) -> list[dict[str, Scalar]]:
        """The rows as dictionaries, for data frames and JSON."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]

    def find(self, **where: Scalar) -> int:
        """Index of the first row whose columns have these values.

        Raises:
            LookupError: No row has them.
        """
        for index, record in enumerate(self.records()):
            if all(record[name] == value for name, value in where.items()):
                return index
        raise LookupError(f"no row of {self.title!r} with {where}")

    def fact(self, row: int, column: str, format: str = "number") -> Fact:
        """The cell at (row, column) as a `Fact`."""
        return Fact(self, row, column, format)


@dataclass(frozen=True)
class Fact:
    """One cell of an Evidence and how to write it. Two facts are equal when they show the same cell."""

    evidence: Evidence
    row: int
    column: str
    format: str

    @property
    def value(self) -> Scalar:
        """The cell itself."""
        return self.evidence.rows[self.row][self.evidence.columns.index(self.column)]

    @property
    def text(self) -> str:
        """The cell, written for a person."""
        return formats.write(self.value, self.format)

    def __str__(self) -> str:
        return self.text


def single(
    title: str,
    definition: str,
    values: dict[str, Scalar],
    *,
    sql: str = "",
    method: str = "",
    sources: Sequence[DatasetRead] = (),
    params: Sequence[tuple[str, Scalar]] = (),
    at: str = "",
) -> Evidence:
    """Evidence with exactly one row, from named values."""
    return Evidence(
        title=title,
        definition=definition,
        sql=sql,
        columns=tuple(values),
        rows=(tuple(values.values()),),
        params=tuple(params),
        sources=tuple(sources),
        at=at,
        method=method,
    )

"""Several files of a kind as one dataset: named by a fingerprint made from its parts, immutable, and taken apart again.

The files' own datasets stay as they are. What two files have both is found and counted, never dropped in silence.
"""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import duckdb

from lib.engine.datasets import library, overlap
from lib.engine.datasets.dataset import CLEAN, Accounting, CellCount, CleanColumn, Dataset
from lib.engine.datasets.overlap import ROW, PartFile
from lib.engine.datasets.parts import RULES, FilePart, Rule, details_of, joint_name, parts_of
from lib.engine.datasets.reader import holder
from lib.engine.query import literal, now, quote
from lib.errors import MappingError, NotFoundError
from lib.framework import slots

VERSION = 1  # of the way files are put together; part of the fingerprint
REJECTS = "rejects.csv"
_TYPES = {
    "text": "VARCHAR",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
}


_RULE: dict[str, Rule] = {name: name for name in RULES}  # a manifest and a page give a rule as plain text


def can_be_combined(slot: str) -> bool:
    """Whether a table of a slot may be made of several files; each experiment is a table of its own."""
    return slots.kind(slot) != slots.EXPERIMENT


def add(home: Path, base: Dataset, added: Dataset, rule: Rule | None = None) -> Dataset:
    """A dataset with one file more.

    Args:
        home: Folder of runtime files.
        base: What is in use: one file, or several already.
        added: The new file.
        rule: What counts where an earlier file has the same row; by default the newer file, and for a metric that two
            files measure differently both.

    Returns:
        The dataset of all files; `base` itself where it holds the file already.

    Raises:
        MappingError: The two are not of a kind, or the rule is none for it.
    """
    if base.contract != added.contract or not can_be_combined(base.contract):
        raise MappingError(
            f"{added.name} cannot be added to {base.name}.",
            "Use it as a table of its own kind, or replace the other.",
        )
    if rule and rule not in rules(base.contract):
        raise _no_rule(base.contract, rule)
    members, fresh = _members(home, base), _members(home, added)
    known = {member.dataset.fingerprint for member in members}
    fresh = [member for member in fresh if member.dataset.fingerprint not in known]
    if not fresh:
        return base
    with _connect(home) as con:
        for member in fresh:
            wanted = rule or overlap.proposed_rule(con, members, member)
            members = [*members, replace(member, rule=wanted)]
    return combine(home, members)


def without(home: Path, base: Dataset, fingerprint: str) -> Dataset | None:
    """A dataset with one file less; None when that was its only one.

    Args:
        home: Folder of runtime files.
        base: What is in use.
        fingerprint: Of the part to take out.
    """
    left = [member for member in _members(home, base) if member.dataset.fingerprint != fingerprint]
    return combine(home, left) if left else None


def with_rule(home: Path, base: Dataset, fingerprint: str, rule: str) -> Dataset:
    """A dataset in which another rule says what counts where a file has rows that an earlier one has too.

    Raises:
        MappingError: There is no such rule for this kind of table.
    """
    if rule not in rules(base.contract):
        raise MappingError(
            f"“{rule}” is no rule for rows in two files.", f"Use {', '.join(rules(base.contract))}."
        )
    members = [
        replace(m, rule=_RULE[rule]) if m.dataset.fingerprint == fingerprint else m
        for m in _members(home, base)
    ]
    return combine(home, members)


def _no_rule(slot: str, rule: str) -> MappingError:
    return MappingError(f"“{rule}” is no rule for rows in two files.", f"Use {' or '.join(rules(slot))}.")


def rules(slot: str) -> tuple[Rule, ...]:
    """The rules that make sense for a kind of table.

    >>> rules("metrics"), rules("events")
    (('later', 'earlier', 'apart'), ('later', 'both'))
    """
    if slots.kind(slot) == slots.METRICS:
        return ("later", "earlier", "apart")
    return ("later", "earlier", "both") if slots.SLOTS[slots.kind(slot)].key else ("later", "both")


def combine(home: Path, members: Sequence[PartFile]) -> Dataset:
    """Put files together.

    Args:
        home: Folder of runtime files.
        members: In the order they were added, at least one.

    Returns:
        The dataset. The same parts and rules give the same dataset again; a single part is its own.
    """
    if len(members) == 1:
        return members[0].dataset
    name = _fingerprint(members)
    target = library.folder(home, name)
    if not library.is_here(home, name):
        staging = library.root(home) / f".{uuid.uuid4().hex}"
        staging.mkdir(parents=True)
        try:
            _write(home, members, name, staging, target)
        except BaseException:
            shutil.rmtree(staging, ignore_errors=True)
            raise
    return _open(home, name)


def _open(home: Path, fingerprint: str) -> Dataset:
    """A part or the whole: whoever has one of them open has the right to the others."""
    return library.open_dataset(home, fingerprint, holder([fingerprint]))


def _members(home: Path, dataset: Dataset) -> list[PartFile]:
    """The files of a dataset with their rules.

    Raises:
        NotFoundError: One of them is gone.
    """
    parts = parts_of(dataset)
    if not parts:
        return [PartFile(dataset)]
    found = []
    for part in parts:
        try:
            data = _open(home, part.fingerprint)
        except NotFoundError as error:
            raise NotFoundError(
                f"{part.name} is not on this machine any more.", "Upload that file again."
            ) from error
        found.append(PartFile(data, _RULE.get(part.rule, RULES[0])))
    return found


def _fingerprint(members: Sequence[PartFile]) -> str:
    """Hex SHA-256 of the parts, their order and their rules."""
    first, *others = members
    listed = [[first.dataset.fingerprint, ""], *([m.dataset.fingerprint, m.rule] for m in others)]
    return hashlib.sha256(json.dumps(["combined", VERSION, listed]).encode()).hexdigest()


@contextmanager
def _connect(home: Path, spill: Path | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as con:
        con.execute(f"SET temp_directory = {literal(str((spill or library.root(home)) / 'spill'))}")
        con.execute("SET memory_limit = '1GB'")
        con.execute("SET threads = 2")
        con.execute("SET TimeZone = 'UTC'")
        yield con


def _write(home: Path, members: Sequence[PartFile], name: str, staging: Path, target: Path) -> None:
    """Write the folder of a dataset of several files."""
    with _connect(home, staging) as con:
        named, counted = _compared(con, members)
        kinds = _kinds(named)
        _write_table(con, named, kinds, staging / CLEAN)
        rows, columns = _described(con, named, kinds, staging / CLEAN)
    shutil.rmtree(staging / "spill", ignore_errors=True)
    parts = [
        FilePart(
            m.dataset.fingerprint,
            m.dataset.name,
            m.dataset.rows,
            m.rule if number else "",
            *counted[number],
            tuple(m.renamed.items()),
        )
        for number, m in enumerate(named)
    ]
    _write_rejects(named, staging / REJECTS)
    dataset = Dataset(
        fingerprint=name,
        name=joint_name([member.dataset.name for member in named]),
        contract=named[0].dataset.contract,
        rows=rows,
        columns=columns,
        folder=target,
        accounting=_accounting(named, parts),
        added_at=now(),
    )
    library.write_manifest(staging, dataset, _details(named, parts))
    library.publish(staging, target)


def _compared(
    con: duckdb.DuckDBPyConnection, members: Sequence[PartFile]
) -> tuple[list[PartFile], list[tuple[int, int]]]:
    """The parts with the names that are in use, and for each how many copies and differing rows were left out."""
    overlap.begin(con)
    named: list[PartFile] = []
    counted: list[tuple[int, int]] = []
    for late, member in enumerate(members):
        names = overlap.renamed(con, named, member) if late and member.rule == "apart" else {}
        named.append(replace(member, renamed=names))
        found = [overlap.compare(con, named, early, late) for early in range(late)]
        counted.append((sum(copies for copies, _ in found), sum(differing for _, differing in found)))
    return named, counted


def _kinds(members: Sequence[PartFile]) -> dict[str, str]:
    """Every column in order of appearance, with a kind that holds all parts' values."""
    kinds: dict[str, str] = {}
    for member in members:
        for name, kind in member.kinds.items():
            known = kinds.setdefault(name, kind)
            if known != kind:
                kinds[name] = "number" if {known, kind} == {"integer", "number"} else "text"
    return kinds


def _write_table(
    con: duckdb.DuckDBPyConnection, members: Sequence[PartFile], kinds: Mapping[str, str], target: Path
) -> None:
    selects = []
    for number, member in enumerate(members):
        cells = ", ".join(
            f"CAST({quote(name) if name in member.kinds else 'NULL'} AS {_TYPES[kind]}) AS {quote(name)}"
            for name, kind in kinds.items()
        )
        selects.append(f"SELECT {cells}, {number} AS _part, {ROW} FROM {overlap.rest(member, number)}")
    # What is filtered by another table may come in another order; rows must stand as in their files.
    con.execute(
        f"COPY (SELECT * EXCLUDE (_part, {ROW}) FROM ({' UNION ALL '.join(selects)}) ORDER BY _part, {ROW}) "
        f"TO {literal(str(target))} (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, "
        "DICTIONARY_SIZE_LIMIT 10000, WRITE_BLOOM_FILTER false)"
    )


def _described(
    con: duckdb.DuckDBPyConnection, members: Sequence[PartFile], kinds: Mapping[str, str], file: Path
) -> tuple[int, tuple[CleanColumn, ...]]:
    """Rows of the table, and its columns."""
    listed = ", ".join(["count(*)", *(f"count({quote(name)})" for name in kinds)])
    rows, *present = con.execute(f"SELECT {listed} FROM read_parquet({literal(str(file))})").fetchone() or (
        0,
    )
    headers: dict[str, str] = {}
    for member in members:
        for column in member.dataset.columns:
            headers[column.name] = headers.get(column.name) or column.header
    return rows, tuple(
        CleanColumn(name, kind, headers[name], rows - n)
        for (name, kind), n in zip(kinds.items(), present, strict=True)
    )


def _accounting(members: Sequence[PartFile], parts: Sequence[FilePart]) -> Accounting:
    """All records of all files; of a file with several values in a record, a value left out is no record left out."""
    sums = {
        name: sum(getattr(member.dataset.accounting, name) for member in members)
        for name in ("total", "accepted", "rejected", "preamble", "blank", "header")
    }
    is_wide = any(member.dataset.rows != member.dataset.accounting.accepted for member in members)
    left_out = 0 if is_wide else sum(part.left_out for part in parts)
    return Accounting(**sums | {"accepted": sums["accepted"] - left_out}, left_out=left_out)


def _details(members: Sequence[PartFile], parts: Sequence[FilePart]) -> dict[str, Any]:
    """How the parts were taken in, one after the other, and how they were put together."""
    known = [details_of(member.dataset.folder) for member in members]
    said = [part.text for part in parts if part.text]
    return {
        "contract_id": known[-1].get("contract_id", members[0].dataset.contract),
        "answers": {
            _about(question, member.renamed): answer
            for details, member in zip(known, members, strict=True)
            for question, answer in details.get("answers", {}).items()
        },
        "parts": [asdict(part) for part in parts],
        "notes": list(dict.fromkeys([*said, *_all(known, "notes")])),
        "checks": _all(known, "checks"),
        "cells": _cells([cell for member in members for cell in member.dataset.cells]),
    }


def _about(question: str, renamed: Mapping[str, str]) -> str:
    """The id of a question, with the name that its metric has now."""
    kind, sign, about = question.partition(":")
    return f"{kind}{sign}{renamed.get(about, about)}"


def _all(known: Sequence[Mapping[str, Any]], name: str) -> list[Any]:
    """A list of all parts, one after the other."""
    return [item for details in known for item in details.get(name, ())]


def _cells(counted: Sequence[CellCount]) -> list[dict[str, Any]]:
    """Where the cells of each column went, over the rows of all files."""
    sums: dict[str, CellCount] = {}
    for cell in counted:
        known = sums.get(cell.column)
        sums[cell.column] = (
            cell
            if known is None
            else replace(
                known,
                read=known.read + cell.read,
                empty=known.empty + cell.empty,
                unreadable=known.unreadable + cell.unreadable,
                reason=known.reason or cell.reason,
                examples=(*known.examples, *cell.examples),
            )
        )
    return [asdict(cell) for cell in sums.values()]


def _write_rejects(members: Sequence[PartFile], target: Path) -> None:
    """The rejected records of all files, each with its file."""
    with target.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["line", "reason", "record", "file"])
        for member in members:
            file = member.dataset.folder / REJECTS
            if file.is_file():
                with file.open(encoding="utf-8", newline="") as lines:
                    rows = csv.reader(lines)
                    next(rows, None)
                    writer.writerows([*row[:3], member.dataset.name] for row in rows)

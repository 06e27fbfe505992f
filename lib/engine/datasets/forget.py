"""Erasing one person from every dataset: a new table without them takes the place of the old one, which is erased.

The original file is erased with it: its rows of other people stand in the table, and a spreadsheet or an archive cannot
be rewritten without them unseen. Layouts are derived again from the new table when somebody asks.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import re
import secrets
import shutil
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from lib.engine.datasets import library
from lib.engine.datasets.dataset import CLEAN, CleanColumn, Dataset
from lib.engine.intake.model import REJECTS
from lib.engine.sources.sql_text import literal, quote

_NAMES_A_PERSON = re.compile(
    r"(^|_)(id|uid|uuid|e?mail|user|customer|client|person|visitor|account|member|player|respondent|contact)(_|$)"
    r"|id$",
)
_STALE_SECONDS = 3600.0  # a file that is being taken in for longer was cut off
_CSV_LIMIT = 1 << 30


@dataclass(frozen=True)
class Forgotten:
    """What was erased of a person in one dataset.

    Attributes:
        dataset: The uploaded file's name.
        rows: Rows of the table.
        rejects: Records that had been rejected.
        original: Whether an uploaded file was erased with it.
        is_gone: Whether nothing was left, so that the whole dataset was erased.
    """

    dataset: str
    rows: int
    rejects: int
    original: bool
    is_gone: bool


def forget(home: Path, person: str) -> list[Forgotten]:
    """Erase a person's rows from every dataset: original, table, layouts, rejects, what was derived.

    Args:
        home: WORKBOOK_HOME.
        person: Their id, as the files have it; compared whole with columns that identify somebody.

    Returns:
        One line for each dataset that held them.

    Raises:
        OSError: Something could not be removed; asking once more goes on from there.
    """
    library.finish_replacing(home)
    _sweep(home)
    return [found for dataset in library.list_datasets(home) if (found := _forget_in(home, dataset, person))]


def _forget_in(home: Path, dataset: Dataset, person: str) -> Forgotten | None:
    condition = _is_theirs(dataset, person)
    rows = _count(dataset, condition)
    kept, rejects = _rejects(dataset.folder / REJECTS, person)
    has_original = any(dataset.folder.glob("original*"))
    if not rows and not rejects:
        return None
    if rows == dataset.rows:
        library.delete_dataset(home, dataset.fingerprint)
        return Forgotten(dataset.name, rows, rejects, has_original, True)
    staging = library.root(home) / f".{uuid.uuid4().hex}"
    staging.mkdir()
    try:
        _write(dataset, condition, staging, kept)
        new = hashlib.sha256(secrets.token_bytes(32)).hexdigest()  # tells nothing of whom it lacks
        less = _less(dataset, rows, rejects, staging, new)
        library.write_manifest(staging, less, _details(library.details(dataset), person))
        library.publish(staging, library.folder(home, new))
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise
    library.replace_dataset(home, dataset.fingerprint, new)
    return Forgotten(dataset.name, rows, rejects, has_original, False)


def _is_theirs(dataset: Dataset, person: str) -> str:
    """SQL that holds for a person's rows; `false` where no column identifies anybody."""
    wanted = literal(person)
    parts = [
        f"coalesce(trim(CAST({quote(column.name)} AS VARCHAR)) = {wanted}, false)"
        for column in dataset.columns
        if column.kind in ("text", "integer") and _NAMES_A_PERSON.search(column.name)
    ]
    return f"({' OR '.join(parts)})" if parts else "false"


@contextlib.contextmanager
def _connection(dataset: Dataset) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as con:
        con.execute("SET memory_limit = '1GB'")
        con.execute(f"CREATE VIEW clean AS SELECT * FROM read_parquet({literal(str(dataset.path))})")
        yield con


def _count(dataset: Dataset, condition: str) -> int:
    with _connection(dataset) as con:
        found = con.execute(f"SELECT count(*) FROM clean WHERE {condition}").fetchone()
    return int(found[0]) if found else 0


def _write(dataset: Dataset, condition: str, staging: Path, kept: list[list[str]]) -> None:
    """The table without the person's rows, in the same order, and the rejects that are not theirs."""
    # A null in one of several columns must not make the whole condition null: coalesce stands around each part.
    with _connection(dataset) as con:
        con.execute(
            f"COPY (SELECT * FROM clean WHERE NOT {condition}) TO {literal(str(staging / CLEAN))} "
            "(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, DICTIONARY_SIZE_LIMIT 10000, "
            "WRITE_BLOOM_FILTER false)"
        )
    with (staging / REJECTS).open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows(kept)


def _less(dataset: Dataset, rows: int, rejects: int, staging: Path, new: str) -> Dataset:
    """The dataset as it is without the person, counted anew."""
    missing = ", ".join(f"count(*) - count({quote(c.name)})" for c in dataset.columns)
    with duckdb.connect(":memory:") as con:
        table = f"read_parquet({literal(str(staging / CLEAN))})"
        counted = con.execute(f"SELECT {missing} FROM {table}").fetchone() or ()
    known = dataset.accounting
    return replace(
        dataset,
        fingerprint=new,
        rows=dataset.rows - rows,
        columns=tuple(
            CleanColumn(c.name, c.kind, c.header, int(n))
            for c, n in zip(dataset.columns, counted, strict=True)
        ),
        accounting=replace(
            known,
            total=known.total - rows - rejects,
            accepted=known.accepted - rows,
            rejected=known.rejected - rejects,
        ),
    )


def _rejects(path: Path, person: str) -> tuple[list[list[str]], int]:
    """Rejected records to keep (with their heading), and how many are the person's."""
    if not path.is_file():
        return [], 0
    csv.field_size_limit(_CSV_LIMIT)
    named = _word(person)
    with path.open(encoding="utf-8", newline="") as lines:
        records = list(csv.reader(lines))
    kept = [r for i, r in enumerate(records) if i == 0 or not any(named.search(cell) for cell in r[2:])]
    return kept, len(records) - len(kept)


def _word(person: str) -> re.Pattern[str]:
    """The id where it stands alone, not inside a longer one."""
    return re.compile(rf"(?<![\w.@-]){re.escape(person)}(?![\w@-])")


def _details(details: Mapping[str, Any], person: str) -> dict[str, Any]:
    """How the file was taken in, without examples of cells: nobody can tell whose they are."""
    named = _word(person)
    cells = [{**cell, "examples": []} for cell in details.get("cell_rejects", [])]
    notes = [note for note in details.get("notes", []) if not named.search(str(note))]
    kept = {**details, "cell_rejects": cells, "notes": notes, "sha256": ""}
    if "cells" in details:
        kept["cells"] = [{**cell, "examples": []} for cell in details["cells"]]
    kept["checks"] = [check for check in details.get("checks", []) if not named.search(str(check))]
    return kept


def _sweep(home: Path) -> None:
    """Erase what a taking in left behind that was cut off."""
    for path in library.root(home).glob(".*"):
        if path.is_dir() and path.stat().st_mtime < time.time() - _STALE_SECONDS:
            shutil.rmtree(path)

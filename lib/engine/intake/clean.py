"""From the all-text table to a typed one that fulfils a contract: runs inside the worker process."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from lib.engine.datasets.dataset import CLEAN, Accounting, CleanColumn
from lib.engine.intake import checks, derived, repeated_rows, row_checks, wide
from lib.engine.intake.model import RAW, REJECTS, Limits
from lib.engine.intake.outputs import TYPES, Builder, Output
from lib.engine.intake.readers import row_source
from lib.engine.intake.readers.row_source import TextTable
from lib.engine.query import literal, quote
from lib.errors import MappingError


def _view(con: duckdb.DuckDBPyConnection, found: TextTable) -> None:
    """`raw`: the all-text table, with a line number on every row once it is written out."""
    con.execute(
        f"CREATE OR REPLACE VIEW raw AS SELECT * FROM {found.sql if found.text else found.numbered()}"
    )


def _connect(folder: Path, time_zone: str) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect(":memory:")
    con.execute(f"SET temp_directory = {literal(str(folder / 'spill'))}")
    con.execute("SET memory_limit = '1GB'")
    con.execute("SET threads = 2")
    try:
        con.execute(f"SET TimeZone = {literal(time_zone)}")
    except duckdb.Error as error:
        raise MappingError(
            f"“{time_zone}” is not a time zone.", "Use a name such as Europe/Berlin or UTC."
        ) from error
    return con


def _write(con: duckdb.DuckDBPyConnection, outputs: list[Output], folder: Path, *, is_filtered: bool) -> None:
    """Write the clean table. A filter would read every required cell twice, so it is left out where none is needed."""
    required = [f"{quote(o.name)} IS NOT NULL" for o in outputs if o.required and is_filtered]
    wanted = " AND ".join(required) or "TRUE"
    chosen = ", ".join(f"CAST({o.sql} AS {TYPES[o.kind]}) AS {quote(o.name)}" for o in outputs)
    con.execute(
        f"COPY (SELECT * FROM (SELECT {chosen} FROM raw) WHERE {wanted}) TO {literal(str(folder / CLEAN))} "
        "(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, DICTIONARY_SIZE_LIMIT 10000, WRITE_BLOOM_FILTER false)"
    )


def clean(task: dict[str, Any], say: Callable[[float, str], None]) -> dict[str, Any]:
    """Write the clean table.

    Args:
        task: folder_read, columns, contract (list of column specs), mapping, answers, comma_likely, folder,
            is_wide, limits.
        say: Called with (share, message).

    Returns:
        columns, rows, accepted, rejected, cells, checks, notes; read, the accounting of the careful reader where it
        took over.

    Raises:
        MappingError: A question is open, or no row fulfils the contract.
    """
    folder = Path(task["folder"])
    with _connect(folder, task["answers"].get("time_zone", "UTC")) as con:
        builder = Builder(con, task)
        shutil.copyfile(builder.source.folder / REJECTS, folder / REJECTS)
        _view(con, builder.source)
        specs = {c["name"]: c for c in task["contract"]}
        found = [(name, builder.mapped(specs[name], source)) for name, source in task["mapping"].items()]
        builder.check_answered()
        outputs = derived.add([output for _, output in found if output], task["slot"])
        say(0.2, "Writing the clean table")
        job = _CleanReading(con, builder, outputs, folder, Limits(**task["limits"]), say)
        result = job.wide() if task["is_wide"] else job.run()
        if not task["is_wide"]:
            _settle(con, folder, task["slot"], result)
        say(0.9, "Checking the rows")
        result["checks"] = _checked(con, folder, task, result["columns"], [o.name for o in outputs])
        return result | {"read": asdict(job.careful) if job.careful else None}


def _settle(con: duckdb.DuckDBPyConnection, folder: Path, slot: str, result: dict[str, Any]) -> None:
    """Make rows of the same thing one, and say so."""
    kinds = {column["name"]: column["kind"] for column in result["columns"]}
    headers = {column["name"]: column["header"] for column in result["columns"]}
    told = repeated_rows.settle(repeated_rows.Clean(con, folder, kinds, headers), slot)
    if told:
        rows, *present = row_source.values(folder / CLEAN, list(kinds))
        for column, n in zip(result["columns"], present, strict=True):
            column["missing"] = rows - n
        result |= {"rows": rows, "notes": [*result["notes"], *told], "copies_told": True}


def _checked(
    con: duckdb.DuckDBPyConnection,
    folder: Path,
    task: dict[str, Any],
    columns: list[dict[str, Any]],
    mapped: list[str],
) -> list[dict[str, Any]]:
    """What the rows of the clean table hold that deserves a word."""
    table = f"read_parquet({literal(str(folder / CLEAN))})"
    kinds = {column["name"]: column["kind"] for column in columns}
    return row_checks.find(con, table, task.get("slot", ""), kinds, mapped)


@dataclass
class _Attempt:
    """One writing of the clean table: its columns, its counts, and the cells that could not be read."""

    outputs: list[Output]
    rows: int
    present: list[int]
    cells: list[dict[str, Any]]


@dataclass
class _CleanReading:
    """A clean file is read where it lies; as soon as a record has to be named, the table is written out first."""

    con: duckdb.DuckDBPyConnection
    builder: Builder
    mapped: list[Output]
    folder: Path
    limits: Limits
    say: Callable[[float, str], None]
    careful: Accounting | None = None

    def wide(self) -> dict[str, Any]:
        """One row per date and metric."""
        self._write_out()
        return wide.write(self.con, self.builder, self.mapped, self.folder)

    def run(self) -> dict[str, Any]:
        """One row per record."""
        done = self._attempt(set())
        if done is None:
            self._write_out()
            done = self._attempt(set())
        if done is None:
            raise RuntimeError("a written table cannot disagree with itself")
        self.say(0.7, "Checking every cell")
        doubtful = {cell["header"] for cell in done.cells} & {o.header for o in done.outputs if o.is_extra}
        if (
            doubtful
        ):  # columns outside the contract hold what their sample did not show: keep them as text, whole
            done = self._attempt(doubtful) or done
        if done.rows == 0:
            raise checks.no_rows(self.con, done.outputs)
        rejected = 0
        if done.rows < self._raw_counts([])[0]:
            width = len(self.builder.columns)
            rejected = checks.row_rejects(self.con, done.outputs, width, self.folder / REJECTS)
        present = zip(done.outputs, done.present, strict=True)
        return {
            "columns": [asdict(CleanColumn(o.name, o.kind, o.header, done.rows - n)) for o, n in present],
            "rows": done.rows,
            "accepted": done.rows,
            "rejected": rejected,
            "cells": checks.cell_counts(done.outputs, done.rows, done.present, done.cells),
            "notes": [],
        }

    def _write_out(self) -> None:
        source = self.builder.source
        if source.text:
            self.say(0.5, "Looking for the rows that cannot be read")
        self.careful = source.write_out(self.con, self.limits) or self.careful
        shutil.copyfile(source.folder / REJECTS, self.folder / REJECTS)
        _view(self.con, source)

    def _raw_counts(self, names: list[str]) -> list[int]:
        """Rows of the all-text table, then values present in each of its columns."""
        found = self.builder.source
        if found.text:
            return [
                found.text.rows,
                *(found.text.rows - found.text.missing[int(name[1:]) - 1] for name in names),
            ]
        return row_source.values(found.folder / RAW, names)

    def _outputs(self, as_text: set[str]) -> list[Output]:
        """The mapped columns, then all others under their own names."""
        used, taken = {o.raw for o in self.mapped}, {o.name for o in self.mapped}
        rest = [column for column in self.builder.columns.values() if column.name not in used]
        further = [self.builder.further(c, taken, as_text=c.header in as_text) for c in rest]
        return [*self.mapped, *further]

    def _attempt(self, as_text: set[str]) -> _Attempt | None:
        """Write the clean table; None where DuckDB and the bytes of a file do not agree."""
        outputs, is_direct = self._outputs(as_text), self.builder.source.text is not None
        try:
            _write(self.con, outputs, self.folder, is_filtered=not is_direct)
        except duckdb.Error:
            if is_direct:
                return None
            raise
        rows, *present = row_source.values(self.folder / CLEAN, [o.name for o in outputs])
        if self._is_whole(outputs, rows, present):
            return _Attempt(outputs, rows, present, [])
        if is_direct:  # records have to be named or left out: the table is written out for that
            self._write_out()
            return None
        return _Attempt(outputs, rows, present, checks.cell_rejects(self.con, outputs))

    def _is_whole(self, outputs: list[Output], rows: int, present: list[int]) -> bool:
        """As many values as the text table has: then no cell was lost, and the slow look at each is not needed."""
        names = sorted({o.raw for o in outputs if o.raw})
        every, *counts = self._raw_counts(names)
        needed = dict(zip(names, counts, strict=True)) | {"": 0}  # a constant
        return rows == every and all(
            n >= (rows if o.required else needed[o.raw]) for o, n in zip(outputs, present, strict=True)
        )

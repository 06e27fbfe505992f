"""An archive of many files: those of the same columns are read one after another into one table, with their names."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from lib.engine.datasets.dataset import Accounting
from lib.engine.intake.model import RAW, REJECTS, Limits, Sheet
from lib.engine.intake.readers import column_names, files, row_source
from lib.engine.intake.readers.files import Unpacked
from lib.engine.intake.readers.header import Head
from lib.engine.intake.readers.raw_table import LINE, RawTable, Rejects, check_width
from lib.engine.intake.readers.row_source import TextTable
from lib.errors import FileError, NoRowsError

NAME = "source_file"
_ALIKE = 0.5  # share of the narrower file's columns that two files of JSON have in common
_SHOWN = 5

Say = Callable[[float, str], None]
ReadOne = Callable[[Unpacked, Path, str, Limits, Say], tuple[dict[str, Any], RawTable]]


@dataclass
class _ArchiveMember:
    """One file of the archive, read into a folder of its own."""

    name: str
    folder: Path
    about: dict[str, Any]
    table: RawTable


def read(
    archive: Unpacked, folder: Path, limits: Limits, say: Say, read_one: ReadOne
) -> tuple[dict[str, Any], RawTable]:
    """Read all files of an archive that have the same columns; of a mixed archive the first, and say what else is there.

    Args:
        archive: The archive and the names of its tables.
        folder: Where the all-text table goes.
        limits: Caps.
        say: Progress.
        read_one: Reads one file that is unpacked.

    Raises:
        FileError: A file of it cannot be read, or none has rows.
        LimitError: It is larger than the limits allow.
    """
    parts: list[_ArchiveMember] = []
    empty: list[str] = []
    for number, name in enumerate(archive.members):
        place = folder / f"member{number}"
        share, count = number / len(archive.members), len(archive.members)
        say(0.7 * share, f"Reading file {number + 1:,} of {count:,}")
        part = _part(archive.path, name, place, limits, read_one)
        if part is None:
            empty.append(name)
        elif parts and not _are_alike(parts[0], part):
            return _first_only(archive, folder, limits, say, read_one, parts[0].name)
        else:
            parts.append(part)
    if not parts:
        raise NoRowsError("No file of the archive has rows.", "Check the period or filter of the export.")
    say(0.75, "Putting the files together")
    return _together(parts, empty, folder, limits)


def _part(archive: Path, name: str, place: Path, limits: Limits, read_one: ReadOne) -> _ArchiveMember | None:
    """One file; None where it has no rows."""
    place.mkdir(exist_ok=True)
    try:
        with files.opened(archive) as opened:
            target = files.extract(opened, name, place / "unpacked", limits)
        inner = files.unpack(target, place / "inner", limits)
        about, table = read_one(inner, place, "", limits, lambda share, doing: None)
    except NoRowsError:
        return None
    except FileError as error:
        problem = error.problem[:1].lower() + error.problem[1:]
        raise FileError(f"“{name}” of the archive was not read: {problem}", error.remedy) from error
    if not table.is_in_place:
        row_source.save(place, table.line_offset)
    return _ArchiveMember(name, place, about, table)


def _are_alike(one: _ArchiveMember, other: _ArchiveMember) -> bool:
    """Whether two files are of one kind: the same columns or, as records of JSON may lack some, most of them."""
    a, b = ({name.strip().lower() for name in part.table.head.headers} for part in (one, other))
    if one.about["format"] != other.about["format"]:
        return False
    return a == b or (one.about["format"] == "json" and len(a & b) >= _ALIKE * min(len(a), len(b)))


def _first_only(
    archive: Unpacked, folder: Path, limits: Limits, say: Say, read_one: ReadOne, name: str
) -> tuple[dict[str, Any], RawTable]:
    with files.opened(archive.path) as opened:
        target = files.extract(opened, name, folder / "unpack" / "chosen", limits)
    inner = files.unpack(target, folder / "unpack" / "inner", limits)
    about, table = read_one(inner, folder, "", limits, say)
    count = len(archive.members)
    note = f"The archive holds {count:,} files with different columns. “{name}” was read; choose another one as the sheet."
    about["notes"] = [*about["notes"], note]
    return about | {"sheets": tuple(Sheet(member) for member in archive.members), "sheet": name}, table


def _together(
    parts: Sequence[_ArchiveMember], empty: list[str], folder: Path, limits: Limits
) -> tuple[dict[str, Any], RawTable]:
    names: dict[str, str] = {}  # as the first file writes it, by lower case
    for part in parts:
        for name in part.table.head.headers:
            names.setdefault(name.strip().lower(), name)
    columns = [*names.values(), *([NAME] if len(parts) > 1 else [])]
    check_width(len(columns), limits)
    accounts = _written(parts, list(names), len(parts) > 1, folder, limits)
    whole = Accounting(**{key: sum(asdict(one)[key] for one in accounts) for key in asdict(accounts[0])})
    headers, renamed = column_names.unique(columns)
    notes = list(dict.fromkeys(note for part in parts for note in part.about["notes"]))
    notes += [*renamed, *_said(parts, empty, whole.accepted)]
    first = parts[0]
    head = Head(headers, min(part.table.head.rows for part in parts), 0, (), first.table.head.notes)
    rejects = _rejects(parts, folder)
    about = first.about | {"notes": notes, "sheets": (), "sheet": ""}
    return about, RawTable(head, whole, tuple(rejects.shown), first.table.preamble)


def _said(parts: Sequence[_ArchiveMember], empty: list[str], rows: int) -> list[str]:
    notes = []
    if len(parts) > 1:
        notes.append(
            f"{len(parts):,} files of the archive were put together: {rows:,} rows. The column “{NAME}” names the "
            "file of each row."
        )
    if empty:
        listed = ", ".join(f"“{name}”" for name in empty[:_SHOWN]) + (" …" if len(empty) > _SHOWN else "")
        notes.append(f"{len(empty):,} file{'s have' if len(empty) > 1 else ' has'} no rows: {listed}.")
    return notes


def _written(
    parts: Sequence[_ArchiveMember], names: list[str], has_name: bool, folder: Path, limits: Limits
) -> list[Accounting]:
    """Write the rows of all files; what became of each file's records."""
    width = len(names) + has_name
    schema = pa.schema([*((f"c{i}", pa.string()) for i in range(1, width + 1)), (LINE, pa.int64())])
    found = []
    with pq.ParquetWriter(folder / RAW, schema, compression="snappy") as writer:
        for part in parts:
            source = TextTable(part.folder)
            with duckdb.connect(":memory:") as con:
                careful = source.write_out(con, limits)
            found.append(careful or part.table.accounting)
            for table in _rows(part, source, names):
                columns = [*table.columns[:-1], *([_constant(part.name, table.num_rows)] if has_name else [])]
                writer.write_table(pa.Table.from_arrays([*columns, table.column(LINE)], schema=schema))
            (part.folder / RAW).unlink()
    return found


def _constant(text: str, count: int) -> pa.Array:
    return pa.repeat(pa.scalar(text, pa.string()), count)


def _rows(part: _ArchiveMember, source: TextTable, names: list[str]) -> Iterator[pa.Table]:
    """A file's rows with the columns of all files, and the line of each."""
    place = {name.strip().lower(): f"c{i}" for i, name in enumerate(part.table.head.headers, 1)}
    file, done = pq.ParquetFile(part.folder / RAW), 0
    for group in range(file.num_row_groups):
        table = file.read_row_group(group)
        count = table.num_rows
        lines = (
            table.column(LINE)
            if source.line_offset < 0
            else pa.array(
                range(done + 1 + source.line_offset, done + 1 + source.line_offset + count), pa.int64()
            )
        )
        done += count
        columns = [
            table.column(place[name]) if name in place else pa.nulls(count, pa.string()) for name in names
        ]
        yield pa.table([*columns, lines], names=[*(f"n{i}" for i in range(len(names))), LINE])


def _rejects(parts: Sequence[_ArchiveMember], folder: Path) -> Rejects:
    """The rejected records of all files, each with its file."""
    whole = Rejects(folder)
    for part in parts:
        with (part.folder / REJECTS).open(encoding="utf-8", newline="") as stream:
            rows = csv.reader(stream)
            next(rows)
            for line, reason, text in rows:
                whole.add(int(line), f"{reason} (in {part.name})", text)
    whole.close()
    return whole

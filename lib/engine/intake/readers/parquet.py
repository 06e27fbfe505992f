"""Parquet files: flattened one level, refused by column name where a value is not a single thing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from lib.engine.datasets.dataset import Accounting
from lib.engine.intake.model import RAW, Limits
from lib.engine.intake.readers import header, parquet_verification
from lib.engine.intake.readers.header import Head
from lib.engine.intake.readers.raw_table import RawTable, Rejects, check_width
from lib.engine.query import literal, quote
from lib.errors import FileError, LimitError

_REMEDY = "Write the file again, or upload the table as CSV."


def _leaves(schema: pa.Schema) -> tuple[list[tuple[str, str]], list[str]]:
    """(header, SQL) of every column that holds one value a row, and the names of those that do not.

    Columns are taken by their place: two may have one name, or names that differ in capitals only.
    """
    found: list[tuple[str, str]] = []
    refused: list[str] = []
    for place, item in enumerate(schema, 1):
        column = f"p{place}"
        if pa.types.is_struct(item.type):
            for inner in item.type:
                if pa.types.is_nested(inner.type) or pa.types.is_binary(inner.type):
                    refused.append(f"{item.name}.{inner.name}")
                else:
                    found.append((f"{item.name}.{inner.name}", f"{column}.{quote(inner.name)}"))
        elif (
            pa.types.is_nested(item.type)
            or pa.types.is_binary(item.type)
            or pa.types.is_large_binary(item.type)
        ):
            refused.append(item.name)
        else:
            found.append((item.name, column))
    return found, refused


def read(path: Path, folder: Path, limits: Limits) -> tuple[dict[str, Any], RawTable]:
    """Read a Parquet file as text.

    Args:
        path: The file.
        folder: Where the all-text table goes.
        limits: Caps.

    Raises:
        FileError: It is damaged or has no column that can be read.
        LimitError: It is larger than the limits allow.
    """
    schema, rows = _opened(path, limits)
    leaves, refused = _leaves(schema)
    if not leaves:
        raise FileError(f"The Parquet file holds only nested columns ({', '.join(refused[:5])}).", _REMEDY)
    if rows == 0:
        raise FileError(
            "The Parquet file has no rows.", "Check the period or filter of the export and upload it again."
        )
    _refuse_damage(path)
    written = _write(path, folder, [sql for _, sql in leaves], len(schema))
    if written != rows:
        raise FileError(f"The Parquet file promises {rows:,} rows but holds {written:,}.", _REMEDY)
    Rejects(folder).close()
    headers, mended = header.unique([name for name, _ in leaves])
    notes = [
        f"Column “{name}” holds lists, nested values or bytes and was left out." for name in refused
    ] + mended
    head = Head(headers, 0, 0, (), ())
    accounting = Accounting(total=rows, accepted=rows, rejected=0, preamble=0, blank=0, header=0)
    about = {"format": "parquet", "encoding": "", "delimiter": "", "notes": notes, "sheets": (), "sheet": ""}
    return about, RawTable(head, accounting, (), (), line_offset=1)


def _opened(path: Path, limits: Limits) -> tuple[pa.Schema, int]:
    """Schema and promised rows of a file that keeps within the limits."""
    try:
        file = pq.ParquetFile(path)
        schema, rows, width = file.schema_arrow, file.metadata.num_rows, file.metadata.num_columns
    except (pa.ArrowException, OSError, ValueError) as error:
        raise FileError("The Parquet file is damaged.", _REMEDY) from error
    check_width(width, limits)
    if rows * max(1, width) > limits.max_cells_m * 1_000_000:
        raise LimitError(
            f"The Parquet file has {rows:,} rows of {width:,} columns, more than is read.",
            "Keep the columns and period you need, or aggregate it first.",
        )
    return schema, rows


def _refuse_damage(path: Path) -> None:
    try:
        is_whole = parquet_verification.is_whole(path)
    except pa.ArrowNotImplementedError:  # a kind of page that only the engine reads
        return
    except (pa.ArrowException, OSError, ValueError) as error:
        raise FileError("The Parquet file is damaged.", _REMEDY) from error
    if not is_whole:
        raise FileError(
            "The Parquet file is damaged: its values are not those its footer speaks of.", _REMEDY
        )


def _write(path: Path, folder: Path, columns: list[str], width: int) -> int:
    """Write the all-text table and count its rows."""
    places = ", ".join(f"p{i}" for i in range(1, width + 1))
    casts = ", ".join(f"CAST({sql} AS VARCHAR) AS c{i}" for i, sql in enumerate(columns, 1))
    try:
        with duckdb.connect(":memory:") as con:
            con.execute("SET TimeZone = 'UTC'")
            con.execute("SET memory_limit = '1GB'")
            con.execute(f"SET temp_directory = {literal(str(folder / 'spill'))}")
            con.execute(
                f"COPY (SELECT {casts} FROM read_parquet({literal(str(path))}, hive_partitioning = false) AS t({places})) "
                f"TO {literal(str(folder / RAW))} (FORMAT parquet)"
            )
    except duckdb.OutOfMemoryException as error:
        raise LimitError(
            "The Parquet file unpacks to more than fits in memory.", "Keep the columns and period you need."
        ) from error
    except duckdb.Error as error:
        raise FileError("The Parquet file is damaged.", _REMEDY) from error
    return pq.ParquetFile(folder / RAW).metadata.num_rows

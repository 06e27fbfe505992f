"""Parquet files as an all-text table; nested columns are flattened, see `parquet_columns`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from lib.engine.datasets.dataset import Accounting
from lib.engine.intake.model import RAW, Limits
from lib.engine.intake.readers import column_names, parquet_columns, parquet_verification
from lib.engine.intake.readers.header import Head
from lib.engine.intake.readers.parquet_columns import Leaves
from lib.engine.intake.readers.raw_table import RawTable, Rejects, check_width
from lib.engine.query import literal
from lib.errors import FileError, LimitError, NoRowsError

_REMEDY = "Write the file again, or upload the table as CSV."


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
    if rows == 0:
        raise NoRowsError(
            "The Parquet file has no rows.", "Check the period or filter of the export and upload it again."
        )
    _refuse_damage(path)
    leaves, written = _write(path, folder, schema, limits)
    if written != rows:
        raise FileError(f"The Parquet file promises {rows:,} rows but holds {written:,}.", _REMEDY)
    Rejects(folder).close()
    headers, mended = column_names.unique([name for name, _ in leaves.columns])
    notes = leaves.notes() + mended
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


def _write(path: Path, folder: Path, schema: pa.Schema, limits: Limits) -> tuple[Leaves, int]:
    """Write the all-text table; its columns and the number of its rows."""
    places = ", ".join(f"p{i}" for i in range(1, len(schema) + 1))
    table = f"read_parquet({literal(str(path))}, hive_partitioning = false) AS t({places})"
    try:
        with duckdb.connect(":memory:") as con:
            con.execute("SET TimeZone = 'UTC'")
            con.execute("SET memory_limit = '1GB'")
            con.execute(f"SET temp_directory = {literal(str(folder / 'spill'))}")
            leaves = parquet_columns.find(schema, con, table, limits.max_columns // 4)
            if not leaves.columns:
                raise FileError(
                    f"The Parquet file holds only bytes ({', '.join(leaves.refused[:5])}).", _REMEDY
                )
            check_width(len(leaves.columns), limits)
            casts = ", ".join(f"{sql} AS c{i}" for i, (_, sql) in enumerate(leaves.columns, 1))
            con.execute(
                f"COPY (SELECT {casts} FROM {table}) TO {literal(str(folder / RAW))} (FORMAT parquet)"
            )
    except duckdb.OutOfMemoryException as error:
        raise LimitError(
            "The Parquet file unpacks to more than fits in memory.", "Keep the columns and period you need."
        ) from error
    except duckdb.Error as error:
        raise FileError("The Parquet file is damaged.", _REMEDY) from error
    return leaves, pq.ParquetFile(folder / RAW).metadata.num_rows

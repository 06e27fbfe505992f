"""Whether a Parquet file holds what its footer says it holds: page checksums, counts of empty cells, least and greatest.

A flipped bit often gives another number and no error. Checksums find it in files that carry them; in the others the
statistics of the footer find a value that left their range.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

_ROWS = 1 << 16


def is_whole(path: Path) -> bool:
    """Read every page and compare it with what the footer says.

    Raises:
        OSError: A page cannot be read or its checksum is wrong.
        pa.ArrowException: The same.
    """
    with pq.ParquetFile(path, page_checksum_verification=True) as file:
        names = _comparable(file)
        return all(_is_group_whole(file, number, names) for number in range(file.num_row_groups))


def _comparable(file: pq.ParquetFile) -> list[str] | None:
    """Columns in the footer's order; None where one is nested or named twice, since places differ then."""
    plain = [item.name for item in file.schema_arrow if not pa.types.is_nested(item.type)]
    is_flat = len(plain) == file.metadata.num_columns and len(set(plain)) == len(plain)
    return plain if is_flat else None


def _is_group_whole(file: pq.ParquetFile, number: int, names: list[str] | None) -> bool:
    group, rows = file.metadata.row_group(number), 0
    told = [] if names is None else [_told(group.column(i)) for i in range(group.num_columns)]
    for batch in file.iter_batches(_ROWS, row_groups=[number], columns=names):
        rows += batch.num_rows
        if not all(_fits(said, cells) for said, cells in zip(told, batch.columns, strict=False)):
            return False
    return rows == group.num_rows and not any(said.get("nulls") for said in told)


def _told(chunk: Any) -> dict[str, Any]:
    """What the footer says of one column of a row group; `nulls` counts down as they are met."""
    said = chunk.statistics
    if said is None:
        return {}
    has_range = (
        said.has_min_max and isinstance(said.min, int | float | str) and not isinstance(said.min, bool)
    )
    return {
        "nulls": said.null_count if said.has_null_count else None,
        "range": (said.min, said.max) if has_range else None,
    }


def _fits(told: dict[str, Any], cells: pa.Array) -> bool:
    if told.get("nulls") is not None:
        told["nulls"] -= cells.null_count
    low, high = told.get("range") or (None, None)
    if not _can_compare(low, cells.type):
        return True
    found = pc.call_function("min_max", [cells]).as_py()
    if found["min"] is None or found["min"] != found["min"] or low != low:  # nothing there, or not a number
        return True
    return low <= found["min"] and found["max"] <= high


def _can_compare(low: Any, kind: pa.DataType) -> bool:
    if isinstance(low, str):
        return pa.types.is_string(kind)
    return low is not None and (pa.types.is_integer(kind) or pa.types.is_floating(kind))

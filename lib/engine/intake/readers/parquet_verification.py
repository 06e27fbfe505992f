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
        plain = [i for i, item in enumerate(file.schema_arrow) if not pa.types.is_nested(item.type)]
        names = [file.schema_arrow[i].name for i in plain]
        # Places in the footer are those of the columns only where none is nested.
        is_flat = len(plain) == file.metadata.num_columns and len(set(names)) == len(names)
        for number in range(file.num_row_groups):
            group = file.metadata.row_group(number)
            told = [_told(group.column(i)) for i in range(group.num_columns)] if is_flat else []
            rows = 0
            for batch in file.iter_batches(_ROWS, row_groups=[number], columns=names if is_flat else None):
                rows += batch.num_rows
                if not all(_fits(told[i], batch.column(i)) for i in range(len(told))):
                    return False
            if rows != group.num_rows or any(item and item["nulls"] for item in told):
                return False
    return True


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
    if not told:
        return True
    if told["nulls"] is not None:
        told["nulls"] -= cells.null_count
    kind, (low, high) = cells.type, told["range"] or (None, None)
    is_number = pa.types.is_integer(kind) or pa.types.is_floating(kind)
    if (
        low is None
        or isinstance(low, str) != pa.types.is_string(kind)
        or not (is_number or pa.types.is_string(kind))
    ):
        return True
    found = pc.call_function("min_max", [cells]).as_py()
    if found["min"] is None or found["min"] != found["min"] or low != low:  # nothing there, or not a number
        return True
    return low <= found["min"] and found["max"] <= high

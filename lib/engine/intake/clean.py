"""From the all-text table to a typed one that fulfils a contract: runs inside the worker process."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import duckdb

from lib.engine.dataset import CLEAN, Column
from lib.engine.intake import checks, parse, wide
from lib.engine.intake.model import REJECTS
from lib.engine.intake.outputs import TYPES, Builder, Output
from lib.engine.intake.rawtable import LINE
from lib.engine.run import literal, quote
from lib.errors import MappingError


def _view(con: duckdb.DuckDBPyConnection, raw: Path) -> None:
    """`raw` with a line number on every row."""
    offset = json.loads((raw.parent / parse.META).read_text(encoding="utf-8"))["line_offset"]
    source = f"read_parquet({literal(str(raw))})"
    if offset >= 0:
        source = (
            f"(SELECT * EXCLUDE (file_row_number), file_row_number + {offset} AS {LINE} "
            f"FROM read_parquet({literal(str(raw))}, file_row_number = true))"
        )
    con.execute(f"CREATE VIEW raw AS SELECT * FROM {source}")


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


def _write(con: duckdb.DuckDBPyConnection, outputs: list[Output], folder: Path) -> None:
    wanted = " AND ".join(f"{quote(o.name)} IS NOT NULL" for o in outputs if o.required) or "TRUE"
    chosen = ", ".join(f"CAST({o.sql} AS {TYPES[o.kind]}) AS {quote(o.name)}" for o in outputs)
    con.execute(
        f"COPY (SELECT * FROM (SELECT {chosen} FROM raw) WHERE {wanted}) TO {literal(str(folder / CLEAN))} "
        "(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)"
    )


def clean(task: dict[str, Any], say: Callable[[float, str], None]) -> dict[str, Any]:
    """Write the clean table.

    Args:
        task: raw, columns, contract (list of column specs), mapping, answers, comma_likely, folder, is_wide.
        say: Called with (share, message).

    Returns:
        columns, rows, accepted, rejected, cell_rejects, notes.

    Raises:
        MappingError: A question is open, or no row fulfils the contract.
    """
    folder = Path(task["folder"])
    shutil.copyfile(Path(task["raw"]).parent / REJECTS, folder / REJECTS)
    with _connect(folder, task["answers"].get("time_zone", "UTC")) as con:
        _view(con, Path(task["raw"]))
        builder = Builder(con, task)
        specs = {c["name"]: c for c in task["contract"]}
        found = [(name, builder.mapped(specs[name], source)) for name, source in task["mapping"].items()]
        builder.check_answered()
        outputs = [output for _, output in found if output]
        say(0.2, "Writing the clean table")
        if task["is_wide"]:
            return wide.write(con, builder, outputs, folder)
        return _finish(con, builder, outputs, folder, say)


def _finish(
    con: duckdb.DuckDBPyConnection,
    builder: Builder,
    mapped: list[Output],
    folder: Path,
    say: Callable[[float, str], None],
) -> dict[str, Any]:
    outputs, counts, cells = _attempt(con, builder, mapped, folder, set())
    say(0.7, "Checking every cell")
    doubtful = {cell["header"] for cell in cells} & {o.header for o in outputs if o.is_extra}
    if doubtful:  # a column outside the contract holds what its sample did not show: keep it as text, whole
        outputs, counts, cells = _attempt(con, builder, mapped, folder, doubtful)
    if counts[0] == 0:
        raise checks.no_rows(con, outputs)
    total = checks.counts(con, "raw", [])[0]
    rejected = 0
    if counts[0] < total:
        rejected = checks.row_rejects(con, outputs, len(builder.columns), folder / REJECTS)
    present = zip(outputs, counts[1:], strict=True)
    return {
        "columns": [asdict(Column(o.name, o.kind, o.header, counts[0] - n)) for o, n in present],
        "rows": counts[0],
        "accepted": counts[0],
        "rejected": rejected,
        "cell_rejects": cells,
        "notes": [],
    }


def _attempt(
    con: duckdb.DuckDBPyConnection, builder: Builder, mapped: list[Output], folder: Path, as_text: set[str]
) -> tuple[list[Output], list[int], list[dict[str, Any]]]:
    """Write the clean table; its outputs, its row and value counts, and the cells that could not be read."""
    used = {o.raw for o in mapped}
    taken = {o.name for o in mapped}
    rest = [column for column in builder.columns.values() if column.name not in used]
    outputs = [
        *mapped,
        *(builder.further(column, taken, as_text=column.header in as_text) for column in rest),
    ]
    _write(con, outputs, folder)
    counts = checks.counts(con, f"read_parquet({literal(str(folder / CLEAN))})", [o.name for o in outputs])
    names = sorted({o.raw for o in outputs if o.raw})
    raw = dict(zip(["", *names], checks.counts(con, "raw", names), strict=True))
    # As many values as the text table has: then no cell was lost, and the slow look at each is not needed.
    is_short = counts[0] < raw[""] or any(
        o.raw and n < raw[o.raw] for o, n in zip(outputs, counts[1:], strict=True)
    )
    return outputs, counts, checks.cell_rejects(con, outputs) if is_short else []

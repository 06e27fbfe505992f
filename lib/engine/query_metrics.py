"""A saved query as a metric's definition: its result joins the uploaded metrics as one more series."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shutil
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from lib.engine import library, run, sandbox
from lib.engine.dataset import CLEAN, Accounting, Column, Dataset
from lib.engine.run import literal
from lib.engine.sandbox import SandboxResult
from lib.errors import DataError, QueryError

_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
_NUMBERS = (*_WHOLE, *(f"U{name}" for name in _WHOLE), "FLOAT", "DOUBLE")
_SCHEMA = pa.schema([("date", pa.date32()), ("metric", pa.string()), ("value", pa.float64())])
_COLUMNS = (("date", "date"), ("metric", "text"), ("value", "number"))


@dataclass(frozen=True)
class Series:
    """The columns of a result that make it a metric: one date, one value."""

    date: str
    value: str


def series_of(result: SandboxResult) -> Series | None:
    """Which columns of a result are its date and its value; None when it cannot be a metric.

    Args:
        result: Of a query.
    """
    pairs = list(zip(result.evidence.columns, result.types, strict=True))
    dates = [name for name, kind in pairs if kind == "DATE" or kind.startswith("TIMESTAMP")]
    numbers = [name for name, kind in pairs if kind in _NUMBERS or kind.startswith("DECIMAL")]
    return Series(dates[0], numbers[0]) if dates and numbers else None


def rows_of(name: str, result: SandboxResult) -> list[tuple[dt.date, str, float]]:
    """A result as rows of the metrics table.

    Args:
        name: The metric's name.
        result: Of a query.

    Raises:
        DataError: It has no date or no number, or more than one row a date.
    """
    found = series_of(result)
    if found is None:
        raise DataError(
            f"The query “{name}” gives no date and number.", "Select a date first and a number second."
        )
    dates, values = result.evidence.column(found.date), result.evidence.column(found.value)
    rows = [
        (dt.date.fromisoformat(str(day)[:10]), name, float(value))
        for day, value in zip(dates, values, strict=True)
        if day is not None and value is not None
    ]
    if len({day for day, _, _ in rows}) != len(rows):
        raise DataError(f"The query “{name}” gives several rows for one date.", "Group by the date.")
    return rows


def with_queries(
    data: Mapping[str, Dataset], queries: Mapping[str, str], home: Path
) -> tuple[dict[str, Dataset], list[str]]:
    """The data with each query's result as a series of the metrics table.

    Args:
        data: Slot -> dataset.
        queries: Metric name -> SQL.
        home: Folder of runtime files; the joined table is kept there by fingerprint, so it is computed once.

    Returns:
        The data with `metrics` replaced, and one sentence for each query that cannot be used.
    """
    if not queries:
        return dict(data), []
    base = data.get("metrics")
    sources = sorted(d.fingerprint for d in data.values())
    whole = json.dumps(["queries", sorted(queries.items()), sources, base.fingerprint if base else ""])
    fingerprint = hashlib.sha256(whole.encode()).hexdigest()
    if (library.folder(home, fingerprint) / library.MANIFEST).is_file():
        details = library.manifest(home, fingerprint)["details"]
        return {**data, "metrics": library.open_dataset(home, fingerprint)}, list(details["problems"])
    rows: list[tuple[dt.date, str, float]] = []
    problems: list[str] = []
    for name, sql in queries.items():
        try:
            rows += rows_of(name, sandbox.run(sql, data, title=name))
        except (QueryError, DataError) as error:
            problems.append(f"{name}: {error.problem}")
    if not rows:
        return dict(data), problems
    joined = _write(home, fingerprint, base, rows, list(queries), problems)
    return {**data, "metrics": joined}, problems


def _write(
    home: Path,
    fingerprint: str,
    base: Dataset | None,
    rows: list[tuple[dt.date, str, float]],
    names: list[str],
    problems: list[str],
) -> Dataset:
    staging = library.root(home) / f".{uuid.uuid4().hex}"
    staging.mkdir(parents=True)
    try:
        columns = list(zip(*rows, strict=True))
        arrays = [pa.array(column, item.type) for column, item in zip(columns, _SCHEMA, strict=True)]
        pq.write_table(pa.table(arrays, schema=_SCHEMA), staging / "queries.parquet")
        parts = [f"SELECT date, metric, value FROM read_parquet({literal(str(staging / 'queries.parquet'))})"]
        if base:
            parts.insert(0, f"SELECT date, metric, value FROM read_parquet({literal(str(base.path))})")
        with run.cursor() as cursor:
            cursor.execute(
                f"COPY ({' UNION ALL '.join(parts)}) TO {literal(str(staging / CLEAN))} (FORMAT parquet)"
            )
        total = (base.rows if base else 0) + len(rows)
        described = f"{base.name} and " if base else ""
        dataset = Dataset(
            fingerprint=fingerprint,
            name=f"{described}{len(names)} saved quer{'ies' if len(names) > 1 else 'y'}",
            contract="metrics",
            rows=total,
            columns=tuple(Column(name, kind, name) for name, kind in _COLUMNS),
            folder=library.folder(home, fingerprint),
            accounting=Accounting(total=total, accepted=total, rejected=0, preamble=0, blank=0, header=0),
            added_at=run.now(),
        )
        library.write_manifest(
            staging, dataset, {"contract_id": "metrics_long", "queries": names, "problems": problems}
        )
        library.publish(staging, dataset.folder)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise
    return library.open_dataset(home, fingerprint)

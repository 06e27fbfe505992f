"""Small event tables as datasets, for tests of everything that reads events."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from lib.engine.datasets.dataset import Accounting, CleanColumn, Dataset

KINDS = {"timestamp": "timestamp", "revenue": "number"}


def dataset_of(
    frame: pd.DataFrame, folder: Path, *, name: str = "events.csv", contract: str = "events"
) -> Dataset:
    """Write a frame as a clean dataset, the way intake leaves it."""
    folder = (
        folder
        / hashlib.sha256(pd.util.hash_pandas_object(frame).to_numpy().tobytes() + name.encode()).hexdigest()[
            :16
        ]
    )
    folder.mkdir(parents=True, exist_ok=True)
    con = duckdb.connect()
    con.register("frame", frame)
    types = {"timestamp": "TIMESTAMP", "revenue": "DOUBLE"}
    casts = ", ".join(f"CAST({c} AS {types.get(c, 'VARCHAR')}) AS {c}" for c in frame.columns)
    con.execute(f"COPY (SELECT {casts} FROM frame) TO '{folder / 'clean.parquet'}' (FORMAT parquet)")
    con.close()
    rows = len(frame)
    columns = tuple(CleanColumn(c, KINDS.get(c, "text"), c) for c in frame.columns)
    return Dataset(folder.name, name, contract, rows, columns, folder, Accounting(rows + 1, rows, 0, 0, 0, 1))


def events(rows: Iterable[Sequence[Any]], folder: Path, columns: str = "user_id event timestamp") -> Dataset:
    """Events from rows; times as ISO text."""
    frame = pd.DataFrame(list(rows), columns=columns.split())
    frame["timestamp"] = pd.to_datetime(frame["timestamp"], format="ISO8601")
    return dataset_of(frame, folder)


def from_csv(path: Path, folder: Path, mapping: str) -> Dataset:
    """A public file as events: `mapping` is a SELECT list that gives canonical columns."""
    con = duckdb.connect()
    frame = con.execute(f"SELECT {mapping} FROM read_csv('{path}', all_varchar = true)").df()
    con.close()
    return dataset_of(frame, folder, name=path.name)

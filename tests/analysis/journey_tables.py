"""Small events datasets for the tests of the journey: written by hand, so every answer can be counted on fingers."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from lib.engine.datasets.dataset import Accounting, CleanColumn, Dataset

START = dt.datetime.fromisoformat("2026-01-05")  # a Monday; UTC without zone, as in a clean table
KINDS = {"timestamp": "timestamp", "revenue": "number", "seats": "integer", "spend": "number", "date": "date"}


def at(days: float) -> dt.datetime:
    """A moment so many days after the start."""
    return START + dt.timedelta(days=days)


def dataset(folder: Path, frame: pd.DataFrame, contract: str = "events") -> Dataset:
    """A dataset of this frame, as intake would leave it."""
    folder.mkdir(parents=True, exist_ok=True)
    frame.to_parquet(folder / "clean.parquet", index=False)
    digest = hashlib.sha256((folder / "clean.parquet").read_bytes()).hexdigest()
    columns = tuple(CleanColumn(name, KINDS.get(name, "text"), name) for name in frame.columns)
    rows = len(frame)
    return Dataset(
        digest, "events.csv", contract, rows, columns, folder, Accounting(rows + 1, rows, 0, 0, 0, 1)
    )


def events(folder: Path, rows: Sequence[tuple[Any, ...]], extra: Sequence[str] = ()) -> Dataset:
    """Events from (user, event, days after the start, *extra)."""
    frame = pd.DataFrame(
        [(row[0], row[1], at(row[2]), *row[3:]) for row in rows],
        columns=["user_id", "event", "timestamp", *extra],
    )
    frame["timestamp"] = frame["timestamp"].astype("datetime64[us]")
    return dataset(folder, frame)

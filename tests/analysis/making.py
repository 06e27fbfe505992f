"""Small datasets made in a test, as intake leaves them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from lib.engine.datasets.dataset import Accounting, CleanColumn, Dataset

KINDS = {"b": "boolean", "i": "integer", "u": "integer", "f": "number", "M": "timestamp"}


def dataset(
    folder: Path,
    frame: pd.DataFrame | Mapping[str, Sequence[Any]],
    contract: str,
    *,
    dates: Sequence[str] = (),
) -> Dataset:
    """Write a frame as the clean table of a dataset."""
    frame = pd.DataFrame(frame)
    folder.mkdir(parents=True, exist_ok=True)
    columns = []
    for name in frame.columns:
        if name in dates:
            frame[name] = pd.to_datetime(frame[name]).dt.date
            columns.append(CleanColumn(name, "date", name))
        else:
            columns.append(CleanColumn(name, KINDS.get(frame[name].dtype.kind, "text"), name))
    frame.to_parquet(folder / "clean.parquet", index=False)
    n = len(frame)
    return Dataset(f"{abs(hash((folder, n))):x}", f"{contract}.csv", contract, n, tuple(columns), folder,
                   Accounting(n + 1, n, 0, 0, 0, 1))  # fmt: skip

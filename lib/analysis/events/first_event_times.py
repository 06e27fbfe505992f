"""First times: when each person first did each kind of event. The journey is read from these."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from lib.engine import query
from lib.engine.datasets.dataset import Dataset
from lib.engine.sources.answers import DAY, HOUR, NEVER, FirstTimes

__all__ = ["DAY", "HOUR", "MAX_KINDS", "NEVER", "FirstTimes", "load", "micros"]

MAX_KINDS = 64  # kinds of events kept: those that most people did


def micros(values: np.ndarray) -> np.ndarray:
    """Timestamps as fetched (datetime64, perhaps masked) to whole microseconds, `NEVER` where missing."""
    mask = np.ma.getmaskarray(values)
    plain = np.ma.getdata(values).astype("datetime64[us]").astype(np.int64)
    missing = mask | (plain == np.iinfo(np.int64).min)
    return np.where(missing, NEVER, plain)


@lru_cache(maxsize=8)
def _load(fingerprint: str, dataset: Dataset) -> FirstTimes:
    return query.events(dataset).first_times(MAX_KINDS)


def load(dataset: Dataset) -> FirstTimes:
    """First times of an events dataset, read once per fingerprint and process.

    Args:
        dataset: A dataset with the events contract.
    """
    return _load(dataset.fingerprint, dataset)

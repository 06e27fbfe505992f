"""First times: when each person first did each kind of event. The journey is read from these."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np

from lib.engine import query
from lib.engine.datasets.dataset import Dataset
from lib.engine.sources.answers import DAY, HOUR, NEVER, FirstTimes
from lib.framework import slots

__all__ = ["DAY", "HOUR", "MAX_KINDS", "NEVER", "FirstTimes", "load", "micros"]

MAX_KINDS = 64  # kinds of events kept: those that most people did
_PAYING = "SELECT event FROM events WHERE revenue > 0 GROUP BY event"


def micros(values: np.ndarray) -> np.ndarray:
    """Timestamps as fetched (datetime64, perhaps masked) to whole microseconds, `NEVER` where missing."""
    mask = np.ma.getmaskarray(values)
    plain = np.ma.getdata(values).astype("datetime64[us]").astype(np.int64)
    missing = mask | (plain == np.iinfo(np.int64).min)
    return np.where(missing, NEVER, plain)


@lru_cache(maxsize=8)
def _load(fingerprint: str, dataset: Dataset) -> FirstTimes:
    found = query.events(dataset).first_times(MAX_KINDS)
    if not dataset.has("revenue") or not found.people:
        return found
    rows = query.query(_PAYING, {slots.EVENTS: dataset}).rows
    paying = {str(kind) for (kind,) in rows}
    return replace(found, paying=tuple(kind for kind in found.kinds if kind in paying))


def load(dataset: Dataset) -> FirstTimes:
    """First times of an events dataset, read once per fingerprint and process.

    Args:
        dataset: A dataset with the events contract.
    """
    return _load(dataset.fingerprint, dataset)

"""Results of analyses, kept by what they were computed from: function, dataset fingerprints, parameters."""

from __future__ import annotations

import functools
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from typing import Any, ParamSpec, TypeVar, cast

from pydantic import BaseModel

from lib.engine.datasets.dataset import Dataset

P = ParamSpec("P")
R = TypeVar("R")
CAPACITY = 512

_lock = threading.Lock()
_results: OrderedDict[Hashable, Any] = OrderedDict()
_running: dict[Hashable, threading.Lock] = {}


def key_of(value: Any) -> Hashable:
    """A hashable stand-in for an argument, equal exactly when it asks for the same result.

    Args:
        value: A dataset, a record, or plain values in mappings and sequences.
    """
    if isinstance(value, Dataset):
        # The name is shown in the evidence and the folder is where it is read; neither may leak between
        # workbooks.
        return ("dataset", value.fingerprint, value.name, value.contract, str(value.folder))
    if isinstance(value, BaseModel):
        return (type(value).__name__, value.model_dump_json())
    if isinstance(value, Mapping):
        return (
            "mapping",
            tuple(sorted(((str(k), key_of(v)) for k, v in value.items()), key=lambda item: item[0])),
        )
    if isinstance(value, list | tuple):
        return ("sequence", tuple(key_of(item) for item in value))
    if isinstance(value, set | frozenset):
        return ("set", frozenset(key_of(item) for item in value))
    return (type(value).__name__, value)


def cached(function: Callable[P, R]) -> Callable[P, R]:
    """Remember a pure function of datasets and parameters.

    The least recently used of `CAPACITY` results goes first. Two threads that ask for the same at the same
    time compute it once. An error is not remembered.

    >>> calls = []
    >>> @cached
    ... def double(x: int) -> int:
    ...     calls.append(x)
    ...     return 2 * x
    >>> double(2), double(2), calls
    (4, 4, [2])
    """

    @functools.wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        key = (function, tuple(key_of(item) for item in args), key_of(kwargs))
        with _lock:
            if key in _results:
                _results.move_to_end(key)
                return cast("R", _results[key])
            running = _running.setdefault(key, threading.Lock())
        with running:
            with _lock:
                if key in _results:
                    return cast("R", _results[key])
            try:
                result = function(*args, **kwargs)
            finally:
                with _lock:
                    _running.pop(key, None)
            with _lock:
                _results[key] = result
                while len(_results) > CAPACITY:
                    _results.popitem(last=False)
            return result

    return wrapper


def clear() -> None:
    """Forget everything (for measurements and tests)."""
    with _lock:
        _results.clear()

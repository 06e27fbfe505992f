"""Results of whole steps, kept for as long as everything they read stays the same.

A save changes one answer, and most steps never look at it. Which sections of the workbook a step reads is not written
down anywhere, because a list can be wrong: the step gets a workbook that notes each section it is asked for. The next
call gives the same result back while those sections, the datasets, the day and the other arguments are unchanged. What a
step did not ask for cannot have changed its result.

A kept function is pure: it depends on its arguments, the framework's content and the day (its `today`) only, and its
result holds no workbook. Where it rests on something that passes by itself, such as a query that ran out of time, the
part that knows says so with `for_now`, and that result is not kept.
"""

from __future__ import annotations

import datetime as dt
import functools
import inspect
import itertools
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, is_dataclass
from typing import Any, ParamSpec, TypeVar, cast

from pydantic import PrivateAttr

from lib.engine.datasets.dataset import Dataset
from lib.engine.evidence.cache import key_of
from lib.workbook.model import Workbook

P = ParamSpec("P")
R = TypeVar("R")
CAPACITY = 128  # results
STATES = 4  # of one workbook, for one function and its arguments: undo and redo go to and fro

_SECTIONS = frozenset(Workbook.model_fields)


class Watched(Workbook):
    """A workbook that notes which sections it is asked for."""

    _seen: set[str] = PrivateAttr(default_factory=set)

    def __getattribute__(self, name: str) -> Any:
        """Note the section; who looks at everything at once (dump, compare, copy) has asked for every section."""
        if name in _SECTIONS or name == "__dict__":
            private = super().__getattribute__("__pydantic_private__")
            if private:
                private["_seen"].update(_SECTIONS if name == "__dict__" else (name,))
        return super().__getattribute__(name)


def watched(book: Workbook) -> Watched:
    """The same answers, watched. Sections are shared, not copied."""
    return Watched.model_construct(
        book.model_fields_set, **{name: _section(book, name) for name in _SECTIONS}
    )


def sections_read(book: Watched) -> frozenset[str]:
    """Sections it was asked for so far."""
    return frozenset(book._seen)


def _section(book: Workbook, name: str) -> Any:
    """A section without its being noted."""
    return object.__getattribute__(book, "__dict__")[name]


@dataclass(frozen=True)
class _Result:
    """One result and what it rests on: the sections it read, and arguments that are known by identity."""

    read: Mapping[str, Any]
    pins: tuple[Any, ...]
    value: Any

    def holds(self, book: Workbook) -> bool:
        return all(_same(_section(book, name), value) for name, value in self.read.items())


def _same(one: Any, other: Any) -> bool:
    # 1 == True == 1.0, but they are different answers; sections of the same revision are the same object.
    return one is other or (one == other and repr(one) == repr(other))


_lock = threading.Lock()
_results: OrderedDict[tuple[Hashable, int], _Result] = OrderedDict()  # (call, number) -> result
_running: dict[Hashable, threading.RLock] = {}
_numbers = itertools.count(1)
_under_way = threading.local()  # .passing: one flag for each computation of this thread that is not done


def for_now() -> None:
    """Say that what is being computed rests on something that passes by itself: its result is not kept."""
    for flag in getattr(_under_way, "passing", ()):
        flag.add(True)


def kept(function: Callable[P, R]) -> Callable[P, R]:
    """Keep the results of a pure function whose first argument is the workbook.

    Visitors share them. Two who ask for the same at the same time wait for one computation. An error is not kept. A
    parameter called `today` that is left out is the day in UTC.

    Args:
        function: `step(workbook, data, ...)`.
    """
    signature = inspect.signature(function)
    first = next(iter(signature.parameters))

    @functools.wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        given = signature.bind(*args, **kwargs)
        given.apply_defaults()
        rest = dict(given.arguments)
        book: Workbook = rest.pop(first)
        today = dt.datetime.now(dt.UTC).date()  # counts always: a step that this one calls may look at it
        if "today" in rest and rest["today"] is None:
            rest["today"] = today
        pins: list[Any] = []
        call = (
            function,
            _section(book, "id"),
            today,
            tuple((name, _part(value, pins)) for name, value in rest.items()),
        )
        found = _find(call, book)
        if found is None:
            with _lock:
                running = _running.setdefault(call, threading.RLock())
            with running:
                found = _find(call, book) or _compute(
                    function, call, book, {first: None, **rest}, tuple(pins)
                )
            with _lock:
                _running.pop(call, None)
        for name in found.read:  # a step that calls another one rests on what that one read
            getattr(book, name)
        return cast("R", found.value)

    return wrapper


def _part(value: Any, pins: list[Any]) -> Hashable:
    """An argument's share of the key; a result of another step is the same one or it is not."""
    if is_dataclass(value) and not isinstance(value, Dataset):
        pins.append(value)
        return ("is", id(value))
    return key_of(value)


def _find(call: Hashable, book: Workbook) -> _Result | None:
    with _lock:
        known = [(key, result) for key, result in _results.items() if key[0] == call]
    for key, result in reversed(known):
        if result.holds(book):
            with _lock:
                if key in _results:
                    _results.move_to_end(key)
            return result
    return None


def _compute(
    function: Callable[..., Any],
    call: Hashable,
    book: Workbook,
    arguments: dict[str, Any],
    pins: tuple[Any, ...],
) -> _Result:
    view, passing = watched(book), set[bool]()
    arguments[next(iter(arguments))] = view
    _under_way.passing = [*getattr(_under_way, "passing", ()), passing]
    try:
        value = function(**arguments)
    finally:
        _under_way.passing = _under_way.passing[:-1]
    result = _Result({name: _section(book, name) for name in sections_read(view)}, pins, value)
    if passing:
        return result
    with _lock:
        _results[call, next(_numbers)] = result
        older = [key for key in _results if key[0] == call][:-STATES]
        for key in older:
            del _results[key]
        while len(_results) > CAPACITY:
            _results.popitem(last=False)
    return result


def clear() -> None:
    """Forget everything (for measurements and tests)."""
    with _lock:
        _results.clear()

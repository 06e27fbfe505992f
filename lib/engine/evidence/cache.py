"""Results that are kept while what they were computed from stays the same, in two ways.

`cached` goes by the call: the function, the fingerprints of its datasets, its parameters.

`step_cached` goes by what the function read of the workbook. A save changes one answer, and most steps never look at it.
Which sections of the workbook a step reads is not written down anywhere, because a list can be wrong: the step gets a
workbook that notes each section it is asked for. The next call gives the same result back while those sections, the
datasets, the day and the other arguments are unchanged. What a step did not ask for cannot have changed its result.
"""

from __future__ import annotations

import datetime as dt
import functools
import inspect
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, is_dataclass
from typing import Any, Generic, ParamSpec, TypeVar, cast

from pydantic import BaseModel, PrivateAttr

from lib.engine.datasets.dataset import Dataset
from lib.workbook.model import Workbook

P = ParamSpec("P")
R = TypeVar("R")
V = TypeVar("V")
CAPACITY = 512  # results of `cached`
STEP_CAPACITY = 128  # results of `step_cached`
STATES = 4  # of one workbook, for one function and its arguments: undo and redo go to and fro


def _always(value: Any) -> bool:
    return True


class Results(Generic[V]):
    """Values by key, shared by all threads.

    Who asks for a value while it is computed waits for that computation. An error is not kept. The least recently used
    key goes first.

    Args:
        capacity: Values kept.
        per_key: Values kept of one key, the newest ones.
    """

    def __init__(self, capacity: int, per_key: int = 1) -> None:
        self.capacity, self._per_key = capacity, per_key
        self._lock = threading.Lock()
        self._values: OrderedDict[Hashable, list[V]] = OrderedDict()
        self._running: dict[Hashable, threading.RLock] = {}

    def __len__(self) -> int:
        """Values kept now."""
        with self._lock:
            return self._count()

    def get(
        self,
        key: Hashable,
        make: Callable[[], V],
        *,
        holds: Callable[[V], bool] = _always,
        stores: Callable[[V], bool] = _always,
    ) -> V:
        """The value kept for a key, else the one that is made now.

        Args:
            key: What it depends on.
            make: Computes it.
            holds: Whether a kept value is still true.
            stores: Whether a value that was made is kept.
        """
        if found := self._find(key, holds):
            return found[0]
        with self._lock:
            running = self._running.setdefault(key, threading.RLock())
        try:
            with running:
                if found := self._find(key, holds):
                    return found[0]
                value = make()
                if stores(value):
                    self.put(key, value)
                return value
        finally:
            with self._lock:
                if self._running.get(key) is running:
                    del self._running[key]

    def peek(self, key: Hashable) -> V | None:
        """The value kept for a key; None where there is none."""
        found = self._find(key, _always)
        return found[0] if found else None

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._values.clear()

    def _count(self) -> int:
        return sum(len(values) for values in self._values.values())

    def _find(self, key: Hashable, holds: Callable[[V], bool]) -> list[V]:
        """The newest kept value that holds; empty where none does."""
        with self._lock:
            known = list(self._values.get(key, ()))
        found = next(([value] for value in reversed(known) if holds(value)), [])
        if found:
            with self._lock:
                if mine := self._values.get(key):
                    mine.sort(key=lambda value: value is found[0])  # the one that is used becomes the newest
                    self._values.move_to_end(key)
        return found

    def put(self, key: Hashable, value: V) -> None:
        """Keep a value; the oldest of its key goes where there are too many."""
        with self._lock:
            self._values[key] = [*self._values.get(key, ()), value][-self._per_key :]
            self._values.move_to_end(key)
            while self._count() > self.capacity:
                self._values.popitem(last=False)


_by_call: Results[Any] = Results(CAPACITY)


def clear() -> None:
    """Forget everything that either way keeps (for measurements and tests)."""
    _by_call.clear()
    _by_sections.clear()


# ---- by the call ---------------------------------------------------------------------------------------------------


def key_of(value: Any) -> Hashable:
    """A hashable stand-in for an argument, equal exactly when it asks for the same result.

    Args:
        value: A dataset, a record, or plain values in mappings and sequences.
    """
    match value:
        case Dataset():
            # The name is shown in the evidence and the folder is where it is read; neither may leak between workbooks.
            return ("dataset", value.fingerprint, value.name, value.contract, str(value.folder))
        case BaseModel():
            return (type(value).__name__, value.model_dump_json())
        case Mapping():
            pairs = ((str(name), key_of(item)) for name, item in value.items())
            return ("mapping", tuple(sorted(pairs, key=lambda pair: pair[0])))
        case list() | tuple():
            return ("sequence", tuple(key_of(item) for item in value))
        case set() | frozenset():
            return ("set", frozenset(key_of(item) for item in value))
    return (type(value).__name__, value)


def cached(function: Callable[P, R]) -> Callable[P, R]:
    """Keep the results of a pure function of datasets and parameters.

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
        return cast("R", _by_call.get(key, lambda: function(*args, **kwargs)))

    return wrapper


# ---- by the sections of the workbook that were read ----------------------------------------------------------------

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


def _same(one: Any, other: Any) -> bool:
    # 1 == True == 1.0, but they are different answers; sections of the same revision are the same object.
    return one is other or (one == other and repr(one) == repr(other))


@dataclass(frozen=True, eq=False)
class _CachedResult:
    """One result and what it rests on.

    Attributes:
        value: The result.
        read: The sections it read, as they were.
        pins: Arguments that are known by identity, held so that no other object takes their place.
        passes: Whether it rests on something that passes by itself.
    """

    value: Any
    read: Mapping[str, Any]
    pins: tuple[Any, ...]
    passes: bool

    def holds(self, book: Workbook) -> bool:
        return all(_same(_section(book, name), value) for name, value in self.read.items())


_by_sections: Results[_CachedResult] = Results(STEP_CAPACITY, STATES)
_under_way = threading.local()  # .passing: one flag for each computation of this thread that is not done


def for_now() -> None:
    """Say that what is being computed rests on something that passes by itself: its step's result is not kept."""
    for flag in getattr(_under_way, "passing", ()):
        flag.add(True)


def step_cached(function: Callable[P, R]) -> Callable[P, R]:
    """Keep the results of a pure function whose first argument is the workbook.

    Pure means: it depends on its arguments, the framework's content and the day (its `today`) only, and its result holds
    no workbook. A parameter called `today` that is left out is the day in UTC. Where a result rests on something that
    passes by itself, such as a query that ran out of time, the part that knows says so with `for_now`.

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
        pins = tuple(value for value in rest.values() if _is_pinned(value))
        parts = tuple((name, _part(value)) for name, value in rest.items())
        found = _by_sections.get(
            (function, _section(book, "id"), today, parts),
            lambda: _run_step(lambda view: function(**{first: view}, **rest), book, pins),  # type: ignore[call-arg]
            holds=lambda result: result.holds(book),
            stores=lambda result: not result.passes,
        )
        for name in found.read:  # a step that calls another one rests on what that one read
            getattr(book, name)
        return cast("R", found.value)

    return wrapper


def _is_pinned(value: Any) -> bool:
    """Whether an argument is a result of another step: the same one or another, whatever it holds."""
    return is_dataclass(value) and not isinstance(value, Dataset)


def _part(value: Any) -> Hashable:
    """An argument's share of the key."""
    return ("is", id(value)) if _is_pinned(value) else key_of(value)


def _run_step(step: Callable[[Workbook], Any], book: Workbook, pins: tuple[Any, ...]) -> _CachedResult:
    view, passing = watched(book), set[bool]()
    outer = getattr(_under_way, "passing", ())
    _under_way.passing = (*outer, passing)
    try:
        value = step(view)
    finally:
        _under_way.passing = outer
    read = {name: _section(book, name) for name in sections_read(view)}
    return _CachedResult(value, read, pins, bool(passing))

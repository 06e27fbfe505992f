"""Cached results: same question once, different data never mixed, bounded."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from lib.engine.datasets.dataset import Dataset
from lib.engine.evidence import cache
from tests.event_tables import events


def test_key_is_data_and_parameters(tmp_path: Path) -> None:
    data = events([("a", "x", "2026-01-01")], tmp_path)
    calls: list[tuple[str, object]] = []

    @cache.cached
    def question(dataset: Dataset, *, steps: object = ()) -> int:
        calls.append((dataset.fingerprint, steps))
        return len(calls)

    assert question(data, steps=["a", "b"]) == question(data, steps=("a", "b")) == 1
    assert question(data, steps=["a"]) == 2
    assert question(replace(data, fingerprint="other"), steps=["a"]) == 3
    assert question(data, steps={"x": 1}) == question(data, steps={"x": 1}) == 4
    assert question(data, steps=1) != question(data, steps=True)


def test_an_error_is_not_remembered() -> None:
    tries: list[int] = []

    @cache.cached
    def fails_once() -> str:
        tries.append(1)
        if len(tries) == 1:
            raise ValueError
        return "fine"

    with pytest.raises(ValueError):
        fails_once()
    assert fails_once() == fails_once() == "fine"
    assert len(tries) == 2


def test_two_threads_compute_once() -> None:
    started, go, calls = threading.Event(), threading.Event(), []

    @cache.cached
    def slow(x: int) -> int:
        calls.append(x)
        started.set()
        go.wait(120)
        return x

    threads = [threading.Thread(target=slow, args=(1,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    started.wait(120)
    go.set()
    for thread in threads:
        thread.join(120)
    assert calls == [1]


def test_the_least_recently_used_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    monkeypatch.setattr(cache._by_call, "capacity", 2)
    calls: list[int] = []

    @cache.cached
    def square(x: int) -> int:
        calls.append(x)
        return x * x

    for x in (1, 2, 1, 3, 1, 2):
        square(x)
    assert calls == [1, 2, 3, 2]


def test_a_value_that_no_longer_holds_is_made_again() -> None:
    results: cache.Results[int] = cache.Results(4)
    assert results.peek("key") is None
    assert [results.get("key", lambda: 1), results.get("key", lambda: 2)] == [1, 1]
    assert results.get("key", lambda: 3, holds=lambda value: value > 1) == 3
    assert results.get("key", lambda: 4, holds=lambda value: value > 3, stores=lambda value: False) == 4
    assert (results.peek("key"), len(results)) == (3, 1)


def test_of_one_key_the_values_used_last_are_kept() -> None:
    results: cache.Results[int] = cache.Results(8, per_key=2)
    for value in (1, 2):
        results.put("key", value)
    assert results.get("key", lambda: 9, holds=lambda value: value == 1) == 1
    results.put("key", 3)
    assert [
        results.get("key", lambda: 0, holds=lambda kept, value=value: kept == value) for value in (1, 3, 2)
    ] == [1, 3, 0]

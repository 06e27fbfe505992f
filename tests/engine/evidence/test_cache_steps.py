"""Kept results: never stale whatever changes, not recomputed when nothing that was read changed."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import pytest

from lib.analysis.audit.audit import audit
from lib.analysis.experiments.shared_experiments import overview
from lib.analysis.facilitator_prompts import challenges
from lib.analysis.handoff.handoff_map import handoff_map
from lib.analysis.stage.stage import stage
from lib.analysis.team.team import team
from lib.engine.datasets import demo
from lib.engine.datasets.dataset import Dataset
from lib.engine.evidence import cache
from lib.errors import UserError
from lib.workbook.model import Workbook, fold

DAY = dt.date(2026, 11, 20)
STEPS: dict[str, Callable[[Workbook, Mapping[str, Dataset]], Any]] = {
    "metric_audit": lambda book, data: audit(book, data, today=DAY),
    "handoff_map": lambda book, data: handoff_map(book, data, today=DAY),
    "shared_experiments": overview,
    "stage": stage,
    "team": lambda book, data: team(book, stage(book, data)),
    "challenger": challenges,
}


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Dataset]:
    """The demo company's files."""
    return demo.install(tmp_path_factory.mktemp("kept"))


def _answers(data: Mapping[str, Dataset]) -> dict[str, Any]:
    found: dict[str, Any] = {key: value for _, key, value in demo.answers()}
    return found | {f"datasets/{slot}/fingerprint": item.fingerprint for slot, item in data.items()}


def _told(value: Any) -> Any:
    """A result as plain values that compare, without the hour it was computed."""
    if is_dataclass(value) and not isinstance(value, type):
        return {item.name: _told(getattr(value, item.name)) for item in fields(value) if item.name != "at"}
    if isinstance(value, Mapping):
        return {str(key): _told(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_told(item) for item in value]
    return repr(value)


def _changes(answers: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """One answer of each kind, changed or cleared."""
    seen = set()
    for key, value in answers.items():
        section, _, rest = key.partition("/")
        kind = (section, rest.rpartition("/")[2] if rest.count("/") else rest)
        if section == "datasets" or kind in seen:
            continue
        seen.add(kind)
        if len(seen) % 3 == 0:
            yield key, None
        elif isinstance(value, str):
            yield key, value + " now"
        elif isinstance(value, bool):
            yield key, not value
        elif isinstance(value, int | float):
            yield key, value + 1


@pytest.mark.parametrize("name", STEPS)
def test_no_answer_changes_without_its_result(
    name: str, data: dict[str, Dataset], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever answer changes, the kept result is what a computation from nothing gives."""
    run, answers = STEPS[name], _answers(data)
    shown = {
        slot: data[slot] for slot in ("metrics", "deals")
    }  # the answers are the question here, not the rows
    before = fold(answers, id="w", rev=1)
    run(before, shown)
    for rev, (key, value) in enumerate(_changes(answers), 2):
        after = fold(answers | {key: value}, id="w", rev=rev)
        mine = _outcome(run, after, shown)
        with monkeypatch.context() as patch:
            patch.setattr(cache._by_sections, "_find", lambda key, holds: [])
            assert mine == _outcome(run, after, shown), key


def _outcome(run: Callable[..., Any], book: Workbook, data: Mapping[str, Dataset]) -> Any:
    try:
        return _told(run(book, data))
    except UserError as error:
        return str(error)


@pytest.mark.parametrize("name", STEPS)
def test_no_step_reads_the_revision_or_keeps_the_workbook(name: str, data: dict[str, Dataset]) -> None:
    """With the revision read, nothing would ever be given back; with the workbook kept, it could be read later."""
    book = fold(_answers(data), id="w", rev=1)
    result = STEPS[name](book, data)
    kept = [item for results in cache._by_sections._values.values() for item in results]
    assert kept
    assert all("rev" not in item.read for item in kept)
    assert not list(_workbooks(result, set()))


def _workbooks(value: Any, seen: set[int]) -> Iterator[Workbook]:
    if id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, Workbook):
        yield value
    inner = (
        value.values() if isinstance(value, Mapping)
        else value if isinstance(value, list | tuple | set | frozenset)
        else vars(value).values() if is_dataclass(value)
        else ()
    )  # fmt: skip
    for item in inner:
        yield from _workbooks(item, seen)


def test_each_step_is_given_back_when_something_else_was_saved(data: dict[str, Dataset]) -> None:
    """The title of the deck, a promise, a name on the summary: no step looks at them."""
    answers = _answers(data)
    first = {name: run(fold(answers, id="w", rev=1), data) for name, run in STEPS.items()}
    later = fold(answers | {"summary/title": "Ours", "reviews/x": 1}, id="w", rev=2)
    assert all(run(later, data) is first[name] for name, run in STEPS.items())


def test_a_step_inside_a_step_counts() -> None:
    """The outer result rests on what the inner one read, also when the inner one was kept."""

    @cache.step_cached
    def inner(book: Workbook, data: Mapping[str, Any]) -> str:
        return book.settings.company

    @cache.step_cached
    def outer(book: Workbook, data: Mapping[str, Any]) -> str:
        return f"{inner(book, data)} {len(book.terms)}"

    one, two = (
        fold({"settings/company": "One"}, id="w", rev=1),
        fold({"settings/company": "Two"}, id="w", rev=2),
    )
    assert inner(one, {}) == "One"
    assert (outer(one, {}), outer(two, {}), outer(one, {})) == ("One 0", "Two 0", "One 0")
    changed = fold({"settings/company": "Two", "terms/lead/word": "lead"}, id="w", rev=3)
    assert outer(changed, {}) == "Two 1"


def test_workbooks_days_and_arguments_are_told_apart() -> None:
    calls = []

    @cache.step_cached
    def step(
        book: Workbook, data: Mapping[str, Any], *, today: dt.date | None = None, factor: int = 1
    ) -> int:
        calls.append((book.id, today, factor))
        return len(calls)

    one, other = Workbook(id="a"), Workbook(id="b")
    assert [step(one, {}, today=DAY), step(one, {}, today=DAY), step(other, {}, today=DAY)] == [1, 1, 2]
    assert step(one, {}, today=DAY + dt.timedelta(days=1)) == 3
    assert step(one, {}, today=DAY, factor=2) == 4
    assert step(one, {}) == step(one, {}, today=dt.datetime.now(dt.UTC).date()) == 5


def test_a_new_day_is_a_new_result(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also for a step that only calls one which looks at the day."""

    @cache.step_cached
    def inner(book: Workbook, *, today: dt.date | None = None) -> str:
        return f"{today}"

    @cache.step_cached
    def outer(book: Workbook) -> str:
        return inner(book)

    class Clock(dt.datetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:
            return dt.datetime(2026, 11, 20 + days, tzinfo=tz)

    for days in (0, 1):
        with monkeypatch.context() as patch:
            patch.setattr(cache.dt, "datetime", Clock)
            assert outer(Workbook(id="w")) == f"2026-11-{20 + days}"


def test_looking_at_everything_counts_as_everything() -> None:
    """A dump, a copy and a comparison of fields rest on all sections; True and 1 are different answers."""
    book = fold({"stage/age": 1, "settings/company": "One"}, id="w")
    for look in (
        lambda b: b.model_dump_json(),
        lambda b: b.model_copy(),
        list,
        repr,
        lambda b: dict(vars(b)),
    ):
        view = cache.watched(book)
        look(view)
        assert cache.sections_read(view) == set(Workbook.model_fields)
    calls = []

    @cache.step_cached
    def step(book: Workbook) -> str:
        calls.append(1)
        return repr(book.stage["age"])

    assert (step(fold({"stage/age": 1})), step(fold({"stage/age": True})), len(calls)) == ("1", "True", 2)


def test_errors_and_what_passes_are_not_kept() -> None:
    calls = []

    @cache.step_cached
    def inner(book: Workbook) -> int:
        calls.append(1)
        if len(calls) == 1:
            raise ValueError
        if len(calls) == 2:
            cache.for_now()
        return len(calls)

    @cache.step_cached
    def outer(book: Workbook) -> int:
        return inner(book)

    book = Workbook(id="w")
    with pytest.raises(ValueError):
        outer(book)
    assert [outer(book), outer(book), outer(book)] == [2, 3, 3]


def test_many_at_once_compute_once() -> None:
    calls = []

    @cache.step_cached
    def slow(book: Workbook) -> int:
        calls.append(1)
        time.sleep(0.05)
        return len(book.terms)

    book = Workbook(id="w")
    threads = [threading.Thread(target=slow, args=(book,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(calls) == 1


def test_memory_is_bounded() -> None:
    @cache.step_cached
    def step(book: Workbook) -> int:
        return book.rev

    for rev in range(20):
        step(Workbook(id="w", rev=rev))
    assert len(cache._by_sections) == cache.STATES
    for number in range(cache.STEP_CAPACITY + 20):
        step(Workbook(id=str(number)))
    assert len(cache._by_sections) == cache.STEP_CAPACITY

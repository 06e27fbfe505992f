"""The small parts of the frame: table edits, states of the walk, safe text, the gate, the door."""

from __future__ import annotations

import re
import threading
import time
from collections import deque
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.ui import pages, progress
from lib.ui.kit.conflict import ago
from lib.ui.kit.evidence_view import plain
from lib.ui.kit.table import EditorColumn, changes
from lib.ui.reference import entries
from lib.ui.web import admission, http_security
from lib.ui.workbook.files import slug
from lib.workbook.events import now
from lib.workbook.model import fold
from tests.patience import until

COLUMNS = {
    "name": EditorColumn("Name"),
    "share": EditorColumn("Share", "percent"),
    "when": EditorColumn("When", "date"),
}


def test_only_changed_cells_are_saved_and_only_once() -> None:
    committed: dict[tuple[str, str], Any] = {}
    ids = ["a", "b"]
    first = changes("metrics", ids, {0: {"name": "x"}}, COLUMNS, committed)
    # The editor reports everything since it was mounted, again and again.
    second = changes("metrics", ids, {0: {"name": "x"}, 1: {"share": 12.5}}, COLUMNS, committed)
    assert first == [("metrics/a/name", "x")]
    assert second == [("metrics/b/share", 0.125)]
    assert changes("metrics", ids, {0: {"name": "x"}, 1: {"share": 12.5}}, COLUMNS, committed) == []


def test_a_cell_changed_back_and_forth_is_saved_each_time() -> None:
    committed: dict[tuple[str, str], Any] = {}
    assert changes("metrics", ["a"], {0: {"name": "x"}}, COLUMNS, committed) == [("metrics/a/name", "x")]
    assert changes("metrics", ["a"], {}, COLUMNS, committed) == []
    assert changes("metrics", ["a"], {0: {"name": "x"}}, COLUMNS, committed) == [("metrics/a/name", "x")]


def test_an_emptied_cell_clears_and_a_row_that_is_gone_is_left_alone() -> None:
    edited: Mapping[int, Mapping[str, Any]] = {
        0: {"name": None, "share": None, "when": None},
        7: {"name": "ghost"},
    }
    assert changes("metrics", ["a"], edited, COLUMNS, {}) == [
        ("metrics/a/name", ""), ("metrics/a/share", None), ("metrics/a/when", "")]  # fmt: skip


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=60))
def test_text_of_the_data_stays_text(text: str) -> None:
    bare = re.sub(r"\\.", "", plain(text))
    assert not set(bare) & set("\\`*_{}[]<>#|~$:")
    assert re.sub(r"\\(.)", r"\1", plain(text)) == text


def test_walk_states_follow_the_answers() -> None:
    empty = fold({})
    assert {progress.state(page.path, empty) for page in pages.PAGES} == {"untouched"}
    begun = fold({"metrics/m/name": "NPS", "handoffs/h/event": "trial_start", "ideas/i/name": "x"})
    assert progress.state("metric_audit", begun) == "in progress"
    assert progress.state("handoff_map", begun) == "in progress"
    assert "no time limit agreed" in progress.said("handoff_map", begun)
    done = fold({
        "metrics/m/name": "NPS", "metrics/m/kind": "process", "metrics/m/owners": ["Marketing"], "north_star/metric": "m",
        "handoffs/h/event": "trial_start", "handoffs/h/entry": "a", "handoffs/h/exit": "b", "handoffs/h/sla_hours": 4,
        "experiments/e/decision": "ship", "stage/decision": "growth", "datasets/events/fingerprint": "ab",
    })  # fmt: skip
    steps = ("data", "metric_audit", "handoff_map", "shared_experiments", "stage_choice")
    assert {progress.state(step, done) for step in steps} == {"decided"}
    assert progress.said("metric_audit", done) == "1 metric: 1 process. North Star: NPS"


def test_every_page_is_registered_once_with_a_question() -> None:
    paths = [page.path for page in pages.PAGES]
    assert len(set(paths)) == len(paths)
    assert all(page.question.endswith("?") for page in pages.PAGES)
    files = {path.stem for path in (pages.ROOT / "pages").glob("*.py")}
    assert files == set(paths) & files, "a script in pages/ that nobody can open"


def test_the_gate_lets_one_in_at_a_time_and_long_work_step_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    inside: list[int] = []
    most: list[int] = []
    lock = threading.Lock()

    def run() -> None:
        with admission.inside(), admission.inside():
            with lock:
                inside.append(1)
                most.append(len(inside))
            time.sleep(0.005)
            with lock:
                inside.pop()

    threads = [threading.Thread(target=run) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(most) == 1
    # While one is busy outside, another gets in.
    entered = threading.Event()
    with admission.inside(), admission.long_work("Working"):
        other = threading.Thread(target=lambda: _enter(entered))
        other.start()
        assert entered.wait(120)
        other.join()


def _enter(entered: threading.Event) -> None:
    with admission.inside():
        entered.set()


def test_the_gate_opens_again_after_a_failure() -> None:
    with pytest.raises(ValueError), admission.inside():
        raise ValueError
    done = threading.Event()
    thread = threading.Thread(target=_enter, args=(done,))
    thread.start()
    assert done.wait(120)
    thread.join()


def test_the_gate_is_crowded_by_others_not_by_oneself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "_runs", deque())
    monkeypatch.setattr(admission, "_visit", lambda: "me")
    now = time.monotonic()
    admission._runs.append((now, 3.0, "me"))
    assert not admission.is_crowded()
    admission._runs.append((now - 60, 3.0, "Ann"))  # long ago
    assert not admission.is_crowded()
    admission._runs.extend((now, 0.1, f"visit {i}") for i in range(5))  # 0.5 of 4 seconds
    assert not admission.is_crowded()
    admission._runs.append((now, 0.2, "Ben"))
    assert admission.is_crowded()


def test_a_full_house_is_many_people_lately(monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.monotonic()
    monkeypatch.setattr(admission, "_runs", deque((now - 5, 0.01, f"visit {i % 15}") for i in range(60)))
    assert not admission.is_saturated()
    admission._runs.append((now - 60, 0.01, "long ago"))
    assert not admission.is_saturated()
    admission._runs.append((now, 0.01, "one more"))
    assert admission.is_saturated()


def test_two_who_wait_are_a_crowd(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "_runs", deque())
    with admission.inside():
        threads = [threading.Thread(target=_enter, args=(threading.Event(),)) for _ in range(2)]
        for thread in threads:
            thread.start()
        assert until(admission.is_crowded)
    for thread in threads:
        thread.join()
    assert not admission.is_crowded()


def test_who_takes_little_time_goes_first() -> None:
    order: list[str] = []

    def run(name: str, is_short: bool) -> None:
        with admission.inside(is_short=is_short):
            order.append(name)

    threads = []
    with admission.inside():
        for name, is_short in (("page 1", False), ("part 1", True), ("page 2", False), ("part 2", True)):
            threads.append(threading.Thread(target=run, args=(name, is_short)))
            threads[-1].start()
            assert until(lambda: admission._gate.waiting == len(threads))
    for thread in threads:
        thread.join()
    assert order == ["part 1", "part 2", "page 1", "page 2"]


def test_the_policy_allows_no_foreign_script() -> None:
    policy = http_security.content_security_policy()
    assert "script-src 'self' 'wasm-unsafe-eval' 'sha256-" in policy
    assert "http" not in policy


def test_reference_finds_by_any_word_and_shows_the_grade() -> None:
    found = entries.search("NPS")
    assert found
    assert found[0].section in {"Metrics", "Glossary"}
    assert entries.search("zzzz no such") == []
    graded = [entry for entry in entries.entries() if entry.section != "Sources"]
    assert all("-badge[" in entry.markdown for entry in graded)


def test_ago_and_slug() -> None:
    assert ago(now()) == "0 s ago"
    assert slug("Łódź: Q3 / growth!") == "d-q3-growth"

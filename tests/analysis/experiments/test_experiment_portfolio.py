"""Registration, decision, testability, program, overview."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from lib.analysis.experiments import ideas, minimum_detectable_effect, preregistration, shared_experiments
from lib.analysis.experiments.experiment_portfolio import board, portfolio
from lib.engine.datasets import demo
from lib.errors import NotAllowedError
from lib.workbook.model import Experiment, Idea, Insight, Learning, Workbook, check, fold
from tests.analysis.making import dataset

FULL = {
    "name": "Headline", "process_metric": "trial", "outcome_metric": "paid", "ends_on": "2026-10-04",
    "smallest_effect": 0.1, "planned_total": 10000.0, "variants": ("control", "new"), "control": "control",
}  # fmt: skip


def _people(n: int, arm: str, trials: int, paid: int) -> pd.DataFrame:
    return pd.DataFrame({
        "user_id": [f"{arm}{i}" for i in range(n)], "variant": arm, "trial": [i < trials for i in range(n)],
        "paid": [i < paid for i in range(n)],
        "refund": [i >= n - (200 if arm == "new" else 100) for i in range(n)],
    })  # fmt: skip


def _book(**extra: Any) -> Workbook:
    test = FULL | {"dataset": "experiment"} | extra
    return fold({f"experiments/t/{field}": value for field, value in test.items()})


def _read(tmp_path: Path, control: tuple[int, int], new: tuple[int, int], n: int = 5000, **extra: Any):
    frame = pd.concat([_people(n, "control", *control), _people(n, "new", *new)], ignore_index=True)
    data = {"experiment": dataset(tmp_path, frame, "experiment")}
    return shared_experiments.overview(_book(**extra), data)


@pytest.mark.parametrize(
    ("control", "new", "process", "outcome", "action"),
    [
        ((2000, 500), (2400, 700), "up", "up", "ship"),
        ((2000, 2500), (2400, 2505), "up", "flat", "iterate"),
        ((2400, 500), (2000, 700), "down", "up", "escalate"),
        ((2500, 2500), (2505, 2505), "flat", "flat", "stop"),
        ((2400, 700), (2000, 500), "down", "down", "stop"),
    ],
)
def test_ranges_choose_the_cell(tmp_path: Path, control: tuple[int, int], new: tuple[int, int], process: str,
                                outcome: str, action: str) -> None:  # fmt: skip
    cell = _read(tmp_path, control, new).cells["t"]
    assert (cell.process, cell.outcome, cell.action) == (process, outcome, action)


def test_wide_ranges_choose_no_cell(tmp_path: Path) -> None:
    cell = _read(tmp_path, (80, 20), (90, 25), n=400, planned_total=800.0).cells["t"]
    assert cell.action == ""
    assert cell.needs.startswith("about")


def test_good_is_up_also_where_less_is_better(tmp_path: Path) -> None:
    book = fold({f"experiments/t/{k}": v for k, v in (FULL | {"dataset": "experiment"}).items()}
                | {"metrics/paid/name": "paid", "metrics/paid/direction": "down"})  # fmt: skip
    frame = pd.concat(
        [_people(5000, "control", 2000, 700), _people(5000, "new", 2400, 500)], ignore_index=True
    )
    result = shared_experiments.overview(book, {"experiment": dataset(tmp_path, frame, "experiment")})
    assert result.cells["t"].outcome == "up"


def test_a_worse_guardrail_escalates(tmp_path: Path) -> None:
    book = {
        f"experiments/t/{k}": v
        for k, v in (FULL | {"dataset": "experiment", "guardrails": ["refund"]}).items()
    }
    book |= {"metrics/refund/name": "refund", "metrics/refund/direction": "down"}
    frame = pd.concat(
        [_people(5000, "control", 2000, 500), _people(5000, "new", 2400, 700)], ignore_index=True
    )
    result = shared_experiments.overview(fold(book), {"experiment": dataset(tmp_path, frame, "experiment")})
    assert result.cells["t"].action == "escalate"
    assert "refund" in result.cells["t"].why


def test_lock_shows_what_changed() -> None:
    test = Experiment(**FULL)
    answers = dict(preregistration.lock("t", test, "2026-09-01T08:00:00+00:00"))
    for key, value in answers.items():
        check(key, value)
    locked = fold({f"experiments/t/{k}": v for k, v in FULL.items()} | answers).experiments["t"]
    assert preregistration.changes(locked) == ()
    moved = locked.model_copy(update={"outcome_metric": "clicks", "ends_on": "2026-12-01"})
    assert {change.part for change in preregistration.changes(moved)} == {"outcome metric", "analysis date"}
    forged = locked.model_copy(update={"locked_plan": {**locked.locked_plan, "outcome_metric": "clicks"}})
    assert preregistration.changes(forged)[0].part == "the locked plan itself"
    with pytest.raises(NotAllowedError):
        preregistration.lock("t", locked, "2026-09-02")
    with pytest.raises(NotAllowedError, match="an outcome metric"):
        preregistration.lock("t", Experiment(name="x"), "2026-09-02")


def test_hash_does_not_depend_on_order() -> None:
    assert (
        preregistration.hash_of({"a": 1, "b": 2})
        == preregistration.hash_of({"b": 2, "a": 1})
        != preregistration.hash_of({"a": 2, "b": 1})
    )


def test_override_needs_two_names_and_a_reason() -> None:
    test = Experiment(**FULL)
    with pytest.raises(NotAllowedError, match="both teams"):
        preregistration.decide("t", test, "stop", "ship", "we like it", "Ana", "", "2026-10-05")
    with pytest.raises(NotAllowedError, match="both teams"):
        preregistration.decide("t", test, "", "ship", "", "Ana", "Ben", "2026-10-05")
    with pytest.raises(NotAllowedError, match="Nobody"):
        preregistration.decide("t", test, "ship", "ship", "", "", "", "2026-10-05")
    answers = dict(preregistration.decide("t", test, "stop", "ship", "strategic", "Ana", "Ben", "2026-10-05"))
    assert answers["experiments/t/decided_by"] == ["Ana", "Ben"]
    alone = dict(preregistration.decide("t", test, "ship", "ship", "", "Ana", "", "2026-10-05"))
    assert alone["experiments/t/decision"] == "ship"


def test_can_we_even_test_this() -> None:
    not_testable = minimum_detectable_effect.assess(0.10, 500, 4, 0.10)
    assert not_testable.answer == "not_test"
    assert not_testable.smallest_effect == pytest.approx(0.376, abs=5e-4)
    assert not_testable.weeks_needed == 60
    assert not_testable.advice
    assert minimum_detectable_effect.assess(0.10, 500, 4, 0.40).answer == "testable"
    assert minimum_detectable_effect.assess(0.10, 500, 4, 0.30).answer == "longer"
    unknown = minimum_detectable_effect.assess(None, 500, 4)
    assert unknown.answer == "unknown"
    assert "a share that converts today" in unknown.verdict.needs
    assert minimum_detectable_effect.assess(0.1, 500, 4, 0.4, variants=4).answer != "testable"
    assert minimum_detectable_effect.planned_users(0.10, 0.10) == 29_502
    assert minimum_detectable_effect.planned_users(None, 0.10) is None


def test_traffic_counts_new_people_and_ripe_conversions(tmp_path: Path) -> None:
    rows = []
    start = pd.Timestamp("2026-06-01")  # a Monday
    for week in range(10):
        for i in range(10):
            when = start + pd.Timedelta(weeks=week, hours=i)
            rows += [(f"u{week}-{i}", "trial", when), (f"u{week}-{i}", "trial", when + pd.Timedelta(days=1))]
            if i < 3:
                rows.append((f"u{week}-{i}", "paid", when + pd.Timedelta(days=2)))
            elif i < 6:
                rows.append((f"u{week}-{i}", "paid", when + pd.Timedelta(days=12)))  # outside seven days
    frame = pd.DataFrame(rows, columns=["user_id", "event", "timestamp"])
    found = minimum_detectable_effect.traffic(
        dataset(tmp_path, frame, "events"), "trial", "paid", window_days=7
    )
    assert found is not None
    assert (found.weekly_users, found.baseline) == (10, 0.3)
    assert minimum_detectable_effect.traffic(dataset(tmp_path, frame, "events"), "nothing", "paid") is None


def test_confidence_follows_the_evidence() -> None:
    one = Insight(text="x", source="interview", strength=3)
    strong = Insight(text="y", source="support", strength=5)
    steps = [
        ideas.suggested_confidence([], [])[0], ideas.suggested_confidence([one], [])[0],
        ideas.suggested_confidence([one, strong], [])[0],
        ideas.suggested_confidence([one], [Learning(status="confirmed")])[0],
    ]  # fmt: skip
    assert steps == sorted(steps)
    assert ideas.suggested_confidence([one], [Learning(status="rejected")])[0] < 0.3


def test_scores_and_north_star() -> None:
    idea = Idea(impact=8, confidence=7, ease=6, effort=2, weekly_users=100)
    assert ideas.ice(idea) == 7
    assert ideas.rice(idea, 0.8) == pytest.approx(100 * 13 * 2 * 0.8 / 2)
    assert ideas.rice(Idea(impact=8), 0.8) is None
    book = fold({"north_star/metric": "a", "inputs/1/child": "b", "inputs/1/parent": "a", "inputs/2/child": "c",
                 "inputs/2/parent": "b"})  # fmt: skip
    assert ideas.feeds_north_star(book, "c") is True
    assert ideas.feeds_north_star(book, "z") is False


def test_ideas_name_what_is_missing() -> None:
    idea = Idea(
        because="people stall", believe="a sample", audience="trials", process_metric="a", outcome_metric="a"
    )
    assert ideas.gaps(idea) == (
        "an owner from marketing",
        "an owner from growth",
        "two different metrics",
    )
    whole = idea.model_copy(update={"outcome_metric": "b", "marketing_owner": "Ana", "growth_owner": "Ben"})
    assert ideas.gaps(whole) == ()
    assert ideas.sentence(whole, {"b": "Paid"}) == (
        "Because people stall, we believe a sample for trials will move a and Paid."
    )


def test_empty_company_cannot_tell() -> None:
    result = shared_experiments.overview(Workbook(), {})
    assert result.verdict.status == "unclear"
    assert result.verdict.needs
    assert result.findings == ()
    assert result.overview is None
    assert result.portfolio.decided == 0


def test_a_file_that_cannot_be_read_is_a_problem_not_a_crash(tmp_path: Path) -> None:
    frame = _people(50, "control", 10, 5)
    result = shared_experiments.overview(_book(), {"experiment": dataset(tmp_path, frame, "experiment")})
    assert "same variant" in result.problems["t"].problem
    assert result.readouts == {}


def test_unregistered_file_is_read(tmp_path: Path) -> None:
    frame = pd.concat([_people(500, "control", 100, 50), _people(500, "new", 190, 60)], ignore_index=True)
    result = shared_experiments.overview(Workbook(), {"experiment-3": dataset(tmp_path, frame, "experiment")})
    assert set(result.unregistered) == {"experiment-3"}
    assert result.verdict.text == result.unregistered["experiment-3"].verdict.text


def test_program_and_board() -> None:
    answers = {
        "settings/marketing_lead": "Ana", "settings/growth_lead": "Ben",
        "experiments/a/name": "A", "experiments/a/decision": "ship", "experiments/a/decided_on": "2026-10-07",
        "experiments/a/starts_on": "2026-09-14",
        "experiments/a/forecasts": {"Ana": {"effect": 0.1, "p_ship": 0.9}, "Ben": {"effect": 0.1, "p_ship": 0.1}},
        "experiments/b/name": "B", "experiments/b/decision": "stop", "experiments/b/decided_on": "2026-10-09",
        "learnings/l/learned": "People read titles", "learnings/l/experiment": "b",
    }  # fmt: skip
    found = portfolio(fold(answers), {})
    assert (found.decided, found.shipped, found.win_rate.value) == (2, 1, 0.5)
    assert found.calibration["Marketing"].brier == pytest.approx(0.01)
    assert found.calibration["Growth"].brier == pytest.approx(0.81)
    assert found.notes[0].startswith("Few tests so far: after 8 more")
    newest = board(fold(answers))[0]
    assert newest.shipped == ("A",)
    assert newest.learned == ("B: stop", "People read titles")
    assert found.per_week == pytest.approx(2 / (26 / 7))


def test_the_examples_plans_are_locked_and_unchanged() -> None:
    book = fold({key: value for _, key, value in demo.answers()})
    assert all(test.locked_hash and not preregistration.changes(test) for test in book.experiments.values())


def test_registered_test_read_from_events(tmp_path: Path) -> None:
    start = pd.Timestamp("2026-06-01")
    rows = []
    for i in range(3000):
        arm, at = ("control", "new")[i % 2], start + pd.Timedelta(hours=(i // 2) % (24 * 14))
        rows.append((f"u{i}", "exposed", at, arm))
        if (i // 2) % 10 < (3 if arm == "control" else 4):
            rows.append((f"u{i}", "activated", at + pd.Timedelta(days=2), None))
        if (i // 2) % 20 < (2 if arm == "control" else 4):
            rows.append((f"u{i}", "paid", at + pd.Timedelta(days=3), None))
    rows.append(("end", "visit", start + pd.Timedelta(days=40), None))
    data = {
        "events": dataset(
            tmp_path, pd.DataFrame(rows, columns=["user_id", "event", "timestamp", "variant"]), "events"
        )
    }
    plan = {
        "dataset": "events",
        "process_column": "activated",
        "outcome_column": "paid",
        "smallest_effect": 0.2,
    }
    waiting = shared_experiments.overview(_book(**plan), data)
    assert waiting.readouts == {}  # no assignment event yet: nothing to read, and no error
    assert waiting.problems == {}
    result = shared_experiments.overview(_book(**plan, assignment_event="exposed", window_days=7), data)
    readout = result.readouts["t"]
    assert dict(readout.users) == {"control": 1500, "new": 1500}
    assert readout.joined == ("2026-06-01", "2026-06-14")
    outcome = readout.role("outcome")
    assert outcome is not None
    assert (outcome.comparison.control, outcome.comparison.treatment) == pytest.approx((0.1, 0.2))
    assert result.cells["t"].action == "ship"

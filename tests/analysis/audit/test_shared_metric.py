"""Candidates for a shared metric with a value of a column as the condition, on a table counted by hand."""

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

from lib.analysis.audit.shared_metric import candidates
from lib.analysis.events import first_event_times
from lib.analysis.handoff import handoff_rule
from lib.engine import query
from lib.engine.datasets.dataset import Dataset
from tests.analysis.making import dataset

START = dt.datetime(2026, 1, 5)  # noqa: DTZ001 - files carry plain times
BUSINESS, PAYING_BUSINESS, SOLO, PAYING_SOLO = 200, 120, 300, 30


def _events(folder: Path, *, told_apart: bool = True) -> Dataset:
    """500 trials, 200 on plan business of whom 120 pay ten days later, 300 on plan solo of whom 30 do."""
    rows = []
    people = [("business", i < PAYING_BUSINESS) for i in range(BUSINESS)]
    people += [("solo", i < PAYING_SOLO) for i in range(SOLO)]
    for number, (plan, pays) in enumerate(people):
        at = START + dt.timedelta(hours=number)
        shown = plan if told_apart else ("business", "solo")[number % 2]
        rows.append((f"u{number}", "visit", at, None))
        rows.append((f"u{number}", "trial_start", at + dt.timedelta(hours=1), shown))
        if pays:
            rows.append((f"u{number}", "paid", at + dt.timedelta(days=10), shown))
    rows.append(("late", "visit", START + dt.timedelta(days=90), None))
    frame = pd.DataFrame(rows, columns=["user_id", "event", "timestamp", "plan"])
    return dataset(folder, frame, "events")


def test_the_plan_that_pays_is_proposed_with_counted_numbers(tmp_path: Path) -> None:
    data = _events(tmp_path)
    got = candidates(data)
    best = got.found[0]
    assert (best.event, best.where, best.condition) == ("trial_start", "plan = business", "")
    assert best.name == "Trial start where plan = business"
    assert best.conditions == ["plan = business"]
    assert (best.precision.value, best.precision.n) == (pytest.approx(0.6), BUSINESS)
    assert best.recall == pytest.approx(PAYING_BUSINESS / (PAYING_BUSINESS + PAYING_SOLO))
    alone = next(c for c in got.found if c.event == "trial_start" and not c.where and not c.condition)
    assert alone.precision.value == pytest.approx(0.3)
    assert not any(c.where == "plan = solo" for c in got.found), "worse than the event alone"
    (counted,) = query.query(got.evidence.sql, {"events": data}, dict(got.evidence.params)).rows
    assert tuple(counted) == (BUSINESS, PAYING_BUSINESS), "the query shown gives the numbers said"


def test_a_column_that_says_nothing_is_not_proposed(tmp_path: Path) -> None:
    assert not any(c.where for c in candidates(_events(tmp_path, told_apart=False)).found)


def test_first_times_by_value_are_those_of_the_rule(tmp_path: Path) -> None:
    data = _events(tmp_path)
    found = handoff_rule.first_by_value(data, "plan", ["trial_start", "paid"])
    assert set(found) == {(e, f"plan = {p}") for e in ("trial_start", "paid") for p in ("business", "solo")}
    for (event, where), at in found.items():
        assert (
            at == handoff_rule.times(data, handoff_rule.rule(event, [where]), first_event_times.load(data))
        ).all()

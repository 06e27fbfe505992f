"""Conditions on top of a handoff's event, on a table counted by hand and on random ones against the rule's own SQL."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib.analysis.events import first_event_times
from lib.analysis.handoff import handoff_rule
from lib.analysis.handoff.scenario_conditions import SQL, proposals
from lib.engine import query
from lib.engine.datasets.dataset import Dataset
from tests.analysis.making import dataset

START = dt.datetime(2026, 1, 5)  # noqa: DTZ001 - files carry plain times


def _events(folder: Path, *, plain: bool = False) -> Dataset:
    """400 trials: 100 of team plan (60 pay), 100 of solo plan with three reports before (70 pay), 200 others (20 pay)."""
    rows: list[tuple[str, str, dt.datetime, str | None]] = []
    for number in range(400):
        group = "team" if number < 100 else "reports" if number < 200 else "rest"
        who, at = f"u{number:03d}", START + dt.timedelta(hours=number)
        count = {"team": 1, "reports": 3, "rest": number % 3}[group] if not plain else number % 4
        plan = ("team" if group == "team" else "solo") if not plain else ("team", "solo")[number % 2]
        rows += [(who, "report", at + dt.timedelta(minutes=k), None) for k in range(count)]
        rows.append((who, "trial", at + dt.timedelta(hours=1), plan))
        pays = number % 100 < {"team": 60, "reports": 70, "rest": 10}[group] if not plain else number % 7 < 2
        if pays:
            rows.append((who, "paid", at + dt.timedelta(days=9), None))
    rows.append(("zz", "visit", START + dt.timedelta(days=120), None))
    return dataset(folder, pd.DataFrame(rows, columns=["user_id", "event", "timestamp", "plan"]), "events")


def test_column_and_count_conditions_are_found_with_counted_numbers(tmp_path: Path) -> None:
    data = _events(tmp_path)
    got = proposals(data, "trial", "paid")
    assert got.alone is not None
    assert (got.alone.precision.value, got.alone.precision.n, got.alone.recall) == (0.375, 400, 1.0)
    found = {one.conditions[0]: one for one in got.found}
    team, reports = found["plan = team"], found["event:report >= 3"]
    assert (team.precision.value, team.precision.n, team.recall) == (0.6, 100, 60 / 150)
    assert (reports.precision.value, reports.precision.n, reports.recall) == (0.7, 100, 70 / 150)
    assert reports.words == "after “Report” 3 times"
    assert "plan = solo" not in found, "worse than the event alone"
    (counted,) = query.query(got.evidence.sql, {"events": data}, dict(got.evidence.params)).rows
    best = got.found[0].precision
    assert tuple(counted) == (best.n, round(best.value * best.n)), "the query shown gives the numbers said"


def test_conditions_that_say_nothing_are_not_proposed(tmp_path: Path) -> None:
    got = proposals(_events(tmp_path, plain=True), "trial", "paid")
    assert got.tried >= 4
    assert got.found == ()


def test_too_few_people_say_nothing(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        [("a", "trial", START, "x"), ("a", "paid", START + dt.timedelta(days=1), "x")],
        columns=["user_id", "event", "timestamp", "plan"],
    )
    got = proposals(dataset(tmp_path, frame, "events"), "trial", "paid")
    assert (got.alone, got.found) == (None, ())


@pytest.mark.parametrize("seed", range(4))
def test_counted_conditions_are_those_of_the_portable_query(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    rows = [
        (f"u{chance.randrange(40)}", chance.choice(["a", "a", "b", "end"]), START + dt.timedelta(days=chance.randrange(60)))
        for _ in range(700)
    ]  # fmt: skip
    data = dataset(tmp_path, pd.DataFrame(rows, columns=["user_id", "event", "timestamp"]), "events")
    for text in ("event:a >= 2", "event:b >= 3", "event:a >= 5"):
        wanted = handoff_rule.rule("a", [text])
        made = handoff_rule.compile_rule(data, wanted)
        sql = SQL.format(head=f"{made.before}, ", join=made.join, where=made.where)
        (people, reached) = query.query(
            sql, {"events": data}, {**made.params, "outcome": "end", "horizon": 30}
        ).rows[0]
        mine, done, all_ = (
            handoff_rule.times(data, wanted),
            first_event_times.load(data).of(["end"]),
            first_event_times.load(data),
        )
        until = all_.until - 30 * first_event_times.DAY
        watched = (mine <= until) & (mine < done)
        hit = (
            watched
            & (done - np.where(watched, mine, 0) <= 30 * first_event_times.DAY)
            & (done != first_event_times.NEVER)
        )
        assert (int(watched.sum()), int(hit.sum())) == (people, reached)

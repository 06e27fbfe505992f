"""Reach and baseline proposed from the metrics file and from the names of events."""

import datetime as dt
from pathlib import Path

import pytest

from lib.analysis.experiments import idea_sizing
from lib.workbook.model import Idea, Workbook, fold
from tests.analysis.company_tables import table

LONG = {"date": "date", "metric": "text", "value": "number"}
SPLIT = LONG | {"segment": "text"}
BOOK = fold({"metrics/t/name": "Trials", "metrics/t/series": "trial_starts", "metrics/r/name": "Trial-to-paid rate",
             "metrics/r/series": "trial_to_paid"})  # fmt: skip
IDEA = Idea(process_metric="t", outcome_metric="r")


def _weeks(values: dict[str, list[float]], step: int = 7) -> list[tuple[object, ...]]:
    start = dt.date(2026, 1, 5)
    return [
        ((start + dt.timedelta(days=step * i)).isoformat(), name, value)
        for name, series in values.items()
        for i, value in enumerate(series)
    ]


def test_the_last_eight_weeks_are_the_baseline_and_the_reach(tmp_path: Path) -> None:
    """Ten weeks: the first two, far off, do not count."""
    rows = _weeks(
        {"trial_starts": [9000, 9000, *[200] * 4, *[300] * 4], "trial_to_paid": [0.9, 0.9, *[0.2] * 8]}
    )
    found = idea_sizing.from_metrics(BOOK, {"metrics": table("metrics", rows, tmp_path, LONG)}, IDEA)
    assert found is not None
    assert found.answers == {"baseline": 0.2, "weekly_users": 250.0}
    assert found.baseline is not None
    assert found.baseline.evidence.records()[0]["values_read"] == 8
    assert found.baseline.evidence.sources


@pytest.mark.parametrize(
    ("step", "values", "weekly"), [(1, [10] * 60, 70), (7, [70] * 9, 70), (28, [280] * 4, 70)]
)
def test_any_cadence_becomes_people_a_week(
    tmp_path: Path, step: int, values: list[float], weekly: float
) -> None:
    data = {"metrics": table("metrics", _weeks({"trial_starts": values}, step), tmp_path, LONG)}
    found = idea_sizing.from_metrics(BOOK, data, IDEA)
    assert found is not None
    assert found.answers == {"weekly_users": weekly}


def test_parts_of_a_count_add_up_and_parts_of_a_share_do_not(tmp_path: Path) -> None:
    rows = [(date, name, value / 2, segment) for date, name, value in
            _weeks({"trial_starts": [100] * 8, "trial_to_paid": [0.3] * 8}) for segment in ("a", "b")]  # fmt: skip
    found = idea_sizing.from_metrics(BOOK, {"metrics": table("metrics", rows, tmp_path, SPLIT)}, IDEA)
    assert found is not None
    assert found.answers == {"weekly_users": 100.0}


def test_a_rate_written_in_hundred_is_a_share_and_a_small_count_is_not(tmp_path: Path) -> None:
    rows = _weeks({"trial_starts": [12] * 8, "trial_to_paid": [21.5] * 8})
    found = idea_sizing.from_metrics(BOOK, {"metrics": table("metrics", rows, tmp_path, LONG)}, IDEA)
    assert found is not None
    assert found.answers == {"baseline": 0.215, "weekly_users": 12.0}


def test_nothing_is_proposed_from_nothing(tmp_path: Path) -> None:
    assert idea_sizing.from_metrics(BOOK, {}, IDEA) is None
    short = {"metrics": table("metrics", _weeks({"trial_starts": [5, 6]}), tmp_path, LONG)}
    assert idea_sizing.from_metrics(BOOK, short, IDEA) is None
    other = {"metrics": table("metrics", _weeks({"visits": [5] * 9}), tmp_path, LONG)}
    assert idea_sizing.from_metrics(BOOK, other, IDEA) is None
    assert idea_sizing.from_metrics(BOOK, other, Idea(process_metric="Visits")) is not None, (
        "found by its name"
    )


@pytest.mark.parametrize(
    ("process", "outcome", "expected"),
    [
        ("", "Trial-to-paid rate", ("trial_start", "paid")),
        ("Website visits", "Activation rate", ("signup", "activated")),
        ("trial_start", "paid", ("trial_start", "paid")),
        ("Trial starts", "New paying customers", ("trial_start", "paid")),
        ("", "Happiness", ("", "")),
        ("support_chat", "support_chat", ("", "support_chat")),
    ],
)
def test_metrics_name_the_events(process: str, outcome: str, expected: tuple[str, str]) -> None:
    names = ["visit", "signup", "trial_start", "activated", "paid", "support_chat"]
    assert (
        idea_sizing.likely_events(Workbook(), Idea(process_metric=process, outcome_metric=outcome), names)
        == expected
    )

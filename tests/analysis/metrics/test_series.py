"""What a week of daily values is worth: counts add up, prices and levels do not."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from lib.analysis.metrics.series import MetricSeries, change
from lib.analysis.metrics.series_reading import from_values, read
from lib.engine.calendar import Calendar
from lib.workbook.model import Workbook
from tests.analysis.making import dataset

MONDAY = dt.date(2026, 1, 5)
CALENDAR = Calendar.of(Workbook().settings)
DAYS = [MONDAY + dt.timedelta(days=day) for day in range(28)]


def weekly(folder: Path, name: str, value: float, segments: tuple[str, ...] = ("",)) -> tuple[float, str]:
    """(value, format) of a week whose every day and segment has the same value."""
    rows = [{"date": day, "metric": name, "value": value} | ({"segment": part} if part else {})
            for day in DAYS for part in segments]  # fmt: skip
    found, _ = read(dataset(folder, pd.DataFrame(rows), "metrics", dates=["date"]), CALENDAR)
    return float(found[0].values[1]), found[0].format


@pytest.mark.parametrize(
    ("name", "week"),
    [
        ("signups", 70),  # a count of each day
        ("ad_spend", 70),
        ("revenue", 70),
        ("cost_per_click", 10),  # a price
        ("CAC", 10),
        ("average_order_value", 10),
        ("arpu", 10),
        ("mrr", 10),  # a level
        ("customers", 10),
        ("daily_active_users", 10),
        ("social_followers", 10),
        ("nps", 10),
    ],
)
def test_a_week_of_ten_a_day(tmp_path: Path, name: str, week: float) -> None:
    assert weekly(tmp_path, name, 10)[0] == week


def test_the_segments_of_a_level_add_up_those_of_a_price_do_not(tmp_path: Path) -> None:
    assert weekly(tmp_path / "level", "mrr", 10, ("basic", "pro"))[0] == 20
    assert weekly(tmp_path / "price", "cost_per_click", 10, ("search", "social"))[0] == 10


@pytest.mark.parametrize(
    ("name", "format"),
    [("CAC payback (months)", "number1"), ("response_time_minutes", "number1"), ("cac_payback", "days"),
     ("sales_cycle_days", "number1"), ("speed to lead", "hours")],
)  # fmt: skip
def test_a_time_is_never_written_in_a_unit_its_name_contradicts(
    tmp_path: Path, name: str, format: str
) -> None:
    assert weekly(tmp_path, name, 14)[1] == format


def test_a_query_that_gives_a_level_by_day_is_averaged_too() -> None:
    found = from_values("query:q", "MRR", [(day, 500.0) for day in DAYS], CALENDAR)
    assert found is not None
    assert set(found.values) == {500.0}


def daily(folder: Path, days: list[dt.date], name: str = "visits", added_at: str = "") -> MetricSeries:
    """A metric of ten a day on these days."""
    made = dataset(folder, {"date": days, "metric": [name] * len(days), "value": [10.0] * len(days)}, "metrics",
                   dates=["date"])  # fmt: skip
    return read(replace(made, added_at=added_at), CALENDAR)[0][0]


def test_a_week_with_few_of_its_days_enters_no_change_and_is_named(tmp_path: Path) -> None:
    days = [MONDAY + dt.timedelta(days=day) for day in range(70) if day not in range(58, 63)]
    found = daily(tmp_path, days)
    assert math.isnan(found.values[8])
    assert found.left_out == ("the week of 2026-03-02 (2 of 7 days)",)
    assert change(found).now == 70


def test_days_on_which_nothing_happened_are_not_missing(tmp_path: Path) -> None:
    days = [MONDAY + dt.timedelta(days=day) for day in range(70) if day * 7 % 5 < 3]
    assert not any("of 7 days" in said for said in daily(tmp_path, days, "zorks").left_out)


def test_a_rate_of_a_week_with_few_days_stays(tmp_path: Path) -> None:
    days = [MONDAY + dt.timedelta(days=day) for day in range(70) if day not in range(58, 63)]
    assert daily(tmp_path, days, "reply rate").values[8] == 10


@pytest.mark.parametrize(("added_at", "weeks"), [("2026-03-12T09:00:00", 9), ("2026-03-16T00:00:00", 10)])
def test_the_week_in_which_a_file_was_taken_in_is_not_over(tmp_path: Path, added_at: str, weeks: int) -> None:
    mondays = [MONDAY + dt.timedelta(weeks=week) for week in range(10)]
    found = daily(tmp_path, mondays, added_at=added_at)
    assert len(found.values) == weeks
    assert bool(found.left_out) == (weeks == 9)


def test_a_total_is_read_last_and_its_steps_say_that_it_is_one(tmp_path: Path) -> None:
    mondays = [MONDAY + dt.timedelta(weeks=week) for week in range(14)]
    new = [float(40 + week * 17 % 23) for week in range(14)]
    rows = [{"date": day, "metric": "zorks", "value": n} for day, n in zip(mondays, new, strict=True)]
    rows += [
        {"date": day, "metric": "zork stand", "value": sum(new[: i + 1])} for i, day in enumerate(mondays)
    ]
    found, table = read(dataset(tmp_path, pd.DataFrame(rows), "metrics", dates=["date"]), CALENDAR)
    by_id = {item.id: item for item in found}
    assert by_id["zork stand"].only_rises
    assert not by_id["zorks"].only_rises
    assert "its steps are the values of zorks" in table.method


def test_an_identifier_is_no_series_unless_somebody_says_so(tmp_path: Path) -> None:
    rows = [{"date": day, "metric": "campaign_id", "value": 7.0} for day in DAYS]
    made = dataset(tmp_path, pd.DataFrame(rows), "metrics", dates=["date"])
    assert read(made, CALENDAR)[0] == ()
    assert len(read(replace(made, answers={"counted:campaign_id": "sum"}), CALENDAR)[0]) == 1

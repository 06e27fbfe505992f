"""What a week of daily values is worth: counts add up, prices and levels do not."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

from lib.analysis.metrics.series import from_values, read
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

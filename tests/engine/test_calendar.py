"""Periods in the company's time zone: SQL and kernel agree, also where clocks change."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from lib.engine import query
from lib.engine.calendar import Calendar, Unit
from lib.errors import DataError
from lib.workbook.model import Settings
from tests.event_tables import events

HOUR = 3_600_000


@pytest.mark.parametrize(
    "zone", ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Apia"]
)
@pytest.mark.parametrize("unit", ["day", "week", "month", "quarter"])
@pytest.mark.parametrize(("week_start", "fiscal"), [("monday", 1), ("sunday", 2), ("monday", 4)])
def test_sql_and_kernel_put_every_hour_into_the_same_period(
    tmp_path: Path, zone: str, unit: Unit, week_start: str, fiscal: int
) -> None:
    calendar = Calendar(zone, week_start, fiscal)
    first = dt.datetime(2025, 2, 20, 7, 30, tzinfo=dt.UTC)
    times = [first + dt.timedelta(hours=7 * i) for i in range(1200)]
    data = events([("a", "x", time.replace(tzinfo=None).isoformat()) for time in times], tmp_path)
    sql = f"SELECT CAST({calendar.sql(unit, 'timestamp')} AS DATE) FROM events ORDER BY timestamp"
    want = [row[0] for row in query.query(sql, {"events": data}).rows]
    origin = int(first.timestamp() * 1000)
    units = np.arange(1200, dtype=np.int64) * 7 * HOUR
    spans = calendar.periods(unit, origin, origin + int(units[-1]))
    assert [spans.starts[i] for i in spans.index(units, origin, 1)] == want
    assert len(spans.starts) == len(set(spans.starts)) == len(spans.bounds) - 1


def test_weeks_and_fiscal_quarters_by_hand() -> None:
    wednesday = dt.date(2026, 11, 18)
    assert Calendar().start("week", wednesday) == dt.date(2026, 11, 16)
    assert Calendar(week_start="sunday").start("week", wednesday) == dt.date(2026, 11, 15)
    assert Calendar(fiscal_year_start=2).start("quarter", dt.date(2027, 1, 31)) == dt.date(2026, 11, 1)


def test_a_day_with_data_counts_as_complete() -> None:
    monday = int(dt.datetime(2026, 11, 16, tzinfo=dt.UTC).timestamp() * 1000)
    week = Calendar().periods("week", monday, monday + 6 * 24 * HOUR + HOUR)
    assert week.complete().tolist() == [True]
    assert Calendar().periods("week", monday, monday + 5 * 24 * HOUR).complete().tolist() == [False]


def test_settings_and_a_zone_that_does_not_exist() -> None:
    assert Calendar.of(Settings(time_zone="Europe/Paris", week_start="sunday")).time_zone == "Europe/Paris"
    with pytest.raises(DataError, match="no time zone called 'Mars'"):
        Calendar("Mars")

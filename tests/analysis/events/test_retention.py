"""Retention: cohorts by hand, masking, more than 63 weeks, kernel equal to SQL, verdicts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib.analysis.events.retention import RetentionResult, retention
from lib.analysis.events.retention_verdict import tail_of
from lib.engine import query
from lib.engine.calendar import Calendar
from lib.engine.datasets.dataset import Dataset
from lib.errors import DataError
from tests.event_tables import dataset_of, events

ROWS = [
    ("a", "x", "2026-01-05"), ("a", "x", "2026-01-13"), ("a", "y", "2026-01-26"),
    ("b", "x", "2026-01-06"), ("c", "x", "2026-01-14"), ("c", "x", "2026-01-28"),
]  # fmt: skip  # Mondays: 5, 12, 19, 26 January


def cells(result: RetentionResult) -> dict[tuple[str, int], int]:
    return {(r["cohort"], r["period"]): r["retained"] for r in result.rows}


def test_bounded_and_unbounded_by_hand(tmp_path: Path) -> None:
    data = events(ROWS, tmp_path)
    assert cells(retention(data)) == {
        ("2026-01-05", 0): 2, ("2026-01-05", 1): 1, ("2026-01-05", 2): 0, ("2026-01-05", 3): 1,
        ("2026-01-12", 0): 1, ("2026-01-12", 1): 0, ("2026-01-12", 2): 1,
    }  # fmt: skip
    assert [r["retained"] for r in retention(data, kind="unbounded").rows] == [2, 1, 1, 1, 1, 1, 1]


def test_cells_that_the_data_does_not_cover_have_no_rate(tmp_path: Path) -> None:
    rows = {(r["cohort"], r["period"]): r for r in retention(events(ROWS, tmp_path)).rows}
    assert (rows["2026-01-05", 2]["rate"], rows["2026-01-05", 2]["is_mature"]) == (0.0, True)
    assert (rows["2026-01-05", 3]["rate"], rows["2026-01-05", 3]["is_mature"]) == (None, False)
    assert [r["period"] for r in retention(events(ROWS, tmp_path)).curve] == [0, 1, 2]


def test_return_event_cohort_event_and_months(tmp_path: Path) -> None:
    data = events(ROWS, tmp_path)
    assert cells(retention(data, return_event="y"))["2026-01-05", 3] == 1
    assert cells(retention(data, cohort_event="y")) == {("2026-01-26", 0): 1}
    assert cells(retention(data, period="month")) == {("2026-01-01", 0): 3}
    with pytest.raises(DataError, match="by 'year'"):
        retention(data, period="year")


def test_more_weeks_than_a_mask_has_bits(tmp_path: Path) -> None:
    days = pd.date_range("2022-01-03", periods=200, freq="7D")
    result = retention(events([("a", "x", day.isoformat()) for day in days], tmp_path))
    assert len(result.rows) == 200
    assert all(row["retained"] == 1 for row in result.rows)


@pytest.mark.parametrize("seed", range(12))
def test_kernel_and_portable_sql_agree_on_random_data(tmp_path: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, span = int(rng.integers(30, 600)), int(rng.choice([20, 200, 900])) * 86_400
    frame = pd.DataFrame({
        "user_id": [f"u{i}" for i in rng.integers(0, rng.integers(3, 60), n)], "event": rng.choice(list("abc"), n),
        "timestamp": pd.Timestamp("2023-10-20") + pd.to_timedelta(rng.integers(0, span, n), unit="s"),
    })  # fmt: skip
    data = dataset_of(frame, tmp_path)
    zone = str(rng.choice(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu"]))
    calendar = Calendar(zone, str(rng.choice(["monday", "sunday"])))
    for period in ("week", "month"):
        for kind in ("bounded", "unbounded"):
            for back, start in (("", ""), ("b", ""), ("", "a"), ("b", "a")):
                result = retention(
                    data, period=period, kind=kind, return_event=back, cohort_event=start, calendar=calendar
                )
                table = result.evidence[0]
                rows = query.query(table.sql, {"events": data}, dict(table.params)).rows
                wanted = {(cohort.isoformat(), offset): (users, kept) for cohort, offset, users, kept in rows}
                found = {
                    (r["cohort"], r["period"]): (r["users"], r["retained"])
                    for r in result.rows
                    if r["retained"]
                }
                if (
                    kind == "unbounded"
                ):  # the query names a period only where somebody at all was active in it
                    assert set(found) >= set(wanted)
                    found = {key: found[key] for key in wanted}
                assert found == wanted


def _with_curve(folder: Path, users: int, curve: list[float], seed: int = 5) -> Dataset:
    """All users start in one week; each is active in week k with the chance curve[k]."""
    rng = np.random.default_rng(seed)
    parts = []
    for week, chance in enumerate(curve):
        who = np.flatnonzero(rng.random(users) < chance)
        time = pd.Timestamp("2026-01-05") + pd.Timedelta(weeks=week, hours=3)
        parts.append(pd.DataFrame({"user_id": [f"u{i}" for i in who], "event": "x", "timestamp": time}))
    last = pd.Timestamp("2026-01-05") + pd.Timedelta(weeks=len(curve)) - pd.Timedelta(hours=1)
    parts.append(pd.DataFrame({"user_id": ["u0"], "event": ["x"], "timestamp": [last]}))
    return dataset_of(pd.concat(parts), folder)


@pytest.mark.parametrize(
    ("users", "curve", "code"),
    [
        (20_000, [1, 0.5, 0.35, 0.30, 0.30, 0.30, 0.30], "retention_flat"),
        (20_000, [1, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1], "retention_falling"),
        (20_000, [1, 0.1, 0.02, 0.02, 0.02, 0.02, 0.02], "retention_low"),
        (200, [1, 0.3, 0.1, 0.06, 0.06, 0.06, 0.06], "retention_wide"),
        (50, [1, 0.5, 0.4, 0.4, 0.4, 0.4, 0.4], "retention_short"),
    ],
)
def test_verdict_follows_the_curve(tmp_path: Path, users: int, curve: list[float], code: str) -> None:
    verdict = retention(_with_curve(tmp_path, users, curve)).verdict
    assert verdict.code == code
    assert bool(verdict.needs) == (verdict.status == "unclear")
    assert verdict.text


def test_a_point_is_judged_on_the_same_cohorts() -> None:
    size = np.array([150, 150, 0, 0, 0])
    retained = np.array([[150, 90, 60, 60, 60], [150, 90, 60, 60, 0], *[[0] * 5] * 3])
    tail = tail_of(size, retained, np.array([True, True, True, True, True]))
    assert tail is not None
    assert tail.row[:4] == (150, 2, 4, pytest.approx(0.4))

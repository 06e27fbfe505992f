"""Attribution, lifetime value, growth accounting: exact small tables, kernel equal to portable SQL on random data."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib.analysis.events.attribution import attribution
from lib.analysis.events.growth_accounting import growth_accounting
from lib.analysis.events.ltv import ltv
from lib.engine import query
from lib.engine.calendar import Calendar
from lib.engine.datasets.dataset import Dataset
from lib.errors import DataError
from tests.event_tables import dataset_of, events

COLUMNS = "user_id event timestamp channel"


def random_events(folder: Path, seed: int) -> Dataset:
    rng = np.random.default_rng(seed)
    n, span = int(rng.integers(30, 600)), int(rng.choice([2000, 86_400 * 40, 86_400 * 400]))
    frame = pd.DataFrame({
        "user_id": [f"u{i}" for i in rng.integers(0, rng.integers(3, 60), n)],
        "event": ["p", *rng.choice(list("abp"), n - 1)],
        "timestamp": pd.Timestamp("2023-10-20") + pd.to_timedelta(rng.integers(0, span, n), unit="s"),
        "channel": rng.choice(["x", "y", "z", None], n),
    })  # fmt: skip
    frame["revenue"] = np.where(frame["event"] == "p", rng.integers(1, 100, n), np.nan)
    return dataset_of(frame, folder)


def test_credit_by_hand(tmp_path: Path) -> None:
    rows = [
        ("a", "click", "2026-01-01", "ads"), ("a", "click", "2026-01-08", "mail"), ("a", "click", "2026-01-15", "seo"),
        ("a", "buy", "2026-01-15 00:00:01", "seo"), ("b", "buy", "2026-01-02", None),
        ("c", "click", "2025-11-01", "ads"), ("c", "buy", "2026-01-02", "ads"),
    ]  # fmt: skip
    result = attribution(events(rows, tmp_path, COLUMNS), "buy", touches=["click"])
    credit = {(r["channel"], r["model"]): r["conversions"] for r in result.rows}
    assert [credit["ads", m] for m in ("first", "last", "position")] == pytest.approx([1, 0, 0.4])
    assert [credit["mail", m] for m in ("first", "linear", "position")] == pytest.approx([0, 1 / 3, 0.2])
    assert [credit[name, "decay"] for name in ("ads", "mail", "seo")] == pytest.approx(
        [1 / 7, 2 / 7, 4 / 7], rel=1e-4
    )
    assert {credit["(no touch)", model] for model in result.models} == {2}
    assert result.findings[0].code == "attribution_no_touch"
    assert result.verdict.status == "unclear"


@pytest.mark.parametrize("seed", range(20))
def test_attribution_equals_portable_sql_and_sums_to_conversions(tmp_path: Path, seed: int) -> None:
    data = random_events(tmp_path, seed)
    touches = [["a"], ["a", "b"], []][seed % 3]
    result = attribution(data, "p", touches=touches, lookback_days=[0.01, 1, 30][seed % 3], half_life_days=2)
    table, _, steps = result.evidence
    wanted = {r["channel"]: r for r in query.query(table.sql, {"events": data}, dict(table.params)).records()}
    for row in result.rows:
        if row["channel"] != "(no touch)" and row["model"] != "removal":
            want = wanted.get(row["channel"], {}).get(row["model"], 0)
            assert row["conversions"] == pytest.approx(float(want), abs=1e-9)
    for model in result.models:
        total = sum(r["conversions"] for r in result.rows if r["model"] == model)
        assert total == pytest.approx(result.conversions)
    assert query.query(steps.sql, {"events": data}, dict(steps.params)).rows == steps.rows


def test_one_channel_in_front_by_every_model(tmp_path: Path) -> None:
    rows = []
    for n in range(200):
        channel = "ads" if n < 150 else "mail"
        rows += [(f"u{n}", "click", "2026-01-01", channel), (f"u{n}", "buy", "2026-01-02", None)]
    result = attribution(events(rows, tmp_path, COLUMNS), "buy")
    assert result.verdict.code == "attribution_stable"
    assert "ads leads to buy by every model" in result.verdict.text
    with pytest.raises(DataError, match="model called 'guess'"):
        attribution(events(rows, tmp_path, COLUMNS), "buy", models=["guess"])


def test_value_by_hand(tmp_path: Path) -> None:
    rows = [
        ("a", "visit", "2026-01-01", None), ("a", "paid", "2026-01-10", 30.0), ("a", "paid", "2026-02-05", 10.0),
        ("b", "visit", "2026-01-20", None), ("c", "visit", "2026-03-01", None), ("c", "visit", "2026-03-25", None),
    ]  # fmt: skip
    found = ltv(events(rows, tmp_path, "user_id event timestamp revenue"))
    january = [r for r in found.rows if r["cohort"] == "2026-01-01"]
    assert [(r["customers"], r["revenue_per_customer"], r["is_mature"]) for r in january] == [
        (2, 15.0, True), (2, 20.0, True), (2, None, False),
    ]  # fmt: skip
    assert found.verdict.status == "unclear"


@pytest.mark.parametrize("seed", range(16))
def test_value_equals_portable_sql(tmp_path: Path, seed: int) -> None:
    data = random_events(tmp_path, seed)
    result = ltv(
        data, by=["", "channel"][seed % 2], calendar=Calendar(["UTC", "Asia/Tokyo"][seed % 2]), margin=0.5
    )
    table = result.evidence[0]
    parts = query.query(table.sql, {"events": data}, dict(table.params)).records()
    for row in result.rows:
        if row["is_mature"] and (not result.by or row["segment"] != "all"):
            own = [
                p
                for p in parts
                if p["cohort"].isoformat() == row["cohort"] and p["segment"] == row["segment"]
            ]
            total = sum(float(p["revenue"]) for p in own if p["period"] <= row["period"])
            assert row["revenue_per_customer"] == pytest.approx(total / row["customers"])


def test_growth_by_hand(tmp_path: Path) -> None:
    rows = [("a", "x", "2026-01-05"), ("b", "x", "2026-01-05"), ("a", "x", "2026-02-05"), ("c", "x", "2026-02-05"),
            ("b", "x", "2026-03-31"), ("a", "x", "2026-03-02")]  # fmt: skip
    january, february, march = growth_accounting(events(rows, tmp_path)).rows
    names = ("active", "new", "retained", "resurrected", "churned", "quick_ratio")
    assert [january[n] for n in names] == [2, 2, 0, 0, 0, None]
    assert [february[n] for n in names] == [2, 1, 1, 0, 1, 1.0]
    assert [march[n] for n in names] == [2, 0, 1, 1, 1, 1.0]


@pytest.mark.parametrize("seed", range(12))
def test_growth_equals_portable_sql(tmp_path: Path, seed: int) -> None:
    data = random_events(tmp_path, seed)
    calendar = Calendar(["UTC", "Asia/Tokyo"][seed % 2], ["monday", "sunday"][seed % 2])
    for period in ("week", "month"):
        users, _, money = growth_accounting(data, period=period, calendar=calendar).evidence
        for table in (users, money):
            found = {r["period"]: r for r in table.records()}
            for want in query.query(table.sql, {"events": data}, {}).records():
                row = found[want["period"].isoformat()]
                for name in want.keys() - {"period"}:
                    assert row[name] is None or row[name] == pytest.approx(float(want[name])), name
                    assert row[name] is not None or not row["is_complete"]

"""Handoff scoring: counts by hand, harmless events at one, planted effects found, kernel equal to SQL."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib.analysis.handoff.scoring import HandoffResult, handoff
from lib.engine import query
from lib.engine.datasets import demo
from lib.errors import DataError
from lib.stats.rates import from_sums
from tests.event_tables import dataset_of, events, from_csv

ECOM = Path(__file__).resolve().parents[3].parent / "shared" / "datasets" / "ecom.csv.gz"


def row(result: HandoffResult, event: str) -> dict[str, object]:
    return next(r for r in result.rows if r["event"] == event)


def test_counts_by_hand(tmp_path: Path) -> None:
    rows = [
        ("a", "visit", "2026-01-01"), ("a", "demo", "2026-01-02"), ("a", "paid", "2026-01-05"),
        ("b", "visit", "2026-01-01"), ("b", "demo", "2026-01-02"),
        ("c", "visit", "2026-01-01"), ("c", "paid", "2026-01-03"), ("c", "demo", "2026-01-04"),
        ("d", "visit", "2026-01-01"), ("d", "demo", "2026-01-02"), ("d", "paid", "2026-03-20"),
    ]  # fmt: skip
    demo = row(handoff(events(rows, tmp_path), "paid"), "demo")
    assert (demo["users"], demo["reach"], demo["converted"], demo["after_outcome"]) == (4, 3, 1, 1)
    assert demo["precision"] == pytest.approx(1 / 3)
    assert demo["recall"] == pytest.approx(1 / 3)
    assert demo["lift"] == pytest.approx((1 / 3) / (3 / 4))
    assert demo["lead_hours"] == 72
    visit = row(handoff(events(rows, tmp_path), "paid"), "visit")
    assert visit["is_gate"]
    assert visit["rate_ratio"] is None


def _company(folder: Path, users: int, seed: int) -> object:
    """Paying has a constant hazard after signup, tripled by `key`; `noise` comes at random, `later` needs signup."""
    rng = np.random.default_rng(seed)
    day, end = 86_400, 120 * 86_400
    born = rng.integers(0, end, users)
    signup = np.where(rng.random(users) < 0.3, born + rng.exponential(2 * day, users).astype(int), 10 * end)
    key = np.where(rng.random(users) < 0.5, signup + rng.exponential(4 * day, users).astype(int), 10 * end)
    slow, fast = rng.exponential(200 * day, users), rng.exponential(66 * day, users)
    paid = np.where(signup + slow < key, signup + slow, key + fast).astype(int)
    noise, later = (
        born + rng.exponential(20 * day, users).astype(int),
        signup + rng.exponential(10 * day, users).astype(int),
    )
    names = ("visit", "signup", "key", "paid", "noise", "later")
    frame = pd.concat(
        pd.DataFrame({"user_id": np.arange(users), "event": name, "timestamp": time})
        for name, time in zip(names, (born, signup, key, paid, noise, later), strict=True)
    )
    frame = frame[frame["timestamp"] < end]
    frame["timestamp"] = pd.Timestamp("2026-01-01") + pd.to_timedelta(frame["timestamp"], unit="s")
    return dataset_of(frame.astype({"user_id": str}), folder)


def test_harmless_events_score_one_and_the_planted_effect_three(tmp_path: Path) -> None:
    result = handoff(_company(tmp_path, 60_000, 1), "paid")  # type: ignore[arg-type]
    assert set(result.gates) == {"visit", "signup"}
    assert result.recommended == ("key",)
    assert row(result, "noise")["rate_ratio"] == pytest.approx(1, abs=0.08)
    assert row(result, "noise")["lift"] < 0.85  # type: ignore[operator]
    for name in ("noise", "later"):  # `later` borrows signup's effect unless the gates are held fixed
        assert row(result, name)["past_gates_low"] < 1 < row(result, name)["past_gates_high"]  # type: ignore[operator]
    assert row(result, "later")["rate_ratio"] > 2  # type: ignore[operator]
    planted = row(result, "key")
    assert planted["past_gates_low"] < 3.03 < planted["past_gates_high"]  # type: ignore[operator]
    assert result.verdict.code == "handoff_candidate"
    assert "After “Key”, “Paid” comes" in result.verdict.text


def test_noise_is_hardly_ever_recommended(tmp_path: Path) -> None:
    wrong = sum(
        bool(set(handoff(_company(tmp_path, 8_000, seed), "paid").recommended) - {"key"})  # type: ignore[arg-type]
        for seed in range(20)
    )
    assert wrong <= 2


@pytest.mark.parametrize("seed", range(20))
def test_kernel_and_portable_sql_agree_on_random_data(tmp_path: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, users, span = (
        int(rng.integers(30, 600)),
        int(rng.integers(3, 60)),
        int(rng.choice([50, 5000, 500_000])),
    )
    frame = pd.DataFrame({
        "user_id": [f"u{i}" for i in rng.integers(0, users, n)],
        "event": rng.choice(list("abcdp"), n, p=[0.4, 0.25, 0.15, 0.1, 0.1]),
        "timestamp": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, span, n), unit="s"),
    })  # fmt: skip
    if seed % 2:  # a gate that everybody passes, some a moment late
        gate = pd.DataFrame({"user_id": sorted(set(frame["user_id"])), "event": "gate"})
        gate["timestamp"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(
            rng.integers(0, 2, len(gate)), unit="s"
        )
        frame = pd.concat([frame, gate])
    data = dataset_of(frame, tmp_path)
    result = handoff(data, "p", horizon_days=float(rng.choice([0.001, 0.1, 5])))
    table = result.evidence[0]
    wanted = {r["event"]: r for r in query.query(table.sql, {"events": data}, dict(table.params)).records()}
    for found in result.rows:
        want = wanted[found["event"]]
        for ours, theirs in (
            ("users", "users"),
            ("reach", "reach"),
            ("converted", "converted"),
            ("after_outcome", "after"),
        ):
            assert found[ours] == want[theirs]
        lead = None if want["lead_seconds"] is None else pytest.approx(want["lead_seconds"] / 3600)
        assert found["lead_hours"] == lead
        if not found["is_gate"]:
            sums = (float(want[name] or 0) for name in ("numerator", "denominator", "variance"))
            ratio = from_sums(*sums, 0)
            ours = found["past_gates_ratio" if result.gates else "rate_ratio"]
            assert ours == (None if math.isnan(ratio.value) else pytest.approx(ratio.value, rel=1e-9))


def test_too_few_says_how_many_more(tmp_path: Path) -> None:
    data = events([("a", "visit", "2026-01-01"), ("a", "paid", "2026-01-02")], tmp_path)
    verdict = handoff(data, "paid").verdict
    assert (verdict.status, verdict.needs) == ("unclear", "about 29 more users with Paid")
    with pytest.raises(DataError, match="No event is called 'bought'"):
        handoff(data, "bought")
    with pytest.raises(DataError, match="longer than zero"):
        handoff(data, "paid", horizon_days=0)


def test_a_harmless_event_scores_one_in_data_by_the_day(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    users, days = 60_000, 120
    born = rng.integers(0, days, users)
    times = {
        "visit": born,
        "paid": born + rng.geometric(0.1, users),
        "noise": born + rng.geometric(0.15, users),
    }
    frame = pd.concat(
        pd.DataFrame({"user_id": np.arange(users), "event": k, "day": t}) for k, t in times.items()
    )
    frame = frame[frame["day"] < days]
    frame["timestamp"] = pd.Timestamp("2026-01-01") + pd.to_timedelta(frame.pop("day"), unit="D")
    noise = row(handoff(dataset_of(frame.astype({"user_id": str}), tmp_path), "paid"), "noise")
    assert noise["ci_low"] < 1 < noise["ci_high"]  # type: ignore[operator]
    assert noise["ci_high"] / noise["ci_low"] < 1.06  # type: ignore[operator]


def test_a_step_that_nearly_everybody_takes_is_a_gate(tmp_path: Path) -> None:
    """`open` is missing for two payers of a hundred and two others: a high ratio that rests on four people."""
    rows = []
    for i in range(200):
        day = 1 + i % 20
        rows.append((f"u{i}", "visit", f"2026-01-{day:02d}T00:00"))
        if i not in (0, 1, 150, 151):
            rows.append((f"u{i}", "open", f"2026-01-{day:02d}T02:00"))
        if i < 100:
            rows.append((f"u{i}", "paid", f"2026-01-{day:02d}T{8 + i % 12:02d}:00"))
    result = handoff(events(rows, tmp_path), "paid")
    step = row(result, "open")
    assert step["is_gate"]
    assert not step["is_recommended"]
    assert step["rate_ratio"] is not None
    assert step["past_gates_ratio"] is None
    assert set(result.gates) == {"visit", "open"}


@pytest.mark.skipif(not ECOM.exists(), reason="the public shop data is not beside the repository")
def test_in_a_shop_that_everybody_browses_browsing_is_a_gate(tmp_path: Path) -> None:
    columns = "user_id, event, CAST(timestamp AS TIMESTAMP) AS timestamp"
    result = handoff(from_csv(ECOM, tmp_path, columns), "purchase")
    assert {"product_view", "catalog"} <= set(result.gates)
    assert not {"product_view", "catalog"} & set(result.recommended)
    assert "payment_details" in result.recommended


def test_the_example_company_hands_over_at_the_invite_and_nowhere_else(tmp_path: Path) -> None:
    result = handoff(demo.install(tmp_path)["events"], "paid")
    assert result.recommended == ("invite_sent",)
    assert set(result.gates) == {"visit", "signup", "trial_start", "activated"}


def test_what_is_done_on_the_day_of_the_outcome_counts_where_only_days_are_known(tmp_path: Path) -> None:
    rows = [(f"u{i:02}", "visit", "2026-01-01") for i in range(40)]
    rows += [(f"u{i:02}", kind, "2026-01-04") for i in range(10) for kind in ("demo_held", "won")]
    found = row(handoff(events(rows, tmp_path), "won"), "demo_held")
    assert (found["reach"], found["converted"], found["recall"], found["lead_hours"]) == (10, 10, 1, 0)

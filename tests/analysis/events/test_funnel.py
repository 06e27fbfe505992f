"""Funnels: exact answers on small tables, kernel and portable SQL equal on random data, censoring, verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from lib.analysis.events.funnel import FunnelResult, funnel
from lib.engine import query
from lib.errors import DataError
from tests.event_tables import dataset_of, events, from_csv

ECOM = Path(__file__).resolve().parents[3].parent / "shared" / "datasets" / "ecom.csv.gz"
END = ("z", "end", "2027-01-01")  # far away, so that every window above has passed


def users(result: FunnelResult, segment: str = "all") -> list[int]:
    return [row["users"] for row in result.rows if row["segment"] == segment]


def run_funnel(folder: Path, rows: Sequence[Sequence[Any]], steps: str, **options: Any) -> FunnelResult:
    return funnel(events([*rows, END], folder), steps.split(), **options)


def test_any_entry_finds_the_later_attempt_and_first_attempt_does_not(tmp_path: Path) -> None:
    rows = [
        ("u", "a", "2026-01-01"),
        ("u", "a", "2026-02-01"),
        ("u", "b", "2026-02-02"),
        ("v", "a", "2026-01-01"),
    ]
    assert users(run_funnel(tmp_path, rows, "a b")) == [2, 1]
    assert users(run_funnel(tmp_path, rows, "a b", entry="first")) == [2, 0]


def test_the_window_runs_from_the_first_step_and_includes_its_end(tmp_path: Path) -> None:
    rows = [("u", "a", "2026-01-01"), ("u", "b", "2026-01-08"), ("u", "c", "2026-01-15")]
    assert users(run_funnel(tmp_path, rows, "a b c", window_days=14)) == [1, 1, 1]
    assert users(run_funnel(tmp_path, rows, "a b c", window_days=13.9)) == [1, 1, 0]
    assert users(run_funnel(tmp_path, rows, "a b c", step_window_days=(None, 6))) == [1, 1, 0]


def test_order_matters_and_equal_times_count_in_step_order(tmp_path: Path) -> None:
    rows = [
        ("u", "b", "2026-01-01"),
        ("u", "a", "2026-01-02"),
        ("v", "b", "2026-01-01"),
        ("v", "a", "2026-01-01"),
    ]
    for entry in ("any", "first"):
        assert users(run_funnel(tmp_path, rows, "a b", entry=entry)) == [2, 1]


def test_one_event_never_fills_two_steps(tmp_path: Path) -> None:
    rows = [("once", "a", "2026-01-01"), ("twice", "a", "2026-01-01"), ("twice", "a", "2026-01-02")]
    for entry in ("any", "first"):
        assert users(run_funnel(tmp_path, rows, "a a", entry=entry)) == [2, 1]


def test_rates_leave_out_users_whose_window_is_open(tmp_path: Path) -> None:
    rows = [(f"old{i}", "a", "2026-01-01") for i in range(4)] + [("old0", "b", "2026-01-03 12:00:00")]
    rows += [("new", "a", "2026-01-30"), ("new", "b", "2026-01-31")]
    start, end = funnel(events(rows, tmp_path), ["a", "b"]).rows
    assert (start["users"], start["immature_users"], end["users"], end["immature_users"]) == (5, 1, 2, 1)
    assert (end["conversion_rate"], end["step_conversion_rate"], end["median_hours"]) == (0.25, 0.25, 60.0)
    assert (round(end["ci_low"], 3), round(end["ci_high"], 3)) == (0.046, 0.699)  # Wilson 1 of 4


def test_everybody_immature_has_no_rate_and_says_what_is_missing(tmp_path: Path) -> None:
    result = funnel(events([("u", "a", "2026-01-01"), ("u", "b", "2026-01-02")], tmp_path), ["a", "b"])
    assert [row["conversion_rate"] for row in result.rows] == [None, None]
    assert (result.verdict.status, result.verdict.needs[:8]) == ("unclear", "about 30")
    assert "Can't tell yet" in result.verdict.text


def test_data_cut_off_earlier_never_changes_who_counts_as_converted(tmp_path: Path) -> None:
    """Users who come in just before the end never lower a rate (they are not in it)."""
    rows: list[tuple[str, str, str]] = []
    for day in range(1, 29):
        for n in range(4):
            rows.append((f"u{day}-{n}", "a", f"2026-01-{day:02}"))
            if n == 0:
                rows.append((f"u{day}-{n}", "b", f"2026-01-{day:02} 20:00:00"))
    end = [("z", "c", "2026-01-30")]
    late = [(f"late{n}", "a", "2026-01-29 23:00:00") for n in range(500)]
    plain = funnel(events(rows + end, tmp_path), ["a", "b"], window_days=7)
    crowded = funnel(events(rows + late + end, tmp_path), ["a", "b"], window_days=7)
    assert plain.rows[1]["conversion_rate"] == crowded.rows[1]["conversion_rate"] == 0.25


@pytest.mark.parametrize("seed", range(24))
def test_kernel_and_portable_sql_agree_on_random_data(tmp_path: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, span = int(rng.integers(3, 400)), int(rng.choice([5, 50, 5000, 5_000_000]))
    frame = pd.DataFrame(
        {
            "user_id": [f"u{i}" for i in rng.integers(0, rng.integers(1, 12), n)],
            "event": rng.choice(list("abcde"), n),
            "timestamp": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, span, n), unit="s"),
            "channel": rng.choice(["x", "y", None], n),
        }
    )
    data = dataset_of(frame, tmp_path)
    steps = [str(step) for step in rng.choice(sorted(set(frame["event"])), rng.integers(2, 6))]
    window = float(rng.choice([1, 10, 100, 3600, 432_000])) / 86_400
    gaps = [None if rng.random() < 0.6 else window * 0.4 for _ in steps[1:]] if seed % 2 else []
    for entry in ("any", "first"):
        for by in ("", "channel"):
            result = funnel(data, steps, window_days=window, entry=entry, by=by, step_window_days=gaps)
            table = result.evidence[0]
            wanted = {
                (segment, position): (number, late, wait)
                for segment, position, number, late, wait in query.query(
                    table.sql, {"events": data}, dict(table.params)
                ).rows
            }
            found = {(r["segment"], r["position"]): r for r in result.rows if r["users"]}
            assert found.keys() == wanted.keys()
            for key, (number, late, wait) in wanted.items():
                row = found[key]
                assert (row["users"], row["immature_users"]) == (number, late), (key, steps)
                if key[1] > 1:
                    assert row["median_hours"] == (None if wait is None else pytest.approx(wait / 3600))


def test_more_rows_than_one_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from lib.engine.kernels import funnel as kernel

    rng = np.random.default_rng(1)
    frame = pd.DataFrame({
        "user_id": [f"u{i}" for i in rng.integers(0, 300, 5000)], "event": rng.choice(list("abc"), 5000),
        "timestamp": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 10**6, 5000), unit="s"),
    })  # fmt: skip
    data = dataset_of(frame, tmp_path)
    whole = funnel.__wrapped__(data, ["a", "b", "c"], window_days=1)  # type: ignore[attr-defined]
    monkeypatch.setattr(kernel, "_BLOCK_ROWS", 64)
    assert funnel.__wrapped__(data, ["a", "b", "c"], window_days=1).rows == whole.rows  # type: ignore[attr-defined]


def test_segments_that_differ_make_a_mixed_verdict(tmp_path: Path) -> None:
    rows = []
    for channel, share in (("good", 0.5), ("poor", 0.1)):
        for n in range(200):
            rows.append((f"{channel}{n}", "a", "2026-01-01", channel))
            if n < 200 * share:
                rows.append((f"{channel}{n}", "b", "2026-01-02", channel))
    data = events([*rows, ("z", "c", "2026-12-01", "none")], tmp_path, "user_id event timestamp channel")
    result = funnel(data, ["a", "b"], by="channel")
    assert (result.verdict.status, result.verdict.code) == ("mixed", "funnel_segments_differ")
    assert "good brings 50.0\u00a0% through, poor only 10.0\u00a0%" in result.verdict.text
    assert result.fact("conversion_rate", 1, "good").text == "50.0\u00a0%"
    assert result.findings[0].code == "funnel_leak"


def test_where_nobody_is_lost_no_step_is_blamed(tmp_path: Path) -> None:
    days = {"a": "2026-01-01", "b": "2026-01-02"}
    result = run_funnel(
        tmp_path, [(f"u{i}", event, day) for i in range(200) for event, day in days.items()], "a b"
    )
    assert result.verdict.code == "funnel_all"
    assert "Everybody gets from a to b" in result.verdict.text
    assert result.findings == ()


def test_users_without_a_segment_and_many_segments(tmp_path: Path) -> None:
    rows = [(f"u{n}", "a", "2026-01-01", f"c{n // 2:02}" if n < 60 else None) for n in range(65)]
    rows += [("u1", "b", "2026-01-02", "c00")]
    result = funnel(
        events([*rows, (*END, None)], tmp_path, "user_id event timestamp channel"), ["a", "b"], by="channel"
    )
    assert len(result.segments) == 21
    assert {"all", "(none)", "(other)"} <= set(result.segments)
    parts = sum(r["users"] for r in result.rows if r["position"] == 1 and r["segment"] != "all")
    assert parts == users(result)[0] == 65


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"steps": ["a"]}, "between two and"),
        ({"steps": ["a", "nope"]}, "No event is called 'nope'"),
        ({"window_days": 0}, "longer than zero"),
        ({"entry": "every"}, "called 'every'"),
        ({"by": "colour"}, "no column 'colour'"),
        ({"step_window_days": (1, 1, 1)}, "more step windows"),
    ],
)
def test_what_cannot_be_asked_is_said(tmp_path: Path, options: dict[str, Any], words: str) -> None:
    data = events([("u", "a", "2026-01-01"), ("u", "b", "2026-01-02")], tmp_path)
    steps = options.pop("steps", ["a", "b"])
    with pytest.raises(DataError, match=words):
        funnel(data, steps, **options)


@pytest.mark.skipif(not ECOM.exists(), reason="the public shop data is not beside the repository")
def test_shop_data_against_a_plain_loop(tmp_path: Path) -> None:
    mapping = "user_id, event, CAST(timestamp AS TIMESTAMP) AS timestamp, acquisition_channel AS channel"
    data = from_csv(ECOM, tmp_path, mapping)
    steps, window = ["home", "add_to_cart", "cart", "purchase"], pd.Timedelta(days=3)
    frame = pd.read_csv(ECOM, parse_dates=["timestamp"])
    levels = {user: _level(part, steps, window) for user, part in frame.groupby("user_id")}
    wanted = [sum(level > k for level in levels.values()) for k in range(4)]
    assert users(funnel(data, steps, window_days=3)) == wanted
    assert wanted[0] == frame[frame.event == "home"].user_id.nunique()


def _level(part: pd.DataFrame, steps: list[str], window: pd.Timedelta) -> int:
    """Longest chain from any entry, by trying every entry and following each step greedily."""
    times = {step: sorted(part.loc[part.event == step, "timestamp"]) for step in steps}
    best = 0
    for entry in times[steps[0]]:
        at, level = entry, 1
        for step in steps[1:]:
            later = [t for t in times[step] if at <= t <= entry + window]
            if not later:
                break
            at, level = later[0], level + 1
        best = max(best, level)
    return best

"""Every event analysis against plain Python written from its definition: ties, window edges, zones, duplicates."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib.analysis.events.attribution import attribution
from lib.analysis.events.funnel import funnel
from lib.analysis.events.growth_accounting import growth_accounting
from lib.analysis.events.ltv import ltv
from lib.analysis.events.retention import retention
from lib.analysis.handoff.scoring import handoff
from lib.engine.calendar import Calendar
from lib.engine.datasets.dataset import Dataset
from lib.engine.kernels import activity
from lib.engine.kernels import funnel as kernel
from lib.engine.kernels import handoff as scores
from tests.analysis import brute_force as plain
from tests.event_tables import dataset_of

SEEDS = range(24)
START = 1_698_000_000  # 22 October 2023, a week before the clocks go back in Berlin
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Auckland")


@pytest.fixture(autouse=True)
def _small_blocks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of the data pass through blocks of a few users, as millions of events do."""
    if request.node.callspec.params["seed"] % 2:
        for module, name, value in (
            (activity, "_BLOCK_FLAGS", 64), (activity, "_BLOCK_EVENTS", 0), (activity, "_COUNT_USERS", 3),
            (kernel, "_BLOCK_ROWS", 7), (scores, "_CHUNK", 3),
        ):  # fmt: skip
            assert hasattr(module, name)
            monkeypatch.setattr(module, name, value)


def made(seed: int) -> tuple[np.random.Generator, list[plain.Event]]:
    """A few users with many ties: times lie on a grid that windows are multiples of, and rows come twice."""
    rng = np.random.default_rng(seed)
    n, grid = int(rng.integers(20, 160)), int(rng.choice([1, 3600, 6 * 3600, 43_200]))
    span = int(rng.choice([40 * grid, 20 * plain.DAY, 200 * plain.DAY]))
    users, kinds = int(rng.integers(2, 25)), list("abcdp")
    events: list[plain.Event] = [("u0", kind, START, "x", None) for kind in kinds[: int(rng.integers(3, 6))]]
    events.append(("u0", "p", START, None, 5.0))
    for _ in range(n):
        kind = str(rng.choice(kinds))
        channel = ["x", "y", "Z", None][int(rng.integers(4))]
        events.append((
            f"u{rng.integers(users)}", kind, START + int(rng.integers(0, span // grid + 1)) * grid,
            channel, float(rng.integers(-5, 50)) if kind == "p" else None,
        ))  # fmt: skip
    twice = [events[i] for i in rng.integers(0, len(events), n // 8)]
    return rng, events + twice


def stored(events: list[plain.Event], folder: Path) -> Dataset:
    frame = pd.DataFrame(events, columns=["user_id", "event", "timestamp", "channel", "revenue"])
    frame["timestamp"] = pd.to_datetime(frame["timestamp"], unit="s")
    return dataset_of(frame, folder)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("entry", ["any", "first"])
def test_funnel(tmp_path: Path, seed: int, entry: str) -> None:
    rng, events = made(seed)
    data = stored(events, tmp_path)
    names = sorted({e[1] for e in events})
    for _ in range(6):
        steps = [str(s) for s in rng.choice(names, int(rng.integers(2, 5)))]  # names come again
        days = float(rng.choice([0.25, 0.5, 1, 5, 14, 400]))
        gaps = [None if rng.random() < 0.6 else float(rng.choice([0.25, 1, 3])) for _ in steps[1:]]
        result = funnel(data, steps, window_days=days, entry=entry, by="channel", step_window_days=gaps)
        wanted = plain.funnel(
            events, steps, days * plain.DAY, entry, [None if g is None else g * plain.DAY for g in gaps]
        )
        found = {(r["segment"], r["position"]): r for r in result.rows}
        assert {key for key, r in found.items() if r["users"]} == set(wanted), (steps, days, gaps)
        for key, (users, immature, median) in wanted.items():
            row = found[key]
            assert (row["users"], row["immature_users"]) == (users, immature), (steps, days, gaps, key)
            assert row["median_hours"] == (None if median is None else pytest.approx(median))
            entered = wanted[key[0], 1]
            mature = entered[0] - entered[1]
            assert row["conversion_rate"] == (pytest.approx((users - immature) / mature) if mature else None)


@pytest.mark.parametrize("seed", SEEDS)
def test_retention_and_growth(tmp_path: Path, seed: int) -> None:
    rng, events = made(seed)
    data = stored(events, tmp_path)
    zone, week_start = str(rng.choice(ZONES)), str(rng.choice(["monday", "sunday"]))
    calendar = Calendar(zone, week_start)
    names = ["", *sorted({e[1] for e in events})]
    for unit in ("week", "month"):
        for kind in ("bounded", "unbounded"):
            for back, start in (("", ""), (str(rng.choice(names)), str(rng.choice(names)))):
                result = retention(
                    data, period=unit, kind=kind, return_event=back, cohort_event=start, calendar=calendar
                )
                wanted = plain.retention(events, unit, kind, back, start, zone, week_start)
                found = {
                    (r["cohort"], r["period"]): (r["users"], r["retained"], r["is_mature"])
                    for r in result.rows
                }
                assert found == wanted, (unit, kind, back, start)
                for row in result.rows:
                    assert row["rate"] == (row["retained"] / row["users"] if row["is_mature"] else None)
        flows = {
            r["period"]: (r["active"], r["new"], r["retained"], r["resurrected"], r["churned"])
            for r in growth_accounting(data, period=unit, calendar=calendar).rows
        }
        for period, flow in plain.growth(events, unit, zone, week_start).items():
            assert flows[period][:4] == flow[:4]
            assert flows[period][4] in (flow[4], None)  # an incomplete last period has no losses yet
        assert len(flows) == len(plain.growth(events, unit, zone, week_start))


@pytest.mark.parametrize("seed", SEEDS)
def test_attribution(tmp_path: Path, seed: int) -> None:
    rng, events = made(seed)
    data = stored(events, tmp_path)
    names = sorted({e[1] for e in events} - {"p"})
    touches = [] if seed % 3 == 0 else [str(k) for k in rng.choice(names, 2)]
    lookback, half_life = float(rng.choice([0.25, 1, 30])), float(rng.choice([0.5, 7]))
    result = attribution(data, "p", touches=touches, lookback_days=lookback, half_life_days=half_life)
    wanted, conversions = plain.attribution(events, "p", touches, lookback * plain.DAY, half_life * plain.DAY)
    assert result.conversions == conversions
    for row in result.rows:
        assert row["conversions"] == pytest.approx(wanted.get((row["channel"], row["model"]), 0), abs=1e-6), (
            row
        )
    assert {key for key, value in wanted.items() if value > 0} <= {
        (r["channel"], r["model"]) for r in result.rows
    }
    for model in result.models:
        assert sum(r["conversions"] for r in result.rows if r["model"] == model) == pytest.approx(conversions)
        assert sum(r["share"] for r in result.rows if r["model"] == model) == pytest.approx(1)


@pytest.mark.parametrize("seed", SEEDS)
def test_ltv(tmp_path: Path, seed: int) -> None:
    rng, events = made(seed)
    data, zone = stored(events, tmp_path), str(rng.choice(ZONES))
    wanted = plain.ltv(events, zone, plain.first_channel)
    found = {
        (r["cohort"], r["segment"], r["period"]): r
        for r in ltv(data, by="channel", calendar=Calendar(zone)).rows
    }
    assert {key for key in wanted if wanted[key][2]} <= set(found)
    for key, row in found.items():
        if key in wanted:
            customers, value, is_mature = wanted[key]
            assert (row["customers"], row["is_mature"]) == (customers, is_mature), key
            assert row["revenue_per_customer"] == (pytest.approx(value, abs=1e-9) if is_mature else None)
        else:
            assert not row["is_mature"]


@pytest.mark.parametrize("seed", SEEDS)
def test_handoff(tmp_path: Path, seed: int) -> None:
    rng, events = made(seed)
    data, days = stored(events, tmp_path), float(rng.choice([0.25, 1, 30]))
    result = handoff(data, "p", horizon_days=days)
    wanted = plain.handoff(events, "p", days * plain.DAY)
    past = plain.handoff(events, "p", days * plain.DAY, result.gates) if result.gates else {}
    outcomes = len({e[0] for e in events if e[1] == "p"})
    assert {r["event"] for r in result.rows} == set(wanted)
    for row in result.rows:
        want = wanted[row["event"]]
        for name in ("users", "reach", "converted", "after_outcome"):
            assert row[name] == want[name], (row["event"], name)
        for name in ("precision", "recall", "lift", "lead_hours"):
            assert row[name] == (None if want[name] is None else pytest.approx(want[name])), (
                row["event"],
                name,
            )
        is_required = want["before"] >= 0.99 * outcomes
        is_common = want["before"] >= 0.95 * outcomes and want["users"] >= 0.95 * len({e[0] for e in events})
        assert row["is_gate"] == (is_required or is_common)
        if is_required:
            assert row["rate_ratio"] is None
        else:
            behind = {} if row["is_gate"] else past.get(row["event"], {})
            for name, value in (("rate_ratio", want), ("past_gates_ratio", behind)):
                ratio = value.get("rate_ratio")
                assert row[name] == (None if ratio is None else pytest.approx(ratio)), (row["event"], name)

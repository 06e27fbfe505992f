"""Readouts: exact answers on small tables, public data, checks, words."""

import dataclasses
import datetime as dt
import functools
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.analysis.experiments import experiment_reading
from lib.analysis.experiments.design import Design, MetricSpec, guess, likely_control, parse_metric
from lib.analysis.experiments.interim_looks import merge
from lib.analysis.experiments.sufficient_statistics import DAY, count
from lib.errors import DataError, MappingError
from tests.analysis.making import dataset

COOKIE_CATS = Path(__file__).resolve().parents[3].parent / "shared" / "datasets" / "cookie_cats.csv"


def _people(n: int, converted: int, variant: str, start: int = 0) -> pd.DataFrame:
    return pd.DataFrame({
        "user_id": [f"{variant}{i + start}" for i in range(n)], "variant": variant,
        "paid": [i < converted for i in range(n)],
    })  # fmt: skip


def _test(tmp_path: Path, *arms: tuple[str, int, int], **extra: object) -> experiment_reading.Readout:
    frame = pd.concat([_people(n, x, name) for name, n, x in arms], ignore_index=True)
    return experiment_reading.read(dataset(tmp_path, frame, "experiment"), Design(**extra) if extra else None)  # type: ignore[arg-type]


def test_exact_counts_and_effect(tmp_path: Path) -> None:
    readout = _test(tmp_path, ("control", 400, 100), ("new", 400, 140))
    effect = readout.effect("paid")
    assert effect is not None
    assert (effect.n_control, effect.n_variant) == (400, 400)
    assert effect.comparison.control == 0.25
    assert effect.comparison.effect.value == pytest.approx(0.10)
    assert effect.comparison.relative.value == pytest.approx(0.40)
    assert effect.state == "better"
    assert readout.verdict.code == "better"
    assert readout.srm.p_value == 1.0
    always = effect.always
    assert always.low < effect.comparison.effect.low
    assert always.high > effect.comparison.effect.high


def test_moments_equal_pandas(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    n = 500
    frame = pd.DataFrame({
        "user_id": [f"u{i}" for i in range(n)], "variant": rng.choice(["a", "b", "c"], n),
        "revenue": rng.gamma(1, 1e6, n) + 1e9, "visits": rng.poisson(5, n) + 1, "visits_before": rng.poisson(5, n),
    })  # fmt: skip
    design = Design("a", (MetricSpec("revenue", "ratio", "visits"),), covariate="visits_before")
    counted = count(dataset(tmp_path, frame, "experiment"), design)
    for name, group in frame.groupby("variant"):
        m = counted.statistics["all", "revenue/visits", str(name)]
        cov = group[["revenue", "visits", "visits_before"]].cov().to_numpy()
        assert m.n == len(group)
        assert (m.y, m.d, m.x) == pytest.approx(
            (group.revenue.mean(), group.visits.mean(), group.visits_before.mean())
        )
        assert (m.yy, m.dd, m.xx) == pytest.approx((cov[0, 0], cov[1, 1], cov[2, 2]), rel=1e-6)
        assert (m.yd, m.yx, m.dx) == pytest.approx((cov[0, 1], cov[0, 2], cov[1, 2]), rel=1e-5, abs=1e-3)


def test_one_person_counts_once_and_nobody_in_two_variants(tmp_path: Path) -> None:
    frame = pd.concat([_people(200, 40, "control"), _people(200, 60, "new")], ignore_index=True)
    again = frame.iloc[[0]].copy()
    crossed = pd.DataFrame({"user_id": ["control5"], "variant": ["new"], "paid": [False]})
    readout = experiment_reading.read(dataset(tmp_path, pd.concat([frame, again, crossed]), "experiment"))
    assert dict(readout.users) == {"control": 199, "new": 200}
    states = {gate.name: gate.state for gate in readout.checks}
    assert states["crossed"] == "watch"
    assert states["repeated"] == "watch"


def test_missing_values_are_left_out_of_their_metric_only(tmp_path: Path) -> None:
    frame = pd.concat([_people(150, 40, "control"), _people(150, 60, "new")], ignore_index=True)
    frame["score"] = [None if i % 3 == 0 else float(i % 7) for i in range(len(frame))]
    readout = experiment_reading.read(dataset(tmp_path, frame, "experiment"))
    paid, score = readout.effect("paid"), readout.effect("score")
    assert paid is not None
    assert score is not None
    assert (paid.n_control, score.n_control) == (150, 100)


def test_uneven_split_stops_the_reading(tmp_path: Path) -> None:
    readout = _test(tmp_path, ("control", 1000, 100), ("new", 1300, 200))
    assert readout.srm.state == "alarm"
    assert readout.verdict.code == "sample_ratio"
    assert not readout.is_valid
    planned = _test(
        tmp_path / "b", ("control", 1000, 100), ("new", 1300, 200), shares=(("control", 10), ("new", 13))
    )
    assert planned.srm.state == "ok"


def test_few_people_are_silent(tmp_path: Path) -> None:
    readout = _test(tmp_path, ("control", 60, 10), ("new", 60, 30))
    assert readout.verdict.status == "unclear"
    assert readout.effects[0].state == "silent"
    rare = _test(tmp_path / "b", ("control", 500, 2), ("new", 500, 30))
    assert rare.effects[0].state == "silent"


def test_cannot_tell_says_how_many_more(tmp_path: Path) -> None:
    readout = _test(tmp_path, ("control", 400, 40), ("new", 400, 45))
    assert readout.verdict.code == "cant_tell"
    # 10 % up from 10 % needs 14,751 a variant; 400 are there; rounded up to two digits.
    assert readout.effects[0].more == 15_000
    assert readout.verdict.needs == "about 15,000 more people per variant"


def test_no_difference_needs_a_narrow_range(tmp_path: Path) -> None:
    readout = _test(tmp_path, ("control", 20_000, 10_000), ("new", 20_000, 10_010))
    assert readout.verdict.code == "no_difference"


def test_early_look_is_read_by_the_always_valid_range(tmp_path: Path) -> None:
    arms = (("control", 1000, 100), ("new", 1000, 130))
    late = _test(tmp_path, *arms, planned_total=2000)
    early = _test(tmp_path / "b", *arms, planned_total=9000)
    assert late.effects[0].state == "better"
    assert early.effects[0].state == "unclear"
    assert any(gate.name == "planned_size" for gate in early.checks)


def _by_days(days: list[tuple[int, int, int]]) -> pd.DataFrame:
    """One day each: people a variant, conversions of control, conversions of new."""
    frames = []
    for number, (n, a, b) in enumerate(days):
        for arm, converted in (("control", a), ("new", b)):
            frame = _people(n, converted, arm, start=1000 * number)
            frame["joined"] = dt.date(2026, 9, 7) + dt.timedelta(days=number)
            frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def test_what_was_clear_once_stays_clear_however_often_one_looks(tmp_path: Path) -> None:
    """Five clear days, then nine without any difference: a reading of the total alone would take it back."""
    days = [(400, 40, 56)] * 5 + [(400, 40, 40)] * 9
    design = Design("control", (MetricSpec("paid", "proportion"),), date_column="joined", reading="sequential",
                    planned_total=12_000.0)  # fmt: skip
    told = []
    for until in range(5, 15):
        data = dataset(tmp_path / str(until), _by_days(days[:until]), "experiment")
        readout = experiment_reading.read(data, design)
        effect = readout.effects[0]
        told.append(effect.state)
        assert effect.always.low > 0
        assert effect.clear_since == "2026-09-10", "10 against 14 % of 1 600: the first range without zero"
    assert set(told) == {"better"}
    assert "looking again does not take that back" in " ".join(readout.verdict.why)
    blind = experiment_reading.read(data, replace(design, date_column=""))
    assert blind.effects[0].state == "unclear", "without dates only today's look counts"
    assert blind.effects[0].always.low <= 0


def test_ranges_that_contradict_one_another_count_for_nothing(tmp_path: Path) -> None:
    """The effect was there and is gone: data that changed underneath are read as they are today."""
    data = dataset(tmp_path, _by_days([(400, 40, 100)] * 5 + [(400, 60, 50)] * 20), "experiment")
    design = Design(
        "control", (MetricSpec("paid", "proportion"),), date_column="joined", reading="sequential"
    )
    dated, blind = (
        experiment_reading.read(data, replace(design, date_column=name)) for name in ("joined", "")
    )
    assert dated.effects[0].clear_since == ""
    assert dated.effects[0].always == blind.effects[0].always


def test_looks_that_never_were_clear_change_nothing(tmp_path: Path) -> None:
    data = dataset(tmp_path, _by_days([(400, 60, 61)] * 14), "experiment")
    design = Design(
        "control", (MetricSpec("paid", "proportion"),), date_column="joined", reading="sequential"
    )
    dated, blind = (
        experiment_reading.read(data, replace(design, date_column=name)) for name in ("joined", "")
    )
    assert dated.effects[0].clear_since == ""
    assert dated.effects[0].always == blind.effects[0].always


@pytest.mark.parametrize("kind", ["ratio", "covariate"])
def test_days_added_up_are_the_whole(tmp_path: Path, kind: str) -> None:
    """Sums by day, merged, equal the sums of everybody: also for ratios and with a covariate."""
    rng = np.random.default_rng(7)
    n = 600
    frame = pd.DataFrame({
        "user_id": [f"u{i}" for i in range(n)], "variant": ["control", "new"] * (n // 2),
        "joined": [dt.date(2026, 9, 7) + dt.timedelta(days=i % 10) for i in range(n)],
        "spent": rng.exponential(20, n), "visits": rng.integers(1, 9, n), "before": rng.normal(5, 1, n),
    })  # fmt: skip
    metric = MetricSpec("spent", "ratio", "visits") if kind == "ratio" else MetricSpec("spent", "mean")
    design = Design(
        "control", (metric,), date_column="joined", covariate="before" if kind == "covariate" else ""
    )
    data = dataset(tmp_path, frame, "experiment")
    whole, daily = count(data, design), count(data, design, DAY)
    for arm in ("control", "new"):
        parts = [m for (_, _, variant), m in sorted(daily.statistics.items()) if variant == arm]
        assert len(parts) >= 5
        merged = functools.reduce(merge, parts)
        assert dataclasses.astuple(merged) == pytest.approx(
            dataclasses.astuple(whole.statistics[("all", metric.name, arm)])
        )


def test_several_variants_and_metrics_are_adjusted(tmp_path: Path) -> None:
    frame = pd.concat([_people(800, 100, "control"), _people(800, 104, "b"), _people(800, 140, "c")])
    frame["kept"] = [i % 4 == 0 for i in range(len(frame))]
    readout = experiment_reading.read(dataset(tmp_path, frame, "experiment"), Design("control"))
    assert len(readout.effects) == 4
    for effect in readout.effects:
        assert effect.p_adjusted >= effect.comparison.p_value - 1e-12
    best = readout.effect("paid", "c")
    assert best is not None
    assert best.shrunken is not None
    assert 0 < best.shrunken.value < best.comparison.relative.value


def test_segments_and_run_length(tmp_path: Path) -> None:
    frame = pd.concat([_people(700, 100, "control"), _people(700, 160, "new")], ignore_index=True)
    frame["device"] = ["phone" if i % 2 else "desktop" for i in range(len(frame))]
    frame["joined"] = [dt.date(2026, 9, 7) + dt.timedelta(days=i % 14) for i in range(len(frame))]
    readout = experiment_reading.read(dataset(tmp_path, frame, "experiment", dates=["joined"]))
    assert {effect.level for effect in readout.segments} == {"device = phone", "device = desktop"}
    assert {gate.name: gate.state for gate in readout.checks}["run_length"] == "ok"
    assert readout.joined == ("2026-09-07", "2026-09-20")
    frame["joined"] = dt.date(2026, 9, 7)
    short = experiment_reading.read(dataset(tmp_path / "b", frame, "experiment", dates=["joined"]))
    assert {gate.name: gate.state for gate in short.checks}["run_length"] == "fail"
    assert short.verdict.status == "unclear"


def test_covariate_narrows_and_a_moved_one_is_refused(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    n = 2000
    before = rng.gamma(2, 5, n)
    variant = np.where(rng.random(n) < 0.5, "control", "new")
    spent = before * 2 + rng.normal(0, 4, n) + (variant == "new") * 0.8
    frame = pd.DataFrame({"user_id": range(n), "variant": variant, "spent_before": before, "spent": spent})
    frame["user_id"] = frame["user_id"].astype(str)
    data = dataset(tmp_path, frame, "experiment")
    with_it, without = (
        experiment_reading.read(data),
        experiment_reading.read(data, Design("control", (MetricSpec("spent", "mean"),))),
    )
    assert with_it.effects[0].comparison.se < 0.5 * without.effects[0].comparison.se
    frame["spent_before"] += (variant == "new") * 5
    refused = experiment_reading.read(dataset(tmp_path / "b", frame, "experiment"))
    assert {gate.name for gate in refused.checks} >= {"covariate"}
    assert refused.effects[0].comparison.variance_kept == 1.0


def test_from_events(tmp_path: Path) -> None:
    start = dt.datetime(2026, 9, 1)  # noqa: DTZ001 - clean tables keep UTC without zone
    rows = []
    for i in range(400):
        arm, at = ("control", "new")[i % 2], start + dt.timedelta(hours=i % 200)
        rows.append((f"u{i}", "exposed", at, arm, None))
        rows.append((f"u{i}", "visit", at - dt.timedelta(days=1), None, None))
        if (i // 2) % 10 < (2 if arm == "control" else 4):
            rows.append((f"u{i}", "paid", at + dt.timedelta(days=3), None, 50.0))
        elif i % 5 == 0:
            rows.append((f"u{i}", "paid", at + dt.timedelta(days=20), None, 50.0))  # after the window
    rows.append(("late", "exposed", start + dt.timedelta(days=40), "new", None))
    rows.append(("end", "visit", start + dt.timedelta(days=45), None, None))
    frame = pd.DataFrame(rows, columns=["user_id", "event", "timestamp", "variant", "revenue"])
    design = Design("control", (MetricSpec("paid", "proportion"), MetricSpec("revenue", "mean")),
                    assignment_event="exposed", window_days=14)  # fmt: skip
    readout = experiment_reading.read(dataset(tmp_path, frame, "events"), design)
    paid, revenue = readout.effect("paid"), readout.effect("revenue")
    assert paid is not None
    assert revenue is not None
    assert (paid.comparison.control, paid.comparison.treatment) == pytest.approx((0.2, 0.4))
    assert revenue.comparison.treatment == pytest.approx(20.0)
    assert dict(readout.users) == {"control": 200, "new": 200}  # "late" has not had its window yet


def test_mistakes_are_said_in_words(tmp_path: Path) -> None:
    one = dataset(tmp_path, _people(10, 1, "control"), "experiment")
    with pytest.raises(DataError, match="same variant"):
        experiment_reading.read(one)
    two = dataset(tmp_path / "b", pd.concat([_people(150, 20, "x"), _people(150, 20, "y")]), "experiment")
    with pytest.raises(DataError, match="No variant is called"):
        experiment_reading.read(two, Design("z", (MetricSpec("paid", "proportion"),)))
    with pytest.raises(MappingError, match="no column"):
        experiment_reading.read(two, Design("x", (MetricSpec("gone", "mean"),)))
    with pytest.raises(MappingError):
        parse_metric("paid")
    many = pd.DataFrame(
        {"user_id": [str(i) for i in range(60)], "variant": [str(i) for i in range(60)], "paid": True}
    )
    with pytest.raises(DataError, match="more than 50"):
        experiment_reading.read(dataset(tmp_path / "c", many, "experiment"))


def test_guess(tmp_path: Path) -> None:
    frame = pd.concat([_people(10, 1, "control"), _people(10, 2, "new")], ignore_index=True)
    frame["zero_one"] = [i % 2 for i in range(20)]
    frame["rounds"] = range(20)
    frame["visits_before"] = 3
    frame["device"] = ["phone", "desktop"] * 10
    found = guess(dataset(tmp_path, frame, "experiment"))
    kinds = {metric.name: metric.kind for metric in found.metrics}
    assert kinds == {"paid": "proportion", "zero_one": "proportion", "rounds": "mean"}
    assert (found.control, found.covariate, found.segments) == ("control", "visits_before", ("device",))
    assert likely_control(["b", "original_page"]) == "b"  # no exact sign of control: alphabetical


@settings(max_examples=25, deadline=None)
@given(st.integers(100, 3000), st.integers(100, 3000), st.floats(0, 1), st.floats(0, 1))
def test_swapping_sides_mirrors_the_effect(tmp_path_factory: pytest.TempPathFactory, n: int, m: int, p: float,
                                           q: float) -> None:  # fmt: skip
    arms = (("a", n, round(n * p)), ("b", m, round(m * q)))
    frame = pd.concat([_people(k, x, name) for name, k, x in arms], ignore_index=True)
    data = dataset(tmp_path_factory.mktemp("swap"), frame, "experiment")
    one = (
        experiment_reading.read(data, Design("a", (MetricSpec("paid", "proportion"),))).effects[0].comparison
    )
    two = (
        experiment_reading.read(data, Design("b", (MetricSpec("paid", "proportion"),))).effects[0].comparison
    )
    assert one.effect.value == pytest.approx(-two.effect.value, abs=1e-12)
    assert (one.effect.low, one.effect.high) == pytest.approx((-two.effect.high, -two.effect.low), abs=1e-9)
    assert one.p_value == pytest.approx(two.p_value, nan_ok=True)


@pytest.mark.skipif(not COOKIE_CATS.exists(), reason="the public A/B test is not beside the repository")
def test_public_ab_test(tmp_path: Path) -> None:
    frame = pd.read_csv(COOKIE_CATS).rename(columns={"userid": "user_id", "test_version": "variant"})
    readout = experiment_reading.read(dataset(tmp_path, frame, "experiment"))
    one, seven = readout.effect("retention_1"), readout.effect("retention_7")
    assert one is not None
    assert seven is not None
    assert (round(one.comparison.control, 4), round(one.comparison.treatment, 4)) == (0.4482, 0.4423)
    assert one.comparison.p_value == pytest.approx(0.0744, abs=5e-5)
    assert (round(seven.comparison.control, 4), round(seven.comparison.treatment, 4)) == (0.1902, 0.1820)
    assert seven.comparison.p_value == pytest.approx(0.0016, abs=5e-5)
    assert readout.srm.p_value == pytest.approx(0.0086, abs=5e-5)
    assert readout.srm.state == "watch"
    assert readout.verdict.code == "worse"
    text = readout.verdict.text.replace("\u00a0", " ")
    assert text.startswith("“Gate 30” stays ahead: “Gate 40” worsens retention 7: 19.0 % to 18.2 %")
    assert math.isfinite(readout.effects[2].comparison.p_value)


def _once(planned: float, **changes: object) -> Design:
    return replace(
        Design("control", (MetricSpec("paid", "proportion"),), date_column="joined", planned_total=planned),
        **changes,  # type: ignore[arg-type]
    )


def test_a_planned_look_is_taken_once_over_those_who_had_joined_by_then(tmp_path: Path) -> None:
    """Ten days fill the plan without a difference; ten more, with one, no longer turn the verdict."""
    days = [(100, 20, 21)] * 10 + [(100, 20, 30)] * 10
    then = experiment_reading.read(dataset(tmp_path / "a", _by_days(days[:10]), "experiment"), _once(2000))
    later = experiment_reading.read(dataset(tmp_path / "b", _by_days(days), "experiment"), _once(2000))
    assert later.effects[0].comparison == then.effects[0].comparison
    assert later.effects[0].state == then.effects[0].state == "unclear"
    (said,) = [gate.text for gate in later.checks if gate.name == "planned_look"]
    assert "4,000 people are in, 2,000 were planned" in said
    assert "16\u00a0Sep 2026" in said
    blind = experiment_reading.read(
        dataset(tmp_path / "c", _by_days(days), "experiment"), _once(2000, date_column="")
    )
    assert blind.effects[0].state == "better"
    assert any("no date says who had joined by then" in gate.text for gate in blind.checks)


def test_looks_before_the_planned_one_share_the_accepted_chance_with_it(tmp_path: Path) -> None:
    """p 0.047 would be enough for a look that nothing came before; nine tenths of 5 % are left for this one."""
    arms = (("control", 1000, 100), ("new", 1000, 128))
    alone, planned = _test(tmp_path, *arms), _test(tmp_path / "b", *arms, planned_total=2000)
    assert 0.045 < planned.effects[0].comparison.p_value < 0.05
    assert (alone.effects[0].state, planned.effects[0].state) == ("better", "unclear")
    assert planned.effects[0].comparison.effect.low <= 0 < alone.effects[0].comparison.effect.low
    assert any("together no more than was accepted" in gate.text for gate in planned.checks)


def test_what_an_early_look_had_made_clear_holds_at_the_planned_one(tmp_path: Path) -> None:
    days = [(400, 40, 64)] * 5 + [(400, 40, 33)] * 9
    told = experiment_reading.read(dataset(tmp_path, _by_days(days), "experiment"), _once(11_200))
    effect = told.effects[0]
    assert (effect.state, effect.clear_since) == ("better", "2026-09-09")
    assert effect.p_adjusted > 0.05, "the planned look alone would have taken it back"
    assert effect.always.low > 0
    assert "range " + told.verdict.facts["low"].text in told.verdict.text
    early = experiment_reading.read(dataset(tmp_path / "e", _by_days(days[:5]), "experiment"), _once(11_200))
    assert early.effects[0].state == "better", "it was told the same at the time"

"""Series statistics against statsmodels, exact splits, adjusted p-values against the small versions."""

import math
from unittest import mock

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as some
from scipy import stats
from statsmodels.stats.multitest import multipletests

from lib.stats.adjust import holm
from lib.stats.adjust_many import holm_array
from lib.stats.decompose import factors, mix_and_rate, volume_and_rate
from lib.stats.lag_correlation import correlation_p, lagged
from lib.stats.prewhitening import fill, whiten
from lib.stats.series import hac_slope_error, trend


def test_newey_west_is_that_of_statsmodels() -> None:
    y = np.cumsum(np.random.default_rng(3).normal(size=60))
    fit = sm.OLS(y, sm.add_constant(np.arange(60.0))).fit(
        cov_type="HAC", cov_kwds={"maxlags": 7, "use_correction": True}
    )
    assert hac_slope_error(y, 7) == pytest.approx((fit.params[1], fit.bse[1]), rel=1e-9)


def test_correlation_p_is_that_of_scipy() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=30), rng.normal(size=30)
    r, p = stats.pearsonr(x, y)
    assert float(correlation_p(np.array(r), np.array(30.0))) == pytest.approx(p, rel=1e-9)


def test_trend_of_a_straight_line_is_exact() -> None:
    found = trend(np.arange(20) * 3.0 + 5)
    assert (found.slope.value, found.level, found.p_value) == (
        pytest.approx(3),
        pytest.approx(33.5),
        pytest.approx(0, abs=1e-9),
    )


def test_trend_says_nothing_of_seven_values() -> None:
    found = trend(np.arange(7.0))
    assert math.isnan(found.p_value)
    assert found.slope.low == -math.inf


@pytest.mark.parametrize("memory", [0.0, 0.5])
def test_trend_interval_covers_despite_autocorrelation(memory: float) -> None:
    rng, hits = np.random.default_rng(5), 0
    for _ in range(300):
        noise, x = rng.normal(size=46), np.zeros(46)
        for i in range(1, 46):
            x[i] = memory * x[i - 1] + noise[i]
        hits += trend(x[20:]).slope.low <= 0 <= trend(x[20:]).slope.high
    assert hits / 300 >= 0.90


def test_lead_is_found_at_its_lag_and_not_elsewhere() -> None:
    rng = np.random.default_rng(2)
    lead = rng.normal(size=122)
    follower = lead[:120] + 0.5 * rng.normal(size=120)
    found = lagged(whiten(lead[2:, None]), whiten(follower[:, None]), 8)
    assert int(found.p[:, 0, 0].argmin()) == 2
    assert found.r[2, 0, 0] > 0.8
    assert (np.abs(np.delete(found.r[:, 0, 0], 2)) < 0.35).all()


def test_a_lead_into_a_wandering_outcome_keeps_its_lag() -> None:
    rng = np.random.default_rng(4)
    lead = rng.normal(size=122)
    follower = lead[:120] + np.cumsum(0.6 * rng.normal(size=120))
    found = lagged(whiten(lead[2:, None]), whiten(follower[:, None]), 8)
    assert int(found.p[:, 0, 0].argmin()) == 2


def test_gaps_count_less_and_are_not_invented() -> None:
    rng = np.random.default_rng(9)
    x = rng.normal(size=(80, 1))
    y = x.copy()
    y[10:30] = np.nan
    whole, holey = lagged(whiten(x), whiten(x), 0), lagged(whiten(x), whiten(y), 0)
    assert holey.n[0, 0, 0] == whole.n[0, 0, 0] - 20


def test_constant_series_relate_to_nothing() -> None:
    flat = np.full((60, 1), 5.0)
    moving = np.random.default_rng(1).normal(size=(60, 1))
    found = lagged(whiten(flat), whiten(moving), 3)
    assert not (found.p < 0.05).any()


def test_fill_is_linear_and_holds_the_ends() -> None:
    column = np.array([[math.nan], [2.0], [math.nan], [4.0], [math.nan]])
    assert fill(column).ravel().tolist() == [2, 2, 3, 4, 4]


p_lists = some.lists(some.floats(0, 1), min_size=1, max_size=30)


@given(p_lists)
def test_adjusted_p_values_agree_with_the_small_version_and_statsmodels(p: list[float]) -> None:
    array = np.array(p)
    np.testing.assert_allclose(holm_array(array), holm(p), rtol=1e-9, atol=1e-12)
    with mock.patch("gc.collect"):  # statsmodels sweeps the whole process's memory at every call
        wanted = multipletests(p, method="holm")[1]
    np.testing.assert_allclose(holm_array(array), np.asarray(wanted), rtol=1e-9, atol=1e-12)


def test_adjusting_keeps_shape_and_leaves_nan_out() -> None:
    assert holm_array(np.array([[0.01, math.nan], [0.04, 0.03]])).tolist() == [
        [0.03, pytest.approx(math.nan, nan_ok=True)],
        [0.06, 0.06],
    ]


def test_a_hand_checked_split() -> None:
    # 100 trials at 20 % and 100 at 40 %; then 300 at 20 % and 100 at 30 %.
    split = mix_and_rate(
        np.array([20.0, 40.0]), np.array([100.0, 100.0]), np.array([60.0, 30.0]), np.array([300.0, 100.0])
    )
    assert (split.before, split.after) == (0.30, 0.225)
    assert split.rate.tolist() == pytest.approx([0, -0.0375])  # -10 points at a mean share of 37.5 %
    assert split.mix.tolist() == pytest.approx([-0.015625, -0.021875])
    assert split.mix.sum() + split.rate.sum() == pytest.approx(-0.075)


counts = some.lists(some.tuples(some.integers(0, 500), some.integers(0, 500)), min_size=1, max_size=8)


@given(counts, counts)
def test_mix_and_rate_always_add_up_and_turn_with_the_periods(a: list, b: list) -> None:
    size = min(len(a), len(b))
    whole0, whole1 = (np.array([x[1] for x in side[:size]], float) for side in (a, b))
    # A part may be larger than its whole, and there without one: revenue per visit, revenue of no channel.
    part0, part1 = (np.array([x[0] for x in side[:size]], float) for side in (a, b))
    if whole0.sum() == 0 or whole1.sum() == 0:
        return
    split = mix_and_rate(part0, whole0, part1, whole1)
    assert split.mix.sum() + split.rate.sum() == pytest.approx(split.after - split.before, abs=1e-9)
    back = mix_and_rate(part1, whole1, part0, whole0)
    assert back.mix == pytest.approx(-split.mix, abs=1e-9)
    volume, rate = volume_and_rate(part0, whole0, part1, whole1)
    assert volume + rate == pytest.approx(part1 - part0, abs=1e-9)


def test_segments_that_come_go_or_have_no_whole_still_add_up() -> None:
    part0, whole0 = np.array([20.0, 25.0, 0.0, 7.0, 0.0]), np.array([100.0, 50.0, 0.0, 0.0, 0.0])
    part1, whole1 = np.array([30.0, 0.0, 4.0, 0.0, 9.0]), np.array([300.0, 0.0, 40.0, 0.0, 0.0])
    split = mix_and_rate(part0, whole0, part1, whole1)
    assert split.mix.sum() + split.rate.sum() == pytest.approx(43 / 340 - 52 / 150, abs=1e-12)
    assert split.rate[1:].tolist() == [0, 0, 0, 0]
    volume, rate = volume_and_rate(part0, whole0, part1, whole1)
    assert volume + rate == pytest.approx(part1 - part0)


@given(some.lists(some.tuples(some.floats(0.01, 1e4), some.floats(0.01, 1e4)), min_size=1, max_size=5))
def test_factors_add_up_to_the_change_of_the_product(pairs: list[tuple[float, float]]) -> None:
    before, after = (np.array(side) for side in zip(*pairs, strict=True))
    whole = float(np.prod(after) - np.prod(before))
    assert factors(before, after).sum() == pytest.approx(whole, rel=1e-6, abs=1e-6 * float(np.prod(before)))

"""Published and independently computed values: every figure the product's statistics are held to, in one place."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from lib.analysis.kpis.money_kpis import ltv_variants
from lib.analysis.kpis.survey_kpis import nps_interval
from lib.stats import power, sequential, srm
from lib.stats.compare import VariantStatistics, compare
from lib.stats.intervals import exact, wilson, z_value
from lib.stats.shrinkage import Interval as Range
from lib.stats.shrinkage import cumulative

COOKIE_CATS = Path(__file__).resolve().parents[2].parent / "shared" / "datasets" / "cookie_cats.csv"


@pytest.mark.parametrize(("p", "q", "method", "n"), [
    (0.20, 0.25, "miller", 1030), (0.20, 0.25, "pooled", 1094), (0.20, 0.25, "arcsine", 1092),
    (0.05, 0.055, "miller", 30244), (0.05, 0.055, "pooled", 31233), (0.05, 0.055, "arcsine", 31217),
    (0.10, 0.11, "miller", 14313), (0.10, 0.11, "pooled", 14751),
])  # fmt: skip
def test_people_per_variant(p: float, q: float, method: str, n: int) -> None:
    assert power.n_per_variant_proportion(p, q, method=method) == n


def test_growthbook_documented_case() -> None:
    """14.41 %, 2,195 users a week, two arms: documented 34.5 % and 41 %."""
    week = 2195 / 2
    assert power.smallest_effect_proportion(0.1441, week, method="relative") == pytest.approx(0.346, abs=5e-4)
    assert power.power_proportion(0.1441, 0.2, week) == pytest.approx(0.413, abs=5e-4)
    assert power.power_proportion(0.1441, 0.2, 3 * week) == pytest.approx(0.854, abs=5e-4)


def test_smallest_effect_of_two_methods() -> None:
    assert power.smallest_effect_proportion(0.1, 1000) == pytest.approx(0.376, abs=5e-4)
    assert power.smallest_effect_proportion(0.1, 1000, method="relative") == pytest.approx(0.473, abs=5e-4)


def test_shares() -> None:
    assert (wilson(16, 40).low, wilson(16, 40).high) == pytest.approx((0.263, 0.554), abs=5e-4)
    assert (wilson(25, 50).low, wilson(25, 50).high) == pytest.approx((0.366, 0.634), abs=5e-4)
    assert (exact(2, 40).low, exact(2, 40).high) == pytest.approx((0.0061, 0.1692), abs=5e-5)


def test_nps_with_error() -> None:
    score = nps_interval(50, 20, 100)
    assert (score.value, score.high - score.value) == (30, pytest.approx(15.3, abs=0.05))


def test_sample_ratio() -> None:
    fine, off = srm.check([5000, 5200]), srm.check([10000, 10500])
    assert (round(fine.p_value, 4), fine.state) == (0.0477, "ok")
    assert (round(off.p_value, 5), off.state) == (0.00048, "alarm")


def test_width_of_the_always_valid_interval() -> None:
    factors = [sequential.width_factor(n) / z_value(0.95) for n in (500, 5000, 100_000)]
    assert factors == pytest.approx([1.97, 1.55, 1.70], abs=0.005)


def test_type_one_error_of_peeking() -> None:
    """1, 5, 10, 20, 50 equally spaced looks at a fixed 95 % interval."""
    rng, runs = np.random.default_rng(1), 20_000
    for looks, published in ((1, 0.05), (5, 0.142), (10, 0.193), (20, 0.246), (50, 0.318)):
        walk = rng.normal(size=(runs, looks)).cumsum(axis=1) / np.sqrt(np.arange(1, looks + 1))
        assert (np.abs(walk) > z_value(0.95)).any(axis=1).mean() == pytest.approx(published, abs=0.012)


def test_lifetime_value() -> None:
    found = ltv_variants(100, 0.8, 0.03)
    values = (found.simple, found.discounted, found.capped_36, found.capped_60)
    assert [round(value) for value in values] == [2667, 2123, 1776, 2238]


def test_effects_compound() -> None:
    assert 1 + cumulative([Range(0.85, 0.85, 0.85), Range(0.32, 0.32, 0.32)]).value == pytest.approx(2.442)


def test_the_best_of_three_nulls_wins_one_time_in_seven() -> None:
    assert pytest.approx(0.143, abs=5e-4) == 1 - 0.95**3
    assert 1 - (1 - power.corrected_alpha(0.05, 4)) ** 3 < 0.05


def test_public_game_test_from_its_counts() -> None:
    one = compare(
        VariantStatistics(44700, 20034 / 44700), VariantStatistics(45489, 20119 / 45489), "proportion"
    )
    seven = compare(
        VariantStatistics(44700, 8502 / 44700), VariantStatistics(45489, 8279 / 45489), "proportion"
    )
    assert (round(one.control, 4), round(one.treatment, 4), round(one.p_value, 4)) == (0.4482, 0.4423, 0.0744)
    assert (round(seven.control, 4), round(seven.treatment, 4), round(seven.p_value, 4)) == (
        0.1902,
        0.1820,
        0.0016,
    )
    assert srm.check([44700, 45489]).p_value == pytest.approx(0.0086, abs=5e-5)


@pytest.mark.parametrize("sd", [1.0, 10.0])
def test_means_agree_with_statsmodels(sd: float) -> None:
    from statsmodels.stats.power import NormalIndPower, TTestIndPower

    for effect in (0.05, 0.1, 0.3):
        n = power.n_per_variant_mean(sd, effect * sd)
        exactly = NormalIndPower().solve_power(effect, alpha=0.05, power=0.8)
        assert n == math.ceil(exactly)  # type: ignore[arg-type]
        assert TTestIndPower().power(effect, n, 0.05) == pytest.approx(0.8, abs=0.004)

"""Power, comparisons, sequential reading, sample ratio, shrinking, forecasts: golden values and agreement."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from lib.stats import adjust, brier, compare, power, proportions, sequential, shrinkage, srm
from lib.stats.intervals import Interval, z_value


@pytest.mark.parametrize(
    ("p", "q", "method", "n"),
    [
        (0.20, 0.25, "miller", 1030), (0.20, 0.25, "pooled", 1094), (0.20, 0.25, "arcsine", 1092),
        (0.05, 0.055, "miller", 30244), (0.05, 0.055, "pooled", 31233), (0.05, 0.055, "arcsine", 31217),
        (0.10, 0.11, "miller", 14313), (0.10, 0.11, "pooled", 14751),
    ],
)  # fmt: skip
def test_sample_size_golden(p: float, q: float, method: str, n: int) -> None:
    assert power.n_per_variant_proportion(p, q, method=method) == n


def test_growthbook_documented_case() -> None:
    week = 2195 / 2
    assert power.smallest_effect_proportion(0.1441, week, method="relative") == pytest.approx(0.346, abs=5e-4)
    assert power.power_proportion(0.1441, 0.2, week) == pytest.approx(0.413, abs=5e-4)
    assert power.power_proportion(0.1441, 0.2, 3 * week) == pytest.approx(0.854, abs=5e-4)


def test_smallest_effect_golden() -> None:
    assert power.smallest_effect_proportion(0.1, 1000) == pytest.approx(0.376, abs=5e-4)
    assert power.smallest_effect_proportion(0.1, 1000, method="relative") == pytest.approx(0.473, abs=5e-4)
    assert power.smallest_effect_proportion(0.1, 0) == math.inf
    assert power.smallest_effect_proportion(0.5, 3, method="relative") == math.inf


@settings(max_examples=40, deadline=None)
@given(st.floats(0.02, 0.6), st.floats(0.05, 0.5))
def test_sample_size_agrees_with_statsmodels(p: float, lift: float) -> None:
    from statsmodels.stats.proportion import power_proportions_2indep

    q = min(0.97, p * (1 + lift))
    n = power.n_per_variant_proportion(p, q)
    reached = power_proportions_2indep(q - p, p, n, return_results=False)
    assert reached == pytest.approx(0.8, abs=0.02)


@settings(max_examples=40, deadline=None)
@given(st.floats(0.02, 0.5), st.floats(0.02, 0.6), st.integers(200, 90000))
def test_power_rises_with_effect_and_people(p: float, effect: float, n: int) -> None:
    assert power.power_proportion(p, effect, n) <= power.power_proportion(p, effect, n * 2) + 1e-9
    assert power.power_proportion(p, effect, n) <= power.power_proportion(p, effect * 1.5, n) + 1e-9


def test_weeks_are_whole_and_at_least_one() -> None:
    assert power.weeks_needed(1000, 500, 2) == 4
    assert power.weeks_needed(1001, 500, 2) == 5
    assert power.weeks_needed(10, 5000, 2) == 1
    assert power.weeks_needed(10, 0) == math.inf


@settings(max_examples=60, deadline=None)
@given(st.integers(30, 4000), st.integers(30, 4000), st.floats(0.02, 0.95), st.floats(0.02, 0.95))
def test_shares_agree_with_statsmodels(n1: int, n2: int, p1: float, p2: float) -> None:
    from statsmodels.stats.proportion import confint_proportions_2indep, proportions_ztest

    x1, x2 = max(1, min(n1 - 1, round(n1 * p1))), max(1, min(n2 - 1, round(n2 * p2)))
    ours = proportions.newcombe(x1, n1, x2, n2)
    theirs = confint_proportions_2indep(x2, n2, x1, n1, method="newcomb", compare="diff")
    assert (ours.low, ours.high) == pytest.approx(theirs, abs=1e-9)
    assert proportions.z_test(x1, n1, x2, n2) == pytest.approx(
        proportions_ztest([x1, x2], [n1, n2])[1], abs=1e-12
    )
    ratio = confint_proportions_2indep(x2, n2, x1, n1, method="log", compare="ratio")
    rel = proportions.relative(x1, n1, x2, n2)
    assert (rel.low + 1, rel.high + 1) == pytest.approx(ratio, rel=1e-6)


def _statistics(
    y: np.ndarray, d: np.ndarray | None = None, x: np.ndarray | None = None
) -> compare.VariantStatistics:
    d = np.ones_like(y) if d is None else d
    x = np.zeros_like(y) if x is None else x
    c = np.cov(np.vstack([y, d, x]))
    return compare.VariantStatistics(
        len(y), y.mean(), c[0, 0], d.mean(), c[1, 1], x.mean(), c[2, 2], c[0, 1], c[0, 2], c[1, 2]
    )


@pytest.mark.parametrize("seed", range(6))
def test_means_ratios_covariates_agree_with_tea_tasting_on_rows(seed: int) -> None:
    import pandas as pd
    import tea_tasting as tt

    rng = np.random.default_rng(seed)
    n = int(rng.integers(60, 900))
    x = rng.gamma(2, 10, n)
    visits = rng.poisson(4, n) + 1.0
    variant = rng.integers(0, 2, n)
    y = x * 0.7 + rng.normal(20, 8, n) + variant * rng.normal(0, 3)
    frame = pd.DataFrame({"variant": variant, "y": y, "x": x, "visits": visits})
    theirs = tt.Experiment(
        mean=tt.Mean("y"), cuped=tt.Mean("y", "x"), ratio=tt.RatioOfMeans("y", "visits")
    ).analyze(frame)
    side = [variant == 0, variant == 1]
    ours = {
        "mean": compare.compare(*(_statistics(y[s]) for s in side), "mean"),
        "cuped": compare.compare(*(_statistics(y[s], None, x[s]) for s in side), "mean"),
        "ratio": compare.compare(*(_statistics(y[s], visits[s]) for s in side), "ratio"),
    }
    for name, mine in ours.items():
        their = theirs[name]
        assert mine.effect.value == pytest.approx(their.effect_size, rel=1e-9)
        assert (mine.effect.low, mine.effect.high) == pytest.approx(
            (their.effect_size_ci_lower, their.effect_size_ci_upper), rel=1e-9
        )
        assert mine.relative.low == pytest.approx(their.rel_effect_size_ci_lower, rel=1e-9)
        assert mine.p_value == pytest.approx(their.pvalue, rel=1e-9)
    welch = scipy_stats.ttest_ind(y[side[1]], y[side[0]], equal_var=False).pvalue
    assert ours["mean"].p_value == pytest.approx(welch, rel=1e-9)
    assert ours["cuped"].variance_kept < 0.9


def test_compare_says_nothing_about_nothing() -> None:
    silent = compare.compare(
        compare.VariantStatistics(1, 3.0), compare.VariantStatistics(9, 2.0, 1.0), "mean"
    )
    assert math.isnan(silent.effect.value)
    flat = compare.compare(compare.VariantStatistics(50, 3.0), compare.VariantStatistics(50, 3.0), "mean")
    assert math.isnan(flat.p_value)
    negative = compare.compare(
        compare.VariantStatistics(50, -3.0, 4.0), compare.VariantStatistics(50, 2.0, 4.0), "mean"
    )
    assert negative.effect.value == 5.0
    assert math.isnan(negative.relative.value)


def test_always_valid_golden_and_dual() -> None:
    factors = [sequential.width_factor(n) / z_value(0.95) for n in (500, 5000, 100_000)]
    assert factors == pytest.approx([1.97, 1.55, 1.70], abs=0.005)


@settings(max_examples=60, deadline=None)
@given(st.floats(-1, 1), st.floats(0.01, 0.5), st.integers(20, 100_000), st.integers(100, 50_000))
def test_always_valid_interval_and_p_value_agree(value: float, se: float, n: int, plan: int) -> None:
    interval = sequential.always_valid(value, se, n, planned_total=plan)
    fixed_half = z_value(0.95) * se
    assert interval.high - interval.value > fixed_half
    p = sequential.p_value(value, se, n, planned_total=plan)
    if abs(p - 0.05) > 1e-6:
        assert (p < 0.05) == (interval.low > 0 or interval.high < 0)


def test_sample_ratio_golden_and_limits() -> None:
    ok, bad = srm.check([5000, 5200]), srm.check([10000, 10500])
    assert (round(ok.p_value, 4), ok.state) == (0.0477, "ok")
    assert (round(bad.p_value, 5), bad.state) == (0.00048, "alarm")
    assert srm.check([44700, 45489]).p_value == pytest.approx(0.0086, abs=5e-5)
    assert srm.check([44700, 45489]).state == "watch"
    assert srm.check([5, 6]).state == "too_few"
    assert srm.check([900, 100], [90, 10]).p_value == 1.0
    # A thousandth of the people in the wrong arm of tens of millions is no reason to stop.
    assert srm.check([10_000_000, 10_010_000]).state in ("ok", "watch")


def test_sample_ratio_by_segment_is_stricter() -> None:
    alone = srm.check([500, 590])
    assert alone.state == "watch"
    assert srm.check_segments({str(i): [500, 590] for i in range(5)})["0"].state == "ok"


def test_shrinking_pulls_noise_to_zero_and_keeps_signal() -> None:
    noisy = shrinkage.shrink([0.10, -0.08, 0.02], [0.1, 0.1, 0.1])
    assert all(abs(e.value) < 0.01 for e in noisy.estimates)
    clear = shrinkage.shrink([0.30, -0.25, 0.28], [0.02, 0.02, 0.02])
    assert clear.estimates[0].value == pytest.approx(0.30, rel=0.02)


def test_shrinking_undoes_the_winners_curse() -> None:
    rng = np.random.default_rng(3)
    raw, shrunk, true = [], [], []
    for _ in range(600):
        effects = rng.normal(0, 0.05, 8)
        seen = effects + rng.normal(0, 0.05, 8)
        best = int(seen.argmax())
        raw.append(seen[best])
        shrunk.append(shrinkage.shrink(list(seen), [0.05] * 8).estimates[best].value)
        true.append(effects[best])
    assert np.mean(raw) - np.mean(true) > 0.03
    assert abs(np.mean(shrunk) - np.mean(true)) < 0.015


def test_cumulative_effect_compounds() -> None:
    one = Interval(0.1, 0.1, 0.1)
    assert shrinkage.cumulative([one, one]).value == pytest.approx(0.21)
    assert shrinkage.cumulative([]).value == 0


def test_holm_and_benjamini_hochberg_agree_with_statsmodels() -> None:
    from statsmodels.stats.multitest import multipletests

    rng = np.random.default_rng(0)
    for size in (1, 2, 5, 12):
        p = list(rng.uniform(size=size) ** 2)
        assert adjust.holm(p) == pytest.approx(list(multipletests(p, method="holm")[1]))
        assert adjust.benjamini_hochberg(p) == pytest.approx(list(multipletests(p, method="fdr_bh")[1]))
    with_nan = adjust.holm([0.01, math.nan, 0.02])
    assert with_nan[0] == pytest.approx(0.02)
    assert math.isnan(with_nan[1])


def test_brier() -> None:
    perfect = brier.calibration([1, 0, 1], [True, False, True])
    assert perfect.brier == 0
    assert not perfect.enough
    half = brier.calibration([0.5] * 20, [True] * 10 + [False] * 10)
    assert half.brier == 0.25 == half.climate
    assert half.enough
    assert math.isnan(brier.calibration([], []).brier)

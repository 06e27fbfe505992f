"""Rate ratios and removal effects against hand-checked numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lib.stats.markov_attribution import conversion_probability, markov_effects
from lib.stats.rates import mantel_haenszel


def test_one_stratum_is_the_crude_ratio() -> None:
    ratio = mantel_haenszel(np.array([20.0]), np.array([100.0]), np.array([30.0]), np.array([200.0]))
    error = math.sqrt(1 / 20 + 1 / 10)
    assert ratio.value == pytest.approx(2)
    # Greenland-Robins in one stratum: D T1 T0 / (T^2 R S) = 30 * 0.25 / (10 * 5) = 0.15 = 1/20 + 1/10
    assert (ratio.low, ratio.high) == pytest.approx(
        (2 * math.exp(-1.96 * error), 2 * math.exp(1.96 * error)), rel=1e-3
    )


def test_strata_take_out_confounding() -> None:
    """Both strata have no effect; together they look like one."""
    exposed, exposed_time = np.array([90.0, 10.0]), np.array([900.0, 1000.0])
    events, time = np.array([100.0, 100.0]), np.array([1000.0, 10_000.0])
    crude = (100 / 1900) / (100 / 9100)
    assert crude > 4
    assert mantel_haenszel(exposed, exposed_time, events, time).value == pytest.approx(1)


def test_nobody_to_compare_has_no_ratio() -> None:
    ratio = mantel_haenszel(np.array([5.0]), np.array([10.0]), np.array([5.0]), np.array([10.0]))
    assert math.isnan(ratio.value)
    assert math.isnan(ratio.p_value)


def test_removal_by_hand() -> None:
    """start -> a (half converts), start -> b (a quarter converts): without a only b's part is left."""
    steps = np.zeros((5, 5))
    steps[2, 0], steps[2, 1] = 4, 4
    steps[0, 3], steps[0, 4] = 2, 2
    steps[1, 3], steps[1, 4] = 1, 3
    assert conversion_probability(steps) == pytest.approx(3 / 8)
    assert markov_effects(steps).tolist() == pytest.approx([2 / 3, 1 / 3])
    assert markov_effects(np.zeros((5, 5))).tolist() == [0, 0]

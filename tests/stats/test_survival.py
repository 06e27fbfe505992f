import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.duration.survfunc import SurvfuncRight

from lib.stats.survival import kaplan_meier


def test_a_hand_worked_curve() -> None:
    # 6 people: one moves on after 2 h, two after 4 h, one leaves observation at 3 h, two are still waiting
    # at 10 h.
    curve = kaplan_meier([2, 4, 4, 3, 10, 10], [True, True, True, False, False, False])
    assert curve.time == (0.0, 2.0, 4.0)
    assert curve.waiting == pytest.approx((1, 5 / 6, 5 / 6 * 2 / 4))
    assert curve.at_risk == (6, 6, 4)
    assert curve.events == 3
    assert curve.at(3.9)[0] == pytest.approx(5 / 6)
    assert curve.quantile(0.5) == 4.0
    assert math.isnan(curve.quantile(0.9))


def test_it_agrees_with_statsmodels() -> None:
    rng = np.random.default_rng(5)
    times = np.round(rng.exponential(20, 400), 1)
    ended = rng.random(400) < 0.7
    curve = kaplan_meier(times, ended)
    other = SurvfuncRight(times, ended.astype(int))
    mine = dict(zip(curve.time, curve.waiting, strict=True))
    for time, share in zip(list(other.surv_times), list(other.surv_prob), strict=True):  # type: ignore[arg-type]
        assert mine[time] == pytest.approx(share, abs=1e-12)


def test_nobody_gives_a_curve_of_one_point() -> None:
    assert kaplan_meier([], []).waiting == (1.0,)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 50), st.booleans()), min_size=1, max_size=60))
def test_it_never_rises_and_stays_within_its_interval(people: list[tuple[int, bool]]) -> None:
    curve = kaplan_meier([time for time, _ in people], [ended for _, ended in people])
    assert all(a >= b - 1e-12 for a, b in zip(curve.waiting, curve.waiting[1:], strict=False))
    for low, share, high in zip(curve.low, curve.waiting, curve.high, strict=True):
        assert 0 <= low <= share + 1e-9
        assert share <= high + 1e-9 <= 1 + 2e-9

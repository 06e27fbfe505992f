"""What moves before what: shapes that make unrelated metrics look related, and leads that have to be found all the same."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from lib.analysis.metrics.lead_lag import Link, links
from lib.analysis.metrics.series import MetricSeries
from tests.bench.noise_companies import YEAR, false_findings

# Shapes for which correlation of what a short filter leaves finds relations in a third to all of the companies.
TREACHEROUS = ("season", "season that grows", "holidays", "end of quarter", "steps", "wild tails", "rolling average",
               "walk of walks")  # fmt: skip


def _series(id: str, values: np.ndarray) -> MetricSeries:
    weeks = tuple(dt.date(2024, 1, 1) + dt.timedelta(days=7 * i) for i in range(len(values)))
    return MetricSeries(id, id, "week", weeks, values, False, weeks[-1])


def _found(lead: np.ndarray, led: np.ndarray) -> list[Link]:
    return [link for link in links([_series("lead", lead)], [_series("led", led)]) if link.is_found]


def test_treacherous_shapes_seldom_make_a_relation() -> None:
    shares = [false_findings(15, kind=kind)["relation"] for kind in TREACHEROUS]
    assert float(np.mean(shares)) <= 0.05


@pytest.mark.parametrize(
    "shape", ["season", "season and trend", "gaps", "weekday counts", "wandering outcome"]
)
def test_a_lead_is_found_in_every_shape(shape: str) -> None:
    """A lead of two weeks that makes most of the outcome's moves, in three years of data: 9 of 10 at the least."""
    rng, n, hits = np.random.default_rng(3), 156, 0
    at = np.arange(n)
    season = np.sin(2 * np.pi * at / YEAR)
    for _ in range(10):
        move = rng.normal(size=n + 2)
        lead, led = 300 + 10 * move[2:], 200 + 10 * move[:n] + 9 * rng.normal(size=n)
        if shape == "season":
            lead, led = lead + 60 * season, led + 40 * season
        if shape == "season and trend":
            growth = np.exp(0.006 * at) * (1 + 0.2 * season)
            lead, led = lead * growth, led * growth
        if shape == "gaps":
            lead[rng.random(n) < 0.1], led[rng.random(n) < 0.1] = np.nan, np.nan
        if shape == "weekday counts":
            lead, led = rng.poisson(lead).astype(float), rng.poisson(led).astype(float)
            lead, led = lead + 30 * move[2:], led + 30 * move[:n]
        if shape == "wandering outcome":
            led = led + np.cumsum(6 * rng.normal(size=n))
        hits += [link.lag_weeks for link in _found(lead, led)] == [2]
    assert hits >= 9


def test_a_holiday_in_both_is_no_relation_and_does_not_hide_one() -> None:
    rng, n = np.random.default_rng(1), 156
    closed = np.where((np.arange(n) % 52 >= 50) | (np.arange(n) % 52 < 1), -150.0, 0.0)
    assert _found(500 + closed + 10 * rng.normal(size=n), 300 + closed + 10 * rng.normal(size=n)) == []
    move = rng.normal(size=n + 2)
    led = 300 + closed + 10 * move[:n] + 5 * rng.normal(size=n)
    assert [link.lag_weeks for link in _found(500 + closed + 10 * move[2:], led)] == [2]


def test_one_shared_quarter_is_no_relation() -> None:
    """Campaign and signups rise once, one after the other: that is one coincidence, however large."""
    rng, n = np.random.default_rng(2), 104
    lead, led = 100 + 5 * rng.normal(size=n), 100 + 5 * rng.normal(size=n)
    shape = rng.normal(size=6) * 25
    lead[40:46] += shape
    led[42:48] += shape
    assert _found(lead, led) == []


@pytest.mark.parametrize("values", [np.full(60, 3.0), np.array([1.0, 2.0]), np.full(80, np.nan), np.zeros(0)])
def test_nothing_to_say_is_said_by_nothing(values: np.ndarray) -> None:
    rng = np.random.default_rng(0)
    if not len(values):
        assert links([], []) == ()
        return
    assert _found(values, rng.normal(size=len(values))) == []
    assert _found(rng.normal(size=len(values)), values) == []

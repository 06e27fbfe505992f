"""Where the label of a line's last point stands: never on the line itself."""

from __future__ import annotations

import datetime as dt

import pytest

from lib.charts.altair_draw import spec
from lib.charts.spec import Chart
from lib.engine.evidence.evidence import Evidence


def label(values: list[float]) -> tuple[float, float]:
    """(position of the label's anchor, last value), for a weekly line."""
    start = dt.date(2026, 1, 5)
    rows = [(start + dt.timedelta(weeks=n), value) for n, value in enumerate(values)]
    evidence = Evidence("Weekly users", "", "", ("week", "users"), tuple(rows))
    drawn = spec(Chart("lines", evidence, "week", "users", "Users by week", format="count"))
    texts = [layer for layer in drawn["layer"] if layer["mark"].get("type") == "text"]
    return texts[-1]["data"]["values"][0]["at"], values[-1]


@pytest.mark.parametrize(
    "values", [[10, 12, 11, 14, 12, 13, 16], [10, 20, 15, 15, 15], [40, 10, 10, 10, 10, 10, 10, 10, 10]]
)
def test_a_line_that_ends_high_or_flat_has_its_label_above(values: list[float]) -> None:
    at, last = label(values)
    assert at == last


@pytest.mark.parametrize(
    "values", [[10, 12, 11, 14, 40, 19], [10, 12, 60, 55, 50, 40], [30] * 30 + [100, 60]]
)
def test_a_line_that_comes_down_from_a_peak_has_its_label_below(values: list[float]) -> None:
    at, last = label(values)
    assert 0 < at < last

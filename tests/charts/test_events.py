"""Charts of the event analyses draw, say in words what they show, and use columns that exist."""

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
from lib.charts import altair_draw
from lib.charts import attribution as attribution_chart
from lib.charts import funnel as funnel_chart
from lib.charts import growth as growth_chart
from lib.charts import handoff_scores as handoff_chart
from lib.charts import ltv as ltv_chart
from lib.charts import retention as retention_chart
from lib.charts.spec import Chart
from tests.event_tables import dataset_of


@pytest.fixture
def charts(tmp_path: Path) -> dict[str, Chart]:
    rng = np.random.default_rng(3)
    n = 4000
    frame = pd.DataFrame({
        "user_id": [f"u{i}" for i in rng.integers(0, 500, n)], "event": rng.choice(["visit", "signup", "paid"], n),
        "timestamp": pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.integers(0, 120 * 86_400, n), unit="s"),
        "channel": rng.choice(["ads", "mail"], n),
    })  # fmt: skip
    frame["revenue"] = np.where(frame["event"] == "paid", 10.0, np.nan)
    data = dataset_of(frame, tmp_path)
    steps = funnel(data, ["visit", "signup", "visit"], by="channel")
    value, back = ltv(data, by="channel"), retention(data)
    return {
        "steps": funnel_chart.steps(steps), "segments": funnel_chart.segments(steps),
        "curve": retention_chart.curve(back), "cohorts": retention_chart.cohorts(back),
        "models": attribution_chart.models(attribution(data, "paid")),
        "value": ltv_chart.segments(value, "EUR"), "lines": ltv_chart.cohorts(value),
        "candidates": handoff_chart.candidates(handoff(data, "paid")),
        "people": growth_chart.people(growth_accounting(data, period="week")),
    }  # fmt: skip


def test_every_chart_draws_from_columns_it_has(charts: dict[str, Chart]) -> None:
    for name, chart in charts.items():
        used = [column for column in (chart.x, chart.y, chart.series, chart.low, chart.high) if column]
        assert set(used) <= set(chart.evidence.columns), name
        assert chart.evidence.rows, name
        assert chart.alt, name
        assert chart.caption, name
        assert altair_draw.spec(chart), name


def test_a_step_that_comes_twice_has_two_bars(charts: dict[str, Chart]) -> None:
    assert charts["steps"].evidence.column("step") == ["1. visit", "2. signup", "3. visit"]
    assert "1. visit 100.0\u00a0%" in charts["steps"].alt


def test_words_name_the_numbers(charts: dict[str, Chart]) -> None:
    assert "€" in charts["value"].alt
    assert charts["candidates"].reference == 1.0
    assert "signup" in charts["candidates"].alt


def test_people_stack_upwards_and_those_who_left_downwards(charts: dict[str, Chart]) -> None:
    rows = altair_draw.spec(charts["people"])["data"]["values"]
    week = [row for row in rows if row["name"] == rows[-1]["name"]]
    assert [row["series"] for row in week] == ["Stayed", "New", "Came back", "Left"]
    stayed, new, back, left = week
    assert (stayed["from"], stayed["to"], new["from"]) == (0, stayed["y"], stayed["y"])
    assert back["to"] == stayed["y"] + new["y"] + back["y"]
    assert (left["from"], left["to"]) == (0, left["y"])
    assert left["y"] < 0
    assert "left" in charts["people"].alt

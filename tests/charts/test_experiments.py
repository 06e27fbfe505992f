"""Pictures of tests: rows, reference, words; every one can be drawn."""

from pathlib import Path

import pandas as pd

from lib.analysis.experiments import shared_experiments
from lib.charts import altair_draw, experiments
from lib.workbook.model import Workbook, fold
from tests.analysis.making import dataset


def _result(tmp_path: Path) -> shared_experiments.ExperimentsResult:
    people = [
        {"user_id": f"{arm}{i}", "variant": arm, "trial": i < trials, "paid": i < paid, "device": "ab"[i % 2]}
        for arm, trials, paid in (("control", 800, 200), ("new", 960, 210))
        for i in range(2000)
    ]
    answers = {"experiments/t/name": "March", "experiments/t/dataset": "experiment",
               "experiments/t/process_metric": "trial", "experiments/t/outcome_metric": "paid"}  # fmt: skip
    data = {"experiment": dataset(tmp_path, pd.DataFrame(people), "experiment")}
    return shared_experiments.overview(fold(answers), data)


def test_overview_says_state_in_words_and_marks_no_effect(tmp_path: Path) -> None:
    chart = experiments.overview(_result(tmp_path))
    assert chart is not None
    assert chart.evidence.column("test") == ["March: paid (can't tell yet)", "March: trial (better)"]
    assert chart.reference == 0
    assert "March: trial (better) +20.0" in chart.alt
    assert altair_draw.spec(chart)["description"] == chart.alt


def test_overview_without_tests_is_nothing() -> None:
    assert experiments.overview(shared_experiments.overview(Workbook(), {})) is None


def test_readout_shows_both_ranges_and_segments(tmp_path: Path) -> None:
    readout = _result(tmp_path).readouts["t"]
    chart = experiments.readout(readout)
    assert chart is not None
    rows = chart.evidence.records()
    assert [row["reading"] for row in rows] == ["one look", "any look"] * 2
    assert rows[1]["low"] < rows[0]["low"] < rows[0]["high"] < rows[1]["high"]
    by_segment = experiments.readout(readout, segments=True)
    assert by_segment is not None
    assert len(by_segment.evidence.rows) == 2
    assert altair_draw.spec(by_segment)


def test_curve_falls_with_the_weeks() -> None:
    chart = experiments.smallest_effect_curve(0.1, 500, hoped=0.3)
    values = chart.evidence.column("smallest_effect")
    assert values == sorted(values, reverse=True)
    assert round(values[3], 3) == 0.376
    assert chart.reference == 0.3

"""Before and after an agreement, by hand: shares, means, guardrails, and silence while it is too early."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib.analysis.audit.audit import audit
from lib.analysis.audit.metric_rows import MetricLine
from lib.analysis.handoff import before_after
from lib.analysis.handoff.handoff_rule import Rule
from lib.analysis.handoff.sla import measure
from lib.analysis.metrics.series import MetricSeries
from lib.workbook.model import Metric, fold
from tests.analysis.making import dataset

START = dt.date(2026, 1, 5)  # a Monday


def weekly(name: str, values: list[float], *, rate: bool = False) -> MetricSeries:
    starts = tuple(START + dt.timedelta(days=7 * i) for i in range(len(values)))
    return MetricSeries(
        name, name, "week", starts, np.array(values), rate, starts[-1], "percent1" if rate else "number"
    )


AGREED = START + dt.timedelta(days=7 * 6)


def test_a_metric_and_its_guardrail_by_hand() -> None:
    up, down = weekly("Trials", [10, 11, 9, 10, 11, 9, 20, 21, 19, 20, 21, 19]), weekly(
        "Rate", [0.2, 0.21, 0.19] * 2 + [0.1, 0.11, 0.09] * 2, rate=True)  # fmt: skip
    found = before_after.of_metrics([("shared", up, True), ("guardrail", down, True)], AGREED)
    assert found is not None
    first = found.table.records()[0]
    assert (first["before"], first["after"], first["change"], first["weeks_before"]) == (10, 20, 10, 6)
    assert first["change_low"] < 10 < first["change_high"]
    assert found.verdict.code == "guardrail_broken"
    assert "Trials is at 20 instead of 10 (better)" in found.verdict.text
    assert "Rate is at 10.0 % instead of 20.0 % (worse)" in found.verdict.text.replace("\u00a0", " ")


def test_the_week_of_the_agreement_itself_counts_for_neither_side() -> None:
    item = weekly("Trials", [10.0] * 4 + [500.0] + [20.0] * 4)
    found = before_after.of_metrics([("shared", item, True)], START + dt.timedelta(days=7 * 4 + 3))
    assert found is not None
    assert (found.table.records()[0]["before"], found.table.records()[0]["after"]) == (10, 20)


def test_too_early_says_how_much_further() -> None:
    item = weekly("Trials", [10.0] * 7)
    found = before_after.of_metrics([("shared", item, True)], AGREED)
    assert found is not None
    assert (found.verdict.status, found.verdict.code) == ("unclear", "too_early")
    assert "2 whole weeks further" in found.verdict.needs
    assert before_after.of_metrics([("shared", item, True)], None) is None


def test_noise_is_no_change() -> None:
    rng = np.random.default_rng(4)
    clear = 0
    for _ in range(200):
        item = weekly("x", list(rng.normal(100, 10, 20)))
        found = before_after.of_metrics([("shared", item, True)], START + dt.timedelta(days=70))
        assert found is not None
        clear += found.verdict.status != "info"
    assert clear / 200 < 0.09  # 5 % nominal


def handoffs(folder: Path, kept_before: float, kept_after: float) -> object:
    rows = []
    for number in range(1200):
        day = dt.datetime.combine(START, dt.time()) + dt.timedelta(days=84 * number / 1200)
        kept = kept_before if day.date() < AGREED else kept_after
        rows.append((f"u{number}", "trial", day))
        wait = 1 if (number * 7919) % 100 < 100 * kept else 200
        rows.append((f"u{number}", "called", day + dt.timedelta(hours=wait)))
    frame = pd.DataFrame(rows, columns=["user_id", "event", "timestamp"])
    return dataset(folder / "e", frame, "events")


@pytest.mark.parametrize(
    ("before", "after", "code"), [(0.4, 0.8, "better"), (0.8, 0.4, "worse"), (0.5, 0.5, "no_clear_change")]
)
def test_a_handoff_before_and_since(tmp_path: Path, before: float, after: float, code: str) -> None:
    contract = measure(handoffs(tmp_path, before, after), Rule("trial"), ("called",), sla_hours=24)  # type: ignore[arg-type]
    found = before_after.of_handoff(contract, AGREED)
    assert found is not None
    assert found.verdict.code == code
    row = found.table.records()[0]
    assert row["before"] == pytest.approx(before, abs=0.03)
    assert row["after"] == pytest.approx(after, abs=0.03)
    assert found.table.sources == contract.weekly.sources
    assert found.verdict.text.endswith("handed over a week, as before.")  # the same number is not told twice


def test_a_due_review_comes_back_with_what_the_data_say(tmp_path: Path) -> None:
    days = [START + dt.timedelta(days=7 * i) for i in range(12)]
    frame = pd.DataFrame({"date": days, "metric": "Qualified trials", "value": [10.0 + i % 3 for i in range(6)]
                          + [20.0 + i % 3 for i in range(6)]})  # fmt: skip
    data = {"metrics": dataset(tmp_path / "m", frame, "metrics", dates=("date",))}
    book = fold({
        "metrics/q/name": "Qualified trials", "metrics/q/kind": "shared", "metrics/q/owners": ["Marketing", "Growth"],
        "metrics/q/series": "Qualified trials", "contracts/q/agreed_on": AGREED.isoformat(),
        "contracts/q/review_on": "2026-03-20", "contracts/q/guardrail": "g",
    })  # fmt: skip
    due = [
        item for item in audit(book, data, today=dt.date(2026, 3, 20)).findings if item.code == "review_due"
    ]
    assert len(due) == 1
    assert "Qualified trials is at 21 instead of 11 (better)" in due[0].text.replace("\u00a0", " ")
    assert due[0].evidence is not None
    assert not [
        item for item in audit(book, data, today=dt.date(2026, 3, 19)).findings if item.code == "review_due"
    ]


def test_a_metric_where_down_is_good() -> None:
    from lib.analysis.audit.findings import contract_series

    item = weekly("Tickets", [10.0] * 6)
    metric = Metric(name="Tickets", direction="down", guardrail="")
    line = MetricLine("t", metric, metric, "", True, replace(item))
    found = contract_series(fold({"metrics/t/name": "Tickets"}), [line], "t")
    assert [(role, up) for role, _, up in found] == [("shared", False)]
    assert not math.isnan(item.values[0])

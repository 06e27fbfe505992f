"""Period against period: stages, segments and steps of a change, counted by hand; the parts add up exactly."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lib.analysis.metrics import metric_change, periods, ratio_decomposition
from lib.analysis.metrics.metric_change import chain_of
from lib.analysis.metrics.periods import Period, spans
from lib.charts import altair_draw, change_explainer
from lib.engine.calendar import Calendar
from lib.errors import DataError
from lib.workbook.model import fold
from tests.analysis.making import dataset

BEFORE = Period(dt.date(2026, 1, 1), dt.date(2026, 1, 28), "before")
AFTER = Period(dt.date(2026, 1, 29), dt.date(2026, 2, 25), "after")


def day(year: int, month: int, number: int) -> dt.datetime:
    return dt.datetime.combine(dt.date(year, month, number), dt.time())


def events(folder: Path, counts: dict[str, tuple[int, int, int]]) -> object:
    """Per period: people who start, of them activated, of them paid; one person waits 60 days on, for the data's end."""
    rows: list[tuple[str, str, dt.datetime]] = [("end", "visit", day(2026, 5, 1))]
    for name, (entered, activated, paid) in counts.items():
        at = day(2026, 1, 5) if name == "before" else day(2026, 2, 2)
        for person in range(entered):
            who = f"{name}{person}"
            rows.append((who, "trial", at))
            rows += [(who, "activated", at + dt.timedelta(days=1))] if person < activated else []
            rows += [(who, "paid", at + dt.timedelta(days=2))] if person < paid else []
    frame = pd.DataFrame(rows, columns=["user_id", "event", "timestamp"])
    return dataset(folder / "events", frame, "events")


STEPS = (("First report", ("activated",)), ("Paying", ("paid",)))


def split(
    folder: Path, before: tuple[int, int, int], after: tuple[int, int, int]
) -> ratio_decomposition.FactorResult:
    data = events(folder, {"before": before, "after": after})
    return ratio_decomposition.by_stage(data, ("Trial", ("trial",)), STEPS, BEFORE, AFTER)  # type: ignore[arg-type]


def test_the_stages_of_a_change_by_hand(tmp_path: Path) -> None:
    found = split(tmp_path, (100, 50, 20), (400, 200, 40))
    rows = {row["factor"]: row for row in found.table.records()}
    assert rows["entered at Trial"]["before"] == 25  # a hundred in four weeks
    assert rows["Trial to First report"]["effect"] == pytest.approx(0)  # half both times
    assert rows["First report to Paying"]["before"] == pytest.approx(0.4)
    assert rows["First report to Paying"]["after"] == pytest.approx(0.2)
    # 5 to 10 a week: volume x4 and rate x1/2, weighed by logarithms
    mean = 5 / np.log(2)
    assert rows["entered at Trial"]["effect"] == pytest.approx(mean * np.log(4))
    assert rows["First report to Paying"]["effect"] == pytest.approx(-mean * np.log(2))
    assert rows["all"]["effect"] == pytest.approx(5)
    assert [row["is_clear"] for row in found.table.records()] == [True, False, True, None]
    assert found.verdict.text.startswith(
        "Paying went from 5.0 to 10.0 people a week: +10.0 from “entered at Trial”"
    )


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.tuples(*[st.integers(1, 30)] * 3), st.tuples(*[st.integers(1, 30)] * 3))
def test_effects_add_up_to_the_change(tmp_path_factory: pytest.TempPathFactory, a: tuple, b: tuple) -> None:
    a, b = (tuple(sorted(item, reverse=True)) for item in (a, b))
    found = split(tmp_path_factory.mktemp("split"), a, b)
    rows = found.table.records()
    assert sum(row["effect"] for row in rows[:-1]) == pytest.approx(rows[-1]["effect"], abs=1e-9)
    assert rows[-1]["effect"] == pytest.approx((b[2] - a[2]) / 4)


def test_who_skips_a_stage_still_counts_for_it(tmp_path: Path) -> None:
    rows = [("u", "trial", day(2026, 1, 5)), ("u", "paid", day(2026, 1, 6)),
            ("v", "trial", day(2026, 2, 2)), ("v", "paid", day(2026, 2, 3)),
            ("end", "visit", day(2026, 5, 1))]  # fmt: skip
    data = dataset(tmp_path / "e", pd.DataFrame(rows, columns=["user_id", "event", "timestamp"]), "events")
    found = ratio_decomposition.by_stage(data, ("Trial", ("trial",)), STEPS, BEFORE, AFTER)
    assert found.table.records()[1]["before"] == 1


def test_a_period_without_anybody_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="Nobody got from Trial to Paying in after"):
        split(tmp_path, (10, 5, 2), (10, 5, 0))


def metrics(folder: Path) -> object:
    rows = []
    for week in range(8):
        day = dt.date(2026, 1, 1) + dt.timedelta(days=7 * week)
        late = week >= 4
        for segment, value in (("email", 10.0), ("ads", 40.0 if late else 20.0)):
            rows.append((day, "visits", value, segment))
        rows.append((day, "signups", 15.0, "ads"))
    frame = pd.DataFrame(rows, columns=["date", "metric", "value", "segment"])
    return dataset(folder / "m", frame, "metrics", dates=("date",))


def test_segments_of_a_metric_by_hand(tmp_path: Path) -> None:
    found = metric_change.by_segment(metrics(tmp_path), "visits", BEFORE, AFTER)  # type: ignore[arg-type]
    rows = {row["segment"]: row for row in found.table.records()}
    assert (rows["all"]["before"], rows["all"]["after"], rows["all"]["change"]) == (30, 50, 20)
    assert (rows["ads"]["change"], rows["ads"]["share_of_change"], rows["email"]["change"]) == (20, 1, 0)
    assert "most of it is ads" in found.verdict.text
    chart = change_explainer.segments(found)
    assert chart is not None
    assert altair_draw.spec(chart)["layer"]


def test_steps_of_a_metric_split_exactly(tmp_path: Path) -> None:
    data = metrics(tmp_path)
    found = metric_change.by_steps(data, ("visits", "signups"), BEFORE, AFTER, "a week")  # type: ignore[arg-type]
    rows = found.table.records()
    assert rows[0]["effect"] > 0 > rows[1]["effect"]  # more visits, fewer of them sign up
    assert rows[0]["effect"] + rows[1]["effect"] == pytest.approx(0, abs=1e-9)


def test_arithmetic_inputs_are_those_of_the_tree() -> None:
    book = fold({"inputs/i/child": "a", "inputs/i/parent": "b", "inputs/i/type": "arithmetic",
                 "inputs/j/child": "c", "inputs/j/parent": "b"})  # fmt: skip
    assert metric_change.arithmetic(book, "b") == ("a",)


def test_the_chain_prefers_signups_to_forms() -> None:
    names = ["form_fills", "signups", "website_visits", "trial_starts", "new_paying_customers", "nps"]
    assert chain_of(names, "new_paying_customers") == (
        "website_visits", "signups", "trial_starts", "new_paying_customers")  # fmt: skip
    assert chain_of(names, "nps") == ()


def test_quarters_follow_the_fiscal_year_and_say_when_they_are_cut() -> None:
    listed = spans(dt.date(2026, 4, 1), dt.date(2026, 11, 30), "quarter", Calendar(fiscal_year_start=2))
    assert [item.name for item in listed] == ["Q2 2026", "Q3 2026"]  # the ends are covered by less than half
    cut = spans(dt.date(2026, 5, 1), dt.date(2026, 8, 31), "quarter")
    assert [item.name for item in cut] == ["Q2 2026 from 1 May", "Q3 2026 to 31 Aug"]
    assert periods.period("2026-Q2", Calendar(fiscal_year_start=2)) == listed[0]
    years = spans(dt.date(2025, 1, 1), dt.date(2026, 12, 31), "year")
    assert [(item.name, item.days) for item in years] == [("2025", 365), ("2026", 365)]

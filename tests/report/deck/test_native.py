"""Native charts at their edges: ranges of a line, a waterfall below nothing, text that would end the converter."""

from __future__ import annotations

import io
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from pptx import Presentation

from lib.charts import altair_draw
from lib.charts.spec import Chart
from lib.engine.evidence.evidence import Evidence
from lib.report.deck import chart_waterfall, deck
from lib.report.story import summary_model
from tests.report import sample


def _chart_on_a_slide(chart: Chart):
    made = sample.summary()
    message = next(m for m in made.messages if isinstance(m.body, summary_model.ChartBody))
    changed = replace(message, body=replace(message.body, chart=chart))
    summary = replace(made, messages=tuple(changed if m is message else m for m in made.messages))
    opened = Presentation(io.BytesIO(deck.render(summary).data))
    slide = list(opened.slides)[1 + made.messages.index(message)]
    return next(shape.chart for shape in slide.shapes if shape.has_chart)


def _table(columns: tuple[str, ...], *rows: tuple) -> Evidence:
    return Evidence("A table", "Made by hand.", "SELECT 1", columns, rows)


def test_a_line_carries_the_ends_of_its_range_as_editable_series() -> None:
    table = _table(("week", "share", "low", "high"), ("A", 0.5, 0.4, 0.6), ("B", 0.55, 0.45, 0.65))
    chart = Chart("lines", table, "week", "share", "Share by week.", low="low", high="high", format="percent")
    drawn = [(s.name, tuple(s.values)) for s in _chart_on_a_slide(chart).plots[0].series]
    assert drawn[1:] == [("Low end of the range", (0.4, 0.45)), ("High end of the range", (0.6, 0.65))]
    assert drawn[0][1] == (0.5, 0.55)


def _floating(rows: tuple[tuple[str, float], ...]) -> tuple[dict[str, tuple], list[str]]:
    """Native series by name, and what each column's label says."""
    chart = Chart(
        "waterfall", _table(("part", "value"), *rows), "part", "value", "Growth.", format="percent1"
    )
    native = _chart_on_a_slide(chart)
    drawn = {s.name: tuple(s.values) for s in native.plots[0].series}
    said = []
    for index in range(len(rows)):
        texts = [
            series.points[index].data_label.text_frame.text
            for series in native.plots[0].series
            if series.points[index].data_label.has_text_frame
        ]
        said.append(" ".join(t for t in texts if t).replace("\u00a0", " "))
    return drawn, said


def _ends(drawn: dict[str, tuple], index: int) -> tuple[float, float]:
    """Where the visible parts of a column begin and end, as PowerPoint stacks them: away from zero on each side."""
    up = down = 0.0
    ends: list[float] = []
    for name, values in drawn.items():
        value = values[index] or 0.0
        start = up if value >= 0 else down
        if name != "Base" and value:
            ends += [start, start + value]
        up, down = (up + value, down) if value >= 0 else (up, down + value)
    return round(min(ends), 9), round(max(ends), 9)


def test_a_waterfall_floats_across_zero_and_below_it() -> None:
    drawn, said = _floating((("Then", 0.02), ("Mix", -0.05), ("Rates", 0.01), ("Now", -0.02)))
    assert [_ends(drawn, i) for i in range(4)] == [(0, 0.02), (-0.03, 0.02), (-0.03, -0.02), (-0.02, 0)]
    assert drawn["Level"] == (0.02, None, None, -0.02)
    assert said == ["", "−5.0 pp", "+1.0 pp", "−2.0 %"]  # the first label is live: it follows the data


def test_a_waterfall_climbs_out_from_below_zero() -> None:
    drawn, _ = _floating((("Then", -0.03), ("Mix", 0.05), ("Rates", -0.01), ("Now", 0.01)))
    assert [_ends(drawn, i) for i in range(4)] == [(-0.03, 0), (-0.03, 0.02), (0.01, 0.02), (0, 0.01)]


@given(st.lists(st.integers(-50, 50), min_size=3, max_size=6))
def test_every_column_of_a_waterfall_stands_where_the_sums_say(changes: list[int]) -> None:
    values = [float(v) for v in (*changes, sum(changes))]
    made = chart_waterfall.steps(values)
    level = 0.0
    for index, (step, value) in enumerate(zip(made, values, strict=True)):
        old = 0.0 if index in (0, len(values) - 1) else level
        new = value if index in (0, len(values) - 1) else level + value
        assert (step.low, step.high) == (min(old, new), max(old, new))
        assert step.base == 0 or abs(step.base) == min(abs(step.low), abs(step.high))
        level = new
    assert level == made[-1].value


def test_a_waterfall_above_nothing_floats() -> None:
    rows = (("Then", 0.10), ("Mix", -0.05), ("Rates", 0.01), ("Now", 0.06))
    chart = Chart(
        "waterfall", _table(("part", "value"), *rows), "part", "value", "Growth.", format="percent1"
    )
    bases = tuple(_chart_on_a_slide(chart).plots[0].series[0].values)
    assert [round(v, 6) for v in bases] == [0, 0.05, 0.05, 0]


def test_half_a_character_never_reaches_the_converter() -> None:
    table = _table(("name", "value"), ("bad \ud800 name", 1.0), ("good", 2.0))
    chart = Chart("bars", table, "name", "value", "Bars \udfff of two.", title="A \ud800 title")
    assert "good" in altair_draw.svg(chart, titled=True)
    assert altair_draw.png(chart).startswith(b"\x89PNG")

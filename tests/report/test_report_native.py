"""Native charts at their edges: ranges of a line, a waterfall below nothing, text that would end the converter."""

from __future__ import annotations

import io
from dataclasses import replace

from pptx import Presentation

from lib.charts import altair_draw
from lib.charts.spec import Chart
from lib.engine.evidence import Evidence
from lib.report import deck, model
from tests.report import sample


def _chart_on_a_slide(chart: Chart):
    made = sample.summary()
    message = next(m for m in made.messages if isinstance(m.body, model.ChartBody))
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


def test_a_waterfall_below_nothing_keeps_every_sign() -> None:
    rows = (("Then", 0.02), ("Mix", -0.05), ("Rates", 0.01), ("Now", -0.02))
    chart = Chart(
        "waterfall", _table(("part", "value"), *rows), "part", "value", "Growth.", format="percent1"
    )
    native = _chart_on_a_slide(chart)
    assert [tuple(s.values) for s in native.plots[0].series] == [(0.02, -0.05, 0.01, -0.02)]
    labels = [native.plots[0].series[0].points[i].data_label.text_frame.text for i in range(4)]
    assert [label.replace("\u00a0", " ") for label in labels] == ["2.0 %", "−5.0 pp", "+1.0 pp", "−2.0 %"]


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

"""A native waterfall: stacked columns over an invisible base, above, below and across zero, editable as data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pptx.enum.chart import XL_CHART_TYPE, XL_LABEL_POSITION
from pptx.oxml.ns import qn
from pptx.util import Pt

from lib.charts.spec import Chart
from lib.report.deck.canvas import Box, Canvas
from lib.report.deck.chart_data import SafeChartData, number_format
from lib.report.deck.chart_parts import add_frame, fill, point_label, quiet_axes
from lib.report.story import chart_table
from lib.report.story.chart_table import SHARES, Grid

_TONES = {"Level": "process", "Adds": "good", "Takes away": "alarm"}
_BELOW = ", below zero"  # the lower part of a column that crosses zero is a series of its own
_THIN = 17.0  # points: a lower column cannot hold its label
_PLOT = 0.84  # of the frame's height is plot


@dataclass(frozen=True)
class WaterfallStep:
    """One column of a waterfall.

    Attributes:
        kind: Series it belongs to: Level, Adds or Takes away.
        low, high: Its ends.
        value: The level itself, or the change with its sign.
    """

    kind: str
    low: float
    high: float
    value: float

    @property
    def crosses(self) -> bool:
        """Whether a floating column has parts on both sides of zero."""
        return self.low < 0 < self.high

    @property
    def tallest(self) -> float:
        """The taller of its parts above and below zero."""
        return max(self.high, -self.low) if self.crosses else self.high - self.low

    @property
    def base(self) -> float:
        """The invisible part it stands (or hangs) on."""
        return self.low if self.low > 0 else self.high if self.high < 0 else 0.0


def steps(values: Sequence[float]) -> list[WaterfallStep]:
    """Columns of a waterfall: first and last value are levels, the others are changes.

    >>> [(s.low, s.high, s.base) for s in steps([2.0, -5.0, 1.0, -2.0])]
    [(0.0, 2.0, 0.0), (-3.0, 2.0, 0.0), (-3.0, -2.0, -2.0), (-2.0, 0.0, 0.0)]
    """
    out: list[WaterfallStep] = []
    level = 0.0
    for index, value in enumerate(values):
        is_level = index in (0, len(values) - 1)
        new = value if is_level else level + value
        old = 0.0 if is_level else level
        kind = "Level" if is_level else "Adds" if value >= 0 else "Takes away"
        out.append(WaterfallStep(kind, min(old, new), max(old, new), value))
        level = new
    return out


def _columns(made: list[WaterfallStep]) -> dict[str, list[float | None]]:
    """Series name -> one number a category. Stacks grow away from zero on both sides of it."""
    out: dict[str, list[float | None]] = {"Base": [_base(step) for step in made]}
    for kind in _TONES:
        out[kind] = _of_kind(made, kind, _main_part)
        below = _of_kind(made, kind, lambda step: step.low if step.crosses else None)
        if any(below):
            out[kind + _BELOW] = below
    return out


def _of_kind(
    made: list[WaterfallStep], kind: str, value: Callable[[WaterfallStep], float | None]
) -> list[float | None]:
    """A number for each column of one kind, gaps for the others."""
    return [value(step) if step.kind == kind else None for step in made]


def _base(step: WaterfallStep) -> float:
    return 0.0 if step.kind == "Level" else step.base


def _main_part(step: WaterfallStep) -> float:
    """What the visible series holds: the level, the part above zero, or a length with the sign of its side."""
    if step.kind == "Level":
        return step.value
    if step.crosses:
        return step.high
    return step.high - step.low if step.low >= 0 else step.low - step.high


def waterfall(canvas: Canvas, chart: Chart, box: Box, grid: Grid) -> Any:
    """Start, changes and end as columns that float where they belong, also below zero.

    Args:
        canvas: The slide.
        chart: The chart; its first and last categories are levels.
        box: Where, points.
        grid: Its table.
    """
    values = [v or 0 for v in grid.series[0].values]
    made = steps(values)
    columns = _columns(made)
    data = SafeChartData(number_format=number_format(chart.format, values))
    data.categories = list(grid.categories)
    for name, numbers in columns.items():
        data.add_series(name, numbers)
    frame = add_frame(canvas, XL_CHART_TYPE.COLUMN_STACKED, box, data)
    native, plot = frame.chart, frame.chart.plots[0]
    quiet_axes(native, canvas, 12)
    plot.overlap, plot.gap_width = 100, 45
    drawn = dict(zip(columns, plot.series, strict=True))
    drawn["Base"].format.fill.background()
    for name, series in drawn.items():
        series.invert_if_negative = False
        if name != "Base":
            fill(series, canvas, _TONES[name.removesuffix(_BELOW)])
    named = dict(chart.tones)
    for index in {0, len(made) - 1}:
        if grid.keys[index] in named:
            fill(drawn["Level"].points[index], canvas, named[grid.keys[index]])
    low, high = min(s.low for s in made), max(s.high for s in made)
    _labels(canvas, chart, drawn, made, box.h * _PLOT / ((high - low) or 1))
    native.value_axis.minimum_scale = low - (high - low) * 0.08 if low < 0 else 0
    return frame


def _labels(
    canvas: Canvas, chart: Chart, drawn: dict[str, Any], made: list[WaterfallStep], points_per_unit: float
) -> None:
    """Each column's own number: live where a format can write it, fixed words for changes of a share or below zero."""
    values = [step.value for step in made]
    base = number_format(chart.format.removeprefix("+"), values)
    formats = {"Level": base, "Adds": "+" + base, "Takes away": "−" + base}
    last = len(made) - 1
    for name, form in formats.items():
        labels = drawn[name].data_labels
        labels.number_format, labels.number_format_is_linked, labels.show_value = form, False, True
        labels.font.size, labels.font.bold = Pt(12), True
        canvas.colour(labels.font.color, canvas.palette.on(_TONES[name]))  # type: ignore[arg-type]
    bare = chart.format.removeprefix("+")
    is_fixed = bare in SHARES or bare.startswith("money")  # number formats cannot write their signed changes
    for index, step in enumerate(made):
        words = chart_table.written(chart, index, last, step.value)
        if step.tallest * points_per_unit < _THIN:
            _beside(canvas, drawn, index, step, words, points_per_unit)
        elif step.crosses and -step.low > step.high:
            _inside(canvas, drawn[step.kind + _BELOW], index, step, words)
            _silent(drawn[step.kind], index)
        elif step.low < 0 or (step.kind != "Level" and is_fixed):
            _inside(canvas, drawn[step.kind], index, step, words)


def _inside(canvas: Canvas, series: Any, index: int, step: WaterfallStep, words: str) -> None:
    """Fixed words in the middle of a column."""
    point_label(series, index, canvas, _TONES[step.kind], "General", None, name=False, words=words, on=True)


def _beside(
    canvas: Canvas, drawn: dict[str, Any], index: int, step: WaterfallStep, words: str, points_per_unit: float
) -> None:
    """The number of a column too low to hold it: at the end of the invisible part under it, else over the column."""
    tone = _TONES[step.kind]
    base = abs(_base(step)) * points_per_unit
    if base > _THIN:
        _silent(drawn[step.kind], index)
        place = XL_LABEL_POSITION.INSIDE_END
        point_label(drawn["Base"], index, canvas, tone, "General", place, name=False, words=words)
    else:
        point_label(drawn[step.kind], index, canvas, tone, "General", None, name=False, words=words)


def _silent(series: Any, index: int) -> None:
    """No label on this point."""
    frame = series.points[index].data_label
    frame.has_text_frame = False
    label = frame._get_or_add_dLbl()
    for name in ("c:showVal", "c:showSerName", "c:showCatName"):
        found = label.find(qn(name))
        if found is not None:
            found.set("val", "0")

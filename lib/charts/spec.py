"""A chart as data: what it shows, not how it is drawn. Pages draw it with Altair, decks natively, both from this."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lib.engine.evidence.evidence import Evidence

Kind = Literal["bars", "columns", "lines", "stacked", "intervals", "waterfall", "heatmap", "scatter"]


@dataclass(frozen=True)
class Traits:
    """What every drawing of a kind of chart has to know about it.

    Attributes:
        colours: What has a colour of its own: each category, each series, or each series only where there are several.
        is_whole: Its parts make up a whole.
        has_changes: First and last value are levels, those between are changes.
        is_flat: One mark a row: a series goes into the category's name.
        fits_small: Can be read at a quarter of a page.
    """

    colours: Literal["category", "series", "split"] = "category"
    is_whole: bool = False
    has_changes: bool = False
    is_flat: bool = False
    fits_small: bool = True


# Drawn for pages by `altair_draw.BUILDERS`, for decks by the report's native charts.
KINDS: dict[Kind, Traits] = {
    "bars": Traits("split"),
    "columns": Traits("split"),
    "lines": Traits("series"),
    "stacked": Traits("split", is_whole=True),
    "intervals": Traits(is_flat=True),
    "waterfall": Traits(has_changes=True),
    "heatmap": Traits(fits_small=False),
    "scatter": Traits("split", fits_small=False),
}

# Roles, not decoration; each is named in words beside the colour wherever it is used.
COLOURS = {
    "process": "#2360A5",
    "outcome": "#B4530F",
    "shared": "#2E7D6B",
    "alarm": "#A61C3C",
    "ink": "#1F2933",
    "muted": "#6B7280",
    "pale": "#A7B1BF",
    "mist": "#DDE2E9",
    "line": "#D5DBE3",
    "paper": "#FFFFFF",
}
# What only pages draw with: quiet text, grid lines, the ground of cards and of empty cells, the roles' pale grounds.
GROUNDS = {
    "soft": "#4B5563",
    "focus": "#7DB2EA",
    "grid": "#E8ECF1",
    "card": "#FFFFFF",
    "field": "#F4F6F9",
    "process-ground": "#E4EDF7",
    "outcome-ground": "#F9E9DD",
    "shared-ground": "#E1F0EB",
    "muted-ground": "#EDEFF2",
    "alarm-ground": "#FBE6EB",
}
# The same names for a reader whose system is dark. A page's style block makes one CSS variable of each pair.
DARK = {
    "process": "#76B0EE",
    "outcome": "#F0A061",
    "shared": "#5CC0A6",
    "alarm": "#F5849B",
    "ink": "#E6EBF1",
    "muted": "#9AA5B4",
    "pale": "#5F6B7B",
    "mist": "#3B4654",
    "line": "#3A4655",
    "paper": "#11171F",
    "soft": "#B7C1CD",
    "focus": "#7DB2EA",
    "grid": "#26303B",
    "card": "#1A222C",
    "field": "#171E27",
    "process-ground": "#142A42",
    "outcome-ground": "#3B2616",
    "shared-ground": "#12312A",
    "muted-ground": "#242D38",
    "alarm-ground": "#42182A",
}


@dataclass(frozen=True)
class Chart:
    """One chart.

    Attributes:
        kind: bars (horizontal, one per category), columns (vertical), lines (over time), stacked (100 % columns;
            amounts up and down from zero where some are negative), intervals (dot and range per category), waterfall
            (start, effects, end), heatmap (cohorts), scatter.
        evidence: The table it draws; only columns named below are used.
        x: Column of the category or time.
        y: Column of the value.
        series: Column that splits into several lines or stacks; "" for one.
        low, high: Columns of the interval's ends; "" for none.
        format: How values are written (lib.engine.evidence.formats).
        tones: Category or series value -> key of COLOURS; what is not named is `pale` or the next role in order.
        highlight: Category to emphasise.
        title: What the picture says, a short sentence; "" when a heading beside it says so.
        caption: What is plotted, with units and period.
        alt: The picture in words, for people who cannot see it.
        reference: A value to draw a thin line at (target, no effect), or None.
    """

    kind: Kind
    evidence: Evidence
    x: str
    y: str
    alt: str
    series: str = ""
    low: str = ""
    high: str = ""
    format: str = "number"
    tones: tuple[tuple[str, str], ...] = ()
    highlight: str = ""
    title: str = ""
    caption: str = ""
    reference: float | None = None

    @property
    def traits(self) -> Traits:
        """What its kind is like."""
        return KINDS[self.kind]

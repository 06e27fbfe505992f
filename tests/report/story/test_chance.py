"""A headline about a change says what of it could be chance, by the range that stands beside it."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest

from lib.analysis.metrics.mix_rate import MixResult, explain
from lib.analysis.metrics.periods import Period
from lib.report.story.slides.charts import audit_charts

BEFORE = Period(dt.date(2026, 1, 1), dt.date(2026, 1, 31), "Jan 2026")
AFTER = Period(dt.date(2026, 2, 1), dt.date(2026, 2, 28), "Feb 2026")
Counts = dict[str, tuple[int, int]]


def split(before: Counts, after: Counts) -> MixResult:
    """Segment -> (entered, reached) in each of two months."""
    rows = [
        {"segment": segment, "day": day, "entered": entered, "reached": reached}
        for day, counts in ((BEFORE.first, before), (AFTER.first, after))
        for segment, (entered, reached) in counts.items()
    ]
    return explain(rows, BEFORE, AFTER, "trial_start to paid", "", {}, {}, is_share=True)


def headline(found: MixResult) -> str:
    """The headline of the slide about the change."""
    return audit_charts(SimpleNamespace(evidence=found.evidence))[0].headline.text


def test_a_change_within_its_own_range_is_called_possible_chance() -> None:
    found = split({"a": (1000, 91), "b": (100, 2)}, {"a": (1000, 90), "b": (200, 4)})
    low, high = (found.evidence[1].records()[0][f"change_{end}"] for end in ("low", "high"))
    assert low < 0 < high
    said = headline(found).replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")
    assert (
        said == "Trial start to paid fell from 8.5 % in Jan 2026 to 7.8 % in Feb 2026, which could be chance"
    )
    assert "no clear change" in found.verdict.text


def test_mix_beyond_its_range_stands_and_the_rest_is_called_possible_chance() -> None:
    found = split({"a": (5000, 1000), "b": (1000, 50)}, {"a": (5000, 980), "b": (6000, 300)})
    assert found.conclusion == "mix"
    assert headline(found).endswith(", mostly because of who came; the rest could be chance")


def test_a_clear_mix_with_clear_rates_says_no_chance() -> None:
    found = split({"a": (50_000, 10_000), "b": (10_000, 500)}, {"a": (50_000, 9000), "b": (60_000, 3000)})
    assert headline(found).endswith(", mostly because of who came")


@pytest.mark.parametrize(("after", "is_chance"), [((5000, 900), False), ((5000, 965), True)])
def test_rates_that_could_be_chance_are_called_so(after: tuple[int, int], is_chance: bool) -> None:
    found = split({"a": (5000, 1000), "b": (1000, 50)}, {"a": after, "b": (1300, 50)})
    row = found.evidence[1].records()[0]
    assert (row["rate_effect_low"] <= 0 <= row["rate_effect_high"]) is is_chance
    assert ("chance" in headline(found)) is is_chance
    assert ("chance" in found.verdict.text) is (is_chance and found.conclusion in ("rate", "both"))

"""Touches on the day of the purchase, and purchases that carry a channel of their own."""

from pathlib import Path

import pytest

from lib.analysis.events.attribution import NO_TOUCH, attribution
from lib.engine import query
from tests.analysis.journey_tables import events

CHANNELS = ("channel",)


def credit(rows: list[tuple[str, str, float, str | None]], folder: Path, model: str) -> dict[str, float]:
    """Channel -> conversions by one model; the portable query says the same."""
    data = events(folder, rows, CHANNELS)
    found = attribution(data, "order")
    table = found.evidence[0]
    said = {
        str(row["channel"]): row
        for row in query.query(table.sql, {"events": data}, dict(table.params)).records()
    }
    of_model = {str(row["channel"]): row["conversions"] for row in table.records() if row["model"] == model}
    assert {name: row[model] for name, row in said.items()} == pytest.approx(
        {name: value for name, value in of_model.items() if name != NO_TOUCH and (value or name in said)}
    )
    return {name: float(str(value)) for name, value in of_model.items() if value}


def test_a_touch_on_the_day_of_the_purchase_counts_where_only_days_are_known(tmp_path: Path) -> None:
    rows = [(f"a{i}", "visit", i, "mail") for i in range(4)] + [(f"a{i}", "order", i, None) for i in range(4)]
    assert credit(rows, tmp_path, "last") == {"mail": 4}


def test_a_touch_after_the_purchase_does_not_count(tmp_path: Path) -> None:
    assert credit([("a", "order", 1, None), ("a", "visit", 1.1, "mail")], tmp_path, "last") == {NO_TOUCH: 1}


def test_an_order_with_a_channel_is_its_own_last_touch(tmp_path: Path) -> None:
    rows = [("a", "order", 1, "zalando"), ("b", "visit", 1, "mail"), ("b", "order", 1, "affiliate")]
    assert credit(rows, tmp_path / "last", "last") == {"zalando": 1, "affiliate": 1}
    assert credit(rows, tmp_path / "first", "first") == {"zalando": 1, "mail": 1}


def test_touches_that_were_chosen_leave_the_order_out(tmp_path: Path) -> None:
    rows = [("a", "order", 1, "zalando"), ("b", "visit", 1, "mail"), ("b", "order", 1, "affiliate")]
    found = attribution(events(tmp_path, rows, CHANNELS), "order", touches=["visit"], models=["last"])
    said = {row["channel"]: row["conversions"] for row in found.evidence[0].records() if row["conversions"]}
    assert said == {"mail": 1, NO_TOUCH: 1}

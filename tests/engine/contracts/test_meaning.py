"""What a column of numbers means: values first, names with word borders second, a person before both."""

from __future__ import annotations

import numpy as np
import pytest

from lib.engine.contracts.meaning import ValueShape, by_name, followed, is_steady, of_metric, rises

COUNTS = ValueShape(0, 340, is_whole=True, periods=20)
SHARES = ValueShape(0.02, 0.61, periods=20)


@pytest.mark.parametrize(
    "name",
    ["Narrated tours", "Migrations", "Conversions", "Incorporated firms", "Shared boards", "NPS answers",
     "Scoreboard views", "Operating stores", "number of rated calls", "Total conversion", "Demo requests"],
)  # fmt: skip
def test_whole_numbers_that_grow_are_counts_whatever_letters_their_name_holds(name: str) -> None:
    assert of_metric(name, COUNTS).adds == "sum"


@pytest.mark.parametrize(
    "name",
    ["Reply rate", "share of returning guests", "Cost per lead", "avg basket", "NPS", "Bounce %", "Anteil der Neukunden",
     "Median wait", "churn_rate", "QualityScore"],
)  # fmt: skip
def test_rates_prices_and_scores_are_averaged(name: str) -> None:
    assert of_metric(name, ValueShape(1.5, 61.0, periods=20)).adds == "mean"


def test_fractions_are_no_count_and_a_person_is_asked() -> None:
    found = of_metric("signups", SHARES)
    assert (found.adds, found.is_open) == ("mean", True)
    assert not of_metric("zorks", SHARES).is_open


def test_hundreds_are_no_percentage_and_a_person_is_asked() -> None:
    found = of_metric("Activation", ValueShape(120, 900, is_whole=True))
    assert (found.adds, found.is_open) == ("sum", True)


def test_what_a_person_says_counts_before_everything() -> None:
    assert of_metric("Reply rate", SHARES, "sum").adds == "sum"
    assert of_metric("Reply rate", SHARES, "nonsense").adds == "mean"


@pytest.mark.parametrize("name", ["InvoiceNo", "ad_id", "Customer ID", "Year", "order number", "zip"])
def test_identifiers_and_parts_of_a_date_are_no_metrics(name: str) -> None:
    assert of_metric(name, ValueShape(1, 99_999, is_whole=True)).adds == "never"


@pytest.mark.parametrize("name", ["Paid", "Grid orders", "Day passes sold", "Identified leads", "ideas"])
def test_an_identifier_is_named_as_one(name: str) -> None:
    assert by_name(name)[0] != "never"


def test_a_level_by_its_name_or_by_how_slowly_it_moves() -> None:
    assert of_metric("MRR", COUNTS).adds == "level"
    assert of_metric("Employees", COUNTS).adds == "level"
    slow = of_metric("Stand", ValueShape(980, 1010, is_slow=True, periods=9))
    assert (slow.adds, slow.is_open) == ("level", True)
    assert of_metric("Visits", ValueShape(980, 1010, is_whole=True, is_slow=True)).adds == "sum"


def test_a_growing_business_is_no_running_total() -> None:
    growth = 100 * 1.06 ** np.arange(40)
    assert rises(growth)
    assert not is_steady(growth)
    assert of_metric("Zorks", ValueShape(100, 1000, only_rises=True, periods=12)).adds == "sum"


def test_a_total_by_its_steps_or_by_its_name() -> None:
    steps = np.array([5, 9, 4, 7, 6, 8, 5, 9, 7, 6] * 4, float)
    total = np.cumsum(steps)
    assert is_steady(total)
    assert followed(total, [("noise", total[::-1]), ("new", steps)]) == "new"
    assert of_metric("Zorks", ValueShape(only_rises=True, is_steady=True, periods=40)).adds == "running"
    assert of_metric("Zorks", ValueShape(only_rises=True, follows="new", periods=14)).adds == "running"
    assert of_metric("Cumulative zorks", ValueShape(1, 9, is_whole=True)).adds == "running"


def test_a_level_that_only_grew_stays_a_level() -> None:
    shape = ValueShape(10, 900, is_whole=True, only_rises=True, is_steady=True, follows="new", periods=60)
    assert of_metric("Total customers", shape).adds == "level"

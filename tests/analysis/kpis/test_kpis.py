"""KPIs on tables that can be counted by hand, and the golden values."""

import math
from pathlib import Path

import pytest

from lib.analysis.kpis.kpi_value import channel_sql, poisson_ratio
from lib.analysis.kpis.kpis import kpis
from lib.analysis.kpis.money_kpis import ltv_variants
from lib.analysis.kpis.survey_kpis import nps_interval
from lib.workbook.model import fold
from tests.analysis.company_tables import survey, table

BOOK = fold({"settings/gross_margin": 0.8, "settings/currency": "EUR"})


def test_golden_values() -> None:
    score = nps_interval(50, 20, 100)
    assert score.value == pytest.approx(30)
    assert score.high - score.value == pytest.approx(15.3, abs=0.05)
    found = ltv_variants(100, 0.8, 0.03)
    assert [round(x) for x in (found.simple, found.discounted, found.capped_36, found.capped_60)] == [
        2667,
        2123,
        1776,
        2238,
    ]


def test_nps_is_bounded_and_shrinks_with_answers() -> None:
    assert nps_interval(10, 0, 10).high == 100
    assert nps_interval(0, 0, 0).n == 0
    small, large = nps_interval(10, 4, 20), nps_interval(100, 40, 200)
    assert large.high - large.low < small.high - small.low


def test_survey_kpis_are_counted_and_withheld_when_few(tmp_path: Path) -> None:
    found = kpis(BOOK, {"survey": survey(16, 24, tmp_path, (10, 10, 8, 3))})
    pmf = found.values["pmf_share"]
    assert pmf.is_known
    assert pmf.interval.value == 0.4
    assert (round(pmf.interval.low, 3), round(pmf.interval.high, 3)) == (0.263, 0.554)
    assert pmf.fact.text.replace("\u00a0", " ") == "40.0 %"
    assert found.values["nps"].interval.value == pytest.approx(25)
    few = kpis(BOOK, {"survey": survey(5, 5, tmp_path)}).values["pmf_share"]
    assert not few.is_known
    assert few.needs == "about 20 more answers to the fit question"


def test_open_deals_count_neither_way(tmp_path: Path) -> None:
    rows = [
        (f"d{i}", "2026-01-01", "won" if i < 10 else "lost" if i < 40 else "open", i % 2 == 0)
        for i in range(60)
    ]
    found = kpis(BOOK, {"deals": table("deals", rows, tmp_path)})
    assert found.values["win_rate"].interval.value == 0.25
    assert found.values["win_rate"].interval.n == 40
    effect = found.values["sales_enablement"]
    assert effect.is_known
    assert effect.interval.value == pytest.approx(0.0)
    assert effect.interval.low < 0 < effect.interval.high


def _customers() -> list[tuple[object, ...]]:
    """40 customers of January, 10 euros a month; the first 8 left in February; 30 came by paid search."""
    return [
        (
            f"c{i}",
            "2026-01-10",
            "paid_search" if i < 30 else "organic",
            10.0 + (i % 3 - 1),
            "2026-02-10" if i < 8 else None,
        )
        for i in range(40)
    ]


def test_cost_and_payback(tmp_path: Path) -> None:
    data = {
        "customers": table("customers", _customers(), tmp_path),
        "spend": table(
            "spend", [("2026-01-01", "paid_search", 300.0), ("2026-01-31", "paid_search", 300.0)], tmp_path
        ),
    }
    found = kpis(BOOK, data)
    assert found.values["cac"].interval.value == pytest.approx(15)
    assert found.values["cac_paid"].interval.value == pytest.approx(20)
    mean = sum(row[3] for row in _customers()) / 40  # type: ignore[misc]
    assert found.values["cac_payback"].interval.value == pytest.approx(15 / (mean * 0.8) * 30)
    assert found.values["cac"].fact.text == "€15"
    assert not found.values["ltv"].is_known, "eight churned customers are too few"
    assert "22 more customers who left" in found.values["ltv"].needs
    without = kpis(fold({}), data)
    assert without.values["cac_payback"].needs == "the gross margin, in the workbook's settings"


def test_channels_and_quick_ratio(tmp_path: Path) -> None:
    found = kpis(BOOK, {"customers": table("customers", _customers(), tmp_path)})
    assert found.values["organic_share"].interval.value == pytest.approx(0.25)
    assert found.values["channel_concentration"].interval.value == pytest.approx(0.75)
    assert found.largest_channel == "paid_search"
    assert found.values["paying_customers"].interval.value == 32
    lost = sum(row[3] for row in _customers()[:8])  # type: ignore[misc]
    gained = sum(row[3] for row in _customers())  # type: ignore[misc]
    assert found.values["quick_ratio"].interval.value == pytest.approx(gained / lost)


def test_aliases_join_channels(tmp_path: Path) -> None:
    rows = [(f"c{i}", "2026-01-10", "FB" if i < 20 else "Paid Social ", 10.0, None) for i in range(40)]
    book = fold({"channels/fb": "paid_social", "channels/paid social": "paid_social"})
    found = kpis(book, {"customers": table("customers", rows, tmp_path)})
    assert found.largest_channel == "paid_social"
    assert found.values["channel_concentration"].interval.value == 1.0
    assert "''" in channel_sql("channel", {"o'brien": "x"}), "quotes in an alias cannot break out"


def test_activation_counts_only_users_old_enough(tmp_path: Path) -> None:
    rows = []
    for i in range(40):
        rows.append((f"u{i}", "signup", "2026-01-01 10:00:00", None, None))
        if i < 10:
            rows.append((f"u{i}", "activated", "2026-01-03 10:00:00", None, 5.0))
        elif i < 20:
            rows.append((f"u{i}", "activated", "2026-01-09 10:00:00", None, None))  # after the seventh day
    rows += [(f"v{i}", "signup", "2026-01-09 10:00:00", None, None) for i in range(50)]  # too young
    found = kpis(fold({}), {"events": table("events", rows, tmp_path)}).values
    assert found["activation_rate"].interval.n == 40
    assert found["activation_rate"].interval.value == 0.25
    assert "activated" in found["activation_rate"].definition
    assert found["revenue_per_active_user"].interval.value == pytest.approx(50 / 90)


def test_without_data_nothing_is_told() -> None:
    found = kpis(fold({}), {})
    assert found.verdict.status == "unclear"
    assert not found.values


def test_every_kpi_says_what_it_is(tmp_path: Path) -> None:
    data = {"customers": table("customers", _customers(), tmp_path), "survey": survey(20, 20, tmp_path)}
    for value in kpis(BOOK, data).values.values():
        assert value.definition
        assert value.evidence.method
        assert value.is_known != bool(value.needs) or not math.isfinite(value.interval.value)
        assert value.evidence.sources or value.id == "ltv_to_cac"


def test_a_count_of_nothing_has_no_ratio() -> None:
    assert math.isnan(poisson_ratio(100, 0).value)
    wide, narrow = poisson_ratio(100, 5), poisson_ratio(2000, 100)
    assert wide.high / wide.low > narrow.high / narrow.low


def test_empty_tables_do_not_break(tmp_path: Path) -> None:
    data = {name: table(name, [], tmp_path) for name in ("survey", "deals", "customers", "spend", "events")}
    for value in kpis(BOOK, data).values.values():
        assert not value.is_known or value.id == "paying_customers"

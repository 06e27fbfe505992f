"""Cents, millionths and currencies: said where the file says it, asked where it may be, never in silence."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib.engine import intake, query
from lib.engine.contracts import recognition
from lib.engine.datasets.dataset import Dataset
from lib.engine.intake import money
from lib.errors import MappingError
from tests.engine.intake.test_warnings import (
    _in_this_process,  # noqa: F401 - takes files in without a process of its own
    reading_of,
    taken,
)

CHARGES = (
    "deal_id,created_date,outcome,amount,currency\nx1,2026-01-05,won,4900,usd\nx2,2026-01-06,won,120000,usd\n"
)


def amounts(data: Dataset, name: str) -> list[float]:
    return [row[name] for row in query.query(f"SELECT {name} FROM t", {"t": data}).records()]


@pytest.mark.parametrize(("answer", "right"), [("hundredths", [49, 1200]), ("whole", [4900, 120000])])
def test_whole_amounts_beside_a_currency_are_asked(tmp_path: Path, answer: str, right: list[float]) -> None:
    reading = reading_of(tmp_path, CHARGES.encode)
    mapping = recognition.propose(reading, "deals").mapping
    (question,) = recognition.open_questions(reading, "deals", mapping)
    assert question.id == "unit:amount"
    assert dict(question.options)["hundredths"].startswith("49.00")
    with pytest.raises(MappingError, match="as payment systems write cents"):
        taken(reading, "deals", tmp_path)
    assert amounts(taken(reading, "deals", tmp_path, {"unit": answer}), "amount") == right


@pytest.mark.parametrize("change", [
    ("4900", "49.00"),  # cents are written
    ("4900", "12"),  # less than any payment system takes
    ("amount,currency", "Amount,Currency"),  # a report for people
    ("usd", "jpy"),  # has no hundredths
    ("currency", "country"),
])  # fmt: skip
def test_other_amounts_are_not_asked(tmp_path: Path, change: tuple[str, str]) -> None:
    assert reading_of(tmp_path, CHARGES.replace(*change).encode).questions == ()


@pytest.mark.parametrize(("header", "right"), [
    ("spend_cents", [12.5, 3]), ("Spend (cents)", [12.5, 3]), ("spendInPence", [12.5, 3]), ("spend_micros", [0.00125, 0.0003]),
    ("spend", [1250, 300]),
])  # fmt: skip
def test_what_the_name_says_is_done_and_told(tmp_path: Path, header: str, right: list[float]) -> None:
    content = f"date,channel,{header}\n2026-01-05,ads,1250\n2026-01-06,ads,300\n"
    reading = reading_of(tmp_path, content.encode)
    assert any("divided by" in note for note in reading.notes) is (header != "spend")
    mapping = {"date": "date", "channel": "channel", "spend": header}
    data = intake.accept(reading, "spend", mapping, home=tmp_path)
    assert amounts(data, "spend") == pytest.approx(right)


@pytest.mark.parametrize("column", ["Currency", "currency_code", "Währung", "devise"])
def test_several_currencies_beside_amounts_are_named(tmp_path: Path, column: str) -> None:
    content = f"date,channel,spend,{column}\n2026-01-05,ads,12,EUR\n2026-01-06,ads,3,GBP\n"
    notes = reading_of(tmp_path, content.encode).notes
    assert any("several currencies (EUR, GBP)" in note for note in notes)
    same = reading_of(tmp_path, content.replace("GBP", "EUR").encode).notes
    assert not any("currencies" in note for note in same)


def test_a_sign_and_its_code_are_one_currency() -> None:
    assert money.in_cells(["1 240,50 €", "EUR 3", "5 eur"]) == ["€"]
    assert money.in_cells(["$ 5", "3 USD"]) == ["$"]
    assert money.in_cells(["CHF 5", "£3", "3 kr"]) == ["CHF", "£", "kr"]


def test_fiscal_quarters_and_several_styles_of_dates_are_told(tmp_path: Path) -> None:
    fiscal = "period,channel,spend\nFY26 Q1,ads,12\nFY26 Q2,ads,3\n"
    assert any("fiscal years" in note for note in reading_of(tmp_path, fiscal.encode).notes)
    mixed = "date,channel,spend\n2026-01-25,ads,12\n26.01.2026,ads,3\n2026-02-27,ads,5\n"
    assert any("written in 2 ways" in note for note in reading_of(tmp_path, mixed.encode).notes)


def test_swapped_dates_are_not_used_before_they_are_answered(tmp_path: Path) -> None:
    content = "date,channel,spend\n2026-05-01,ads,12\n13/01/2026,ads,3\n2026-06-01,ads,5\n"
    reading = reading_of(tmp_path, content.encode)
    mapping = recognition.propose(reading, "spend").mapping
    assert [q.id for q in recognition.open_questions(reading, "spend", mapping)] == ["swapped:date"]
    with pytest.raises(MappingError, match="may have swapped day and month"):
        taken(reading, "spend", tmp_path)
    data = taken(reading, "spend", tmp_path, {"swapped": "swapped"})
    assert [str(day) for day in amounts(data, "date")] == ["2026-01-05", "2026-01-13", "2026-01-06"]
    right = taken(reading, "spend", tmp_path, {"swapped:date": "right"})
    assert [str(day) for day in amounts(right, "date")] == ["2026-05-01", "2026-01-13", "2026-06-01"]

"""Tables of orders, payments and subscriptions: what one row is, and what money it brings."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from lib.engine import intake
from lib.engine.contracts import recognition, table_meaning
from lib.engine.contracts.recognition import ContractProposal
from lib.engine.datasets.dataset import Dataset


def best(folder: Path, text: str, **answers: str) -> tuple[Dataset, ContractProposal]:
    """A file taken in as what it is recognised as."""
    file = folder / "file.csv"
    file.write_text(text, encoding="utf-8")
    reading = intake.read(file)
    found = recognition.recognise(reading)[0]
    return intake.accept(reading, found.contract, found.mapping, answers=answers, home=folder / "home"), found


def rows(made: Dataset, columns: str) -> list[tuple]:
    return duckdb.sql(f"SELECT {columns} FROM '{made.path}' ORDER BY ALL").fetchall()


def test_orders_are_purchases_of_a_person_at_price_times_quantity(tmp_path: Path) -> None:
    text = ("InvoiceNo,StockCode,Quantity,InvoiceDate,UnitPrice,CustomerID\n"
            "7001,K1,3,2026-01-05 10:00:00,2.50,91\n7001,K2,1,2026-01-05 10:00:00,4.00,91\n"
            "7002,K1,2,2026-01-06 11:00:00,2.50,92\n")  # fmt: skip
    made, found = best(tmp_path, text)
    assert (found.contract, found.mapping["user_id"], found.mapping["event"]) == (
        "events",
        "CustomerID",
        "=purchase",
    )
    assert sorted(rows(made, "revenue")) == [(4.0,), (5.0,), (7.5,)]


def test_payments_in_cents_are_money_less_what_was_refunded(tmp_path: Path) -> None:
    text = ("id,object,amount,amount_refunded,created,currency,customer,status\n"
            "p1,charge,2500,500,1767607200,eur,c1,succeeded\np2,charge,9900,0,1767693600,eur,c2,failed\n"
            "p3,charge,1200,0,1767780000,eur,c2,succeeded\n")  # fmt: skip
    made, found = best(tmp_path, text, unit="hundredths")
    assert found.contract == "events"
    assert "cents" in found.reasons[""]
    assert rows(made, "user_id, revenue") == [("c1", 20.0), ("c2", 12.0)]


def test_the_name_of_an_event_is_not_its_number(tmp_path: Path) -> None:
    text = "event_id,at_time,type,user_id\n" + "".join(
        f"{88_000 + i},2026-01-05 0{i % 9}:00:00,{('open', 'save', 'send')[i % 3]},p{i % 5}\n"
        for i in range(30)
    )
    _, found = best(tmp_path, text)
    assert (found.contract, found.mapping["event"]) == ("events", "type")


def test_subscriptions_become_customers_with_a_monthly_revenue(tmp_path: Path) -> None:
    text = ("subscription_id,account_id,plan,billing_interval,amount,seats,start_date,end_date,status\n"
            "s1,a1,Grow,month,30,2,2025-05-01,,active\ns2,a1,Add-on,year,120,1,2025-06-01,,active\n"
            "s3,a2,Grow,quarter,90,1,2025-05-04,2025-12-01,cancelled\n")  # fmt: skip
    made, found = best(tmp_path, text)
    assert found.contract == "subscriptions"
    assert made.contract == "customers"
    assert rows(made, "customer_id, mrr, churn_date IS NULL") == [("a1", 70.0, True), ("a2", 30.0, False)]


def test_payments_with_a_status_are_no_deals(tmp_path: Path) -> None:
    text = "id,created,amount,status\n" + "".join(f"p{i},2026-01-{1 + i:02},{i},paid\n" for i in range(20))
    file = tmp_path / "file.csv"
    file.write_text(text, encoding="utf-8")
    deals = next(p for p in recognition.recognise(intake.read(file)) if p.contract == "deals")
    assert deals.score < 0.5


def test_the_column_that_tells_the_rows_of_a_date_apart_is_its_segment(tmp_path: Path) -> None:
    text = "week,team,calls,reply rate\n" + "".join(
        f"2026-{m:02}-02,{team},{40 + m},0.{m + 1}\n" for m in range(1, 9) for team in ("north", "south")
    )
    made, found = best(tmp_path, text)
    assert found.mapping["segment"] == "team"
    file = tmp_path / "file.csv"
    counted = table_meaning.counted(intake.read(file), found.contract, found.mapping)
    assert {name: c.adds for name, c in counted.items()} == {"calls": "sum", "reply rate": "mean"}
    assert made.has("segment")


@pytest.mark.parametrize("contract", list(recognition.contracts()))
def test_every_kind_of_table_says_what_one_row_is(contract: str) -> None:
    assert table_meaning.one_row(contract, {}).startswith("One row is one") or contract == "spend"

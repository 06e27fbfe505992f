"""Which rows count: who pays, whose dates can be right, which deals are won, which answers are answers."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pandas as pd
import pytest

from lib.analysis.kpis.kpis import kpis
from lib.engine import intake
from lib.engine.contracts import recognition
from lib.engine.datasets.dataset import Dataset
from lib.workbook.model import fold
from tests.analysis.making import dataset

BOOK = fold({"settings/gross_margin": 0.8})
DATES = ("signup_date", "churn_date", "first_paid_date", "date")


def values(made: Dataset, **more: Dataset) -> dict[str, float]:
    found = kpis(BOOK, {made.contract: made, **more}).values
    return {id: value.interval.value for id, value in found.items() if value.is_known}


def customers(folder: Path, *rows: dict) -> Dataset:
    frame = pd.DataFrame(
        [{"customer_id": f"k{i}", "signup_date": "2025-04-01", **row} for i, row in enumerate(rows)]
    )
    return dataset(folder, frame, "customers", dates=[name for name in DATES if name in frame])


def taken(folder: Path, text: str, contract: str) -> Dataset:
    file = folder / "file.csv"
    file.write_text(text, encoding="utf-8")
    reading = intake.read(file)
    mapping = dict(recognition.propose(reading, contract).mapping)
    return intake.accept(reading, contract, mapping, home=folder / "home")


@pytest.mark.parametrize("plan", ["Free", "free_forever", "Trial (14 days)", "Gratis", "TEST"])
def test_a_plan_that_nobody_pays_for_is_no_paying_customer(tmp_path: Path, plan: str) -> None:
    made = customers(tmp_path, {"plan": plan}, {"plan": "Grow"}, {"plan": "Ad-free"}, {"plan": None})
    assert values(made)["paying_customers"] == 3
    assert "not free" in kpis(BOOK, {"customers": made}).values["paying_customers"].definition


def test_the_monthly_revenue_decides_before_the_plan(tmp_path: Path) -> None:
    rows = [{"plan": "Grow", "mrr": 0.0}, {"plan": "Grow", "mrr": 20.0}, {"plan": "Free", "mrr": 5.0},
            {"plan": "Grow", "mrr": -20.0}, {"plan": "Grow", "mrr": None}]  # fmt: skip
    assert values(customers(tmp_path, *rows))["paying_customers"] == 3


def test_who_left_pays_nothing_today_and_was_a_customer(tmp_path: Path) -> None:
    gone = [{"mrr": 0.0, "churn_date": "2025-09-01"}] * 40
    made = customers(tmp_path, *gone, *[{"mrr": 10.0, "churn_date": None}] * 20)
    assert values(made)["ltv"] > 0


def test_a_status_of_trial_or_ended_is_no_paying_customer(tmp_path: Path) -> None:
    made = customers(tmp_path, {"status": "active"}, {"status": "Trialing"}, {"status": "canceled"})
    assert values(made)["paying_customers"] == 1


def test_rows_that_end_before_they_begin_count_for_nothing(tmp_path: Path) -> None:
    right = [{"mrr": 10.0, "churn_date": None}] * 12
    wrong = [{"mrr": 90.0, "churn_date": "2024-01-01"}] * 40
    found = values(customers(tmp_path, *right, *wrong))
    assert found["paying_customers"] == 12
    assert found["revenue_per_user"] == 10
    assert "ltv" not in found


def test_a_month_of_spend_lasts_to_its_end(tmp_path: Path) -> None:
    rows = [
        {"first_paid_date": f"2025-{month:02}-{day:02}"} for month in (4, 5, 6) for day in (2, 12, 22, 28)
    ]
    spend = pd.DataFrame(
        {"date": ["2025-04-01", "2025-05-01", "2025-06-01"], "channel": "seo", "spend": 240.0}
    )
    made = dataset(tmp_path / "spend", spend, "spend", dates=["date"])
    assert values(customers(tmp_path / "c", *rows), spend=made)["cac"] == 60
    weekly = pd.DataFrame({"date": ["2025-04-07", "2025-04-14"], "channel": "seo", "spend": 60.0})
    late = [{"first_paid_date": "2025-04-18"}] * 10
    made = dataset(tmp_path / "weekly", weekly, "spend", dates=["date"])
    assert values(customers(tmp_path / "d", *late), spend=made)["cac"] == 12


@pytest.mark.parametrize(
    ("stage", "outcome"),
    [("9 - Won", "won"), ("Closed-Won", "won"), ("Gewonnen", "won"), ("Not won", "lost"), ("not_won", "lost"),
     ("Won by rival", "lost"), ("Nicht gewonnen", "lost"), ("Almost to be won", "open"), ("Win-back", "open"),
     ("Not yet lost", "open"), ("Negotiation", "open"), ("Lost: price", "lost"), ("ClosedLost", "lost")],
)  # fmt: skip
def test_the_words_of_a_stage(tmp_path: Path, stage: str, outcome: str) -> None:
    made = taken(tmp_path, f"deal_id,created_date,outcome\nx1,2026-01-02,{stage}\n", "deals")
    assert duckdb.sql(f"SELECT outcome FROM '{made.path}'").fetchall() == [(outcome,)]


def test_a_scale_that_ends_at_five_gives_no_recommendation_score_but_satisfaction(tmp_path: Path) -> None:
    text = "respondent_id,nps_score\n" + "".join(f"p{i},{1 + i % 5}\n" for i in range(40))
    made = taken(tmp_path, text, "survey")
    found = kpis(BOOK, {"survey": made}).values
    assert "1 to 5" in found["nps"].needs
    assert found["csat"].interval.value == pytest.approx(0.4)


def test_a_question_for_satisfaction_is_read_as_one(tmp_path: Path) -> None:
    text = "Response ID,How satisfied were you with the delivery?\n" + "".join(
        f"p{i},{i % 11}\n" for i in range(44)
    )
    found = values(taken(tmp_path, text, "survey"))
    assert found["csat"] == pytest.approx(2 / 11)
    assert "nps" not in found


def test_who_no_longer_uses_it_did_not_answer(tmp_path: Path) -> None:
    rows = [
        "very disappointed",
        "Sehr enttäuscht",
        "Très déçu",
        "Not disappointed",
        "N/A - I no longer use it",
    ]
    text = "respondent_id,pmf_answer\n" + "".join(f"p{i},{rows[i % 5]}\n" for i in range(50))
    made = taken(tmp_path, text, "survey")
    found = kpis(BOOK, {"survey": made}).values["pmf_share"]
    assert (found.interval.n, found.interval.value) == (40, 0.75)

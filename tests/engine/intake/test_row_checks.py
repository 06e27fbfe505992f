"""What is found in the rows of a table: each check counts exactly its rows, and says nothing of clean ones."""

# ruff: noqa: E501 - one file a line reads best

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lib.engine.datasets import library
from lib.engine.datasets.dataset import Dataset
from lib.engine.datasets.reader import OWNER_OF_ALL
from lib.engine.intake import row_checks
from tests.engine.intake.test_warnings import (
    _in_this_process,  # noqa: F401 - takes files in without a process of its own
    reading_of,
    taken,
)

CUSTOMERS = "customer_id,signup_date,mrr,churn_date,first_paid_date\n"


def dataset(tmp_path: Path, content: str, contract: str) -> Dataset:
    return taken(reading_of(tmp_path, content.encode), contract, tmp_path)


@pytest.mark.parametrize(("contract", "rows", "found"), [
    ("customers", CUSTOMERS + "a,2025-03-01,20,,2025-03-04\nb,2025-03-02,30,2025-06-01,2025-03-05\n", {}),
    ("customers", CUSTOMERS + "a,2025-03-01,20,,\na,2025-03-02,30,,\na,2025-03-03,30,,\n", {}),
    ("customers", CUSTOMERS + "a,2025-03-01,20,2025-02-01,\nb,2025-03-01,20,2025-04-01,\n", {"churn_before_signup": 1}),
    ("customers", CUSTOMERS + "a,2025-03-05,20,,2025-03-01\nb,2025-03-05,20,,2025-03-04\n", {"paid_before_signup": 2}),
    ("customers", CUSTOMERS + "a,2025-03-05,-20,,\nb,2025-03-05,20,,\n", {"negative_mrr": 1}),
    ("customers", CUSTOMERS + "a,2199-03-05,20,,\nb,1900-01-00,20,,\nc,1900-01-01,20,,\n",
     {"future:signup_date": 1, "early:signup_date": 1}),
    ("customers", CUSTOMERS + "a,2025-03-05,20,2199-01-01,\n", {"future:churn_date": 1}),
    ("deals", "deal_id,created_date,outcome,closed_date,amount\nd1,2025-03-05,won,2025-02-01,9\nd2,2025-03-05,won,2025-04-01,9\n",
     {"closed_before_created": 1}),
    ("experiment", "user_id,variant,converted\nu1,a,1\nu1,a,0\nu2,b,1\n", {"repeated_user_id": 1}),
    ("deals", "deal_id,created_date,outcome,closed_date,amount\nd1,2025-03-05,won,2199-02-01,9\n", {"future:closed_date": 1}),
    ("survey", "respondent_id,nps_score\nr1,9\nr1,3\nr2,8\n", {}),
    ("spend", "date,channel,spend\n2025-03-05,ads,-5\n2025-03-05,ads,50\n", {"negative_spend": 1}),
    ("spend", "date,channel,spend,currency\n2025-03-05,ads,5,EUR\n2025-03-05,ads,50,usd\n2025-03-06,ads,7,eur\n", {"currencies": 3}),
    ("spend", "date,channel,spend,currency\n2025-03-05,ads,5,EUR\n2025-03-06,ads,7,eur\n", {}),
    ("events", "user_id,event,timestamp\nu1,a,2025-03-05 10:00:00\nu1,a,2199-03-05 10:00:00\n", {"future:timestamp": 1}),
    ("events", "user_id,event,timestamp\nu1,a,2025-03-05 10:00:00\nu1,a,2025-03-05 10:00:00\n", {}),
])  # fmt: skip
def test_each_check_counts_its_rows(tmp_path: Path, contract: str, rows: str, found: dict[str, int]) -> None:
    data = dataset(tmp_path, rows, contract)
    assert {check.id: check.count for check in data.checks} == found
    assert all(check.text.endswith(".") and "{" not in check.text for check in data.checks)
    assert all(check.text in data.remarks for check in data.checks)


def test_one_row_and_several_are_told_in_their_own_words(tmp_path: Path) -> None:
    one = dataset(tmp_path, CUSTOMERS + "a,2025-03-01,20,2025-02-01,\n", "customers")
    assert one.checks[0].text == (
        "One customer left before the sign-up date, which is impossible (churn_date 2025-02-01)."
    )
    rows = "".join(f"c{i},2025-03-01,20,2025-02-01,\n" for i in range(1200))
    many = dataset(tmp_path, CUSTOMERS + rows, "customers")
    assert many.checks[0].text.startswith("1,200 customers left before their sign-up date")


def test_checks_have_ids_of_their_own_and_two_sentences() -> None:
    ids = [check.id for check in row_checks.CHECKS]
    assert len(set(ids)) == len(ids)
    for check in row_checks.CHECKS:
        assert "{n}" in check.many
        assert "{n}" not in check.one


def test_a_dataset_from_before_cells_were_counted_still_names_the_unreadable_ones(tmp_path: Path) -> None:
    data = dataset(
        tmp_path,
        "date,channel,spend,clicks\n2025-03-05,ads,5,many\n2025-03-06,ads,7,3\n2025-03-07,ads,7,\n",
        "spend",
    )
    path = data.folder / library.MANIFEST
    text = path.read_text(encoding="utf-8")
    whole = json.loads(text)
    del whole["details"]["cells"], whole["details"]["checks"]
    whole["details"]["cell_rejects"] = [
        {"column": "clicks", "header": "clicks", "count": 1, "examples": [[2, "many"]]}
    ]
    path.write_text(json.dumps(whole), encoding="utf-8")
    old = library.open_dataset(tmp_path, data.fingerprint, OWNER_OF_ALL)
    assert [(c.column, c.read, c.empty, c.unreadable) for c in old.cells] == [("clicks", 1, 1, 1)]
    assert old.checks == ()
    assert old.cells[0].text == data.cells[-1].text

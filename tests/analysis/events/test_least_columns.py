"""A file with the required columns alone, as a CRM exports it, breaks no step: what is missing is said, not raised."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from lib.analysis.audit.audit import audit
from lib.analysis.experiments.shared_experiments import overview
from lib.analysis.handoff.handoff_map import handoff_map
from lib.analysis.kpis.kpis import kpis
from lib.analysis.stage.stage import stage
from lib.engine.datasets.dataset import Dataset
from lib.workbook.model import fold
from tests.analysis.company_tables import table

BOOK = fold({"settings/gross_margin": 0.8, "settings/currency": "EUR"})
CUSTOMERS = {"customer_id": "text", "signup_date": "date"}


def _slots(folder: Path) -> dict[str, Dataset]:
    customers = [(f"c{n}", f"2026-0{n % 6 + 1}-{n % 27 + 1:02d}") for n in range(60)]
    deals = [(f"d{n}", "2026-01-01", "won" if n % 3 else "lost") for n in range(30)]
    spend = [(f"2026-0{n % 6 + 1}-01", "paid_search", 100.0 + n) for n in range(6)]
    survey = [(f"r{n}", n % 11) for n in range(30)]
    metrics = [(f"2026-01-{n + 1:02d}", "Leads", 10.0 + n) for n in range(25)]
    return {
        "customers": table("customers", customers, folder, CUSTOMERS),
        "deals": table(
            "deals", deals, folder, {"deal_id": "text", "created_date": "date", "outcome": "text"}
        ),
        "spend": table("spend", spend, folder, {"date": "date", "channel": "text", "spend": "number"}),
        "survey": table("survey", survey, folder, {"respondent_id": "text", "nps_score": "integer"}),
        "metrics": table("metrics", metrics, folder, {"date": "date", "metric": "text", "value": "number"}),
    }


@pytest.mark.parametrize("size", [1, 2, 5])
def test_every_step_answers(tmp_path: Path, size: int) -> None:
    slots = _slots(tmp_path)
    for chosen in itertools.combinations(slots, size):
        data = {name: slots[name] for name in chosen}
        for step in (audit, handoff_map, overview, stage, kpis):
            assert step(BOOK, data).verdict.text


def test_contacts_that_never_paid_are_no_customers(tmp_path: Path) -> None:
    columns = {**CUSTOMERS, "first_paid_date": "date", "channel": "text"}
    rows = [
        (f"c{n}", "2026-01-05", "2026-03-01" if n < 20 else None, "organic" if n < 20 else "paid_search")
        for n in range(100)
    ]
    found = kpis(BOOK, {"customers": table("customers", rows, tmp_path, columns)})
    assert found.values["paying_customers"].interval.value == 20
    assert found.values["organic_share"].interval.n == 20
    assert found.values["organic_share"].interval.value == 1.0


def test_without_a_churn_date_nothing_is_said_about_losses(tmp_path: Path) -> None:
    found = kpis(BOOK, {"customers": _slots(tmp_path)["customers"]})
    assert found.values["paying_customers"].interval.value == 60
    assert not found.values["quick_ratio"].is_known
    assert "churn_date" in found.values["quick_ratio"].needs

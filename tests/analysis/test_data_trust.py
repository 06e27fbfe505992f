"""“Every record was read” is said only where it is the whole truth: rows, cells and checks."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib.analysis.data_trust import cells, checks, trust
from tests.engine.intake.test_row_checks import CUSTOMERS, dataset
from tests.engine.intake.test_warnings import (
    _in_this_process,  # noqa: F401 - takes files in without a process of its own
)

SPEND = "date,channel,spend,clicks\n" + "".join(f"2025-03-{1 + i % 28:02d},ads,5,{i}\n" for i in range(99))


def test_a_clean_file_is_good(tmp_path: Path) -> None:
    found = trust({"spend": dataset(tmp_path, SPEND, "spend")})
    assert (found.verdict.status, found.verdict.code, found.findings) == ("good", "all_read", ())
    assert found.verdict.text == "In use: 1 file with 99 rows. Every record was read."


@pytest.mark.parametrize(("more", "status", "says"), [
    ("2025-03-01,ads,5,many\n", "good", "1 cell could not be read."),
    ("2025-03-01,ads,5,many\n2025-03-01,ads,5,few\n", "good", "2 cells could not be read."),
    ("2025-03-01,ads,5,many\n" * 9, "mixed", "9 cells could not be read."),
    ("soon,ads,5,1\n2025-03-01,ads,5,many\n", "good", "1 record and 1 cell could not be read."),
    ("2025-03-01,ads,-5,1\n", "mixed", "1 point needs a look."),
])  # fmt: skip
def test_what_is_not_the_whole_truth_is_said(tmp_path: Path, more: str, status: str, says: str) -> None:
    found = trust({"spend": dataset(tmp_path, SPEND + more, "spend")})
    assert found.verdict.status == status
    assert found.verdict.text.endswith(f"usable rows. {says}")
    assert "Every record" not in found.verdict.text


def test_cells_and_checks_stand_in_the_evidence(tmp_path: Path) -> None:
    rows = "a,2025-03-01,20,2025-02-01,\nb,2025-03-01,much,,\nc,2025-03-01,30,,\n"
    data = {"customers": dataset(tmp_path, CUSTOMERS + rows, "customers")}
    by_cell, found = cells(data), checks(data)
    row = by_cell.records()[by_cell.find(column="mrr")]
    assert (row["read"], row["empty"], row["unreadable"], row["examples"]) == (2, 0, 1, "line 3: much")
    assert all(r["read"] + r["empty"] + r["unreadable"] == 3 for r in by_cell.records()[:-1])
    assert found.records()[0]["check"] == "churn_before_signup"
    judged = trust(data)
    assert [f.code for f in judged.findings] == ["many_unreadable", "row_check"]
    assert {e.title for e in judged.evidence} >= {by_cell.title, found.title}

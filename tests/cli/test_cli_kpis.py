"""`python -m lib kpis`: every KPI with value, range, n, window and definition; files that are tiny, odd or belong together."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lib.__main__ import main
from lib.engine.datasets import demo

FIELDS = {
    "kpi",
    "name",
    "value",
    "ci_low",
    "ci_high",
    "n",
    "window_start",
    "window_end",
    "definition",
    "needs",
}
EVERY = {
    "survey": {"nps", "pmf_share"}, "deals": {"win_rate"}, "events": {"activation_rate"},
    "customers": {"revenue_per_user"},
}  # fmt: skip


def _rows(capsys: pytest.CaptureFixture[str], path: str, *argv: str) -> dict[str, dict]:
    assert main(["kpis", path, *argv, "--json"]) == 0
    out = capsys.readouterr().out
    assert "NaN" not in out
    assert "Infinity" not in out
    return {row["kpi"]: row for row in json.loads(out)["rows"]}


def _file(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("contract", list(EVERY))
def test_each_kpi_of_the_demo_has_all_its_parts(capsys: pytest.CaptureFixture[str], contract: str) -> None:
    rows = _rows(capsys, str(demo.files()[contract]), "--contract", contract, "--gross-margin", "0.8")
    assert EVERY[contract] <= set(rows)
    for row in rows.values():
        assert set(row) >= FIELDS
        assert row["definition"]
        if not row["needs"]:
            assert row["ci_low"] <= row["value"] <= row["ci_high"]
            assert row["n"] > 0


def test_cost_needs_two_files(capsys: pytest.CaptureFixture[str]) -> None:
    files = demo.files()
    both = _rows(capsys, str(files["customers"]), "--contract", "customers", "--gross-margin", "0.8",
                 "--also", f"spend={files['spend']}")  # fmt: skip
    assert both["cac"]["ci_low"] < both["cac"]["value"] < both["cac"]["ci_high"]
    assert {"cac_payback", "ltv_cac"} & set(both)
    alone = _rows(capsys, str(files["spend"]), "--contract", "spend")
    assert "cost_per_click" in alone, "the price of a click needs no other file"
    assert "cac" not in alone
    assert main(["kpis", str(files["spend"]), "--contract", "spend", "--also", "pigeons=x.csv"]) == 2
    assert main(["kpis", str(files["spend"]), "--contract", "spend", "--gross-margin", "8"]) == 2


TINY = [
    ("survey", "respondent_id,nps_score,pmf_answer\nr1,10,very disappointed\n"),
    ("survey", "respondent_id,nps_score,pmf_answer\nr1,11,Very disappointed\nr2,-1,maybe\nr3,,\nr4,7,not disappointed\n"),
    ("deals", ("deal_id,created_date,outcome,sales_asset_used\n"
     "d1,2026-01-01,won,yes\nd2,2026-01-02,lost,no\nd3,2026-01-03,open,\n")),
    ("customers", ("customer_id,signup_date,mrr,churn_date\n"
     "c1,2026-01-01,50,\nc2,2026-01-05,0,2026-02-01\nc3,2026-01-09,-5,2025-12-01\n")),
    ("events", "user_id,event,timestamp\nu1,signup,2026-01-01\nu1,activated,2026-01-02\n"),
]  # fmt: skip


@pytest.mark.parametrize(("contract", "text"), TINY)
def test_a_tiny_file_is_told_what_it_lacks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], contract: str, text: str
) -> None:
    rows = _rows(capsys, _file(tmp_path / "tiny.csv", text), "--contract", contract, "--gross-margin", "0.8")
    counted = {"paying_customers"}  # a count of everybody is no estimate
    assert all(row["needs"] for key, row in rows.items() if key not in counted)


def test_one_answer_is_no_certainty(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = _rows(capsys, _file(tmp_path / "s.csv", TINY[0][1]), "--contract", "survey")
    assert rows["nps"]["ci_low"] < 0 < rows["nps"]["ci_high"]

"""What was noticed of a file is told by every command that reads it: on standard error, and as `notes` in JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lib.__main__ import main

DEALS = "deal_id,created_date,outcome,closed_date,amount\n" + "".join(
    f"d{i},2025-01-0{1 + i},won,2025-02-0{1 + i},{'to be told' if i == 3 else 100 * i}\n" for i in range(8)
)


def test_unreadable_cells_and_checks_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "deals.csv"
    path.write_text(DEALS + "d9,2025-01-09,won,2024-01-01,5\n", encoding="utf-8")
    assert main(["kpis", str(path), "--contract", "deals", "--json"]) == 0
    printed = capsys.readouterr()
    notes = json.loads(printed.out)["notes"]
    assert "One cell of amount cannot be read and is left empty: “to be told” (line 5)." in notes
    assert any("closed before it was created" in note for note in notes)
    assert printed.err.splitlines() == notes


def test_a_clean_file_has_no_notes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "deals.csv"
    path.write_text(DEALS.replace("to be told", "300"), encoding="utf-8")
    assert main(["kpis", str(path), "--contract", "deals", "--json"]) == 0
    printed = capsys.readouterr()
    assert (json.loads(printed.out)["notes"], printed.err) == ([], "")


def test_profile_tells_it_in_its_own_notes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "deals.csv"
    path.write_text(DEALS, encoding="utf-8")
    assert main(["profile", str(path), "--json"]) == 0
    out = json.loads(capsys.readouterr().out)
    assert [
        note
        for note in out["notes"]
        if "“to be told”" in note and "Most values of “amount” are numbers" in note
    ]

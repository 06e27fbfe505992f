"""Several files of a kind on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lib.__main__ import main

MARKETING = "week,visits\n" + "".join(f"2026-01-{5 + 7 * i:02d},{900 + i}\n" for i in range(4))
FINANCE = "week,revenue\n" + "".join(f"2026-01-{5 + 7 * i:02d},{4000 + i}\n" for i in range(4))


def written(folder: Path, **files: str) -> list[str]:
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return [str(folder / f"{name}.csv") for name in files]


def test_two_files_of_metrics_are_audited_side_by_side(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = written(tmp_path, marketing=MARKETING, finance=FINANCE)
    assert main(["audit", first, "--add", second, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {row["series"] for row in found["metrics"]} == {"visits", "revenue"}


def test_what_both_files_have_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    head = "user_id,event,timestamp\n"
    rows = [f"u{i},{name},2026-01-{1 + i:02d} 10:00:00\n" for i in range(20) for name in ("signup", "paid")]
    first, second, whole = written(
        tmp_path, a=head + "".join(rows[:30]), b=head + "".join(rows[20:]), whole=head + "".join(rows)
    )
    assert main(["funnel", whole, "--steps", "signup,paid", "--json"]) == 0
    expected = json.loads(capsys.readouterr().out)
    assert main(["funnel", first, "--add", second, "--steps", "signup,paid", "--json"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["rows"] == expected["rows"]
    assert "10 rows of b.csv are in an earlier file too and count once." in said.err


def test_a_rule_that_makes_no_sense_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    head = "user_id,event,timestamp\nu1,signup,2026-01-01 10:00:00\n"
    first, second = written(tmp_path, a=head, b=head + "u2,signup,2026-01-02 10:00:00\n")
    command = ["funnel", first, "--add", second, "--overlap", "apart", "--steps", "signup"]
    assert main(command) != 0
    assert "“apart” is no rule for rows in two files. Use later or both." in capsys.readouterr().err

"""What the sentence of a split says where segments come, go and shrink."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from lib.__main__ import main


def _verdict(folder: Path, capsys: pytest.CaptureFixture[str], after: list[tuple[str, int, int]]) -> str:
    before = [("a", 100, 20), ("c", 50, 10)]
    rows = [("2026-01-05", *row) for row in before] + [("2026-02-05", *row) for row in after]
    pd.DataFrame(rows, columns=["date", "segment", "leads", "paid"]).to_csv(folder / "m.csv", index=False)
    named = ["--numerator", "paid", "--denominator", "leads", "--by", "segment", "--before", "2026-01"]
    assert main(["mix", str(folder / "m.csv"), *named, "--after", "2026-02", "--json"]) == 0
    return json.loads(capsys.readouterr().out)["verdict"]["text"].replace("\u00a0", " ")


def test_no_segment_brings_more_than_all_that_is_new(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Leads grow by 10 because d brings 40 and c loses 50: "400 % of the new volume" would be no sentence."""
    said = _verdict(tmp_path, capsys, [("a", 120, 18), ("d", 40, 20)])
    assert "d went from 0 % to 25 % of the volume" in said
    assert "of the new volume" not in said


def test_where_all_grow_the_share_of_what_is_new_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = _verdict(tmp_path, capsys, [("a", 110, 22), ("c", 50, 10), ("d", 90, 81)])
    assert "d brought 90 % of the new volume" in said

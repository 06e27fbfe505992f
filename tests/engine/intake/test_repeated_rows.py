"""Rows that stand for the same thing: copies are left out, later rows win, and every one is told."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from lib.engine import intake
from lib.engine.contracts import recognition
from lib.engine.datasets import library
from lib.engine.datasets.dataset import Dataset


def taken(folder: Path, text: str, contract: str, **more: str) -> tuple[Dataset, list[str]]:
    """A file as a dataset, and what was told of it."""
    file = folder / "file.csv"
    file.write_text(text, encoding="utf-8")
    reading = intake.read(file)
    mapping = dict(recognition.propose(reading, contract).mapping) | more
    made = intake.accept(reading, contract, mapping, home=folder / "home")
    return made, json.loads((made.folder / library.MANIFEST).read_text("utf-8"))["details"]["notes"]


def rows(made: Dataset, columns: str = "*", order: str = "ALL") -> list[tuple]:
    return duckdb.sql(f"SELECT {columns} FROM '{made.path}' ORDER BY {order}").fetchall()


@pytest.mark.parametrize("shape", ["long", "wide"])
def test_a_corrected_week_counts_once_with_its_later_value(tmp_path: Path, shape: str) -> None:
    values = [
        ("2026-02-02", 31),
        ("2026-02-09", 44),
        ("2026-02-16", 27),
        ("2026-02-09", 46),
        ("2026-02-16", 27),
    ]
    if shape == "long":
        text = "date,metric,value\n" + "".join(f"{day},calls,{n}\n" for day, n in values)
    else:
        text = "week,calls\n" + "".join(f"{day},{n}\n" for day, n in values)
    made, notes = taken(tmp_path, text, "metrics")
    assert [row[0] for row in rows(made, "value", "date")] == [31, 46, 27]
    assert any("copy" in note and "once" in note for note in notes)
    assert any("later row counts" in note for note in notes)
    assert not any("as they stand" in note for note in notes)


def test_rows_of_campaigns_are_parts_not_corrections(tmp_path: Path) -> None:
    text = "day,team,budget line,calls\n" + "".join(
        f"2026-02-{day:02},{team},x{team},5\n" for day in range(1, 21) for team in "AB"
    )
    made, _ = taken(tmp_path, text, "metrics")
    assert rows(made, "sum(value)") == [(200,)]


def test_rows_told_apart_by_an_identifier_are_parts(tmp_path: Path) -> None:
    text = "day,campaign_id,calls\n" + "".join(
        f"2026-02-{day:02},{number},5\n" for day in range(1, 21) for number in (71, 72)
    )
    made, notes = taken(tmp_path, text, "metrics_wide")
    assert rows(made, "sum(value)") == [(200,)]
    assert rows(made, "DISTINCT metric") == [("calls",)]
    assert any("campaign_id" in note and "identifiers" in note for note in notes)


def test_many_rows_a_date_without_a_name_are_added_and_told(tmp_path: Path) -> None:
    text = "date,metric,value\n" + "".join(
        f"2026-02-{day:02},calls,{n + day}\n" for day in range(1, 11) for n in (3, 40)
    )
    made, notes = taken(tmp_path, text, "metrics")
    assert made.rows == 20
    assert any("added up" in note for note in notes)


def test_a_deal_in_several_rows_counts_once_in_its_latest_state(tmp_path: Path) -> None:
    text = (
        "deal_id,created_date,outcome,closed_date\nk1,2026-01-02,won,2026-03-09\nk1,2026-01-02,lost,2026-02-01\n"
        "k2,2026-01-05,lost,2026-02-02\nk2,2026-01-05,open,\nk3,2026-01-05,won,2026-02-20\n"
    )
    made, notes = taken(tmp_path, text, "deals")
    assert rows(made, "deal_id, outcome") == [("k1", "won"), ("k2", "open"), ("k3", "won")]
    assert any(note.startswith("2 rows repeat a deal") for note in notes)


def test_deals_that_only_share_a_name_stay_two(tmp_path: Path) -> None:
    text = "Deal Name,created_date,outcome\nRenewal,2026-01-02,won\nRenewal,2026-02-02,lost\n"
    made, _ = taken(tmp_path, text, "deals")
    assert made.rows == 2


def test_the_latest_answer_of_a_person_counts(tmp_path: Path) -> None:
    text = "respondent_id,date,nps_score\np1,2026-02-03,9\np1,2026-01-03,2\np2,2026-01-04,7\n"
    made, notes = taken(tmp_path, text, "survey")
    assert rows(made, "nps_score", "respondent_id") == [(9,), (7,)]
    assert any("latest" in note for note in notes)


def test_an_export_without_repetition_is_left_alone(tmp_path: Path) -> None:
    made, notes = taken(tmp_path, "date,metric,value\n2026-02-02,calls,3\n2026-02-09,calls,3\n", "metrics")
    assert made.rows == 2
    assert notes == []

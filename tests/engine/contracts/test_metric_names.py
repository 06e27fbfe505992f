"""A file with one date and one number: what its metric is called."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib.engine.contracts import recognition
from lib.engine.contracts.metric_names import is_nameless, name_of_file
from lib.errors import MappingError
from tests.engine.intake.test_hostile import read_here


def proposal(tmp_path: Path, name: str, header: str) -> recognition.ContractProposal:
    rows = "".join(f"2026-0{1 + n // 28}-{1 + n % 28:02d},{50 + n}\n" for n in range(40))
    (tmp_path / name).write_text(f"{header}\n{rows}", encoding="utf-8")
    return recognition.recognise(read_here(tmp_path / name, tmp_path / "reading"))[0]


@pytest.mark.parametrize("header", ["date,value", "Day,Total", "Datum,Wert", "month,amount"])
def test_a_column_that_says_only_number_takes_the_files_name(tmp_path: Path, header: str) -> None:
    found = proposal(tmp_path, "signups_2026-01.csv", header)
    assert (found.contract, found.mapping["metric"], found.missing) == ("metrics_long", "=signups", ())


def test_a_file_that_says_nothing_either_is_asked(tmp_path: Path) -> None:
    found = proposal(tmp_path, "export 2026.csv", "date,value")
    assert (found.contract, found.missing) == ("metrics_long", ("metric",))
    with pytest.raises(MappingError, match="Nothing says what this metric is called"):
        recognition.check_mapping(recognition.contracts()["metrics_long"], ("date", "value"), found.mapping)


def test_a_column_with_a_name_keeps_it(tmp_path: Path) -> None:
    found = proposal(tmp_path, "export.csv", "date,revenue")
    assert found.contract == "metrics_wide"
    assert "metric" not in found.mapping


def test_words_about_files_are_no_names() -> None:
    assert [is_nameless(h) for h in ("Value", "COUNT", "Unnamed: 1", "Signups", "order value")] == [
        True, True, True, False, False,
    ]  # fmt: skip
    assert name_of_file("Monthly report – Active users (final) 2026.xlsx") == "active users"
    assert name_of_file("query_result_20260105.csv") == ""

"""Every hostile file: nothing lost without a word, nothing guessed, one clear sentence where it cannot be read."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

import pytest

from lib.engine import intake
from lib.engine.intake import Limits, Reading
from lib.engine.intake.model import from_json
from lib.engine.intake.readers.parse import parse
from lib.errors import UserError
from tests.engine.hostile_files import CASES, DANGEROUS, Case

LIMITS = replace(Limits(), timeout_seconds=40, max_cells_m=20)


def read_here(path: Path, folder: Path, limits: Limits = LIMITS, sheet: str = "") -> Reading:
    """Read without a process of its own: for files that cannot hurt one."""
    folder.mkdir(exist_ok=True)
    task = {
        "path": str(path),
        "name": path.name,
        "folder": str(folder),
        "sheet": sheet,
        "limits": asdict(limits),
    }
    return from_json(parse(task, lambda share, message: None))


def check(case: Case, reading: Reading) -> None:
    a = reading.accounting
    assert (a.accepted, a.rejected, a.preamble, a.blank, a.header) == (
        case.accepted, case.rejected, case.preamble, case.blank, case.header,
    )  # fmt: skip
    if case.headers:
        assert reading.headers == case.headers
    if case.kinds:
        assert tuple(column.kind for column in reading.columns) == case.kinds
    for word in case.notes:
        assert any(word in note for note in reading.notes), reading.notes
    assert tuple(question.id for question in reading.questions) == case.asks
    for (row, column), value in case.cells.items():
        assert reading.head[row][column] == value
    for line in case.bad_lines:
        assert line in {reject.line for reject in reading.rejects}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_hostile_file_is_read_whole_or_refused_in_one_sentence(case: Case, tmp_path: Path) -> None:
    path = tmp_path / f"{case.name}.csv"
    path.write_bytes(case.make())
    if case.error:
        with pytest.raises(UserError) as caught:
            read_here(path, tmp_path / "out")
        assert case.error in caught.value.problem
        assert caught.value.remedy
        assert "\n" not in str(caught.value)
    else:
        check(case, read_here(path, tmp_path / "out"))


@pytest.mark.parametrize("case", DANGEROUS, ids=lambda case: case.name)
def test_dangerous_file_never_hurts_the_server(case: Case, tmp_path: Path) -> None:
    path = tmp_path / f"{case.name}.bin"
    path.write_bytes(case.make())
    with pytest.raises(UserError) as caught:
        intake.read(path, limits=LIMITS)
    assert case.error in caught.value.problem


def test_second_file_of_an_archive_can_be_chosen(tmp_path: Path) -> None:
    path = tmp_path / "two.zip"
    path.write_bytes(next(case for case in CASES if case.name == "zip_two").make())
    reading = read_here(path, tmp_path / "out", sheet="two.csv")
    assert reading.headers == ("c", "d")
    assert [sheet.name for sheet in reading.sheets] == ["one.csv", "two.csv"]


def test_unknown_sheet_names_the_sheets_there_are(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    path.write_bytes(next(case for case in CASES if case.name == "xlsx_sheets").make())
    with pytest.raises(UserError, match="Cover, Data, Secret"):
        read_here(path, tmp_path / "out", sheet="Nope")
    assert read_here(path, tmp_path / "out2", sheet="Data").accounting.accepted == 2


def test_a_worker_that_crashes_costs_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "big.csv"
    path.write_text("a,b\n" + "1,2\n" * 200_000)
    with pytest.raises(UserError, match=r"crash|memory"):
        intake.read(path, limits=replace(LIMITS, memory_mb=120))


def test_time_limit_ends_the_worker(tmp_path: Path) -> None:
    path = tmp_path / "slow.csv"
    path.write_text("a,b\n" + "1,2\n" * 10)
    with pytest.raises(UserError, match="too long"):
        intake.read(path, limits=replace(LIMITS, timeout_seconds=0))

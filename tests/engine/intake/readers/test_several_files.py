"""An archive of many files: those of one kind are one table, mixed ones are chosen from, broken ones are named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lib.engine import intake
from lib.engine.contracts import recognition
from lib.errors import FileError, LimitError, NoRowsError
from tests.engine.intake.readers.json_files.test_json_reader import packed, read, shape

JANUARY = "day,channel,spend\n2026-01-05,ads,10\n2026-01-06,ads,broken,12\n"
FEBRUARY = "Channel,Day,Spend\nads,2026-02-05,20\n\nmail,2026-02-06,22\n"


def test_monthly_files_of_the_same_columns_are_one_table(tmp_path: Path) -> None:
    raw = packed(
        jan__csv=JANUARY, feb__csv=FEBRUARY, README__txt="Read me first", march__csv="day,channel,spend\n"
    )
    reading = read(tmp_path, raw, "months.zip")
    assert reading.headers == ("day", "channel", "spend", "source_file")
    assert shape(reading) == (3, 1, 1)
    assert reading.head == (
        ("2026-01-05", "ads", "10", "jan.csv"),
        ("2026-02-05", "ads", "20", "feb.csv"),
        ("2026-02-06", "mail", "22", "feb.csv"),
    )
    assert (reading.rejects[0].line, reading.rejects[0].reason.endswith("(in jan.csv)")) == (3, True)
    assert any("2 files of the archive were put together: 3 rows" in note for note in reading.notes)
    assert any("“march.csv”" in note for note in reading.notes)


def test_a_joined_archive_becomes_a_dataset(tmp_path: Path) -> None:
    path = tmp_path / "months.zip"
    path.write_bytes(packed(jan__csv=JANUARY, feb__csv=FEBRUARY))
    reading = intake.read(path)
    best = recognition.propose(reading, "spend")
    dataset = intake.accept(reading, "spend", best.mapping, home=tmp_path / "home")
    assert (dataset.rows, dataset.accounting.rejected) == (3, 1)


def test_big_clean_files_are_joined_as_small_ones(tmp_path: Path) -> None:
    files = {f"p{i}__csv": "user_id,n\n" + "".join(f"u{i}_{j},{j}\n" for j in range(40_000)) for i in (1, 2)}
    small = read(tmp_path, packed(**files), "a.zip", fast_path_mb=4)
    quick = read(tmp_path, packed(**files), "b.zip", fast_path_mb=0)
    assert shape(small) == shape(quick) == (80_000, 0, 0)
    assert small.head == quick.head
    assert quick.sheets == ()


def test_of_mixed_files_one_is_read_and_the_others_can_be_chosen(tmp_path: Path) -> None:
    raw = packed(spend__csv=JANUARY, users__json=json.dumps([{"user_id": "u1", "plan": "pro"}]))
    reading = read(tmp_path, raw, "mixed.zip")
    assert (reading.sheet, [sheet.name for sheet in reading.sheets]) == (
        "spend.csv",
        ["spend.csv", "users.json"],
    )
    assert any("different columns" in note for note in reading.notes)
    other = read(tmp_path, raw, "mixed.zip", "users.json")
    assert (other.sheet, other.headers, len(other.sheets)) == ("users.json", ("user_id", "plan"), 2)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"“b\.csv” of the archive was not read: the file is a picture"):
        read(tmp_path, packed(a__csv=JANUARY, b__csv=b"\x89PNG\r\n\x1a\n"), "x.zip")
    with pytest.raises(NoRowsError, match="No file of the archive has rows"):
        read(tmp_path, packed(a__csv=b"", b__csv="day,n\n"), "y.zip")


def test_too_many_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(LimitError, match="5,001 files"):
        read(tmp_path, packed(**{f"f{i}__csv": "" for i in range(5_001)}), "z.zip")

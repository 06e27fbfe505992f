"""Nothing is guessed in silence: zones by letters, mixed units, sums among rows and errors of a spreadsheet are said or asked."""

# ruff: noqa: E501 - one file a line reads best

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from lib.engine import intake, query
from lib.engine.contracts import recognition
from lib.engine.datasets.dataset import Dataset
from lib.engine.intake import Limits, Reading, clean
from lib.errors import MappingError
from tests.engine.hostile_files import text
from tests.engine.intake.test_hostile import read_here


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def here(kind: str, task: dict[str, Any], limits: Limits, progress: Any = None) -> dict[str, Any]:
        return clean.clean(task | {"limits": asdict(limits)}, lambda share, message: None)

    monkeypatch.setattr(intake.accept.__globals__["process"], "run", here)


def reading_of(tmp_path: Path, make: Callable[[], bytes]) -> Reading:
    path = tmp_path / "file.csv"
    path.write_bytes(make())
    return read_here(path, tmp_path / "reading")


def taken(reading: Reading, contract: str, home: Path, answers: Mapping[str, str] | None = None) -> Dataset:
    mapping = recognition.propose(reading, contract).mapping
    return intake.accept(reading, contract, mapping, home=home, answers=answers)


EVENTS = "user_id,event,timestamp"
CHICAGO = text(
    EVENTS, "u1,a,2026-01-05 10:00:00 CST", "u2,b,2026-07-05 10:00:00 CDT", "u3,c,2026-07-05 10:00:00 UTC"
)


# ---- zones ------------------------------------------------------------------------------------------------------------


def test_letters_of_several_zones_are_asked_and_nothing_is_taken_in_before(tmp_path: Path) -> None:
    reading = reading_of(tmp_path, CHICAGO)
    (question,) = reading.questions
    assert question.id == "CST:timestamp"
    assert [value for value, _ in question.options] == ["UTC-6", "UTC+8", "UTC-5"]
    assert recognition.open_questions(reading, "events", {"timestamp": "timestamp"}) == (question,)
    with pytest.raises(MappingError, match="Which time zone is “CST”") as caught:
        taken(reading, "events", tmp_path)
    assert "CST=UTC-6 or CST=UTC+8" in caught.value.remedy
    with pytest.raises(MappingError, match="“Texas” is no answer"):
        taken(reading, "events", tmp_path, {"CST": "Texas"})


@pytest.mark.parametrize(("answers", "first"), [
    ({"CST": "UTC-6"}, "2026-01-05 16:00:00"), ({"CST:timestamp": "UTC+8"}, "2026-01-05 02:00:00"), ({"CST": "UTC-5", "time_zone": "Asia/Tokyo"}, "2026-01-05 15:00:00"),
])  # fmt: skip
def test_the_answer_moves_only_the_letters_it_is_about(
    tmp_path: Path, answers: dict[str, str], first: str
) -> None:
    data = taken(reading_of(tmp_path, CHICAGO), "events", tmp_path, answers)
    found = query.query("SELECT timestamp FROM t ORDER BY user_id", {"t": data}).rows
    assert [str(row[0]) for row in found] == [first, "2026-07-05 15:00:00", "2026-07-05 10:00:00"]


def test_the_order_of_days_and_the_zone_can_both_be_open(tmp_path: Path) -> None:
    make = text(EVENTS, "u1,a,05/02/2026 10:00 IST", "u2,b,06/03/2026 11:00 IST")
    reading = reading_of(tmp_path, make)
    assert [q.id for q in reading.questions] == ["dates:timestamp", "IST:timestamp"]
    assert len(recognition.open_questions(reading, "events", {"timestamp": "timestamp"})) == 2
    for some in ({"dates": "dmy"}, {"IST": "UTC+5:30"}, {}):
        with pytest.raises(MappingError):
            taken(reading, "events", tmp_path, some)
    data = taken(reading, "events", tmp_path, {"dates": "mdy", "IST": "UTC+5:30"})
    rows = query.query("SELECT timestamp FROM t ORDER BY user_id", {"t": data}).rows
    assert [str(row[0]) for row in rows] == ["2026-05-02 04:30:00", "2026-06-03 05:30:00"]


def test_letters_seen_by_nobody_but_the_mapping_are_asked_too(tmp_path: Path) -> None:
    """The column is no time by its looks, since most of its cells are words; the mapping says that it is one."""
    make = text(EVENTS, *(f"u{i},a,soon" for i in range(9)), "u9,a,2026-01-05 10:00:00 BST")
    reading = reading_of(tmp_path, make)
    assert not reading.questions
    assert [q.id for q in recognition.open_questions(reading, "events", {"timestamp": "timestamp"})] == [
        "BST:timestamp"
    ]
    data = taken(reading, "events", tmp_path, {"BST": "UTC+1"})
    assert (data.rows, data.accounting.rejected) == (1, 9)


def test_a_calendar_day_needs_no_zone(tmp_path: Path) -> None:
    reading = reading_of(
        tmp_path, text("date,channel,spend", "2026-01-05 23:00:00 CST,ads,1", "2026-01-06 01:00:00 CST,ads,2")
    )
    assert recognition.open_questions(reading, "spend", {"date": "date"}) == ()
    rows = query.query("SELECT date FROM t ORDER BY spend", {"t": taken(reading, "spend", tmp_path)}).rows
    assert [str(row[0]) for row in rows] == ["2026-01-05", "2026-01-06"]


def test_what_letters_were_taken_for_is_said(tmp_path: Path) -> None:
    reading = reading_of(
        tmp_path, text(EVENTS, "u1,a,2026-01-05 10:00:00 CET", "u2,b,2026-07-05 10:00:00 CEST")
    )
    assert reading.notes == ("The times of “timestamp” name their zone: CEST as UTC+2, CET as UTC+1.",)
    assert not reading.questions


@pytest.mark.parametrize(
    ("header", "is_said"),
    [("timestamp (PST)", True), ("created_at_cet", True), ("timestamp (UTC)", False), ("timestamp", False)],
)
def test_a_zone_in_a_name_is_no_zone_of_the_times(tmp_path: Path, header: str, is_said: bool) -> None:
    reading = reading_of(
        tmp_path, text(f"user_id,event,{header}", "u1,a,2026-01-05 10:00:00", "u2,b,2026-01-06 11:00:00")
    )
    assert any("names no zone" in note or "name no zone" in note for note in reading.notes) == is_said
    assert recognition.recognise(reading)[0].mapping["timestamp"] == header


# ---- units, sums, errors ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("lines", "words"), [
    (("date,rate", "2026-01-05,12.5%", "2026-01-06,9"), "the first are divided by 100"),
    (("date,spend", "2026-01-05,$12.50", "2026-01-06,€9.00"), "several currencies ($, €)"),
    (("date,spend", "2026-01-05,12 USD", "2026-01-06,9 EUR"), "several currencies (USD, EUR)"),
    (("date,channel,spend", *(f"2026-01-{d:02},{c},{d}" for d in range(1, 20) for c in ("a", "b", "Total"))), "rows called “Total”"),
    (("date,metric,value", "2026-01-05,Total signups,12", "2026-01-06,Total signups,13"), "rows called “Total signups”"),
    (("date,visits", "2026-01-05,12", "2026-01-06,#DIV/0!"), "such as #DIV/0!"),
    (("date,visits", "46027,12", "46028,13"), "46027 is 2026-01-05"),
    (("user_id,event", "u1,a", "u2,b", "u1,a", "u1,a"), "2 rows are exact copies"),
    (("user_id,event", "u1,a", "u2,b", "u1,a"), "One row is an exact copy"),
])  # fmt: skip
def test_what_may_be_two_things_is_said(tmp_path: Path, lines: tuple[str, ...], words: str) -> None:
    notes = reading_of(tmp_path, text(*lines)).notes
    assert len(notes) == 1
    assert words in notes[0]


@pytest.mark.parametrize("lines", [
    ("date,rate", "2026-01-05,12.5%", "2026-01-06,0", "2026-01-07,9%"), ("date,spend", "2026-01-05,$12", "2026-01-06,$9"),
    ("date,note", "2026-01-05,totally fine", "2026-01-06,summer"), ("user,response_time_ms", "u1,35000", "u2,41000"), ("user_id,event", "u1,a", "u1,b"),
])  # fmt: skip
def test_no_word_is_said_without_need(tmp_path: Path, lines: tuple[str, ...]) -> None:
    reading = reading_of(tmp_path, text(*lines))
    assert reading.notes == ()
    assert "date" not in [column.kind for column in reading.columns[1:]]


def test_errors_of_a_spreadsheet_are_no_numbers_and_do_not_make_a_column_text(tmp_path: Path) -> None:
    make = text(
        "date,channel,spend,clicks",
        "2026-01-05,ads,12,#REF!",
        "2026-01-06,ads,#DIV/0!,7",
        "2026-01-07,ads,9,8",
    )
    reading = reading_of(tmp_path, make)
    assert [column.kind for column in reading.columns] == ["date", "text", "integer", "integer"]
    data = taken(reading, "spend", tmp_path)
    assert (data.rows, data.accounting.rejected) == (2, 1)
    assert "spend cannot be read: “#DIV/0!”" in (data.folder / "rejects.csv").read_text(encoding="utf-8")
    assert query.query("SELECT spend, clicks FROM t ORDER BY date", {"t": data}).rows == (
        (12.0, None),
        (9.0, 8.0),
    )


def test_identifiers_longer_than_any_number_stay_different(tmp_path: Path) -> None:
    make = text(
        "user_id,event,timestamp,order",
        "u1,a,2026-01-05,9223372036854775807",
        "u2,a,2026-01-06,9223372036854775808",
    )
    data = taken(reading_of(tmp_path, make), "events", tmp_path)
    assert query.query('SELECT count(DISTINCT "order") FROM t', {"t": data}).rows == ((2,),)


def test_a_minus_that_is_no_hyphen_is_a_minus(tmp_path: Path) -> None:
    make = text("date;channel;spend", "2026-01-05;ads;−12,5", "2026-01-06;ads;3,25")
    data = taken(reading_of(tmp_path, make), "spend", tmp_path)
    assert query.query("SELECT spend FROM t ORDER BY date", {"t": data}).rows == ((-12.5,), (3.25,))

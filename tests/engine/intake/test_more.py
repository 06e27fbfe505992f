"""Further files as people send them: archives with a read-me, two tables in one file, alphabets without a mark, odd names."""

# ruff: noqa: E501 - one file a line reads best

from __future__ import annotations

import gzip
import io
from dataclasses import asdict
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lib.engine import intake, query
from lib.engine.contracts import recognition
from lib.engine.intake import Limits, clean
from lib.engine.intake.readers.row_source import TextTable
from tests.engine.hostile_files import Case, _zip, parquet, text
from tests.engine.intake.test_hostile import LIMITS, check, read_here

PAGE = b"# Read me\n\nThis folder holds the export.\n"
TABLE = b"a,b\n1,2\n3,4\n"
LONG = "How satisfied are you with the following parts of our product and of the service that comes with it when you think of the last three months and of everything you did with it in that time? - "


def _named(*names: str) -> pa.Table:
    return pa.Table.from_arrays([pa.array([i, i + 10]) for i in range(len(names))], names=list(names))


CASES = [
    # ---- archives
    Case("zip_with_a_read_me", lambda: _zip(README__md=PAGE, data__csv=TABLE), 2, headers=("a", "b"), notes=("“data.csv” was read",)),
    Case("zip_with_a_picture_first", lambda: _zip(a__png=b"\x89PNG\r\n\x1a\n" + bytes(60), data__csv=TABLE), 2, notes=("2 files",)),
    Case("zip_of_two_says_which", lambda: _zip(one__csv=TABLE, two__csv=b"c,d\n1,2\n"), 2, notes=("“one.csv” was read",)),
    Case("gz_in_zip", lambda: _zip(data__csv__gz=gzip.compress(TABLE)), 2),
    Case("zip_in_zip", lambda: _zip(inner__zip=_zip(data__csv=TABLE)), 2),
    # ---- headers
    Case("header_again_in_the_middle", text("date,channel,spend", "2026-01-05,a,1", "date,channel,spend", "2026-01-06,b,2"), 2, 1,
         kinds=("date", "text", "integer"), bad_lines=(3,)),
    Case("header_of_one_column_again_is_a_value", text("event", "signup", "event", "paid"), 3),
    Case("two_tables_in_one_file", text("a,b", "1,2", "3,4", "", "x,y,z", "1,2,3", "4,5,6", "7,8,9", "1,1,1"), 4, 3, blank=1, notes=("2 tables one below the other", "“a, b” from line 1 (2 rows)")),
    Case("group_row_over_blank_lines", text("Q1,,Q2,", "", "Spend,Clicks,Spend,Clicks", "1,2,3,4", "5,6,7,8"), 2, header=2, blank=1,
         headers=("Q1 / Spend", "Q1 / Clicks", "Q2 / Spend", "Q2 / Clicks")),
    Case("long_headers_that_begin_alike", text(f"id,{LONG}speed,{LONG}price", "1,4,5", "2,3,1"), 2,
         headers=("id", LONG[:180].strip(), LONG[:180].strip() + "_2"), cells={(0, 1): "4", (0, 2): "5"}),
    Case("invisible_signs_in_headers", lambda: "\u202bdate\u202c,channel\u200b,\ufeffspend\n2026-01-05,a,1\n".encode(), 1, headers=("date", "channel", "spend")),
    Case("emoji_and_right_to_left", text("🚀 launches,ערוץ,عدد", "1,דוא,2", "3,פרסום,4"), 2, headers=("🚀 launches", "ערוץ", "عدد")),
    # ---- totals
    Case("totals_above_the_rows", text("Day,Campaign,Cost", "Total,,99", *(f"2026-01-{d:02},x,{d}" for d in range(1, 29))), 28, 1,
         kinds=("date", "text", "integer"), bad_lines=(2,)),
    Case("totals_of_a_pivot", text("Kanal;Kosten", *(f"k{i};{i},5" for i in range(20)), "Gesamtergebnis;200,0"), 20, 1),
    Case("metrics_that_are_called_total", text("metric,2026-01,2026-02", "Total signups,10,12", "Total revenue,5,6"), 2, notes=("rows called “Total signups”",)),
    # ---- drawn tables
    Case("markdown", lambda: b"| a | b |\n|---|:--:|\n| 1 | 2 |\n| 3 | 4 |\n", 2, 1, kinds=("text", "integer", "integer", "text")),
    Case("psql", lambda: b" id | name | n\n----+------+---\n  1 | a    | 2\n  2 | b    | 3\n(2 rows)\n", 2, 2, headers=("id", "name", "n")),
    Case("dashes_for_nothing_stay", text("a,b,c", "--,-,--", "1,2,3"), 2),
    # ---- letters
    Case("utf16_cyrillic_bare", lambda: "дата,канал\nянварь,почта\n".encode("utf-16-le"), 1, headers=("дата", "канал"), notes=("UTF-16",)),
    Case("utf16_chinese_bare", lambda: "日期,渠道\n一月,邮件\n".encode("utf-16-be"), 1, headers=("日期", "渠道"), notes=("UTF-16",)),
    Case("one_broken_letter_among_many", lambda: b"name,n\n" + b"".join(f"Zoë {i},1\n".encode() for i in range(40)) + b"caf\xe9,2\n", 41,
         cells={(0, 0): "Zoë 0", (40, 0): "caf\ufffd"}, notes=("One place is no valid text",)),
    Case("only_nuls_are_a_blank_line", lambda: b"a,b\n1,2\n\x00,\x00\n3,4\n", 2, blank=1, notes=("NUL",)),
    Case("lines_of_several_kinds", lambda: b"a,b\r\n1,2\n3,4\r5,6\r\n7,8", 4),
    Case("words_of_truth", text("id,ok,gut", "u1,yes,ja", "u2,no,nein"), 2, kinds=("text", "boolean", "boolean")),
    # ---- Parquet
    Case("parquet_names_that_differ_in_capitals", parquet(lambda: _named("A", "a", "A")), 2, header=0, headers=("A", "a_2", "A_3"),
         cells={(0, 0): "0", (0, 1): "1", (0, 2): "2", (1, 2): "12"}, notes=("more than once",)),
    Case("parquet_names_that_say_nothing", parquet(lambda: _named("", 'x"y')), 2, header=0, headers=("column_1", 'x"y'), cells={(0, 1): "1"}),
    Case("parquet_map_and_list", parquet(lambda: pa.table({"n": [1], "m": pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int64())), "l": [[1, 2]]})), 1, header=0,
         headers=("n", "m.k", "l"), notes=("“m”", "“l”")),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_further_files_are_read_as_a_person_would_read_them(case: Case, tmp_path: Path) -> None:
    path = tmp_path / f"{case.name}.csv"
    path.write_bytes(case.make())
    check(case, read_here(path, tmp_path / "out"))


def test_intervals_and_identifiers_of_parquet_are_their_text(tmp_path: Path) -> None:
    path = tmp_path / "file.parquet"
    one = "SELECT INTERVAL 26 HOURS AS i, '00000000-0000-0000-0000-000000000001'::UUID AS u, 12.50::DECIMAL(9,2) AS d"
    with duckdb.connect(":memory:") as con:
        con.execute(f"COPY ({one}) TO '{path}' (FORMAT parquet)")
    assert read_here(path, tmp_path / "out").head == (
        ("1 day 02:00:00", "00000000-0000-0000-0000-000000000001", "12.50"),
    )


@pytest.mark.parametrize("name", ["sales [1].csv", "sales*.csv", "sal?s 1.csv", "year=2020/sales.csv"])
def test_a_name_is_no_pattern_for_other_files(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DuckDB takes [1] and * for patterns: the file beside would be read in its place."""

    def here(kind: str, task: dict[str, Any], limits: Limits, progress: Any = None) -> dict[str, Any]:
        return clean.clean(task | {"limits": asdict(limits)}, lambda share, message: None)

    monkeypatch.setattr(intake.accept.__globals__["process"], "run", here)
    other, path = tmp_path / "sales 1.csv", tmp_path / name
    path.parent.mkdir(exist_ok=True)
    head = "date,channel,spend,year\n"
    other.write_text(head + "2026-01-05,wrong,9,1\n" * 3)
    path.write_text(head + "2026-01-05,right,1,7\n" * 3)
    fast = Limits(**asdict(LIMITS) | {"fast_path_mb": 0})
    reading = read_here(path, tmp_path / "out", fast)
    assert TextTable(reading.folder).text is not None
    data = intake.accept(reading, "spend", recognition.propose(reading, "spend").mapping, home=tmp_path)
    rows = query.query("SELECT DISTINCT channel, spend, year FROM t", {"t": data}).rows
    assert rows == (("right", 1.0, 7),)


def test_parquet_under_such_a_name(tmp_path: Path) -> None:
    folder = tmp_path / "year=2020"
    folder.mkdir()
    for name, year in (("x1.parquet", 1998), ("x[1].parquet", 1999)):
        out = io.BytesIO()
        pq.write_table(pa.table({"year": [year], "n": [1]}), out)
        (folder / name).write_bytes(out.getvalue())
    assert read_here(folder / "x[1].parquet", tmp_path / "out").head == (("1999", "1"),)


@pytest.mark.parametrize("fast_path_mb", [0, 10_000])
@pytest.mark.parametrize("line", ["user_id,event", "---,---", "Total,5"])
def test_both_readers_say_the_same_of_what_is_no_row(tmp_path: Path, line: str, fast_path_mb: int) -> None:
    rows = [f"u{i},e" for i in range(300)]
    first = [line, *rows] if line.startswith("Total") else [*rows[:150], line, *rows[150:]]
    path = tmp_path / "file.csv"
    path.write_bytes(text("user_id,event", *first)())
    reading = read_here(path, tmp_path / "out", Limits(**asdict(LIMITS) | {"fast_path_mb": fast_path_mb}))
    assert (reading.accounting.accepted, reading.accounting.rejected) == (300, 1)
    assert reading.rejects[0].line == (2 if line.startswith("Total") else 152)


def test_cells_are_trimmed_of_any_white_space(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def here(kind: str, task: dict[str, Any], limits: Limits, progress: Any = None) -> dict[str, Any]:
        return clean.clean(task | {"limits": asdict(limits)}, lambda share, message: None)

    monkeypatch.setattr(intake.accept.__globals__["process"], "run", here)
    path = tmp_path / "file.csv"
    path.write_text(
        "date,channel,spend\n2026-01-05,email\u00a0,1\u202f\n2026-01-06\t,\temail,2\n\u00a02026-01-07,email,\x0c3\n",
        encoding="utf-8",
    )
    reading = read_here(path, tmp_path / "out")
    data = intake.accept(reading, "spend", recognition.propose(reading, "spend").mapping, home=tmp_path)
    rows = query.query("SELECT channel, count(*), sum(spend) FROM t GROUP BY 1", {"t": data}).rows
    assert rows == (("email", 3, 6.0),)

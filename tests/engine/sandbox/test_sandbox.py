"""What a person is told of a wrong query, what comes back of odd values, and which columns a large table needs."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lib.engine import sandbox
from lib.engine.datasets import query_metrics
from lib.engine.datasets.dataset import CLEAN, Accounting, CleanColumn, Dataset
from lib.engine.sandbox.columns import needed_columns
from lib.engine.sandbox.sql_error_messages import explain
from lib.errors import DataError, QueryError

TABLES = {"events": ["user_id", "event", "timestamp", "revenue"], "spend": ["date", "channel", "spend"]}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Dataset]:
    folder = tmp_path_factory.mktemp("events")
    when = [dt.datetime(2026, 1, 5) + dt.timedelta(days=i) for i in range(20)]  # noqa: DTZ001 - stored without zone
    table = {
        "user_id": [f"u{i}" for i in range(20)],
        "event": ["signup"] * 20,
        "timestamp": when,
        "revenue": [1.5] * 20,
    }
    pq.write_table(pa.table(table), folder / CLEAN)
    kinds = {"user_id": "text", "event": "text", "timestamp": "timestamp", "revenue": "number"}
    columns = tuple(CleanColumn(name, kind, name) for name, kind in kinds.items())  # type: ignore[arg-type]
    return {
        "events": Dataset(
            "e" * 64, "events.csv", "events", 20, columns, folder, Accounting(21, 20, 0, 0, 0, 1)
        )
    }


WRONG = [
    ("SELECT * FORM events", "cannot be read at “events” (character 15)", "FROM instead of “FORM”"),
    ("SELECT event,\n  nope\nFROM events", "no column “nope” (line 2, character 3)", "events has user_id"),
    ("SELECT user_idd FROM events", "no column “user_idd”", "Did you mean user_id?"),
    ("SELECT e.revenu FROM events e", "no column “revenu”", "Did you mean revenue?"),
    ('SELECT user_id FROM events WHERE event = "paid"', "no column “paid”", "'paid'"),
    ("SELECT event", "no column “event”", "no FROM"),
    ("SELECT * FROM event", "no table “event” (character 15)", "Did you mean events?"),
    ("SELECT * FROM sales", "no table “sales”", "The tables are events."),
    ("SELECT x.event FROM events e", "no table “x”", "events"),
    ("SELECT nofunc(1)", "no function “nofunc”", ""),
    ("SELECT event, count(*) FROM events", "“event” is neither grouped by", "GROUP BY"),
    ("SELECT sum(event) FROM events", "sum cannot be used with text", "CAST"),
    ("SELECT 'abc'::INT", "“abc” cannot be read as a whole number", "TRY_CAST"),
    ("SELECT event FROM events WHERE count(*) > 1", "WHERE cannot hold a total", "HAVING"),
    ("SELECT 'unclosed", "quotes is not closed", "single quote"),
    ("SELECT count(* FROM events", "cannot be read at “FROM”", "bracket"),
    ("SELECT event FROM events a, events b", "in more than one table", "Say which one"),
    ("SELECT max(sum(revenue)) FROM events", "total of a total", "WITH"),
    ("SELECT 9223372036854775807 + 1", "grows past", "DOUBLE"),
    ("SELECT $1", "placeholder", "value itself"),
    ("SELECT", "ends too early", ""),
    ("PIVOT events ON event USING count(*)", "PIVOT finds its columns", "IN ('a', 'b')"),
    ("SELECT * FROM read_text('/etc/hosts')", "no files", "table"),
    ("UPDATE EXTENSIONS", "may only read", "SELECT"),
    ("SELECT " + ", ".join(f"{i} AS c{i}" for i in range(600)), "600 columns", "fewer columns"),
]


@pytest.mark.parametrize(("sql", "problem", "remedy"), WRONG, ids=[sql[:40] for sql, *_ in WRONG])
def test_a_wrong_query_is_explained_with_its_place(
    data: dict[str, Dataset], sql: str, problem: str, remedy: str
) -> None:
    with pytest.raises(QueryError) as caught:
        sandbox.run(sql, data)
    assert problem in caught.value.problem
    assert remedy in caught.value.remedy
    assert "\n" not in str(caught.value)
    assert "Error" not in str(caught.value)


def test_the_place_is_found_in_a_line_the_engine_shortens() -> None:
    sql = "SELECT 1 AS a, " + ", ".join(f"'{'x' * 20}' AS c{i}" for i in range(20)) + ", nope FROM events"
    at = sql.index("nope") + 1
    shown = f"...{sql[at - 40 : at + 10]}..."
    text = (
        f'Binder Error: Referenced column "nope" not found in FROM clause!\n\nLINE 1: {shown}\n'
        + " " * (8 + 3 + 39)
        + "^"
    )
    assert f"(character {at})" in explain(text, sql, TABLES)[0]


def test_an_unknown_message_keeps_its_first_sentence() -> None:
    said = explain(
        "Odd Error: something new. And more of it.\n\nLINE 1: SELECT 1\n               ^", "SELECT 1", TABLES
    )
    assert said == ("Something new (character 8).", "Correct the query and run it again.")


ODD = [
    ("'inf'::DOUBLE", None), ("'nan'::DOUBLE", None), ("1.10::DECIMAL(10,2)", 1.1), ("'\\xAA\\x00'::BLOB", "0xaa00"),
    ("170141183460469231731687303715884105727::HUGEINT", "170141183460469231731687303715884105727"), ("42::HUGEINT", 42),
    ("INTERVAL '3 days'", "3 days, 0:00:00"), ("[1, NULL, 2]", "[1, null, 2]"), ("{'x': 1, 'y': 'ü'}", '{"x": 1, "y": "ü"}'),
    ("MAP{'k': DATE '2026-01-02'}", '{"k": "2026-01-02"}'), ("'101'::BIT", "101"), ("TIME '12:00:00'", "12:00:00"),
    ("TIMESTAMPTZ '2026-01-01 00:00:00+02'", "2025-12-31T22:00:00+00:00"), ("DATE '0044-03-15 (BC)'", "0044-03-15 (BC)"),
    ("'{\"a\": 1}'::JSON", '{"a": 1}'), ("'a'::ENUM('a', 'b')", "a"), ("union_value(k := 3)", 3), ("NULL", None),
    ("'12345678901234567890'::BIGNUM", "12345678901234567890"), ("true", True), ("(-9223372036854775808)::BIGINT", -(1 << 63)),
]  # fmt: skip


def test_odd_values_come_back_as_what_a_table_can_show(data: dict[str, Dataset]) -> None:
    found = sandbox.run("SELECT " + ", ".join(f"{sql} AS c{i}" for i, (sql, _) in enumerate(ODD)), data)
    assert list(found.evidence.rows[0]) == [value for _, value in ODD]
    assert found.notes == ("2 values are infinite or no number and are left empty.",)
    assert found.notes[0] in found.evidence.definition


def test_long_values_are_cut_and_said(data: dict[str, Dataset]) -> None:
    found = sandbox.run("SELECT repeat('x', 5000000) AS a, 1 AS a, 2 AS \"a\" FROM range(3)", data)
    assert {len(row[0]) for row in found.evidence.rows} == {2001}
    assert found.evidence.columns == ("a", "a_2", "a_3")
    assert found.notes == ("3 long values are cut after 2,000 characters.",)


def test_asking_for_tables_shows_all_of_them(data: dict[str, Dataset]) -> None:
    assert sandbox.run("SHOW TABLES", data).evidence.rows == (("events",),)


BIG = [
    ("SELECT event, count(*) FROM events GROUP BY 1", ["event"]),
    ("SELECT count(*) FROM events", ["user_id"]),
    ("SELECT e.event, sum(e.revenue) FROM events AS e GROUP BY 1", ["event", "revenue"]),
    ("SELECT 'user_id' AS x, event FROM events -- revenue", ["event"]),
    ('SELECT "event" FROM "events"', ["event"]),
    ("SELECT * FROM events", []), ("FROM events", []), ("SELECT e FROM events e", []), ("SELECT to_json(events) FROM events", []),
    ("SUMMARIZE events", []), ("SELECT COLUMNS('r.*') FROM events", []), ("SELECT event FROM events NATURAL JOIN events b", []),
    ("WITH x AS (FROM events) SELECT event FROM x", []), ("SELECT revenue*2 FROM events", []),
]  # fmt: skip


@pytest.mark.parametrize(("sql", "columns"), BIG, ids=[sql for sql, _ in BIG])
def test_only_what_a_query_can_need_of_a_large_table_is_loaded(
    data: dict[str, Dataset], sql: str, columns: list[str]
) -> None:
    assert needed_columns(sql, "events", dataclasses.replace(data["events"], rows=5_000_000)) == columns
    assert needed_columns(sql, "events", data["events"]) == []


def test_a_table_too_large_for_memory_is_said(data: dict[str, Dataset], tmp_path: Path) -> None:
    rows = 2_000_000
    pq.write_table(pa.table({"user_id": [f"{i:0300d}" for i in range(rows // 20)] * 20}), tmp_path / CLEAN)
    big = dataclasses.replace(data["events"], folder=tmp_path, rows=rows, columns=data["events"].columns[:1])
    with pytest.raises(QueryError) as caught:
        sandbox.run("SELECT count(DISTINCT user_id) FROM events", {"events": big}, limits=dataclasses.replace(
            sandbox.LIMITS, memory_mb=600))  # fmt: skip
    assert "fit" in caught.value.problem or "memory" in caught.value.problem


def test_a_query_is_a_metric_when_it_begins_with_a_date_and_a_number(data: dict[str, Dataset]) -> None:
    good = sandbox.run(
        "SELECT timestamp::DATE AS day, count(*) AS n, 'x' AS more FROM events GROUP BY 1 ORDER BY 1", data
    )
    assert query_metrics.series_of(good) == query_metrics.MetricColumns("day", "n")
    assert query_metrics.rows_of("Signups", good)[0] == (dt.date(2026, 1, 5), "Signups", 1.0)
    money = sandbox.run("SELECT timestamp, revenue::DECIMAL(10, 2) FROM events", data)
    assert query_metrics.rows_of("Money", money)[1][2] == 1.5
    for sql in (
        "SELECT event, 1 FROM events",
        "SELECT timestamp FROM events",
        "SELECT timestamp, event FROM events",
    ):
        assert query_metrics.series_of(sandbox.run(sql, data)) is None
    twice = sandbox.run("SELECT DATE '2026-01-05', revenue FROM events", data)
    with pytest.raises(DataError):
        query_metrics.rows_of("Twice", twice)

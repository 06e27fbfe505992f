"""The fast path believes only what the bytes prove: it agrees with the careful reader on every table, or steps aside."""

# ruff: noqa: E501 - forms of times side by side

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lib.engine import query
from lib.engine.contracts.contract_schema import contracts
from lib.engine.intake import Limits, Reading, clean
from lib.engine.intake.readers import csv_verification, row_source
from lib.engine.intake.readers.row_source import TextTable
from lib.engine.intake.values import casts
from lib.errors import UserError
from tests.engine.export_samples import SAMPLES
from tests.engine.intake.test_hostile import LIMITS, read_here

CELL = st.one_of(
    st.text(st.sampled_from('ab1, ;"\n\r.é-\u00a0nulNUL/\\'), max_size=6),
    st.sampled_from(["", "null", "NaN", "n/a", "undefined", "Total", "2026-01-05", "12.5", "x" * 40]),
)


def text_rows(reading: Reading) -> list[tuple[Any, ...]]:
    names = ", ".join(c.name for c in reading.columns)
    return list(query.query(f"SELECT {names} FROM {TextTable(reading.folder).sql}", {}).rows)


def is_fast(reading: Reading) -> bool:
    return TextTable(reading.folder).text is not None


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=15),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)
def test_fast_path_and_careful_reader_agree_on_any_table(
    tmp_path: Path, table: list[list[str]], quoting: Any, end: str, ends_open: bool
) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, quoting=quoting, lineterminator=end).writerows(
        [["aa", "bb", "cc"], ["x", "y", "z"], *table]
    )
    whole = out.getvalue().encode()
    path = tmp_path / "any.csv"
    path.write_bytes(whole[: -len(end)] if ends_open else whole)
    fast = read_here(path, tmp_path / "fast", replace(LIMITS, fast_path_mb=0))
    careful = read_here(path, tmp_path / "careful", replace(LIMITS, fast_path_mb=10_000))
    assert fast.accounting == careful.accounting
    assert fast.headers == careful.headers
    if is_fast(fast):
        assert text_rows(fast) == text_rows(careful)
        assert fast.head == careful.head
        assert [c.missing for c in fast.columns] == [c.missing for c in careful.columns]
        assert [(c.kind, c.style) for c in fast.columns] == [(c.kind, c.style) for c in careful.columns]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(CELL, CELL), min_size=1, max_size=12),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_what_needs_no_trimming_is_known_from_the_bytes(
    tmp_path: Path, table: list[tuple[str, str]], quoting: Any
) -> None:
    path = tmp_path / "any.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, quoting=quoting, lineterminator="\n").writerows([("aa", "bb"), ("x", "y"), *table])
    reading = read_here(path, tmp_path / "fast", replace(LIMITS, fast_path_mb=0))
    found = TextTable(reading.folder)
    if found.text is None:
        return
    for name in ("c1", "c2"):
        for is_id in (True, False):
            if found.is_plain(name, is_id=is_id):
                short = casts.cast(name, "text", "", is_id=is_id, is_plain=True)
                slow = casts.cast(name, "text", "", is_id=is_id)
                sql = f"SELECT count(*) AS n FROM {found.sql} WHERE ({short}) IS DISTINCT FROM ({slow})"
                assert query.query(sql, {}).records() == [{"n": 0}]


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/Los_Angeles"])
@pytest.mark.parametrize("text", [
    "2026-01-06 09:00:00", "2026-07-06 09:00:00", "2026-01-06T09:00:00Z", "2026-01-06T09:00:00.123Z", "2026-01-06T09:00:00.123456Z",
    "2026-01-06T09:00:00+02:00", "2026-01-06 09:00:00 UTC", "2026-01-06 09:00:00+0200", "2026-01-06", "2026-1-6 9:00",
    "2026-01-06 09:00+02", "2026-01-06 09:00:60", "2026-02-30 10:00:00", "2026-01-06 09:00:0P", "-026-01-06 09:00:00", "epoch",
    "2026-01-06T09:00:00 Europe/Z", "2026-01-06T09:00:00+05Z", " 2026-01-06 09:00:0", "2026-01-06 09:00:00 ", "1x26-01-06 09:00:00",
])  # fmt: skip
def test_the_short_cut_for_times_gives_what_the_long_way_gives(text: str, zone: str) -> None:
    whole = casts.cast("x", "timestamp", "iso")
    slow = "CASE WHEN ascii(trim(x)) BETWEEN 48 AND 57 THEN timezone('UTC', TRY_CAST(trim(x) AS TIMESTAMPTZ)) END"
    with duckdb.connect(":memory:") as con:
        con.execute(f"SET TimeZone = '{zone}'")
        row = con.execute(
            f"SELECT {whole}, CAST({slow} AS TIMESTAMP) FROM (SELECT ? AS x)", [text]
        ).fetchone()
    assert row is not None
    assert row[0] == row[1]


_SQL = row_source.Text.sql  # as it is, before a test puts another in its place


def _sql(text: row_source.Text) -> str:
    return str(_SQL.__get__(text))


# ---- when DuckDB and the bytes do not agree ---------------------------------------------------------------------------

BODY = "user_id,event,timestamp\n" + "".join(f"u{i},e,2026-01-{1 + i % 28:02d}\n" for i in range(400))


def cleaned(reading: Reading, into: Path) -> dict[str, Any]:
    into.mkdir()
    mapping = {"user_id": "user_id", "event": "event", "timestamp": "timestamp"}
    return clean.clean({
        "folder_read": str(reading.folder), "columns": [asdict(c) for c in reading.columns], "folder": str(into),
        "contract": [asdict(c) for c in contracts()["events"].columns], "slot": "events", "mapping": mapping, "answers": {}, "open": [],
        "comma_likely": False, "is_wide": False, "limits": asdict(Limits()),
    }, lambda share, message: None)  # fmt: skip


def fast_reading(tmp_path: Path, body: str = BODY) -> Reading:
    path = tmp_path / "file.csv"
    path.write_text(body, encoding="utf-8", newline="")
    reading = read_here(path, tmp_path / "reading", replace(LIMITS, fast_path_mb=0))
    assert is_fast(reading)
    return reading


def test_a_clean_file_is_never_written_out_as_text(tmp_path: Path) -> None:
    reading = fast_reading(tmp_path)
    done = cleaned(reading, tmp_path / "clean")
    assert (done["rows"], done["rejected"], done["read"]) == (400, 0, None)
    assert not reading.raw.exists()


def test_fewer_rows_than_the_bytes_hold_are_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading = fast_reading(tmp_path)
    honest = _sql
    monkeypatch.setattr(
        row_source.Text, "sql", property(lambda self: f"(SELECT * FROM {honest(self)} LIMIT 390)")
    )
    done = cleaned(reading, tmp_path / "clean")
    assert done["rows"] == 400, "the careful reader took over"
    assert done["read"]["accepted"] == 400


def test_a_reader_that_fails_hands_over_to_the_careful_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading = fast_reading(tmp_path)
    honest = _sql
    broken = "(SELECT * FROM {} WHERE CASE WHEN c1 = 'u9' THEN error('broken') END IS NULL)"
    monkeypatch.setattr(row_source.Text, "sql", property(lambda self: broken.format(honest(self))))
    assert cleaned(reading, tmp_path / "clean")["rows"] == 400


def test_bad_rows_of_a_file_with_line_breaks_name_their_line(tmp_path: Path) -> None:
    body = BODY.replace("user_id,event,timestamp\n", 'user_id,event,timestamp\n"u\nx",e,2026-01-05\n')
    reading = fast_reading(tmp_path, body + "u,e,soon\n")
    done = cleaned(reading, tmp_path / "clean")
    assert (done["rows"], done["rejected"]) == (401, 1)
    assert "404,timestamp cannot be read" in (tmp_path / "clean" / "rejects.csv").read_text(encoding="utf-8")


def test_a_file_that_changed_since_it_was_looked_at_is_refused(tmp_path: Path) -> None:
    reading = fast_reading(tmp_path)
    reading.path.write_text(BODY + "u,e,2026-01-05\n")
    with pytest.raises(Exception, match="changed since"):
        cleaned(reading, tmp_path / "clean")


def test_structure_does_not_depend_on_where_pieces_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(b'"a ""x"", b",1\r\n' * 50 + b'"two\nlines",\r\n' * 50 + b"c,3")
    whole = csv_verification.check(path, 0, ",", 2, 1 << 20, lambda done: None)
    assert whole is not None
    assert (whole.rows, whole.missing, whole.has_breaks) == (101, [0, 50], True)
    for size in (1, 2, 3, 7, 16, 61):
        monkeypatch.setattr(csv_verification, "_PIECE", size)
        found = csv_verification.check(path, 0, ",", 2, 1 << 20, lambda done: None)
        assert found is not None
        assert (found.rows, found.missing, found.ends) == (whole.rows, whole.missing, whole.ends)


def test_the_note_of_a_reading_is_plain_data(tmp_path: Path) -> None:
    meta = json.loads((fast_reading(tmp_path).folder / row_source.META).read_text())
    assert (meta["line_offset"], meta["text"]["rows"], meta["text"]["skip"]) == (2, 400, 1)


@pytest.mark.parametrize("content", [
    b'a,b\r\n1,2\n3,4\n', b'a,b\n1,2\r\n3,4\r\n', b'title\rmore\na,b\n1,2\n3,4\n', b'a,b\r1,2\n3,4\n', b'x\r\ny\na,b\n1,2\n3,4\n',
])  # fmt: skip
def test_line_ends_above_the_rows_cost_no_row(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "mixed.csv"
    path.write_bytes(content)
    found = []
    for megabytes in (0, 10_000):
        reading = read_here(path, tmp_path / f"out{megabytes}", replace(LIMITS, fast_path_mb=megabytes))
        table = query.query(f"SELECT c1, c2 FROM {TextTable(reading.folder).sql}", {}).rows
        assert len(table) == reading.accounting.accepted
        found.append((reading.accounting, table))
    assert found[0] == found[1]


_PIECES = [
    b",",
    b";",
    b'"',
    b"\n",
    b"\r",
    b"\r\n",
    b"\x00",
    b" ",
    b'""',
    b"\xff",
    b"\xc3\xa4",
    b"total",
    b"1",
    b"\xef\xbb\xbf",
    b"\x1c",
    b"^",
]


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from([sample.text.encode() for sample in SAMPLES] + [b"a,b,c\n" + b"1,2,3\n" * 60]),
    st.lists(st.tuples(st.floats(0, 1), st.sampled_from(_PIECES), st.integers(0, 9)), max_size=4),
)
def test_every_record_of_a_damaged_export_is_accounted_for_on_both_paths(
    tmp_path: Path, content: bytes, damage: list[tuple[float, bytes, int]]
) -> None:
    for place, piece, cut in damage:
        at = int(place * len(content))
        content = content[:at] + piece + content[at + cut :]
    path = tmp_path / "damaged.csv"
    path.write_bytes(content)
    found = []
    for megabytes in (0, 10_000):
        try:
            reading = read_here(path, tmp_path / f"out{megabytes}", replace(LIMITS, fast_path_mb=megabytes))
        except UserError as error:
            found.append(str(error))
            continue
        a = reading.accounting
        assert a.total == a.accepted + a.rejected + a.preamble + a.blank + a.header
        names = ", ".join(column.name for column in reading.columns)
        table = query.query(f"SELECT {names} FROM {TextTable(reading.folder).sql}", {}).rows
        assert len(table) == a.accepted
        found.append((a, table, reading.headers))
    assert found[0] == found[1]


@pytest.mark.parametrize("end", [b"\r", b"\r\r", b"\r\r\r", b"0\r", b"0\n\r", b"0\r\n\r", b"0\r\r\n"])
@pytest.mark.parametrize("rows", [1, 2, 40])
def test_carriage_returns_near_the_end_are_read_alike_or_rejected_by_line(
    tmp_path: Path, end: bytes, rows: int
) -> None:
    path = tmp_path / "returns.csv"
    path.write_bytes(
        b"day,channel,cost,clicks\n" + b"2026-02-03,mail,12.50,7\n" * rows + b"2026-02-04,ads,8.00," + end
    )
    found = []
    for megabytes in (0, 10_000):
        reading = read_here(path, tmp_path / f"out{megabytes}", replace(LIMITS, fast_path_mb=megabytes))
        table = query.query(f"SELECT c1, c2, c3, c4 FROM {TextTable(reading.folder).sql}", {}).rows
        assert len(table) == reading.accounting.accepted
        found.append((reading.accounting, table, reading.rejects))
    assert found[0] == found[1]


def test_a_file_that_duckdb_cannot_read_is_read_by_the_careful_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file.csv"  # the order of day and month has to be looked for in the whole file
    path.write_text("user_id,event,timestamp\n" + "u1,e,05/02/2026\n" * 90, newline="")
    monkeypatch.setattr(row_source.Text, "sql", property(lambda self: "(SELECT error('broken') AS c1)"))
    reading = read_here(path, tmp_path / "reading", replace(LIMITS, fast_path_mb=0))
    assert not is_fast(reading)
    assert (reading.accounting.accepted, [q.id for q in reading.questions]) == (90, ["dates:timestamp"])

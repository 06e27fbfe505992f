"""Files of JSON: each record is a row, or is rejected with its line and reason; nested values become columns."""

# ruff: noqa: E501 - records and files read best on one line each; either outcome is right

from __future__ import annotations

import datetime as dt
import gzip
import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp

import pyarrow.parquet as pq
import pytest

from lib.engine import intake
from lib.engine.contracts import recognition
from lib.engine.intake import Limits, Reading
from lib.errors import FileError, NoRowsError
from tests.engine.intake.test_hostile import read_here

ROW = b'{"id": 1, "note": "x"}\n'


def read(tmp_path: Path, raw: bytes, name: str = "rows.json", sheet: str = "", **caps: int) -> Reading:
    path = tmp_path / name
    path.write_bytes(raw)
    return read_here(path, Path(mkdtemp(dir=tmp_path)), replace(Limits(), **caps), sheet)


def packed(**files: str | bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "."), content)
    return out.getvalue()


def shape(reading: Reading) -> tuple[int, int, int]:
    return reading.accounting.accepted, reading.accounting.rejected, reading.accounting.blank


MIXPANEL = [
    {
        "event": "Opened",
        "properties": {"time": 1772010000, "distinct_id": "m1", "$os": "iOS", "utm_source": "bing"},
    },
    {"event": "Bought", "properties": {"time": 1772013600, "distinct_id": "m1", "revenue": 12.5}},
]
AMPLITUDE = [
    {"amplitude_id": 77, "event_type": "open", "event_time": "2026-02-25 09:00:00.120000", "user_id": None,
     "event_properties": {"$revenue": 3}, "user_properties": {"initial_utm_source": "bing"}, "groups": {}},
]  # fmt: skip
POSTHOG = [
    {"id": "01", "distinct_id": "p1", "event": "$pageview", "timestamp": "2026-02-25T09:00:00.000000+00:00",
     "properties": {"$lib": "web", "$initial_utm_source": "bing"}, "person": {"is_identified": True}, "elements": []},
]  # fmt: skip
SEGMENT = [
    {"anonymousId": "s1", "userId": "u9", "type": "track", "event": "Order Completed", "receivedAt": "2026-02-25T09:00:01Z",
     "sentAt": "2026-02-25T09:00:00Z", "timestamp": "2026-02-25T08:59:58Z", "properties": {"revenue": 20, "products": [{"sku": "a"}]},
     "context": {"campaign": {"source": "bing"}}},
]  # fmt: skip
GA4 = [
    {"event_date": "20260225", "event_timestamp": "1772010000000000", "event_name": "purchase", "user_pseudo_id": "9.1",
     "event_params": [
         {"key": "page_title", "value": {"string_value": "Cart", "int_value": None, "float_value": None, "double_value": None}},
         {"key": "engaged", "value": {"string_value": None, "int_value": "1", "float_value": None, "double_value": None}},
     ],
     "traffic_source": {"medium": "cpc", "source": "bing"}, "ecommerce": {"purchase_revenue": 20.0}, "items": []},
]  # fmt: skip


@pytest.mark.parametrize(
    ("records", "title", "mapping"),
    [
        (MIXPANEL, "Mixpanel events", {"user_id": "properties.distinct_id", "timestamp": "properties.time", "revenue": "properties.revenue"}),
        (AMPLITUDE, "Amplitude events", {"user_id": "amplitude_id", "event": "event_type", "revenue": "event_properties.$revenue"}),
        (POSTHOG, "PostHog events", {"user_id": "distinct_id", "channel": "properties.$initial_utm_source"}),
        (SEGMENT, "Segment tracks", {"user_id": "userId", "revenue": "properties.revenue", "channel": "context.campaign.source"}),
        (GA4, "GA4 events", {"timestamp": "event_timestamp", "revenue": "ecommerce.purchase_revenue", "channel": "traffic_source.medium"}),
    ],
)  # fmt: skip
@pytest.mark.parametrize("form", ["lines", "list", "inside"])
def test_raw_exports_are_recognised(
    form: str, records: list[dict], title: str, mapping: dict[str, str], tmp_path: Path
) -> None:
    text = {
        "lines": "\n".join(json.dumps(record) for record in records * 3),
        "list": json.dumps(records * 3, indent=2),
        "inside": json.dumps({"next": None, "results": records * 3}),
    }[form]
    reading = read(tmp_path, text.encode())
    assert shape(reading) == (3 * len(records), 0, 0)
    best = recognition.recognise(reading)[0]
    assert (best.contract, best.source, best.missing) == ("events", title, ())
    assert mapping.items() <= dict(best.mapping).items()


def test_times_counted_since_1970_become_times_of_the_dataset(tmp_path: Path) -> None:
    for name, records, hour in (("m", MIXPANEL, 9), ("g", GA4, 9)):
        path = tmp_path / f"{name}.jsonl"
        path.write_text("\n".join(json.dumps(record) for record in records), encoding="utf-8")
        reading = intake.read(path)
        best = recognition.recognise(reading)[0]
        dataset = intake.accept(reading, best.contract, best.mapping, home=tmp_path / name)
        times = pq.read_table(dataset.folder / "clean.parquet").column("timestamp").to_pylist()
        assert min(times) == dt.datetime(2026, 2, 25, hour)  # noqa: DTZ001 - times of a dataset are in UTC


def test_keys_and_values_become_columns_and_lists_stay_text(tmp_path: Path) -> None:
    reading = read(tmp_path, json.dumps([*GA4, GA4[0] | {"items": [{"sku": "a", "n": 2}]}]).encode())
    assert {"event_params.page_title", "event_params.engaged", "items"} <= set(reading.headers)
    values = dict(zip(reading.headers, reading.head[1], strict=True))
    assert (values["event_params.page_title"], values["event_params.engaged"]) == ("Cart", "1")
    assert json.loads(values["items"] or "") == [{"sku": "a", "n": 2}]
    assert any("“items” holds lists" in note for note in reading.notes)


def test_every_record_of_lines_is_accounted_for(tmp_path: Path) -> None:
    raw = ROW + b'{"id": 2,\n' + b"\n" + b"[1, 2]\n" + b'{"id": 3, "id": 4}\n' + b"{}\n" + b'"word"\n' + ROW
    reading = read(tmp_path, raw, max_columns=2)
    assert shape(reading) == (2, 4, 2)
    assert [(r.line, r.reason) for r in reading.rejects] == [
        (2, "is broken JSON"),
        (4, "is a list, not an object"),
        (5, "names “id” twice"),
        (7, "is a single value, not an object"),
    ]
    assert reading.rejects[2].text == '{"id": 3, "id": 4}'


def test_a_broken_record_of_a_list_costs_itself_only(tmp_path: Path) -> None:
    raw = b'[\n  {"id": 1},\n  {"id": "2},\n  {"id": 3},\n  {"id": 4,},\n  7,\n  {\n    "id": 5\n  }\n]\n'
    reading = read(tmp_path, raw)
    assert [row[0] for row in reading.head] == ["1", "3", "5"]
    assert [r.line for r in reading.rejects] == [3, 5, 6]


@pytest.mark.parametrize(
    "raw",
    [
        b'[{"id": 1}, {"id": 2}',
        b'[\n{"id": 1},\n{"id": 2}\n',
        b'{"data": [{"id": 1}, {"id": 2}, {"id": ',
        b'{"id": 1}\n{"id": 2}\n{"id": ',
    ],
)
def test_a_file_that_was_cut_off_says_so(raw: bytes, tmp_path: Path) -> None:
    reading = read(tmp_path, raw)
    assert reading.accounting.accepted == 2
    assert reading.accounting.rejected >= 1


def test_of_several_lists_one_is_read_and_the_others_can_be_chosen(tmp_path: Path) -> None:
    whole = {
        "meta": {"columns": [{"name": "id"}] * 9},
        "response": {"orders": [{"id": 1}, {"id": 2}]},
        "data": [{"day": "2026-02-25", "n": 1}],
    }
    reading = read(tmp_path, json.dumps(whole).encode())
    assert (reading.sheet, shape(reading)) == ("data", (1, 0, 0))
    assert {sheet.name for sheet in reading.sheets} == {"data", "meta.columns", "response.orders"}
    assert any("“response.orders”" in note for note in reading.notes)
    other = read(tmp_path, json.dumps(whole).encode(), sheet="response.orders")
    assert (other.headers, shape(other)) == (("id",), (2, 0, 0))
    with pytest.raises(FileError, match="no list called"):
        read(tmp_path, json.dumps(whole).encode(), sheet="nothing")


def test_objects_one_after_another_are_records(tmp_path: Path) -> None:
    raw = "\n".join(json.dumps({"id": i, "tags": [{"a": 1}]}, indent=2) for i in range(4))
    assert shape(read(tmp_path, raw.encode())) == (4, 0, 0)


@pytest.mark.parametrize(
    "record", [GA4[0], SEGMENT[0], {"order_id": 1, "created_at": "2026-02-25", "items": [{"sku": "a"}]}]
)
def test_one_record_with_lists_is_one_record(record: dict, tmp_path: Path) -> None:
    for text in (json.dumps(record), json.dumps(record, indent=2)):
        reading = read(tmp_path, text.encode())
        assert (shape(reading), reading.sheets) == ((1, 0, 0), ())
        assert set(record) & set(reading.headers)


DEEP, LONG = b"[" * 300_000 + b"]" * 300_000, b"x" * 40_000_000
HOSTILE = {
    "deep": (b'{"id": ' + DEEP + b"}", "nested"),
    "deep_objects": (b'{"a":' * 200_000 + b"1" + b"}" * 200_000, "nested"),
    "never_closed": (b'{"id": ' + b"[" * 300_000, ""),
    "long": (b'{"id": "' + LONG + b'"}', "longer"),
    "long_cell": (b'{"id": "' + LONG[:2_000_000] + b'"}', "longer"),
    "many": (b"{" + b",".join(b'"k%d":1' % i for i in range(60_000)) + b"}", "values"),
    "wide": (b"{" + b",".join(b'"k%d":1' % i for i in range(2_500)) + b"}", "columns"),
    "long_name": (b'{"' + b"n" * 5_000 + b'": 1}', "name of 5,000"),
    "one_name_twice": (b'{"a.b": 1, "a": {"b": 2}}', "twice"),
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("form", ["lines", "list"])
def test_a_hostile_record_costs_itself_only(form: str, name: str, tmp_path: Path) -> None:
    bad, reason = HOSTILE[name]
    raw = ROW + bad + b"\n" + ROW
    if form == "list":
        raw = (
            b"[\n"
            + ROW.strip()
            + b",\n"
            + bad
            + (b"" if name == "never_closed" else b",")
            + b"\n"
            + ROW
            + b"]\n"
        )
    reading = read(tmp_path, raw)
    assert reading.accounting.rejected >= 1
    assert reason in reading.rejects[0].reason
    if not (name == "never_closed" and form == "list"):
        assert shape(reading) == (2, 1, 0)


def test_numbers_keep_every_digit_and_odd_ones_harm_nothing(tmp_path: Path) -> None:
    raw = (
        b'{"a": 12345678901234567890.12, "b": '
        + b"9" * 9_000
        + b', "c": NaN, "d": -Infinity, "e": 1e999, "f": 49.90}\n'
        + ROW
    )
    reading = read(tmp_path, raw)
    first = dict(zip(reading.headers, reading.head[0], strict=True))
    assert (first["a"], first["b"], first["f"]) == ("12345678901234567890.12", "9" * 9_000, "49.90")
    assert (first["c"], first["d"], first["e"]) == ("NaN", "-Infinity", "1e999")


def test_half_characters_and_nul_are_mended_and_counted(tmp_path: Path) -> None:
    reading = read(tmp_path, b'{"a": "\\ud800x", "b": "\\u0000y"}\n{"a": "\\ud83d\\ude00", "b": "z"}\n')
    assert reading.head == (("\ufffdx", "y"), ("\U0001f600", "z"))
    assert any("2 values held" in note for note in reading.notes)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-8"])
def test_every_encoding_gives_the_same_rows(encoding: str, tmp_path: Path) -> None:
    raw = "".join(json.dumps({"id": i, "city": "Köln"}, ensure_ascii=False) + "\r\n" for i in range(9))
    reading = read(tmp_path, raw.encode(encoding))
    assert (reading.format, shape(reading)) == ("json", (9, 0, 0))
    assert reading.head[8] == ("8", "Köln")


@pytest.mark.parametrize("raw", [b"[]", b"{}", b'{"results": []}', b"{}\n{}\n", b'{"a": {}}\n{"a": []}\n'])
def test_no_record_is_said_in_one_sentence(raw: bytes, tmp_path: Path) -> None:
    with pytest.raises(NoRowsError, match="no records"):
        read(tmp_path, raw)


def test_a_big_file_is_read_in_pieces_and_gives_the_same_rows(tmp_path: Path) -> None:
    records = [{"id": i, "text": "ä" * (i % 500), "deep": {"n": i}} for i in range(20_000)]
    lines = read(tmp_path, "\n".join(json.dumps(r) for r in records).encode(), "a.jsonl")
    whole = read(tmp_path, json.dumps({"data": records}, ensure_ascii=False).encode(), "b.json")
    assert shape(lines) == shape(whole) == (20_000, 0, 0)
    assert lines.head == whole.head
    assert [c.missing for c in lines.columns] == [c.missing for c in whole.columns] == [0, 40, 0]


def test_columns_that_turn_up_late_are_empty_before(tmp_path: Path) -> None:
    raw = b"".join(b'{"a": %d}\n' % i for i in range(25_000)) + b'{"b": 1, "a": 7}\n'
    reading = read(tmp_path, raw)
    assert reading.headers == ("a", "b")
    assert [column.missing for column in reading.columns] == [0, 25_000]


def test_hourly_files_of_an_archive_are_one_table(tmp_path: Path) -> None:
    hours = {
        f"9/9_2026-02-25_{h}#0__json__gz": gzip.compress(json.dumps(AMPLITUDE[0]).encode()) for h in (9, 10)
    }
    reading = read(tmp_path, packed(**hours, **{"9/9_2026-02-25_11#0__json": b""}), "export.zip")
    assert shape(reading) == (2, 0, 0)
    assert recognition.recognise(reading)[0].source == "Amplitude events"
    assert {row[reading.headers.index("source_file")] for row in reading.head} == {
        "9/9_2026-02-25_9#0.json.gz", "9/9_2026-02-25_10#0.json.gz",
    }  # fmt: skip
    assert any("2 files of the archive were put together" in note for note in reading.notes)
    assert any("has no rows" in note for note in reading.notes)

"""From a reading to a dataset: exact values, accounting, questions, exports, fast path, cancel."""

# ruff: noqa: E501

from __future__ import annotations

import csv
import json
import random
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lib.engine import intake, query
from lib.engine.contracts import recognition
from lib.engine.datasets import library
from lib.engine.datasets.dataset import Dataset
from lib.engine.datasets.reader import OWNER_OF_ALL
from lib.engine.intake import Limits, Reading, clean
from lib.engine.intake.model import StoppedError
from lib.engine.intake.readers.row_source import TextTable
from lib.errors import FileError, MappingError, NotFoundError
from tests.engine.export_samples import SAMPLES, Sample
from tests.engine.export_variants import VARIANTS
from tests.engine.intake.test_hostile import LIMITS, read_here

DATASETS = Path(__file__).resolve().parents[4] / "shared" / "datasets"


@pytest.fixture(autouse=True)
def _in_this_process(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Accept without a process of its own, save where the process is what is tested."""
    if "worker" in request.fixturenames:
        return
    real = intake.accept.__globals__["process"].run

    def here(kind: str, task: dict[str, Any], limits: Limits, progress: Any = None) -> dict[str, Any]:
        return (
            clean.clean(task | {"limits": asdict(limits)}, lambda share, message: None)
            if kind == "accept"
            else real(kind, task, limits, progress)
        )

    monkeypatch.setattr(intake.accept.__globals__["process"], "run", here)


def taken(
    tmp_path: Path, text: str, contract: str, mapping: dict[str, str] | None = None, **answers: str
) -> Dataset:
    path = tmp_path / "file.csv"
    path.write_text(text, encoding="utf-8")
    reading = read_here(path, tmp_path / "reading")
    chosen = dict(recognition.propose(reading, contract).mapping) if mapping is None else mapping
    return intake.accept(reading, contract, chosen, answers=answers, home=tmp_path)


def records(dataset: Dataset) -> list[dict[str, Any]]:
    return query.query("SELECT * FROM t", {"t": dataset}).records()


EVENTS = "user_id,event,timestamp,amount\nu1,signup,2026-01-05 10:00:00,\nu1,paid,2026-01-06T09:00:00+02:00,49.5\n,paid,2026-01-07,1\nu2,paid,soon,2\nu3,paid,2026-01-08,many\n"


def test_rows_cells_and_reasons_are_exact(tmp_path: Path) -> None:
    data = taken(tmp_path, EVENTS, "events")
    a = data.accounting
    assert (a.total, a.accepted, a.rejected, a.header) == (6, 3, 2, 1)
    assert [(r["user_id"], r["event"], str(r["timestamp"]), r["revenue"]) for r in records(data)] == [
        ("u1", "signup", "2026-01-05 10:00:00", None),
        ("u1", "paid", "2026-01-06 07:00:00", 49.5),
        ("u3", "paid", "2026-01-08 00:00:00", None),
    ]
    with (data.folder / "rejects.csv").open(encoding="utf-8") as stream:
        rejected = list(csv.DictReader(stream))
    assert [(r["line"], r["reason"]) for r in rejected] == [
        ("4", "user_id is missing"),
        ("5", "timestamp cannot be read: “soon”"),
    ]
    assert rejected[0]["record"] == ",paid,2026-01-07,1"
    assert [(c.column, c.read, c.empty, c.unreadable) for c in data.cells] == [
        ("user_id", 3, 0, 0), ("event", 3, 0, 0), ("timestamp", 3, 0, 0), ("revenue", 1, 1, 1),
    ]  # fmt: skip
    assert (data.cells[3].header, data.cells[3].examples) == ("amount", ((6, "many"),))
    assert data.cells[3].text == "One cell of revenue cannot be read and is left empty: “many” (line 6)."
    assert data.remarks[1] == data.cells[3].text


def test_same_file_gives_same_dataset_and_another_mapping_another(tmp_path: Path) -> None:
    first = taken(tmp_path, EVENTS, "events")
    assert taken(tmp_path, EVENTS, "events") == first
    mapping = {"user_id": "user_id", "event": "=seen", "timestamp": "timestamp"}
    other = taken(tmp_path, EVENTS, "events", mapping)
    assert other.fingerprint != first.fingerprint
    assert {r["event"] for r in records(other)} == {"seen"}
    assert library.open_dataset(tmp_path, first.fingerprint, OWNER_OF_ALL) == first
    library.delete_dataset(tmp_path, first.fingerprint)
    with pytest.raises(NotFoundError):
        library.open_dataset(tmp_path, first.fingerprint, OWNER_OF_ALL)


@pytest.mark.parametrize("fingerprint", ["", "../../etc", "z" * 64, "a" * 63])
def test_a_fingerprint_cannot_leave_the_shelf(tmp_path: Path, fingerprint: str) -> None:
    with pytest.raises(NotFoundError):
        library.open_dataset(tmp_path, fingerprint, OWNER_OF_ALL)


def test_times_without_zone_are_read_in_the_zone_that_was_told(tmp_path: Path) -> None:
    text = "user_id,event,timestamp\nu1,a,2026-07-01 12:00:00\nu1,b,2026-01-01 12:00:00\n"
    told = records(taken(tmp_path, text, "events", time_zone="Europe/Berlin"))
    assert [str(r["timestamp"]) for r in told] == ["2026-07-01 10:00:00", "2026-01-01 11:00:00"]
    with pytest.raises(MappingError, match="not a time zone"):
        taken(tmp_path, text, "events", time_zone="Mars/Base")


def test_a_calendar_day_stays_that_day_in_every_zone(tmp_path: Path) -> None:
    text = "date,channel,spend\n2026-01-05,a,1\n"
    assert str(records(taken(tmp_path, text, "spend", time_zone="Asia/Tokyo"))[0]["date"]) == "2026-01-05"


@pytest.mark.parametrize(("answer", "day"), [("dmy", "2026-02-05"), ("mdy", "2026-05-02")])
def test_open_dates_are_refused_until_answered(tmp_path: Path, answer: str, day: str) -> None:
    text = "date,channel,spend\n05/02/2026,a,1\n06/03/2026,a,2\n"
    with pytest.raises(MappingError, match=r"05/02/2026.*dates=dmy or dates=mdy"):
        taken(tmp_path, text, "spend")
    assert str(records(taken(tmp_path, text, "spend", dates=answer))[0]["date"]) == day
    assert str(records(taken(tmp_path, text, "spend", **{"dates:date": answer}))[0]["date"]) == day


def test_one_telling_date_far_down_settles_the_question(tmp_path: Path) -> None:
    text = (
        "date,channel,spend\n"
        + "05/02/2026,a,1\n" * 30_000
        + "31/01/2026,a,1\n"
        + "05/02/2026,a,1\n" * 30_000
    )
    assert str(records(taken(tmp_path, text, "spend"))[0]["date"]) == "2026-02-05"


@pytest.mark.parametrize(("answer", "value"), [("point", 1234.0), ("comma", 1.234)])
def test_open_decimals_are_refused_until_answered(tmp_path: Path, answer: str, value: float) -> None:
    text = "date;channel;spend\n2026-01-05;a;1,234\n2026-01-06;a;2,345\n"
    with pytest.raises(MappingError, match="1,234"):
        taken(tmp_path, text, "spend")
    assert records(taken(tmp_path, text, "spend", decimal=answer))[0]["spend"] == value


@pytest.mark.parametrize(("cell", "value"), [
    ("12.5", 12.5), ("$1,234.50", 1234.5), ("(200.00)", -200.0), ("100.00-", -100.0), ("-3.25", -3.25), ("12.5%", 0.125),
    ("1 234.50", 1234.5), ("€ 7.10", 7.1), ("1e3", 1000.0), ("N/A", None), ("12,34.5", None), ("nan", None), ("inf", None),
])  # fmt: skip
def test_numbers_as_people_write_them(tmp_path: Path, cell: str, value: float | None) -> None:
    text = f'date;channel;spend;clicks\n2026-01-05;a;1;"{cell}"\n2026-01-05;a;1;"1,000.25"\n2026-01-05;a;1;"$0.50"\n'
    found = records(taken(tmp_path, text, "spend"))[0]["clicks"]
    # "1e3" is no amount of money: beside styled numbers it is reported as unreadable, never misread.
    assert found == (None if cell == "1e3" else pytest.approx(value) if value is not None else None)


@pytest.mark.parametrize(("cell", "day"), [
    ("2026-01-05", "2026-01-05"), ("2026/1/5", "2026-01-05"), ("20260105", "2026-01-05"), ("46027", "2026-01-05"), ("5-Jan-26", "2026-01-05"),
    ("Jan 5, 2026", "2026-01-05"), ("5 January 2026", "2026-01-05"), ("05.01.2026", "2026-01-05"), ("2026-01", "2026-01-01"),
    ("Jan 2026", "2026-01-01"), ("1767607200", "2026-01-05"), ("1767607200000", "2026-01-05"), ("22/01/2026", "2026-01-22"),
    ("1/22/2026 3:30 PM", "2026-01-22"), ("2026-01-05T23:30:00-05:00", "2026-01-05"), ("2026-02-30", None), ("epoch", None),
])  # fmt: skip
def test_days_as_tools_write_them(tmp_path: Path, cell: str, day: str | None) -> None:
    text = f'date;channel;spend\n"{cell}";a;1\n'
    if day is None:
        with pytest.raises(MappingError, match="date cannot be read"):
            taken(tmp_path, text, "spend", {"date": "date", "channel": "channel", "spend": "spend"})
    else:
        found = records(
            taken(tmp_path, text, "spend", {"date": "date", "channel": "channel", "spend": "spend"})
        )
        assert str(found[0]["date"]) == day


def test_wide_metrics_become_long(tmp_path: Path) -> None:
    text = "week,visits,trial rate,note\n2026-01-05,100,12%,ok\n2026-01-12,,15%,\nTotal,100,,\n"
    data = taken(tmp_path, text, "metrics_wide")
    assert [(str(r["date"]), r["metric"], r["value"]) for r in records(data)] == [
        ("2026-01-05", "visits", 100.0), ("2026-01-05", "trial rate", 0.12), ("2026-01-12", "trial rate", 0.15),
    ]  # fmt: skip
    assert (data.contract, data.rows, data.accounting.accepted, data.accounting.rejected) == (
        "metrics",
        3,
        2,
        1,
    )
    notes = library.details(data)["notes"]
    assert any("“note” does not hold numbers" in note for note in notes)


def test_metrics_with_periods_across_become_long(tmp_path: Path) -> None:
    text = "KPI,2026-01,2026-02,2026-03\nvisits,100,110,121\nsignups,9,8,\n"
    data = taken(tmp_path, text, "metrics_wide")
    assert [(str(r["date"]), r["metric"], r["value"]) for r in records(data)] == [
        ("2026-01-01", "visits", 100.0), ("2026-02-01", "visits", 110.0), ("2026-03-01", "visits", 121.0),
        ("2026-01-01", "signups", 9.0), ("2026-02-01", "signups", 8.0),
    ]  # fmt: skip


def test_further_columns_keep_what_their_sample_did_not_show(tmp_path: Path) -> None:
    body = "".join(f"u{i},a,2026-01-05,{i}\n" for i in range(5000)) + "u1,a,2026-01-05,unknown\n"
    data = taken(tmp_path, "user_id,event,timestamp,score\n" + body, "events")
    assert {c.name: c.kind for c in data.columns}["score"] == "text"
    assert records(data)[-1]["score"] == "unknown"


def test_scores_out_of_range_and_unknown_answers_are_reported(tmp_path: Path) -> None:
    text = "respondent_id,nps_score,pmf_answer\nr1,9,Very disappointed!\nr2,11,maybe\nr3,0,Somewhat\n"
    data = taken(tmp_path, text, "survey")
    assert [(r["nps_score"], r["pmf_answer"]) for r in records(data)] == [
        (9, "very disappointed"), (None, None), (0, "somewhat disappointed"),
    ]  # fmt: skip
    assert {(c.column, c.unreadable) for c in data.cells} == {
        ("respondent_id", 0), ("nps_score", 1), ("pmf_answer", 1),
    }  # fmt: skip


@pytest.mark.parametrize(("mapping", "words"), [
    ({"user_id": "nope", "event": "event", "timestamp": "timestamp"}, "no column called “nope”"),
    ({"user_id": "user_id", "event": "event"}, "no column for timestamp"),
    ({"user": "user_id"}, "no column called user"),
    ({"user_id": "user_id", "event": "event", "timestamp": "event"}, "No row can be used: timestamp cannot be read"),
])  # fmt: skip
def test_a_mapping_that_cannot_work_is_one_sentence(
    tmp_path: Path, mapping: dict[str, str], words: str
) -> None:
    with pytest.raises(MappingError, match=words):
        taken(tmp_path, EVENTS, "events", mapping)
    assert not list(library.root(tmp_path).glob("*")), "nothing half-written stays"


@pytest.mark.parametrize("sample", [*SAMPLES, *VARIANTS], ids=lambda s: s.name)
def test_exports_people_have_are_recognised_and_mapped(tmp_path: Path, sample: Sample) -> None:
    path = tmp_path / f"{sample.name}.csv"
    path.write_text(sample.text, encoding="utf-8")
    reading = read_here(path, tmp_path / "reading")
    best = recognition.recognise(reading)[0]
    assert (best.contract, best.source, best.missing) == (sample.contract, sample.source, ())
    data = intake.accept(reading, best.contract, best.mapping, answers=sample.answers, home=tmp_path)
    assert data.rows == sample.rows
    first = records(data)[0]
    for name, value in sample.first.items():
        found = first[name]
        assert (found if value is None or isinstance(value, int | float) else str(found)) == value, name


@pytest.mark.parametrize("contract", list(recognition.contracts()))
def test_every_template_is_accepted_by_its_own_contract(tmp_path: Path, contract: str) -> None:
    terms = recognition.contracts()[contract]
    path = tmp_path / "template.csv"
    path.write_bytes(recognition.template(terms))
    if contract == "metrics_wide":
        path.write_text("date,visits,signups\n2026-01-05,10,2\n2026-01-12,11,3\n")
    reading = read_here(path, tmp_path / "reading")
    best = recognition.recognise(reading)[0]
    assert best.contract == contract
    assert intake.accept(reading, contract, best.mapping, home=tmp_path).accounting.rejected == 0


# ---- the accounting adds up for any text --------------------------------------------------------------------------

CELL = st.text(st.sampled_from('ab1, ;"\n\t|.é-'), max_size=6)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.lists(CELL, min_size=1, max_size=4), min_size=2, max_size=12),
    st.sampled_from([",", ";", "\t"]),
)
def test_accounting_adds_up_for_any_table(tmp_path: Path, table: list[list[str]], delimiter: str) -> None:
    path = tmp_path / "any.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, delimiter=delimiter, lineterminator="\n").writerows(table)
    try:
        reading = read_here(path, tmp_path / "reading")
    except FileError:
        return  # a table without a usable row; what is said then is tested file by file
    a = reading.accounting
    assert a.total == a.accepted + a.rejected + a.preamble + a.blank + a.header
    written = query.query(
        f"SELECT count(*) AS n FROM read_parquet({query.literal(str(reading.raw))})", {}
    ).records()[0]["n"]
    assert written == a.accepted
    with (reading.folder / "rejects.csv").open(encoding="utf-8", newline="") as stream:
        assert sum(1 for _ in csv.reader(stream)) - 1 == a.rejected


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 99), CELL), min_size=1, max_size=30))
def test_what_was_written_is_what_is_read(tmp_path: Path, table: list[tuple[int, str]]) -> None:
    path = tmp_path / "round.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(
            [("number", "words"), *table]
        )
    reading = read_here(path, tmp_path / "reading")
    assert reading.headers == ("number", "words")
    wanted = [(str(number), words or None) for number, words in table][:50]
    assert list(reading.head) == wanted


# ---- fast path ------------------------------------------------------------------------------------------------------


def _raw(reading: Reading) -> list[tuple[Any, ...]]:
    names = ", ".join(c.name for c in reading.columns)
    return list(query.query(f"SELECT {names} FROM {TextTable(reading.folder).sql}", {}).rows)


def test_fast_and_careful_path_agree(tmp_path: Path) -> None:
    rng = random.Random(7)
    path = tmp_path / "big.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["user", "event", "when", "note"])
        for i in range(4000):
            note = rng.choice(["", "plain", 'with "quotes"', "a, comma", "two\nlines", " spaces "])
            writer.writerow([f"u{rng.randrange(300)}", "e", f"2026-01-{1 + i % 28:02d}", note])
    fast = read_here(path, tmp_path / "fast", replace(LIMITS, fast_path_mb=0))
    careful = read_here(path, tmp_path / "careful", replace(LIMITS, fast_path_mb=10_000))
    assert json.loads((fast.folder / "raw.json").read_text())["line_offset"] == 2, "the fast path was taken"
    assert json.loads((careful.folder / "raw.json").read_text())["line_offset"] == -1
    assert fast.accounting == careful.accounting
    assert _raw(fast) == _raw(careful)


@pytest.mark.parametrize(
    "spoil",
    [
        "1,2,3,4\n",
        "1,2\n",
        "\n",
        'x,"y"z,1\n',
        "a,b\x00,c\n",
        "Total,3,4\n",
        ",,\n",
        '1,"open,2\n',
        "1,2,3\r4,5,6\n",
    ],
)
def test_anything_unusual_sends_a_file_to_the_careful_reader(tmp_path: Path, spoil: str) -> None:
    path = tmp_path / "big.csv"
    path.write_text("a,b,c\n" + "1,2,3\n" * 500 + spoil, encoding="utf-8", newline="")
    fast = read_here(path, tmp_path / "fast", replace(LIMITS, fast_path_mb=0))
    careful = read_here(path, tmp_path / "careful", replace(LIMITS, fast_path_mb=10_000))
    assert fast.accounting == careful.accounting
    assert _raw(fast) == _raw(careful)
    assert json.loads((fast.folder / "raw.json").read_text())["line_offset"] == -1


def test_a_mistake_on_a_fast_path_row_names_its_line(tmp_path: Path) -> None:
    path = tmp_path / "big.csv"
    path.write_text(
        "user_id,event,timestamp\n" + "u,e,2026-01-05\n" * 100 + "u,e,soon\n" + "u,e,2026-01-05\n" * 5
    )
    reading = read_here(path, tmp_path / "reading", replace(LIMITS, fast_path_mb=0))
    data = intake.accept(reading, "events", recognition.recognise(reading)[0].mapping, home=tmp_path)
    assert "102,timestamp cannot be read" in (data.folder / "rejects.csv").read_text(encoding="utf-8")


# ---- the process ----------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("worker")
def test_cancel_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text(EVENTS)
    with pytest.raises(StoppedError):
        intake.read(path, progress=lambda share, message: False)
    reading = intake.read(path)
    with pytest.raises(StoppedError):
        intake.accept(
            reading,
            "events",
            recognition.recognise(reading)[0].mapping,
            home=tmp_path,
            progress=lambda s, m: False,
        )
    assert not list(library.root(tmp_path).glob("*"))
    told: list[tuple[float, str]] = []
    data = intake.accept(reading, "events", recognition.recognise(reading)[0].mapping, home=tmp_path,
                         progress=lambda s, m: told.append((s, m)))  # fmt: skip
    assert data.rows == 3
    assert (data.folder / "original.csv").read_text() == EVENTS
    folder = reading.folder
    del reading
    assert not folder.exists(), "a reading's folder goes with it"


@pytest.fixture
def worker() -> None:
    """Marks a test that runs the real process."""


def test_preview_does_not_read_the_file(tmp_path: Path) -> None:
    path = tmp_path / "big.csv"
    with path.open("wb") as stream:
        stream.write(b"user_id,event,timestamp\n" + b"u1,signup,2026-01-05\n" * 5000)
        stream.truncate(300 << 20)  # the rest is a hole in the file
    found = intake.preview(path, tmp_path)
    assert found is not None
    assert found.headers == ("user_id", "event", "timestamp")
    assert len(found.rows) == 50
    assert found.size == 300 << 20


# ---- public files ---------------------------------------------------------------------------------------------------

shared = pytest.mark.skipif(
    not DATASETS.is_dir(), reason="the folder of public datasets is not beside the repository"
)


@shared
def test_fixed_width_purchases_are_read_whole(tmp_path: Path) -> None:
    reading = read_here(DATASETS / "CDNOW_master.txt", tmp_path / "reading")
    best = recognition.recognise(reading)[0]
    assert dict(best.mapping) == {
        "user_id": "column_1",
        "event": "=purchase",
        "timestamp": "column_2",
        "revenue": "column_4",
    }
    data = intake.accept(reading, "events", best.mapping, home=tmp_path)
    sql = "SELECT count(*) AS n, count(DISTINCT user_id) AS users, min(timestamp) AS a, max(timestamp) AS b, sum(revenue) AS r FROM t"
    found = query.query(sql, {"t": data}).records()[0]
    assert (found["n"], found["users"], str(found["a"])[:10], str(found["b"])[:10]) == (
        69_659,
        23_570,
        "1997-01-01",
        "1998-06-30",
    )
    with (DATASETS / "CDNOW_master.txt").open() as stream:
        assert found["r"] == pytest.approx(sum(float(line.split()[3]) for line in stream))


@shared
def test_clickstream_and_experiment_are_recognised(tmp_path: Path) -> None:
    shop = read_here(DATASETS / "ecom.csv.gz", tmp_path / "a")
    assert recognition.recognise(shop)[0].contract == "events"
    data = intake.accept(shop, "events", recognition.recognise(shop)[0].mapping, home=tmp_path)
    found = query.query(
        "SELECT count(*) FILTER (WHERE event = 'purchase') AS n, count(DISTINCT user_id) AS u FROM t",
        {"t": data},
    ).records()[0]
    assert (data.rows, found["n"], found["u"]) == (31_106, 470, 600)
    game = read_here(DATASETS / "cookie_cats.csv", tmp_path / "b")
    best = recognition.recognise(game)[0]
    data = intake.accept(game, best.contract, best.mapping, home=tmp_path)
    found = query.query(
        "SELECT variant, count(*) AS n, avg(CAST(retention_1 AS INTEGER)) AS r FROM t GROUP BY 1 ORDER BY 1",
        {"t": data},
    ).records()
    assert [(r["variant"], r["n"], round(r["r"], 4)) for r in found] == [
        ("gate_30", 44_700, 0.4482),
        ("gate_40", 45_489, 0.4423),
    ]

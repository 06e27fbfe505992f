"""One rule for the segment a person is in, wherever it is read: kernel, shown SQL, command line and page."""

from __future__ import annotations

import csv
import datetime as dt
import json
from pathlib import Path

import numpy as np
import pytest

from lib.__main__ import main
from lib.analysis.events import first_event_times
from lib.analysis.events.funnel import funnel
from lib.analysis.events.ltv import ltv
from lib.analysis.kpis import channel_kpis
from lib.analysis.metrics import mix_rate
from lib.analysis.translation.outcome_chain import ChainStep, channel_rates
from lib.engine import intake, query
from lib.engine.contracts import recognition
from lib.engine.datasets.dataset import Dataset
from lib.engine.layout.event_layout import open_layout
from lib.workbook import home as homes
from tests.event_tables import events
from tests.pages.steps import make, opened

COLUMNS = "user_id event timestamp channel revenue"
PATHS = {  # channels of the visits of a person, an hour apart, and the segment they make
    "mail": (None, "mail", "ads"),  # the first visit has none: the next one counts
    "ads": ("ads", "mail", None),
    "(none)": (None, None, None),
    "both": ("mail", "both", None),  # see `people`: both at one instant, the alphabetically first counts
}


def day(month: int, number: int) -> dt.datetime:
    return dt.datetime.combine(dt.date(2026, month, number), dt.time())


def people(each: int = 40) -> list[tuple[str, str, dt.datetime, str | None, float | None]]:
    """`each` people of every path in January, February and March; half of them sign up and pay."""
    rows: list[tuple[str, str, dt.datetime, str | None, float | None]] = []
    for month in (1, 2, 3):
        for name, channels in PATHS.items():
            for number in range(each):
                who, at = f"{name}-{month}-{number:03}", day(month, 2 + number % 10)
                for place, channel in enumerate(channels):
                    hours = place if name != "both" else 0
                    rows.append((who, "visit", at + dt.timedelta(hours=hours), channel, None))
                if number % 2:
                    later = None if name == "(none)" else "later"
                    rows.append((who, "signup", at + dt.timedelta(days=1), later, None))
                    rows.append((who, "paid", at + dt.timedelta(days=2), None, 10.0))
    rows.append(("end", "visit", day(4, 20), "end", None))
    return rows


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    return events(people(), tmp_path, COLUMNS)


WANTED = {"(none)": 120, "ads": 120, "both": 120, "mail": 120}


def test_kernel_and_queries_put_everybody_into_the_same_segment(dataset: Dataset) -> None:
    layout = open_layout(dataset)
    codes, names = layout.segment("channel")
    counts = dict(zip(names, np.bincount(codes, minlength=len(names)).tolist(), strict=True))
    assert {name: n for name, n in counts.items() if n} == WANTED | {"end": 1}
    seen = first_event_times.load(dataset)
    by_first_times = dict(zip(seen.channels, np.bincount(seen.channel).tolist(), strict=True))
    assert by_first_times == WANTED | {"end": 1}
    table = funnel(dataset, ("visit", "paid"), by="channel").evidence[0]
    shown = {
        row[0]: row[2]
        for row in query.query(table.sql, {"events": dataset}, dict(table.params)).rows
        if row[1] == 1
    }
    assert {row["segment"]: row["users"] for row in table.records() if row["position"] == 1} == shown
    assert {name: shown[name] for name in WANTED} == WANTED
    cohorts = ltv(dataset, by="channel").evidence[0]
    paid = {row[1] for row in query.query(cohorts.sql, {"events": dataset}, dict(cohorts.params)).rows}
    assert paid == set(WANTED)


def test_a_mix_counts_people_by_their_first_channel_not_by_that_of_their_first_event(
    dataset: Dataset,
) -> None:
    found = mix_rate.from_events(
        dataset, "visit", "paid", mix_rate.period("2026-01"), mix_rate.period("2026-02")
    )
    rows = {row["segment"]: (row["before"], row["after"]) for row in found.table.records()}
    assert rows == dict.fromkeys(WANTED, (40, 40)) | {"all": (160, 160)}


def test_what_a_file_has_no_column_for_is_everybody(dataset: Dataset) -> None:
    found = mix_rate.from_events(
        dataset, "visit", "paid", mix_rate.period("2026-01"), mix_rate.period("2026-02"), by="country"
    )
    assert [row["segment"] for row in found.table.records()] == ["everybody", "all"]


def test_shares_of_channels_and_rates_by_channel_follow_the_same_people(dataset: Dataset) -> None:
    read = channel_kpis.sources({"events": dataset}, {})
    assert read is not None
    assert read[0].evidence is not None
    assert read[0].evidence.records()[0]["n"] == 361  # everybody who ever has a channel
    table = channel_rates(dataset, ChainStep("a", "Visit", ("visit",)), ChainStep("b", "Paid", ("paid",)))
    assert table is not None
    assert {row["channel"]: row["entered"] for row in table.records()} == dict.fromkeys(
        ("mail", "ads", "both"), 120
    )


def _file(path: Path) -> str:
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(COLUMNS.split())
        writer.writerows([who, event, at.isoformat(), *rest] for who, event, at, *rest in people())
    return str(path)


def test_the_commands_agree(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = _file(tmp_path / "events.csv")
    spans = ("--before", "2026-01", "--after", "2026-02", "--window-days", "14")
    assert main(["mix", path, "--start", "visit", "--finish", "paid", *spans, "--json"]) == 0
    split = {row["segment"] for row in json.loads(capsys.readouterr().out)["rows"]}
    assert main(["funnel", path, "--steps", "visit,paid", "--by", "channel", "--json"]) == 0
    steps = {row["segment"] for row in json.loads(capsys.readouterr().out)["rows"]}
    assert split == set(WANTED) | {"all"}
    assert steps == split | {"end"}


def test_the_page_shows_the_same_segments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBOOK_HOME", str(tmp_path / "home"))
    reading = intake.read(Path(_file(tmp_path / "events.csv")))
    proposal = next(item for item in recognition.recognise(reading) if item.contract == "events")
    found = intake.accept(reading, proposal.contract, proposal.mapping, home=homes.home())
    fields = ("fingerprint", "name", "contract", "rows")
    app = opened("metric_audit", make({f"datasets/events/{name}": getattr(found, name) for name in fields}))
    app.session_state["metric_audit.tabs"] = "What changed"
    app.run()
    assert not app.exception
    drawn = b" ".join(chart.proto.SerializeToString() for chart in app.get("vega_lite_chart"))
    assert {name for name in ("(none)", "ads", "mail", "later") if name.encode() in drawn} == {
        "(none)",
        "ads",
        "mail",
    }
    assert drawn.count(b"none") == drawn.count(b"(none)")

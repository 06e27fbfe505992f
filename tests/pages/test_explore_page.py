"""Explore from end to end through the shell: ask, keep, show in the summary, feed the audit, rename, delete, reload."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.analysis.audit.audit import audit
from lib.engine import intake
from lib.engine import query as engine_query
from lib.engine.contracts import recognition as known_contracts
from lib.engine.datasets import library
from lib.engine.datasets.reader import OWNER_OF_ALL
from lib.report.story import build, run_steps
from lib.report.story.inputs import Options
from lib.report.story.summary_model import ChartBody
from lib.workbook.model import Query
from tests.pages import books

ROOT = Path(__file__).resolve().parents[2]
DAYS = [dt.date(2025, 9, 1) + dt.timedelta(days=i) for i in range(140)]


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[AppTest, str]:
    """The Explore page over a file of events of twenty weeks."""
    monkeypatch.setenv("WORKBOOK_HOME", str(tmp_path))
    rng, lines = random.Random(4), ["user_id,event,timestamp,channel"]
    for index, day in enumerate(DAYS):
        lines += [
            f"u{index}_{n},signup,{day} 09:00:00,{'ads' if n % 2 else 'organic'}"
            for n in range(rng.randint(2, 6))
        ]
    path = tmp_path / "events.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    reading = intake.read(path)
    proposal = known_contracts.propose(reading, "events")
    dataset = intake.accept(reading, "events", dict(proposal.mapping), home=tmp_path)
    id = books.new({
        "datasets/events/fingerprint": dataset.fingerprint, "datasets/events/name": dataset.name,
        "datasets/events/contract": "events", "datasets/events/rows": dataset.rows,
    })  # fmt: skip
    app = AppTest.from_file(str(ROOT / "lib/ui/shell.py"), default_timeout=120)
    app.query_params["workbook"] = id
    app.run()
    app.switch_page("../../pages/explore.py").run()
    assert not app.exception
    return app, id


def ask(app: AppTest, sql: str) -> None:
    app.text_area[0].set_value(sql).run()
    app.get_by_key("explore.run").click().run()
    assert not app.exception


def said(app: AppTest) -> str:
    parts = [*app.markdown, *app.header, *app.error, *app.warning, *app.info]
    return "\n".join(str(part.value) for part in parts)


DAILY = "SELECT CAST(timestamp AS DATE) AS day, count(*) AS signups FROM events GROUP BY 1 ORDER BY 1"


def data_of(id: str, home: Path) -> dict:
    book = books.book(id)
    return {
        slot: library.open_dataset(home, ref.fingerprint, OWNER_OF_ALL) for slot, ref in book.datasets.items()
    }


def test_an_answer_is_in_the_summary_after_one_click(opened: tuple[AppTest, str], tmp_path: Path) -> None:
    app, id = opened
    ask(app, "SELECT channel, count(*) AS signups FROM events GROUP BY 1 ORDER BY 2 DESC")
    app.get_by_key("explore.summary").click().run()
    assert not app.exception
    (query,) = books.book(id).queries.values()
    assert (query.name, query.in_summary) == ("Signups by channel", True)
    made = build.build(run_steps.run_steps(books.book(id), data_of(id, tmp_path)), Options())
    (slide,) = [m for m in made.messages if m.id.startswith("query-")]
    assert slide.headline.text == "Signups by channel"
    assert isinstance(slide.body, ChartBody)
    assert slide.body.chart.kind == "bars"
    assert slide.sources()[0].sql.startswith("SELECT channel")
    assert "GROUP BY 1" in made.evidence[[e.title for e in made.evidence].index("Signups by channel")].sql


def test_another_answer_does_not_replace_the_first(opened: tuple[AppTest, str]) -> None:
    app, id = opened
    for sql in (
        "SELECT channel, count(*) AS n FROM events GROUP BY 1",
        "SELECT event, count(*) AS n FROM events GROUP BY 1",
    ):
        ask(app, sql)
        app.get_by_key("explore.summary").click().run()
    ask(app, "SELECT event, channel FROM events LIMIT 5")
    app.get_by_key("explore.name").set_value("N by channel").run()
    app.get_by_key("explore.summary").click().run()
    assert sorted(q.name for q in books.book(id).queries.values()) == [
        "N by channel",
        "N by channel 2",
        "N by event",
    ]


def test_a_saved_query_feeds_the_audit_live(opened: tuple[AppTest, str], tmp_path: Path) -> None:
    app, id = opened
    ask(app, DAILY)
    app.get_by_key("explore.name").set_value("Signups").run()
    app.get_by_key("explore.metric").click().run()
    assert not app.exception
    assert "feeds the metric Signups" in said(app)
    result = audit(books.book(id), data_of(id, tmp_path))
    (line,) = [line for line in result.lines if line.series and line.series.id in books.book(id).queries]
    # Days are put together as those of an uploaded file: a week is the sum of its days.
    data = data_of(id, tmp_path)
    weeks = engine_query.query(
        "SELECT CAST(date_trunc('week', timestamp) AS DATE) AS w, COUNT(*) AS n FROM events GROUP BY 1 ORDER BY 1",
        data,
    ).rows
    assert line.series is not None
    assert [float(n) for _, n in weeks] == line.series.values.tolist()
    assert books.book(id).metrics[line.id].source == "query"


def test_a_saved_query_is_opened_renamed_deleted_and_survives_a_reload(opened: tuple[AppTest, str]) -> None:
    app, id = opened
    ask(app, DAILY)
    app.get_by_key("explore.name").set_value("Daily signups").run()
    app.get_by_key("explore.save").click().run()
    again = AppTest.from_file(str(ROOT / "lib/ui/shell.py"), default_timeout=120)
    again.query_params["workbook"] = id
    again.run()
    again.switch_page("../../pages/explore.py").run()
    assert "Daily signups" in said(again)
    (key,) = books.book(id).queries
    again.get_by_key(f"explore.open.{key}").click().run()
    assert again.text_area[0].value == DAILY
    assert "140 rows in" in said(again)
    next(field for field in again.text_input if field.label == "Name" and field.value == "Daily signups"
         and field.key != "explore.name").set_value("Signups a day").run()  # fmt: skip
    assert books.book(id).queries[key].name == "Signups a day"
    ask(again, DAILY.replace("ORDER BY 1", "ORDER BY 2"))
    again.get_by_key("explore.save").click().run()  # the open query is changed, not copied
    assert [q.sql[-1] for q in books.book(id).queries.values()] == ["2"]
    again.get_by_key(f"explore.delete.{key}").click().run()
    assert not again.exception
    assert books.book(id).queries == {}


def test_a_query_that_fails_later_is_said_in_the_summary_and_does_not_stop_it(
    opened: tuple[AppTest, str], tmp_path: Path
) -> None:
    _, id = opened
    book = books.book(id)
    broken = book.model_copy(
        update={"queries": {"q": Query(name="Old", sql="SELECT gone FROM events", in_summary=True)}}
    )
    made = build.build(run_steps.run_steps(broken, data_of(id, tmp_path)), Options())
    assert any("Saved query Old: There is no column “gone”" in sentence for sentence in made.missing)


def test_limits_and_mistakes_are_said(opened: tuple[AppTest, str]) -> None:
    app, _ = opened
    ask(app, "SELECT * FROM range(20000)")
    assert "Truncated" in said(app)
    assert "10,000 rows in" in said(app)
    ask(app, "SELECT chanel\nFROM events")
    assert "There is no column “chanel” (line 1, character 8)." in said(app).replace("\\", "")
    assert "Did you mean channel?" in said(app)
    assert "Truncated" not in said(app)
    ask(app, "SELECT * FROM events WHERE event = 'nobody does this'")
    assert "No rows" in said(app)

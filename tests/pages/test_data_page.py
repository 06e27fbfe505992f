"""The Data page and the Explore page as a visitor uses them, through the shell, on real files and a real engine."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lib.engine import intake
from lib.ui import session
from lib.ui.data import jobs, placement
from tests.patience import SECONDS, until

ROOT = Path(__file__).resolve().parents[2]
EVENTS = "user_id,event,timestamp,channel\n" + "".join(
    f"u{i % 7},{'signup' if i % 3 else 'paid'},2026-01-{1 + i % 28:02d} 10:00:00,{'fb' if i % 2 else 'organic'}\n"
    for i in range(60)
)


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """A fresh installation, on the Data page."""
    monkeypatch.setenv("WORKBOOK_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    test = AppTest.from_file(str(ROOT / "lib" / "ui" / "shell.py"), default_timeout=120).run()
    return test.switch_page("../../pages/data.py").run()


def give(app: AppTest, name: str, content: bytes | str) -> AppTest:
    """Upload one file."""
    raw = content.encode() if isinstance(content, str) else content
    app.get("file_uploader")[0].upload(name, raw)
    return settled(app.run())


def settled(app: AppTest) -> AppTest:
    """Wait for work beside the page; a browser's own timer does this, a test has none."""

    def again(seconds: float) -> None:
        time.sleep(seconds)
        app.run()

    until(lambda: not [b for b in app.button if b.label == "Stop"], again)
    return app


def use(app: AppTest) -> AppTest:
    """Take the file in."""
    return settled(button(app, "Use this file").click().run())


def button(app: AppTest, label: str):
    return next(b for b in app.button if b.label == label)


def said(app: AppTest) -> str:
    """Everything the page says."""
    return "\n".join(
        [*(m.value for m in app.markdown), *(s.value for s in app.subheader), *(e.value for e in app.error)]
    ).replace("\\", "")


def healthy(app: AppTest) -> None:
    assert not app.exception
    assert "went wrong on our side" not in said(app)


def test_an_empty_page_says_what_to_do(app: AppTest) -> None:
    healthy(app)
    assert app.title[0].value == "What do we have, and can we trust it?"
    assert app.get("file_uploader")
    assert button(app, "Open the demo company")
    assert len([b for b in app.get("download_button") if b.label == "Template"]) == 9


def test_a_recognised_file_is_in_use_after_one_click(app: AppTest) -> None:
    give(app, "events.csv", EVENTS)
    healthy(app)
    assert "This looks like **events**" in said(app)
    assert "**60** rows read" in said(app)
    use(app)
    healthy(app)
    assert "In use: 1 file with 60 rows. Every record was read." in said(app)
    assert "fb" in said(app), "a channel name that is not canonical yet is offered"
    button(app, "Use these names").click().run()
    assert not [b for b in app.button if b.label == "Use these names"]
    app.session_state["data.more.events"] = True
    app.run()
    assert any(d.value is not None for d in app.dataframe), "an opened table shows its columns"
    app.get_by_key("data.remove.events").click().run()
    assert "In use" not in said(app)


@pytest.mark.parametrize(("name", "content", "words"), [
    ("page.csv", "<!DOCTYPE html><html>Sign in</html>", "web page"),
    ("empty.csv", b"", "empty"),
    ("book.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), ".xls"),
])  # fmt: skip
def test_a_wrong_file_is_one_sentence_and_the_workbook_is_untouched(
    app: AppTest, name: str, content: bytes | str, words: str
) -> None:
    give(app, name, content)
    healthy(app)
    assert len(app.error) == 1
    assert words in app.error[0].value
    assert not [b for b in app.button if b.label == "Use this file"]
    button(app, "Discard").click().run()
    assert not app.error


def test_rejected_rows_are_shown_with_their_reason(app: AppTest) -> None:
    give(app, "events.csv", EVENTS + "u1,paid,2026-01-03,organic,one too many\n")
    healthy(app)
    assert "**1** rejected" in said(app)
    assert any("1 record rejected" in e.label for e in app.expander)


def test_an_open_date_is_asked_before_the_file_can_be_used(app: AppTest) -> None:
    give(app, "spend.csv", "date,channel,spend\n05/02/2026,a,1\n06/03/2026,b,2\n")
    assert button(app, "Use this file").disabled
    question = next(r for r in app.radio if "05/02/2026" in r.label)
    question.set_value("mdy").run()
    use(app)
    healthy(app)
    assert "In use: 1 file with 2 rows" in said(app)


def test_a_mapping_can_be_corrected_and_a_constant_given(app: AppTest) -> None:
    give(app, "orders.csv", "buyer,when,total\nb1,2026-01-05,10\nb2,2026-01-06,20\nb1,2026-01-07,30\n")
    next(s for s in app.selectbox if s.label == "What is in it?").set_value("events").run()
    for label, value in (("user_id *", "buyer"), ("timestamp *", "when"), ("event *", "=")):
        next(s for s in app.selectbox if s.label == label).set_value(value).run()
    assert button(app, "Use this file").disabled
    next(t for t in app.text_input if t.label == "Value in every row").set_value("purchase").run()
    use(app)
    healthy(app)
    assert "In use: 1 file with 3 rows" in said(app)


def choice(app: AppTest, words: str):
    """The radio that asks where a further file goes, and the option with these words."""
    radio = next(r for r in app.radio if "in use already" in r.label)
    return radio, next(n for n, option in enumerate(radio.options) if words in option)


def test_a_second_file_is_added_or_replaces_the_first_as_the_person_says(app: AppTest) -> None:
    more = "".join(f"u9,paid,2026-02-{1 + i:02d} 10:00:00,organic\n" for i in range(5))
    give(app, "events.csv", EVENTS)
    use(app)
    give(app, "newer.csv", EVENTS + more)
    radio, _ = choice(app, "Replace events.csv")
    assert radio.index == 0
    assert radio.options[0] == "Add it to events.csv"
    use(app)
    healthy(app)
    assert "In use: 2 files with 65 rows" in said(app)
    assert (
        "newer.csv (65 rows) was added to events.csv. 60 rows of newer.csv are in an earlier file too"
        in told(app)
    )

    give(app, "other.csv", "user_id,event,timestamp\nx1,signup,2026-03-01 10:00:00\n")
    radio, _ = choice(app, "Replace")
    radio.set_value(placement.Place("events", "replace")).run()
    use(app)
    assert "In use: 1 file with 1 row" in said(app)
    assert "It replaces events.csv + newer.csv; Undo brings that back." in told(app)


def told(app: AppTest) -> str:
    """What was said at the top of the page for a moment."""
    return said(app) + "\n".join(str(t.value) for t in app.toast) + "\n".join(s.value for s in app.success)


CUSTOMERS = "customer_id,signup_date,mrr\n"


def test_a_further_list_of_customers_waits_for_the_persons_choice(app: AppTest) -> None:
    give(app, "june.csv", CUSTOMERS + "c1,2026-01-05,10\nc2,2026-02-05,20\n")
    use(app)
    give(app, "july.csv", CUSTOMERS + "c2,2026-02-05,25\nc3,2026-07-05,30\n")
    assert button(app, "Use this file").disabled
    assert "Say whether july.csv adds to what is in use or replaces it" in said(app)
    radio, _ = choice(app, "Add it to june.csv")
    radio.set_value(placement.Place("customers")).run()
    use(app)
    healthy(app)
    assert "In use: 2 files with 3 rows" in said(app)
    assert "1 row of july.csv differs from an earlier file: the newer file counts." in said(app)
    app.session_state["data.more.customers"] = True
    app.run()
    take_out = [b for b in app.button if b.label == "Take out"]
    assert len(take_out) == 2
    rule = next(s for s in app.selectbox if s.label == "Where an earlier file has the same row")
    rule.set_value("both").run()
    assert "In use: 2 files with 4 rows" in said(app)
    app.session_state["data.more.customers"] = True
    app.run()
    next(b for b in app.button if b.label == "Take out").click().run()
    healthy(app)
    assert "In use: 1 file with 2 rows" in said(app)
    button(app, "Undo").click().run()
    assert "In use: 2 files with 4 rows" in said(app)


def test_several_files_are_used_at_once_and_none_replaces_another(app: AppTest) -> None:
    for month in (1, 2, 3):
        rows = "".join(f"u{month}{i},signup,2026-0{month}-{1 + i:02d} 10:00:00\n" for i in range(9))
        app.get("file_uploader")[0].upload(f"m{month}.csv", f"user_id,event,timestamp\n{rows}".encode())
        settled(app.run())
    app.get("file_uploader")[0].upload("spend.csv", b"date,channel,spend\n05/02/2026,a,1\n06/03/2026,b,2\n")
    settled(app.run())
    assert "3 files are ready. 1 more needs an answer first." in said(app)
    settled(button(app, "Use all 3 files").click().run())
    healthy(app)
    assert "In use: 3 files with 27 rows" in said(app)
    assert len([b for b in app.button if b.label == "Use this file"]) == 1, (
        "the file with a question is still there"
    )


def test_a_single_metric_is_called_as_its_file_or_asked(app: AppTest) -> None:
    rows = "".join(f"2026-01-{1 + i:02d},{100 + i}\n" for i in range(20))
    give(app, "net_revenue 2026.csv", "date,value\n" + rows)
    assert next(t for t in app.text_input if t.label == "Name of the metric").value == "net revenue"
    button(app, "Discard").click().run()
    give(app, "export (3).csv", "date,value\n" + rows)
    assert button(app, "Use this file").disabled
    assert "Say what this **metric** is called" in said(app)
    next(t for t in app.text_input if t.label == "Name of the metric").set_value("Revenue").run()
    use(app)
    healthy(app)
    assert "In use: 1 file with 20 rows" in said(app)
    app.switch_page("../../pages/metric_audit.py").run()
    healthy(app)
    assert "Revenue" in said(app)


CUSTOMER_ROWS = "".join(
    f"c{i},2026-0{1 + i % 6}-{1 + i % 28:02d},{20 + i},{'' if i % 3 else f'2026-07-{1 + i % 28:02d}'}\n"
    for i in range(120)
)
ALONE = {
    "billing.csv": (f"customer_id,signup_date,mrr,churn_date\n{CUSTOMER_ROWS}", "- Paying customers: "),
    "survey.csv": (
        "respondent_id,date,nps_score\n"
        + "".join(f"r{i},2026-01-{1 + i % 28:02d},{i % 11}\n" for i in range(66)),
        "- Net promoter score: ",
    ),
    "spend.csv": (
        "date,channel,spend,clicks\n"
        + "".join(f"2026-01-{1 + i:02d},{'ads' if i % 2 else 'social'},10,5\n" for i in range(20)),
        "- Cost per click: $2, n 100, 2026-01-01 to 2026-01-20",
    ),
}


@pytest.mark.parametrize("name", ALONE)
def test_a_file_alone_answers_something_on_the_page(app: AppTest, name: str) -> None:
    content, answer = ALONE[name]
    give(app, name, content)
    use(app)
    healthy(app)
    assert answer in said(app).replace("\u00a0", " ")


def test_explore_asks_saves_and_makes_a_metric(app: AppTest) -> None:
    app.switch_page("../../pages/explore.py").run()
    healthy(app)
    assert "There is no table to ask yet." in said(app)
    app.switch_page("../../pages/data.py").run()
    give(app, "events.csv", EVENTS)
    use(app)
    app.switch_page("../../pages/explore.py").run()
    app.get_by_key("explore.run").click().run()
    healthy(app)
    assert "rows in" in said(app)
    app.get_by_key("explore.name").set_value("Weekly users").run()
    app.get_by_key("explore.metric").click().run()
    healthy(app)
    assert "feeds the metric Weekly users" in said(app)


def test_explore_refuses_in_one_sentence(app: AppTest) -> None:
    give(app, "events.csv", EVENTS)
    use(app)
    app.switch_page("../../pages/explore.py").run()
    app.text_area[0].set_value("SELECT * FROM read_text('/etc/passwd')").run()
    app.get_by_key("explore.run").click().run()
    assert not app.exception
    assert "may only read the team's tables" in app.error[0].value


# ---- leaving the page while a file is on its way -------------------------------------------------------------------


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Reading and taking in wait until this is set, and the page does not wait for them."""
    go = threading.Event()

    def held(work: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *args, **kwargs: (go.wait(SECONDS), work(*args, **kwargs))[1]

    monkeypatch.setattr(intake, "read", held(intake.read))
    monkeypatch.setattr(intake, "accept", held(intake.accept))
    monkeypatch.setattr(jobs.Item, "patience", 0.0)
    yield go
    go.set()


def elsewhere(app: AppTest) -> AppTest:
    return app.switch_page("../../pages/explore.py").run()


def back(app: AppTest) -> AppTest:
    return app.switch_page("../../pages/data.py").run()


def test_leaving_the_page_loses_no_file(app: AppTest, slow: threading.Event) -> None:
    app.get("file_uploader")[0].upload("events.csv", EVENTS.encode())
    app.run()
    assert button(app, "Stop")
    elsewhere(app)
    assert button(back(app), "Stop"), "still being read"
    slow.set()
    assert "This looks like **events**" in said(settled(back(elsewhere(app))))

    slow.clear()
    button(app, "Use this file").click().run()
    assert button(app, "Stop"), "being taken in"
    elsewhere(app)
    slow.set()
    lists = lambda: "`user_id` :small[text]" in said(app)  # noqa: E731  Explore lists columns of the tables in use
    assert until(lists, lambda seconds: (time.sleep(seconds), app.run())), (
        "the file is not in use where its visitor is"
    )
    assert "In use: 1 file with 60 rows." in said(back(app))
    healthy(app)


def test_a_page_loaded_anew_shows_the_file_again_to_its_own_browser_only(
    app: AppTest, slow: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    def visit(browser: str) -> AppTest:
        monkeypatch.setattr(session, "person", lambda: browser)
        return back(AppTest.from_file(str(ROOT / "lib" / "ui" / "shell.py"), default_timeout=120).run())

    first = visit("anna")
    first.get("file_uploader")[0].upload("events.csv", EVENTS.encode())
    first.run()
    assert "events.csv" in said(visit("anna"))
    assert "events.csv" not in said(visit("ben"))
    slow.set()
    again = settled(visit("anna"))
    assert "This looks like **events**" in said(again)
    button(again, "Discard").click().run()
    assert "events.csv" not in said(visit("anna"))

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
from lib.ui.data import jobs
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
    assert len([b for b in app.get("download_button") if b.label == "Template"]) == 8


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


def test_a_second_file_replaces_the_first_and_says_so(app: AppTest) -> None:
    give(app, "events.csv", EVENTS)
    use(app)
    give(app, "newer.csv", EVENTS + "u9,paid,2026-02-01 10:00:00,organic\n")
    assert any("Replace events.csv" in str(r.options) for r in app.radio)
    use(app)
    healthy(app)
    assert "In use: 1 file with 61 rows" in said(app)


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

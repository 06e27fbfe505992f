"""The Summary page through the shell: empty, finished, edited by hand, shortened, redacted, compared, downloaded."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from pptx import Presentation
from streamlit.testing.v1 import AppTest

from lib.ui.start import example
from lib.workbook import home as homes
from lib.workbook import store as stores
from tests.pages.steps import answer, healthy, make, opened, said
from tests.report import deck_checks

PAGE = "summary"


@pytest.fixture(autouse=True, scope="module")
def _home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One home for the module: the example's files are taken in once."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("home")
        patch.setenv("WORKBOOK_HOME", str(folder))
        patch.delenv("DATABASE_URL", raising=False)
        yield folder


@pytest.fixture
def book() -> str:
    """A finished example of this test alone."""
    return stores.open_store(homes.home()).import_events(example.events())


def slides(app: AppTest) -> list[str]:
    """The headlines of the preview, the cover first."""
    shown = "".join(item.proto.body for item in app.get("html"))
    return re.findall(r'aria-label="Slide \d+: ([^"]*)"', shown)


def downloaded(monkeypatch: pytest.MonkeyPatch, app: AppTest, key: str) -> bytes:
    """What a click on a download brings."""
    given: dict[str, Any] = {}
    real = st.download_button

    def noticing(label: str, data: Any, **kw: Any) -> Any:
        given[kw["key"]] = data
        return real(label, data=data, **kw)

    monkeypatch.setattr(st, "download_button", noticing)
    app.run()
    healthy(app)
    return given[f"summary.download.{key}"]()


def test_an_empty_workbook_says_what_is_missing_and_where() -> None:
    app = opened(PAGE, make({}))
    healthy(app)
    assert "No step has an answer yet, so the deck says what is missing." in said(app)
    assert "bring a file" in said(app).casefold()
    assert slides(app)[1].endswith(" yet"), "the first slide says what is missing, and nothing else leads"


def test_words_with_two_meanings_in_the_slides_are_pointed_out_until_settled() -> None:
    answers = {"metrics/m/name": "Visits", "metrics/m/kind": "process", "metrics/m/owners": ["Ann"],
               "terms/t/word": "Visits", "terms/t/marketing": "Sessions", "terms/t/growth": "People"}  # fmt: skip
    app = opened(PAGE, make(answers))
    healthy(app)
    (warning,) = [w.value for w in app.warning if "two meanings" in w.value]
    assert re.search(r"“Visits” \(\d+\)", warning.replace("\\", ""))
    settled = opened(PAGE, make({**answers, "terms/t/agreed": "People who came for the first time"}))
    healthy(settled)
    assert not [w for w in settled.warning if "two meanings" in w.value]


def test_one_answered_step_leaves_the_others_named() -> None:
    app = opened(
        PAGE, make({"metrics/m/name": "Visits", "metrics/m/kind": "process", "metrics/m/owners": ["Ann"]})
    )
    healthy(app)
    assert "1 of 1 metrics" in " ".join(slides(app)) or "Each of the 1 metrics" in " ".join(slides(app))
    text = said(app)
    assert "Handoff map: " in text or "The handoff map has not spoken yet" in text


def test_the_finished_example_is_shown_as_it_leaves(book: str, monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened(PAGE, book)
    healthy(app)
    shown = slides(app)
    assert len(shown) >= 10
    assert shown[1].startswith("Put growth first: ")
    data = downloaded(monkeypatch, app, "pptx")
    assert deck_checks.package(data) == []
    deck = Presentation(io.BytesIO(data))
    titles = [slide.shapes.title.text_frame.text for slide in deck.slides]
    assert [t for t in titles if not t.endswith("(continued)")] == shown


def test_slides_are_reworded_hidden_moved_and_added(book: str) -> None:
    app = opened(PAGE, book)
    before = slides(app)
    field = app.text_input(key="summary.headline.findings")
    number = re.findall(r"\d+", field.value)[0]
    field.set_value(f"We must act on {number} findings this week").run()
    healthy(app)
    assert f"We must act on {number} findings this week" in slides(app)
    assert re.search(r"\{.+\}", answer(book, "summary/headline/findings")), "the number stays live"
    app.text_input(key="summary.headline.findings").set_value("We must act on 987 findings this week").run()
    assert "987" in said(app)
    assert not [title for title in slides(app) if "987" in title]
    app.button(key="summary.headline.ownership.hide").click().run()
    assert len(slides(app)) == len(before) - 1
    app.button(key="summary.headline.ownership.hide").click().run()
    app.button(key="summary.headline.experiments.up").click().run()
    healthy(app)
    assert slides(app).index(before[before.index(next(t for t in before if "shared tests" in t))]) == (
        next(i for i, t in enumerate(before) if "shared tests" in t) - 1
    )
    app.button(key="summary.own.add").click().run()
    healthy(app)
    assert "What we ask for" in slides(app)
    app.button(key="summary.headline.findings.back").click().run()
    assert before[before.index(next(t for t in before if "need action now" in t))] in slides(app)


def test_the_audience_decides_the_length(book: str) -> None:
    app = opened(PAGE, book)
    lengths = {"executive": len(slides(app))}
    for audience in ("board", "team"):
        stores.open_store(homes.home()).save_all(book, [("summary/audience", audience)], author="Ann")
        app = opened(PAGE, book)
        healthy(app)
        lengths[audience] = len(slides(app))
    assert lengths["board"] < lengths["executive"] < lengths["team"]


def test_names_quotes_and_money_stay_behind(book: str, monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened(PAGE, book)
    shown = "".join(item.proto.body for item in app.get("html"))
    assert "Mia Chen" in shown
    assert "no way back" in shown
    for key in ("hide_names", "hide_quotes", "hide_money"):
        app.toggle(key=f"answer.summary.{key}").set_value(True).run()
    healthy(app)
    shown = "".join(item.proto.body for item in app.get("html"))
    assert "Mia Chen" not in shown
    assert "no way back" not in shown
    data = downloaded(monkeypatch, app, "pptx")
    notes = [s.notes_slide.notes_text_frame.text for s in Presentation(io.BytesIO(data)).slides]
    assert not [n for n in notes if "Mia Chen" in n or "no way back" in n]


def test_a_day_to_compare_with_adds_what_changed(book: str) -> None:
    app = opened(PAGE, book)
    before = slides(app)
    day = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=3)
    app.date_input(key="summary.since").set_value(day).run()
    healthy(app)
    assert len(slides(app)) == len(before) + 1
    assert f"Since {day.day} {day:%b %Y}" in slides(app)[2]

"""Translation through the shell: typed counts, words, sessions."""

from pathlib import Path

import pytest

from tests.pages.steps import answer, healthy, make, opened, said

PAGE = "translation"


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBOOK_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DATABASE_URL", raising=False)


def _view(app, name: str):
    return app.segmented_control(key="translation.view").set_value(name).run()


def test_without_data_typed_counts_translate_both_ways() -> None:
    app = opened(PAGE, make({}))
    healthy(app)
    assert "Two counts are enough to begin." in said(app)
    app.number_input(key="translation.count.Sign-ups").set_value(400).run()
    app.number_input(key="translation.count.Trials").set_value(60).run()
    healthy(app)
    assert "+40 % people at Sign-ups bring +24 people at Trials in thirty days" in said(app)
    app.segmented_control(key="translation.way").set_value("backwards").run()
    healthy(app)
    assert "takes Sign-ups to Trials at 16.5 % instead of 15.0 %" in said(app)


def test_a_word_is_taken_up_with_one_click_and_settled() -> None:
    book = make({})
    app = _view(opened(PAGE, book), "glossary")
    healthy(app)
    app.button(key="translation.take.lead").click().run()
    healthy(app)
    assert answer(book, "terms/lead/word") == "lead"
    app.text_input(key="answer.terms.lead.agreed").set_value("Somebody who asked for a trial").run()
    assert answer(book, "terms/lead/agreed") == "Somebody who asked for a trial"
    assert any("settled" in expander.label for expander in app.expander)


def test_sessions_are_suggested_and_show_their_agenda() -> None:
    book = make({"actions/a/text": "Write it down", "actions/a/due": "2020-01-01"})
    app = _view(opened(PAGE, book), "sessions")
    healthy(app)
    assert "There is no recurring session" in said(app)
    app.button(key="translation.add.learning_session").click().run()
    healthy(app)
    assert answer(book, "rituals/learning_session/name") == "What conversion taught"
    assert "Write it down" in said(app)
    assert any(button.label == "Calendar file (.ics)" for button in app.get("download_button"))

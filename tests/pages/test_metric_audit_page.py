"""The metric audit page through the shell, as a visitor uses it."""

from pathlib import Path

import pandas as pd
import pytest

from lib.engine import intake
from lib.engine.contracts import recognition
from lib.workbook import home as homes
from tests.pages.steps import answer, make, opened, said

DEMO = Path(__file__).resolve().parents[2] / "data" / "demo"
BOOK = {
    "metrics/a/name": "Website visits", "metrics/a/kind": "process", "metrics/a/owners": ["Marketing"],
    "metrics/b/name": "Revenue per user", "metrics/b/kind": "outcome",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBOOK_HOME", str(tmp_path))


def with_metrics() -> dict[str, object]:
    """Answers that open the demo's metrics file."""
    reading = intake.read(DEMO / "metrics.csv")
    proposal = recognition.recognise(reading)[0]
    found = intake.accept(reading, proposal.contract, proposal.mapping, home=homes.home())
    return {
        f"datasets/metrics/{name}": getattr(found, name)
        for name in ("fingerprint", "name", "contract", "rows")
    }


def test_without_anything_it_says_which_file_adds_what() -> None:
    app = opened("metric_audit", make({}))
    assert not app.exception
    assert "no metric is listed" in said(app)
    assert "duplicates" in said(app)


def test_a_team_without_a_list_begins_with_the_usual_metrics_in_one_click() -> None:
    book = make({})
    app = opened("metric_audit", book)
    assert "Why, metric by metric" not in said(app), "there is nothing to explain yet"
    app.button(key="audit.usual").click().run()
    assert not app.exception
    assert answer(book, "metrics/qualified_trials/owners") == ["Marketing", "Growth"]
    assert {answer(book, f"metrics/{id}/kind") for id in ("website_traffic", "mrr", "activation_rate")} == {
        "process", "outcome", "shared"}  # fmt: skip
    assert "each with an owner" in said(app)
    assert "Why, metric by metric" in said(app)
    assert not [button for button in app.button if button.key == "audit.usual"], (
        "a list that stands is not started anew"
    )


def test_a_metric_typed_by_hand_is_saved_with_its_suggestion() -> None:
    book = make({})
    app = opened("metric_audit", book)
    app.text_input(key="audit.new_name").set_value("Email open rate")
    next(button for button in app.button if button.label == "Add by hand").click().run()
    assert not app.exception
    assert answer(book, "metrics/email_open_rate/kind") == "process"


def test_a_finding_is_mended_by_one_click() -> None:
    book = make(BOOK)
    app = opened("metric_audit", book)
    next(button for button in app.button if button.label == "Take the suggested owners").click().run()
    assert not app.exception
    assert answer(book, "metrics/b/owners") == ["Growth"]


def test_all_metrics_of_a_file_are_taken_over_in_one_step() -> None:
    book = make(with_metrics())
    app = opened("metric_audit", book)
    app.button(key="audit.accept_all").click().run()
    assert not app.exception
    assert answer(book, "metrics/branded_search_clicks/kind") == "process"
    assert answer(book, "metrics/new_paying_customers/owners") == ["Growth"]
    assert "Moves 2 weeks before New paying customers" in said(app)
    app.button(key="audit.verdict.drop").click().run()
    assert answer(book, "metrics/branded_search_clicks/verdict") == "drop"


@pytest.mark.parametrize("tab", ["What changed", "Shared metrics", "North Star"])
def test_every_tab_stands_without_events(tab: str) -> None:
    book = make(
        {
            **BOOK,
            "metrics/b/kind": "shared",
            "north_star/metric": "b",
            "inputs/i/child": "a",
            "inputs/i/parent": "b",
        }
    )
    app = opened("metric_audit", book)
    app.session_state["metric_audit.tabs"] = tab
    app.run()
    assert not app.exception
    assert not app.error


def test_series_of_the_page_come_from_the_file() -> None:
    rows = pd.read_csv(DEMO / "metrics.csv")
    app = opened("metric_audit", make(with_metrics()))
    assert f"{rows.metric.nunique()} metrics wait in the data" in said(app)


def test_a_quarter_is_explained_from_the_metrics_file() -> None:
    book = make(with_metrics())
    app = opened("metric_audit", book)
    app.button(key="audit.accept_all").click().run()
    app.session_state["metric_audit.tabs"] = "What changed"
    app.run()
    assert not app.exception
    app.selectbox(key="audit.explained").set_value("new_paying_customers").run()
    after = app.selectbox(key="audit.metric_after_Quarters")
    after.set_value("Q3 2026").run()
    app.selectbox(key="audit.metric_before_Quarters").set_value("Q2 2026").run()
    assert not app.exception
    assert "New paying customers went from 32.6 in Q2 2026 to 55.2 in Q3 2026 (+69 %)" in said(app)


def test_each_definition_shows_its_version_once_it_changed() -> None:
    book = make({**BOOK, "metrics/a/definition": "Visits"})
    app = opened("metric_audit", book)
    app.selectbox(key="audit.metric").set_value("a").run()
    assert "Definition version 1" in said(app)
    app.session_state["audit.all_fields"] = True
    app.run()
    assert not app.exception

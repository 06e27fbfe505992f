"""Every page that has a facilitator's question shows it, and there it can be answered."""

from pathlib import Path

import pytest

from tests.pages.steps import answer, healthy, make, opened, said

CASES = {
    "metric_audit": ({f"metrics/{i}/kind": "process" for i in range(3)}, "no_outcome_metric", "Which number would tell"),
    "handoff_map": ({"handoffs/h/event": "trial_start"}, "handoff_without_feedback", "sends people one way"),
    "shared_experiments": ({"ideas/i/name": "A"}, "idea_without_insight", "Ideas without a customer insight"),
    "stage_choice": ({"stage/decision": "growth"}, "decided_without_evidence", "A focus is chosen"),
    "team": ({"skills/hiring": "hybrid"}, "hybrid_for_everything", "You want one person for both crafts"),
}  # fmt: skip


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBOOK_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DATABASE_URL", raising=False)


@pytest.mark.parametrize("page", CASES)
def test_a_question_is_asked_on_its_page_and_can_be_answered(page: str) -> None:
    answers, rule, words = CASES[page]
    book = make(answers)
    app = opened(page, book)
    healthy(app)
    assert words in said(app)
    app.text_area(key=f"answer.challenges.{rule}.reply").set_value("We know, next week").run()
    app.button(key=f"challenge.{rule}.answered").click().run()
    healthy(app)
    assert answer(book, f"challenges/{rule}/state") == "answered"
    assert answer(book, f"challenges/{rule}/reply") == "We know, next week"

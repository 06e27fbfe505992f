"""Team through the shell: add oneself, rate, see the gap, choose, scorecard."""

from pathlib import Path

import pytest

from lib.framework.load import framework
from tests.pages.steps import answer, healthy, make, opened, said

PAGE = "team"


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBOOK_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DATABASE_URL", raising=False)


def test_one_person_can_begin_alone() -> None:
    app = opened(PAGE, make({}))
    healthy(app)
    assert "Can't tell yet which skill is missing" in said(app)
    app.button(key="team.me").click().run()
    healthy(app)
    assert any("Strategic thinking" in control.label for control in app.segmented_control)


def test_a_rating_is_saved_at_once() -> None:
    book = make({"people/ann/name": "Ann"})
    app = opened(PAGE, book)
    app.segmented_control(key="team.rate.skills.ann.strategic_thinking.self").set_value(4).run()
    healthy(app)
    assert answer(book, "skills/ann/strategic_thinking/self") == 4


def test_the_gap_leads_to_a_scorecard_and_an_exercise() -> None:
    skills = framework().skills.values()
    rated = {f"skills/ann/{s.id}/self": 5 if s.role == "product_marketing" else 1 for s in skills}
    app = opened(
        PAGE, make({"people/ann/name": "Ann", "stage/decision": "growth", "skills/role": "growth", **rated})
    )
    healthy(app)
    assert "The largest gap is" in said(app)
    assert "depth there comes before a bridge" in said(app)
    assert "Competencies" in said(app)
    assert "Repair the weakest step" in said(app)
    assert "One person at home in both" in said(app)
    assert "Two specialists who work together" in said(app)


def test_evidence_of_a_rating_is_kept_beside_it() -> None:
    """Once a skill is rated, what shows it can be written; it stays with the rating."""
    rating = "skills/ann/strategic_thinking/self"
    book = make({"people/ann/name": "Ann", rating: 4})
    app = opened(PAGE, book)
    app.session_state["evidence-team.rate.skills.ann.strategic_thinking.self"] = (
        True  # the popover stands open
    )
    app.run()
    healthy(app)
    app.text_area(key=f"answer.{rating.replace('/', '.')}.evidence").set_value("Dropped two segments").run()
    assert answer(book, f"{rating}/evidence") == "Dropped two segments"
    healthy(app)
    assert "Dropped two segments" not in said(app)

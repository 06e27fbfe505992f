"""PMM or growth through the shell: without data, with a survey, decided, questioned."""

from pathlib import Path

import pytest

from lib.engine import intake
from lib.engine.contracts import recognition
from lib.workbook import home as homes
from tests.pages.steps import answer, healthy, make, opened, said

PAGE = "stage_choice"
EARLY = {"stage/pmf_share": "few", "stage/retention": "leaves", "stage/paying_customers": "under_20"}


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBOOK_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DATABASE_URL", raising=False)


def test_without_anything_it_asks_the_most_telling_questions_first() -> None:
    app = opened(PAGE, make({}))
    healthy(app)
    assert app.title[0].value == "What does our stage call for now?"
    assert "Can't tell yet what the stage calls for" in said(app)
    assert app.radio[0].label.startswith("If the product were gone tomorrow")


def test_three_answers_give_a_verdict_and_are_saved() -> None:
    book = make({})
    app = opened(PAGE, book)
    for signal, value in (("pmf_share", "few"), ("retention", "leaves"), ("paying_customers", "under_20")):
        app.radio(key=f"answer.stage.{signal}").set_value(value).run()
    healthy(app)
    assert answer(book, "stage/pmf_share") == "few"
    assert "Before fit: Product marketing first" in said(app)
    assert "Hire a product marketer next" in said(app)


def test_a_decision_against_the_evidence_is_questioned_and_the_reply_kept() -> None:
    book = make(EARLY | {"stage/decision": "growth"})
    app = opened(PAGE, book)
    healthy(app)
    assert "You chose Growth first, while the evidence points to Product marketing first." in said(app)
    assert "What would have to be true for you to wait?" in said(app)
    app.button(key="challenge.growth_before_fit_told.parked").click().run()
    assert answer(book, "challenges/growth_before_fit_told/state") == "parked"
    fix = next(b for b in app.button if b.label == "Choose product marketing first")
    fix.click().run()
    healthy(app)
    assert answer(book, "stage/decision") == "product_marketing"


def test_a_survey_answers_its_question_itself(tmp_path: Path) -> None:
    path = tmp_path / "survey.csv"
    rows = "".join(f"r{i},{'very' if i % 4 == 0 else 'not'} disappointed\n" for i in range(200))
    path.write_text("respondent_id,pmf_answer\n" + rows, encoding="utf-8")
    reading = intake.read(path)
    proposal = recognition.recognise(reading)[0]
    data = intake.accept(reading, proposal.contract, proposal.mapping, home=homes.home())
    saved = {f"datasets/survey/{f}": getattr(data, f) for f in ("fingerprint", "name", "contract", "rows")}
    app = opened(PAGE, make(saved))
    healthy(app)
    assert "1 of 12 inputs are known, 1 from data" in said(app)
    assert not [radio for radio in app.radio if radio.label.startswith("If the product were gone")]


def test_events_show_who_comes_stays_and_leaves(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    # Of a hundred who come each month, forty stay one month longer.
    rows = "".join(
        f"{month}-{i},visit,2026-{month + stay:02d}-05T10:00:00Z\n"
        for month in range(1, 8) for i in range(100) for stay in range(2 if i < 40 and month < 7 else 1)
    )  # fmt: skip
    path.write_text("user_id,event,timestamp\n" + rows + "x,visit,2026-07-31T10:00:00Z\n", encoding="utf-8")
    reading = intake.read(path)
    data = intake.accept(reading, "events", recognition.propose(reading, "events").mapping, home=homes.home())
    saved = {f"datasets/events/{f}": getattr(data, f) for f in ("fingerprint", "name", "contract", "rows")}
    app = opened(PAGE, make(saved))
    healthy(app)
    assert any(item.label == "Who comes, stays and leaves" for item in app.expander)
    # May to July: 301 gained, 300 lost.
    assert "Users stand still: gains are 1.00x (0.86x to 1.18x) the losses" in said(app).replace(
        "\u00a0", " "
    )


def test_a_note_with_a_word_of_two_meanings_says_so_beneath() -> None:
    answers = {"stage/decision": "growth", "stage/reason": "More leads came than we could call", "terms/l/word": "leads",
               "terms/l/marketing": "A form", "terms/l/growth": "A trial"}  # fmt: skip
    app = opened(PAGE, make(answers))
    healthy(app)
    assert [c.value for c in app.caption if "Two meanings still open: “leads”" in c.value]
    settled = opened(PAGE, make({**answers, "terms/l/agreed": "A person who asked for a demo"}))
    assert not [c.value for c in settled.caption if "Two meanings still open" in c.value]

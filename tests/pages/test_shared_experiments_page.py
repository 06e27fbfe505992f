"""The page for shared experiments through the shell: empty, one person's whole path, override, lock."""

from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from lib.analysis.experiments.ideas import cards
from tests.analysis.making import dataset
from tests.pages.books import book, new

SHELL = Path(__file__).resolve().parents[2] / "lib" / "ui" / "shell.py"
PAGE = "../../pages/shared_experiments.py"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WORKBOOK_HOME", str(tmp_path))
    return tmp_path


def _app(id: str, **state: object) -> AppTest:
    app = AppTest.from_file(str(SHELL), default_timeout=120)
    app.query_params["workbook"] = id
    for key, value in state.items():
        app.session_state[key.replace("__", ".")] = value
    app.run()
    app.switch_page(PAGE)
    return app.run()


def _with_file(home: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """A finished test as a dataset in use."""
    people = [
        {"user_id": f"{arm}{i}", "variant": arm, "trial": i < trials, "paid": i < paid}
        for arm, trials, paid in (("control", 800, 200), ("new", 960, 290))
        for i in range(2000)
    ]
    data = dataset(home / "file", pd.DataFrame(people), "experiment")
    from lib.engine.datasets import library

    monkeypatch.setattr(library, "open_dataset", lambda _home, _fingerprint, _reader: data)
    head = "datasets/experiment"
    return {
        f"{head}/fingerprint": data.fingerprint,
        f"{head}/name": "test_of_march.csv",
        f"{head}/contract": "experiment",
    }


def _text(app: AppTest) -> str:
    return " ".join(
        str(part.value) for kind in (app.markdown, app.subheader, app.title, app.header) for part in kind
    )


def test_empty_workbook_says_what_to_do(home: Path) -> None:
    app = _app(new())
    assert not app.exception
    assert app.title[0].value == "What do we test together, and what did we learn?"
    assert "No shared test yet" in _text(app)
    assert app.button(key="experiments.ideas.add").label == "Write the first idea"


@pytest.mark.parametrize("view", ["ideas", "plan", "read", "learn", "launch"])
def test_every_part_draws_without_data(home: Path, view: str) -> None:
    app = _app(new(), experiments__view=view)
    assert not app.exception
    assert not app.error


def test_idea_from_nothing_to_registered(home: Path) -> None:
    id = new({"settings/marketing_lead": "Ana", "settings/growth_lead": "Ben"})
    app = _app(id)
    app.button(key="experiments.ideas.add").click().run()
    idea = next(iter(book(id).ideas))
    assert book(id).ideas[idea].marketing_owner == "Ana"
    assert "Still needs" in _text(app)
    said = {"because": "people stall", "believe": "a sample report", "audience": "new trials",
            "process_metric": "trial", "outcome_metric": "paid"}  # fmt: skip
    for field, value in said.items():
        app.text_input(key=f"answer.ideas.{idea}.{field}").set_value(value).run()
    saved = book(id).ideas[idea]
    assert {field: getattr(saved, field) for field in said} == said
    assert (
        "Because people stall, we believe a sample report for new trials will move trial and paid."
        in _text(app)
    )
    for field, value in (("weeks", 4), ("weekly_users", 500.0), ("baseline", 10.0), ("hoped_effect", 10.0)):
        app.number_input(key=f"answer.ideas.{idea}.{field}").set_value(value).run()
    assert "Do not test this" in _text(app)
    app.button(key=f"experiments.idea.{idea}.register").click().run()
    assert not app.exception
    (test,) = book(id).experiments.values()
    assert (test.process_metric, test.outcome_metric, test.idea) == ("trial", "paid", idea)


def test_uploaded_file_is_read_registered_decided_and_learned(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = new(_with_file(home, monkeypatch))
    app = _app(id)
    assert not app.exception
    assert "“New” improves trial" in _text(app).replace("\\", "")
    assert "People split over the variants as planned" in _text(app)
    app.button(key="experiments.loose.experiment.register").click().run()
    (test_id,) = book(id).experiments
    assert "the table says ship" in _text(app)
    key = f"experiments.decide.{test_id}"
    app.text_input(key=f"{key}.marketing").set_value("Ana").run()
    app.button(key=f"{key}.record").click().run()
    test = book(id).experiments[test_id]
    assert (test.decision, test.decided_by) == ("ship", ("Ana",))
    app.button(key=f"experiments.learn.{test_id}").click().run()
    assert not app.exception
    (learning,) = book(id).learnings.values()
    assert learning.experiment == test_id
    assert learning.saw.startswith("“New” improves")
    assert learning.status == "supported"


def test_deciding_against_the_table_needs_both_teams(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = _with_file(home, monkeypatch) | {
        "experiments/t/name": "March", "experiments/t/dataset": "experiment", "experiments/t/process_metric": "trial",
        "experiments/t/outcome_metric": "paid",
    }  # fmt: skip
    id = new(answers)
    app = _app(id)
    key = "experiments.decide.t"
    app.segmented_control(key=f"{key}.choice").set_value("stop").run()
    app.text_input(key=f"{key}.marketing").set_value("Ana").run()
    app.button(key=f"{key}.record").click().run()
    assert book(id).experiments["t"].decision == ""
    assert any("both teams" in error.value for error in app.error)
    app.text_input(key=f"{key}.growth").set_value("Ben").run()
    app.text_input(key=f"{key}.reason").set_value("The price changes next week").run()
    app.button(key=f"{key}.record").click().run()
    assert book(id).experiments["t"].decision == "stop"
    assert "the agreed table says ship" in _text(app)


def test_lock_and_visible_change(home: Path) -> None:
    id = new({
        "experiments/t/name": "March", "experiments/t/process_metric": "trial", "experiments/t/outcome_metric": "paid",
        "experiments/t/ends_on": "2026-12-06", "experiments/t/smallest_effect": 0.1,
        "experiments/t/idea": "i", "ideas/i/baseline": 0.1,
    })  # fmt: skip
    app = _app(id, experiments__view="plan")
    app.selectbox(key="experiments.cell.t.up.flat").set_value("stop").run()
    assert app.button(key="experiments.lock.t").disabled
    app.button(key="experiments.plan.t.size").click().run()
    assert book(id).experiments["t"].planned_total == 29502
    app.button(key="experiments.lock.t").click().run()
    locked = book(id).experiments["t"]
    assert len(locked.locked_hash) == 64
    assert locked.table["up/flat"] == "stop"
    assert not [field for field in app.text_input if field.key == "answer.experiments.t.outcome_metric"]
    app.toggle(key="experiments.plan.t.change").set_value(True).run()
    app.text_input(key="answer.experiments.t.outcome_metric").set_value("clicks").run()
    assert "Changed after the lock" in _text(app)
    app.text_input(key="experiments.forecast.t.who").set_value("Ana").run()
    app.number_input(key="experiments.forecast.t.p").set_value(80.0).run()
    app.button(key="experiments.forecast.t.add").click().run()
    assert book(id).experiments["t"].forecasts["Ana"]["p_ship"] == 0.8
    assert "In: **Ana**" in _text(app)
    assert "80" not in _text(app), "nobody follows anybody: figures show after the decision"


def test_a_forecast_after_the_data_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = _with_file(home, monkeypatch) | {
        "experiments/t/name": "March", "experiments/t/dataset": "experiment", "experiments/t/process_metric": "trial",
        "experiments/t/outcome_metric": "paid",
    }  # fmt: skip
    app = _app(new(answers), experiments__view="plan")
    assert "a forecast now would be no forecast" in _text(app)
    assert not [button for button in app.button if button.key == "experiments.forecast.t.add"]


def test_launch_and_library(home: Path) -> None:
    id = new({"learnings/a/learned": "Headlines matter", "learnings/b/learned": "Price matters"})
    app = _app(id, experiments__view="launch")
    app.button(key="experiments.launch.add").click().run()
    (launch,) = book(id).launches.values()
    assert len(launch.marketing_days) == len(launch.growth_days) == 7
    app = _app(id, experiments__view="learn")
    assert "Headlines matter" in _text(app)
    app.text_input(key="experiments.learn.search").set_value("price").run()
    assert "Headlines matter" not in _text(app)
    assert "Price matters" in _text(app)


RULE = {"launches/l/name": "Spring", "launches/l/messages": ["Now", "Promise"], "launches/l/swap_metric": "visit to trial",
        "launches/l/swap_below": 0.1, "launches/l/swap_min_people": 500, "launches/l/swap_to": "Promise"}  # fmt: skip


@pytest.mark.parametrize(
    ("day_one", "said"), [("2999-01-01", "Set before day 1"), ("2020-01-01", "not before day 1")]
)
def test_a_swap_rule_says_whether_it_was_set_beforehand(home: Path, day_one: str, said: str) -> None:
    app = _app(new({**RULE, "launches/l/starts_on": day_one}), experiments__view="launch")
    assert not app.exception
    assert said in _text(app)
    assert "we swap to “Promise” without another meeting" in _text(app)


def test_the_messages_of_a_launch_become_a_registered_test(home: Path) -> None:
    id = new({**RULE, "launches/l/starts_on": "2999-01-01"})
    app = _app(id, experiments__view="launch")
    app.button(key="experiments.launch.l.test").click().run()
    assert not app.exception
    (key,) = book(id).experiments
    test = book(id).experiments[key]
    assert (test.variants, test.control, test.allocation) == (("Now", "Promise"), "Now", "50/50")
    assert book(id).launches["l"].experiment == key


def test_a_file_is_tied_to_the_test_that_was_registered(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = _with_file(home, monkeypatch) | {
        "experiments/t/name": "March", "experiments/t/process_metric": "metric-1", "experiments/t/outcome_metric": "x",
    }  # fmt: skip
    id = new(answers)
    app = _app(id)
    app.button(key="experiments.loose.experiment.register").click().run()
    assert not app.exception
    test = book(id).experiments["t"]
    assert (test.dataset, test.process_column, test.outcome_column) == ("experiment", "trial", "paid")
    assert test.process_metric == "metric-1"
    assert "the table says ship" in _text(app)


def test_insights_and_learnings_lead_to_ideas(home: Path) -> None:
    """One click each; the idea keeps where it came from, and a confirmed learning carries its confidence."""
    id = new({"insights/i/text": "People stall at the database", "insights/i/strength": 4,
              "learnings/l/learned": "Samples first", "learnings/l/status": "confirmed",
              "settings/marketing_lead": "Ana", "settings/growth_lead": "Ben"})  # fmt: skip
    app = _app(id, experiments__view="ideas")
    assert "1 insight without an idea yet" in _text(app)
    app.button(key="experiments.insight.i.idea").click().run()
    (idea,) = book(id).ideas.values()
    assert (idea.insights, idea.because, idea.growth_owner) == (("i",), "People stall at the database", "Ben")
    assert "Every insight has led to an idea" in _text(app)
    app = _app(id, experiments__view="learn")
    app.button(key="experiments.learning.l.idea").click().run()
    assert not app.exception
    newer = next(card for card in cards(book(id)) if card.idea.learnings)
    assert (newer.idea.because, newer.idea.marketing_owner, newer.confidence) == ("Samples first", "Ana", 1.0)
    app = _app(id, experiments__view="learn")
    assert "Led to: Samples first" in _text(app)


def test_ideas_can_be_filtered(home: Path) -> None:
    answers: dict[str, object] = {f"ideas/i{n}/name": f"Idea {n}" for n in range(4)}
    answers |= {"ideas/i1/baseline": 0.1, "ideas/i1/weekly_users": 9000.0, "ideas/i1/weeks": 6.0,
                "ideas/i1/hoped_effect": 0.2}  # fmt: skip
    app = _app(new(answers), experiments__view="ideas")
    assert "**Idea 3**" in _text(app)
    app.pills(key="experiments.ideas.answers").set_value(["testable"]).run()
    assert "**Idea 1**" in _text(app)
    assert "**Idea 3**" not in _text(app)

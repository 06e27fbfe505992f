"""Against a locked table nobody decides for another: one person's decision is said to be that, two people act twice."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.analysis.experiments import override, preregistration
from lib.analysis.experiments.override import Signatory
from lib.errors import NotAllowedError
from lib.workbook.model import Experiment, fold
from tests.pages.books import book, new
from tests.pages.test_shared_experiments_page import _app, _text, _with_file, home

__all__ = ["home"]
KEY = "experiments.decide.t"
LOCKED = Experiment(name="March", locked_hash="x" * 64)
ANN, BEN = Signatory.of("Ann", "browser-1"), Signatory.of("Ben", "browser-2")


def after(test: Experiment, answers: list[tuple[str, object]]) -> Experiment:
    """A test with these answers given."""
    known = {f"experiments/t/{name}": value for name, value in test.model_dump().items()}
    return fold(known | dict(answers)).experiments["t"]


def test_one_persons_override_is_recorded_as_one_persons() -> None:
    test = after(LOCKED, override.alone("t", "ship", "The fair is in May", ANN, "2026-10-05"))
    assert (test.decision, test.decided_by) == ("ship", ("Ann",))
    assert override.names(test) == "Ann alone, against the locked table"
    assert "browser-1" not in str(test)
    with pytest.raises(NotAllowedError, match="needs a reason"):
        override.alone("t", "ship", " ", ANN, "2026-10-05")


def test_two_names_typed_by_one_person_do_not_override_a_locked_table() -> None:
    with pytest.raises(NotAllowedError, match="nobody decides in another person's name"):
        preregistration.decide("t", LOCKED, "stop", "ship", "strategic", "Ana", "Ben", "2026-10-05")


def test_a_second_person_agrees_once_and_the_first_never() -> None:
    test = after(LOCKED, override.alone("t", "ship", "why", ANN, "2026-10-05"))
    for same in (ANN, Signatory.of("Ben", "browser-1")):  # the same browser under another name
        with pytest.raises(NotAllowedError, match="does not wait for you"):
            override.agree("t", test, same)
    both = after(test, override.agree("t", test, BEN))
    assert (both.decided_by, len(both.decided_marks)) == (("Ann", "Ben"), 2)
    assert override.names(both) == "Ann and Ben, against the locked table"
    with pytest.raises(NotAllowedError):
        override.agree("t", both, Signatory.of("Cid", "browser-3"))


def test_following_the_table_again_takes_the_marks_away() -> None:
    test = after(LOCKED, override.alone("t", "ship", "why", ANN, "2026-10-05"))
    again = after(test, preregistration.decide("t", test, "stop", "stop", "", "Ana", "Ben", "2026-10-06"))
    assert (again.decided_by, again.decided_marks, override.names(again)) == (
        ("Ana", "Ben"),
        (),
        "Ana and Ben",
    )
    assert not override.may_agree(again, BEN)


def _locked(home: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    answers = _with_file(home, monkeypatch) | {
        "experiments/t/name": "March", "experiments/t/dataset": "experiment", "experiments/t/process_metric": "trial",
        "experiments/t/outcome_metric": "paid", "experiments/t/locked_hash": "x" * 64,
        "experiments/t/locked_at": "2026-09-01T08:00:00+00:00",
        "settings/marketing_lead": "Ana Ruiz", "settings/growth_lead": "Ben Okafor",
    }  # fmt: skip
    return new(answers)


def test_an_unnamed_visitor_overrides_in_nobodys_name(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    id = _locked(home, monkeypatch)
    first = _app(id)
    first.segmented_control(key=f"{KEY}.choice").set_value("stop").run()
    assert not [box for box in first.text_input if box.key == f"{KEY}.marketing"]  # no name to type
    first.button(key=f"{KEY}.record").click().run()
    assert book(id).experiments["t"].decision == ""
    assert any("needs a reason" in error.value for error in first.error)
    first.text_input(key=f"{KEY}.reason").set_value("The price changes next week").run()
    first.button(key=f"{KEY}.record").click().run()
    test = book(id).experiments["t"]
    assert test.decision == "stop"
    assert test.decided_by[0].startswith("Guest ")
    assert "alone, against the locked table" in _text(first)
    assert not {"Ana Ruiz", "Ben Okafor"} & set(test.decided_by)
    assert not [button for button in first.button if button.key == f"{KEY}.agree"]  # one person acts once

    second: AppTest = _app(id)
    second.button(key=f"{KEY}.agree").click().run()
    assert not second.exception
    both = book(id).experiments["t"]
    assert len(set(both.decided_by)) == len(set(both.decided_marks)) == 2
    assert both.decided_by[0] == test.decided_by[0]
    assert "alone" not in _text(second)

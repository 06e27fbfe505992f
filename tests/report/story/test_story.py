"""Reading only the headlines tells the story: answer first, what to do, how much, which one; from data and by hand alike."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from lib.report.deck import deck
from lib.report.deck.table import _capped
from lib.report.story import build, run_steps
from lib.report.story.inputs import Inputs, Options
from lib.report.story.summary_model import DecisionBody, ReasonsBody
from lib.workbook.model import fold

BY_HAND: dict[str, Any] = {
    "settings/company": "Fieldnote",
    "metrics/a/name": "Website visits", "metrics/a/kind": "process", "metrics/a/owners": ["Marketing"],
    "metrics/b/name": "Paid conversions", "metrics/b/kind": "outcome", "metrics/b/owners": ["Growth"],
    "metrics/b/decision": "Where the budget goes", "metrics/d/name": "Churn",
    "stages/s1/name": "Visit", "stages/s1/order": 1, "stages/s1/owners": ["Marketing"],
    "stages/s2/name": "Trial", "stages/s2/order": 2, "stages/s2/owners": ["Growth"],
    "stage/pmf_share": "some", "stage/retention": "falls", "stage/activation": "two_three",
    "actions/x/text": "Agree what a lead is", "actions/x/due": "2026-12-01",
}  # fmt: skip


def titles(inputs: Inputs) -> dict[str, str]:
    """Slide id -> headline."""
    made = build.build(inputs, Options())
    return {message.id: message.headline.text.replace("\u00a0", " ") for message in made.messages}


def by_hand(**more: Any) -> Inputs:
    return run_steps.run_steps(fold(BY_HAND | more, rev=len(BY_HAND)), {}, today=dt.date(2026, 11, 20))


def test_the_story_of_a_workbook_filled_by_hand() -> None:
    said = titles(by_hand())
    assert said["answer"].startswith("The stage calls for product marketing first, and ")
    assert said["ownership"] == "1 of 3 metrics has no owner; 2 change no decision"
    assert said["handoff-map"] == "1 of 1 handoffs lacks a complete rule: Visit to Trial"
    assert (
        said["decision"]
        == "3 of 3 stage signals point to product marketing first; the team has not decided yet"
    )
    assert said["next-steps"] == "1 next step is agreed, due 1 Dec 2026"


def test_what_the_team_decided_opens_the_story() -> None:
    said = titles(by_hand(**{"stage/decision": "product_marketing"}))
    assert said["answer"].startswith("Put product marketing first: ")
    assert said["answer"].count(": ") == 1
    assert said["decision"].endswith(", and the team has chosen it")


@pytest.mark.parametrize(
    ("calls", "headline"),
    [
        (("ship",), "The one shared test, “Test 0”, is decided: ship"),
        (("ship", "stop"), "1 of 2 shared tests shipped: “Test 0”"),
        (
            ("stop", "iterate", ""),
            "2 of 3 shared tests are decided, and none of them shipped; 1 waits for a call",
        ),
    ],
)
def test_decided_tests_are_told_without_their_files(calls: tuple[str, ...], headline: str) -> None:
    tests = {
        f"experiments/e{n}/{field}": value
        for n, call in enumerate(calls)
        for field, value in (("name", f"Test {n}"), ("decision", call), ("outcome_metric", "b"))
    }
    assert titles(by_hand(**tests))["experiments"] == headline


def test_the_story_of_the_example(example: Inputs) -> None:
    said = titles(example)
    assert said["answer"].startswith("Put growth first: the largest loss, ")
    assert " in May 2026 to " in said["metric_audit-picture-1"]
    assert said["findings"].split(" need")[0].split() == ["7", "of", "20", "findings"]
    assert said["handoff-map"].endswith(": Trial to First report and First report to Paying")
    assert said["experiments"].startswith(
        "1 of 2 shared tests shipped: “Onboarding: five steps or three” moved "
    )
    assert said["decision"] == "9 of 9 stage signals point to growth first, and the team has chosen it"
    assert said["next-steps"] == "4 next steps are agreed, due from 27 Nov 2026 to 11 Dec 2026"


def test_the_reasons_do_not_repeat_the_headline(example: Inputs) -> None:
    made = build.build(example, Options())
    body = made.messages[0].body
    assert isinstance(body, ReasonsBody)
    told = made.messages[0].headline.text.partition(": ")[2]
    assert not [r for r in body.reasons if told.casefold() in r.text.text.casefold()]


def test_a_decision_says_what_it_calls_for_and_its_table_stays_readable(example: Inputs) -> None:
    made = build.build(example, Options())
    body = next(m.body for m in made.messages if isinstance(m.body, DecisionBody))
    assert len(body.calls) == 2
    assert deck.render(made).warnings == ()


def test_numbers_stay_whole_beside_words_without_end() -> None:
    assert _capped([300, 300, 50], 450) == [200, 200, 50]
    assert _capped([500, 40, 60], 300) == [200, 40, 60]
    assert sum(_capped([90, 90, 90], 180)) == pytest.approx(180)

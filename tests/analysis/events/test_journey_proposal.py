"""Stages of several businesses' event logs: few that are sure, one question for each that is not."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from lib.analysis.events import journey
from lib.analysis.events.first_event_times import load
from lib.framework.journey import recognise
from lib.workbook.model import JourneyStage
from tests.analysis.journey_tables import events

Rows = list[tuple[str, str, float]]


def walked(name: str, people: Iterable[int], day: float, times: int = 1) -> Rows:
    """So many people did an event on a day, and on the days after it again."""
    return [
        (f"p{person:04}", name, day + again + person / 1000) for person in people for again in range(times)
    ]


def software(folder: Path) -> journey.Proposal:
    """A product that logs sessions, views and searches of people who have signed up."""
    rows = walked("account_created", range(200), 0) + walked("email_verified", range(190), 0.1)
    rows += walked("session_started", range(200), 0.2, 8) + walked("dashboard_viewed", range(200), 0.3, 8)
    rows += walked("search_performed", range(180), 0.4, 5) + walked("upgrade_page_viewed", range(60), 9)
    return journey.propose(events(folder, rows + walked("plan_upgraded", range(20), 10)))


def stages(proposal: journey.Proposal) -> list[tuple[str, ...]]:
    return [item.stage.events for item in proposal.stages]


def test_use_of_a_product_is_no_stage_and_a_confirmed_address_no_first_value(tmp_path: Path) -> None:
    assert stages(software(tmp_path)) == [("account_created",), ("plan_upgraded",)]


def test_the_outcome_is_one_event_and_never_a_page_seen(tmp_path: Path) -> None:
    assert [item.stage.events for item in software(tmp_path).stages if item.stage.aarrr == "revenue"] == [
        ("plan_upgraded",)
    ]
    for name in (
        "viewed upgrade page",
        "Purchase Button Clicked",
        "paid_search_visit",
        "payment_modal_shown",
    ):
        found = recognise(name)
        assert found is None or not found.is_outcome, name
    for name in ("Order Completed", "checkout_completed", "subscription_started", "paid"):
        found = recognise(name)
        assert found is not None, name
        assert found.is_outcome, name


def test_a_milestone_done_once_is_asked_about_and_can_be_made_a_stage(tmp_path: Path) -> None:
    found = software(tmp_path)
    (question,) = found.questions
    assert "“Upgrade page viewed”" in question.text
    assert found.answered({}) == tuple((item.id, item.stage) for item in found.stages)
    placed = found.answered({question.id: 1})
    assert [stage.events for _, stage in placed] == [
        ("account_created",),
        ("upgrade_page_viewed",),
        ("plan_upgraded",),
    ]
    assert [stage.order for _, stage in placed] == [1, 2, 3]


def test_an_event_with_revenue_is_the_outcome_before_one_that_is_named_like_it(tmp_path: Path) -> None:
    rows = [(*row, 0.0) for row in walked("lead", range(90), 0) + walked("order_requested", range(60), 1)]
    rows += [(*row, 500.0) for row in walked("contract_signed", range(30), 5)]
    rows += [
        (*row, 80.0) for row in walked("add_to_cart", range(80), 0.5)
    ]  # an amount in a cart is no money yet
    moments = load(events(tmp_path, rows, ("revenue",)))
    assert journey.guess_outcome(moments) == "contract_signed"


def test_of_two_payments_in_a_row_the_later_one_is_the_outcome_and_the_other_is_asked(tmp_path: Path) -> None:
    rows = walked("visit", range(200), 0) + walked("signup", range(100), 1)
    rows += walked("order_placed", range(50), 2) + walked("payment_completed", range(40), 3)
    found = journey.propose(events(tmp_path, rows))
    assert found.stages[-1].stage.events == ("payment_completed",)
    assert found.questions[0].id == "outcome"
    assert found.answered({"outcome": 1})[-1][1].events == ("order_placed",)


def test_without_a_payment_what_is_done_every_day_is_no_outcome(tmp_path: Path) -> None:
    rows = walked("opened", range(60), 0) + walked("profile_filled", range(40), 1)
    rows += walked("matched", range(30), 2) + walked("tapped", range(60), 3, 20)
    assert journey.guess_outcome(load(events(tmp_path, rows))) == "matched"


def test_an_impossible_order_is_asked_and_not_printed(tmp_path: Path) -> None:
    rows = walked("feature_used", range(100), 0, 3) + walked("signup", range(100), 4)
    found = journey.propose(events(tmp_path, [*rows, *walked("paid", range(100), 6)]))
    assert stages(found) == [("signup",), ("paid",)]
    (question,) = found.questions
    assert question.text.startswith("Does “Feature used” really come before “Signup”? 100 people did both")
    assert found.answered({question.id: 1})[0][1].events == ("feature_used",)
    assert found.answered({question.id: 2})[1][1].events == ("feature_used",)


def test_use_before_paying_is_asked_as_a_step(tmp_path: Path) -> None:
    rows = (
        walked("signup", range(60), 0) + walked("message_sent", range(50), 1) + walked("paid", range(10), 4)
    )
    found = journey.propose(events(tmp_path, rows))
    assert stages(found) == [("signup",), ("paid",)]
    assert [question.id for question in found.questions] == ["step.message_sent"]


def test_an_app_without_a_sign_up_has_no_sessions_as_a_stage(tmp_path: Path) -> None:
    rows = walked("install", range(100), 0) + walked("session_start", range(100), 0.1, 9)
    rows += walked("tutorial_complete", range(70), 0.5) + walked("iap_purchase", range(20), 3)
    assert stages(journey.propose(events(tmp_path, rows))) == [
        ("install",),
        ("tutorial_complete",),
        ("iap_purchase",),
    ]


@pytest.mark.parametrize("people", [12, 100])
def test_a_saved_order_that_most_people_walk_the_other_way_has_no_rate(tmp_path: Path, people: int) -> None:
    rows = walked("used", range(people), 0) + walked("signup", range(people), 5)
    saved = [(name, JourneyStage(events=(name,))) for name in ("signup", "used")]
    flows, _ = journey.flow(events(tmp_path, rows), saved)
    assert flows["signup"].is_contradicted
    assert not journey.flow(events(tmp_path, rows), saved[::-1])[0]["used"].is_contradicted


def test_days_without_hours_are_told_from_times(tmp_path: Path) -> None:
    days = [(f"p{i}", "visit", i) for i in range(5)]
    assert not load(events(tmp_path / "days", days)).has_hours
    assert load(events(tmp_path / "hours", [*days, ("p9", "visit", 1.3)])).has_hours

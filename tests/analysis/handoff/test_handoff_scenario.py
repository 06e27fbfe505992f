import random
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lib.analysis.handoff import handoff_rule, handoff_scenario
from lib.analysis.handoff.handoff_scenario import SliderStop
from lib.engine import query
from lib.errors import DataError
from tests.analysis.journey_tables import events
from tests.analysis.making import dataset

COUNTS = (
    "entered",
    "handed",
    "kept",
    "moved_on",
    "already_further",
    "leaked",
    "open",
    "outcomes",
    "outcomes_through",
    "outcomes_bypassing",
    "mature",
    "converted",
)
JOURNEY = ("visit", "signup", "trial", "paid")
ROWS = [
    ("ann", "visit", 0, "free"), ("ann", "signup", 1, "free"), ("ann", "trial", 3, "free"),
    ("ann", "paid", 10, "free"),
    ("bob", "visit", 0, "free"), ("bob", "signup", 2, "pro"),  # leaks after signup
    ("cem", "visit", 5, "free"),  # never signs up
    ("dia", "visit", 1, "free"), ("dia", "paid", 2, "free"), ("dia", "signup", 4, "pro"),  # already further
    ("eve", "visit", 55, "free"), ("eve", "signup", 56, "pro"),  # still inside the window
    ("fay", "visit", 60, "free"),
]  # fmt: skip


def stops() -> list[SliderStop]:
    return [
        SliderStop(handoff_rule.rule(name), name.title(), JOURNEY[index + 1 :])
        for index, name in enumerate(JOURNEY[:-1])
    ]


def test_a_place_counted_by_hand(tmp_path: Path) -> None:
    data = events(tmp_path, ROWS, ["plan"])
    place = handoff_scenario.measure(data, stops(), "paid").place("signup")
    assert place is not None
    found = {name: getattr(place, name) for name in COUNTS}
    assert found == {
        "entered": 6, "handed": 4, "kept": 2, "moved_on": 1, "already_further": 1, "leaked": 1, "open": 1,
        "outcomes": 2, "outcomes_through": 1, "outcomes_bypassing": 1, "mature": 2, "converted": 1,
    }  # fmt: skip
    assert place.conversion == 0.5
    assert place.leak == 0.5
    assert place.days_to_handoff == pytest.approx((1 + 2 + 3 + 1) / 4, abs=0.51)  # median of 1, 2, 3, 1
    assert place.days_to_outcome == 9


def test_conditions_narrow_the_rule(tmp_path: Path) -> None:
    data = events(tmp_path, ROWS, ["plan"])
    narrow = [
        SliderStop(handoff_rule.rule("signup", ["plan = PRO"]), "Signup", ("trial", "paid")),
        SliderStop(handoff_rule.rule("signup", ["event:paid"]), "Signup", ("trial", "paid")),
        SliderStop(handoff_rule.rule("signup", ["plan != pro"]), "Signup", ("trial", "paid")),
    ]
    handed = [place.handed for place in handoff_scenario.measure(data, narrow, "paid").places]
    assert handed == [3, 1, 1]
    assert narrow[0].rule.text == "signup where plan = PRO"


@pytest.mark.parametrize(
    ("text", "word"), [("colour = red", "colour"), ("plan >= 3", "plan"), ("nonsense", "nonsense")]
)
def test_a_condition_that_cannot_be_checked_is_refused_in_words(tmp_path: Path, text: str, word: str) -> None:
    data = events(tmp_path, ROWS, ["plan"])
    with pytest.raises(DataError, match=word):
        handoff_scenario.measure(
            data, [SliderStop(handoff_rule.rule("signup", [text]), "Signup", ())], "paid"
        )


def test_numbers_are_compared_as_numbers(tmp_path: Path) -> None:
    data = events(
        tmp_path, [("ann", "signup", 0, 9), ("bob", "signup", 0, 10), ("cem", "signup", 0, 2)], ["seats"]
    )
    place = handoff_scenario.measure(
        data, [SliderStop(handoff_rule.rule("signup", ["seats >= 9"]), "Signup", ())], "paid"
    ).places[0]
    assert place.handed == 2
    with pytest.raises(DataError, match="holds numbers"):
        handoff_scenario.measure(
            data, [SliderStop(handoff_rule.rule("signup", ["seats >= many"]), "Signup", ())], "paid"
        )


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**9))
def test_totals_are_conserved_and_the_kernel_equals_the_sql(tmp_path: Path, seed: int) -> None:
    random_ = random.Random(seed)
    rows = [
        (f"u{random_.randrange(12)}", random_.choice(JOURNEY), random_.randrange(0, 60), random_.choice("ab"))
        for _ in range(random_.randrange(1, 60))
    ]
    data = events(tmp_path / str(seed), rows, ["plan"])
    conditions = random_.choice([[], ["plan = a"], ["event:visit"], ["plan = b", "event:signup"]])
    places = [
        SliderStop(handoff_rule.rule(stop.rule.event, conditions), stop.stage, stop.later) for stop in stops()
    ]
    measured = handoff_scenario.measure(data, places, "paid")
    for stop, place in zip(places, measured.places, strict=True):
        assert place.entered == place.handed + place.kept == measured.places[0].entered
        assert place.handed == place.moved_on + place.already_further + place.leaked + place.open
        assert (
            place.outcomes == place.outcomes_through + place.outcomes_bypassing == measured.places[0].outcomes
        )
        assert 0 <= place.converted <= min(place.mature, place.outcomes_through)
        sql, params = handoff_scenario.definition_sql(data, stop, "paid")
        assert query.query(sql, {"events": data}, params).records()[0] == {
            name: getattr(place, name) for name in COUNTS
        }


def test_comparing_says_that_the_total_stays(tmp_path: Path) -> None:
    rows = []
    for person in range(200):
        rows.append((f"u{person}", "visit", 0, "a"))
        if person % 2:
            rows.append((f"u{person}", "signup", 1, "a"))
        if person % 4 == 1:
            rows += [(f"u{person}", "trial", 2, "a"), (f"u{person}", "paid", 3, "a")]
    rows.append(("late", "visit", 90, "a"))
    measured = handoff_scenario.measure(events(tmp_path, rows, ["plan"]), stops(), "paid")
    verdict = handoff_scenario.compare(measured, "signup", "trial")
    assert verdict.code == "different_rates"
    assert "hands over 50 people instead of 100" in verdict.text
    assert "50 people with “Paid” stay the same" in verdict.text
    assert handoff_scenario.compare(measured, "trial", "trial").code == "same_place"


def test_places_with_equal_numbers_are_said_to_be_equal(tmp_path: Path) -> None:
    rows = []
    for person in range(200):
        rows += [
            (f"u{person}", "visit", 0, "a"),
            (f"u{person}", "signup", 0.01, "a"),
            (f"u{person}", "trial", 0.02, "a"),
        ]
        if person % 4 == 1:
            rows.append((f"u{person}", "paid", 3, "a"))
    rows.append(("late", "visit", 90, "a"))
    measured = handoff_scenario.measure(events(tmp_path, rows, ["plan"]), stops(), "paid")
    verdict = handoff_scenario.compare(measured, "signup", "trial")
    assert verdict.code == "same_numbers"
    assert "instead of" not in verdict.text
    assert "the same 200 people as at “Signup”" in verdict.text
    assert "either way: moving the baton there changes no number" in verdict.text


def test_too_few_people_withholds_the_comparison(tmp_path: Path) -> None:
    measured = handoff_scenario.measure(events(tmp_path, ROWS, ["plan"]), stops(), "paid")
    verdict = handoff_scenario.compare(measured, "signup", "trial")
    assert verdict.status == "unclear"
    assert "more people" in verdict.needs


@pytest.mark.parametrize("seed", range(3))
def test_the_times_of_a_rule_are_those_of_its_sql(tmp_path: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 400
    frame = pd.DataFrame({
        "user_id": [f"ü{i}" if i % 7 == 0 else f"u{i}" for i in rng.integers(0, 60, n)],
        "event": rng.choice(["visit", "trial", "invite", "seldom"], n, p=[0.5, 0.3, 0.19, 0.01]),
        "timestamp": pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.integers(0, 500, n), unit="h"),
        "plan": rng.choice(["free", "business"], n),
    })  # fmt: skip
    data = dataset(tmp_path / f"r{seed}", frame, "events")
    for conditions in (
        ("plan = business",),
        ("event:invite",),
        ("event:invite", "plan != free"),
        ("event:seldom",),
    ):
        wanted = handoff_rule.rule("trial", conditions)
        fast, slow = handoff_rule._times("f", data, wanted), handoff_rule._slow_times("f", data, wanted)
        assert (fast == slow).all(), conditions

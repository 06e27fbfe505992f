import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lib.analysis.events import journey
from lib.analysis.events.first_event_times import load
from lib.engine import query
from lib.workbook.model import JourneyStage, fold
from tests.analysis.journey_tables import dataset, events


def people(
    names: list[str], count: int = 60, step: float = 1, drop: float = 0.8
) -> list[tuple[str, str, float]]:
    """`count` people who walk through `names`, fewer at every step."""
    rows = []
    for person in range(count):
        for index, name in enumerate(names):
            if person < count * drop**index:
                rows.append((f"u{person:03}", name, index * step + person / 100))
    return rows


def test_stages_are_recognised_ordered_and_given_a_first_owner(tmp_path: Path) -> None:
    names = ["visit", "whitepaper_download", "signup", "trial_start", "activated", "paid"]
    found = journey.suggest(events(tmp_path, [*people(names), ("u000", "payment_error", 9)]))
    assert [item.stage.events for item in found] == [(name,) for name in names]
    assert [item.stage.aarrr for item in found][-1] == "revenue"
    assert found[0].stage.owners == ("Marketing",)
    assert found[3].stage.owners == ("Marketing", "Growth")
    assert found[5].stage.owners == ("Growth",)
    assert "of those with paid did it before" in found[2].reason


def test_the_data_overrule_the_usual_order(tmp_path: Path) -> None:
    # This company activates people before they register.
    found = journey.suggest(events(tmp_path, people(["visit", "activated", "signup", "paid"])))
    assert [item.stage.events[0] for item in found] == ["visit", "activated", "signup", "paid"]


def test_a_narrow_stage_does_not_move_before_a_wide_one(tmp_path: Path) -> None:
    # Everybody reads emails, some before and most after signing up: reading stays the earlier, wider stage.
    rows = [(f"u{i:03}", "visit", 0) for i in range(200)] + [(f"u{i:03}", "signup", 1) for i in range(60)]
    rows += [(f"u{i:03}", "email_open", 2 if i < 50 else 0.5) for i in range(200)]
    found = journey.suggest(events(tmp_path, [*rows, *[(f"u{i:03}", "paid", 5) for i in range(40)]]))
    assert [item.stage.events[0] for item in found] == ["visit", "email_open", "signup", "paid"]


def test_names_that_say_nothing_fall_back_to_what_people_with_the_outcome_passed(tmp_path: Path) -> None:
    found = journey.suggest(events(tmp_path, people(["alpha", "beta", "gamma", "delta"])))
    assert [item.stage.events[0] for item in found] == ["alpha", "beta", "gamma", "delta"]
    assert found[-1].stage.aarrr == "revenue"


def test_an_empty_file_gives_no_stages(tmp_path: Path) -> None:
    import pandas as pd

    frame = pd.DataFrame(
        {
            "user_id": pd.Series([], dtype="str"),
            "event": pd.Series([], dtype="str"),
            "timestamp": pd.Series([], dtype="datetime64[us]"),
        }
    )
    assert journey.suggest(dataset(tmp_path, frame)) == ()


def test_a_flow_counted_by_hand(tmp_path: Path) -> None:
    data = events(tmp_path, [
        ("a", "visit", 0), ("a", "signup", 2), ("b", "visit", 1), ("c", "visit", 1), ("c", "signup", 5),
        ("d", "signup", 0), ("d", "visit", 3), ("e", "visit", 0), ("e", "signup", 50), ("f", "visit", 70),
    ])  # fmt: skip
    stages = [
        ("v", JourneyStage(name="Visit", events=("visit",))),
        ("x", JourneyStage(events=("unknown",))),
        ("s", JourneyStage(name="Sign-up", events=("signup",))),
    ]
    flows, table = journey.flow(data, stages)
    assert list(flows) == ["v", "s"]
    visit = flows["v"]
    # f is too recent; e took too long; d was further already and does not count; b never did.
    assert (visit.volume, visit.mature, visit.moved_on) == (6, 4, 2)
    assert visit.hours == pytest.approx((48 + 96) / 2)
    assert table.rows[0][0] == "Visit"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**9))
def test_the_flow_equals_its_sql(tmp_path: Path, seed: int) -> None:
    random_ = random.Random(seed)
    names = ["visit", "signup", "trial", "paid"]
    rows = [(f"u{random_.randrange(9)}", random_.choice(names), random_.randrange(0, 90)) for _ in range(50)]
    data = events(tmp_path / str(seed), rows)
    stages = [
        ("a", JourneyStage(events=("visit", "signup"))),
        ("b", JourneyStage(events=("trial",))),
        ("c", JourneyStage(events=("paid",))),
    ]
    flows, table = journey.flow(data, stages)
    counted = query.query(table.sql, {"events": data}).rows
    known = load(data).kinds
    if all(set(stage.events) & set(known) for _, stage in stages):
        assert [row[1:] for row in counted] == [(f.volume, f.mature, f.moved_on) for f in flows.values()]


def test_the_outcome_comes_from_the_workbook_before_it_is_guessed(tmp_path: Path) -> None:
    first_times = load(events(tmp_path, people(["visit", "signup", "paid"])))
    assert journey.outcome_of(fold({}), first_times) == "paid"
    assert (
        journey.outcome_of(fold({"stages/s/events": ["signup"], "stages/s/aarrr": "revenue"}), first_times)
        == "signup"
    )
    assert (
        journey.outcome_of(fold({"stages/s/events": ["gone"], "stages/s/aarrr": "revenue"}), first_times)
        == "paid"
    )
    assert journey.outcome_of(fold({}), None) == ""

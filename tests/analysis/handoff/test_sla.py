import datetime as dt
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lib.analysis.handoff import handoff_rule, sla
from lib.charts.handoff import waiting_chart
from lib.engine import query
from tests.analysis.journey_tables import dataset, events

TRIAL = handoff_rule.rule("trial")
ROWS = [
    ("ann", "visit", 0, "email"), ("ann", "trial", 1, "email"), ("ann", "touch", 1.5, "email"),  # 12 h: in time
    ("bob", "trial", 2, "paid"), ("bob", "touch", 5, "paid"),  # 72 h: late
    ("cem", "trial", 3, "paid"),  # never
    ("dia", "touch", 1, "email"), ("dia", "trial", 9, "email"), ("dia", "touch", 9.25, "email"),  # the later one
    ("eve", "trial", 29.5, "email"),  # the promised time is still running
    ("fay", "visit", 30, "email"),
]  # fmt: skip


def test_a_contract_counted_by_hand(tmp_path: Path) -> None:
    found = sla.measure(events(tmp_path, ROWS, ["channel"]), TRIAL, ("touch",), sla_hours=24)
    assert (found.handed, found.accepted) == (5, 3)
    assert (found.total.mature, found.total.inside) == (4, 2)
    weeks = {row[0]: row[1:4] for row in found.weekly.rows}
    assert weeks == {
        dt.date(2026, 1, 5): (3, 3, 1),
        dt.date(2026, 1, 12): (1, 1, 1),
        dt.date(2026, 2, 2): (1, 0, 0),
    }
    assert found.channels is not None
    assert [row[:5] for row in found.channels.rows] == [("paid", 2, 0, 1, 1), ("email", 2, 2, 0, 0)]
    assert found.waiting.rows[0][:2] == (0.0, 1.0)
    assert found.verdict.status == "unclear"
    assert "2 more" not in found.verdict.needs


def test_weeks_may_begin_on_sunday(tmp_path: Path) -> None:
    found = sla.measure(
        events(tmp_path, ROWS, ["channel"]), TRIAL, ("touch",), sla_hours=24, week_start="sunday"
    )
    assert found.weekly.rows[0][0] == dt.date(2026, 1, 4)


def test_the_human_clock_starts_at_the_assignment(tmp_path: Path) -> None:
    rows = [("a", "trial", 0), ("a", "assigned", 2), ("a", "touch", 2.25), ("b", "trial", 0), ("b", "touch", 1),
            ("c", "visit", 30)]  # fmt: skip
    found = sla.measure(
        events(tmp_path, rows), TRIAL, ("touch",), sla_hours=24, human_hours=8, assign="assigned"
    )
    assert found.human is not None
    assert (found.human.mature, found.human.inside) == (1, 1)
    assert (found.total.mature, found.total.inside) == (2, 1)
    assert found.channels is None


def test_each_clock_has_its_waiting_curve(tmp_path: Path) -> None:
    """a waits 2 days and 6 hours, 6 hours of it for a person; b is given to somebody and never picked up; c to nobody."""
    rows = [("a", "trial", 0), ("a", "assigned", 2), ("a", "touch", 2.25), ("b", "trial", 0), ("b", "assigned", 10),
            ("c", "trial", 0), ("c", "touch", 1), ("d", "visit", 30)]  # fmt: skip
    found = sla.measure(events(tmp_path, rows), TRIAL, ("touch",), sla_hours=24, assign="assigned")
    assert [row[:2] for row in found.waiting.rows] == [
        (0.0, 1.0),
        (24.0, pytest.approx(2 / 3)),
        (54.0, pytest.approx(1 / 3)),
    ]
    assert found.human_waiting is not None
    assert [row[:2] for row in found.human_waiting.rows] == [(0.0, 1.0), (6.0, pytest.approx(0.5))]
    chart = waiting_chart(found)
    assert [row[0] for row in chart.evidence.rows] == ["In all"] * 3 + ["A person's time"] * 2
    alone = sla.measure(events(tmp_path, rows), TRIAL, ("touch",), sla_hours=24)
    assert alone.human_waiting is None
    assert waiting_chart(alone).series == ""


@pytest.mark.parametrize(("hit", "code"), [(95, "kept"), (50, "broken"), (80, "near")])
def test_the_verdict_follows_the_interval(tmp_path: Path, hit: int, code: str) -> None:
    rows = [(f"u{i}", "trial", 0) for i in range(100)] + [(f"u{i}", "touch", 0.1) for i in range(hit)]
    found = sla.measure(events(tmp_path, [*rows, ("z", "visit", 20)]), TRIAL, ("touch",), sla_hours=24)
    assert found.verdict.code == code
    assert "of 100 handoffs were picked up" in found.verdict.text


def test_without_a_promise_it_says_so(tmp_path: Path) -> None:
    found = sla.measure(events(tmp_path, ROWS, ["channel"]), TRIAL, ("touch",))
    assert found.verdict.code == "no_promise"


def test_reasons_are_counted_from_the_file_that_has_them(tmp_path: Path) -> None:
    import pandas as pd

    plain = events(tmp_path / "e", ROWS, ["channel"])
    assert sla.reasons({"events": plain}) is None
    frame = pd.DataFrame(
        {"deal_id": list("abcde"), "lost_reason": ["price", "price", "timing", None, "price"]}
    )
    found = sla.reasons({"events": plain, "deals": dataset(tmp_path / "d", frame, "deals")})
    assert found is not None
    assert found.rows == (("price", 3, 0.75, 0.75), ("timing", 1, 0.25, 1.0))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**9))
def test_it_equals_the_rows_of_its_sql(tmp_path: Path, seed: int) -> None:
    random_ = random.Random(seed)
    rows = [(f"u{random_.randrange(9)}", random_.choice(["visit", "trial", "touch"]), random_.randrange(0, 400) / 10)
            for _ in range(50)]  # fmt: skip
    data = events(tmp_path / str(seed), rows)
    found = sla.measure(data, TRIAL, ("touch",), sla_hours=48)
    counted = query.query(*sla.waits_sql(data, TRIAL, ("touch",))[:1], {"events": data},
                        sla.waits_sql(data, TRIAL, ("touch",))[1]).records()  # fmt: skip
    last = max(row[2] for row in rows)
    end = dt.datetime.fromisoformat("2026-01-05") + dt.timedelta(days=last)
    limit = dt.timedelta(hours=48)
    mature = [row for row in counted if row["handed_at"] + limit <= end]
    inside = [row for row in mature if row["accepted_at"] and row["accepted_at"] - row["handed_at"] <= limit]
    assert (found.handed, found.total.mature, found.total.inside) == (len(counted), len(mature), len(inside))

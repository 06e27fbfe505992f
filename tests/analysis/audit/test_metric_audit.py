"""The audit on the demo company's planted truths, on small tables checked by hand, and with nothing at all."""

import csv
import datetime as dt
import gzip
import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib.analysis.audit import quicksand
from lib.analysis.audit.audit import AuditResult, audit
from lib.analysis.audit.metric_dictionary import dictionary
from lib.analysis.audit.metric_rows import suggest
from lib.analysis.audit.north_star import feeding, tree
from lib.analysis.audit.shared_metric import candidates
from lib.analysis.handoff.ownership_matrix import area_of
from lib.analysis.metrics import mix_rate
from lib.analysis.metrics.series import MetricSeries, change
from lib.analysis.metrics.series_reading import read
from lib.charts.audit import change_text, tree_html
from lib.engine.calendar import Calendar
from lib.errors import DataError
from lib.framework.load import framework
from lib.workbook.model import Workbook, fold
from tests.analysis.making import dataset
from tests.bench.noise_companies import false_findings, planted

DEMO = Path(__file__).resolve().parents[3] / "data" / "demo"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> dict:
    folder = tmp_path_factory.mktemp("demo")
    with gzip.open(DEMO / "events.csv.gz", "rb") as file:
        events = pd.read_csv(io.BytesIO(file.read()))
    events["timestamp"] = pd.to_datetime(events["timestamp"])
    metrics = pd.read_csv(DEMO / "metrics.csv").dropna(subset=["value"])
    return {
        "events": dataset(folder / "e", events, "events"),
        "metrics": dataset(folder / "m", metrics, "metrics", dates=["date"]),
    }


@pytest.fixture(scope="module")
def found(data: dict) -> AuditResult:
    return audit(Workbook(), data)


def test_the_planted_lead_is_found_at_two_weeks(found: AuditResult) -> None:
    leads = [(k.process, k.outcome, k.lag_weeks) for k in found.links if k.is_found and k.lag_weeks > 0]
    assert leads == [("branded_search_clicks", "new_paying_customers", 2)]


def test_vanity_duplicate_and_spend_only_are_found_and_nothing_else_is_dropped(found: AuditResult) -> None:
    assert {line.id for line in found.lines if line.verdict == "drop"} == {
        "cumulative_registrations",
        "leads_captured",
    }
    assert found.line("leads_captured").duplicate_of == "form_fills"  # type: ignore[union-attr]
    assert [line.id for line in found.lines if line.spend] == ["social_impressions"]


def test_quicksand_is_mostly_mix_by_paid_social(found: AuditResult) -> None:
    assert found.sand is not None
    assert quicksand.is_quicksand(found.sand)
    assert (found.sand.conclusion, found.sand.driver) == ("mix", "paid_social")
    assert found.sand.mix / (found.sand.mix + found.sand.rate) == pytest.approx(0.68, abs=0.05)
    assert found.findings[0].code == "quicksand"


def test_nothing_at_all_is_said_plainly() -> None:
    empty = audit(Workbook(), {})
    assert (empty.verdict.status, empty.verdict.code, empty.findings) == ("unclear", "empty", ())


BOOK = {
    "metrics/a/name": "Website visits",
    "metrics/a/kind": "process",
    "metrics/a/owners": ["Marketing"],
    "metrics/a/decision": "x",
    "metrics/b/name": "Revenue per user",
    "metrics/b/kind": "outcome",
    "metrics/b/owners": ["Growth"],
}


def codes(answers: dict) -> set[str]:
    return {finding.code for finding in audit(fold(answers), {}).findings}


def test_both_sides_owned_is_a_yes() -> None:
    assert audit(fold(BOOK), {}).verdict.code == "separate"


@pytest.mark.parametrize(
    ("change_", "code"),
    [
        ({"metrics/b/owners": []}, "unowned"),
        ({"metrics/b/owners": ["Growth", "Sales"]}, "doubly_owned"),
        ({"metrics/b/kind": "unassigned"}, "unsorted"),
        ({"metrics/b/kind": "process"}, "only_one_side"),
        ({"metrics/b/kind": "shared"}, "no_guardrail"),
        ({"metrics/a/decision": None}, "vanity_no_decision"),
        (
            {
                "metrics/c/name": "Email open rate",
                "metrics/c/kind": "process",
                "metrics/c/owners": ["Marketing"],
            },
            "process_only_team",
        ),
        ({"contracts/b/review_on": "2020-01-01"}, "review_due"),
    ],
)
def test_each_rule_speaks_when_broken_and_only_then(change_: dict, code: str) -> None:
    assert code not in codes(BOOK)
    assert code in codes({**BOOK, **change_})


def test_a_fix_mends_its_finding() -> None:
    answers = {**BOOK, "metrics/b/owners": ["Growth", "Sales"]}
    finding = next(f for f in audit(fold(answers), {}).findings if f.code == "doubly_owned")
    for fix in finding.fixes:
        assert "doubly_owned" not in codes({**answers, **dict(fix.saves)})


def test_period_change_by_hand() -> None:
    weeks = tuple(dt.date(2024, 1, 1) + dt.timedelta(days=7 * i) for i in range(60))
    values = np.full(60, 10.0)
    values[-4:] = 15.0
    found = change(MetricSeries("x", "x", "week", weeks, values, False, weeks[-1]))
    assert (found.now, found.before, found.relative, found.season, found.year) == (15, 10, 0.5, 0, 0.5)


def test_daily_counts_are_summed_and_rates_averaged_and_a_cut_week_left_out(tmp_path: Path) -> None:
    days = pd.date_range("2026-01-05", periods=16)
    frame = pd.DataFrame(
        {
            "date": [*days, *days],
            "metric": ["signups"] * 16 + ["open rate"] * 16,
            "value": [2.0] * 16 + [0.5] * 16,
        }
    )
    got = {item.id: item for item in read(dataset(tmp_path, frame, "metrics", dates=["date"]), Calendar())[0]}
    assert got["signups"].values.tolist() == [14, 14]
    assert got["open rate"].values.tolist() == [0.5, 0.5]


def test_metrics_with_segments_split_exactly(tmp_path: Path) -> None:
    rows = [("2026-05-03", "trials", "a", 100), ("2026-05-03", "paid", "a", 20), ("2026-05-03", "trials", "b", 100),
            ("2026-05-03", "paid", "b", 40), ("2026-06-03", "trials", "a", 300), ("2026-06-03", "paid", "a", 60),
            ("2026-06-03", "trials", "b", 100), ("2026-06-03", "paid", "b", 30)]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["date", "metric", "segment", "value"])
    got = mix_rate.from_metrics(
        dataset(tmp_path, frame, "metrics", dates=["date"]),
        "paid",
        "trials",
        mix_rate.period("2026-05"),
        mix_rate.period("2026-06"),
    )
    assert (got.rate_before, got.rate_after, got.mix, got.rate) == pytest.approx(
        (0.3, 0.225, -0.0375, -0.0375)
    )
    assert got.conclusion == "both"


def test_a_pure_fall_of_rates_is_not_called_mix(data: dict) -> None:
    rows = [
        {"segment": s, "day": dt.date(2026, m, 1), "entered": n, "reached": r}
        for m, s, n, r in ((5, "a", 1000, 200), (5, "b", 1000, 400), (6, "a", 2000, 200), (6, "b", 2000, 600))
    ]
    got = mix_rate.explain(
        rows, mix_rate.period("2026-05"), mix_rate.period("2026-06"), "x", "", {}, {}, is_share=True
    )
    assert (got.conclusion, got.mix) == ("rate", 0)


def test_a_change_within_noise_is_not_explained() -> None:
    rows = [
        {"segment": "a", "day": dt.date(2026, m, 1), "entered": 20, "reached": r} for m, r in ((5, 4), (6, 3))
    ]
    got = mix_rate.explain(
        rows, mix_rate.period("2026-05"), mix_rate.period("2026-06"), "x", "", {}, {}, is_share=True
    )
    assert got.verdict.status == "unclear"


@pytest.mark.parametrize("text", ["soon", "2026-13", "2026-02-03:2026-01-01", "2026-Q5"])
def test_a_wrong_period_is_said_so(text: str) -> None:
    with pytest.raises(DataError):
        mix_rate.period(text)


def test_shared_metric_candidates_have_honest_numbers(data: dict) -> None:
    got = candidates(data["events"])
    best = got.found[0]
    assert got.outcome == "paid"
    assert best.precision.low < best.precision.value < best.precision.high
    assert all(item.recall >= 0.2 for item in got.found)


def test_north_star_tree_knows_gaps_crossings_and_loops() -> None:
    book = fold({**BOOK, "north_star/metric": "b", "inputs/1/child": "a", "inputs/1/parent": "b",
                 "inputs/2/child": "b", "inputs/2/parent": "a"})  # fmt: skip
    got = tree(book, frozenset({"b"}))
    assert [(n.id, n.depth, n.is_measured, n.crosses) for n in got.nodes] == [
        ("b", 0, True, False),
        ("a", 1, False, True),
    ]
    assert got.loops == ("Revenue per user",)


def test_dictionary_runs_no_formula() -> None:
    text = dictionary(fold({**BOOK, "metrics/a/definition": "=HYPERLINK(1)"}))
    rows = list(csv.DictReader(io.StringIO(text)))
    assert rows[0]["definition"] == "'=HYPERLINK(1)"
    assert rows[1]["owners"] == "Growth"


def test_the_dictionary_names_the_area_that_was_set_by_hand() -> None:
    set_by_hand = dictionary(fold({**BOOK, "metrics/a/area": "business_model"}))
    was, now = (
        next(csv.DictReader(io.StringIO(text)))["area"] for text in (dictionary(fold(BOOK)), set_by_hand)
    )
    assert (was, now) == (
        framework().areas[area_of(fold(BOOK).metrics["a"])].name,
        framework().areas["business_model"].name,
    )
    assert was != now


def test_the_reason_quotes_the_name_as_the_user_wrote_it() -> None:
    assert suggest("", "Abwanderungsrate")[1] == "“Abwanderungsrate” is the name of Churn rate."
    assert suggest("", "Weekly Email-Open Rate")[1] == "“Email Open Rate” is the name of Email open rate."


def test_events_alone_propose_metrics(data: dict) -> None:
    got = audit(Workbook(), {"events": data["events"]})
    names = {line.series.id for line in got.lines if line.series}
    assert {
        "events:signup",
        "events:trial_start",
        "events:paid",
        "events:activated>paid",
        "events:revenue",
    } <= names


def test_noise_gives_few_findings_and_planted_leads_many() -> None:
    assert false_findings(60)["any"] <= 0.05
    assert planted(20) >= 0.9


def test_experiments_and_metrics_say_whether_they_feed_the_north_star() -> None:
    book = fold({
        "metrics/n/name": "New paying customers", "metrics/t/name": "Trial starts", "metrics/s/name": "Support tickets",
        "metrics/x/name": "Followers", "metrics/x/verdict": "drop", "north_star/metric": "n",
        "inputs/i/child": "t", "inputs/i/parent": "n",
        "experiments/a/name": "Onboarding", "experiments/a/outcome_metric": "paid",
        "experiments/b/name": "Headline", "experiments/b/outcome_metric": "clicked",
        "experiments/b/process_metric": "trial_start",
        "experiments/c/name": "Colour", "experiments/c/outcome_metric": "time_on_page",
    })  # fmt: skip
    found = {item.id: item.by for item in feeding(book, tree(book, frozenset()))}
    assert found == {"a": "New paying customers", "b": "Trial starts", "c": "", "n": "New paying customers",
                     "t": "Trial starts", "s": ""}  # fmt: skip


def test_the_tree_draws_the_team_boundary_and_escapes_names() -> None:
    book = fold({
        "metrics/n/name": "<i>Star", "metrics/n/owners": ["Growth"], "metrics/t/name": "Visits",
        "metrics/t/owners": ["Marketing"], "north_star/metric": "n", "inputs/i/child": "t", "inputs/i/parent": "n",
    })  # fmt: skip
    text = tree_html(tree(book, frozenset({"t"})))
    assert "team boundary: Growth above, Marketing below" in text
    assert "&lt;i&gt;Star" in text
    assert "<i>" not in text


def test_revenue_from_events_is_told_in_the_workbooks_currency(data: dict) -> None:
    """An amount without its currency is a riddle."""
    made = audit(fold({"settings/currency": "EUR"}), {"events": data["events"]})
    (line,) = [item for item in made.lines if item.id == "revenue" or item.name == "Revenue"]
    assert line.series is not None
    assert line.series.format == "money:EUR"
    assert " to €" in change_text(line)


@pytest.mark.parametrize(
    ("lead", "led"), [("alpha", "omega"), ("process_a", "outcome_b"), ("alpha", "revenue")]
)
def test_a_lead_is_found_whatever_the_metrics_are_called(lead: str, led: str, tmp_path: Path) -> None:
    """Names that nothing is known about: sorted or not, what moves first is told, at its lag."""
    rng, n = np.random.default_rng(5), 90
    move = rng.normal(size=n + 4)
    slow = 1 + 0.004 * np.arange(n) + 0.2 * np.sin(2 * np.pi * np.arange(n) / 52)
    values = {
        lead: 500 * slow * (1 + 0.1 * move[4:]), led: 90 * slow * (1 + 0.1 * (move[:n] + 0.6 * rng.normal(size=n))),
        "beta": 300 * slow * (1 + 0.1 * rng.normal(size=n)), "gamma": 70 * (1 + 0.1 * rng.normal(size=n)),
    }  # fmt: skip
    days = [dt.date(2024, 1, 1) + dt.timedelta(days=7 * week) for week in range(n)]
    rows = [(day, name, float(v)) for name, made in values.items() for day, v in zip(days, made, strict=True)]
    frame = pd.DataFrame(rows, columns=["date", "metric", "value"])
    result = audit(Workbook(), {"metrics": dataset(tmp_path, frame, "metrics", dates=["date"])})
    found = [(k.process, k.outcome, k.lag_weeks) for k in result.links if k.is_found]
    assert found == [(lead, led, 4)]

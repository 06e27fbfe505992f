"""The stage verdict: monotone, silent when it should be, honest about what would flip it."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.analysis.stage.plan import SESSIONS, companions, comparison, ninety_days
from lib.analysis.stage.stage import stage
from lib.analysis.stage.weights import answer_strength, band_shares, combine, weigh_step, weigh_value
from lib.framework.load import framework
from lib.stats.intervals import Interval, wilson
from lib.workbook.model import fold
from tests.analysis.company_tables import survey, table

SIGNALS = framework().signals
EARLY = {"stage/pmf_share": "few", "stage/retention": "leaves", "stage/paying_customers": "under_20"}
SCALING = {
    "stage/pmf_share": "many", "stage/retention": "core", "stage/paying_customers": "under_2000",
    "stage/quick_ratio": "faster", "stage/product_stability": "yearly", "stage/growth_source": "first_segment",
}  # fmt: skip
MATURE = SCALING | {
    "stage/paying_customers": "thousands", "stage/product_stability": "stable", "stage/growth_source": "existing",
    "stage/retention": "most", "stage/quick_ratio": "same",
}  # fmt: skip


def test_an_empty_company_cannot_be_told() -> None:
    result = stage(fold({}), {})
    assert result.verdict.status == "unclear"
    assert result.verdict.code == "stage_empty"
    assert result.stage is None
    assert result.focus == ""
    assert result.flip is None
    assert list(result.weights.values()) == pytest.approx([1 / 3] * 3)
    assert result.verdict.needs
    assert ninety_days(fold({}), result) == ()


def test_two_inputs_are_not_enough() -> None:
    result = stage(fold({"stage/pmf_share": "few", "stage/retention": "leaves"}), {})
    assert result.verdict.status == "unclear"
    assert result.verdict.needs
    assert "with 2 inputs the likeliest stage is Before fit, at only" in result.verdict.text


@pytest.mark.parametrize(
    ("answers", "expected", "focus"),
    [(EARLY, "pre_fit", "product_marketing"), (SCALING, "scaling", "growth"), (MATURE, "mature", "both")],
)
def test_plain_cases(answers: dict[str, str], expected: str, focus: str) -> None:
    result = stage(fold(answers), {})
    assert result.stage == expected
    assert result.focus == focus
    assert result.weights[expected] == max(result.weights.values())  # type: ignore[index]
    assert result.confidence in ("low", "fair"), "answers alone never give high confidence"
    assert any(f.code == "opinion_only" for f in result.findings)
    assert len({row.role for row in (line.content for line in ninety_days(fold(answers), result))}) == 2


def test_a_missing_input_changes_nothing_and_an_unknown_answer_is_missing() -> None:
    base = stage(fold(EARLY), {})
    assert stage(fold(EARLY | {"stage/win_rate": "no such answer"}), {}).weights == base.weights
    assert stage(fold(EARLY | {"stage/decision": "growth"}), {}).weights == base.weights


@pytest.mark.parametrize("signal", SIGNALS.values(), ids=lambda s: s.id)
def test_a_better_answer_never_moves_towards_pre_fit(signal) -> None:
    for others in (EARLY, SCALING, MATURE):
        rest = {k: v for k, v in others.items() if k != f"stage/{signal.id}"}
        shares = [
            stage(fold(rest | {f"stage/{signal.id}": o.value}), {}).weights["pre_fit"] for o in signal.options
        ]
        assert shares == sorted(shares, reverse=True)


def _reading(signal, value: float, n: int) -> Interval:
    if signal.unit == "percent":
        return wilson(value * n, n)
    if signal.unit == "count":
        return Interval(value, value, value, value)
    return Interval(value, value / 1.3, value * 1.3, n)  # the same relative precision


UNITS = {"percent": (0.0, 1.0), "count": (0, 20_000), "ratio": (0.05, 30), "days": (5, 3000)}
MEASURED = [signal for signal in SIGNALS.values() if signal.bands]


@settings(max_examples=150, deadline=None)
@given(data=st.data(), signal=st.sampled_from(MEASURED), n=st.integers(5, 5000))
def test_a_better_value_never_moves_towards_pre_fit(data: st.DataObject, signal, n: int) -> None:
    low, high = UNITS[signal.unit]
    one, two = sorted(data.draw(st.floats(low, high)) for _ in range(2))
    worse, better = (one, two) if signal.direction == "up" else (two, one)
    others = [weigh_step(s, s.options[1], answer_strength(s)) for s in SIGNALS.values() if s is not signal]
    before = combine([*others, weigh_value(signal, _reading(signal, worse, n))])
    after = combine([*others, weigh_value(signal, _reading(signal, better, n))])
    assert after[0] <= before[0] + 1e-9


@pytest.mark.parametrize("signal", MEASURED, ids=lambda s: s.id)
def test_the_bands_take_every_value_and_more_data_narrow_them(signal) -> None:
    low, high = UNITS[signal.unit]
    for value in (low, (low + high) / 3, high):
        assert sum(band_shares(signal, _reading(signal, value, 50))) == pytest.approx(1)
    if signal.unit == "percent":
        middle = (signal.bands[0].start or 0) + 0.02
        few, many = (max(band_shares(signal, wilson(middle * n, n))) for n in (10, 100_000))
        assert many > few


def test_a_small_survey_says_less_than_a_large_one(tmp_path: Path) -> None:
    few = stage(fold({}), {"survey": survey(3, 27, tmp_path)}).weights["pre_fit"]
    many = stage(fold({}), {"survey": survey(100, 900, tmp_path)}).weights["pre_fit"]
    assert 1 / 3 < few < many


def test_data_win_over_the_answer_and_say_so(tmp_path: Path) -> None:
    result = stage(fold({"stage/pmf_share": "many"}), {"survey": survey(4, 60, tmp_path)})
    reading = next(r for r in result.signals if r.signal.id == "pmf_share")
    assert reading.origin == "data"
    assert reading.contradicts == "More than two in five"


def test_the_flip_is_real() -> None:
    for answers in (EARLY, SCALING, MATURE, EARLY | {"stage/growth_source": "existing"}):
        result = stage(fold(answers), {})
        if result.flip is None:
            continue
        signal = SIGNALS[result.flip.signal]
        value = next(o.value for o in signal.options if f"“{o.label}”" == result.flip.then)
        moved = stage(fold(answers | {f"stage/{signal.id}": value}), {})
        assert moved.leaning == result.flip.stage != result.stage
        assert result.flip.name in result.verdict.flips


def test_misfires_show_only_where_they_are() -> None:
    early = stage(fold(EARLY | {"stage/acquisition_spend": "up"}), {})
    assert [f.code for f in early.misfires] == ["acquisition_before_fit"]
    assert not stage(fold(EARLY | {"stage/acquisition_spend": "flat"}), {}).misfires
    waits = stage(fold(SCALING | {"stage/waits_for_alignment": "yes"}), {})
    assert [f.code for f in waits.misfires] == ["waiting_for_alignment"]
    assert not stage(fold(EARLY | {"stage/waits_for_alignment": "yes"}), {}).misfires


def test_spend_in_the_data_overrules_the_answer(tmp_path: Path) -> None:
    falling = [(f"2026-0{m}-15", "ads", 700.0 - 100 * m) for m in range(1, 8)]
    data = {"spend": table("spend", [("2026-01-01", "ads", 0.0), *falling], tmp_path)}
    assert not stage(fold(EARLY | {"stage/acquisition_spend": "up"}), data).misfires
    rising = [(f"2026-0{m}-15", "ads", 100.0 * m) for m in range(1, 8)]
    data = {"spend": table("spend", [("2026-01-01", "ads", 0.0), *rising], tmp_path)}
    found = stage(fold(EARLY), data).misfires
    assert [f.code for f in found] == ["acquisition_before_fit"]
    assert "rose by" in found[0].text


def test_an_idea_that_the_traffic_cannot_show() -> None:
    idea = {"ideas/a/name": "A", "ideas/a/baseline": 0.1, "ideas/a/weekly_users": 500, "ideas/a/weeks": 4}
    assert [f.code for f in stage(fold(idea | {"ideas/a/hoped_effect": 0.1}), {}).misfires] == [
        "tests_beyond_traffic"
    ]
    assert not stage(fold(idea | {"ideas/a/hoped_effect": 0.5}), {}).misfires


def test_a_choice_against_the_evidence_is_named_until_a_reason_is_given() -> None:
    against = stage(fold(EARLY | {"stage/decision": "growth"}), {})
    finding = next(f for f in against.findings if f.code == "decision_against_evidence")
    assert finding.fixes[0].saves == (("stage/decision", "product_marketing"),)
    explained = stage(
        fold(EARLY | {"stage/decision": "growth", "stage/reason": "A partner brings users"}), {}
    )
    assert not [f for f in explained.findings if f.code == "decision_against_evidence"]


def test_the_roles_are_compared_with_the_teams_own_map() -> None:
    book = fold(
        {"owns/message_architecture/resolved": "Ann", "metrics/n/name": "NPS", "metrics/n/owners": ["Ann"]}
    )
    rows = {row.label: row for row in comparison(book)}
    assert "Message architecture: Ann" in rows["Who does it here today"].product_marketing
    assert "NPS: Ann" in rows["Metrics owned here"].product_marketing
    assert "retired" in rows["Tools"].growth


def test_uploaded_metrics_are_baselines_where_nothing_was_computed(tmp_path: Path) -> None:
    columns = {"date": "date", "metric": "text", "value": "number"}
    rows = [
        ("2026-01-05", "Trial-to-paid rate", 0.2),
        ("2026-01-12", "Trial-to-paid rate", 0.15),
        ("2026-01-12", "zork", 9.0),
    ]
    book = fold(SCALING)
    data = {"metrics": table("metrics", rows, tmp_path, columns)}
    said = [text for line in ninety_days(book, stage(book, data), data) for text in line.baselines]
    assert "Trial-to-paid conversion (now 15.0\u00a0%)" in said
    assert any("not measured yet" in text for text in said)


def test_the_plan_brings_tools_sessions_and_the_teams_own_first_experiments() -> None:
    book = fold({"ideas/i/name": "Sample report", "ideas/i/baseline": 0.2, "ideas/i/weekly_users": 9000, "ideas/i/weeks": 4,
                 "ideas/i/hoped_effect": 0.2, "ideas/old/name": "Done one", "ideas/old/status": "done",
                 "rituals/learning_session/name": "What conversion taught"})  # fmt: skip
    found = companions(book, "growth")
    assert found.experiments == ("Sample report: testable in the time you have",)
    assert found.start == ""
    assert [s.endswith("(in your calendar)") for s in found.sessions] == [False, True, False]
    assert not any("Google Optimize" in tool for tool in found.tools), "retired tools are not proposed"
    assert "interview" in companions(fold({}), "product_marketing").start
    for focus, ids in SESSIONS.items():
        assert companions(fold({}), focus).tools
        assert len(companions(fold({}), focus).sessions) == len(ids)

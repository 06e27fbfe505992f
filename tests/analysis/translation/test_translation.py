"""Translator, glossary, sessions, interview exercise and challenger."""

import datetime as dt
import math
from pathlib import Path

import pytest

from lib.analysis.facilitator_prompts import RULES, challenges, open_questions
from lib.analysis.handoff.handoff_map import handoff_map
from lib.analysis.team.role_scorecard import exercise
from lib.analysis.translation.cadence import broken_promise, cadence, changed_since, saves, sessions_around
from lib.analysis.translation.glossary import glossary, mark, words
from lib.analysis.translation.outcome_chain import chain, channel_rates, typed
from lib.analysis.translation.translator import backwards, forwards, product
from lib.framework.load import framework
from lib.stats.intervals import Interval
from lib.workbook.events import Event
from lib.workbook.model import Ritual, check, fold
from tests.analysis.company_tables import survey, table

TODAY = dt.date(2026, 11, 20)
EMPTY = fold({})


def _events(folder: Path):
    """100 sign-ups, 40 start a trial, 10 pay; all long ago but one late visit."""
    rows = []
    for i in range(100):
        rows.append((f"u{i}", "signup", "2026-01-01 10:00:00", None, None))
        if i < 40:
            rows.append((f"u{i}", "trial_start", "2026-01-02 10:00:00", None, None))
        if i < 10:
            rows.append((f"u{i}", "paid", "2026-01-05 10:00:00", None, None))
    rows += [(f"v{i}", "signup", "2026-03-01 10:00:00", None, None) for i in range(50)]
    return table("events", rows, folder)


def test_the_chain_is_measured_link_by_link(tmp_path: Path) -> None:
    found = chain(EMPTY, {"events": _events(tmp_path)})
    assert found is not None
    assert [step.name for step in found.steps] == ["Signup", "Trial start", "Paid"]
    assert [link.rate.value for link in found.links] == [0.4, 0.25]
    assert found.volume == 50, "the last thirty days; the old ones are only for the rates"


def test_forwards_multiplies_the_links_and_keeps_the_sign(tmp_path: Path) -> None:
    data = {"events": _events(tmp_path)}
    more = forwards(EMPTY, data, 0.4)
    assert more.table is not None
    assert more.table.column("extra") == pytest.approx([20, 8, 2])
    fewer = forwards(EMPTY, data, -0.4)
    assert fewer.table is not None
    assert fewer.table.column("extra") == pytest.approx([-20, -8, -2])
    assert all(
        low <= high
        for low, high in zip(fewer.table.column("ci_low"), fewer.table.column("ci_high"), strict=True)
    )
    assert more.weakest == "Trial start to Paid"
    assert more.findings[0].code == "weakest_link"


def test_worse_extra_people_shrink_the_outcome_in_proportion(tmp_path: Path) -> None:
    data = {"events": _events(tmp_path)}
    half = forwards(EMPTY, data, 0.4, quality=0.5)
    assert half.table is not None
    assert half.table.column("extra") == pytest.approx([20, 4, 1])
    assert "50" in half.verdict.text


def _two_channels(folder: Path):
    """Referral: 50 sign up, 40 start, 20 pay. Ads: 50 sign up, 30 start, 3 pay. Partner: 10 people, too few."""
    rows = []
    for channel, people, trials, paid in (
        ("Referral", 50, 40, 20),
        ("ads", 50, 30, 3),
        ("partner", 10, 5, 5),
    ):
        for i in range(people):
            rows.append((f"{channel}{i}", "signup", "2026-01-01 10:00:00", channel, None))
            if i < trials:
                rows.append((f"{channel}{i}", "trial_start", "2026-01-02 10:00:00", "email", None))
            if i < paid:
                rows.append((f"{channel}{i}", "paid", "2026-01-05 10:00:00", None, None))
    rows += [(f"v{i}", "signup", "2026-03-01 10:00:00", "ads", None) for i in range(50)]
    return {"events": table("events", rows, folder)}


def test_extra_people_of_one_channel_go_on_as_that_channel_does(tmp_path: Path) -> None:
    """40 % of 50 are 20 more sign-ups: like referral they bring 20 * 40/50 * 20/40, like ads 20 * 30/50 * 3/30."""
    data, book = _two_channels(tmp_path), fold({"channels/Referral": "referral"})
    assert forwards(book, data, 0.4, like="referral").table.column("extra") == pytest.approx([20, 16, 8])
    ads = forwards(book, data, 0.4, like="ads")
    assert ads.table.column("extra") == pytest.approx([20, 12, 1.2])
    assert "like those of ads" in ads.verdict.text
    assert forwards(book, data, 0.4, like="partner").verdict.code == "translation_thin_channel"
    found = chain(book, data)
    rates = channel_rates(data["events"], found.steps[0], found.steps[-1], {"Referral": "referral"})
    assert [(r["channel"], r["entered"], r["reached"]) for r in rates.records()] == [
        ("referral", 50, 20),
        ("ads", 50, 3),
    ]
    assert [r["against_all"] for r in rates.records()] == pytest.approx([0.4 / 0.23, 0.06 / 0.23])


def test_backwards_is_the_way_back(tmp_path: Path) -> None:
    found = backwards(EMPTY, {"events": _events(tmp_path)}, 0.1)
    assert found.table is not None
    for now, needed in zip(found.table.column("now"), found.table.column("needed"), strict=True):
        assert needed == pytest.approx(1.1 * now)
    row = found.table.records()[2]
    assert row["needed_low"] < row["needed"] < row["needed_high"]
    assert row["needed_high"] == pytest.approx(1.1 * row["now_high"])
    impossible = backwards(EMPTY, {}, 3.0, measured=typed([("A", 100), ("B", 50)]))
    assert impossible.table is not None
    assert impossible.table.column("possible") == ["yes", "no: above everybody"]


def test_without_data_it_says_what_is_missing_and_typed_counts_do() -> None:
    assert forwards(EMPTY, {}, 0.4).verdict.needs == "an events file"
    found = forwards(EMPTY, {}, 0.5, measured=typed([("Sign-ups", 400), ("Trials", 60)], 20.0))
    assert found.table is not None
    assert found.table.column("extra") == pytest.approx([200, 30, 600])
    assert not found.evidence[0].sources


def test_ranges_of_a_product_are_wider_than_of_its_parts() -> None:
    one = Interval(0.5, 0.4, 0.625)
    both = product([one, one])
    assert both.low / both.value < one.low / one.value
    assert both.high / both.value == pytest.approx(math.exp(math.sqrt(2) * math.log(1.25)))


# ---- glossary --------------------------------------------------------------------------------------------------------

LEAD = {"terms/lead/word": "lead", "terms/lead/marketing": "A form", "terms/lead/growth": "A trial"}


def test_a_word_with_two_meanings_is_marked_in_notes_until_settled() -> None:
    note = {
        "metrics/m/definition": "Leads of the week; a leader is none.",
        "summary/headline": "More leads this month",
    }
    result = glossary(fold(LEAD | note))
    assert {use.key for use in result.uses if use.word.id == "lead"} == {
        "metrics/m/definition",
        "summary/headline",
    }
    assert sum(use.word.id == "lead" for use in result.uses) == 2
    assert result.verdict.status == "mixed"
    settled = glossary(fold(LEAD | note | {"terms/lead/agreed": "Somebody who asked for a trial"}))
    assert not settled.uses
    assert settled.verdict.status == "good"


def test_taking_up_a_word_can_be_saved() -> None:
    result = glossary(fold({"metrics/m/definition": "Share with retention"}))
    finding = next(f for f in result.findings if f.subjects == ("retention",))
    for fix in finding.fixes:
        for key, value in fix.saves:
            check(key, value)


def test_a_word_of_our_own_spelling_can_be_settled_by_one_click() -> None:
    book = {"terms/r1/word": "Retention", "terms/r1/marketing": "Opens mails", "terms/r1/growth": "Pays"}
    (finding,) = [f for f in glossary(fold(book)).findings if f.subjects == ("r1",)]
    (fix,) = finding.fixes
    assert glossary(fold(book | dict(fix.saves))).words[0].is_settled


def test_marks_do_not_overlap_and_the_longest_wins() -> None:
    found = mark("Qualified leads and leads", words(EMPTY))
    assert [(m.start, m.end) for m in found] == [(0, 15), (20, 25)]
    assert glossary(EMPTY).verdict.status == "unclear"


# ---- sessions --------------------------------------------------------------------------------------------------------


def test_sessions_fall_on_their_weekday_and_rhythm() -> None:
    ritual = Ritual(weekday=1, every_weeks=2, starts_on="2026-11-03")
    for offset in range(60):
        day = dt.date(2026, 11, 1) + dt.timedelta(days=offset)
        last, coming = sessions_around(ritual, day)
        assert coming >= day
        assert coming.weekday() == 1
        assert last is None or ((coming - last).days == 14 and last < day)
        assert (coming - dt.date(2026, 11, 3)).days % 14 == 0
    assert sessions_around(Ritual(starts_on="nonsense"), TODAY)[1] >= TODAY


def test_an_agenda_holds_what_changed_since_the_last_session() -> None:
    answers = {
        "rituals/learning_session/name": "Learnings", "rituals/learning_session/starts_on": "2026-11-03",
        "rituals/learning_session/weekday": 1, "rituals/learning_session/agenda": ["Readouts"],
        "learnings/old/learned": "Old lesson", "learnings/new/learned": "New lesson",
        "actions/a/text": "Write it down", "actions/a/due": "2026-11-01",
    }  # fmt: skip
    log = [
        Event(1, "learnings/old/learned", "Old lesson", None, "Ann", "2026-11-04T10:00:00+00:00", "s1"),
        Event(2, "learnings/new/learned", "New lesson", None, "Ann", "2026-11-18T10:00:00+00:00", "s2"),
    ]
    result = cadence(fold(answers), log, TODAY)
    items = {point.title: point.items for point in result.agendas[0].points}
    assert items["New learnings"] == ("New lesson",)
    assert "overdue" in items["Open actions"][0]
    assert "Readouts" in items
    assert next(f for f in result.findings if f.code == "overdue_actions").text.endswith(": 1.")
    assert changed_since(log, None) == {"learnings": {"old", "new"}}


def _handed(folder: Path, in_time: int):
    """60 trials, each picked up within the hour or never; somebody is seen a month later."""
    rows = []
    for i in range(60):
        rows.append((f"u{i}", "signup", "2026-01-01 09:00:00", None, None))
        rows.append((f"u{i}", "trial_start", "2026-01-01 10:00:00", None, None))
        if i < in_time:
            rows.append((f"u{i}", "activated", "2026-01-01 10:30:00", None, None))
    rows += [
        ("late", "signup", "2026-02-01 10:00:00", None, None),
        ("u0", "paid", "2026-01-20 10:00:00", None, None),
    ]
    return {"events": table("events", rows, folder)}


PROMISE = {"handoffs/h/name": "Trial", "handoffs/h/event": "trial_start", "handoffs/h/sla_hours": 24,
           "handoffs/h/accept_event": "activated", "handoffs/h/is_main": True,
           "rituals/r/name": "Weekly", "rituals/r/starts_on": "2026-11-03"}  # fmt: skip


def test_a_promise_that_the_data_show_broken_is_on_every_agenda(tmp_path: Path) -> None:
    book = fold(PROMISE)
    broken = broken_promise(book, handoff_map(book, _handed(tmp_path, 15)).contract)
    assert broken is not None
    result = cadence(book, [], TODAY, broken)
    (point,) = [p for p in result.agendas[0].points if p.title == "Promises that were broken"]
    assert (
        point.items[0].replace("\u00a0", " ").startswith("Trial: 25 % of 60 handoffs were picked up within")
    )
    finding = next(f for f in result.findings if f.code == "broken_promise")
    assert "25" in finding.text
    assert finding.fixes[0].page == "handoff_map"
    assert result.verdict.status == "mixed"


def test_a_kept_promise_is_on_no_agenda(tmp_path: Path) -> None:
    book = fold(PROMISE)
    assert broken_promise(book, handoff_map(book, _handed(tmp_path, 59)).contract) is None
    assert broken_promise(book, None) is None
    result = cadence(book, [], TODAY)
    assert not [p for p in result.agendas[0].points if "broken" in p.title]


def test_no_session_is_a_finding_that_one_click_mends() -> None:
    result = cadence(EMPTY, [], TODAY)
    assert result.verdict.status == "bad"
    fix = result.findings[0].fixes[0]
    for key, value in fix.saves:
        check(key, value)
    mended = cadence(fold(dict(fix.saves)), [], TODAY)
    assert len(mended.agendas) == 2
    for row in framework().rituals.values():
        assert dict(saves(row, TODAY))[f"rituals/{row.id}/starts_on"] > TODAY.isoformat()


def test_the_exercise_uses_our_own_weakest_step(tmp_path: Path) -> None:
    task = exercise("growth", chain(EMPTY, {"events": _events(tmp_path)}))
    assert "Trial start" in task.text
    assert "25" in task.text
    assert task.evidence is not None
    assert (
        exercise("product_marketing", None).text == exercise("product_marketing", None).content.without_data
    )


# ---- challenger ------------------------------------------------------------------------------------------------------


def test_every_rule_has_content_and_the_other_way_round() -> None:
    assert set(RULES) == set(framework().challenges)


def test_growth_before_fit_quotes_the_survey(tmp_path: Path) -> None:
    data = {"survey": survey(20, 44, tmp_path)}
    found = challenges(fold({"stage/decision": "growth"}), data)
    question = next(q for q in found if q.rule.id == "growth_before_fit")
    text = question.text.replace("\u00a0", " ")
    assert "31.2 % of 64 activated users" in text
    assert question.evidence
    assert not [
        q
        for q in challenges(fold({"stage/decision": "product_marketing"}), data)
        if q.rule.id == "growth_before_fit"
    ]


APPLIES = {
    "both_while_small": {"stage/decision": "both", "people/a/name": "Ann"},
    "decided_without_evidence": {"stage/decision": "growth"},
    "spend_up_fit_unknown": {"stage/acquisition_spend": "up"},
    "no_outcome_metric": {f"metrics/{i}/kind": "process" for i in range(3)},
    "no_process_metric": {f"metrics/{i}/kind": "outcome" for i in range(3)},
    "north_star_missing": {f"metrics/{i}/name": f"M{i}" for i in range(5)},
    "metric_without_owner": {"metrics/m/name": "Churn"},
    "north_star_is_vanity": {"north_star/metric": "m", "metrics/m/name": "Page views"},
    "one_owner_for_everything": {f"stages/{i}/owners": ["Ann"] for i in range(3)},
    "handoff_without_feedback": {"handoffs/h/event": "trial_start"},
    "handoff_without_clock": {"handoffs/h/event": "trial_start"},
    "idea_without_insight": {"ideas/i/name": "A"},
    "shipped_without_outcome": {"experiments/e/name": "E", "experiments/e/decision": "ship"},
    "no_guardrail": {"experiments/e/name": "E", "experiments/e/outcome_metric": "paid"},
    "learning_unused": {"learnings/l/learned": "L"},
    "hybrid_for_everything": {"skills/hiring": "hybrid"},
    "growth_before_fit_told": {"stage/decision": "growth", "stage/pmf_share": "few", "stage/retention": "leaves",
                               "stage/paying_customers": "under_20"},
    "hire_against_stage": {"skills/role": "growth", "stage/pmf_share": "few", "stage/retention": "leaves",
                           "stage/paying_customers": "under_20"},
    "pmm_after_fit": {"stage/decision": "product_marketing", "stage/pmf_share": "many", "stage/retention": "core",
                      "stage/paying_customers": "under_2000", "stage/quick_ratio": "faster"},
}  # fmt: skip


@pytest.mark.parametrize(("rule", "answers"), APPLIES.items())
def test_a_rule_asks_where_it_applies_and_only_there(rule: str, answers: dict[str, object]) -> None:
    asked = {question.rule.id: question for question in challenges(fold(answers), {})}
    assert rule in asked
    assert asked[rule].text
    assert rule not in {question.rule.id for question in challenges(EMPTY, {})}


@pytest.mark.parametrize(("rule", "answers"), APPLIES.items())
def test_the_page_of_a_rule_asks_it_without_the_rest(rule: str, answers: dict[str, object]) -> None:
    """What all pages together ask is what each asks for itself: no question is lost between pages."""
    page = framework().challenges[rule].page
    own = {question.rule.id for question in challenges(fold(answers), {}, page=page)}
    assert rule in own
    assert own == {q.rule.id for q in challenges(fold(answers), {}) if q.rule.page == page}


def test_an_empty_workbook_is_left_in_peace_and_replies_count() -> None:
    assert challenges(EMPTY, {}) == ()
    answers = {"stage/decision": "growth"}
    for state, is_open in (("parked", True), ("answered", False), ("dismissed", False)):
        book = fold(answers | {"challenges/decided_without_evidence/state": state})
        assert bool(open_questions(challenges(book, {}))) is is_open

import datetime as dt
import random
from pathlib import Path

import pandas as pd
import pytest

from lib.analysis.handoff import findings
from lib.analysis.handoff.handoff_map import HandoffMapResult, handoff_map
from lib.analysis.handoff.ownership import accountable, matrix, territory
from lib.analysis.handoff.territory_map import TWO_OWNERS
from lib.charts import handoff as charts
from lib.engine.datasets.dataset import Dataset
from lib.workbook.model import Owns, Workbook, check, fold
from tests.analysis import making
from tests.analysis.journey_tables import dataset, events

TODAY = dt.date(2026, 11, 22)
STAGES = {
    "stages/visit/name": "Visit", "stages/visit/order": 1, "stages/visit/events": ["visit"],
    "stages/visit/owners": ["Marketing"],
    "stages/trial/name": "Trial", "stages/trial/order": 2, "stages/trial/events": ["trial_start"],
    "stages/trial/owners": ["Growth"],
    "stages/paid/name": "Paying", "stages/paid/order": 3, "stages/paid/events": ["paid"],
    "stages/paid/owners": ["Growth"], "stages/paid/aarrr": "revenue",
}  # fmt: skip
CONTRACT = {
    "handoffs/main/name": "Trial", "handoffs/main/event": "trial_start", "handoffs/main/entry": "asked for a trial",
    "handoffs/main/exit": "picked up", "handoffs/main/sla_hours": 48.0, "handoffs/main/accept_event": "welcome_call",
    "handoffs/main/feedback": "weekly",
    "handoffs/main/escalation": "Mia", "handoffs/main/review_on": "2027-01-15", "handoffs/main/is_main": True,
}  # fmt: skip
AREAS = {f"owns/{key}/today": "Marketing" for key in ("message_architecture", "channel_system", "brand_experience",
         "conversion_ecosystem", "experimentation_engine", "business_model")}  # fmt: skip


def company(folder: Path, seed: int = 3) -> Dataset:
    """1200 people: half start a trial, inviting a colleague triples paying, webinars do nothing."""
    random_ = random.Random(seed)
    rows: list[tuple[str, str, float]] = []
    for person in range(1200):
        name, day = f"u{person:04}", random_.uniform(0, 60)
        rows.append((name, "visit", day))
        if random_.random() < 0.3:
            rows.append((name, "webinar_attended", day + random_.uniform(0, 8)))
        if random_.random() < 0.5:
            start = day + random_.uniform(0, 2)
            rows.append((name, "trial_start", start))
            rows.append((name, "welcome_call", start + random_.uniform(0.05, 1.9)))
            invited = random_.random() < 0.4
            if invited:
                rows.append((name, "invite_sent", start + random_.uniform(0, 1)))
            if random_.random() < (0.6 if invited else 0.2):
                rows.append((name, "paid", start + random_.uniform(1.5, 20)))
    rows.append(("last", "visit", 100))
    return events(folder, rows)


def codes(result: HandoffMapResult) -> list[str]:
    return [finding.code for finding in result.findings]


def apply(
    answers: dict[str, object], result: HandoffMapResult, code: str, number: int = 0
) -> dict[str, object]:
    """The answers after one click on a finding's fix; every saved value has to fit the workbook."""
    finding = next(item for item in result.findings if item.code == code)
    saves = dict(finding.fixes[number].saves)
    for key, value in saves.items():
        check(key, value)
    return {**answers, **saves}


def test_nothing_at_all_still_gives_an_answer_and_a_way_to_start() -> None:
    result = handoff_map(Workbook(), {}, today=TODAY)
    assert (result.verdict.code, codes(result)) == ("no_journey", ["no_journey"])
    assert {item.slot for item in result.missing} == {"events", "spend", "deals"}
    started = fold(apply({}, result, "no_journey"))
    assert next(stage.name for _, stage in started.journey()) == "Visit"
    by_hand = handoff_map(started, {}, today=TODAY)
    assert by_hand.verdict.code == "no_handoff"
    assert "no_main_handoff" in codes(by_hand)
    settled = fold({**apply({}, result, "no_journey"), **apply({}, by_hand, "no_main_handoff")})
    assert handoff_map(settled, {}, today=TODAY).territory_map.crossings[0].is_main


def test_a_company_with_events_is_measured(tmp_path: Path) -> None:
    data = {"events": company(tmp_path)}
    result = handoff_map(fold({**STAGES, **CONTRACT, **AREAS}), data, today=TODAY)
    assert result.verdict.code == "agreed"
    assert codes(result) == []
    assert result.outcome == "paid"
    assert str(result.territory_map.stages[0].volume) == "1,201"
    crossing = result.territory_map.crossings[0]
    assert (crossing.from_stage, crossing.to_stage, crossing.rule) == ("visit", "trial", "Trial start")
    assert crossing.is_main
    assert crossing.missing == ()
    assert result.contract is not None
    assert result.contract.verdict.code != "no_promise"
    assert result.scenario is not None
    assert [place.id for place in result.scenario.places] == ["visit", "trial_start"]
    assert {fact.evidence.id for fact in result.verdict.facts.values() if not isinstance(fact, str)}


def test_the_true_event_is_recommended_and_the_null_one_is_not(tmp_path: Path) -> None:
    data = {"events": company(tmp_path)}
    result = handoff_map(fold(STAGES), data, today=TODAY)
    by_event = {item.event: item for item in result.candidates}
    assert by_event["invite_sent"].status == "recommended"
    assert by_event["trial_start"].status == "gate"
    assert by_event["webinar_attended"].status not in ("recommended", "gate")
    assert by_event["webinar_attended"].fix is None or by_event["webinar_attended"].status == "unclear"
    finding = next(item for item in result.findings if item.code == "no_main_handoff")
    offered = {dict(fix.saves)["handoffs/main/event"] for fix in finding.fixes}
    assert "webinar_attended" not in offered
    assert "invite_sent" in offered


def test_what_everybody_does_is_never_suggested(tmp_path: Path) -> None:
    """Handing over at the start of a session would hand over everybody: it is no place, and stands last."""
    result = handoff_map(fold(STAGES), {"events": company(tmp_path)}, today=TODAY)
    by_event = {item.event: item for item in result.candidates}
    assert by_event["visit"].status == "gate"
    assert by_event["visit"].fix is None
    assert result.candidates[-1].event == "visit"
    assert by_event["visit"].status_text == "Everybody does it"
    assert "step on the way" not in by_event["visit"].sentence
    assert by_event["trial_start"].fix is not None  # required, but only half of all people take it
    finding = next(item for item in result.findings if item.code == "no_main_handoff")
    offered = [dict(fix.saves)["handoffs/main/event"] for fix in finding.fixes]
    assert offered == [
        "invite_sent",
        *[name for name in offered if by_event[name].status == "recommended"][1:],
    ]


def test_a_handoff_at_an_event_without_effect_is_named(tmp_path: Path) -> None:
    found = handoff_map(
        fold({**STAGES, **CONTRACT, "handoffs/main/event": "webinar_attended"}),
        {"events": company(tmp_path)},
        today=TODAY,
    )
    chosen = next(item for item in found.candidates if item.is_chosen)
    if chosen.status == "null":  # a narrow interval around no effect
        assert "handoff_at_null_event" in codes(found)
    assert "outcome_bypasses_handoff" in codes(found)


def test_without_stages_the_proposal_is_drawn_and_one_click_takes_it_over(tmp_path: Path) -> None:
    data = {"events": company(tmp_path)}
    result = handoff_map(Workbook(), data, today=TODAY)
    assert result.verdict.code == "proposed"
    assert result.territory_map.is_proposed
    assert all(crossing.is_agreed for crossing in result.territory_map.crossings)
    after = handoff_map(fold(apply({}, result, "stages_proposed")), data, today=TODAY)
    assert not after.territory_map.is_proposed
    assert [s.id for s in after.territory_map.stages] == [s.id for s in result.territory_map.stages]


def test_gaps_and_overlaps_are_named_and_mended(tmp_path: Path) -> None:
    answers: dict[str, object] = {**STAGES, **CONTRACT, **AREAS, "stages/trial/owners": ["Marketing", "Growth"],
                                  "stages/paid/owners": []}  # fmt: skip
    data = {"events": company(tmp_path)}
    result = handoff_map(fold(answers), data, today=TODAY)
    assert {"stage_unowned", "stage_two_owners", "biggest_leak_unowned"} <= set(codes(result))
    drawn = {stage.id: stage for stage in result.territory_map.stages}
    assert drawn["trial"].marks == (TWO_OWNERS,)
    assert drawn["paid"].territory == "unassigned"
    mended = apply(apply(answers, result, "stage_unowned"), result, "stage_two_owners", 1)
    assert codes(handoff_map(fold(mended), data, today=TODAY)) == []


def test_a_contract_without_its_parts_is_mended_part_by_part(tmp_path: Path) -> None:
    answers: dict[str, object] = {**STAGES, **AREAS, "handoffs/main/event": "trial_start"}
    data = {"events": company(tmp_path)}
    result = handoff_map(fold(answers), data, today=TODAY)
    wanted = ("handoff_without_criteria", "handoff_without_sla", "handoff_without_feedback")
    assert set(wanted) <= set(codes(result))
    assert result.territory_map.crossings[0].missing[0] == "entry criteria"
    for code in wanted:
        answers = apply(answers, result, code)
    assert not set(wanted) & set(codes(handoff_map(fold(answers), data, today=TODAY)))


def test_a_broken_promise_and_a_due_review(tmp_path: Path) -> None:
    answers = {**STAGES, **CONTRACT, "handoffs/main/sla_hours": 1.0, "handoffs/main/review_on": "2026-11-01"}
    data = {"events": company(tmp_path)}
    result = handoff_map(fold(answers), data, today=TODAY)
    assert {"sla_broken", "review_due"} <= set(codes(result))
    kept = handoff_map(fold(apply(dict(answers), result, "sla_broken")), data, today=TODAY)
    assert kept.contract is not None
    assert kept.contract.verdict.code == "kept"


def test_a_rule_that_cannot_be_checked_says_so_and_the_rest_still_works(tmp_path: Path) -> None:
    answers = {**STAGES, **CONTRACT, "handoffs/main/conditions": ["colour = red"]}
    result = handoff_map(fold(answers), {"events": company(tmp_path)}, today=TODAY)
    assert "colour" in result.problem
    assert "handoff_not_measurable" in codes(result)
    assert result.scenario is not None


def test_each_team_pointing_at_the_other_is_the_most_urgent(tmp_path: Path) -> None:
    answers = {**STAGES, **CONTRACT, **AREAS, "owns/trial/marketing_today": "Growth",
               "owns/trial/growth_today": "Marketing"}  # fmt: skip
    result = handoff_map(fold(answers), {}, today=TODAY)
    assert codes(result)[0] == "perception_gap"
    settled = apply(dict(answers), result, "perception_gap", 1)
    after = handoff_map(fold(settled), {}, today=TODAY)
    assert "perception_gap" not in codes(after)
    assert after.disagreement.rows[0].today, "what was said is kept"


def test_spend_gives_the_cost_of_a_handoff(tmp_path: Path) -> None:
    import pandas as pd

    people = events(
        tmp_path / "e", [("a", "visit", 0), ("a", "trial_start", 1), ("b", "visit", 2), ("b", "paid", 9)]
    )
    frame = pd.DataFrame({"date": [dt.date(2026, 1, 6), dt.date(2026, 1, 7), dt.date(2027, 1, 1)], "channel": ["x"] * 3,
                          "spend": [10.0, 20.0, 900.0]})  # fmt: skip
    spend = dataset(tmp_path / "s", frame, "spend")
    result = handoff_map(fold(STAGES), {"events": people, "spend": spend}, today=TODAY)
    assert result.scenario is not None
    assert [place.cost_per_handoff for place in result.scenario.places] == [15, 30]


def test_territories_follow_teams_leads_and_people() -> None:
    book = fold({"settings/marketing_lead": "Ana", "people/b/name": "Ben", "people/b/team": "Growth"})
    assert [territory(book, owners) for owners in (["Ana"], ["Ben"], ["Ana", "Ben"], ["Both"], ["Sales"], [])] == [
        "process", "outcome", "shared", "shared", "other", "unassigned",
    ]  # fmt: skip


def test_one_accountable_per_row() -> None:
    assert accountable(("Marketing",), Owns()) == "Marketing"
    assert accountable(("Marketing", "Growth"), Owns()) == ""
    assert accountable(("Both",), Owns()) == ""
    assert accountable((), Owns(resolved="Both")) == accountable((), Owns(resolved="Nobody")) == ""
    assert accountable(("Marketing", "Growth"), Owns(resolved="Growth")) == "Growth"
    rows = {row.id: row for row in matrix(fold({
        **STAGES, "metrics/q/name": "Qualified trials", "metrics/q/kind": "shared", "metrics/q/owners": ["Ana", "Ben"],
        "contracts/q/tie_break": "Mia", "stages/visit/owners": ["Marketing", "Growth"],
        "owns/paid/resolved": "Marketing",
    }))}  # fmt: skip
    assert (rows["q"].accountable, rows["q"].problem) == ("Mia", "")
    assert rows["visit"].problem == "two"
    assert rows["paid"].problem == "other"
    assert rows["brand_experience"].problem == "nobody"


@pytest.mark.parametrize("stages", [3, 9])
def test_the_map_is_drawn_with_words_and_escapes_what_people_typed(stages: int) -> None:
    answers: dict[str, object] = {**STAGES, **CONTRACT, "stages/trial/name": "<script>alert(1)</script>"}
    for index in range(stages):
        answers |= {f"stages/x{index}/name": f"Extra {index}", f"stages/x{index}/order": 4 + index}
    html = charts.map_html(handoff_map(fold(answers), {}, today=TODAY).territory_map)
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "Main handoff" in html
    assert "No owner" in html
    assert ("hm tall" in html) == (stages == 9)


def test_every_chart_can_be_drawn(tmp_path: Path) -> None:
    from lib.charts import altair_draw

    result = handoff_map(fold({**STAGES, **CONTRACT}), {"events": company(tmp_path)}, today=TODAY)
    assert result.contract is not None
    assert result.scenario is not None
    table = next(item for item in result.evidence if item.title == "Journey by stage")
    drawn = [
        charts.candidates_chart(result.candidates), charts.funnel_chart(table, "Trial"),
        charts.waiting_chart(result.contract), charts.weekly_chart(result.contract),
        charts.scenario_chart(result.scenario, "visit", "trial_start"),
    ]  # fmt: skip
    for chart in drawn:
        assert chart is not None
        assert chart.alt
        assert altair_draw.spec(chart)["$schema"]
    assert charts.channels_chart(result.contract) is None
    assert charts.reasons_chart(result.contract) is None


def test_every_fix_of_every_finding_fits_the_workbook(tmp_path: Path) -> None:
    answers = {**STAGES, "stages/trial/owners": [], "stages/visit/events": ["visit", "gone"],
               "handoffs/main/event": "webinar_attended"}  # fmt: skip
    result = handoff_map(fold(answers), {"events": company(tmp_path)}, today=TODAY)
    assert "event_not_in_file" in codes(result)
    for finding in result.findings:
        assert finding.text
        assert finding.why
        for fix in finding.fixes:
            assert fix.saves or fix.page
            for key, value in fix.saves:
                check(key, value)
    assert findings.standard_stages()[0][0] == "visit"


def test_a_promise_that_cannot_be_kept_has_something_to_do(tmp_path: Path) -> None:
    """Most are never picked up: no longer time would help, so an action, a later place or no promise are offered."""
    rows = []
    for number in range(400):
        day = dt.datetime.combine(dt.date(2026, 1, 1), dt.time()) + dt.timedelta(days=number % 30)
        rows.append((f"u{number}", "trial", day, "paid_social"))
        if number % 4 == 0:
            rows.append((f"u{number}", "called", day + dt.timedelta(hours=1), "paid_social"))
    rows.append(("end", "visit", dt.datetime.combine(dt.date(2026, 6, 1), dt.time()), "email"))
    frame = pd.DataFrame(rows, columns=["user_id", "event", "timestamp", "channel"])
    data = {"events": making.dataset(tmp_path / "never", frame, "events")}
    answers = {
        "stages/v/name": "Visit", "stages/v/order": 1, "stages/v/events": ["visit", "trial"], "stages/v/owners": ["Marketing"],
        "stages/c/name": "Call", "stages/c/order": 2, "stages/c/events": ["called"], "stages/c/owners": ["Growth"],
        "handoffs/m/event": "trial", "handoffs/m/is_main": True, "handoffs/m/sla_hours": 24.0,
    }  # fmt: skip
    broken = next(item for item in handoff_map(fold(answers), data, today=dt.date(2026, 6, 2)).findings
                  if item.code == "sla_broken")  # fmt: skip
    assert "75 % are never picked up" in broken.text.replace("\u00a0", " ")
    asks = next(fix for fix in broken.fixes if "asks ten" in fix.label)
    done = fold(answers | dict(asks.saves))
    assert "from paid social" in done.actions["pick_up_m"].text
    assert done.actions["pick_up_m"].due == "2026-06-16"
    back = next(fix for fix in broken.fixes if "Take the promise back" in fix.label)
    after = handoff_map(fold(answers | dict(back.saves)), data)
    assert not [item for item in after.findings if item.code == "sla_broken"]


def test_the_event_of_the_assignment_can_be_chosen(tmp_path: Path) -> None:
    rows = []
    for number in range(60):
        day = dt.datetime.combine(dt.date(2026, 1, 1), dt.time()) + dt.timedelta(days=number % 20)
        for hours, event in ((0, "trial"), (20, "given_to_rep"), (22, "called")):
            rows.append((f"u{number}", event, day + dt.timedelta(hours=hours)))
    rows.append(("end", "visit", dt.datetime.combine(dt.date(2026, 6, 1), dt.time())))
    data = {
        "events": making.dataset(
            tmp_path / "two", pd.DataFrame(rows, columns=["user_id", "event", "timestamp"]), "events"
        )
    }
    answers = {"handoffs/m/event": "trial", "handoffs/m/accept_event": "called", "handoffs/m/sla_hours": 24.0}
    plain = handoff_map(fold(answers), data).contract
    chosen = handoff_map(fold(answers | {"handoffs/m/assign_event": "given_to_rep"}), data).contract
    assert plain is not None
    assert chosen is not None
    assert plain.human is None
    assert chosen.human is not None
    assert (chosen.total.median_hours, chosen.human.median_hours) == (22, 2)

"""What a round brings into the workbook, on answers small enough to check by hand."""

from __future__ import annotations

import datetime as dt

from lib.framework.load import framework
from lib.report.story import build
from lib.report.story.inputs import Inputs, Options
from lib.room import activities, round_outcomes
from lib.room.minutes import minutes
from lib.room.model import Outcome, Participant, PrivateAnswer, Round
from lib.ui.workbook import promises
from lib.workbook.model import check, fold
from tests.room.setting import Setting

PEOPLE = [Participant("a", "Ann", "marketing", "participant"), Participant("b", "Ben", "growth", "participant"),
          Participant("c", "Ben", "growth", "participant")]  # fmt: skip
BOOK = fold(
    {"ideas/i1/name": "Shorter form", "ideas/i2/name": "New headline", "experiments/e1/name": "Form test",
     "experiments/e1/forecasts": {"Zoe": {"effect": 0.1, "p_ship": 0.5}}, "stages/trial/name": "Trial"}
)  # fmt: skip


def asked(activity: str, *, anonymous: bool = False) -> Round:
    return Round(
        "r1", "b1", 1, "revealed", anonymous, activities.questions(activity, BOOK), "2026-11-02T10:00:00"
    )


def test_idea_scores_are_medians_and_dots_are_added_up() -> None:
    given = [PrivateAnswer("a", "ideas/i1/impact", 2),
    PrivateAnswer("b", "ideas/i1/impact", 9), PrivateAnswer("c", "ideas/i1/impact", 8),
             PrivateAnswer("a", "ideas/i1/ease", 3),
             PrivateAnswer("b", "ideas/i1/ease", 4), PrivateAnswer("c", "ideas/i1/ease", None),
             PrivateAnswer("a", "ideas/gone/ease", 4), PrivateAnswer("a", "ideas/dots", {"i1": 1, "i2": 2}),
             PrivateAnswer("b", "ideas/dots", {"i2": 3})]  # fmt: skip
    changes = round_outcomes.keeps(asked("ideas"), given, PEOPLE, BOOK)
    assert dict(changes) == {
        "ideas/i1/impact": 8.0, "ideas/i1/ease": 3.5, "room/dots/i1": 1, "room/dots/i2": 5}  # fmt: skip
    for key, value in changes:
        check(key, value)


def test_forecasts_are_kept_by_person_beside_those_that_stand() -> None:
    given = [PrivateAnswer("a", "experiments/e1/p_ship", 7), PrivateAnswer("b", "experiments/e1/p_ship", 0),
             PrivateAnswer("c", "experiments/e1/p_ship", 10)]  # fmt: skip
    ((key, value),) = round_outcomes.keeps(asked("forecast"), given, PEOPLE, BOOK)
    check(key, value)
    assert key == "experiments/e1/forecasts"
    assert value == {"Zoe": {"effect": 0.1, "p_ship": 0.5}, "Ann": {"p_ship": 0.7}, "Ben": {"p_ship": 0.0},
                     "Ben (2)": {"p_ship": 1.0}}  # fmt: skip


def test_an_anonymous_round_keeps_forecasts_without_names() -> None:
    given = [PrivateAnswer("a", "experiments/e1/p_ship", 7)]
    ((_, value),) = round_outcomes.keeps(asked("forecast", anonymous=True), given, PEOPLE, BOOK)
    assert set(value) == {"Zoe", "Workshop 2026-11-02, voice 1"}


def test_skills_rate_the_team_as_a_whole_and_the_team_page_counts_them() -> None:
    from lib.analysis.team.team import ratings

    skill = next(iter(framework().skills))
    given = [PrivateAnswer(who, f"skills/team/{skill}", n) for who, n in zip("abc", (1, 4, 5), strict=True)]
    changes = dict(round_outcomes.keeps(asked("skills"), given, PEOPLE, BOOK))
    (level,) = ratings(fold(changes))
    assert (level.person, level.skill, level.value) == ("team", skill, 4.0)


def test_observations_are_kept_once_they_have_a_group() -> None:
    given = [PrivateAnswer("a", "insight/text", "Could not find the price"), PrivateAnswer("a", "insight/source", "sales call"),
             PrivateAnswer("b", "insight/text", "Wants an invoice"), PrivateAnswer("c", "insight/text", "")]  # fmt: skip
    found = round_outcomes.observations(asked("insights"), given, PEOPLE)
    assert [(x["text"], x["source"], x["by"]) for x in found] == [
        ("Could not find the price", "sales call", "Ann"), ("Wants an invoice", "", "Ben")]  # fmt: skip
    changes = round_outcomes.insights(found, {found[0]["id"]: "  Pricing  page "})
    (insight,) = fold(dict(changes)).insights.values()
    assert (insight.text, insight.theme, insight.by) == ("Could not find the price", "Pricing page", "Ann")
    hidden = round_outcomes.observations(asked("insights", anonymous=True), given, PEOPLE)
    assert {x["by"] for x in hidden} == {""}


def test_stage_questions_are_the_stage_pages_own_and_land_there() -> None:
    for question in activities.questions("stage", BOOK):
        value = question.options[0].value
        assert activities.saves(question, value, BOOK) == [(question.id, value)]
        name = question.id.partition("/")[2]
        known = framework().signals.get(name)
        assert name == "decision" or (
            known and {o.value for o in known.options} == {o.value for o in question.options}
        )


def test_votes_on_ownership_reach_the_handoff_map() -> None:
    from lib.analysis.handoff.handoff_map import handoff_map

    first = (
        [PrivateAnswer("a", "owns/trial/today", "Growth"), PrivateAnswer("b", "owns/trial/today", "Growth")],
        PEOPLE,
    )
    again = (
        [
            PrivateAnswer("a", "owns/trial/today", "Marketing"),
            PrivateAnswer("b", "owns/trial/should", "Both"),
        ],
        PEOPLE,
    )
    votes = round_outcomes.votes([first, again])
    assert votes == {"trial": {"today": [("marketing", "Marketing"), ("growth", "Growth")],
                               "should": [("growth", "Both")]}}  # fmt: skip
    (row,) = handoff_map(BOOK, {}, votes=votes).disagreement.rows
    assert (row.id, row.bits_today) == ("trial", 1.0)


def test_outcomes_reach_the_summary_from_the_workbook_alone(setting: Setting) -> None:
    setting.ask()
    setting.turn("close_round")
    setting.turn("reveal")
    settle = setting.rooms.settle
    settle(setting.id, "facilitator", Outcome("d1", "decision", "NPS? Process", dissent="Ben would share it"))
    settle(setting.id, "participant", Outcome("", "parking", "Pricing page", owner="Ann"))
    changes = round_outcomes.outcomes(
        setting.now(), setting.rooms.outcomes(setting.id), setting.rooms.people(setting.id), BOOK
    )
    book = fold(dict(changes))
    assert round_outcomes.outcomes(
        setting.now(), setting.rooms.outcomes(setting.id), setting.rooms.people(setting.id), book
    ) == []  # fmt: skip
    inputs = Inputs(book, {}, dt.date(2026, 11, 22))
    (slide,) = [m for m in build.build(inputs, Options()).messages if m.id == "workshop"]
    assert slide.headline.text == "The workshop settled 1 question, 1 with dissent kept"
    cells = [[cell.text.text for cell in row] for row in slide.body.rows]
    assert cells == [["NPS? Process", "Ben would share it", "Settled"], ["Pricing page", "", "Parked"]]
    (hidden,) = [m for m in build.build(inputs, Options(hide_names=True)).messages if m.id == "workshop"]
    assert "Ben" not in str(hidden.body)


def test_a_withdrawn_decision_is_gone_and_only_the_facilitator_withdraws(setting: Setting) -> None:
    import pytest

    from lib.errors import NotAllowedError

    setting.ask()
    setting.turn("close_round")
    setting.turn("reveal")
    made = setting.rooms.settle(setting.id, "facilitator", Outcome("", "decision", "NPS is process"))
    with pytest.raises(NotAllowedError):
        setting.rooms.withdraw(setting.id, "participant", made.id)
    setting.rooms.withdraw(setting.id, "facilitator", made.id)
    assert setting.rooms.outcomes(setting.id) == []


def test_ready_are_those_who_answered_everything(setting: Setting) -> None:
    round = setting.ask()
    for question, value in (("metrics/nps/kind", "process"), ("metrics/cac/kind", None), ("checkin", "hi")):
        setting.say(setting.ann, round, question, value)
    setting.say(setting.ben, round, "checkin", "hello")
    assert setting.rooms.ballots.ready(setting.id, round) == {setting.ann.id}


def test_minutes_carry_notes_and_who_parked(setting: Setting) -> None:
    setting.rooms.settle(setting.id, "participant", Outcome("", "parking", "Pricing", owner="Ann"))
    text = minutes(setting.now(), [], setting.rooms.outcomes(setting.id), [], "First *line*\nSecond")
    assert "- Pricing (Ann)\n" in text
    assert text.endswith("## Notes\n\nFirst \\*line\\*\nSecond\n")


def test_actions_come_up_on_their_day() -> None:
    days = {"a": "2026-11-21", "b": "2026-11-22", "c": "2026-11-23", "d": ""}
    book = fold(
        {f"actions/{id}/{k}": v for id, day in days.items() for k, v in (("text", "x"), ("due", day))}
    )
    assert [id for id, _ in promises.due(book, "2026-11-22")] == ["a", "b"]
    done = fold({"actions/a/text": "x", "actions/a/due": "2026-01-01", "actions/a/done": True})
    assert promises.due(done, "2026-11-22") == []


def test_reach_and_effort_of_rice_are_medians_and_replace_no_measured_reach() -> None:
    book = fold({"ideas/i1/name": "A", "ideas/i2/name": "B", "ideas/i2/weekly_users": 640.0})
    given = [PrivateAnswer("a", "ideas/i1/weekly_users", "100"), PrivateAnswer("b", "ideas/i1/weekly_users", "1000"),
             PrivateAnswer("c", "ideas/i1/weekly_users", "1000"), PrivateAnswer("a", "ideas/i2/weekly_users", "10"),
             PrivateAnswer("a", "ideas/i2/effort", "0.5"), PrivateAnswer("b", "ideas/i2/effort", "2"),
             PrivateAnswer("c", "ideas/i2/effort", None)]  # fmt: skip
    changes = dict(round_outcomes.keeps(asked("ideas"), given, PEOPLE, book))
    assert changes == {"ideas/i1/weekly_users": 1000.0, "ideas/i2/effort": 1.25}
    for key, value in changes.items():
        check(key, value)


def test_scoring_asks_about_the_ideas_in_front_and_never_breaks_one_in_two() -> None:
    ideas = {f"ideas/i{n}/name": f"Idea {n}" for n in range(9)}
    book = fold({**ideas, "room/dots/i7": 5, "room/dots/i3": 2, "ideas/i3/weekly_users": 50.0})
    rice = activities.questions("ideas", book, "rice")
    assert [q.id for q in rice][:5] == [
        "ideas/i7/weekly_users", "ideas/i7/impact", "ideas/i7/confidence", "ideas/i7/effort", "ideas/i3/impact"]  # fmt: skip
    assert len(rice) == 11  # three ideas of four questions, one of them with a measured reach
    assert len(activities.questions("ideas", book, "ice")) == 12
    (ranking,) = activities.questions("ideas", book, "ranking")
    assert (ranking.type, len(ranking.options)) == ("ranking", 9)


def test_promises_carry_their_author_and_day_and_stay_nameless_where_asked() -> None:
    given = [
        PrivateAnswer("a", "action", "Write the rule"),
        PrivateAnswer("a", "action/due", "2026-12-01"),
        PrivateAnswer("b", "action", None),
    ]
    (one,) = round_outcomes.promises(asked("actions"), given, PEOPLE)
    assert (one["text"], one["owner"], one["due"]) == ("Write the rule", "Ann", "2026-12-01")
    (unnamed,) = round_outcomes.promises(asked("actions", anonymous=True), given, PEOPLE)
    assert unnamed["owner"] == ""


def test_an_own_question_needs_its_sentence_and_two_choices() -> None:
    import pytest

    from lib.errors import DataError

    made = activities.own("ranking", " What first? ", ["A", " B ", "", "A"])
    assert (made.text, [o.value for o in made.options]) == ("What first?", ["A", "B"])
    for kind, text, lines in (("single", "X?", ["one"]), ("text", "  ", [])):
        with pytest.raises(DataError):
            activities.own(kind, text, lines)

import ast
import datetime as dt
from pathlib import Path

import pytest

from lib.errors import DataError
from lib.room import activities, agenda
from lib.room.model import Participant, PrivateAnswer
from lib.room.question_types import FORMS, TYPES, QuestionType, check
from lib.room.questions import AnswerOption, RoomQuestion, from_json
from lib.room.reveal import QuestionResult, bits, reveal, said
from lib.workbook.model import fold

PEOPLE = [Participant("a", "Ann", "marketing", "participant"), Participant("b", "Ben", "growth", "participant"),
          Participant("c", "Cid", "marketing", "participant"), Participant("d", "Dee", "growth", "participant")]  # fmt: skip
ROOT = Path(__file__).resolve().parents[2]
TEAMS = (AnswerOption("Marketing", "Marketing"), AnswerOption("Growth", "Growth"))


def test_contested_questions_come_first_with_bits_and_sides() -> None:
    asked = (
        RoomQuestion("q1", "single", "One?", TEAMS),
        RoomQuestion("owns/t/today", "single", "Two?", TEAMS),
    )
    given = [PrivateAnswer(p, "q1", "Growth") for p in "abc"]
    given += [
        PrivateAnswer(p, "owns/t/today", v)
        for p, v in zip("abcd", ["Marketing", "Growth", "Marketing", "Growth"], strict=True)
    ]
    result = reveal(asked, given, PEOPLE, anonymous=False)
    assert [row.question.id for row in result.rows] == ["owns/t/today", "q1"]
    assert [row.entropy_bits for row in result.rows] == [1.0, 0.0]
    assert result.rows[0].by_side["marketing"] == {"Marketing": 2, "Growth": 0}
    assert result.rows[0].mine_and_theirs == (("Marketing", 2, 0), ("Growth", 2, 0))
    assert result.n == 4


def test_names_stay_hidden_in_an_anonymous_round() -> None:
    asked = (RoomQuestion("t", "text", "Why?"),)
    given = [PrivateAnswer("a", "t", "because")]
    assert reveal(asked, given, PEOPLE, anonymous=True).rows[0].texts == (("because", ""),)
    assert reveal(asked, given, PEOPLE, anonymous=False).rows[0].texts == (("because", "Ann"),)


def test_dots_rankings_scales_are_counted() -> None:
    options = (AnswerOption("x", "X"), AnswerOption("y", "Y"))
    asked = (RoomQuestion("d", "dots", "?", options, high=3), RoomQuestion("r", "ranking", "?", options),
             RoomQuestion("s", "scale", "?", low=1, high=5))  # fmt: skip
    given = [
        PrivateAnswer("a", "d", {"x": 2, "y": 1}),
        PrivateAnswer("b", "d", {"y": 3}),
        PrivateAnswer("a", "r", ["x", "y"]),
        PrivateAnswer("b", "r", ["x", "y"]),
        PrivateAnswer("a", "s", 2),
        PrivateAnswer("b", "s", 5),
        PrivateAnswer("c", "s", None),
    ]
    rows = {row.question.id: row for row in reveal(asked, given, PEOPLE, anonymous=False).rows}
    assert rows["d"].counts == {"x": 2, "y": 4}
    assert rows["r"].counts == {"x": 2, "y": 0}
    assert rows["s"].middle == 3.5
    assert rows["s"].n == 2


@pytest.mark.parametrize(("question", "good", "bad"), [
    (RoomQuestion("q", "multiple", "?", TEAMS), ["Growth"], ["Sales"]),
    (RoomQuestion("q", "multiple", "?", TEAMS), [], ["Growth", "Growth"]),
    (RoomQuestion("q", "scale", "?", low=1, high=5), 5, 6),
    (RoomQuestion("q", "scale", "?", low=1, high=5), 1, True),
    (RoomQuestion("q", "dots", "?", TEAMS, high=3), {"Growth": 3}, {"Growth": 2, "Marketing": 2}),
    (RoomQuestion("q", "dots", "?", TEAMS, high=3), {}, {"Growth": -1}),
    (RoomQuestion("q", "ranking", "?", TEAMS), ["Growth", "Marketing"], ["Growth"]),
    (RoomQuestion("q", "text", "?"), "x" * 400, "x" * 401),
])  # fmt: skip
def test_answers_are_checked(question: RoomQuestion, good: object, bad: object) -> None:
    assert check(question, good) == good
    assert check(question, None) is None
    with pytest.raises(DataError):
        check(question, bad)


def test_question_survives_json() -> None:
    asked = RoomQuestion("q", "dots", "?", TEAMS, high=3, hint="h")
    assert from_json(asked.as_json()) == asked


def test_every_activity_has_questions_or_needs_none_and_templates_fit_their_names() -> None:
    full = fold({"metrics/nps/name": "NPS", "stages/a/events": ["signup"], "ideas/i/name": "Idea",
                 "experiments/e/name": "Test"})  # fmt: skip
    for guide in agenda.guides().values():
        made = activities.questions(guide.id, full)
        assert (guide.id == "break") == (not made)
        assert len({q.id for q in made}) == len(made)
        assert activities.questions(guide.id, fold({})) is not None
    for name, minutes in (("hour", 60), ("ninety", 90), ("three_hours", 180), ("half_day", 240)):
        assert sum(block.minutes for block in agenda.template(name)) == minutes


def test_settling_writes_what_somebody_alone_would() -> None:
    book = fold({"stages/trial/name": "Trial", "stages/trial/events": ["trial_start"]})
    own = next(q for q in activities.questions("ownership", book) if q.id == "owns/trial/should")
    assert ("stages/trial/owners", ["Growth"]) in activities.saves(own, "Growth", book)
    (handoff,) = activities.questions("handoff", book)
    assert ("handoffs/main/event", "trial_start") in activities.saves(handoff, "trial_start", book)


def test_clock_moves_the_rest_when_a_block_overruns() -> None:
    start = dt.datetime(2026, 1, 1, 9, tzinfo=dt.UTC)
    blocks = list(agenda.template("hour"))
    blocks = agenda.skip(blocks, "b2")
    rows = agenda.clock(blocks, 1, start, start + dt.timedelta(minutes=25))
    assert rows[0].overrun_minutes == 10
    assert [row.block.id for row in rows] == ["b1", "b3", "b4"]
    assert rows[1].starts == start + dt.timedelta(minutes=25)
    moved = agenda.move(blocks, "b4", -10)
    assert moved[0].id == "b4"
    assert agenda.add(blocks, "ideas", 20)[-1].id == "b5"
    with pytest.raises(DataError):
        agenda.add(blocks, "ideas", 0)


def voted(kind: str, values: list[tuple[str, object]], **more) -> QuestionResult:
    """One question's row; values are (side, value)."""
    question = RoomQuestion("own/x", kind, "X?", more.pop("options", ()), **more)
    people = [Participant(str(n), f"P{n}", side, "participant") for n, (side, _) in enumerate(values)]
    answers = [PrivateAnswer(str(n), "own/x", value) for n, (_, value) in enumerate(values)]
    return reveal([question], answers, people, anonymous=False).rows[0]


AB = (AnswerOption("a", "Alpha"), AnswerOption("b", "Beta"))


def test_the_two_teams_are_told_apart_where_most_of_each_say_something_else() -> None:
    row = voted(
        "single", [("marketing", "a"), ("marketing", "a"), ("marketing", "b"), ("growth", "b")], options=AB
    )
    assert row.sides_apart == ("a", "b")
    assert said(row) == ["Marketing: “Alpha”. Growth: “Beta”."]
    assert bits(row) == "Disagreement 1.00 of 1.00 bits."
    tie = voted("single", [("marketing", "a"), ("marketing", "b"), ("growth", "b")], options=AB)
    assert tie.sides_apart is None


def test_a_scale_is_contested_by_its_spread_not_by_its_many_steps() -> None:
    near = [
        ("growth", value) for value in (6, 7, 7, 8, 9)
    ]  # five people, four values: 1.9 bits, yet they agree
    assert not voted("scale", near, low=1, high=10).is_contested
    apart = [("growth", value) for value in (1, 2, 9, 10)]
    assert voted("scale", apart, low=1, high=10).is_contested


def test_a_detail_is_neither_contested_nor_counted_as_agreement() -> None:
    values = [("growth", "a"), ("marketing", "b")]
    assert voted("single", values, options=AB).is_contested
    row = voted("single", values, options=AB, is_detail=True)
    assert (row.is_contested, said(row), bits(row)) == (False, [], "")


def test_agreement_over_one_question_says_nothing() -> None:
    asked = (RoomQuestion("q1", "single", "One?", TEAMS), RoomQuestion("q2", "single", "Two?", TEAMS))
    apart = [PrivateAnswer("a", "q1", "Growth"), PrivateAnswer("b", "q1", "Marketing")]
    assert reveal(asked[:1], apart, PEOPLE, anonymous=False).alpha is None
    alike = [PrivateAnswer(p, "q2", "Growth") for p in "ab"]
    assert reveal(asked, [*apart, *alike], PEOPLE, anonymous=False).alpha == pytest.approx(0.0)
    both = [PrivateAnswer(p, q, v) for q, v in (("q1", "Marketing"), ("q2", "Growth")) for p in "ab"]
    assert reveal(asked, both, PEOPLE, anonymous=False).alpha == pytest.approx(1.0)


def test_a_small_team_is_not_told_apart_in_an_anonymous_round() -> None:
    asked = (RoomQuestion("owns/t/today", "single", "Who?", TEAMS),)
    people = [
        Participant(name, name, "marketing" if name in "abc" else "growth", "participant")
        for name in "abcdef"
    ]
    given = [
        PrivateAnswer(name, "owns/t/today", "Marketing" if name in "ab" else "Growth") for name in "abcde"
    ]
    few = reveal(asked, given, people, anonymous=True).rows[0]
    assert few.by_side == {}
    assert (few.sides_apart, said(few)) == (None, [])
    assert few.counts == {"Marketing": 2, "Growth": 3}
    named = reveal(asked, given, people, anonymous=False).rows[0]
    assert named.by_side == {
        "growth": {"Marketing": 0, "Growth": 2},
        "marketing": {"Marketing": 2, "Growth": 1},
    }
    assert said(named)[-1] == "“Growth” say 2 in growth itself and 1 in marketing."
    enough = [*given, PrivateAnswer("f", "owns/t/today", "Growth")]
    assert set(reveal(asked, enough, people, anonymous=True).rows[0].by_side) == {"marketing", "growth"}


def test_a_moment_that_repeats_its_stage_is_named_once() -> None:
    book = fold({"stages/a/name": "Sign-up", "stages/a/events": ["signup"], "stages/a/order": 0,
                 "stages/b/name": "Trial", "stages/b/events": ["trial_start"], "stages/b/order": 1})  # fmt: skip
    (asked,) = activities.questions("handoff", book)
    assert [option.label for option in asked.options] == ["Sign-up", "Trial: trial start"]


def test_a_question_type_is_one_entry_of_the_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """How to add one: an entry is enough where a form exists; asked, checked, counted and settled follow from it."""
    assert {kind.form for kind in TYPES.values()} == set(FORMS)
    said_yes = QuestionType(
        "Yes or no", "radio", lambda _, value: value in ("yes", "no"), lambda _: ("yes", "no"),
        TYPES["single"].count, is_choice=True,
    )  # fmt: skip
    monkeypatch.setitem(TYPES, "yes_no", said_yes)  # type: ignore[arg-type]
    asked = activities.own("yes_no", "Do we meet weekly?", ["yes", "no"])
    assert check(asked, "yes") == "yes"
    with pytest.raises(DataError):
        check(asked, "maybe")
    given = [
        PrivateAnswer(person, asked.id, value)
        for person, value in zip("abcd", ["yes", "no"] * 2, strict=True)
    ]
    (row,) = reveal([asked], given, PEOPLE, anonymous=False).rows
    assert row.counts == {"yes": 2, "no": 2}
    assert row.is_contested
    assert row.sides_apart == ("yes", "no")


def test_question_types_are_named_in_the_registry_alone() -> None:
    """Elsewhere a type's name only says which type a question has; nothing decides by it."""
    rooms = [path for path in (ROOT / "lib").rglob("*.py") if "room" in str(path.relative_to(ROOT))]
    assert len(rooms) > 20
    decides = [
        f"{path.name}: {ast.unparse(node)}"
        for path in rooms
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Compare)
        and any(isinstance(x, ast.Constant) and x.value in TYPES for x in ast.walk(node))
        and ".type" in ast.unparse(node)
    ]
    assert not decides

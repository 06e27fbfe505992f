"""Team: levels, coverage, gaps, privacy of ratings, whom to hire next and which way to grow."""

import pytest

from lib.analysis.stage.stage import stage
from lib.analysis.team.hiring_advice import grow, hire_next
from lib.analysis.team.role_scorecard import career, scorecard
from lib.analysis.team.team import team
from lib.framework.load import framework
from lib.workbook.model import fold

EMPTY = fold({})


def _rated(level: int, role: str, rater: str = "self", person: str = "ann") -> dict[str, int]:
    return {f"skills/{person}/{skill.id}/{rater}": level for skill in framework().role_skills(role)}


def test_an_unrated_team_cannot_be_told() -> None:
    result = team(EMPTY, stage(EMPTY, {}))
    assert result.verdict.status == "unclear"
    assert result.advice.suggested == ""
    assert team(fold({"people/ann/name": "Ann"}), stage(EMPTY, {})).verdict.status == "unclear"


def test_the_gap_follows_the_stage() -> None:
    answers = {"people/ann/name": "Ann", **_rated(5, "product_marketing"), **_rated(1, "growth")}
    book = fold(answers | {"stage/decision": "growth"})
    result = team(book, stage(book, {}))
    assert result.verdict.code == "team_gap"
    assert {gap.skill.role for gap in result.gaps[:4]} == {"growth"}
    assert result.role == "growth"
    assert result.advice.suggested == "specialists"
    strong = fold(answers | _rated(5, "growth") | {"stage/decision": "growth"})
    assert team(strong, stage(strong, {})).verdict.status == "good"
    assert team(strong, stage(strong, {})).advice.suggested == "hybrid"


def test_peers_and_self_count_half_each_and_differences_show() -> None:
    skill = "analytical_acumen"
    book = fold({"people/ann/name": "Ann", f"skills/ann/{skill}/self": 5, f"skills/ann/{skill}/p1": 2,
                 f"skills/ann/{skill}/p2": 4, f"skills/ann/{skill}/bad": 9, "skills/nobody/x/self": 3})  # fmt: skip
    result = team(book, stage(book, {}))
    assert [level.value for level in result.levels] == [4.0]
    assert any(f.code == "self_and_peers_differ" for f in result.findings)
    assert career(book, "ann", result.levels)[0].next


def test_one_peers_rating_cannot_be_told_from_a_difference() -> None:
    """With a single peer no difference shows anywhere: it would be that peer's own rating."""
    skill = "analytical_acumen"
    one = {"people/ann/name": "Ann", f"skills/ann/{skill}/self": 5, f"skills/ann/{skill}/p1": 1}
    book = fold(one)
    result = team(book, stage(book, {}))
    assert not [f for f in result.findings if f.code == "self_and_peers_differ"]
    assert career(book, "ann", result.levels)[0].differs == ""
    two = fold(one | {f"skills/ann/{skill}/p2": 2})
    result = team(two, stage(two, {}))
    (finding,) = [f for f in result.findings if f.code == "self_and_peers_differ"]
    assert "Ann" not in finding.text
    assert career(two, "ann", result.levels)[0].differs == "higher"


def test_evidence_of_a_rating_is_no_rating_and_no_table_names_a_person() -> None:
    key = "skills/ann/analytical_acumen/self"
    book = fold({"people/ann/name": "Ann Unusual", key: 4, f"{key}/evidence": "Showed churn was mix"})
    result = team(book, stage(book, {}))
    assert [level.value for level in result.levels] == [4.0]
    assert "Unusual" not in str([(e.rows, e.definition) for e in result.evidence])


def test_coverage_counts_each_craft() -> None:
    book = fold(
        {
            "people/ann/name": "Ann",
            "stage/decision": "growth",
            **_rated(4, "growth"),
            **_rated(2, "product_marketing"),
        }
    )
    table = team(book, stage(book, {})).evidence[1]
    assert [(r["craft"], r["covered"], r["skills"]) for r in table.records()] == [
        ("Product marketing", 0, 4),
        ("Growth", 4, 4),
    ]


FOUNDER = {"people/ann/name": "Ann", "stage/decision": "growth"}


def _next(answers: dict[str, object]) -> str:
    book = fold(answers)
    placed = stage(book, {})
    found = hire_next(book, placed, team(book, placed))
    return found.text if found else ""


def test_who_to_hire_next_allows_for_what_is_there() -> None:
    assert _next({}) == ""
    rule = next(r for r in framework().stage_rules.values() if r.focus == "growth")
    assert _next(FOUNDER) == rule.hire, "nobody rated: what the stage says"
    assert _next({**FOUNDER, **_rated(1, "growth"), **_rated(4, "product_marketing")}).startswith(rule.hire)
    covered = {**FOUNDER, **_rated(4, "growth"), **_rated(3, "product_marketing")}
    assert _next(covered).startswith("No hire is called for")
    one_short = covered | {"skills/ann/technical_confidence/self": 1}
    assert _next(one_short).startswith("Hire for Technical confidence:")


@pytest.mark.parametrize(
    ("ratings", "focus", "said"),
    [
        ({**_rated(4, "product_marketing"), **_rated(2, "growth")}, "product_marketing", "Go deeper in product marketing"),
        ({**_rated(4, "product_marketing"), **_rated(2, "growth")}, "growth", "Grow towards growth"),
        ({**_rated(2, "product_marketing"), **_rated(4, "growth")}, "growth", "Go deeper in growth"),
        ({**_rated(2, "product_marketing"), **_rated(4, "growth")}, "both", "Grow towards product marketing"),
        ({**_rated(3, "product_marketing"), **_rated(3, "growth")}, "growth", "Go deeper in growth"),
        ({**_rated(4, "growth")}, "", "Your strength is growth"),
        ({}, "growth", "Grow towards measurement"),
        ({}, "", "Can't tell yet which way to grow"),
    ],
)  # fmt: skip
def test_which_way_to_grow_starts_from_ones_own_craft(ratings: dict[str, int], focus: str, said: str) -> None:
    book = fold({"people/ann/name": "Ann", **ratings} | ({"stage/decision": focus} if focus else {}))
    placed = stage(book, {})
    move = grow(book, placed, team(book, placed).levels, "ann")
    assert move.text.startswith(said)
    assert bool(move.steps) is bool(ratings)


def test_unowned_areas_need_a_touched_map() -> None:
    book = fold({"owns/message_architecture/today": "Marketing"})
    result = team(book, stage(book, {}))
    assert len(result.unowned) == 5
    assert team(EMPTY, stage(EMPTY, {})).unowned == ()
    card = scorecard("growth", result, stage(book, {}).kpis)
    assert card.areas
    assert len(card.competencies) == 4
    assert all("not measured yet" in measure for measure in card.measures)

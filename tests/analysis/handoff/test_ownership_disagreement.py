import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.analysis.handoff.ownership_disagreement import compare_owners, entropy, krippendorff_alpha
from lib.workbook.model import Owns


def test_three_agree_is_zero_bits_and_an_even_split_is_one() -> None:
    assert entropy(["Growth"] * 3) == 0
    assert entropy(["Growth", "Growth", "Marketing", "Marketing"]) == 1
    assert entropy(["a", "b", "c", "d"]) == 2
    assert entropy([]) == 0


def test_alpha_by_hand() -> None:
    # Answers aa, bb, ab: n = 6, a 3, b 3. Coincidences off the diagonal: 2 / 1 = 2. Expected 36 - 18 = 18.
    # alpha = 1 - 5 * 2 / 18 = 0.4444
    assert krippendorff_alpha([["a", "a"], ["b", "b"], ["a", "b"]]) == pytest.approx(1 - 10 / 18)


def test_alpha_of_the_published_example_with_gaps() -> None:
    # Three observers, fifteen units, missing answers: nominal alpha 0.691.
    a = ["*", "*", "*", "*", "*", "3", "4", "1", "2", "1", "1", "3", "3", "*", "3"]
    b = ["1", "*", "2", "1", "3", "3", "4", "3", "*", "*", "*", "*", "*", "*", "*"]
    c = ["*", "*", "2", "1", "3", "4", "4", "*", "2", "1", "1", "3", "3", "*", "4"]
    rows = [[value for value in unit if value != "*"] for unit in zip(a, b, c, strict=True)]
    assert krippendorff_alpha(rows) == pytest.approx(0.691, abs=0.0005)


def test_alpha_is_silent_when_there_is_nothing_to_tell_apart() -> None:
    assert math.isnan(krippendorff_alpha([["a", "a"], ["a", "a"]]))
    assert math.isnan(krippendorff_alpha([["a"], ["b"]]))


@given(st.lists(st.lists(st.sampled_from("abc"), min_size=2, max_size=5), min_size=1, max_size=8))
def test_alpha_never_passes_one_and_full_agreement_is_one(rows: list[list[str]]) -> None:
    found = krippendorff_alpha(rows)
    assert math.isnan(found) or found <= 1
    agreed = krippendorff_alpha([[row[0]] * len(row) for row in rows])
    assert math.isnan(agreed) or agreed == pytest.approx(1)


def test_rows_are_ranked_and_the_pattern_is_named() -> None:
    owns = {
        "trial": Owns(
            marketing_today="Marketing", growth_today="Growth", marketing_should="Both", growth_should="Both"
        ),
        "first": Owns(
            marketing_today="Growth", growth_today="Marketing", resolved="Growth", dissent="Ana: not alone"
        ),
        "paid": Owns(marketing_today="Growth", growth_today="Growth"),
        "gone": Owns(marketing_today="Growth", growth_today="Marketing"),
        "lone": Owns(marketing_today="Growth"),
    }
    found = compare_owners(
        owns, {"trial": "Trial", "first": "First value", "paid": "Paying", "lone": "Lone", "none": "None"}
    )
    assert [row.id for row in found.rows][:2] == ["first", "trial"]
    assert {row.id: row.pattern for row in found.rows} == {
        "trial": "both_claim", "first": "each_says_other", "paid": "agree", "lone": "",
    }  # fmt: skip
    assert [row.id for row in found.contested] == ["first", "trial"]
    assert found.rows[0].dissent == "Ana: not alone"
    assert found.evidence is not None
    assert found.evidence.rows[0][:2] == (4, 2)


def test_votes_of_a_room_are_counted_with_the_two_sides() -> None:
    votes = {"trial": {"today": [("Lena", "Growth"), ("Mo", "Growth")]}}
    found = compare_owners({"trial": Owns(marketing_today="Growth")}, {"trial": "Trial"}, votes)
    assert found.rows[0].bits_today == 0
    assert len(found.rows[0].today) == 3


def test_nobody_has_answered() -> None:
    assert compare_owners({}, {"trial": "Trial"}).evidence is None

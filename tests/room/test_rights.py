"""The role grid against a table written independently of lib/room/rights.py."""

import itertools

import pytest

from lib.errors import NotAllowedError
from lib.room import rights

# Who may do it at all, and in which states, written out by hand from how a session is meant to run.
EXPECTED = {
    "join": ("ofpv", "lobby open closed revealed"),
    "answer": ("fp", "open"),
    "answer_for": ("of", "open"),
    "see_own": ("ofpv", "lobby open closed revealed ended"),
    "see_counts": ("ofpv", "lobby open closed revealed ended"),
    "see_texts": ("of", "closed revealed ended"),
    "see_answers": ("ofpv", "revealed ended"),
    "open_round": ("of", "lobby closed revealed"),
    "close_round": ("of", "open"),
    "reopen_round": ("of", "closed"),
    "reveal": ("of", "closed"),
    "moderate": ("of", "closed"),
    "step": ("of", "lobby open closed revealed"),
    "edit_agenda": ("of", "lobby open closed revealed"),
    "undo": ("of", "lobby open closed revealed ended"),
    "resolve": ("of", "revealed ended"),
    "withdraw": ("of", "lobby open closed revealed ended"),
    "add_action": ("of", "lobby open closed revealed ended"),
    "park": ("ofp", "lobby open closed revealed"),
    "end": ("of", "lobby open closed revealed"),
    "delete_answers": ("of", "lobby open closed revealed ended"),
    "delete_own": ("ofpv", "lobby open closed revealed ended"),
    "remove_person": ("of", "lobby open closed revealed ended"),
    "export": ("of", "lobby open closed revealed ended"),
    "change_code": ("of", "lobby open closed revealed"),
}
GRID = list(itertools.product(rights.ROLES, EXPECTED, rights.STATES))


def test_every_action_is_in_the_table() -> None:
    assert set(rights.ACTIONS) == set(EXPECTED)


@pytest.mark.parametrize(("role", "action", "state"), GRID, ids=lambda x: x)
def test_grid(role: str, action: str, state: str) -> None:
    roles, states = EXPECTED[action]
    expected = role[0] in roles and state in states.split()
    assert rights.allowed(role, action, state) is expected
    if expected:
        rights.require(role, action, state)
    else:
        with pytest.raises(NotAllowedError):
            rights.require(role, action, state)


def test_an_unknown_role_may_nothing() -> None:
    assert not any(
        rights.allowed("stranger", action, state) for action in EXPECTED for state in rights.STATES
    )

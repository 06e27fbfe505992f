"""Who may do what in a room, and when: one table, asked wherever data change."""

from __future__ import annotations

from lib.errors import NotAllowedError

ROLES = ("owner", "facilitator", "participant", "viewer")
STATES = ("lobby", "open", "closed", "revealed", "ended")

_HOST = frozenset({"owner", "facilitator"})
_VOICE = frozenset({"facilitator", "participant"})
_ALL = frozenset(ROLES)
_LIVE = frozenset({"lobby", "open", "closed", "revealed"})

# action -> (roles, states). `open`, `closed`, `revealed` are states of the current round.
_TABLE: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "join": (_ALL, _LIVE),
    "answer": (_VOICE, frozenset({"open"})),
    "answer_for": (_HOST, frozenset({"open"})),  # for somebody without a device
    "see_own": (_ALL, frozenset(STATES)),
    "see_counts": (_ALL, frozenset(STATES)),
    "see_texts": (_HOST, frozenset({"closed", "revealed", "ended"})),  # to moderate before the reveal
    "see_answers": (_ALL, frozenset({"revealed", "ended"})),
    "open_round": (_HOST, frozenset({"lobby", "closed", "revealed"})),
    "close_round": (_HOST, frozenset({"open"})),
    "reopen_round": (_HOST, frozenset({"closed"})),
    "reveal": (_HOST, frozenset({"closed"})),
    "moderate": (_HOST, frozenset({"closed"})),
    "step": (_HOST, _LIVE),
    "edit_agenda": (_HOST, _LIVE),
    "undo": (_HOST, frozenset(STATES)),
    "resolve": (_HOST, frozenset({"revealed", "ended"})),
    "withdraw": (_HOST, frozenset(STATES)),
    "add_action": (_HOST, frozenset(STATES)),
    "park": (_ALL - {"viewer"}, _LIVE),
    "end": (_HOST, _LIVE),
    "delete_answers": (_HOST, frozenset(STATES)),
    "delete_own": (_ALL, frozenset(STATES)),  # everybody their own, at any time
    "remove_person": (_HOST, frozenset(STATES)),
    "export": (_HOST, frozenset(STATES)),
    "change_code": (_HOST, _LIVE),
}
ACTIONS = tuple(_TABLE)


def allowed(role: str, action: str, state: str) -> bool:
    """Whether a role may do this while the room is in this state.

    >>> allowed("participant", "answer", "open"), allowed("participant", "reveal", "closed")
    (True, False)
    """
    roles, states = _TABLE[action]
    return role in roles and state in states


def require(role: str, action: str, state: str) -> None:
    """Refuse what `allowed` does not allow.

    Raises:
        NotAllowedError: With the reason and what to do.
    """
    roles, _ = _TABLE[action]
    if role not in roles:
        raise NotAllowedError("Only the facilitator can do this.", "Ask the person who opened the room.")
    if not allowed(role, action, state):
        raise NotAllowedError(_WRONG_TIME[action], "Reload to see where the room stands.")


_WRONG_TIME = dict.fromkeys(_TABLE, "This is not possible at this point of the session.") | {
    "answer": "This round is closed, so the answer was not counted.",
    "answer_for": "This round is closed, so the answer was not counted.",
    "see_answers": "Answers stay private until they are revealed to everybody.",
    "reveal": "Close the round before revealing it.",
    "open_round": "A round is open already.",
}

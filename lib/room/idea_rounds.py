"""Ways to find out which idea comes first: dots, a ranking, ICE or RICE.

Many ideas first lose most of their number to dots or a ranking (diverge, then converge); only those in front are scored,
because nobody answers forty scales on a phone.
"""

from __future__ import annotations

from collections.abc import Mapping

from lib.room.questions import AnswerOption, RoomQuestion
from lib.workbook.model import Workbook
from lib.workbook.sections.experiments import Idea

METHODS: Mapping[str, str] = {
    "dots": "Dot vote: three dots each",
    "ranking": "Ranking: best first",
    "ice": "ICE: impact, confidence, ease",
    "rice": "RICE: reach, impact, confidence, effort",
}
_SCORED = {"ice": 4, "rice": 3}  # ideas that a scoring round asks about: twelve questions at most
_IMPACT, _CONFIDENCE, _EASE = (
    ("impact", "impact if it works"),
    ("confidence", "how sure are you"),
    ("ease", "how easy"),
)
_REACH = tuple(AnswerOption(str(n), f"About {n:,}") for n in (10, 100, 1_000, 10_000, 100_000))
_EFFORT = tuple(
    AnswerOption(value, label)
    for value, label in (
        ("0.25", "A week of one person"),
        ("0.5", "Two weeks"),
        ("1", "A month"),
        ("2", "Two months"),
        ("3", "Three months"),
        ("6", "Half a year"),
    )
)


def questions(workbook: Workbook, method: str = "") -> tuple[RoomQuestion, ...]:
    """The questions of one round.

    Args:
        workbook: Its open ideas are asked about; those with most dots first.
        method: One of METHODS; "" is dots.
    """
    ideas = front(workbook)
    if not ideas:
        return ()
    options = tuple(AnswerOption(id, idea.name or idea.believe or id) for id, idea in ideas.items())
    if method == "ranking":
        return (RoomQuestion("ideas/ranking", "ranking", "Put them in order, best first", options),)
    if method in ("ice", "rice"):
        asked = [
            item for id, idea in list(ideas.items())[: _SCORED[method]] for item in _scores(id, idea, method)
        ]
        return tuple(asked)
    return (RoomQuestion("ideas/dots", "dots", "Spend your three dots", options, high=3),)


def front(workbook: Workbook) -> dict[str, Idea]:
    """Ideas that are still open, those with most dots of earlier rounds first."""
    dots = workbook.room
    still = {id: idea for id, idea in workbook.ideas.items() if idea.status not in ("done", "not_test")}

    def given(id: str) -> int:
        count = dots.get(f"dots/{id}")
        return count if isinstance(count, int) else 0

    return {id: still[id] for id in sorted(still, key=lambda id: (-given(id), id))}


def _scores(id: str, idea: Idea, method: str) -> list[RoomQuestion]:
    name = idea.name or idea.believe or id
    scale = [_IMPACT, _CONFIDENCE, *([_EASE] if method == "ice" else [])]
    made = [
        RoomQuestion(
            f"ideas/{id}/{field}",
            "scale",
            f"{name}: {label}",
            low=1,
            high=10,
            low_label="low",
            high_label="high",
        )
        for field, label in scale
    ]
    if method == "ice":
        return made
    effort = RoomQuestion(
        f"ideas/{id}/effort", "single", f"{name}: how much work, of all people together?", _EFFORT
    )
    if idea.weekly_users:  # measured already: no guess replaces it
        return [*made, effort]
    reach = RoomQuestion(
        f"ideas/{id}/weekly_users", "single", f"{name}: how many people does it reach a week?", _REACH
    )
    return [reach, *made, effort]

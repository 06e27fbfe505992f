"""The question types of the room, one entry each: whoever adds one adds it here, and nowhere else.

An entry says how a question of the type is asked, which answers it takes, how answers are counted after the reveal, and
whether the room settles it. Phones (`room_assets/participant.js`) and the facilitator's page (`room_settle`) draw forms by
the entry's `form`, so a type that is asked by a form that exists needs no line in either.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lib.errors import DataError
from lib.room.questions import RoomQuestion

MAX_TEXT = 400  # characters of a free text
FORMS = ("radio", "checkboxes", "scale", "dots", "order", "text")


@dataclass(frozen=True)
class QuestionType:
    """How one type of question is asked, checked, counted and settled.

    Attributes:
        name: What a facilitator chooses it by.
        form: One of FORMS: how phones and the facilitator's page ask for it.
        accepts: Whether a value that came from outside is an answer to a question of this type.
        values: What its answers are counted by, in order; () for free text.
        count: Puts one answer into the counts, given how many values there are.
        has_options: Whether people choose among options.
        is_choice: Everybody gives one of the options: two sides can stand apart, and the room settles on one.
        is_number: Everybody gives a number: the result has a middle and a spread.
        unit: What its counts are, where they are not people.
        shows_empty: Whether the result shows values that nobody gave.
        own: Fields of a facilitator's own question of this type.
    """

    name: str
    form: str
    accepts: Callable[[RoomQuestion, Any], bool]
    values: Callable[[RoomQuestion], Sequence[str]]
    count: Callable[[Counter[str], Any, int], None]
    has_options: bool = True
    is_choice: bool = False
    is_number: bool = False
    unit: str = ""
    shows_empty: bool = False
    own: Mapping[str, Any] = field(default_factory=dict)


def of(question: RoomQuestion) -> QuestionType:
    """The type of a question.

    >>> from lib.room.questions import RoomQuestion
    >>> of(RoomQuestion("checkin", "text", "What should be settled?")).form
    'text'
    """
    return TYPES[question.type]


def check(question: RoomQuestion, value: Any) -> Any:
    """The answer as it is stored.

    Args:
        question: What was asked.
        value: What came from a phone: text, number, list of texts, or text -> number; None abstains.

    Raises:
        DataError: It is not an answer to this question.
    """
    if value is None:
        return None
    if not of(question).accepts(question, value):
        raise DataError("That is not an answer to this question.", "Choose one of the answers shown.")
    return value.strip() if isinstance(value, str) and not question.options else value


def is_settled(question: RoomQuestion) -> bool:
    """Whether the room decides on one of the question's options."""
    return of(question).is_choice and not question.is_detail


def _known(question: RoomQuestion) -> list[str]:
    return [option.value for option in question.options]


def _steps(question: RoomQuestion) -> list[str]:
    return [str(number) for number in range(question.low, question.high + 1)]


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_option(question: RoomQuestion, value: Any) -> bool:
    return isinstance(value, str) and value in _known(question)


def _is_subset(question: RoomQuestion, value: Any) -> bool:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        return False
    return len(set(value)) == len(value) and set(value) <= set(_known(question))


def _is_order(question: RoomQuestion, value: Any) -> bool:
    return _is_subset(question, value) and len(value) == len(question.options)


def _is_step(question: RoomQuestion, value: Any) -> bool:
    return _is_whole(value) and question.low <= value <= question.high


def _are_dots(question: RoomQuestion, value: Any) -> bool:
    if not isinstance(value, dict) or not set(value) <= set(_known(question)):
        return False
    counts = list(value.values())
    return all(_is_whole(count) and count >= 0 for count in counts) and sum(counts) <= question.high


def _is_text(_: RoomQuestion, value: Any) -> bool:
    return isinstance(value, str) and len(value) <= MAX_TEXT


def _one(total: Counter[str], value: Any, _: int) -> None:
    total[str(value)] += 1


def _each(total: Counter[str], value: Any, _: int) -> None:
    total.update(value)


def _points(total: Counter[str], value: Any, size: int) -> None:
    """Borda count: the first of n gets n - 1 points."""
    total.update({item: size - 1 - place for place, item in enumerate(value)})


TYPES: Mapping[str, QuestionType] = {
    "single": QuestionType("One choice", "radio", _is_option, _known, _one, is_choice=True),
    "multiple": QuestionType("Several choices", "checkboxes", _is_subset, _known, _each),
    "scale": QuestionType("Scale from 1 to 5", "scale", _is_step, _steps, _one, has_options=False, is_number=True,
                          own={"low_label": "not at all", "high_label": "fully"}),
    "dots": QuestionType("Three dots to spend", "dots", _are_dots, _known, _each, unit="Dots given", own={"high": 3}),
    "ranking": QuestionType("Ranking", "order", _is_order, _known, _points, shows_empty=True,
                            unit="Points: the more, the further up"),
    "text": QuestionType("A short text", "text", _is_text, lambda _: (), lambda *_: None, has_options=False),
}  # fmt: skip

"""The six question types that a phone can answer, and the check of what comes back from one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from lib.errors import DataError

Type = Literal["single", "multiple", "scale", "dots", "ranking", "text"]
MAX_TEXT = 400


@dataclass(frozen=True)
class AnswerOption:
    """One choice."""

    value: str
    label: str


@dataclass(frozen=True)
class RoomQuestion:
    """One question on one screen.

    Attributes:
        id: Unique in its round; names the workbook row it is about: "stage:trial", "metric:nps".
        type: single | multiple | scale | dots | ranking | text.
        text: The question, a short sentence.
        options: Choices of single, multiple, dots and ranking.
        low, high: Ends of a scale; for dots, `high` is the number of dots to give away.
        low_label, high_label: What the ends mean.
        hint: One line of help.
        is_detail: It only completes the question before it (where, by when): nobody settles or disputes it.
    """

    id: str
    type: Type
    text: str
    options: tuple[AnswerOption, ...] = ()
    low: int = 1
    high: int = 5
    low_label: str = ""
    high_label: str = ""
    hint: str = ""
    is_detail: bool = False

    def as_json(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)


def from_json(data: Mapping[str, Any]) -> RoomQuestion:
    """A question from plain data."""
    options = tuple(AnswerOption(o["value"], o["label"]) for o in data.get("options", ()))
    return RoomQuestion(**{**data, "options": options})


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
    known = {option.value for option in question.options}
    checks = {
        "single": lambda: isinstance(value, str) and value in known,
        "multiple": lambda: _is_subset(value, known),
        "scale": lambda: (
            isinstance(value, int) and not isinstance(value, bool) and question.low <= value <= question.high
        ),
        "dots": lambda: _are_dots(value, known, question.high),
        "ranking": lambda: _is_subset(value, known) and len(value) == len(known),
        "text": lambda: isinstance(value, str) and len(value) <= MAX_TEXT,
    }
    if not checks[question.type]():
        raise DataError("That is not an answer to this question.", "Choose one of the answers shown.")
    return value.strip() if question.type == "text" else value


def _is_subset(value: Any, known: set[str]) -> bool:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        return False
    return len(set(value)) == len(value) and set(value) <= known


def _are_dots(value: Any, known: set[str], dots: int) -> bool:
    if not isinstance(value, dict) or not set(value) <= known:
        return False
    counts = list(value.values())
    if any(not isinstance(count, int) or isinstance(count, bool) or count < 0 for count in counts):
        return False
    return sum(counts) <= dots

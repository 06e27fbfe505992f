"""A question as it is asked: the same on phones, on the board and in the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


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
        type: One of `question_types.TYPES`.
        text: The question, a short sentence.
        options: Choices of single, multiple, dots and ranking.
        low, high: Ends of a scale; for dots, `high` is the number of dots to give away.
        low_label, high_label: What the ends mean.
        hint: One line of help.
        is_detail: It only completes the question before it (where, by when): nobody settles or disputes it.
    """

    id: str
    type: str
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

"""What the store hands over: events, answers, clashes, one workbook at one revision."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lib.workbook.model import Workbook, fits

NAME_KEY = (
    "workbook/name"  # the workbook's name is an answer too, so renaming is in the history and can be undone
)


def now() -> str:
    """The time, ISO 8601 UTC with milliseconds."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")


@dataclass(frozen=True)
class Event:
    """One answer given once.

    Attributes:
        rev: Revision of the workbook that this event made.
        key: Answer's key, `section/field` or `section/id/field`.
        value: JSON value; None clears the answer.
        base: Revision of this answer that the author saw; None when nothing was compared.
        author: Who, as shown to others.
        at: When, ISO 8601 UTC.
        step: Id shared by the events that are undone together.
        undoes: "" for a plain save, `undo:<step>` or `redo:<step>`.
        note: What the step was, when it was more than one answer: "Add metric NPS".
    """

    rev: int
    key: str
    value: Any
    base: int | None
    author: str
    at: str
    step: str
    undoes: str = ""
    note: str = ""


@dataclass(frozen=True)
class StandingAnswer:
    """The current value of one key and where it came from."""

    value: Any
    rev: int
    author: str
    at: str


@dataclass(frozen=True)
class Conflict:
    """Somebody changed an answer since it was read.

    Attributes:
        key: The answer.
        mine: What was to be saved.
        theirs: What stands there now.
        by: Who wrote it.
        at: When, ISO 8601 UTC.
        rev: Its revision: save again with this as base to keep mine.
    """

    key: str
    mine: Any
    theirs: Any
    by: str
    at: str
    rev: int


@dataclass(frozen=True)
class Saved:
    """What a save did.

    Attributes:
        rev: The workbook's revision afterwards.
        step: Id of the step; "" when nothing had to be written.
        conflicts: Answers that somebody else changed; not empty means that nothing was written.
    """

    rev: int
    step: str = ""
    conflicts: tuple[Conflict, ...] = ()


@dataclass(frozen=True)
class Snapshot:
    """One workbook at one revision.

    Attributes:
        workbook: Typed fold of all answers.
        answers: Key -> Answer, cleared answers included (value None).
        saved_at: Time of the last event, "" when there is none.
        saved_by: Its author.
    """

    workbook: Workbook
    answers: Mapping[str, StandingAnswer] = field(default_factory=dict)
    saved_at: str = ""
    saved_by: str = ""

    @property
    def id(self) -> str:
        """The workbook's id, "" when there is no workbook yet."""
        return self.workbook.id

    @property
    def rev(self) -> int:
        """The revision."""
        return self.workbook.rev

    def value(self, key: str, default: Any = None) -> Any:
        """The current value of an answer; `default` for none, and for one that no longer fits its field."""
        answer = self.answers.get(key)
        return (
            default if answer is None or answer.value is None or not fits(key, answer.value) else answer.value
        )

    def rev_of(self, key: str) -> int:
        """Revision of an answer, 0 when it was never given."""
        answer = self.answers.get(key)
        return answer.rev if answer else 0


@dataclass(frozen=True)
class WorkbookEntry:
    """One workbook in the list of workbooks."""

    id: str
    name: str
    rev: int
    created_at: str
    changed_at: str
    deleted_at: str | None = None


@dataclass(frozen=True)
class Visitor:
    """Somebody who has a page open."""

    id: str
    name: str
    page: str
    seen_at: str

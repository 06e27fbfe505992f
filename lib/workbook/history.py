"""Who changed what, when: the log in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lib.workbook.events import NAME_KEY, Event
from lib.workbook.model import RECORDS, SINGLES

_SECTIONS = {
    "settings": "Setting", "datasets": "Data", "channels": "Channel", "metrics": "Metric",
    "contracts": "Shared contract", "north_star": "North Star", "inputs": "North Star input",
    "stages": "Journey stage", "handoffs": "Handoff", "insights": "Insight", "ideas": "Idea",
    "experiments": "Experiment", "learnings": "Learning", "stage": "Stage question", "terms": "Glossary",
    "rituals": "Cadence", "people": "Person", "skills": "Skill", "actions": "Action", "challenges": "Challenge",
    "queries": "Query", "owns": "Ownership", "summary": "Summary", "reviews": "Review", "room": "Workshop",
}  # fmt: skip
_NAMING = ("name", "word", "text", "because")  # fields that say which record it is, best first
_SHOWN = 80  # characters of a value in a line
SOMEBODY = "a team member"  # who rated stays private
_RATING = "Skill rating, private"
_HIDDEN = "(private)"


@dataclass(frozen=True)
class AnswerChange:
    """One answer that changed in a step.

    Attributes:
        key: The answer.
        label: "Metric NPS: owners".
        before: What stood there, written for a person; "" for nothing.
        after: What stands there since; "" for cleared.
    """

    key: str
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class HistoryStep:
    """One line of the history.

    Attributes:
        id: The step's id.
        rev: Revision after it: restore to this.
        at: ISO 8601 UTC.
        author: Who.
        title: What it was, in words.
        changes: Each answer it changed.
        kind: save | undo | redo.
    """

    id: str
    rev: int
    at: str
    author: str
    title: str
    changes: tuple[AnswerChange, ...]
    kind: str


def is_private(key: str) -> bool:
    """Whether an answer is somebody's rating of a person, which is shown to others only as a mean.

    >>> is_private("skills/ann/messaging/p1"), is_private("skills/hiring"), is_private("metrics/m1/owners")
    (True, False, False)
    """
    section, _, rest = key.partition("/")
    return section == "skills" and rest.count("/") >= 2


def write(value: Any) -> str:
    """An answer's value for a person.

    >>> write(["Marketing", "Growth"]), write(True), write(None), write(0.5)
    ('Marketing, Growth', 'yes', '', '0.5')
    """
    if value is None or value == "" or value == []:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return _short(", ".join(write(item) for item in value))
    if isinstance(value, dict):
        return _short(", ".join(f"{key}: {write(item)}" for key, item in value.items()))
    return _short(str(value))


def label(key: str, names: Mapping[str, str] | None = None) -> str:
    """A key in words.

    Args:
        key: The answer's key.
        names: `section/id` -> what people call that record.

    >>> label("metrics/m1/owners", {"metrics/m1": "NPS"}), label("settings/week_start")
    ('Metric NPS: owners', 'Setting: week start')
    """
    if key == NAME_KEY:
        return "Workbook name"
    if is_private(key):
        return _RATING
    section, _, rest = key.partition("/")
    head = _SECTIONS.get(section, section.replace("_", " ").capitalize())
    if section in RECORDS:
        record, _, field = rest.rpartition("/")
        name = (names or {}).get(f"{section}/{record}", "")
        return f"{head} {name}".strip() + f": {_words(field)}"
    return f"{head}: {_words(rest)}"


def describe(group: Sequence[Event], names: Mapping[str, str] | None = None) -> str:
    """One step in words: its note, else its only answer, else how many answers it changed."""
    if group[0].note:
        return group[0].note
    names = {**(names or {}), **_naming(group)}
    first = label(group[0].key, names)
    return first if len(group) == 1 else f"{first} and {len(group) - 1} more"


def steps(log: Sequence[Event], newest_first: bool = True) -> list[HistoryStep]:
    """The log as steps with the value before and after each change.

    Ratings of people keep to themselves who gave them, to whom, and which.
    """
    names: dict[str, str] = {}
    state: dict[str, Any] = {}
    found: list[HistoryStep] = []
    for group in _grouped(log):
        names.update(_naming(group))
        changes = []
        for event in group:
            changes.append(_change(event, state.get(event.key), names))
            state[event.key] = event.value
        last = group[-1]
        is_rating = all(is_private(event.key) for event in group)
        kind = last.undoes.partition(":")[0] or "save"
        title = {"save": "", "undo": "Undo: ", "redo": "Redo: "}[kind]
        title += _RATING if is_rating else describe(group, names)
        author = SOMEBODY if is_rating else last.author
        found.append(HistoryStep(last.step, last.rev, last.at, author, title, tuple(changes), kind))
    return found[::-1] if newest_first else found


def _change(event: Event, before: Any, names: Mapping[str, str]) -> AnswerChange:
    if is_private(event.key):
        return AnswerChange("skills", _RATING, "", _HIDDEN)
    return AnswerChange(event.key, label(event.key, names), write(before), write(event.value))


def _grouped(log: Sequence[Event]) -> list[list[Event]]:
    groups: list[list[Event]] = []
    for event in log:
        if groups and groups[-1][0].step == event.step:
            groups[-1].append(event)
        else:
            groups.append([event])
    return groups


def _naming(group: Sequence[Event]) -> dict[str, str]:
    found: dict[str, str] = {}
    for wanted in reversed(_NAMING):
        for event in group:
            head, _, field = event.key.rpartition("/")
            if field == wanted and isinstance(event.value, str) and event.value and head not in SINGLES:
                found[head] = _short(event.value)
    return found


def _words(field: str) -> str:
    return field.replace("_", " ").replace("/", " · ")


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1].rstrip() + "…"

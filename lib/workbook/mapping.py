"""Between rows of the database and the store's own objects, and the checks in between."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from lib.errors import DataError
from lib.workbook.database import events
from lib.workbook.events import NAME_KEY, Conflict, Event, Snapshot, StandingAnswer, WorkbookEntry
from lib.workbook.model import check, fold, refold

MAX_VALUE = 200_000  # characters of JSON in one answer
MAX_NAME = 120


def to_event(row: Any) -> Event:
    """An event from its row."""
    return Event(
        row.rev, row.key, json.loads(row.value), row.base, row.author, row.at, row.step, row.undoes, row.note
    )


def from_event(event: Event) -> dict[str, Any]:
    """The row of an event, without its workbook."""
    return {**event.__dict__, "value": dump(event.value)}


def to_entry(row: Any) -> WorkbookEntry:
    """A line of the list of workbooks, from its row."""
    return WorkbookEntry(row.id, row.name, row.rev, row.created_at, row.changed_at, row.deleted_at)


def dump(value: Any) -> str:
    """A value as compact JSON.

    Raises:
        ValueError: It holds NaN or infinity.
        TypeError: It is no JSON value.
    """
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def clean(key: str, value: Any) -> Any:
    """The value as JSON gives it back, checked.

    Raises:
        DataError: It does not fit its field.
    """
    if key == NAME_KEY:
        name = " ".join(str(value or "").split())
        if not name or len(name) > MAX_NAME:
            raise DataError(
                f"A workbook's name has 1 to {MAX_NAME} characters.", "Type a shorter or longer name."
            )
        return name
    try:
        text = dump(value)
    except (TypeError, ValueError) as error:
        raise DataError(
            "This value cannot be kept in a workbook.", "Enter a text, number, date or choice."
        ) from error
    if len(text) > MAX_VALUE:
        raise DataError("This text is too long to keep.", "Shorten it below 200,000 characters.")
    value = json.loads(text)
    check(key, value)
    return value


def current_of(connection: sa.Connection, id: str, keys: list[str]) -> dict[str, Event]:
    """The last event of each of these keys that has one."""
    if not keys:
        return {}
    latest = sa.select(sa.func.max(events.c.rev)).where(events.c.workbook == id, events.c.key.in_(keys))
    query = sa.select(events).where(events.c.workbook == id, events.c.rev.in_(latest.group_by(events.c.key)))
    return {row.key: to_event(row) for row in connection.execute(query)}


def conflicts_of(
    wanted: list[tuple[str, Any]], bases: Mapping[str, int], current: dict[str, Event]
) -> tuple[Conflict, ...]:
    """Answers that changed since the author saw them, to something else than is to be saved."""
    found = []
    for key, value in wanted:
        there = current.get(key)
        if key in bases and there is not None and there.rev > bases[key] and there.value != value:
            found.append(Conflict(key, value, there.value, there.author, there.at, there.rev))
    return tuple(found)


def is_same(there: Event | None, value: Any) -> bool:
    """Whether a value already stands there."""
    before = None if there is None else there.value
    return before == value and type(before) is type(value)  # 1 == True, but they are different answers


def applied(start: Snapshot, log: Sequence[Event], id: str) -> Snapshot:
    """A snapshot brought up to date with later events."""
    if not log:
        return start
    answers = dict(start.answers)
    for event in log:
        answers[event.key] = StandingAnswer(event.value, event.rev, event.author, event.at)
    name = answers[NAME_KEY].value if NAME_KEY in answers else ""
    values = {key: item.value for key, item in answers.items()}
    if start.answers:
        book = refold(start.workbook, values, {event.key for event in log}, name=name or "", rev=log[-1].rev)
    else:
        book = fold(values, id=id, name=name or "", rev=log[-1].rev)
    return Snapshot(book, answers, log[-1].at, log[-1].author)

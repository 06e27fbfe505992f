"""What a room settles stands in the room and in its workbook, or in neither.

Both live in one database, so both are written in one transaction. Whatever refuses one of them (an answer that somebody
changed meanwhile, a value that does not fit, a workbook in the bin, a role, a full disk) refuses the other, and is told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from lib.errors import ConflictError
from lib.room import activities, outcome_rows
from lib.room.model import Outcome, Room
from lib.room.questions import RoomQuestion
from lib.room.store import ACTIONS, Rooms
from lib.workbook import store_errors
from lib.workbook.events import Saved
from lib.workbook.history import label
from lib.workbook.store import Store

Changes = list[tuple[str, Any]]


@dataclass(frozen=True)
class Hand:
    """Who acts.

    Attributes:
        role: In the room.
        author: As the workbook's history shows them.
        seen: Revision of the workbook that they saw: what somebody else changed since is not overwritten.
        own: Key -> revision of an answer that they changed themselves since.
    """

    role: str
    author: str
    seen: int
    own: Mapping[str, int] = field(default_factory=dict)

    def base(self, key: str) -> int:
        """Revision of one answer that they saw."""
        return max(self.seen, self.own.get(key, 0))


def decided(question: RoomQuestion, value: str, dissent: str, store: Store, room: Room) -> Changes:
    """What a decision changes in the workbook as it stands: the answer it is about, and the dissent that was kept."""
    changes = activities.saves(question, value, store.workbook(room.workbook))
    if dissent and question.id.startswith("owns/"):
        changes.append((question.id.rpartition("/")[0] + "/dissent", dissent))
    return changes


def decide(
    rooms: Rooms, store: Store, id: str, outcome: Outcome, question: RoomQuestion, value: str, by: Hand
) -> Saved:
    """Record a decision in the room, and in the workbook the answer that it gives.

    Args:
        rooms: The rooms' store.
        store: The workbooks' store, on the same database.
        id: The room.
        outcome: The decision in words, its dissent kept.
        question: What was decided.
        value: What the room settled on.
        by: Who acts.

    Returns:
        The workbook's revision afterwards.

    Raises:
        ConflictError: Somebody changed the answer since `by` saw it.
        UserError: Any other reason; as with a clash, nothing was saved in either place.
    """
    room, made = rooms.get(id), outcome_rows.dated(outcome)
    changes = decided(question, value, made.dissent, store, room)
    snapshot = store.snapshot(room.workbook)
    before = [[key, snapshot.value(key)] for key, _ in changes]
    kept = {**asdict(made), "session": room.name, "before": before}
    whole = [*changes, (f"room/{id}/{made.id}", kept)]
    return _both(rooms, store, room, [made], whole, by, f"Workshop: {question.text} {made.text}")


def record(
    rooms: Rooms, store: Store, id: str, outcomes: Sequence[Outcome], changes: Changes, by: Hand, note: str
) -> Saved:
    """Record outcomes that go with answers of the workbook: promises as actions, say.

    Args:
        rooms: The rooms' store.
        store: The workbooks' store, on the same database.
        id: The room.
        outcomes: What was settled, at least one and all of one kind; an id that is there already is replaced.
        changes: Answers of the workbook, (key, value).
        by: Who acts.
        note: The step in words, for the workbook's history.

    Raises:
        UserError: As `decide` does.
    """
    made = [outcome_rows.dated(outcome) for outcome in outcomes]
    return _both(rooms, store, rooms.get(id), made, changes, by, note)


def withdraw(rooms: Rooms, store: Store, id: str, outcome: Outcome, by: Hand) -> Saved:
    """Take a decision back: the room forgets it, and the workbook's answers stand as they did before it.

    Raises:
        UserError: As `decide` does.
    """
    room = rooms.get(id)
    kept = store.workbook(room.workbook).room.get(f"{id}/{outcome.id}")
    before = kept.get("before", []) if isinstance(kept, dict) else []
    changes = [*((key, value) for key, value in before), (f"room/{id}/{outcome.id}", None)]

    def write(c: sa.Connection) -> Saved:
        outcome_rows.remove(c, id, outcome.id)
        return _save(c, store, room, changes, by, f"Taken back: {outcome.text}")

    return _in_one(rooms, store, room, write, by, "withdraw")


def standing(rooms: Rooms, store: Store, id: str) -> list[Outcome]:
    """What a room settled and still stands: an undo in the workbook takes the decision back in the room too.

    Args:
        rooms: The rooms' store.
        store: The workbooks' store.
        id: The room.
    """
    room, settled = rooms.get(id), rooms.outcomes(id)
    answers = store.snapshot(room.workbook).answers if store.rev(room.workbook) else {}
    gone = {key for key, answer in answers.items() if answer.value is None}
    return [item for item in settled if f"room/{id}/{item.id}" not in gone]


def _both(
    rooms: Rooms, store: Store, room: Room, made: Sequence[Outcome], changes: Changes, by: Hand, note: str
) -> Saved:
    def write(c: sa.Connection) -> Saved:
        for outcome in made:
            outcome_rows.put(c, room.id, outcome)
        return _save(c, store, room, changes, by, note)

    return _in_one(rooms, store, room, write, by, ACTIONS[made[0].kind])


def _in_one(
    rooms: Rooms, store: Store, room: Room, write: Callable[[sa.Connection], Saved], by: Hand, action: str
) -> Saved:
    try:
        return rooms.change(room.id, write, need=(by.role, action))
    except DBAPIError as error:
        if known := store_errors.explain(error, store.home):
            raise known from error
        raise


def _save(c: sa.Connection, store: Store, room: Room, changes: Changes, by: Hand, note: str) -> Saved:
    """Save answers inside the room's transaction.

    Raises:
        ConflictError: Somebody else changed one of them; the transaction is rolled back with it.
    """
    # What stands under room/ is the session's own account, written by phones too: it is never disputed.
    seen = {key: by.base(key) for key, _ in changes if not key.startswith("room/")}
    saved = store.save_within(c, room.workbook, changes, author=by.author, bases=seen, note=note)
    if saved.conflicts:
        first = saved.conflicts[0]
        raise ConflictError(
            f"{first.by or 'Somebody'} changed {label(first.key)} meanwhile, so neither room nor workbook was changed.",
            "Look at what stands in the workbook now, then settle it again.",
        )
    return saved

"""What a room settled, as rows: read, written and taken back inside a transaction."""

from __future__ import annotations

import uuid
from dataclasses import asdict, replace

import sqlalchemy as sa

from lib.errors import DataError, LimitError
from lib.room import tables
from lib.room.model import Outcome, now

MOST = 500  # decisions, actions and parked topics of one room
out = tables.outcomes.c


def dated(outcome: Outcome) -> Outcome:
    """An outcome with its id and the time now.

    Raises:
        DataError: It says nothing.
    """
    if not outcome.text.strip():
        raise DataError("There is nothing to record yet.", "Write one sentence and save again.")
    return replace(outcome, id=outcome.id or uuid.uuid4().hex[:10], at=now())


def put(c: sa.Connection, room: str, outcome: Outcome) -> None:
    """Write an outcome; the same id again replaces it.

    Raises:
        LimitError: The room holds as many as it can.
    """
    remove(c, room, outcome.id)
    if (c.execute(sa.select(sa.func.count()).where(out.room == room)).scalar() or 0) >= MOST:
        raise LimitError("The parking lot is full.", "Take the topic up in the room.")
    c.execute(tables.outcomes.insert().values(room=room, **asdict(outcome)))


def remove(c: sa.Connection, room: str, id: str) -> None:
    """Take an outcome away."""
    c.execute(tables.outcomes.delete().where(out.room == room, out.id == id))


def read(c: sa.Connection, room: str) -> list[Outcome]:
    """Everything settled, in order."""
    names = [column.name for column in tables.outcomes.columns if column.name != "room"]
    rows = c.execute(sa.select(tables.outcomes).where(out.room == room).order_by(out.at)).mappings()
    return [Outcome(**{name: row[name] for name in names}) for row in rows]

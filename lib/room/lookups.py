"""Look-ups inside a transaction: the room, its rounds, where it stands."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from lib.errors import NotFoundError
from lib.room import tables
from lib.room.facilitator_undo import WITHDRAWN
from lib.room.model import Round, room_from, round_from

r, o = tables.rooms.c, tables.rounds.c


def need(connection: sa.Connection, id: str) -> Any:
    """A room's row.

    Raises:
        NotFoundError: No such room.
    """
    row = connection.execute(sa.select(tables.rooms).where(r.id == id)).one_or_none()
    if row is None:
        raise NotFoundError("This room is not here any more.", "Ask the facilitator for a new code.")
    return row


def rounds(connection: sa.Connection, id: str) -> list[Round]:
    """All rounds, oldest first; those whose opening was taken back are left out."""
    query = (
        sa.select(tables.rounds)
        .where(o.room == id, o.state != WITHDRAWN)
        .order_by(o.opened_at, o.number, o.id)
    )
    return [round_from(row) for row in connection.execute(query)]


def current(connection: sa.Connection, id: str) -> Round | None:
    """The latest round of the current block, None when there is none."""
    block = room_from(need(connection, id)).block
    mine = [item for item in rounds(connection, id) if block and item.block == block.id]
    return mine[-1] if mine else None


def where(connection: sa.Connection, id: str) -> str:
    """Lobby | open | closed | revealed | ended, as this transaction sees it."""
    if need(connection, id).ended_at:
        return "ended"
    asked = current(connection, id)
    return asked.state if asked else "lobby"

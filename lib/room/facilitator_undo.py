"""Undo and redo of what a facilitator did: a step of the agenda, a round opened, closed or revealed, a changed agenda.

Nothing is lost either way. A round that is taken back keeps its questions and answers, and comes back with redo.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from lib.errors import NotFoundError
from lib.room import tables
from lib.room.store_protocol import RoomStore

WITHDRAWN = "withdrawn"  # state of a round whose opening was undone
_FIELDS = ("position", "block_started_at", "started_at", "agenda", "ended_at")
r, o, s = tables.rooms.c, tables.rounds.c, tables.steps.c
State = dict[str, dict[str, Any]]


class Steps:
    """The facilitator's steps in all rooms.

    Args:
        rooms: The store they belong to.
    """

    def __init__(self, rooms: RoomStore) -> None:
        self._rooms = rooms

    def record(self, c: sa.Connection, id: str, label: str, job: Callable[[sa.Connection], Any]) -> Any:
        """Run a job inside a transaction and remember how the room stood before and after."""
        before = _state(c, id)
        result = job(c)
        after = _state(c, id)
        if before != after:
            c.execute(tables.steps.delete().where(s.room == id, s.undone.is_(True)))
            last = c.execute(sa.select(sa.func.max(s.number)).where(s.room == id)).scalar() or 0
            c.execute(
                tables.steps.insert().values(
                    room=id,
                    number=last + 1,
                    label=label,
                    before=json.dumps(before),
                    after=json.dumps(after),
                    undone=False,
                )
            )
        return result

    def can(self, id: str) -> tuple[str, str]:
        """What undo and redo would take back and bring back now, in words; "" where there is nothing."""
        with self._rooms.engine.connect() as connection:
            back, forth = _next(connection, id, undone=False), _next(connection, id, undone=True)
        return (back.label if back else "", forth.label if forth else "")

    def undo(self, id: str, role: str) -> str:
        """Take the last step back; returns what it was.

        Raises:
            NotFoundError: There is none.
        """
        return self._turn(id, role, undone=False)

    def redo(self, id: str, role: str) -> str:
        """Bring the step back that was undone last; returns what it was.

        Raises:
            NotFoundError: There is none.
        """
        return self._turn(id, role, undone=True)

    def _turn(self, id: str, role: str, *, undone: bool) -> str:
        def write(c: sa.Connection) -> str:
            step = _next(c, id, undone=undone)
            if step is None:
                raise NotFoundError("There is nothing to take back.", "Go on from here.")
            before, after = json.loads(step.before), json.loads(step.after)
            _apply(c, id, *((before, after) if undone else (after, before)))
            c.execute(
                tables.steps.update().where(s.room == id, s.number == step.number).values(undone=not undone)
            )
            return str(step.label)

        return self._rooms.change(id, write, need=(role, "undo"))


def _next(c: sa.Connection, id: str, *, undone: bool) -> Any:
    order = s.number if undone else s.number.desc()
    query = sa.select(tables.steps).where(s.room == id, s.undone.is_(undone)).order_by(order).limit(1)
    return c.execute(query).one_or_none()


def _state(c: sa.Connection, id: str) -> State:
    room = c.execute(sa.select(*(r[name] for name in _FIELDS)).where(r.id == id)).mappings().one()
    rounds = c.execute(sa.select(o.id, o.state).where(o.room == id)).all()
    return {"room": dict(room), "rounds": {row.id: row.state for row in rounds}}


def _apply(c: sa.Connection, id: str, there: State, wanted: State) -> None:
    """Set what a step changed, and only that, to how it stood."""
    fields = {name: value for name, value in wanted["room"].items() if there["room"][name] != value}
    if fields:
        c.execute(tables.rooms.update().where(r.id == id).values(fields))
    for round in there["rounds"].keys() | wanted["rounds"].keys():
        state = wanted["rounds"].get(round, WITHDRAWN)
        if there["rounds"].get(round, WITHDRAWN) != state:
            c.execute(tables.rounds.update().where(o.room == id, o.id == round).values(state=state))

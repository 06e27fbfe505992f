"""Erasing the rooms of a workbook that is erased: people, answers, steps and outcomes."""

from __future__ import annotations

import sqlalchemy as sa

from lib.room import tables
from lib.workbook import backups
from lib.workbook.purge import erase_for_good

_OF_A_ROOM = (tables.answers, tables.participants, tables.rounds, tables.steps, tables.outcomes)


def erase_rooms(engine: sa.Engine, workbook: str) -> int:
    """Erase every room of a workbook, also in the copies that a migration keeps.

    Returns:
        Rooms erased.
    """
    tables.create(engine)
    with engine.connect().execution_options(write=True) as connection, connection.begin():
        erase_for_good(connection)
        rooms = tables.rooms
        ids = list(connection.execute(sa.select(rooms.c.id).where(rooms.c.workbook == workbook)).scalars())
        for table in _OF_A_ROOM:
            connection.execute(table.delete().where(table.c.room.in_(ids)))
        connection.execute(rooms.delete().where(rooms.c.workbook == workbook))
    for id in ids:
        for table in _OF_A_ROOM:
            backups.delete(engine, table.name, {"room": id})
    backups.delete(engine, "room", {"workbook": workbook})
    return len(ids)

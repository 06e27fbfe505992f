"""Erasing a workbook for good: its log, members and data rights, also in the copies that a migration keeps.

The log is append-only for everybody who answers; what is erased here is gone whole, never rewritten.
"""

from __future__ import annotations

import sqlalchemy as sa

from lib.workbook import backups
from lib.workbook.database import events, people, workbooks

_TABLES = ("event", "member", "dataset_given")  # with a column `workbook`


def erase_workbook(engine: sa.Engine, id: str) -> int:
    """Erase one workbook; what other modules keep of it (datasets, rooms) they erase before.

    Args:
        engine: The store's.
        id: The workbook, in the bin or not.

    Returns:
        Answers erased.
    """
    with engine.connect().execution_options(write=True) as connection, connection.begin():
        erase_for_good(connection)
        count = connection.execute(events.delete().where(events.c.workbook == id)).rowcount
        for name in _TABLES[1:]:
            table = sa.table(name, sa.column("workbook"))
            connection.execute(table.delete().where(table.c.workbook == id))
        connection.execute(people.update().where(people.c.workbook == id).values(workbook="", page=""))
        connection.execute(workbooks.delete().where(workbooks.c.id == id))
    for name in _TABLES:
        backups.delete(engine, name, {"workbook": id})
    backups.delete(engine, "workbook", {"id": id})
    truncate_log(engine)
    return count


def erase_for_good(connection: sa.Connection) -> None:
    """What this connection deletes is overwritten, not only unlinked (SQLite)."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete = ON")


def truncate_log(engine: sa.Engine) -> None:
    """Empty SQLite's write-ahead log, where the pages of before still stand; a reader at work leaves it for later."""
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            raw = connection.connection.driver_connection
            connection.rollback()
            if raw is not None:
                raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")

"""Whether answers can be saved right now: one row written, read back and on disk."""

from __future__ import annotations

import uuid

import sqlalchemy as sa

from lib.workbook.database import meta

_NAME = "health"  # a row of the installation's own; no workbook holds it


def check(engine: sa.Engine) -> None:
    """Write a row and read it back, in one transaction that is then committed.

    Raises:
        sqlalchemy.exc.SQLAlchemyError, OSError: The store cannot be written or read; `trouble.explain` has the words.
        RuntimeError: It gave back something else.
    """
    mark = uuid.uuid4().hex
    with engine.connect().execution_options(write=True) as connection, connection.begin():
        done = connection.execute(meta.update().where(meta.c.name == _NAME).values(value=mark)).rowcount
        if not done:
            connection.execute(meta.insert().values(name=_NAME, value=mark))
        found = connection.execute(sa.select(meta.c.value).where(meta.c.name == _NAME)).scalar()
    if found != mark:
        raise RuntimeError("the store gave back another row than was written")

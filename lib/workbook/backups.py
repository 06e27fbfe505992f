"""Copies of a home as it stood before its tables were changed, and taking private rows out of them.

On SQLite a copy is a file beside `workbook.db`, on PostgreSQL a table beside each table. What somebody deletes for good
is deleted there too.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import sqlalchemy as sa

_TABLE = re.compile(r"(.+)_schema_\d+_\d{14}")


def copy(connection: sa.Connection, schema: int) -> None:
    """Keep a copy of everything as it stands.

    Args:
        connection: In a writing transaction, before its first change.
        schema: The schema of what is copied, part of the copy's name.
    """
    stamp = f"schema_{schema}_{dt.datetime.now(dt.UTC):%Y%m%d%H%M%S}"
    if connection.dialect.name == "sqlite":
        _copy_file(connection.engine.url.database or "", stamp)
        return
    for table in sa.inspect(connection).get_table_names():
        if not _TABLE.fullmatch(table):
            connection.exec_driver_sql(f'CREATE TABLE "{table}_{stamp}" AS TABLE "{table}"')


def files(engine: sa.Engine) -> list[Path]:
    """The copies beside a SQLite file, oldest first."""
    path = Path(engine.url.database or "")
    return sorted(path.parent.glob(f"{path.stem}_schema_*.db"))


def delete(engine: sa.Engine, table: str, where: Mapping[str, str]) -> None:
    """Delete rows for good from every copy of a table.

    Args:
        engine: Of the store.
        table: Its name.
        where: Column -> value of the rows that go.
    """
    condition = sa.and_(*(sa.column(name) == value for name, value in where.items()))
    if engine.dialect.name != "sqlite":
        copies = [name for name in sa.inspect(engine).get_table_names() if _copy_of(name) == table]
        with engine.begin() as connection:
            for name in copies:
                connection.execute(sa.delete(sa.table(name)).where(condition))
        return
    for path in files(engine):
        if sa.inspect(opened := _open(path)).has_table(table):
            with opened.begin() as connection:
                connection.exec_driver_sql("PRAGMA secure_delete = ON")  # overwritten, not only unlinked
                connection.execute(sa.delete(sa.table(table)).where(condition))
        opened.dispose()


def _copy_of(name: str) -> str:
    found = _TABLE.fullmatch(name)
    return found[1] if found else ""


def _open(path: Path) -> sa.Engine:
    return sa.create_engine(f"sqlite:///{path}", poolclass=sa.NullPool, hide_parameters=True)


def _copy_file(path: str, stamp: str) -> None:
    """Copy a SQLite file whole, its write-ahead log included; the copy appears once it is complete."""
    if path in ("", ":memory:"):
        return
    whole = Path(path)
    copied = whole.with_name(f"{whole.stem}_{stamp}.db")
    with _beside(copied) as unfinished:
        source, target = sqlite3.connect(whole), sqlite3.connect(unfinished)
        with closing(source), closing(target):
            source.backup(target)
            target.execute("PRAGMA journal_mode = DELETE")
        with unfinished.open("rb") as file:
            os.fsync(file.fileno())


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """A file for its owner alone that takes the name of `path` at the end, and is gone when something fails."""
    unfinished = path.with_suffix(".part")
    unfinished.unlink(missing_ok=True)
    os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        yield unfinished
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)

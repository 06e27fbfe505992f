"""The store's tables and its engine: SQLite in WORKBOOK_HOME, or PostgreSQL by DATABASE_URL.

`rev` is taken by `UPDATE workbook SET rev = rev + n ... RETURNING` as the first statement of the saving transaction, so
revisions are gapless and in commit order: a reader that polls `rev > n` never misses an event.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import ArgumentError

from lib.errors import UserError
from lib.workbook import schema
from lib.workbook.model import SCHEMA_VERSION

metadata = sa.MetaData()

meta = sa.Table("meta", metadata, sa.Column("name", sa.Text, primary_key=True), sa.Column("value", sa.Text))

workbooks = sa.Table(
    "workbook",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("rev", sa.Integer, nullable=False),
    sa.Column("schema", sa.Integer, nullable=False),
    sa.Column("created_at", sa.Text, nullable=False),
    sa.Column("changed_at", sa.Text, nullable=False),
    sa.Column("deleted_at", sa.Text),
)

# Append-only: no code updates or deletes a row of it.
events = sa.Table(
    "event",
    metadata,
    sa.Column("workbook", sa.Text, primary_key=True),
    sa.Column("rev", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("value", sa.Text, nullable=False),  # JSON; "null" is a cleared answer
    sa.Column("base", sa.Integer),  # revision of the answer that its author saw
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("at", sa.Text, nullable=False),  # ISO 8601 UTC
    sa.Column("step", sa.Text, nullable=False),  # events of one step are undone together
    sa.Column("undoes", sa.Text, nullable=False),  # "" | "undo:<step>" | "redo:<step>"
    sa.Column("note", sa.Text, nullable=False),
    sa.Index("event_key", "workbook", "key", "rev"),
    sa.Index("event_step", "workbook", "step"),
)

people = sa.Table(
    "person",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("workbook", sa.Text, nullable=False),
    sa.Column("page", sa.Text, nullable=False),
    sa.Column("seen_at", sa.Text, nullable=False),
)


def _url(home: Path) -> str:
    url = os.environ.get("DATABASE_URL", "")
    if not url:
        return f"sqlite:///{home / 'workbook.db'}"
    scheme, _, rest = url.partition("://")
    return f"postgresql+psycopg://{rest}" if scheme in ("postgres", "postgresql") else url


def connect(home: Path, url: str = "") -> sa.Engine:
    """An engine whose tables exist, as this program makes them.

    Args:
        home: WORKBOOK_HOME.
        url: SQLAlchemy URL; "" takes DATABASE_URL, else SQLite under `home`.

    Raises:
        UserError: DATABASE_URL is no address, its driver is missing, or a newer program wrote what is there.
    """
    url = url or _url(home)
    if not url.startswith("sqlite"):
        engine = _remote(url)
    else:
        engine = sa.create_engine(
            url, pool_size=20, max_overflow=30, connect_args={"timeout": 5}, hide_parameters=True
        )
        _listen(engine)
        event.listen(engine, "begin", _on_begin)
    event.listen(engine, "handle_error", _say_no_values)
    schema.prepare(engine, home, metadata, SCHEMA_VERSION)
    return engine


def _remote(url: str) -> sa.Engine:
    """An engine on a database server.

    Raises:
        UserError: DATABASE_URL is no address, or the driver for it is not installed.
    """
    try:
        return sa.create_engine(url, pool_pre_ping=True, pool_size=10, max_overflow=20, hide_parameters=True)
    except ModuleNotFoundError as error:
        raise UserError(
            "DATABASE_URL names a database whose driver is not installed.",
            "Run pip install 'psycopg[binary]' for PostgreSQL, or take DATABASE_URL away, then start again.",
        ) from error
    except ArgumentError as error:
        raise UserError(
            "DATABASE_URL is not the address of a database.",
            "Write postgresql://user:password@host/name, or take it away, then start again.",
        ) from error


def _listen(engine: sa.Engine) -> None:
    """Set every connection up, and refuse a file that was deleted or replaced under the server.

    An open file goes on taking answers after that, and nobody ever sees them again.
    """
    path = engine.url.database
    known: dict[str, int] = {}

    def check(*_: Any, **__: Any) -> None:
        try:
            is_same = not known or not path or os.stat(path).st_ino == known["file"]
        except OSError:
            is_same = False
        if not is_same:
            raise sqlite3.OperationalError("the database file was moved or deleted")

    def on_connect(raw: Any, record: Any) -> None:
        _on_connect(raw, record)
        if path and path != ":memory:":
            known.setdefault("file", os.stat(path).st_ino)

    event.listen(engine, "do_connect", check)  # before it opens, which would make an empty file
    event.listen(engine, "connect", on_connect)
    event.listen(engine, "checkout", check)


def _say_no_values(context: ExceptionContext) -> None:
    """Take what people answered out of a failed statement's error, which ends up in the log.

    `hide_parameters` keeps SQLAlchemy from printing them; PostgreSQL quotes them itself ("Failing row contains ...").
    """
    told, original = context.sqlalchemy_exception, context.original_exception
    if isinstance(original, sqlite3.Error):  # names tables and columns, never values
        return
    said = str(original).partition("\n")[0].partition(': "')[0]
    original.args = (said,)
    if told is not None:
        told.args = (f"({type(original).__name__}) {said}",)


def _on_connect(raw: Any, _record: Any) -> None:
    raw.isolation_level = None  # the driver must not start transactions behind our back
    for pragma in ("journal_mode=WAL", "busy_timeout=5000", "synchronous=FULL", "foreign_keys=ON"):
        raw.execute(f"PRAGMA {pragma}")


def _on_begin(connection: sa.Connection) -> None:
    # A deferred transaction that reads and then writes fails at once under load: the writer takes its lock first.
    is_write = connection.get_execution_options().get("write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_write else "BEGIN")

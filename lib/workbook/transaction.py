"""One writing transaction of the store, and what to say when it cannot be."""

from __future__ import annotations

import threading
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from lib.errors import ConflictError
from lib.workbook import store_errors

_PATIENCE = 20.0  # seconds a writer waits for the others of its process


class Write:
    """A writing transaction: BEGIN IMMEDIATE on SQLite. A busy database, a full or read-only disk become a sentence.

    Args:
        engine: The store's engine.
        home: WORKBOOK_HOME, to be named.
        line: Where the writers of this process wait for each other; None where the database has a queue of its own.
            SQLite has none: who finds it taken tries again after a sleep, up to a tenth of a second for each try.
    """

    def __init__(self, engine: sa.Engine, home: Path, line: threading.Lock | None = None) -> None:
        self._engine, self._home, self._line = engine, home, line

    def __enter__(self) -> sa.Connection:
        if self._line and not self._line.acquire(timeout=_PATIENCE):
            raise _busy()
        try:
            self._connection = self._engine.connect().execution_options(write=True)
            try:
                self._transaction = self._connection.begin()
            except BaseException:
                self._connection.close()
                raise
        except BaseException as error:
            self._leave()
            if isinstance(error, DBAPIError):
                self._tell(error)
            raise
        return self._connection

    def _leave(self) -> None:
        if self._line:
            self._line.release()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        try:
            (self._transaction.commit if kind is None else self._transaction.rollback)()
        except DBAPIError as failed:
            if kind is None:
                self._tell(failed)
                raise
        finally:
            try:
                self._connection.close()
            finally:  # whatever happened: the others must not wait for ever
                self._leave()
        if isinstance(error, DBAPIError):
            self._tell(error)

    def _tell(self, error: DBAPIError) -> None:
        """Raise the error in words; nothing happens where there are none for it."""
        if "locked" in str(error.orig):
            raise _busy() from error.orig
        if known := store_errors.explain(error, self._home):
            raise known from error


def _busy() -> ConflictError:
    return ConflictError(
        "The workbook is busy and the answer was not saved.", "Save it again in a few seconds."
    )

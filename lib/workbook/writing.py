"""One writing transaction of the store, and what to say when it cannot be."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from lib.errors import ClashError
from lib.workbook import trouble


class Write:
    """A writing transaction: BEGIN IMMEDIATE on SQLite. A busy database, a full or read-only disk become a sentence.

    Args:
        engine: The store's engine.
        home: WORKBOOK_HOME, to be named.
    """

    def __init__(self, engine: sa.Engine, home: Path) -> None:
        self._home = home
        self._connection = engine.connect().execution_options(write=True)

    def __enter__(self) -> sa.Connection:
        try:
            self._transaction = self._connection.begin()
        except DBAPIError as error:
            self._connection.close()
            self._tell(error)
            raise
        return self._connection

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        try:
            (self._transaction.commit if kind is None else self._transaction.rollback)()
        except DBAPIError as failed:
            if kind is None:
                self._tell(failed)
                raise
        finally:
            self._connection.close()
        if isinstance(error, DBAPIError):
            self._tell(error)

    def _tell(self, error: DBAPIError) -> None:
        """Raise the error in words; nothing happens where there are none for it."""
        if "locked" in str(error.orig):
            raise ClashError(
                "The workbook is busy and the answer was not saved.", "Save it again in a few seconds."
            ) from error.orig
        if known := trouble.explain(error, self._home):
            raise known from error

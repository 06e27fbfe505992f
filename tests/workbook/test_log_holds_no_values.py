"""A failed statement tells its place in the log, and never what somebody answered."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from lib.engine.intake.process import _without_values
from lib.workbook import backups
from lib.workbook.database import connect, events, workbooks

pytestmark = pytest.mark.usefixtures("database")
SECRET = "Ann gave Ben a two"


def _logged(caplog: pytest.LogCaptureFixture, error: BaseException) -> str:
    with caplog.at_level(logging.ERROR):
        logging.getLogger("workbook").error("a page failed", exc_info=error)
    return caplog.text + "".join(traceback.format_exception(error))


def _failure(engine: sa.Engine, statement: sa.Executable) -> DBAPIError | None:
    try:
        with engine.begin() as connection:
            connection.execute(statement).close()
    except DBAPIError as error:
        return error
    return None


@pytest.mark.parametrize(
    "statement",
    [
        events.insert().values(workbook=SECRET, rev=1, key=SECRET, value=SECRET),
        workbooks.update().values(rev=sa.bindparam("r", SECRET, type_=sa.Text)).where(workbooks.c.id == "w"),
        sa.text("SELECT * FROM event WHERE nothing_like_that = :value").bindparams(value=SECRET),
        sa.text("SELECT CAST(:value AS INTEGER) FROM no_such_table").bindparams(value=SECRET),
        sa.text("SELECT CAST(:value AS INTEGER) / (rev - rev) FROM workbook").bindparams(value=SECRET),
    ],
)
def test_a_failed_statement_is_logged_without_values(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, statement: sa.Executable, database: str
) -> None:
    engine = connect(tmp_path)
    at = "2026-01-01T00:00:00"
    with engine.begin() as connection:
        connection.execute(
            workbooks.insert().values(id="w", name="n", rev=1, schema=1, created_at=at, changed_at=at)
        )
    error = _failure(engine, statement)
    if error is None:
        assert database == "sqlite", "SQLite takes a text for a number"
        return
    told = _logged(caplog, error)
    assert "Ann" not in told
    assert type(error.orig).__name__ in told, "what kind of trouble it was stays"
    engine.dispose()


def test_copies_of_a_home_are_opened_without_values_in_errors(tmp_path: Path) -> None:
    opened = backups._open(tmp_path / "copy.db")
    with pytest.raises(DBAPIError) as caught, opened.connect() as connection:
        connection.execute(sa.text("DELETE FROM nowhere WHERE a = :a"), {"a": SECRET})
    assert "Ann" not in str(caught.value)
    opened.dispose()


def test_a_workers_last_words_are_logged_without_cells() -> None:
    said = (
        'Traceback (most recent call last):\n  File "worker.py", line 7, in run\n    con.execute(sql)\n'
        f"duckdb.duckdb.ConversionException: Could not convert string '{SECRET}' to INT64\n\nLINE 1: SELECT '{SECRET}'\n"
    )
    kept = _without_values(said)
    assert "Ann" not in kept
    assert "line 7" in kept
    assert kept.endswith("ConversionException")

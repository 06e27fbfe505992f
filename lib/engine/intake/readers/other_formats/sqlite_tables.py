"""SQLite databases: one table, read only, with nothing of the file run but the reading of its rows.

A view or a trigger could hold a query made to hurt, and a virtual table needs code: none of them is touched.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

from lib.engine.intake.model import Limits, Sheet
from lib.engine.intake.readers import column_names
from lib.engine.intake.readers.named_table import NamedTable
from lib.engine.intake.readers.raw_table import RawTable, check_width
from lib.errors import FileError, NoRowsError

_REMEDY = "Export the table as CSV and upload that file."
_BATCH = 5_000
_ALLOWED = {
    sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE, sqlite3.SQLITE_PRAGMA,
}  # fmt: skip
_MOST_TABLES = 1_000


def read(
    path: Path, folder: Path, chosen: str, limits: Limits, say: Callable[[float, str], None]
) -> tuple[dict[str, Any], RawTable]:
    """Read one table of a database.

    Args:
        path: The database.
        folder: Where the all-text table goes.
        chosen: Name of the table; "" for the one with most rows.
        limits: Caps.
        say: Progress.

    Raises:
        FileError: It is damaged, or has no such table.
        NoRowsError: No table has rows.
        LimitError: It is larger than the limits allow.
    """
    try:
        with closing(_opened(path, limits)) as con:
            return _read(con, folder, chosen, limits, say)
    except sqlite3.Error as error:
        raise FileError("The SQLite database is damaged or protected.", _REMEDY) from error


def _opened(path: Path, limits: Limits) -> sqlite3.Connection:
    """The database, which nothing can change: no journal is looked for beside it either."""
    con = sqlite3.connect(f"file:{quote(str(path))}?mode=ro&immutable=1", uri=True)
    con.text_factory = lambda raw: raw.decode("utf-8", "replace")
    for setting in ("trusted_schema = OFF", "cell_size_check = ON", "query_only = ON", "mmap_size = 0"):
        con.execute(f"PRAGMA {setting}")
    con.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, max(1 << 20, 64 * (limits.max_cell_kb << 10)))
    con.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    con.set_authorizer(lambda action, *_: sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY)
    return con


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _tables(con: sqlite3.Connection) -> dict[str, int]:
    """Ordinary tables and their rows, in the order in which they were made."""
    rows = con.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
        "AND sql NOT LIKE 'CREATE VIRTUAL%' LIMIT ?",
        [_MOST_TABLES],
    )
    names = [str(name) for (name,) in rows.fetchall()]
    return {name: con.execute(f"SELECT count(*) FROM {_quoted(name)}").fetchone()[0] for name in names}


def _read(
    con: sqlite3.Connection, folder: Path, chosen: str, limits: Limits, say: Callable[[float, str], None]
) -> tuple[dict[str, Any], RawTable]:
    tables = _tables(con)
    if chosen and chosen not in tables:
        raise FileError(
            f"The database has no table called “{chosen}”.", f"Choose one of: {', '.join(tables)}."
        )
    if not any(tables.values()):
        raise NoRowsError("No table of the SQLite database has rows.", _REMEDY)
    chosen = chosen or max(tables, key=lambda name: tables[name])
    table, renamed, is_bytes = _taken(con, folder, chosen, tables[chosen], limits, say)
    notes = [*_said(chosen, tables), *renamed]
    notes += [f"Column “{name}” holds bytes, which were left out." for name in sorted(is_bytes)]
    about = {
        "format": "sqlite",
        "encoding": "",
        "delimiter": "",
        "notes": notes,
        "sheets": tuple(Sheet(name) for name in tables) if len(tables) > 1 else (),
        "sheet": chosen if len(tables) > 1 else "",
    }
    return about, table


def _taken(
    con: sqlite3.Connection,
    folder: Path,
    chosen: str,
    count: int,
    limits: Limits,
    say: Callable[[float, str], None],
) -> tuple[RawTable, list[str], set[str]]:
    """The rows of a table; what was mended in its names, and the columns that hold bytes."""
    table, is_bytes = NamedTable(folder, limits), set[str]()
    cursor = con.execute(f"SELECT * FROM {_quoted(chosen)}")
    headers, renamed = column_names.unique([item[0] for item in cursor.description])
    check_width(len(headers), limits)
    table.names.update((name, place) for place, name in enumerate(headers))
    for number, row in _numbered(cursor, count, say):
        cells = {name: _text(value, name, is_bytes) for name, value in zip(headers, row, strict=True)}
        problem = table.add(number, cells)
        if problem:
            table.rejects.add(number, problem, " | ".join(text or "" for text in cells.values())[:500])
    table.finish()
    if not table.rows:
        raise NoRowsError(f"The table “{chosen}” has no rows.", "Choose another table of the database.")
    return table.found(table.rows + table.rejects.count)[0], renamed, is_bytes


def _numbered(
    cursor: sqlite3.Cursor, count: int, say: Callable[[float, str], None]
) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Rows with their numbers, from 1."""
    number = 0
    while rows := cursor.fetchmany(_BATCH):
        for row in rows:
            number += 1
            yield number, row
        say(min(0.8, 0.8 * number / max(1, count)), f"Reading row {number:,}")


def _text(value: Any, name: str, is_bytes: set[str]) -> str | None:
    if isinstance(value, bytes):
        is_bytes.add(name)
        return None
    return None if value is None else str(value).replace("\x00", "")


def _said(chosen: str, tables: dict[str, int]) -> list[str]:
    if len(tables) < 2:
        return []
    others = ", ".join(f"“{name}” ({rows:,})" for name, rows in list(tables.items())[:10] if name != chosen)
    read = f"The table “{chosen}” was read, with {tables[chosen]:,} rows."
    return [f"{read} The database also holds {others}: choose one as the sheet."]

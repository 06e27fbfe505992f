"""What the process of a query does: loads the team's clean tables, locks itself in, runs one SELECT, replies.

Upstream says untrusted SQL must be contained by the operating system; the settings below are hygiene on top of that.
Their order matters: a spill folder that is switched off late would stay an open door to the disk.
"""

import decimal
import json
import sys
from collections.abc import Callable, Mapping
from typing import Any

# Before any data is loaded.
FIRST = (
    "SET temp_directory = ''",
    "SET threads = 2",
    "SET memory_limit = '1000MB'",
    "SET max_temp_directory_size = '0MB'",
    "SET TimeZone = 'UTC'",
    "SET autoinstall_known_extensions = false",
    "SET autoload_known_extensions = false",
    "SET allow_community_extensions = false",
    "SET allow_persistent_secrets = false",
    "SET python_enable_replacements = false",
    "SET max_expression_depth = 250",
)
# After the tables are loaded; the lock comes last.
LAST = (
    "SET enable_external_access = false",
    "SET disabled_filesystems = 'LocalFileSystem'",
    "SET lock_configuration = true",
)
ALLOWED = ("SELECT", "EXPLAIN")
MAX_CELL = 2_000  # characters of one value
MAX_COLUMNS = 500
_TOO_LONG = (
    "The result is larger than may be shown.",
    "Ask for fewer or shorter columns, or fewer rows.",
)
_STOPPED = {
    "OutOfMemoryException": (
        "The query needs more memory than it may have.",
        "Aggregate or filter earlier, or ask for fewer columns.",
    ),
    "InterruptException": ("The query took too long.", "Aggregate or filter earlier."),
    "PermissionException": (
        "A query here may only read the team's tables, no files and no network.",
        "Name a table in FROM.",
    ),
    "MemoryError": ("The query needs more memory than it may have.", "Aggregate or filter earlier."),
}


class _Shown:
    """Values as JSON can carry them, and what had to be changed for it."""

    def __init__(self) -> None:
        self.cut, self.endless = 0, 0

    def plain(self, value: Any) -> Any:
        """One cell."""
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int):  # beyond 64 bits no table can draw it as a number
            return value if -(1 << 63) <= value < 1 << 63 else str(value)
        if isinstance(value, float):
            if value - value == 0:
                return value
            self.endless += 1
            return None
        if isinstance(value, decimal.Decimal):
            return float(value) if value.is_finite() else None
        return self._text(value)

    def _text(self, value: Any) -> str:
        if isinstance(value, bytes):
            text = "0x" + value[:MAX_CELL].hex()
        elif isinstance(value, list | dict | tuple):
            text = json.dumps(value, default=_inner, ensure_ascii=False)
        elif isinstance(value, str):
            text = value
        else:
            text = value.isoformat() if hasattr(value, "isoformat") else str(value)
        if len(text) > MAX_CELL:
            self.cut += 1
            return text[:MAX_CELL] + "…"
        return text

    def notes(self) -> list[str]:
        """What a reader has to know, one sentence each."""
        found = []
        if self.cut:
            found.append(f"{self.cut:,} long values are cut after {MAX_CELL:,} characters.")
        if self.endless:
            found.append(f"{self.endless:,} values are infinite or no number and are left empty.")
        return found


def _inner(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _refusal(problem: str, remedy: str) -> dict[str, Any]:
    return {"refused": [problem, remedy]}


def _refused(con: Any, sql: str) -> dict[str, Any] | None:
    """Why a text may not run; None when it is one SELECT or EXPLAIN."""
    import duckdb

    try:
        statements = con.extract_statements(sql)
    except duckdb.Error as error:
        return {"failed": str(error)}
    if len(statements) != 1:
        return _refusal(
            "The text holds no query." if not statements else "The text holds more than one query.",
            "Write one SELECT.",
        )
    try:
        name = statements[0].type.name
    except Exception:  # noqa: BLE001 - a kind of statement the client has no name for
        name = "this kind of statement"
    if name == "MULTI":
        return _refusal(
            "PIVOT finds its columns by a second query, which is refused.",
            "List them: PIVOT … ON column IN ('a', 'b') USING ….",
        )
    if name not in ALLOWED:
        return _refusal(
            f"A query here may only read; {name.replace('_', ' ')} is refused.", "Write a SELECT."
        )
    return None


def _load(con: Any, tables: dict[str, Any]) -> str:
    """Copy the tables into memory; the name of the one that does not fit, else ""."""
    import duckdb

    for name, (path, columns) in tables.items():
        wanted = ", ".join(_quoted(column) for column in columns) if columns else "*"
        try:
            con.execute(f"CREATE TABLE {_quoted(name)} AS SELECT {wanted} FROM read_parquet(?)", [path])
        except (duckdb.OutOfMemoryException, MemoryError):
            return name
    return ""


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _failure(error: Exception) -> dict[str, Any]:
    """What to reply of an error while the query ran."""
    import duckdb

    name = type(error).__name__
    if isinstance(error, duckdb.Error) and name not in _STOPPED:
        return {"failed": str(error)}
    # Else a value the client cannot carry: a year far away, half a character.
    unshown = ("The result holds a value that cannot be shown.", "Convert it: CAST(column AS VARCHAR).")
    return _refusal(*_STOPPED.get(name, unshown))


def _run(con: Any, sql: str, max_rows: int) -> dict[str, Any]:
    """Run the query and fetch at most one row more than is shown."""
    refused = _refused(con, sql)
    if refused:
        return refused
    try:
        con.execute(sql)
        columns = [[item[0], str(item[1])] for item in con.description or []]
        if len(columns) > MAX_COLUMNS:
            return _refusal(
                f"The result has {len(columns):,} columns; up to {MAX_COLUMNS} are shown.",
                "Name fewer columns.",
            )
        found = con.fetchmany(max_rows + 1)
    except Exception as error:  # noqa: BLE001 - whatever it is, the person gets one sentence
        return _failure(error)
    shown = _Shown()
    rows = [[shown.plain(value) for value in row] for row in found[:max_rows]]
    return {"columns": columns, "rows": rows, "is_truncated": len(found) > max_rows, "notes": shown.notes()}


def begin(limits: Mapping[str, Any]) -> Callable[..., tuple[Any, bytes]]:
    """A database of its own, and what answers one query with it."""
    import duckdb

    con = duckdb.connect(":memory:")
    for setting in FIRST:
        con.execute(setting)
    con.execute(f"SET max_execution_time = {int(limits['query_ms'])}")

    def answer(task: dict[str, Any], _: bytes, __: object) -> tuple[Any, bytes]:
        try:
            too_large = _load(con, task["tables"])
            for setting in LAST:
                con.execute(setting)
            reply = {"too_large": too_large} if too_large else _run(con, task["sql"], task["max_rows"])
        except MemoryError as error:
            reply = _failure(error)
        whole = json.dumps(reply).encode()
        if len(whole) > limits["max_bytes"]:
            whole = json.dumps(_refusal(*_TOO_LONG)).encode()
        return None, whole

    return answer


if __name__ == "__main__":
    sys.path.insert(0, sys.argv[1])
    from lib.engine.worker import child

    child.serve(begin)

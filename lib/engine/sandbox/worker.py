"""The throw-away process: loads the team's clean tables, locks itself in, runs one SELECT, replies, ends.

Upstream says untrusted SQL must be contained by the operating system; the settings below are hygiene on top of that.
Their order matters: a spill folder that is switched off late would stay an open door to the disk.
"""

import json
import signal
import sys
from typing import Any

# Before any data is loaded.
FIRST = (
    "SET temp_directory = ''",
    "SET threads = 2",
    "SET memory_limit = '512MB'",
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
_WAIT_SECONDS = 150


def _limit(memory_mb: int, cpu_seconds: int) -> None:
    try:
        import resource
    except ImportError:  # Windows: the parent's time limit still holds
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    if sys.platform.startswith("linux"):
        resource.setrlimit(resource.RLIMIT_AS, (memory_mb << 20, memory_mb << 20))


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else None
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _refusal(problem: str, remedy: str) -> dict[str, Any]:
    return {"error": [problem, remedy]}


def _kind(con: Any, sql: str) -> dict[str, Any] | None:
    """Why a text may not run; None when it is one SELECT or EXPLAIN."""
    import duckdb

    try:
        statements = con.extract_statements(sql)
    except duckdb.Error as error:
        return _refusal(_words(error), "Correct the query and run it again.")
    if len(statements) != 1:
        return _refusal(
            "The text holds no query." if not statements else "The text holds more than one query.",
            "Write one SELECT.",
        )
    name = statements[0].type.name
    if name not in ALLOWED:
        return _refusal(
            f"A query here may only read; {name.replace('_', ' ')} is refused.", "Write a SELECT."
        )
    return None


def _words(error: Exception) -> str:
    """The engine's message in its first sentence, without its class and its drawing of the query."""
    text = str(error).split("\n\n")[0].split("\nLINE ")[0].strip()
    text = text.split("Error: ", 1)[-1]
    return (text[:400] or "The query failed").rstrip(".") + "."


def _load(con: Any, tables: dict[str, str]) -> bool:
    """Copy the tables into memory; whether they fit."""
    import duckdb

    try:
        for name, path in tables.items():
            quoted = '"' + name.replace('"', '""') + '"'
            con.execute(f"CREATE TABLE {quoted} AS SELECT * FROM read_parquet(?)", [path])
    except duckdb.OutOfMemoryException:
        return False
    return True


def _run(con: Any, task: dict[str, Any]) -> dict[str, Any]:
    """Run the query and fetch at most one row more than is shown."""
    import duckdb

    refused = _kind(con, task["sql"])
    if refused:
        return refused
    try:
        con.execute(task["sql"])
        columns = [[item[0], str(item[1])] for item in con.description or []]
        found = con.fetchmany(task["max_rows"] + 1)
    except duckdb.OutOfMemoryException:
        return _refusal(
            "The query needs more memory than it may have.",
            "Aggregate or filter earlier, or ask for fewer columns.",
        )
    except duckdb.InterruptException:
        return _refusal("The query took too long.", "Aggregate or filter earlier.")
    except duckdb.PermissionException:
        return _refusal(
            "A query here may only read the team's tables, no files and no network.", "Name a table in FROM."
        )
    except duckdb.Error as error:
        return _refusal(_words(error), "Correct the query and run it again.")
    rows = [[_plain(value) for value in row] for row in found[: task["max_rows"]]]
    return {"columns": columns, "rows": rows, "is_truncated": len(found) > task["max_rows"]}


def main() -> None:
    """One line with the limits, later one line with the task; one line back."""
    limits = json.loads(sys.stdin.readline())
    import duckdb

    con = duckdb.connect(":memory:")
    for setting in FIRST:
        con.execute(setting)
    con.execute(f"SET max_execution_time = {int(limits['query_ms'])}")
    _limit(limits["memory_mb"], limits["cpu_seconds"])
    if hasattr(signal, "alarm"):
        signal.alarm(_WAIT_SECONDS)  # a worker started ahead waits here, but not for ever
    line = sys.stdin.readline()
    if hasattr(signal, "alarm"):
        signal.alarm(0)
    if not line:
        return
    task = json.loads(line)
    try:
        if not _load(con, task["tables"]):
            raise MemoryError
        for setting in LAST:
            con.execute(setting)
        reply = _run(con, task)
    except MemoryError:
        reply = _refusal("The query needs more memory than it may have.", "Aggregate or filter earlier.")
    text = json.dumps(reply)
    if len(text) > limits["max_bytes"]:
        text = json.dumps(
            _refusal(
                "The result is larger than may be shown.", "Ask for fewer or shorter columns, or fewer rows."
            )
        )
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()

"""The parent's side of free SQL: start a process, give it eight seconds, take its answer or its end."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lib.engine.datasets.dataset import Dataset
from lib.engine.evidence.evidence import Evidence
from lib.engine.query import now
from lib.engine.sandbox import sql_error_messages, worker
from lib.engine.sandbox.columns import needed_columns
from lib.engine.worker.child import Caps
from lib.engine.worker.parent import EndedError, Worker
from lib.errors import QueryError

_ANY_TABLE = re.compile(r"\b(show|information_schema|duckdb_tables|duckdb_columns)\b", re.IGNORECASE)
_IDLE_SECONDS = 120  # a worker started ahead is thrown away after this
_HEAD = 1 << 10  # bytes of a reply beside its table
AT_ONCE = 3  # queries at the same time; more would take memory and processors from everybody else
_PATIENCE = 20.0  # seconds that a query waits for its turn


@dataclass(frozen=True)
class SandboxLimits:
    """What a query may use.

    Attributes:
        seconds: Wall time from sending the query.
        query_ms: The engine's own limit, below the wall time, so that most get a kind word.
        cpu_seconds: Processor time of the process.
        memory_mb: Address space of the process.
        max_rows: Rows handed back; more is said to be truncated.
        max_bytes: Size of the answer.
        max_sql: Characters of the query.
    """

    seconds: float = 8.0
    query_ms: int = 6000
    cpu_seconds: int = 10
    memory_mb: int = 1536
    max_rows: int = 10_000
    max_bytes: int = 20 << 20
    max_sql: int = 20_000


LIMITS = SandboxLimits()


@dataclass(frozen=True)
class SandboxResult:
    """What came back.

    Attributes:
        evidence: The table with its query and sources.
        types: The engine's type of each column.
        is_truncated: More rows were there than are handed back.
        seconds: Wall time.
        notes: What a reader has to know of values that were cut or left empty.
    """

    evidence: Evidence
    types: tuple[str, ...]
    is_truncated: bool
    seconds: float
    notes: tuple[str, ...] = ()


_turns = threading.BoundedSemaphore(AT_ONCE)
_lock = threading.Lock()
_waiting: Worker | None = None


def _start(limits: SandboxLimits) -> Worker:
    caps = Caps(limits.memory_mb, limits.cpu_seconds, file_mb=0, idle_seconds=_IDLE_SECONDS + 30)
    options = {"query_ms": limits.query_ms, "max_bytes": limits.max_bytes}
    return Worker(worker, caps, options, max_reply=limits.max_bytes + _HEAD)


def _is_fresh(process: Worker) -> bool:
    return process.is_alive and time.monotonic() - process.started_at < _IDLE_SECONDS


def warm() -> None:
    """Start a process ahead of the next query, which then saves the start of the engine."""
    global _waiting
    with _lock:
        if _waiting and _is_fresh(_waiting):
            return
        stale, _waiting = _waiting, _start(LIMITS)
    if stale:
        stale.end()


def _take(limits: SandboxLimits) -> Worker:
    """The process that was started ahead, if it fits, else a new one."""
    global _waiting
    with _lock:
        found, _waiting = _waiting, None
    if found and limits == LIMITS and _is_fresh(found):
        return found
    if found:
        found.end()
    return _start(limits)


def _ask(task: Mapping[str, Any], limits: SandboxLimits) -> dict[str, Any]:
    """The reply of a process that ends with it."""
    if not _turns.acquire(timeout=_PATIENCE):
        raise QueryError("Too many queries are running at the moment.", "Run it again in a few seconds.")
    try:
        with _take(limits) as process:
            return json.loads(process.ask(task, seconds=limits.seconds)[1])
    except TimeoutError as error:
        raise QueryError(
            f"The query was stopped after {limits.seconds:.0f} seconds.",
            "Aggregate or filter earlier, then run it again.",
        ) from error
    except (EndedError, ValueError) as error:
        raise QueryError(
            "The query made its sandbox crash or passed its memory limit.",
            "Write it more simply or over fewer rows.",
        ) from error
    except OSError as error:
        raise QueryError("The query could not be started.", "Run it again in a moment.") from error
    finally:
        _turns.release()


def run(
    sql: str, data: Mapping[str, Dataset], *, title: str = "Query", limits: SandboxLimits = LIMITS
) -> SandboxResult:
    """Run what a person typed, in a process of its own that ends with the query.

    Args:
        sql: One SELECT (or EXPLAIN) over the tables named by their slots.
        data: Slot -> dataset; a slot such as experiment-2 is the table experiment_2.
        title: Title of the evidence.
        limits: What it may use.

    Raises:
        QueryError: It was refused, failed, or passed a limit.
    """
    _refuse_text(sql, limits)
    started = time.monotonic()
    # Only what the text names is loaded: a big table that is not asked for costs nothing.
    named = {table_name(slot): dataset for slot, dataset in data.items() if _is_named(sql, table_name(slot))}
    tables = {name: [str(d.path), needed_columns(sql, name, d)] for name, d in named.items()}
    reply = _ask({"sql": sql, "tables": tables, "max_rows": limits.max_rows}, limits)
    _raise(reply, sql, data, limits)
    notes = tuple(reply.get("notes", ()))
    said = [f"Only the first {limits.max_rows:,} rows."] if reply["is_truncated"] else []
    evidence = Evidence(
        title=title,
        definition=" ".join(["The result of a query that a person wrote.", *said, *notes]),
        sql=sql.strip(),
        columns=tuple(_unique([name for name, _ in reply["columns"]])),
        rows=tuple(tuple(row) for row in reply["rows"]),
        sources=tuple(dataset.source() for dataset in named.values()),
        at=now(),
        method="Run alone in a locked process.",
    )
    types = tuple(kind for _, kind in reply["columns"])
    return SandboxResult(evidence, types, bool(reply["is_truncated"]), time.monotonic() - started, notes)


def _refuse_text(sql: str, limits: SandboxLimits) -> None:
    """Refuse what no process needs to be started for."""
    if not sql.strip():
        raise QueryError("There is no query.", "Write a SELECT.")
    if len(sql) > limits.max_sql:
        raise QueryError(f"The query is longer than {limits.max_sql:,} characters.", "Shorten it.")
    odd = next((at for at, sign in enumerate(sql) if sign == "\0" or "\ud800" <= sign <= "\udfff"), None)
    if odd is not None:
        raise QueryError(f"Character {odd + 1:,} of the query is no text.", "Type the query anew around it.")


def _raise(reply: Mapping[str, Any], sql: str, data: Mapping[str, Dataset], limits: SandboxLimits) -> None:
    """Turn a reply that is no table into what a person is told."""
    if "refused" in reply:
        raise QueryError(*reply["refused"])
    if "failed" in reply:
        tables = {table_name(slot): [column.name for column in d.columns] for slot, d in data.items()}
        raise QueryError(*sql_error_messages.explain(str(reply["failed"]), sql, tables))
    if "too_large" in reply:
        name = reply["too_large"]
        raise QueryError(
            f"{name} does not fit into the {limits.memory_mb / 1024:.1f} GB that a query may use.",
            f"Name only the columns you need instead of *, and no more tables than {name}.",
        )


def table_name(slot: str) -> str:
    """A slot as a table name: experiment-2 is experiment_2."""
    return slot.replace("-", "_")


def _is_named(sql: str, table: str) -> bool:
    """Whether a query may read a table; one that asks which tables there are means all."""
    return table.lower() in sql.lower() or bool(_ANY_TABLE.search(sql))


def _unique(names: list[str]) -> list[str]:
    """Column names, each once."""
    found: list[str] = []
    for name in names:
        free, number = name or "column", 2
        while free in found:
            free, number = f"{name}_{number}", number + 1
        found.append(free)
    return found

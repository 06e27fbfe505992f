"""Saved queries of the Explore page: their answers, run in the sandbox, and which of them the summary shows."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

from lib.analysis.result_types import Data
from lib.engine import sandbox
from lib.engine.datasets.dataset import Dataset
from lib.engine.evidence.cache import Results, cached, for_now
from lib.engine.evidence.evidence import Evidence
from lib.engine.sandbox import SandboxResult
from lib.errors import UserError
from lib.workbook.model import Workbook

_FAILED_SECONDS = 60  # a query that failed is not tried again on every page view
_failures: Results[tuple[float, UserError]] = Results(64)  # when and why


@dataclass(frozen=True)
class Explored:
    """A saved query that the team wants in its summary.

    Attributes:
        id: Of the query.
        name: As the team calls it.
        note: What the team says it shows; "" for nothing.
        evidence: Its answer; None where it could not be had.
        types: The engine's type of each column.
        problem: Why there is no answer.
    """

    id: str
    name: str
    note: str
    evidence: Evidence | None
    types: tuple[str, ...] = ()
    problem: str = ""


def answer(sql: str, data: Data) -> SandboxResult:
    """The answer of a saved query over the team's tables, remembered.

    Raises:
        UserError: It fails; the same failure is told for a minute without another try.
    """
    key = (sql, tuple(sorted(f"{slot}:{dataset.fingerprint}" for slot, dataset in data.items())))
    failed = _failures.peek(key)
    if failed is None or time.monotonic() - failed[0] >= _FAILED_SECONDS:
        try:
            return _run(sql, dict(data))
        except UserError as error:
            failed = (time.monotonic(), error)
            _failures.put(key, failed)
    for_now()
    raise failed[1]


@cached
def _run(sql: str, data: Mapping[str, Dataset]) -> SandboxResult:
    return sandbox.run(sql, data)


def explored(workbook: Workbook, data: Data) -> tuple[Explored, ...]:
    """Every saved query that is marked for the summary, with its answer of now.

    Args:
        workbook: Its saved queries.
        data: Datasets by slot; may be empty.
    """
    found = []
    for id, query in workbook.queries.items():
        if not (query.in_summary and query.sql):
            continue
        name = query.name or "Query"
        try:
            if not data:
                raise UserError("Its table is not here.", "Bring the file on the Data page.")
            result = answer(query.sql, data)
        except UserError as error:
            found.append(Explored(id, name, query.note, None, problem=str(error)))
            continue
        evidence = replace(result.evidence, title=name)
        found.append(Explored(id, name, query.note, evidence, result.types))
    return tuple(found)

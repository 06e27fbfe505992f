"""How well a file fits a contract: which column is what, why, and what is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from lib.engine.contracts.contract_schema import (
    Contract,
    contracts,
)
from lib.engine.intake import questions
from lib.engine.intake.model import IntakeQuestion, RawColumn, Reading
from lib.engine.intake.values import time_zones, value_kinds
from lib.framework import slots


@dataclass(frozen=True)
class ContractProposal:
    """One way to understand a file.

    Attributes:
        contract: Id of the contract.
        slot: Where the dataset would go.
        source: Title of the export it was recognised as, "" if none.
        score: 0..1.
        mapping: Canonical column -> header or "=value".
        reasons: Why, per canonical column and as a whole; full phrases.
        missing: Required columns that nothing was found for.
        questions: Open questions about the columns used.
    """

    contract: str
    slot: str
    source: str
    score: float
    mapping: Mapping[str, str]
    reasons: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    missing: tuple[str, ...] = ()
    questions: tuple[IntakeQuestion, ...] = ()


def proposal(
    contract: Contract,
    reading: Reading,
    source: str,
    score: float,
    mapping: dict[str, str],
    reasons: dict[str, str],
) -> ContractProposal:
    """A way to understand a file by a contract, with what is missing and open.

    Args:
        contract: The contract.
        reading: From `intake.read`.
        source: Title of the export it was recognised as, "" if none.
        score: How well it fits, 0..1.
        mapping: Canonical column -> header or "=value".
        reasons: Why, per canonical column.
    """
    missing = tuple(name for name in contract.required if mapping.get(name, "=") == "=")
    if contract.id == slots.METRICS_WIDE and "metric" in mapping:
        missing = ()
    return ContractProposal(
        contract.id,
        contract.slot,
        source,
        round(score * (0.5 if missing else 1.0), 4),
        mapping,
        reasons,
        missing,
        open_questions(reading, contract.id, mapping),
    )


def of_kinds(reading: Reading, *of: str) -> list[RawColumn]:
    """Columns of a file whose values are of some kinds."""
    return [column for column in reading.columns if column.kind in of]


def open_questions(reading: Reading, contract: str, mapping: Mapping[str, str]) -> tuple[IntakeQuestion, ...]:
    """What has to be answered before these columns can be read as their contract wants them.

    Args:
        reading: The file.
        contract: Id of the contract.
        mapping: Canonical column -> header or "=value".
    """
    agreed, is_wide = contracts()[contract], contract == slots.METRICS_WIDE
    typed = {mapping[c.name]: c.type for c in agreed.columns if c.name in mapping and c.type != "text"}
    if is_wide:
        free = set(reading.headers) - set(mapping.values())
        typed = dict.fromkeys(free, "number") | typed
    found: list[IntakeQuestion] = []
    for index, column in enumerate(reading.columns):
        if column.header in typed:
            cells = [row[index] for row in reading.head]
            found += _open(reading, column, cells, typed[column.header], is_wide=is_wide)
    return tuple(found)


def _open(
    reading: Reading, column: RawColumn, cells: Sequence[str | None], kind: str, *, is_wide: bool
) -> list[IntakeQuestion]:
    """What has to be answered before one column can be read as `kind`."""
    is_day = kind == "date"  # the day that is written, whatever its zone
    known = [question for question in reading.questions if question.column == column.header]
    if known:
        return [q for q in known if not (is_day and q.id.partition(":")[0] in time_zones.SEVERAL)]
    # Where its kind was not clear, nothing was asked when the file was read.
    return _unasked(column, cells, kind, reading, is_wide=is_wide) if column.kind == "text" else []


def _unasked(
    column: RawColumn, cells: Sequence[str | None], kind: str, reading: Reading, *, is_wide: bool
) -> list[IntakeQuestion]:
    guess = value_kinds.for_target(cells, kind, comma_likely=reading.has_commas)
    found: list[IntakeQuestion] = []
    if "@" in guess.style and kind != "date":
        letters = time_zones.unclear(time_zones.split(cell)[1] for cell in value_kinds.present(cells))
        found += [questions.about_zone(column, name) for name in letters]
    if guess.ask and not is_wide:
        found.append(questions.about(guess.ask, column))
    return found

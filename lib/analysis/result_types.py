"""What every step's analysis hands over, so that pages, the summary and the command line treat all steps alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from lib.analysis.verdict import Finding, Verdict
from lib.engine.datasets.dataset import Dataset
from lib.engine.evidence.evidence import DatasetRead, Evidence, Scalar

Data = Mapping[str, Dataset]  # slot (the contract's name) -> dataset in use; may be empty


class StepResult(Protocol):
    """The result of one step for one workbook on its data."""

    @property
    def verdict(self) -> Verdict:
        """The answer to the step's question."""
        ...

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What deserves attention, most important first."""
        ...

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """Everything the verdict and findings were read from."""
        ...


@dataclass(frozen=True)
class TableResult:
    """What an event analysis hands over.

    Attributes:
        verdict: The answer.
        findings: What deserves attention or care.
        evidence: Its tables, the main one first.
    """

    verdict: Verdict
    findings: tuple[Finding, ...]
    evidence: tuple[Evidence, ...]

    @property
    def rows(self) -> list[dict[str, Scalar]]:
        """The main table as dictionaries."""
        return self.evidence[0].records()


def sources_of(tables: Iterable[Evidence]) -> tuple[DatasetRead, ...]:
    """The datasets that tables were read from, each once."""
    return tuple({source.fingerprint: source for table in tables for source in table.sources}.values())

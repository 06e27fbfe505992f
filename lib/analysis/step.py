"""What every step's analysis hands over, so that pages, the summary and the command line treat all steps alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from lib.analysis.verdict import Finding, Verdict
from lib.engine.dataset import Dataset
from lib.engine.evidence import Evidence

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

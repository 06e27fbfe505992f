"""Everything the rules of the handoff step look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lib.analysis.events.journey import StageFlow, Suggestion
from lib.analysis.handoff.candidates import HandoffCandidate
from lib.analysis.handoff.handoff_scenario import HandoffScenario
from lib.analysis.handoff.ownership import MatrixRow
from lib.analysis.handoff.ownership_disagreement import OwnershipDisagreement
from lib.analysis.handoff.ownership_matrix import OwnershipCell
from lib.analysis.handoff.sla import ContractMeasure
from lib.analysis.handoff.territory_map import TerritoryMap
from lib.engine.evidence.evidence import Evidence
from lib.workbook.model import Handoff, JourneyStage, Workbook


@dataclass(frozen=True)
class State:
    """Everything the rules look at."""

    workbook: Workbook
    stages: tuple[tuple[str, JourneyStage], ...]
    suggestions: tuple[Suggestion, ...]
    is_proposed: bool
    flows: Mapping[str, StageFlow]
    table: Evidence | None
    territory_map: TerritoryMap
    candidates: tuple[HandoffCandidate, ...]
    scenario: HandoffScenario | None
    contract: ContractMeasure | None
    disagreement: OwnershipDisagreement
    matrix: tuple[MatrixRow, ...]
    grid: tuple[OwnershipCell, ...]
    kinds: tuple[str, ...]
    outcome: str
    problem: str
    today: str
    wait_format: str = "hours"

    @property
    def main(self) -> tuple[str, Handoff] | None:
        """The main handoff, if one is chosen."""
        return self.workbook.main_handoff()

"""What a summary is built from: one workbook and what its four steps concluded."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from lib.analysis.facilitator_prompts import FacilitatorPrompt
from lib.analysis.result_types import StepResult
from lib.analysis.saved_queries import Explored
from lib.analysis.translation.cadence import Agenda
from lib.analysis.translation.glossary import Word
from lib.charts.spec import Chart
from lib.framework import step_ids
from lib.report.story.summary_model import Audience, GuardedClaim, Line
from lib.workbook.events import Event
from lib.workbook.model import Workbook

STEPS: dict[str, str] = {step: step_ids.TITLES[step] for step in step_ids.STEPS}


@dataclass(frozen=True)
class StepChart:
    """A chart and the sentence it proves.

    Attributes:
        chart: The chart.
        headline: What it shows, a sentence without full stop.
        points: At most three sentences beside it.
        claims: Checks of the headline's words.
    """

    chart: Chart
    headline: Line
    points: tuple[Line, ...] = ()
    claims: tuple[GuardedClaim, ...] = ()


@dataclass(frozen=True)
class StepChapter:
    """One step's conclusion and the charts that show it, most telling first."""

    id: str
    result: StepResult
    charts: tuple[StepChart, ...] = ()

    @property
    def label(self) -> str:
        """The step's name."""
        return STEPS[self.id]


@dataclass(frozen=True)
class Inputs:
    """Everything that a summary speaks of; `run_steps.collect` fills it, and nothing below computes any of it again.

    Attributes:
        workbook: The answers.
        steps: Step id -> conclusion; a step that could not be computed is missing.
        today: The day of the export.
        failed: Step id -> why it could not be computed, for the page.
        explored: Saved queries the team wants in it, with their answers.
        log: The workbook's events, for what changed since the last session; empty when unknown.
        questions: What the answers or the data raise and nobody has settled, most important first.
        agendas: Session's id -> what its coming meeting talks about.
        open_words: Words that the two teams took up and still read differently.
    """

    workbook: Workbook
    steps: Mapping[str, StepChapter]
    today: dt.date
    failed: Mapping[str, str] = field(default_factory=dict)
    explored: tuple[Explored, ...] = ()
    log: tuple[Event, ...] = ()
    questions: tuple[FacilitatorPrompt, ...] = ()
    agendas: Mapping[str, Agenda] = field(default_factory=dict)
    open_words: tuple[Word, ...] = ()


@dataclass(frozen=True)
class Options:
    """How the summary is to be made.

    Attributes:
        audience: executive | board | team; length follows.
        hide_names: Replace people by their roles.
        hide_quotes: Leave out what people said.
        hide_money: Leave out absolute amounts of money.
        floor: Groups smaller than this never leave as a row; None for the workbook's own setting.
    """

    audience: Audience = "executive"
    hide_names: bool = False
    hide_quotes: bool = False
    hide_money: bool = False
    floor: int | None = None

    @classmethod
    def saved(cls, workbook: Workbook) -> Options:
        """What the team chose on the summary page."""
        kept = workbook.summary
        audience = kept.get("audience")
        return cls(
            audience if audience in ("executive", "board", "team") else "executive",
            bool(kept.get("hide_names")),
            bool(kept.get("hide_quotes")),
            bool(kept.get("hide_money")),
        )

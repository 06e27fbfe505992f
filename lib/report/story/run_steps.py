"""Run the steps of a workbook and collect what they conclude: the one place where a summary's analyses run."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lib.analysis.audit.audit import audit
from lib.analysis.experiments.shared_experiments import overview
from lib.analysis.facilitator_prompts import challenges, open_questions
from lib.analysis.handoff.handoff_map import handoff_map
from lib.analysis.result_types import Data
from lib.analysis.saved_queries import Explored, explored
from lib.analysis.stage.stage import StageResult, stage
from lib.analysis.translation.cadence import agenda, broken_promise
from lib.analysis.translation.glossary import open_words
from lib.engine.datasets import library
from lib.engine.datasets.reader import Reader
from lib.engine.evidence.cache import step_cached
from lib.errors import UserError
from lib.framework import step_ids
from lib.report.story.inputs import STEPS, Inputs, StepChapter, StepChart
from lib.report.story.slides import charts, handoff_charts
from lib.workbook.events import Event
from lib.workbook.model import Workbook

_log = logging.getLogger(__name__)
Progress = Callable[[float, str], None]


# Step id -> what concludes it, and what draws its pictures.
_RUN: dict[str, tuple[Callable[[Workbook, Data], Any], Callable[[Any], tuple[StepChart, ...]]]] = {
    step_ids.METRIC_AUDIT: (audit, charts.audit_charts),
    step_ids.HANDOFF_MAP: (handoff_map, handoff_charts.handoff_charts),
    step_ids.SHARED_EXPERIMENTS: (overview, charts.experiment_charts),
    step_ids.STAGE_CHOICE: (stage, charts.stage_charts),
}


@step_cached
def _step(workbook: Workbook, data: Data, id: str) -> StepChapter:
    conclude, draw = _RUN[id]
    result = conclude(workbook, data)
    return StepChapter(id, result, draw(result))


def run_steps(
    workbook: Workbook,
    data: Data,
    *,
    today: dt.date | None = None,
    progress: Progress | None = None,
    log: Sequence[Event] = (),
) -> Inputs:
    """Everything a summary speaks of.

    Args:
        workbook: The answers.
        data: Datasets by slot; may be empty.
        today: Day of the export; the day in UTC when None.
        progress: Called with a share 0..1 and a step's name before each step.
        log: The workbook's events, for the agendas of its sessions.
    """
    steps: dict[str, StepChapter] = {}
    failed: dict[str, str] = {}
    for number, (key, label) in enumerate(STEPS.items()):
        if progress is not None:
            progress(number / len(STEPS), label)
        try:
            steps[key] = _step(workbook, data, key)
        except UserError as error:
            failed[key] = str(error)
        except Exception:  # noqa: BLE001 - one broken step must not keep the others from leaving; the defect is in the log
            _log.exception("step %s of a summary failed", key)
            failed[key] = f"{label} could not be computed; the problem was logged."
    day = today or dt.datetime.now(dt.UTC).date()
    return collect(workbook, steps, day, failed=failed, asked=explored(workbook, data), log=log)


def collect(
    workbook: Workbook,
    steps: Mapping[str, StepChapter],
    today: dt.date,
    *,
    failed: Mapping[str, str] | None = None,
    asked: tuple[Explored, ...] = (),
    log: Sequence[Event] = (),
) -> Inputs:
    """Everything a summary speaks of, once its steps have run: also questions, agendas and words with two meanings.

    Args:
        workbook: The answers.
        steps: Step id -> conclusion.
        today: Day of the export.
        failed: Step id -> why it could not be computed.
        asked: Saved queries the team wants in it, with their answers.
        log: The workbook's events, for the agendas of its sessions.
    """
    placed, mapped = (
        steps[id].result if id in steps else None for id in (step_ids.STAGE_CHOICE, step_ids.HANDOFF_MAP)
    )
    raised = challenges(workbook, {}, placed) if isinstance(placed, StageResult) else ()
    broken = broken_promise(workbook, getattr(mapped, "contract", None))
    return Inputs(
        workbook,
        steps,
        today,
        failed or {},
        asked,
        tuple(log),
        open_questions(raised),
        {key: agenda(workbook, key, log, today, broken) for key in sorted(workbook.rituals)},
        open_words(workbook),
    )


def datasets(workbook: Workbook, home: Any, reader: Reader) -> tuple[dict[str, Any], list[str]]:
    """The datasets a workbook names as far as `reader` may open them, and a sentence for each that is not there."""
    found: dict[str, Any] = {}
    missing: list[str] = []
    refs: Mapping[str, Any] = workbook.datasets
    for slot, ref in refs.items():
        if not ref.fingerprint:
            continue
        try:
            found[slot] = library.open_dataset(home, ref.fingerprint, reader)
        except UserError as error:
            missing.append(f"{ref.name or slot}: {error}")
    return found, missing

"""Run the four steps of a workbook and collect their charts: the one place that knows every step."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lib.analysis.audit.metric_audit import audit
from lib.analysis.experiments.shared_experiments import overview
from lib.analysis.handoff.handoff_map import handoff_map
from lib.analysis.result_types import Data
from lib.analysis.saved_queries import explored
from lib.analysis.stage.stage import stage
from lib.engine.datasets import library
from lib.engine.evidence.cache import step_cached
from lib.errors import UserError
from lib.framework import step_ids
from lib.report.story.inputs import STEPS, Inputs, Step
from lib.report.story.slides import charts, handoff_charts
from lib.workbook.events import Event
from lib.workbook.model import Workbook

_log = logging.getLogger(__name__)
Progress = Callable[[float, str], None]


@step_cached
def _audit(workbook: Workbook, data: Data) -> Step:
    result = audit(workbook, data)
    return Step(step_ids.METRIC_AUDIT, result, charts.audit_pictures(result))


@step_cached
def _map(workbook: Workbook, data: Data) -> Step:
    result = handoff_map(workbook, data)
    return Step(step_ids.HANDOFF_MAP, result, handoff_charts.handoff_pictures(result))


@step_cached
def _tests(workbook: Workbook, data: Data) -> Step:
    result = overview(workbook, data)
    return Step(step_ids.SHARED_EXPERIMENTS, result, charts.test_pictures(result))


@step_cached
def _stage(workbook: Workbook, data: Data) -> Step:
    result = stage(workbook, data)
    return Step(step_ids.STAGE_CHOICE, result, charts.stage_pictures(result))


_RUN: dict[str, Callable[[Workbook, Data], Step]] = {
    step_ids.METRIC_AUDIT: _audit,
    step_ids.HANDOFF_MAP: _map,
    step_ids.SHARED_EXPERIMENTS: _tests,
    step_ids.STAGE_CHOICE: _stage,
}


def gather(
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
    steps: dict[str, Step] = {}
    failed: dict[str, str] = {}
    for number, (key, label) in enumerate(STEPS.items()):
        if progress is not None:
            progress(number / len(STEPS), label)
        try:
            steps[key] = _RUN[key](workbook, data)
        except UserError as error:
            failed[key] = str(error)
        except Exception:  # noqa: BLE001 - one broken step must not keep the others from leaving; the defect is in the log
            _log.exception("step %s of a summary failed", key)
            failed[key] = f"{label} could not be computed; the problem was logged."
    asked = explored(workbook, data)
    return Inputs(workbook, steps, today or dt.datetime.now(dt.UTC).date(), failed, asked, tuple(log))


def datasets(workbook: Workbook, home: Any) -> tuple[dict[str, Any], list[str]]:
    """The datasets a workbook names, opened by their fingerprint, and a sentence for each that is not there."""
    found: dict[str, Any] = {}
    missing: list[str] = []
    refs: Mapping[str, Any] = workbook.datasets
    for slot, ref in refs.items():
        if not ref.fingerprint:
            continue
        try:
            found[slot] = library.open_dataset(home, ref.fingerprint)
        except UserError as error:
            missing.append(f"{ref.name or slot}: {error}")
    return found, missing

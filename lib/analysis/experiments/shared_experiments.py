"""What do we test together, and what did we learn? Everything the step has, for one workbook on its data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from lib.analysis.events import event_names
from lib.analysis.experiments import experiment_reading, preregistration
from lib.analysis.experiments.design import SLOT, Design, design_of, guess, with_currency
from lib.analysis.experiments.experiment_portfolio import ExperimentPortfolio, portfolio
from lib.analysis.experiments.findings import ExperimentsState, count_all, findings_of, verdict_of
from lib.analysis.experiments.ideas import IdeaCard, cards
from lib.analysis.experiments.readout import Effect, Readout
from lib.analysis.result_types import Data
from lib.analysis.verdict import Finding, Verdict
from lib.engine.datasets.dataset import Dataset
from lib.engine.evidence.cache import step_cached
from lib.engine.evidence.evidence import Evidence
from lib.errors import UserError
from lib.framework import slots
from lib.workbook.model import Experiment, Workbook


@dataclass(frozen=True)
class ExperimentsResult:
    """The step's result.

    Attributes:
        verdict: What the team has learned so far, or what is missing to learn.
        findings: What deserves attention.
        evidence: Tables behind verdict and readouts.
        readouts: Experiment id -> readout, where its data are there.
        cells: Experiment id -> cell of the agreed table.
        problems: Experiment id (or slot) -> why it could not be read.
        unregistered: Slot -> readout of an uploaded test that nobody registered.
        ideas: Best first.
        portfolio: All experiments together.
        overview: One row a test and metric, for the picture; None without readouts.
    """

    verdict: Verdict
    findings: tuple[Finding, ...]
    evidence: tuple[Evidence, ...]
    readouts: Mapping[str, Readout]
    cells: Mapping[str, preregistration.DecisionCell]
    problems: Mapping[str, UserError]
    unregistered: Mapping[str, Readout]
    ideas: tuple[IdeaCard, ...]
    portfolio: ExperimentPortfolio
    overview: Evidence | None = field(default=None)


@dataclass(frozen=True)
class _Readouts:
    """Readouts of registered experiments, of files that nobody registered, and what could not be read."""

    registered: dict[str, Readout] = field(default_factory=dict)
    unregistered: dict[str, Readout] = field(default_factory=dict)
    problems: dict[str, UserError] = field(default_factory=dict)

    @property
    def all(self) -> tuple[Readout, ...]:
        return (*self.registered.values(), *self.unregistered.values())


def _slot(saved: Experiment) -> str:
    """Where the rows of a registered experiment are; "" for events that name no assignment."""
    if saved.assignment_event:
        return slots.EVENTS
    return saved.dataset if saved.dataset != slots.EVENTS else ""


def _read_all(workbook: Workbook, data: Data) -> _Readouts:
    found = _Readouts()

    def read(
        into: dict[str, Readout], key: str, dataset: Dataset, design: Callable[[Dataset], Design]
    ) -> None:
        try:
            into[key] = experiment_reading.read(dataset, design(dataset))
        except UserError as error:
            found.problems[key] = error

    slots = {id: _slot(saved) for id, saved in workbook.experiments.items()}
    for id, slot in slots.items():
        if slot in data:
            read(found.registered, id, data[slot], partial(design_of, workbook.experiments[id], workbook))
    for slot, dataset in data.items():
        if slot.split("-")[0] == SLOT and slot not in slots.values():
            read(found.unregistered, slot, dataset, lambda rows: with_currency(guess(rows), workbook))
    return found


OVERVIEW_COLUMNS = ("test", "reading", "relative_effect", "low", "high", "state", "role")


_RANGES = (
    ("one look", "relative_ci_low", "relative_ci_high"),
    ("any look", "relative_always_low", "relative_always_high"),
)


def _shown(readout: Readout) -> Sequence[Effect]:
    """The effects agreed on, else the first two."""
    return [e for e in readout.effects if e.metric.role in ("process", "outcome")] or readout.effects[:2]


def _overview_rows(name: str, readout: Readout) -> Iterator[tuple[object, ...]]:
    for effect in _shown(readout):
        row = effect.row()
        if row["relative_effect"] is None or row["relative_ci_high"] is None:
            continue
        variant = f", {event_names.event(effect.variant)}" if len(readout.variants) > 2 else ""
        label, role = f"{name}: {effect.metric.words}{variant}", effect.metric.role or "shared"
        for reading, low, high in _RANGES:
            yield (label, reading, row["relative_effect"], row[low], row[high], effect.state, role)


def _overview(workbook: Workbook, found: _Readouts) -> Evidence | None:
    """Relative effects of all experiments: two rows a metric, for one look and for any number of looks."""
    named = [(workbook.experiments[id].name or id, readout) for id, readout in found.registered.items()]
    named += [(r.results.sources[0].name.rsplit(".", 1)[0], r) for r in found.unregistered.values()]
    rows = tuple(row for name, readout in named for row in _overview_rows(name, readout))
    if not rows:
        return None
    first = found.all[0].results
    return Evidence(
        "Effects of all tests",
        "Relative change against control; the range for one look at the end, and the range for any number of looks.",
        first.sql,
        OVERVIEW_COLUMNS,
        rows,
        (),
        tuple(source for readout in found.all for source in readout.results.sources),
        first.at,
        first.method,
    )


@step_cached
def overview(workbook: Workbook, data: Data) -> ExperimentsResult:
    """Read everything the step has.

    Args:
        workbook: May be empty.
        data: Slot -> dataset; may be empty.
    """
    found = _read_all(workbook, data)
    cells = {
        id: preregistration.cell(workbook.experiments[id], readout)
        for id, readout in found.registered.items()
    }
    state = ExperimentsState(workbook, found.registered, cells, found.unregistered, cards(workbook))
    whole = portfolio(workbook, found.registered)
    counts = count_all(state)
    picture = _overview(workbook, found)
    evidence = [counts, *([picture] if picture else []), *whole.evidence]
    evidence += [item for readout in found.all for item in readout.evidence]
    return ExperimentsResult(
        verdict_of(state, counts),
        findings_of(state),
        tuple(evidence),
        found.registered,
        cells,
        found.problems,
        found.unregistered,
        state.ideas,
        whole,
        picture,
    )

"""What all shared experiments together say: the step's verdict, and what deserves attention in plans and ideas."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from lib.analysis.experiments import preregistration
from lib.analysis.experiments.ideas import OPEN, IdeaCard
from lib.analysis.experiments.readout import Readout
from lib.analysis.findings import by_severity
from lib.analysis.verdict import Finding, Fix, Status, Verdict
from lib.engine.evidence.evidence import Evidence, Fact, single
from lib.workbook.model import Experiment, Workbook

# Conclusion -> status, sentence, what would settle it.
VERDICTS: Mapping[str, tuple[Status, str, str]] = {
    "decided": ("good", "{decided} of {tests} shared tests are decided, {shipped} of them shipped.", ""),
    "ready": ("good", "{told} of {tests} shared tests can be decided now: the ranges have chosen a cell of the agreed table.",
              ""),
    "running": ("unclear", "Shared tests registered: {tests}. None can be read yet.", "the file of a finished test"),
    "ideas": (
        "info",
        "No test is registered yet. Ideas so far: {ideas}, complete with a metric and an owner from each team: {complete}.",
        "one idea turned into a registered test",
    ),
    "empty": ("unclear", "No shared test yet: nothing shows what either team's work changes.",
              "one idea with a metric and an owner from each team"),
}  # fmt: skip
# Finding -> severity, sentence, why it matters ("" where the data say why).
FINDINGS: Mapping[str, tuple[Literal["high", "medium", "low"], str, str]] = {
    "plan_changed": ("high", "The plan of {name} was changed after it was locked: {parts}.",
                     "A plan that follows the data confirms anything."),
    "not_locked": ("low", "{name} was decided without a locked plan.",
                   "What was agreed beforehand cannot be told from what was agreed afterwards."),
    "override": ("medium", "{name} was decided as {decision}; the agreed table says {action}.", ""),
    "undecided": ("high", "{name} is ready: the table says {action}.", ""),
    "idea_incomplete": ("medium", "{name} still needs {missing}.", "A test that only one team can lose is not shared."),
    "not_testable": ("medium", "{name}: {text}", ""),
}  # fmt: skip
NO_REASON = "No reason was written."
MARK_NOT_TESTED = "Mark as not to be tested"


@dataclass(frozen=True)
class ExperimentsState:
    """What verdict and findings are read from.

    Attributes:
        workbook: The answers.
        readouts: Experiment id -> readout.
        cells: Experiment id -> cell of the agreed table.
        unregistered: Slot -> readout of a file that nobody registered.
        ideas: Best first.
    """

    workbook: Workbook
    readouts: Mapping[str, Readout]
    cells: Mapping[str, preregistration.DecisionCell]
    unregistered: Mapping[str, Readout]
    ideas: tuple[IdeaCard, ...]


def count_all(state: ExperimentsState) -> Evidence:
    """The numbers of the verdict, one row."""
    experiments = state.workbook.experiments.values()
    return single(
        "State of shared tests",
        "Counted from the workbook's answers and the readouts.",
        {
            "tests": len(experiments),
            "decided": sum(bool(e.decision) for e in experiments),
            "shipped": sum(e.decision == "ship" for e in experiments),
            "told": sum(bool(cell.action) for cell in state.cells.values()),
            "ideas": len(state.ideas),
            "complete": sum(not card.missing for card in state.ideas),
            "testable": sum(card.testability.answer == "testable" for card in state.ideas),
            "files": len(state.unregistered),
        },
    )


# The first that has a count decides; `files` has no sentence of its own.
_DECIDING = (
    ("decided", "decided"),
    ("told", "ready"),
    ("files", "files"),
    ("tests", "running"),
    ("ideas", "ideas"),
)


def verdict_of(state: ExperimentsState, counts: Evidence) -> Verdict:
    """What the team has learned so far, or what is missing to learn.

    Args:
        state: The step's state.
        counts: `count_all` of it.
    """
    row = counts.records()[0]
    code = next((code for column, code in _DECIDING if row[column]), "empty")
    if code == "files":
        return next(iter(state.unregistered.values())).verdict
    status, text, needs = VERDICTS[code]
    facts = {name: counts.fact(0, name, "count") for name in counts.columns} if code != "empty" else {}
    names = {id: state.workbook.experiments[id].name or id for id in state.cells}
    why = tuple(f"{names[id]}: {cell.why}" for id, cell in state.cells.items())
    return Verdict(status, text, facts, needs, code, why)


def _finding(
    code: str,
    id: str,
    facts: Mapping[str, Fact | str],
    why: str = "",
    fix: Fix | None = None,
    evidence: Evidence | None = None,
) -> Finding:
    severity, text, reason = FINDINGS[code]
    return Finding(code, severity, text, why or reason, (id,), facts, (fix,) if fix else (), evidence)


# ---- of one experiment -----------------------------------------------------------------------------------------------

_ExperimentRule = Callable[[str, Experiment, preregistration.DecisionCell | None], Finding | None]


def _name(id: str, experiment: Experiment) -> dict[str, Fact | str]:
    return {"name": experiment.name or id}


def _plan_changed(
    id: str, experiment: Experiment, cell: preregistration.DecisionCell | None
) -> Finding | None:
    changed = preregistration.changes(experiment)
    if not changed:
        return None
    parts = ", ".join(dict.fromkeys(change.part for change in changed))
    return _finding("plan_changed", id, _name(id, experiment) | {"parts": parts})


def _not_locked(id: str, experiment: Experiment, cell: preregistration.DecisionCell | None) -> Finding | None:
    if not experiment.decision or experiment.locked_hash or cell is None:
        return None
    return _finding("not_locked", id, _name(id, experiment))


def _override(id: str, experiment: Experiment, cell: preregistration.DecisionCell | None) -> Finding | None:
    if not (experiment.decision and cell and cell.action) or experiment.decision == cell.action:
        return None
    facts = _name(id, experiment) | {"decision": experiment.decision, "action": cell.action}
    return _finding("override", id, facts, experiment.decision_reason or NO_REASON)


def _undecided(id: str, experiment: Experiment, cell: preregistration.DecisionCell | None) -> Finding | None:
    if experiment.decision or not (cell and cell.action):
        return None
    return _finding("undecided", id, _name(id, experiment) | {"action": cell.action}, cell.why)


_EXPERIMENT_RULES: tuple[_ExperimentRule, ...] = (_plan_changed, _not_locked, _override, _undecided)


# ---- of one idea -----------------------------------------------------------------------------------------------------


def _idea_name(card: IdeaCard) -> str:
    return card.idea.name or card.sentence[:60]


def _incomplete(card: IdeaCard) -> Finding | None:
    is_begun = card.idea.status in OPEN and (card.idea.because or card.idea.name)
    if not card.missing or not is_begun:
        return None
    return _finding(
        "idea_incomplete", card.id, {"name": _idea_name(card), "missing": ", ".join(card.missing)}
    )


def _not_testable(card: IdeaCard) -> Finding | None:
    could = card.testability
    if could.answer != "not_test" or card.idea.status == "not_test":
        return None
    facts = {"name": _idea_name(card), "text": could.verdict.text}
    fix = Fix(MARK_NOT_TESTED, ((f"ideas/{card.id}/status", "not_test"),))
    return _finding("not_testable", card.id, facts, could.advice, fix, could.evidence)


def _all(state: ExperimentsState) -> Iterator[Finding | None]:
    for id, experiment in state.workbook.experiments.items():
        for rule in _EXPERIMENT_RULES:
            yield rule(id, experiment, state.cells.get(id))
    for card in state.ideas:
        yield _incomplete(card)
        yield _not_testable(card)
    for readout in (*state.readouts.values(), *state.unregistered.values()):
        yield from (finding for finding in readout.findings if finding.severity != "low")


def findings_of(state: ExperimentsState) -> tuple[Finding, ...]:
    """What deserves attention, most important first."""
    return by_severity(finding for finding in _all(state) if finding is not None)

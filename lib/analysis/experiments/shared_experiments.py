"""What do we test together, and what did we learn? Everything the step has, for one workbook on its data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lib.analysis.events import event_names
from lib.analysis.experiments import experiment_reading, preregistration
from lib.analysis.experiments.design import design_of, guess, with_currency
from lib.analysis.experiments.experiment_portfolio import Program, program
from lib.analysis.experiments.minimum_detectable_effect import (
    Testability,
    assess,
    feeds_north_star,
    ice,
    rice,
    suggested_confidence,
)
from lib.analysis.experiments.readout import Readout
from lib.analysis.result_types import Data
from lib.analysis.verdict import Finding, Fix, Verdict
from lib.engine.evidence.cache import step_cached
from lib.engine.evidence.evidence import Evidence, single
from lib.errors import UserError
from lib.workbook.model import Experiment, Idea, Workbook

OPEN = ("idea", "testable", "longer", "")


@dataclass(frozen=True)
class IdeaCard:
    """One idea with what the data say about testing it.

    Attributes:
        id: Its id.
        idea: As saved.
        sentence: "Because ..., we believe ...".
        missing: What it still needs, in words.
        testability: What a test could see.
        ice: Mean of the three scores, None while one is missing.
        rice: RICE, None while something is missing.
        confidence: 0..1, by the evidence behind it.
        confidence_why: Why that much.
        feeds_north_star: Whether its outcome metric feeds the North Star; None while there is none.
    """

    id: str
    idea: Idea
    sentence: str
    missing: tuple[str, ...]
    testability: Testability
    ice: float | None
    rice: float | None
    confidence: float
    confidence_why: str
    feeds_north_star: bool | None


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
        program: All tests together.
        overview: One row a test and metric, for the picture; None without readouts.
    """

    verdict: Verdict
    findings: tuple[Finding, ...]
    evidence: tuple[Evidence, ...]
    readouts: Mapping[str, Readout]
    cells: Mapping[str, preregistration.Cell]
    problems: Mapping[str, UserError]
    unregistered: Mapping[str, Readout]
    ideas: tuple[IdeaCard, ...]
    program: Program
    overview: Evidence | None = field(default=None)


def sentence(idea: Idea, metric_name: Mapping[str, str] | None = None) -> str:
    """The idea as one sentence, gaps shown as dots.

    >>> sentence(Idea(because="people stall", believe="a sample report", audience="new trials"))
    'Because people stall, we believe a sample report for new trials will move … and ….'
    """
    names = metric_name or {}
    process, outcome = (names.get(m, m) or "…" for m in (idea.process_metric, idea.outcome_metric))
    parts = (idea.because or "…", idea.believe or "…", idea.audience or "…")
    because, believe, audience = (part.strip().rstrip(".") for part in parts)
    return f"Because {because}, we believe {believe} for {audience} will move {process} and {outcome}."


def gaps(idea: Idea) -> tuple[str, ...]:
    """What an idea still needs before it can become a test, in words."""
    wanted = {
        "why (because ...)": idea.because,
        "what you believe will work": idea.believe,
        "for whom": idea.audience,
        "a process metric": idea.process_metric,
        "an outcome metric": idea.outcome_metric,
        "an owner from marketing": idea.marketing_owner,
        "an owner from growth": idea.growth_owner,
    }
    found = [words for words, value in wanted.items() if not value]
    if idea.process_metric and idea.process_metric == idea.outcome_metric:
        found.append("two different metrics")
    return tuple(found)


def _card(id: str, idea: Idea, workbook: Workbook) -> IdeaCard:
    insights = [workbook.insights[i] for i in idea.insights if i in workbook.insights]
    own = {key for key, e in workbook.experiments.items() if e.idea == id}
    learnings = [
        learning
        for key, learning in workbook.learnings.items()
        if learning.experiment in own or key in idea.learnings
    ]
    confidence, why = suggested_confidence(insights, learnings)
    names = {key: metric.name for key, metric in workbook.metrics.items()}
    could = assess(idea.baseline, idea.weekly_users, idea.weeks, idea.hoped_effect)
    star = feeds_north_star(workbook, idea.outcome_metric)
    return IdeaCard(
        id,
        idea,
        sentence(idea, names),
        gaps(idea),
        could,
        ice(idea, confidence),
        rice(idea, confidence),
        confidence,
        why,
        star,
    )


def cards(workbook: Workbook) -> tuple[IdeaCard, ...]:
    """All ideas, best first: testable before longer before the rest, then by ICE."""
    order = {"testable": 0, "longer": 1, "unknown": 2, "not_test": 3}
    found = [_card(id, idea, workbook) for id, idea in workbook.ideas.items()]
    return tuple(
        sorted(found, key=lambda c: (c.idea.status == "done", order[c.testability.answer], -(c.ice or 0)))
    )


def _readouts(
    workbook: Workbook, data: Data
) -> tuple[dict[str, Readout], dict[str, Readout], dict[str, UserError]]:
    """Readouts of registered tests, of files nobody registered, and what could not be read."""
    registered, loose, problems = {}, {}, {}
    used = set()
    for id, test in workbook.experiments.items():
        slot = "events" if test.assignment_event else test.dataset
        used.add(slot)
        if slot in data and (slot != "events" or test.assignment_event):
            try:
                registered[id] = experiment_reading.read(data[slot], design_of(test, workbook, data[slot]))
            except UserError as error:
                problems[id] = error
    for slot, dataset in data.items():
        if slot.split("-")[0] == "experiment" and slot not in used:
            try:
                loose[slot] = experiment_reading.read(dataset, with_currency(guess(dataset), workbook))
            except UserError as error:
                problems[slot] = error
    return registered, loose, problems


OVERVIEW_COLUMNS = ("test", "reading", "relative_effect", "low", "high", "state", "role")


def _overview(
    workbook: Workbook, readouts: Mapping[str, Readout], loose: Mapping[str, Readout]
) -> Evidence | None:
    """Relative effects of all tests: two rows a metric, for one look and for any number of looks."""
    rows: list[tuple[object, ...]] = []
    named = [((workbook.experiments[id].name or id), r) for id, r in readouts.items()]
    named += [(r.results.sources[0].name.rsplit(".", 1)[0], r) for r in loose.values()]
    for name, readout in named:
        chosen = [e for e in readout.effects if e.metric.role in ("process", "outcome")] or list(
            readout.effects[:2]
        )
        for effect in chosen:
            values = effect.row()
            if values["relative_effect"] is None or values["relative_ci_high"] is None:
                continue
            many = len(readout.variants) > 2
            label = f"{name}: {effect.metric.words}" + (
                f", {event_names.event(effect.variant)}" if many else ""
            )
            for reading, low, high in (
                ("one look", "relative_ci_low", "relative_ci_high"),
                ("any look", "relative_always_low", "relative_always_high"),
            ):
                rows.append(
                    (
                        label,
                        reading,
                        values["relative_effect"],
                        values[low],
                        values[high],
                        effect.state,
                        effect.metric.role or "shared",
                    )
                )
    if not rows:
        return None
    sources = tuple(source for r in (*readouts.values(), *loose.values()) for source in r.results.sources)
    first = next(iter([*readouts.values(), *loose.values()]))
    return Evidence(
        "Effects of all tests",
        "Relative change against control; the range for one look at the end, and the range for any number of looks.",
        first.results.sql,
        OVERVIEW_COLUMNS,
        tuple(rows),
        (),
        sources,
        first.results.at,
        first.results.method,
    )


def _verdict(
    workbook: Workbook,
    readouts: Mapping[str, Readout],
    cells: Mapping[str, preregistration.Cell],
    loose: Mapping[str, Readout],
    ideas: tuple[IdeaCard, ...],
) -> tuple[Verdict, Evidence]:
    tests = workbook.experiments
    decided = [e for e in tests.values() if e.decision]
    told = [id for id, cell in cells.items() if cell.action]
    counts = single(
        "State of shared tests",
        "Counted from the workbook's answers and the readouts.",
        {
            "tests": len(tests),
            "decided": len(decided),
            "shipped": sum(e.decision == "ship" for e in decided),
            "told": len(told),
            "ideas": len(ideas),
            "complete": sum(not c.missing for c in ideas),
            "testable": sum(c.testability.answer == "testable" for c in ideas),
            "files": len(loose),
        },
    )
    facts = {name: counts.fact(0, name, "count") for name in counts.columns}
    why = tuple(f"{workbook.experiments[id].name or id}: {cells[id].why}" for id in cells)
    if decided:
        text = "{decided} of {tests} shared tests are decided, {shipped} of them shipped."
        return Verdict("good", text, facts, code="decided", why=why), counts
    if told:
        text = "{told} of {tests} shared tests can be decided now: the ranges have chosen a cell of the agreed table."
        return Verdict("good", text, facts, code="ready", why=why), counts
    if loose:
        readout = next(iter(loose.values()))
        return readout.verdict, counts
    if tests:
        text = "Shared tests registered: {tests}. None can be read yet."
        return Verdict("unclear", text, facts, "the file of a finished test", "running", why), counts
    if ideas:
        text = "No test is registered yet. Ideas so far: {ideas}, complete with a metric and an owner from each team: {complete}."
        return Verdict("info", text, facts, "one idea turned into a registered test", "ideas"), counts
    text = "No shared test yet: nothing shows what either team's work changes."
    return Verdict("unclear", text, {}, "one idea with a metric and an owner from each team", "empty"), counts


def _test_findings(id: str, test: Experiment, cell: preregistration.Cell | None) -> list[Finding]:
    found = []
    name = {"name": test.name or id}
    changed = preregistration.changes(test)
    if changed:
        parts = ", ".join(dict.fromkeys(change.part for change in changed))
        text = "The plan of {name} was changed after it was locked: {parts}."
        why = "A plan that follows the data confirms anything."
        found.append(Finding("plan_changed", "high", text, why, (id,), name | {"parts": parts}))
    if test.decision and not test.locked_hash and cell is not None:
        why = "What was agreed beforehand cannot be told from what was agreed afterwards."
        found.append(
            Finding("not_locked", "low", "{name} was decided without a locked plan.", why, (id,), name)
        )
    if test.decision and cell and cell.action and test.decision != cell.action:
        facts = name | {"decision": test.decision, "action": cell.action}
        text = "{name} was decided as {decision}; the agreed table says {action}."
        why = test.decision_reason or "No reason was written."
        found.append(Finding("override", "medium", text, why, (id,), facts))
    if cell and cell.action and not test.decision:
        text = "{name} is ready: the table says {action}."
        found.append(Finding("undecided", "high", text, cell.why, (id,), name | {"action": cell.action}))
    return found


def _findings(
    workbook: Workbook,
    result: Mapping[str, Readout],
    cells: Mapping[str, preregistration.Cell],
    loose: Mapping[str, Readout],
    ideas: tuple[IdeaCard, ...],
) -> tuple[Finding, ...]:
    found: list[Finding] = []
    for id, test in workbook.experiments.items():
        found += _test_findings(id, test, cells.get(id))
    for card in ideas:
        if card.missing and card.idea.status in OPEN and (card.idea.because or card.idea.name):
            facts = {"name": card.idea.name or card.sentence[:60], "missing": ", ".join(card.missing)}
            found.append(
                Finding(
                    "idea_incomplete",
                    "medium",
                    "{name} still needs {missing}.",
                    "A test that only one team can lose is not shared.",
                    (card.id,),
                    facts,
                )
            )
        if card.testability.answer == "not_test" and card.idea.status != "not_test":
            saves = ((f"ideas/{card.id}/status", "not_test"),)
            facts = {"name": card.idea.name or card.sentence[:60], "text": card.testability.verdict.text}
            found.append(
                Finding(
                    "not_testable",
                    "medium",
                    "{name}: {text}",
                    card.testability.advice,
                    (card.id,),
                    facts,
                    (Fix("Mark as not to be tested", saves),),
                    card.testability.evidence,
                )
            )
    for readout in (*result.values(), *loose.values()):
        found += [finding for finding in readout.findings if finding.severity != "low"]
    order = {"high": 0, "medium": 1, "low": 2}
    return tuple(sorted(found, key=lambda finding: order[finding.severity]))


@step_cached
def overview(workbook: Workbook, data: Data) -> ExperimentsResult:
    """Read everything the step has.

    Args:
        workbook: May be empty.
        data: Slot -> dataset; may be empty.
    """
    readouts, loose, problems = _readouts(workbook, data)
    cells = {id: preregistration.cell(workbook.experiments[id], readout) for id, readout in readouts.items()}
    ideas = cards(workbook)
    whole = program(workbook, readouts)
    verdict, counts = _verdict(workbook, readouts, cells, loose, ideas)
    picture = _overview(workbook, readouts, loose)
    evidence = [counts, *([picture] if picture else []), *whole.evidence]
    evidence += [item for readout in (*readouts.values(), *loose.values()) for item in readout.evidence]
    findings = _findings(workbook, readouts, cells, loose, ideas)
    return ExperimentsResult(
        verdict, findings, tuple(evidence), readouts, cells, problems, loose, ideas, whole, picture
    )

"""The shared tests with effect, range and the team's call."""

from __future__ import annotations

from typing import Any

from lib.analysis.experiments.readout import Effect
from lib.analysis.templates import names_in
from lib.engine.evidence.evidence import Evidence, Fact, single
from lib.framework import step_ids
from lib.report import clean
from lib.report.story.headlines import headline, said, traced, verdict_lines
from lib.report.story.inputs import Inputs, StepChapter
from lib.report.story.names import opening
from lib.report.story.summary_model import Line, Message, Said, TableBody, TableCell, TableColumn, Text, Tone
from lib.workbook.model import Experiment

CALLS: dict[str, tuple[str, Tone]] = {
    "ship": ("Ship", "good"),
    "iterate": ("Iterate", "process"),
    "stop": ("Stop", "alarm"),
    "escalate": ("Escalate", "warn"),
    "": ("Not decided", "muted"),
}
Records = list[tuple[str, Experiment]]
_COLUMNS = (
    TableColumn("Experiment", 2.3),
    TableColumn("Outcome metric", 1.2),
    TableColumn("Effect", 0.8, True),
    TableColumn("95 % interval", 1.5, True),
    TableColumn("People", 0.8, True),
    TableColumn("Call", 0.9),
    TableColumn("What we learned", 2.2),
)
_UNREAD = (0, 1, 5, 6)  # the columns that say something before any test was read
_LONGEST_NAME = 60  # characters of a test's name that a headline has room for


def experiments(inputs: Inputs, most: int) -> Message | None:
    """All experiments with effect, range and the team's call.

    Args:
        inputs: Workbook and steps.
        most: Rows at most.
    """
    records, evidence, effects, names = _read(inputs)
    if not records:
        return None
    step = inputs.steps.get(step_ids.SHARED_EXPERIMENTS)
    rows = tuple(
        _row(record, evidence, index, effects[key], names[key])
        for index, (key, record) in enumerate(records[:most])
    )
    columns = _COLUMNS
    caption = Line("Effect is treatment minus control on the outcome metric, for one look at the end")
    points = _cells(records, step)
    if all(value is None for value in evidence.column("effect")):  # calls were made, but no file was read
        columns = tuple(columns[i] for i in _UNREAD)
        rows = tuple(tuple(row[i] for i in _UNREAD) for row in rows)
        caption = Line("Calls and learnings as the team wrote them down")
        points = (
            Line("No file of these tests has been read: effect and range are not known.", rule="readout"),
        )
    return Message(
        "experiments",
        "experiments",
        _headline(records, evidence, effects, names, step),
        TableBody(columns, rows, "Experiments with effect, range, call and learning."),
        caption,
        points,
        evidence=(evidence,),
    )


def _read(
    inputs: Inputs,
) -> tuple[Records, Evidence, dict[str, Effect | None], dict[str, str]]:
    """The named tests, their effects as a table and one by one, and what each outcome metric is called."""
    records = [(key, e) for key, e in inputs.workbook.experiments.items() if e.name]
    step = inputs.steps.get(step_ids.SHARED_EXPERIMENTS)
    readouts = dict(getattr(step.result, "readouts", {}) or {}) if step else {}
    effects = {key: _outcome_effect(record, readouts.get(key)) for key, record in records}
    names = {key: _metric_name(record, inputs, effects[key]) for key, record in records}
    return records, _measured(records, effects, readouts), effects, names


def shipped(inputs: Inputs) -> Line | None:
    """What the decided tests came to, in one sentence; None while none is decided."""
    records, evidence, effects, names = _read(inputs)
    if not any(record.decision for _, record in records):
        return None
    return _headline(records, evidence, effects, names, inputs.steps.get(step_ids.SHARED_EXPERIMENTS))


def _headline(
    records: Records,
    evidence: Evidence,
    effects: dict[str, Effect | None],
    names: dict[str, str],
    step: StepChapter | None,
) -> Line:
    """How many shipped, and what the first of them moved; while nothing is decided, what the step says."""
    calls = [record.decision for _, record in records]
    n_decided, n_shipped = len(calls) - calls.count(""), calls.count("ship")
    if not n_decided:
        return _waiting(step)
    counts = single(
        "Calls on the shared tests",
        "Tests the team registered, and those on which it has made its call.",
        {
            "tests": len(records),
            "decided": n_decided,
            "shipped": n_shipped,
            "waiting": len(records) - n_decided,
        },
    )
    facts: dict[str, Fact | str] = {name: counts.fact(0, name, "count") for name in counts.columns}
    told = _told(records, "ship" if n_shipped else "")
    effect = None
    if told is not None:
        key, record = records[told]
        effect = effects[key]
        facts |= {"name": record.name, "call": CALLS[record.decision][0].lower()}
        facts |= _moved(evidence, told, effect, names[key])
    template = _sentence(len(records), n_shipped, named=told is not None, read=effect is not None)
    if n_decided < len(records):
        template += _WAITS[len(records) - n_decided > 1]
    return Line(template, {n: facts[n] for n in names_in(template)}, rule="experiments")


_WAITS = ("; {waiting} waits for a call", "; {waiting} wait for a call")


def _told(records: Records, call: str) -> int | None:
    """The first test with this call (with any, for ""), if its name has room in a headline."""
    fit = (
        place
        for place, (_, record) in enumerate(records)
        if record.decision and call in ("", record.decision) and len(record.name) <= _LONGEST_NAME
    )
    return next(fit, None)


def _moved(evidence: Evidence, row: int, effect: Effect | None, metric: str) -> dict[str, Fact | str]:
    """What a test moved and by how much; {} while it is not read."""
    if effect is None:
        return {}
    by = evidence.fact(row, "effect", effect.metric.formats[1])
    return {"metric": clean.line(metric, 40), "effect": by}


def _sentence(tests: int, shipped: int, *, named: bool, read: bool) -> str:
    """The headline's wording by how many tests there are and how many shipped."""
    moved = "moved {metric} by {effect}"
    if tests == 1:
        said = (
            "The one shared test, “{name}”, is decided: {call}" if named else "The one shared test is decided"
        )
        return said + (f"; it {moved}" if read else "")
    if not shipped:
        return "{decided} of {tests} shared tests are decided, and none of them shipped"
    told = "{shipped} of {tests} shared tests shipped"
    if not named:
        return told
    return told + (f": “{{name}}” {moved}" if read else ": “{name}”" if shipped == 1 else ", first “{name}”")


def _waiting(step: StepChapter | None) -> Line:
    """While no call is made: what the step says, where that is a sentence."""
    title = headline(verdict_lines(step.result.verdict)[0]) if step else Line("")
    if len(title.text.split()) >= 5:
        return title
    return Line("The shared experiments wait for their readouts", rule="experiments")


def _cells(records: Records, step: StepChapter | None) -> tuple[Text, ...]:
    """What the table agreed before the test says of its result, and where the team decided otherwise."""
    if step is None:
        return ()
    cells = getattr(step.result, "cells", {})
    found = (_cell_line(cells[key], record, step) for key, record in records if key in cells)
    lines = [line for line in found if line is not None]
    return tuple(lines[:2]) or takeaways(step, 2)


def _cell_line(cell: Any, record: Experiment, step: StepChapter) -> Line | None:
    """What the table says of one test; None where its numbers cannot be traced."""
    name = f"“{clean.line(record.name, 120)}”"
    if not cell.action:
        return traced(f"{name}: {cell.why}", step.result.evidence, "cell")
    template = "{name}: process metric {process}, outcome metric {outcome}; the table agreed beforehand says {action}"
    facts: dict[str, Fact | str] = {
        "name": name,
        "process": cell.process,
        "outcome": cell.outcome,
        "action": cell.action,
        "chosen": CALLS[record.decision][0].lower(),
    }
    template += ", the team chose {chosen}." if record.decision not in ("", cell.action) else "."
    return Line(template, {n: facts[n] for n in names_in(template)}, rule="cell")


def takeaways(step: StepChapter, most: int = 3, *, skip_first: bool = True) -> tuple[Text, ...]:
    """What the verdict says beyond its headline, then its reasons whose numbers can be traced."""
    verdict = step.result.verdict
    lines: list[Text] = list(verdict_lines(verdict)[1 if skip_first else 0 :])
    seen = {line.text for line in lines}
    for why in verdict.why:
        line = traced(why, step.result.evidence, verdict.code)
        if line is not None and line.text not in seen:
            lines.append(line)
            seen.add(line.text)
    if verdict.status == "unclear" and verdict.needs:
        lines.append(Line("To settle it: {needs}", {"needs": verdict.needs}, rule=verdict.code or "step"))
    return tuple(lines[:most])


def _primary(readout: Any) -> list[Effect]:
    """The overall effects of a readout, outcome metric last."""
    return [
        effect for effect in getattr(readout, "effects", ()) if getattr(effect, "level", "all") in ("", "all")
    ]


def _outcome_effect(experiment: Experiment, readout: Any) -> Effect | None:
    effects = _primary(readout)
    record_metric = experiment.outcome_metric
    for effect in effects:
        if record_metric in (effect.metric.name, effect.metric.column) or effect.metric.role == "outcome":
            return effect
    return effects[0] if effects else None


def _metric_name(record: Experiment, inputs: Inputs, effect: Effect | None) -> str:
    """The outcome metric as the register calls it, else as the readout does."""
    registered = inputs.workbook.metrics.get(record.outcome_metric)
    if registered and registered.name:
        return registered.name
    return effect.metric.words if effect else record.outcome_metric


def _measured(records: Records, effects: dict[str, Effect | None], readouts: dict[str, Any]) -> Evidence:
    """Effect and range of each experiment on its outcome metric; gaps where no readout is."""
    measured: list[tuple[Any, ...]] = []
    sources: dict[str, Any] = {}
    at = ""
    for key, record in records:
        effect = effects[key]
        if effect is None:
            measured.append((record.name, record.outcome_metric, None, None, None, None))
            continue
        interval = effect.comparison.effect
        people = effect.n_control + effect.n_variant
        measured.append(
            (record.name, record.outcome_metric, interval.value, interval.low, interval.high, int(people))
        )
        for evidence in readouts[key].evidence:
            at = evidence.at or at
            for source in evidence.sources:
                sources[source.fingerprint] = source
    return Evidence(
        "Experiments with effect and range",
        "Difference of treatment and control on each test's outcome metric, with its interval.",
        "",
        ("experiment", "metric", "effect", "low", "high", "people"),
        tuple(measured),
        (),
        tuple(sources.values()),
        at,
        "As in the readouts of the experiments",
    )


def _row(
    record: Experiment, evidence: Evidence, index: int, found: Effect | None, metric: str
) -> tuple[TableCell, ...]:
    label, tone = CALLS[record.decision]
    effect: Text | Fact = Line("Not read yet", rule="readout")
    interval: Text = Line("", rule="readout")
    people: Text | Fact = Line("", rule="readout")
    if found is not None:
        form = found.metric.formats[1]
        effect = evidence.fact(index, "effect", form)
        interval = Line(
            "{low} to {high}",
            {"low": evidence.fact(index, "low", form), "high": evidence.fact(index, "high", form)},
            rule="readout",
        )
        people = evidence.fact(index, "people", "count")
    return (
        TableCell(Said(record.name), strong=True),
        TableCell(Said(opening(metric))),
        TableCell(effect, strong=True),
        TableCell(interval),
        TableCell(people),
        TableCell(Line(label, rule="call"), tone, strong=True),
        TableCell(said(record.learning or record.decision_reason)),
    )

"""Experiments, the decision with its signals, and where every number comes from."""

from __future__ import annotations

from typing import Any

from lib.engine.evidence import Evidence, Fact, single
from lib.report import clean
from lib.report.inputs import Inputs, Step
from lib.report.model import Cell, Column, DecisionBody, Line, Message, Said, TableBody, Text, Tone
from lib.report.sentences import finding_line, headline, said, traced, verdict_lines
from lib.report.slides_answer import chart_message, decision_line, takeaways
from lib.workbook.model import Experiment

CALLS: dict[str, tuple[str, Tone]] = {
    "ship": ("Ship", "good"), "iterate": ("Iterate", "process"), "stop": ("Stop", "alarm"), "escalate": ("Escalate", "warn"),
    "": ("Not decided", "muted"),
}  # fmt: skip


def _primary(readout: Any) -> list[Any]:
    """The overall effects of a readout, outcome metric last."""
    return [
        effect for effect in getattr(readout, "effects", ()) if getattr(effect, "level", "all") in ("", "all")
    ]


def _effect_evidence(rows: list[tuple[Any, ...]], sources: tuple, at: str) -> Evidence:
    return Evidence(
        "Experiments with effect and range", "Difference of treatment and control on each test's outcome metric, with its interval.",
        "", ("experiment", "metric", "effect", "low", "high", "people"), tuple(rows), (), sources, at, "As in the readouts of the experiments",
    )  # fmt: skip


def _outcome_effect(experiment: Experiment, readout: Any) -> Any | None:
    effects = _primary(readout)
    record_metric = experiment.outcome_metric
    for effect in effects:
        if record_metric in (effect.metric.name, effect.metric.column) or effect.metric.role == "outcome":
            return effect
    return effects[0] if effects else None


def experiments(inputs: Inputs, most: int) -> Message | None:
    """All experiments with effect, range and the team's call."""
    records = [(key, e) for key, e in inputs.workbook.experiments.items() if e.name]
    if not records:
        return None
    step = inputs.steps.get("shared_experiments")
    readouts = dict(getattr(step.result, "readouts", {}) or {}) if step else {}
    measured: list[tuple[Any, ...]] = []
    sources: dict[str, Any] = {}
    at = ""
    for key, record in records:
        effect = _outcome_effect(record, readouts.get(key))
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
    evidence = _effect_evidence(measured, tuple(sources.values()), at)
    rows = [_experiment_row(record, evidence, index) for index, (_, record) in enumerate(records[:most])]
    title = (
        headline(verdict_lines(step.result.verdict)[0])
        if step
        else Line("The shared experiments wait for their readouts")
    )
    if len(title.text.split()) < 5:
        title = Line("Where the shared experiments of the teams stand today", rule="experiments")
    columns = (Column("Experiment", 2.3), Column("Outcome metric", 1.2), Column("Effect", 0.8, True), Column("95 % interval", 1.5, True),
               Column("People", 0.8, True), Column("Call", 0.9), Column("What we learned", 2.2))  # fmt: skip
    points = takeaways(step, 2) if step else ()
    return Message(
        "experiments",
        "experiments",
        title,
        TableBody(columns, tuple(rows), "Experiments with effect, range, call and learning."),
        Line("Effect is treatment minus control on the outcome metric"),
        points,
        evidence=(evidence,),
    )


def _experiment_row(record: Experiment, evidence: Evidence, index: int) -> tuple[Cell, ...]:
    label, tone = CALLS[record.decision]
    effect: Text | Fact = Line("Not read yet", rule="readout")
    interval: Text = Line("", rule="readout")
    people: Text | Fact = Line("", rule="readout")
    if evidence.rows[index][2] is not None:
        small = abs(evidence.rows[index][2]) <= 1
        form = "+points" if small else "+number"
        effect = evidence.fact(index, "effect", form)
        interval = Line(
            "{low} to {high}",
            {"low": evidence.fact(index, "low", form), "high": evidence.fact(index, "high", form)},
            rule="readout",
        )
        people = evidence.fact(index, "people", "count")
    return (Cell(Said(record.name), strong=True), Cell(Said(record.outcome_metric.replace("_", " "))), Cell(effect, strong=True), Cell(interval), Cell(people),
            Cell(Line(label, rule="call"), tone, strong=True), Cell(said(record.learning or record.decision_reason)))  # fmt: skip


def experiment_charts(inputs: Inputs, most: int) -> list[Message]:
    """Charts of the experiments step."""
    step = inputs.steps.get("shared_experiments")
    if step is None:
        return []
    made = [
        chart_message(step, chart, number + 1, "experiments")
        for number, chart in enumerate(step.charts[:most])
    ]
    return [message for message in made if message is not None]


_POINTS: dict[str, tuple[str, Tone]] = {
    "pmm": ("Product marketing", "process"), "growth": ("Growth", "outcome"), "both": ("Both", "shared"), "integrate": ("Both", "shared"),
    "neither": ("Neither", "muted"), "": ("Open", "muted"),
}  # fmt: skip


def decision(inputs: Inputs) -> Message | None:
    """What the stage calls for, the signals it rests on, its limits and what would change it."""
    step = inputs.steps.get("stage_choice")
    chosen = decision_line(inputs)
    if step is None and chosen is None:
        return None
    verdict = step.result.verdict if step else None
    lines = verdict_lines(verdict) if verdict else []
    recommendation: Text = chosen or headline(lines[0])
    reason = said(str(inputs.workbook.stage.get("reason") or ""))
    title = (
        headline(lines[0])
        if lines and len(lines[0].text.split()) >= 5
        else Line("The team decided: {decision}", {"decision": recommendation.text}, rule="decision")
    )
    confidence: Text = Line("")
    if verdict is not None and verdict.status == "unclear":
        confidence = Line(
            "The data cannot tell yet. To settle it: {needs}",
            {"needs": verdict.needs or "answer the open questions"},
            rule=verdict.code or "stage",
        )
    elif reason.text:
        confidence = reason
    elif len(lines) > 1:
        confidence = lines[1]
    signals = _signals(step)
    caveats: list[Text] = [finding_line(f) for f in (step.result.findings if step else ())][:3]
    flips: list[Text] = []
    if verdict is not None and verdict.flips and step is not None:
        line = traced(verdict.flips, step.result.evidence, verdict.code)
        flips = [
            line if line is not None else Line("See the stage step for what would change this", rule="stage")
        ]
    tone: Tone = {"pmm": "process", "growth": "outcome"}.get(
        str(inputs.workbook.stage.get("decision") or ""), "shared"
    )  # type: ignore[assignment]
    evidence = tuple(step.result.evidence[:2]) if step else ()
    return Message(
        "decision",
        "decision",
        title,
        DecisionBody(recommendation, confidence, signals, tuple(caveats), tuple(flips), tone),
        Line("What the stage signals say, and what they rest on"),
        evidence=evidence,
    )


def _signals(step: Step | None) -> TableBody:
    """The signals of the stage step: its own objects where it has them, else the verdict's reasons."""
    if step is None:
        return TableBody((Column("Signal"),), ())
    result: Any = step.result
    rows: list[tuple[Cell, ...]] = []
    for signal in tuple(getattr(result, "signals", ()) or ())[:8]:
        reading = getattr(signal, "fact", None) or getattr(signal, "reading", None)
        side = str(getattr(signal, "points_to", "") or getattr(signal, "side", ""))
        label, tone = _POINTS.get(side, (side.replace("_", " ").capitalize(), "muted"))
        text = getattr(signal, "label", "") or getattr(signal, "question", "") or getattr(signal, "text", "")
        shown: Text | Fact = (
            reading if isinstance(reading, Fact) else said(str(reading if reading is not None else ""))
        )
        rows.append(
            (
                Cell(said(text)),
                Cell(shown, strong=True),
                Cell(Line(label, rule="signal"), tone, strong=True, mark=True),
            )
        )
    if rows:
        return TableBody(
            (Column("Signal", 2.4), Column("Reading", 0.8, True), Column("Points to", 1.1)),
            tuple(rows),
            "Signals and where they point.",
        )
    why = [traced(text, step.result.evidence, step.result.verdict.code) for text in step.result.verdict.why]
    reasons = tuple((Cell(line),) for line in why if line is not None)
    return TableBody((Column("Why"),), reasons[:6], "Reasons behind the recommendation.")


def sources(messages: list[Message], most: int) -> Message | None:
    """Every evidence with its data: how to check each number."""
    found: dict[str, Evidence] = {}
    for message in messages:
        for item in message.sources():
            found.setdefault(item.id, item)
    if not found:
        return None
    rows = []
    for number, item in enumerate(found.values(), start=1):
        data = ", ".join(dict.fromkeys(clean.line(s.name, 60) for s in item.sources)) or "Typed by the team"
        read = Said(f"{item.rows_read:,}") if item.sources else Said("–")
        rows.append(
            (
                Cell(Said(f"E{number}"), strong=True),
                Cell(Said(item.title)),
                Cell(Said(data)),
                Cell(read),
                Cell(Said(item.id), "muted"),
            )
        )
    columns = (
        Column("No.", 0.4),
        Column("Evidence", 2.4),
        Column("Data", 2.0),
        Column("Rows read", 0.8, True),
        Column("Id", 0.9),
    )
    total = single(
        "Evidence in this summary", "Tables behind the numbers of this summary.", {"tables": len(found)}
    )
    title = Line(
        "Each number traces back to one of {tables} tables",
        {"tables": total.fact(0, "tables", "count")},
        rule="sources",
    )
    if len(found) == 1:
        title = Line("Each number traces back to one table", rule="sources")
    notes = (
        Line(
            "Each table's query, parameters and rows stand in the speaker notes of the slide that uses it, and in the evidence workbook."
        ),
    )
    return Message(
        "sources",
        "sources",
        title,
        TableBody(columns, tuple(rows[:most]), "List of evidence with data and rows read."),
        notes=notes,
    )

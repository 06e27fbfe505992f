"""Experiments, the decision with its signals, and where every number comes from."""

from __future__ import annotations

from typing import Any

from lib.analysis.experiment_readout import Effect
from lib.analysis.verdict import Verdict
from lib.engine.evidence import Evidence, Fact
from lib.report import clean
from lib.report.inputs import Inputs, Step
from lib.report.model import Cell, Column, DecisionBody, Line, Message, Said, TableBody, Text, Tone
from lib.report.names import opening
from lib.report.sentences import finding_line, headline, said, traced, verdict_lines
from lib.report.slides_answer import decision_line, takeaways
from lib.workbook.model import Experiment

CALLS: dict[str, tuple[str, Tone]] = {
    "ship": ("Ship", "good"),
    "iterate": ("Iterate", "process"),
    "stop": ("Stop", "alarm"),
    "escalate": ("Escalate", "warn"),
    "": ("Not decided", "muted"),
}


def _primary(readout: Any) -> list[Any]:
    """The overall effects of a readout, outcome metric last."""
    return [
        effect for effect in getattr(readout, "effects", ()) if getattr(effect, "level", "all") in ("", "all")
    ]


def _effect_evidence(rows: list[tuple[Any, ...]], sources: tuple, at: str) -> Evidence:
    return Evidence(
        "Experiments with effect and range",
        "Difference of treatment and control on each test's outcome metric, with its interval.",
        "",
        ("experiment", "metric", "effect", "low", "high", "people"),
        tuple(rows),
        (),
        sources,
        at,
        "As in the readouts of the experiments",
    )


def _outcome_effect(experiment: Experiment, readout: Any) -> Effect | None:
    effects = _primary(readout)
    record_metric = experiment.outcome_metric
    for effect in effects:
        if record_metric in (effect.metric.name, effect.metric.column) or effect.metric.role == "outcome":
            return effect
    return effects[0] if effects else None


_EXPERIMENT_COLUMNS = (
    Column("Experiment", 2.3),
    Column("Outcome metric", 1.2),
    Column("Effect", 0.8, True),
    Column("95 % interval", 1.5, True),
    Column("People", 0.8, True),
    Column("Call", 0.9),
    Column("What we learned", 2.2),
)
_UNREAD = (0, 1, 5, 6)  # the columns that say something before any test was read


def experiments(inputs: Inputs, most: int) -> Message | None:
    """All experiments with effect, range and the team's call."""
    records = [(key, e) for key, e in inputs.workbook.experiments.items() if e.name]
    if not records:
        return None
    step = inputs.steps.get("shared_experiments")
    readouts = dict(getattr(step.result, "readouts", {}) or {}) if step else {}
    effects = {key: _outcome_effect(record, readouts.get(key)) for key, record in records}
    evidence = _measured(records, effects, readouts)
    rows = tuple(
        _experiment_row(record, evidence, index, effects[key], _metric_name(record, inputs, effects[key]))
        for index, (key, record) in enumerate(records[:most])
    )
    title = (
        headline(verdict_lines(step.result.verdict)[0])
        if step
        else Line("The shared experiments wait for their readouts")
    )
    if len(title.text.split()) < 5:
        title = Line("Where the shared experiments of the teams stand today", rule="experiments")
    columns = _EXPERIMENT_COLUMNS
    caption = Line("Effect is treatment minus control on the outcome metric")
    points = takeaways(step, 2) if step else ()
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
        title,
        TableBody(columns, rows, "Experiments with effect, range, call and learning."),
        caption,
        points,
        evidence=(evidence,),
    )


def _metric_name(record: Experiment, inputs: Inputs, effect: Effect | None) -> str:
    """The outcome metric as the register calls it, else as the readout does."""
    registered = inputs.workbook.metrics.get(record.outcome_metric)
    if registered and registered.name:
        return registered.name
    return effect.metric.words if effect else record.outcome_metric


def _measured(
    records: list[tuple[str, Experiment]], effects: dict[str, Effect | None], readouts: dict[str, Any]
) -> Evidence:
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
    return _effect_evidence(measured, tuple(sources.values()), at)


def _experiment_row(
    record: Experiment, evidence: Evidence, index: int, found: Effect | None, metric: str
) -> tuple[Cell, ...]:
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
        Cell(Said(record.name), strong=True),
        Cell(Said(opening(metric))),
        Cell(effect, strong=True),
        Cell(interval),
        Cell(people),
        Cell(Line(label, rule="call"), tone, strong=True),
        Cell(said(record.learning or record.decision_reason)),
    )


FOCUS: dict[str, tuple[str, Tone]] = {
    "pmm": ("product marketing first", "process"),
    "product_marketing": ("product marketing first", "process"),
    "growth": ("growth first", "outcome"),
    "both": ("both together", "shared"),
    "integrate": ("both together", "shared"),
}


def _decision_title(focus: str, chosen: str, fallback: Line | None) -> Line:
    """What the signals point to, and whether the team follows them."""
    if focus and chosen:
        facts = {"focus": FOCUS[focus][0], "chosen": FOCUS[chosen][0]}
        same = "The stage signals call for {focus}, and so does the team"
        differ = "The stage signals call for {focus}; the team chose {chosen}"
        return Line(same if facts["focus"] == facts["chosen"] else differ, facts, rule="decision")
    if focus:
        text = "The stage signals call for {focus}; the team has not decided yet"
        return Line(text, {"focus": FOCUS[focus][0]}, rule="decision")
    if chosen:
        text = "The team chose {chosen}; the data cannot tell yet"
        return Line(text, {"chosen": FOCUS[chosen][0]}, rule="decision")
    if fallback is not None and len(fallback.text.split()) >= 5:
        return fallback
    return Line("The stage step waits for its first inputs", rule="decision")


def decision(inputs: Inputs) -> Message | None:
    """What the stage calls for, the signals it rests on, its limits and what would change it."""
    step = inputs.steps.get("stage_choice")
    chosen = str(inputs.workbook.stage.get("decision") or "")
    chosen = chosen if chosen in FOCUS else ""
    if step is None and not chosen:
        return None
    lines = verdict_lines(step.result.verdict) if step else []
    focus = str(getattr(step.result, "focus", "") or "") if step else ""
    focus = focus if focus in FOCUS else ""
    signals = _signals(step)
    body = DecisionBody(
        _recommendation(inputs, focus),
        _confidence(step.result.verdict if step else None, lines),
        signals or _unknown(step),
        tuple(_against(step)),
        tuple(_flips(step)),
        FOCUS[chosen or focus][1] if chosen or focus else "ink",
        "Recommendation" if focus else "The team's choice" if chosen else "No recommendation yet",
    )
    caption = "What would tell, and where it comes from; the most telling first"
    if signals:
        caption = "Stage signals, and whether each speaks for the recommendation"
    reason = str(inputs.workbook.stage.get("reason") or "")
    return Message(
        "decision",
        "decision",
        _decision_title(focus, chosen, headline(lines[0]) if lines else None),
        body,
        Line(caption, rule="decision"),
        evidence=tuple(step.result.evidence[:2]) if step else (),
        notes=(Line("The team's reason: {reason}", {"reason": reason}, rule="decision"),) if reason else (),
    )


def _recommendation(inputs: Inputs, focus: str) -> Text:
    """What the team decided, else what the stage calls for, else what to learn first."""
    decided = decision_line(inputs)
    if decided is not None:
        return decided
    if focus:
        return Line("Put {focus}", {"focus": FOCUS[focus][0]}, rule="decision")
    return Line("Learn what the stage is before choosing a focus", rule="decision")


def _flips(step: Step | None) -> list[Text]:
    """What would change the recommendation, where its numbers can be traced."""
    if step is None or not step.result.verdict.flips:
        return []
    line = traced(step.result.verdict.flips, step.result.evidence, step.result.verdict.code)
    return [line] if line is not None else []


def _confidence(verdict: Verdict | None, lines: list[Line]) -> Text:
    """How sure the step is."""
    if verdict is not None and verdict.status == "unclear":
        needs = verdict.needs or "answer the open questions"
        return Line(
            "The data cannot tell yet. To settle it: {needs}.",
            {"needs": needs.rstrip(".")},
            rule=verdict.code or "stage",
        )
    return lines[1] if len(lines) > 1 else Line("")


def _against(step: Step | None) -> list[Text]:
    """What speaks against the recommendation, and the findings of the step."""
    if step is None:
        return []
    out: list[Text] = []
    for why in step.result.verdict.why:
        if why.startswith("Against"):
            line = traced(why.split(": ", 1)[-1].strip(), step.result.evidence, step.result.verdict.code)
            out += [line] if line is not None else []
    out += [finding_line(f) for f in step.result.findings]
    return out[:3]


_FILES = {
    "events": "An events file",
    "metrics": "A metrics file",
    "customers": "A customers file",
    "spend": "A spend file",
    "survey": "A survey file",
    "deals": "A deals file",
}


def _unknown(step: Step | None) -> TableBody:
    """While nothing is known: the signals that would tell, most telling first, and how to learn each."""
    missing = getattr(step.result, "missing", ())[:6] if step else ()
    rows = tuple(
        (
            Cell(Line("{signal}", {"signal": signal.name}, rule="signal"), strong=True),
            Cell(Line("{how}", {"how": _FILES.get(signal.needs, "The team's answer")}, rule="signal")),
        )
        for signal in missing
    )
    return TableBody(
        (Column("What would tell", 2.2), Column("Comes from", 1.4)),
        rows,
        "Signals that are not known yet and what would answer each.",
    )


def _signals(step: Step | None) -> TableBody | None:
    """The step's table of signals, strongest first; None while there are none."""
    wanted = {"signal", "reading", "speaks"}
    table = next((e for e in step.result.evidence if wanted <= set(e.columns)), None) if step else None
    if table is None or not table.rows:
        return None
    rows: list[tuple[Cell, ...]] = []
    for index, record in enumerate(table.records()[:_MOST_SIGNALS]):
        label, tone = _SPEAKS["for" if record["speaks"] == "for" else "against"]
        name = Line("{signal}", {"signal": str(record["signal"])}, rule="signal")
        rows.append(
            (
                Cell(name, strong=True),
                Cell(table.fact(index, "reading", "text")),
                Cell(Line(label, rule="signal"), tone, strong=True, mark=True),
            )
        )
    columns = (Column("Signal", 1.7), Column("Reading", 1.7), Column("Speaks", 0.8))
    return TableBody(columns, tuple(rows), "Signals with their readings and whether each speaks for it.")


_MOST_SIGNALS = 9
_SPEAKS: dict[str, tuple[str, Tone]] = {"for": ("For", "good"), "against": ("Against", "alarm")}


_SOURCE_COLUMNS = (
    Column("No.", 0.4),
    Column("Evidence", 2.4),
    Column("Data", 2.0),
    Column("Rows read", 0.8, True),
    Column("Id", 0.9),
)


def sources(messages: list[Message], most: int) -> Message | None:
    """Every evidence with its data: how to check each number; the caption says so when the list is cut."""
    found: dict[str, Evidence] = {}
    for message in messages:
        for item in message.sources():
            found.setdefault(item.id, item)
    if not found:
        return None
    rows = tuple(_source_row(number, item) for number, item in enumerate(found.values(), start=1))
    title = Line(
        "Each number traces back to one of {tables} tables", {"tables": str(len(found))}, rule="sources"
    )
    if len(found) == 1:
        title = Line("Each number traces back to one table", rule="sources")
    caption = None
    if len(rows) > most:
        caption = Line(
            "The first {shown} of {tables} tables, in the order of the slides; "
            "all of them stand in the evidence workbook",
            {"shown": str(most), "tables": str(len(rows))},
            rule="sources",
        )
    note = Line(
        "Each table's query, parameters and rows stand in the speaker notes of the slide that uses it, "
        "and in the evidence workbook."
    )
    return Message(
        "sources",
        "sources",
        title,
        TableBody(_SOURCE_COLUMNS, rows[:most], "List of evidence with data and rows read."),
        caption,
        notes=(note,),
    )


def _source_row(number: int, item: Evidence) -> tuple[Cell, ...]:
    data = ", ".join(dict.fromkeys(clean.line(s.name, 60) for s in item.sources)) or "Typed by the team"
    return (
        Cell(Said(f"E{number}"), strong=True),
        Cell(Said(opening(item.title))),
        Cell(Said(data)),
        Cell(Said(f"{item.rows_read:,}") if item.sources else Said("–")),
        Cell(Said(item.id), "muted"),
    )

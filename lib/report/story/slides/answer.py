"""The answer first: what to do, and one reason from each step."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace

from lib.analysis.audit import words_slides as audit_words
from lib.analysis.handoff import words_slides as handoff_words
from lib.analysis.templates import names_in
from lib.analysis.verdict import Finding, Verdict
from lib.engine.evidence.evidence import Evidence, Fact, single
from lib.framework import step_ids
from lib.report.story.headlines import finding_line, headline, join, said, traced, verdict_lines
from lib.report.story.inputs import Inputs, StepChapter, StepChart
from lib.report.story.slides.experiments import shipped
from lib.report.story.summary_model import (
    ChartBody,
    Line,
    Message,
    Reason,
    ReasonsBody,
    Section,
    TableBody,
    TableCell,
    TableColumn,
    Tone,
)

# Which step speaks first when several have something urgent to say: the crossing, then the numbers, then the tests.
_WEIGHT = {
    step_ids.HANDOFF_MAP: 0,
    step_ids.METRIC_AUDIT: 1,
    step_ids.SHARED_EXPERIMENTS: 2,
    step_ids.STAGE_CHOICE: 3,
}
_URGENT = {"bad": 0, "mixed": 1, "good": 2, "info": 3, "unclear": 4}
_TONES: dict[str, Tone] = {
    step_ids.METRIC_AUDIT: "process",
    step_ids.HANDOFF_MAP: "shared",
    step_ids.SHARED_EXPERIMENTS: "shared",
    step_ids.STAGE_CHOICE: "outcome",
}
LABELS = {
    step_ids.METRIC_AUDIT: "What we measure",
    step_ids.HANDOFF_MAP: "Where we hand over",
    step_ids.SHARED_EXPERIMENTS: "What we tested",
    step_ids.STAGE_CHOICE: "What our stage calls for",
}
# What a reason's label says once the step has spoken, by the verdict's code.
_SPOKEN = {
    **{code: said.text for code, said in (audit_words.SPOKEN | handoff_words.SPOKEN).items()},
    "decided": "Testing together has begun",
    "ready": "Tests wait for a decision",
    "stage_pre_fit": "Our stage calls for the story",
    "stage_scaling": "Our stage calls for growth",
    "stage_mature": "Our stage calls for both",
}
_LEAST_WORDS, _MOST_WORDS = 5, 24  # of a headline
_ANSWER_WORD = re.compile(r"^(Yes|No|Partly): ")
FOCUS: dict[str, tuple[str, Tone]] = {
    "pmm": ("product marketing first", "process"),
    "product_marketing": ("product marketing first", "process"),
    "growth": ("growth first", "outcome"),
    "both": ("both together", "shared"),
    "integrate": ("both together", "shared"),
}
_DECISIONS = {
    "pmm": "Put product marketing first",
    "product_marketing": "Put product marketing first",
    "growth": "Put growth first",
    "both": "Run product marketing and growth together",
    "integrate": "Run product marketing and growth together",
}


def label(step: StepChapter) -> str:
    """A reason's label: what the step found in a few words, or what it looks at while it cannot tell."""
    verdict = step.result.verdict
    return LABELS[step.id] if verdict.status == "unclear" else _SPOKEN.get(verdict.code, LABELS[step.id])


def ranked(inputs: Inputs) -> list[StepChapter]:
    """Steps in order of urgency."""
    return sorted(inputs.steps.values(), key=lambda s: (_URGENT[s.result.verdict.status], _WEIGHT[s.id]))


def waiting(inputs: Inputs) -> bool:
    """Whether no step can tell anything yet and the team has decided nothing."""
    verdicts = [step.result.verdict.status for step in inputs.steps.values()]
    return all(status == "unclear" for status in verdicts) and decision_line(inputs) is None


def decision_line(inputs: Inputs) -> Line | None:
    """What the team decided on the stage step, when it did."""
    chosen = str(inputs.workbook.stage.get("decision") or "")
    return Line(_DECISIONS[chosen], rule="decision") if chosen in _DECISIONS else None


def _urgent(inputs: Inputs, first: StepChapter) -> tuple[Line, Finding | None]:
    """What most needs saying: a finding of high weight, else the most urgent verdict."""
    for _, finding in _by_weight(inputs):
        line = finding_line(finding)
        if finding.severity == "high" and _LEAST_WORDS <= len(line.text.split()) <= 20:
            return line, finding
    return verdict_lines(first.result.verdict)[0], None


_TOLD_ALREADY = {"proposed": "stages_proposed"}  # a verdict, and the finding that says the same once more


def _says_again(finding: Finding, said: Finding | None) -> bool:
    """Whether a finding speaks of what the headline speaks of."""
    return said is not None and bool(set(finding.subjects) & set(said.subjects))


def _reason_text(step: StepChapter, headline_says: Finding | None, decided: Line | None) -> Line:
    """The verdict and its weightiest finding that the headline does not say, in about forty words at most."""
    verdict = step.result.verdict
    lines = [decided] if decided is not None else _opened(step)
    if verdict.status != "unclear":
        lines += _weightiest(step, headline_says)
    if verdict.status == "unclear" and verdict.needs:
        needs = {"needs": verdict.needs.rstrip(".")}
        lines.insert(1, Line("To settle it: {needs}.", needs, rule=verdict.code or "step"))
    elif step.charts and len(lines) == 1:
        lines.append(step.charts[0].headline)
    words = itertools.accumulate(len(line.text.split()) for line in lines)
    room = itertools.takewhile(lambda pair: pair[1] <= _REASON_WORDS, zip(lines, words, strict=True))
    return join([line for line, _ in room] or lines[:1])


_REASON_WORDS = 40


def _weightiest(step: StepChapter, headline_says: Finding | None) -> list[Line]:
    """The first finding of high weight that neither the verdict nor the headline says; none or one."""
    told = _TOLD_ALREADY.get(step.result.verdict.code, "")
    return [
        finding_line(f)
        for f in step.result.findings
        if f.severity == "high" and f.code != told and not _says_again(f, headline_says)
    ][:1]


def _opened(step: StepChapter) -> list[Line]:
    """The verdict's sentences as they follow their label, which gives the short answer already."""
    verdict = step.result.verdict
    lines = verdict_lines(verdict)
    focus = verdict.facts.get("focus")
    if verdict.code.startswith("stage_") and isinstance(focus, str) and "stage" in verdict.facts:
        facts = {"stage": verdict.facts["stage"], "focus": _lower(focus)}
        lines[0] = Line("The signals point to the stage {stage}: {focus}.", facts, rule=verdict.code)
    elif label(step) != LABELS[step.id]:
        lines[0] = replace(lines[0], template=_capital(_ANSWER_WORD.sub("", lines[0].template)))
    return lines


def _title(inputs: Inputs, first: StepChapter, urgent: Line) -> tuple[Line, Line]:
    """The headline, what to put first before what most needs saying, and the sentence under it."""
    decided = decision_line(inputs)
    reason = said(str(inputs.workbook.stage.get("reason") or "")).text
    opening = decided or _recommended(inputs)
    if opening is None:
        return urgent, Line("")
    urgent = _bare(urgent)
    joined = _joined(opening, urgent, ": " if decided is not None else ", and ")
    fits = len(joined.text.split()) <= _MOST_WORDS and ": " not in urgent.text
    if fits and first.id != step_ids.STAGE_CHOICE:
        why = Line("{reason}", {"reason": reason}, rule="decision")
        return joined, why if decided is not None and reason else Line("")
    if decided is None or not reason:
        return urgent, opening
    both = {"decision": decided.text, "reason": reason}
    return urgent, Line("{decision}: {reason}", both, rule="decision")


def _bare(line: Line) -> Line:
    """A sentence without the count in brackets at its end: it has no room beside another."""
    template = re.sub(r"\s*\([^()]*\)$", "", line.template)
    return replace(line, template=template, facts={n: line.facts[n] for n in names_in(template)})


def _joined(opening: Line, urgent: Line, joint: str) -> Line:
    """Two sentences as one."""
    template = opening.template + joint + _lower(urgent.template)
    return Line(template, {**opening.facts, **urgent.facts}, rule="decision")


def _recommended(inputs: Inputs) -> Line | None:
    """What the stage's signals call for, while the team has not decided."""
    step = inputs.steps.get(step_ids.STAGE_CHOICE)
    focus = str(getattr(step.result, "focus", "") or "") if step else ""
    if focus not in FOCUS:
        return None
    return Line("The stage calls for {focus}", {"focus": FOCUS[focus][0]}, rule="decision")


def answer(inputs: Inputs) -> Message | None:
    """The first slide after the title; None when no step can speak yet."""
    steps = ranked(inputs)
    if not steps:
        return None
    urgent, finding = _urgent(inputs, steps[0])
    title, lead = _title(inputs, steps[0], headline(urgent))
    if waiting(inputs):
        title, lead = (
            Line("Each step waits for its first input, so nothing can be told yet", rule="answer"),
            Line(""),
        )
    elif len(title.text.split()) < _LEAST_WORDS:
        title = Line("What the workbook says so far: {answer}", {"answer": title.text}, rule="answer")
    order = sorted(inputs.steps.values(), key=lambda s: list(LABELS).index(s.id))
    tests = {step_ids.SHARED_EXPERIMENTS: shipped(inputs)}
    reasons = tuple(
        Reason(Line(label(s), rule="label"), _reason_text(s, finding, tests.get(s.id)), _TONES[s.id])
        for s in order
    )
    evidence = tuple(e for s in order for e in _fact_evidence(s.result.verdict))
    return Message("answer", "answer", title, ReasonsBody(lead, reasons), evidence=evidence)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:] if text[1:2].islower() and not text.startswith("I ") else text


def _fact_evidence(verdict: Verdict) -> list[Evidence]:
    return [fact.evidence for fact in verdict.facts.values() if isinstance(fact, Fact)]


def chart_slides(inputs: Inputs, step_id: str, most: int, section: Section) -> list[Message]:
    """One slide per picture of a step.

    Args:
        inputs: The steps.
        step_id: Which step.
        most: How many at most.
        section: Where they stand in the story.
    """
    step = inputs.steps.get(step_id)
    return (
        [_chart_slide(step, shown, number, section) for number, shown in enumerate(step.charts[:most], 1)]
        if step
        else []
    )


def _chart_slide(step: StepChapter, shown: StepChart, number: int, section: Section) -> Message:
    chart = shown.chart
    caption = None
    if chart.caption:
        caption = traced(chart.caption, [chart.evidence, *step.result.evidence], "chart") or Line(
            "{caption}", {"caption": chart.caption}, rule="chart"
        )
    return Message(
        f"{step.id}-picture-{number}",
        section,
        shown.headline,
        ChartBody(chart),
        caption,
        shown.points[:3],
        claims=shown.claims,
        evidence=(chart.evidence,),
    )


_FINDING_COLUMNS = (
    TableColumn("Weight", 0.7),
    TableColumn("Finding", 2.6),
    TableColumn("Why it matters", 2.6),
    TableColumn("Step", 0.9),
)
_WEIGHTS: dict[str, tuple[str, Tone]] = {
    "high": ("High", "alarm"),
    "medium": ("Medium", "warn"),
    "low": ("Low", "muted"),
}
_PLACES = {
    step_ids.HANDOFF_MAP: "at the handoff",
    step_ids.METRIC_AUDIT: "in the metrics",
    step_ids.SHARED_EXPERIMENTS: "in the tests",
    step_ids.STAGE_CHOICE: "in the choice of focus",
}
_MOST_AT_ONCE = 8


def _by_weight(inputs: Inputs) -> list[tuple[StepChapter, Finding]]:
    """All findings, most important first."""
    rank = {weight: place for place, weight in enumerate(_WEIGHTS)}
    found = [
        (rank[f.severity], _WEIGHT[step.id], index, step, f)
        for step in inputs.steps.values()
        for index, f in enumerate(step.result.findings)
    ]
    found.sort(key=lambda item: item[:3])
    return [(step, finding) for *_, step, finding in found]


def findings(inputs: Inputs, most: int) -> Message | None:
    """What deserves attention, most important first.

    Args:
        inputs: The steps.
        most: Rows at most; what weighs high is always shown, up to eight.
    """
    found = _by_weight(inputs)
    if not found:
        return None
    urgent = sum(f.severity == "high" for _, f in found)
    shown = found[: max(most, min(urgent, _MOST_AT_ONCE))]
    title, counts = _findings_title(found)
    total = len(found)
    caption = "What the data and the team's answers show"
    caption += "; {shown} of {all}, by weight" if total > len(shown) else ""
    facts: dict[str, Fact | str] = {"shown": str(len(shown)), "all": counts.fact(0, "findings", "count")}
    return Message(
        "findings",
        "findings",
        title,
        TableBody(
            _FINDING_COLUMNS,
            tuple(_finding_row(step, finding) for step, finding in shown),
            "Findings with their weight, reason and step.",
        ),
        Line(caption, facts if total > len(shown) else {}, rule="findings"),
        notes=(Line("{n} findings in all.", {"n": facts["all"]}, rule="findings"),)
        if total > len(shown)
        else (),
        evidence=(counts, *(f.evidence for _, f in shown if f.evidence is not None)),
    )


def _finding_row(step: StepChapter, finding: Finding) -> tuple[TableCell, ...]:
    weight, tone = _WEIGHTS[finding.severity]
    return (
        TableCell(Line(weight, rule="severity"), tone, strong=True, mark=True),
        TableCell(finding_line(finding), strong=True),
        TableCell(said(finding.why)),
        TableCell(Line(step.label)),
    )


def _findings_title(found: list[tuple[StepChapter, Finding]]) -> tuple[Line, Evidence]:
    """How many cannot wait, and where most of them are."""
    urgent = [step.id for step, f in found if f.severity == "high"]
    place = max(_PLACES, key=urgent.count)
    counts = single(
        "Findings by weight",
        "Findings of the steps, counted by how much they weigh; those of high weight also by step.",
        {
            "findings": len(found),
            **{w: sum(f.severity == w for _, f in found) for w in _WEIGHTS},
            "high_in_one_step": urgent.count(place),
        },
        method="Counted over the findings of all steps",
    )
    facts: dict[str, Fact | str] = {
        "high": counts.fact(0, "high", "count"),
        "there": counts.fact(0, "high_in_one_step", "count"),
        "all": counts.fact(0, "findings", "count"),
        "place": _PLACES[place],
    }
    if not urgent:
        template = (
            "{all} findings, and nothing that cannot wait"
            if len(found) > 1
            else "One finding, and it can wait"
        )
    elif len(urgent) == 1:
        template = "{high} of {all} findings needs action now: start {place}"
    elif urgent.count(place) == len(urgent):
        template = "{high} of {all} findings need action now, all of them {place}"
    elif urgent.count(place) == 1:
        template = "{high} of {all} findings need action now: start {place}"
    else:
        template = "{high} of {all} findings need action now: start {place}, where {there} of them are"
    return Line(template, {n: facts[n] for n in names_in(template)}, rule="findings"), counts

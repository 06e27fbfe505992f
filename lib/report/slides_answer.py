"""The answer first: what to do, and one reason from each step."""

from __future__ import annotations

from lib.analysis.verdict import Verdict
from lib.engine.evidence import Evidence, Fact, single
from lib.report.inputs import Inputs, Picture, Step
from lib.report.model import (
    Cell,
    ChartBody,
    Column,
    Line,
    Message,
    Reason,
    ReasonsBody,
    Section,
    TableBody,
    Text,
    Tone,
)
from lib.report.sentences import finding_line, headline, join, said, traced, verdict_lines

# Which step speaks first when several have something urgent to say: the crossing, then the numbers, then the tests.
_WEIGHT = {"handoff_map": 0, "metric_audit": 1, "shared_experiments": 2, "stage_choice": 3}
_URGENT = {"bad": 0, "mixed": 1, "good": 2, "info": 3, "unclear": 4}
_TONES: dict[str, Tone] = {
    "metric_audit": "process",
    "handoff_map": "shared",
    "shared_experiments": "shared",
    "stage_choice": "outcome",
}
LABELS = {
    "metric_audit": "What we measure",
    "handoff_map": "Where we hand over",
    "shared_experiments": "What we tested",
    "stage_choice": "What our stage calls for",
}
_DECISIONS = {
    "pmm": "Put product marketing first",
    "product_marketing": "Put product marketing first",
    "growth": "Put growth first",
    "both": "Run product marketing and growth together",
    "integrate": "Run product marketing and growth together",
}


def ranked(inputs: Inputs) -> list[Step]:
    """Steps in order of urgency."""
    return sorted(inputs.steps.values(), key=lambda s: (_URGENT[s.result.verdict.status], _WEIGHT[s.id]))


def decision_line(inputs: Inputs) -> Line | None:
    """What the team decided on the stage step, when it did."""
    chosen = str(inputs.workbook.stage.get("decision") or "")
    return Line(_DECISIONS[chosen], rule="decision") if chosen in _DECISIONS else None


def _urgent(inputs: Inputs, first: Step) -> Line:
    """What most needs saying: a finding of high weight, else the most urgent verdict."""
    high = [
        (_WEIGHT[s.id], n, f)
        for s in inputs.steps.values()
        for n, f in enumerate(s.result.findings)
        if f.severity == "high"
    ]
    high.sort(key=lambda item: item[:2])
    for _, _, finding in high:
        line = finding_line(finding)
        if 5 <= len(line.text.split()) <= 20:
            return line
    return verdict_lines(first.result.verdict)[0]


def _reason_text(step: Step) -> Line:
    """The verdict and its weightiest finding, as many sentences as stay under about forty words."""
    verdict = step.result.verdict
    lines = verdict_lines(verdict)
    lines += [finding_line(f) for f in step.result.findings if f.severity == "high"][:1]
    if verdict.status == "unclear" and verdict.needs:
        lines.insert(
            1,
            Line("To settle it: {needs}.", {"needs": verdict.needs.rstrip(".")}, rule=verdict.code or "step"),
        )
    elif step.pictures and len(lines) == 1:
        lines.append(step.pictures[0].headline)
    kept = lines[:1]
    for line in lines[1:]:
        if len(" ".join(item.text for item in [*kept, line]).split()) > 40:
            break
        kept.append(line)
    return join(kept)


def answer(inputs: Inputs) -> Message | None:
    """The first slide after the title; None when no step can speak yet."""
    steps = ranked(inputs)
    if not steps:
        return None
    first = steps[0]
    lead: Text = Line("")
    urgent = headline(_urgent(inputs, first))
    decided = decision_line(inputs)
    reason = said(str(inputs.workbook.stage.get("reason") or "")).text
    title = urgent
    if decided is not None:
        joined = Line(decided.template + ": " + _lower(urgent.template), urgent.facts, rule="decision")
        lead = Line(
            "{decision}: {reason}" if reason else "{decision}",
            {"decision": decided.text, "reason": reason},
            rule="decision",
        )
        if len(joined.text.split()) <= 22 and first.id != "stage_choice":
            title, lead = (
                joined,
                Line("{reason}", {"reason": reason}, rule="decision") if reason else Line(""),
            )
    if len(title.text.split()) < 5:
        title = Line("What the workbook says so far: {answer}", {"answer": title.text}, rule="answer")
    order = sorted(inputs.steps.values(), key=lambda s: list(LABELS).index(s.id))
    reasons = tuple(Reason(Line(LABELS[s.id]), _reason_text(s), _TONES[s.id]) for s in order)
    evidence = tuple(e for s in order for e in _fact_evidence(s.result.verdict))
    return Message("answer", "answer", title, ReasonsBody(lead, reasons), evidence=evidence)


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:] if text[1:2].islower() and not text.startswith("I ") else text


def _fact_evidence(verdict: Verdict) -> list[Evidence]:
    return [fact.evidence for fact in verdict.facts.values() if isinstance(fact, Fact)]


def takeaways(step: Step, most: int = 3, *, skip_first: bool = True) -> tuple[Text, ...]:
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


def pictures(inputs: Inputs, step_id: str, most: int, section: Section) -> list[Message]:
    """One slide per picture of a step.

    Args:
        inputs: The steps.
        step_id: Which step.
        most: How many at most.
        section: Where they stand in the story.
    """
    step = inputs.steps.get(step_id)
    return (
        [_picture(step, picture, number, section) for number, picture in enumerate(step.pictures[:most], 1)]
        if step
        else []
    )


def _picture(step: Step, picture: Picture, number: int, section: Section) -> Message:
    chart = picture.chart
    caption = None
    if chart.caption:
        caption = traced(chart.caption, [chart.evidence, *step.result.evidence], "chart") or Line(
            "{caption}", {"caption": chart.caption}, rule="chart"
        )
    return Message(
        f"{step.id}-picture-{number}",
        section,
        picture.headline,
        ChartBody(chart),
        caption,
        picture.points[:3],
        claims=picture.claims,
        evidence=(chart.evidence,),
    )


def findings(inputs: Inputs, most: int) -> Message | None:
    """What deserves attention, most important first."""
    rank = {"high": 0, "medium": 1, "low": 2}
    words: dict[str, tuple[str, Tone]] = {
        "high": ("High", "alarm"),
        "medium": ("Medium", "warn"),
        "low": ("Low", "muted"),
    }
    found = [
        (rank[f.severity], index, step, f)
        for step in inputs.steps.values()
        for index, f in enumerate(step.result.findings)
    ]
    found.sort(key=lambda item: (item[0], _WEIGHT[item[2].id], item[1]))
    if not found:
        return None
    rows = []
    for _, _, step, finding in found[:most]:
        label, tone = words[finding.severity]
        rows.append(
            (
                Cell(Line(label, rule="severity"), tone, strong=True, mark=True),
                Cell(finding_line(finding), strong=True),
                Cell(said(finding.why)),
                Cell(Line(step.label)),
            )
        )
    evidence = tuple(f.evidence for _, _, _, f in found[:most] if f.evidence is not None)
    total = len(found)
    counts = single(
        "Findings by weight",
        "Findings of the steps, counted by how much they weigh.",
        {"findings": total, **{w: sum(f.severity == w for _, _, _, f in found) for w in rank}},
    )
    facts = {"high": counts.fact(0, "high", "count"), "all": counts.fact(0, "findings", "count")}
    title = Line("{high} of {all} findings need action now", facts, rule="findings")
    if not facts["high"].value:
        title = Line("{all} findings, and nothing that cannot wait", facts, rule="findings")
    elif facts["high"].value == 1:
        title = Line("{high} of {all} findings needs action now", facts, rule="findings")
    notes = (Line("{n} findings in all.", {"n": str(total)}, rule="findings"),) if total > most else ()
    columns = (
        Column("Weight", 0.7),
        Column("Finding", 2.6),
        Column("Why it matters", 2.6),
        Column("Step", 0.9),
    )
    return Message(
        "findings",
        "findings",
        title,
        TableBody(columns, tuple(rows), "Findings with their weight, reason and step."),
        Line(
            "What the data and the team's answers show"
            + ("; the {shown} that weigh most" if total > most else ""),
            {"shown": str(most)} if total > most else {},
            rule="findings",
        ),
        notes=notes,
        evidence=(counts, *evidence),
    )

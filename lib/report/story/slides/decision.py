"""The decision: what the stage calls for, the signals it rests on, its limits and what would change it."""

from __future__ import annotations

from typing import Any

from lib.engine.evidence.evidence import Evidence, Fact, single
from lib.framework import slots, step_ids
from lib.report.story.headlines import finding_line, headline, traced, verdict_lines
from lib.report.story.inputs import Inputs, StepChapter
from lib.report.story.slides.answer import FOCUS, decision_line
from lib.report.story.summary_model import (
    DecisionBody,
    Line,
    Message,
    TableBody,
    TableCell,
    TableColumn,
    Text,
    Tone,
)


def _title(focus: str, chosen: str, counted: Evidence | None, lines: list[Line]) -> Line:
    """What the signals point to and how many of them, and whether the team follows them."""
    if not focus:
        return _untold(chosen, lines)
    facts: dict[str, Fact | str] = {"focus": FOCUS[focus][0]}
    head, tail = "The stage signals point to {focus}", "; the team has not decided yet"
    if counted is not None:
        facts |= {name: counted.fact(0, name, "count") for name in counted.columns}
        verb = "points" if counted.rows[0][0] == 1 else "point"
        head = "{supporting} of {inputs} stage signals " + verb + " to {focus}"
    if chosen and _agree(focus, chosen):
        tail = ", and the team has chosen it"
    elif chosen:
        tail = "; the team chose {chosen}"
        facts["chosen"] = FOCUS[chosen][0]
    return Line(head + tail, facts, rule="decision")


def _untold(chosen: str, lines: list[Line]) -> Line:
    """While no signal tells: what the team chose, else what the step says, where that is a sentence."""
    if chosen:
        text = "The team chose {chosen}; the data cannot tell yet"
        return Line(text, {"chosen": FOCUS[chosen][0]}, rule="decision")
    fallback = headline(lines[0]) if lines else Line("")
    if len(fallback.text.split()) >= 5:
        return fallback
    return Line("The stage step waits for its first inputs", rule="decision")


def _agree(focus: str, chosen: str) -> bool:
    """Whether the signals and the team speak for the same."""
    return FOCUS.get(focus, ("",))[0] == FOCUS[chosen][0]


def _known(focus: Any) -> str:
    """A focus that has words; "" for any other."""
    return str(focus) if str(focus) in FOCUS else ""


def _counted(step: StepChapter | None) -> Evidence | None:
    """How many signals are known, and how many of them speak for the leading stage."""
    table = _table(step)
    if table is None or not table.rows:
        return None
    speaks = table.column("speaks")
    return single(
        "Stage inputs",
        "Inputs for and against the stage with the most weight.",
        {"supporting": speaks.count("for"), "inputs": len(speaks)},
        method="Counted in the table of signals",
        sources=table.sources,
    )


def decision(inputs: Inputs) -> Message | None:
    """What the stage calls for, the signals it rests on, its limits and what would change it."""
    step = inputs.steps.get(step_ids.STAGE_CHOICE)
    chosen = _known(inputs.workbook.stage.get("decision"))
    if step is None and not chosen:
        return None
    lines, focus = _says(step)
    signals, leading = _signals(step), chosen or focus
    body = DecisionBody(
        _recommendation(inputs, focus),
        _confidence(step, lines),
        signals or _unknown(step),
        tuple(_against(step)),
        tuple(_flips(step)),
        FOCUS[leading][1] if leading else "ink",
        _LABELS[0 if focus else 1 if chosen else 2],
        _calls(step) if not chosen or _agree(focus, chosen) else (),
    )
    return Message(
        "decision",
        "decision",
        _title(focus, chosen, _counted(step), lines),
        body,
        Line(_CAPTION if signals else _CAPTION_UNKNOWN, rule="decision"),
        evidence=tuple(step.result.evidence[:2]) if step else (),
        notes=_reason(inputs),
    )


def _says(step: StepChapter | None) -> tuple[list[Line], str]:
    """The verdict's sentences, and the focus that the stage calls for; nothing while there is no step."""
    if step is None:
        return [], ""
    return verdict_lines(step.result.verdict), _known(getattr(step.result, "focus", ""))


_LABELS = ("Recommendation", "The team's choice", "No recommendation yet")
_CAPTION = (
    "What each stage signal reads, with its plausible range, and whether it speaks for the recommendation"
)
_CAPTION_UNKNOWN = "What would tell, and where it comes from; the most telling first"


def _reason(inputs: Inputs) -> tuple[Line, ...]:
    """Why the team decided so, where it says so."""
    reason = str(inputs.workbook.stage.get("reason") or "")
    return (Line("The team's reason: {reason}", {"reason": reason}, rule="decision"),) if reason else ()


def _recommendation(inputs: Inputs, focus: str) -> Text:
    """What the team decided, else what the stage calls for, else what to learn first."""
    decided = decision_line(inputs)
    if decided is not None:
        return decided
    if focus:
        return Line("Put {focus}", {"focus": FOCUS[focus][0]}, rule="decision")
    return Line("Learn what the stage is before choosing a focus", rule="decision")


def _calls(step: StepChapter | None) -> tuple[Text, ...]:
    """What the stage asks for now, and whom to hire, in the framework's words."""
    rule = getattr(step.result, "rule", None) if step else None
    return (
        tuple(Line("{words}", {"words": words}, rule="stage") for words in (rule.calls_for, rule.hire))
        if rule
        else ()
    )


def _flips(step: StepChapter | None) -> list[Text]:
    """What would change the recommendation, where its numbers can be traced."""
    if step is None or not step.result.verdict.flips:
        return []
    line = traced(step.result.verdict.flips, step.result.evidence, step.result.verdict.code)
    return [line] if line is not None else []


def _confidence(step: StepChapter | None, lines: list[Line]) -> Text:
    """How sure the step is."""
    verdict = step.result.verdict if step else None
    if verdict is not None and verdict.status == "unclear":
        needs = verdict.needs or "answer the open questions"
        return Line(
            "The data cannot tell yet. To settle it: {needs}.",
            {"needs": needs.rstrip(".")},
            rule=verdict.code or "stage",
        )
    return lines[1] if len(lines) > 1 else Line("")


def _against(step: StepChapter | None) -> list[Text]:
    """What speaks against the recommendation, and the findings of the step."""
    if step is None:
        return []
    out: list[Text] = []
    for why in step.result.verdict.why:
        if why.startswith("Against"):
            line = traced(why.split(": ", 1)[-1].strip(), step.result.evidence, step.result.verdict.code)
            out += [line] if line is not None else []
    out += [finding_line(f) for f in step.result.findings]
    return out[:2]


def _source(needs: str) -> str:
    """Where a signal comes from: the file of one slot, else people."""
    slot = slots.SLOTS.get(needs)
    return slot.file if slot else "The team's answer"


def _unknown(step: StepChapter | None) -> TableBody:
    """While nothing is known: the signals that would tell, most telling first, and how to learn each."""
    missing = getattr(step.result, "missing", ())[:6] if step else ()
    rows = tuple(
        (
            TableCell(Line("{signal}", {"signal": signal.name}, rule="signal"), strong=True),
            TableCell(Line("{how}", {"how": _source(signal.needs)}, rule="signal")),
        )
        for signal in missing
    )
    return TableBody(
        (TableColumn("What would tell", 2.2), TableColumn("Comes from", 1.4)),
        rows,
        "Signals that are not known yet and what would answer each.",
    )


def _table(step: StepChapter | None) -> Evidence | None:
    """The step's table of signals."""
    wanted = {"signal", "reading", "speaks"}
    return next((e for e in step.result.evidence if wanted <= set(e.columns)), None) if step else None


def _signals(step: StepChapter | None) -> TableBody | None:
    """The step's table of signals, strongest first; None while there are none."""
    table = _table(step)
    if table is None or not table.rows:
        return None
    rows: list[tuple[TableCell, ...]] = []
    for index, record in enumerate(table.records()[:_MOST_SIGNALS]):
        label, tone = _SPEAKS["for" if record["speaks"] == "for" else "against"]
        name = Line("{signal}", {"signal": str(record["signal"])}, rule="signal")
        template = label + (": {says}" if record.get("says") else "")
        says = Line(template, {"says": str(record["says"])} if record.get("says") else {}, rule="signal")
        rows.append(
            (
                TableCell(name, strong=True),
                TableCell(table.fact(index, "reading", "text")),
                TableCell(says, tone, mark=True),
            )
        )
    columns = (TableColumn("Signal", 1.55), TableColumn("Reading", 1.65), TableColumn("Speaks", 1.8))
    return TableBody(columns, tuple(rows), "Signals with their readings and whether each speaks for it.")


_MOST_SIGNALS = 9
_SPEAKS: dict[str, tuple[str, Tone]] = {"for": ("For", "good"), "against": ("Against", "alarm")}

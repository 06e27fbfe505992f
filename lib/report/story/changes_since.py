"""A deck with a memory: what changed since an earlier one, in numbers, verdicts, decisions and promises."""

from __future__ import annotations

from typing import Any

from lib.engine.evidence.evidence import Evidence, Fact, single
from lib.report.story.headlines import said
from lib.report.story.inputs import Inputs, StepChapter
from lib.report.story.names import plain_name
from lib.report.story.slides.answer import FOCUS, label
from lib.report.story.slides.experiments import CALLS
from lib.report.story.slides.next_steps import day_text
from lib.report.story.summary_model import Line, Message, Said, TableBody, TableCell, TableColumn, Text, Tone

STATUS_WORDS: dict[str, tuple[str, Tone]] = {
    "good": ("Good", "good"),
    "bad": ("Needs action", "alarm"),
    "mixed": ("Mixed", "warn"),
    "unclear": ("Can't tell yet", "muted"),
    "info": ("Noted", "ink"),
}
_NUMBERS = 4


# How a verdict's fact is called for a person; other names are words already.
_CALLED = {
    "process": "process metrics",
    "outcome": "outcome metrics",
    "shared": "shared metrics",
    "unassigned": "metrics not sorted",
    "unowned": "metrics without an owner",
    "in_data_only": "metrics found in the data only",
    "tests": "shared tests",
    "decided": "tests decided",
    "shipped": "tests shipped",
    "told": "tests ready to decide",
    "ideas": "ideas",
    "complete": "ideas with metrics and owners",
    "testable": "ideas that can be tested",
    "weight": "weight of the leading stage",
    "inputs": "stage inputs known",
}


# Numbers of the slides' headlines that executives follow: rule and name of the fact -> how it is called.
_FOLLOWED = {
    ("mix", "b"): "{what}, latest month",
    ("largest_loss", "loss"): "largest loss in the journey",
    ("ranges", "up"): "test results clearly better than control",
}


def _followed(step: StepChapter) -> dict[str, Fact]:
    """The numbers of a step's pictures by how they are called."""
    found: dict[str, Fact] = {}
    for chart in step.charts:
        for (rule, name), called in _FOLLOWED.items():
            fact = chart.headline.facts.get(name)
            if chart.headline.rule == rule and isinstance(fact, Fact):
                what = chart.headline.facts.get("what", "")
                found.setdefault(called.format(what=plain_name(str(what))), fact)
    return found


def _row(what: str, was: Fact, now: Fact) -> tuple[TableCell, ...]:
    return (
        TableCell(Said(what), strong=True),
        TableCell(was),
        TableCell(now, strong=True),
        TableCell(Line("Number", rule="since"), "muted"),
    )


def _number_rows(before: Inputs, after: Inputs) -> list[tuple[TableCell, ...]]:
    """Numbers that stand in both and differ: those of the pictures first, then those of the verdicts."""
    both = [(before.steps[key], step) for key, step in after.steps.items() if key in before.steps]
    alike = [(old, new) for old, new in both if old.result.verdict.code == new.result.verdict.code]
    pairs = [(new, _followed(old), _followed(new)) for old, new in both]
    pairs += [(new, _told(old), _told(new)) for old, new in alike]
    rows = [
        _row(f"{step.label}: {called}", was[called], fact)
        for step, was, now in pairs
        for called, fact in now.items()
        if called in was and was[called].text != fact.text
    ]
    return rows[:_NUMBERS]


def _told(step: StepChapter) -> dict[str, Fact]:
    """The numbers of a step's verdict by how they are called."""
    facts = step.result.verdict.facts
    return {_CALLED.get(n, plain_name(n)): fact for n, fact in facts.items() if isinstance(fact, Fact)}


def _spoken(step: StepChapter) -> tuple[str, Tone]:
    """What a step says in a few words."""
    words, tone = STATUS_WORDS[step.result.verdict.status]
    return (words, tone) if step.result.verdict.status == "unclear" else (label(step), tone)


def _verdict_rows(before: Inputs, after: Inputs) -> list[tuple[TableCell, ...]]:
    rows: list[tuple[TableCell, ...]] = []
    for key, step in after.steps.items():
        old = before.steps.get(key)
        was: tuple[str, Tone] = _spoken(old) if old else ("Not answered", "muted")
        now = _spoken(step)
        if was[0] == now[0] and old is not None:  # two verdicts with one short answer: say how each weighs
            was, now = (STATUS_WORDS[one.result.verdict.status] for one in (old, step))
        if old is None or old.result.verdict.code != step.result.verdict.code:
            rows.append(
                (
                    TableCell(Line(step.label), strong=True),
                    TableCell(Line(was[0], rule="since"), was[1]),
                    TableCell(Line(now[0], rule="since"), now[1], strong=True),
                    TableCell(Line("Verdict", rule="since"), "muted"),
                )
            )
    return rows


def _focus(chosen: str) -> Text:
    """The team's choice of focus in words."""
    known = FOCUS.get(chosen, ("",))[0]
    words = known[:1].upper() + known[1:]
    return Line(words, rule="since") if words else said(chosen or "Not decided")


def _decision_rows(before: Inputs, after: Inputs) -> list[tuple[TableCell, ...]]:
    rows: list[tuple[TableCell, ...]] = []

    def row(what: str, was: Text, now: Text, tone: Tone) -> None:
        rows.append(
            (
                TableCell(said(what), strong=True),
                TableCell(was, "muted"),
                TableCell(now, tone, strong=True),
                TableCell(Line("Decision", rule="since"), "muted"),
            )
        )

    for key, test in after.workbook.experiments.items():
        old = before.workbook.experiments.get(key)
        was = CALLS[old.decision if old else ""]
        now = CALLS[test.decision]
        if was != now:
            row(test.name or key, Line(was[0], rule="since"), Line(now[0], rule="since"), now[1])
    old_stage, new_stage = (str(i.workbook.stage.get("decision") or "") for i in (before, after))
    if old_stage != new_stage:
        row("PMM or growth", _focus(old_stage), _focus(new_stage), "ink")
    return rows


def _promise_rows(before: Inputs, after: Inputs) -> list[tuple[TableCell, ...]]:
    """Actions done since, and actions past their date."""
    rows: list[tuple[TableCell, ...]] = []
    today = after.today.isoformat()
    for key, action in after.workbook.actions.items():
        old = before.workbook.actions.get(key)
        due = f"Due {day_text(action.due)}" if action.due else "No date"
        if action.done and not (old and old.done):
            rows.append(
                (
                    TableCell(said(action.text), strong=True),
                    TableCell(Said(due), "muted"),
                    TableCell(Line("Done", rule="since"), "good", strong=True),
                    TableCell(said(action.owner)),
                )
            )
        elif not action.done and action.due and action.due < today:
            rows.append(
                (
                    TableCell(said(action.text), strong=True),
                    TableCell(Said(due), "muted"),
                    TableCell(Line("Overdue", rule="since"), "alarm", strong=True),
                    TableCell(said(action.owner)),
                )
            )
    return rows


_COLUMNS = (
    TableColumn("What", 2.6),
    TableColumn("Then", 1.2),
    TableColumn("Now", 1.2),
    TableColumn("Kind or owner", 1),
)


def message(before: Inputs, after: Inputs) -> Message:
    """The slide that compares two states of one workbook.

    Args:
        before: The workbook and its conclusions then.
        after: The same now.
    """
    numbers, verdicts = _number_rows(before, after), _verdict_rows(before, after)
    decisions, promises = _decision_rows(before, after), _promise_rows(before, after)
    overdue = [cells for cells in promises if cells[2].text.text == "Overdue"]
    counts = single(
        "Changes since the last summary",
        "Counted by comparing two states of the workbook.",
        {
            "numbers": len(numbers),
            "verdicts": len(verdicts),
            "decisions": len(decisions),
            "overdue": len(overdue),
        },
    )
    date = day_text(before.today.isoformat())
    rows = [*verdicts, *numbers, *decisions, *promises]
    title = _title(counts, date, kept=bool(rows))
    if not rows:
        still = Line("No number, verdict, decision or promise moved", rule="since")
        rows = [(TableCell(still), TableCell(Said("")), TableCell(Said("")), TableCell(Said("")))]
    return Message(
        "since",
        "since",
        title,
        TableBody(_COLUMNS, tuple(rows), "What changed, then and now."),
        Line("Compared with the workbook and its data on {date}", {"date": date}, rule="since"),
        evidence=(counts,),
    )


# What is counted in the headline, in its order, for one and for several; the number stays a fact.
_COUNTED = (
    ("verdicts", "{verdicts} verdict changed", "{verdicts} verdicts changed"),
    ("numbers", "{numbers} number moved", "{numbers} numbers moved"),
    ("decisions", "{decisions} decision made", "{decisions} decisions made"),
    ("overdue", "{overdue} action overdue", "{overdue} actions overdue"),
)


def _title(counts: Evidence, date: str, *, kept: bool) -> Line:
    """The headline: what changed and how often; `kept` says that promises were kept even where nothing else moved."""
    found = counts.records()[0]
    parts = [one if found[name] == 1 else many for name, one, many in _COUNTED if found[name]]
    if not parts:
        done = (
            "Since {date} what was promised was done" if kept else "Nothing that matters changed since {date}"
        )
        return Line(done, {"date": date}, rule="since")
    facts: dict[str, Any] = {name: counts.fact(0, name, "count") for name in counts.columns} | {"date": date}
    return Line("Since {date}: " + ", ".join(parts), facts, rule="since")

"""Next steps: who does what until when."""

from __future__ import annotations

from collections.abc import Sequence

from lib.engine.calendar import iso_day
from lib.engine.evidence.evidence import Evidence, Fact, single
from lib.report import clean
from lib.report.story.headlines import said
from lib.report.story.inputs import Inputs
from lib.report.story.summary_model import Line, Message, Said, TableBody, TableCell, TableColumn, Text
from lib.workbook.model import Action

_STEP_COLUMNS = (
    TableColumn("What", 3.4),
    TableColumn("Owner", 1.2),
    TableColumn("Due", 0.9),
    TableColumn("State", 0.8),
)


def next_steps(inputs: Inputs, most: int, still_open: tuple[Text, ...] = ()) -> Message | None:
    """Who does what until when; what is overdue comes first.

    Args:
        inputs: Workbook and the day.
        most: Rows at most.
        still_open: Sentences about what nobody has settled, where they are too few for a slide of their own.
    """
    todo = [a for a in inputs.workbook.actions.values() if a.text and not a.done]
    if not todo:
        return None
    today = inputs.today.isoformat()
    todo.sort(key=lambda a: (a.due or "9999", a.text))
    due = [a.due for a in todo if a.due]
    evidence = single(
        "Open actions",
        "Actions not done yet, and those past their date.",
        {
            "open": len(todo),
            "overdue": sum(day < today for day in due),
            "without_owner": sum(not a.owner for a in todo),
            "without_date": len(todo) - len(due),
        },
    )
    return Message(
        "next-steps",
        "next",
        _steps_title(evidence, due),
        TableBody(
            _STEP_COLUMNS,
            tuple(_step_row(action, today) for action in todo[:most]),
            "Next steps with owner, date and state.",
        ),
        Line("What was agreed, who does it and until when"),
        still_open[:3],
        evidence=(evidence,),
    )


def _steps_title(evidence: Evidence, due: Sequence[str]) -> Line:
    """How many are late; else how many there are, and the days from the first to the last."""
    first, last = (min(due), max(due)) if due else ("", "")
    facts: dict[str, Fact | str] = {n: evidence.fact(0, n, "count") for n in ("open", "overdue")}
    overdue, number = evidence.records()[0]["overdue"], evidence.records()[0]["open"]
    if overdue:
        verb = "are past their date" if overdue > 1 else "is past its date"
        return Line("{overdue} of {open} next steps " + verb, facts, rule="actions")
    what = "{open} next steps are agreed" if number > 1 else "{open} next step is agreed"
    if not last:
        return Line(what + ", without dates yet", {"open": facts["open"]}, rule="actions")
    days: dict[str, Fact | str] = {"open": facts["open"], "last": day_text(last)}
    if number == 1:
        return Line(what + ", due {last}", days, rule="actions")
    if first == last:
        return Line(what + ", each due {last}", days, rule="actions")
    return Line(what + ", due from {first} to {last}", days | {"first": day_text(first)}, rule="actions")


def _step_row(action: Action, today: str) -> tuple[TableCell, ...]:
    late = bool(action.due) and action.due < today
    return (
        TableCell(said(action.text), strong=True),
        TableCell(said(action.owner or "Nobody yet"), "ink" if action.owner else "alarm"),
        TableCell(
            Said(day_text(action.due) if action.due else "No date yet"), "ink" if action.due else "warn"
        ),
        TableCell(Line("Overdue" if late else "Open", rule="state"), "alarm" if late else "ink", strong=late),
    )


def day_text(iso: str) -> str:
    """An ISO date as "1 Dec 2026"; anything else as it was typed."""
    day = iso_day(iso)
    return f"{day.day} {day.strftime('%b %Y')}" if day else clean.line(iso, 60)

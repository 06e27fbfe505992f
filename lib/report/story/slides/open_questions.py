"""What is still open: the questions that the answers or the data raise and nobody has settled."""

from __future__ import annotations

from lib.analysis.facilitator_prompts import FacilitatorPrompt
from lib.analysis.templates import names_in
from lib.engine.evidence.evidence import single
from lib.report.story.inputs import Inputs
from lib.report.story.summary_model import Line, Message, Said, TableBody, TableCell, TableColumn

_STATES = {"open": "Open", "parked": "Parked"}
_COLUMNS = (
    TableColumn("Question", 3),
    TableColumn("Why it is asked", 2.4),
    TableColumn("What we say so far", 1.6),
    TableColumn("State", 0.7),
)
_FEW = 2  # a slide for one question is mostly empty


def questions(inputs: Inputs, most: int) -> Message | None:
    """The questions that are open or parked, most important first; None where there are none.

    Args:
        inputs: Its questions.
        most: Rows to show.
    """
    waiting = inputs.questions
    if not waiting or most < 1:
        return None
    parked = sum(question.state == "parked" for question in waiting)
    counts = single(
        "Open questions",
        "Questions raised by answers that contradict each other or the data, neither answered nor dismissed.",
        {"waiting": len(waiting), "parked": parked, "shown": min(most, len(waiting))},
        method="Counted in the workbook",
    )
    verb = "question waits" if len(waiting) == 1 else "questions wait"
    return Message(
        "open-questions",
        "next",
        Line(
            f"{{waiting}} {verb} for an answer",
            {"waiting": counts.fact(0, "waiting", "count")},
            rule="questions",
        ),
        TableBody(
            _COLUMNS,
            tuple(_row(question) for question in waiting[:most]),
            "Open and parked questions with their reason and what the team says so far.",
        ),
        Line("Raised where answers contradict each other or the data; most important first"),
        evidence=(counts, *(table for question in waiting[:most] for table in question.evidence)),
    )


def _row(question: FacilitatorPrompt) -> tuple[TableCell, ...]:
    reply = Said(question.reply) if question.reply else Line("No answer yet", rule="challenge")
    return (
        TableCell(Line(question.rule.template, question.facts, rule="challenge"), strong=True),
        TableCell(Line("{why}", {"why": question.rule.because}, rule="challenge")),
        TableCell(reply, "ink" if question.reply else "muted"),
        TableCell(
            Line(_STATES[question.state], rule="state"), "warn" if question.state == "open" else "muted"
        ),
    )


def still_open(waiting: tuple[FacilitatorPrompt, ...]) -> tuple[Line, ...]:
    """The questions as sentences for another slide, where they are too few to fill one; () where they are many."""
    return tuple(map(_asked, waiting)) if len(waiting) <= _FEW else ()


def _asked(question: FacilitatorPrompt) -> Line:
    """The question itself, without the count that follows it in the table."""
    asked, mark, _ = question.rule.template.partition("?")
    template = f"Still open: {asked}{mark}"
    return Line(template, {name: question.facts[name] for name in names_in(template)}, rule="challenge")

"""The sessions of the calendar file, each agenda filled with what changed since the session before."""

from __future__ import annotations

from lib.analysis.translation.cadence import Agenda
from lib.engine.evidence import formats
from lib.report.story.inputs import Inputs
from lib.report.story.summary_model import Session

QUOTE = " (“"  # where the quote behind an insight begins


def sessions(inputs: Inputs, *, hide_quotes: bool = False) -> tuple[Session, ...]:
    """Every recurring session of the workbook as it will leave.

    Args:
        inputs: The workbook's sessions and their agendas.
        hide_quotes: Leave out what people said.
    """
    made = []
    for key, filled in inputs.agendas.items():
        ritual = inputs.workbook.rituals[key]
        made.append(
            Session(
                key,
                ritual.name or key,
                ritual.purpose,
                ritual.weekday,
                ritual.time,
                ritual.minutes,
                ritual.every_weeks,
                ritual.starts_on or inputs.today.isoformat(),
                ritual.owner,
                ritual.agenda,
                _news(filled, inputs, hide_quotes=hide_quotes),
            )
        )
    return tuple(made)


def _news(filled: Agenda, inputs: Inputs, *, hide_quotes: bool) -> tuple[str, ...]:
    """What the coming session has to talk about, as it stood on the day of the export."""
    points = [point for point in filled.points if point.items]
    coming, day = (formats.write(at.isoformat(), "date") for at in (filled.next, inputs.today))
    since = (
        f"since {formats.write(filled.last.isoformat(), 'date')}" if filled.last and inputs.log else "so far"
    )
    head = (
        f"nothing changed {since}, as of {day}."
        if not points
        else (f"what changed {since} (as of {day}; export again for newer):")
    )
    lines = [f"For {coming}, {head}"]
    for point in points:
        lines.append(f"{point.title}:")
        lines += [f"- {item.partition(QUOTE)[0] if hide_quotes else item}" for item in point.items]
    return tuple(line.replace("\u00a0", " ") for line in lines)  # a calendar shows them as odd signs

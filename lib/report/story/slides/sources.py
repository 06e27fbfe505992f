"""Where every number comes from: the list of tables behind a summary."""

from __future__ import annotations

from lib.engine.evidence.evidence import Evidence
from lib.report import clean
from lib.report.story.names import opening, origin
from lib.report.story.summary_model import Line, Message, Said, TableBody, TableCell, TableColumn

_COLUMNS = (
    TableColumn("No.", 0.4),
    TableColumn("Evidence", 2.6),
    TableColumn("Data", 3.0),
    TableColumn("Rows read", 0.8, True),
)


def sources(messages: list[Message]) -> Message | None:
    """Every table that a slide names in its foot, by its number; none is left out.

    Args:
        messages: The finished slides.
    """
    found: dict[str, Evidence] = {}
    for message in messages:
        for item in message.sources():
            found.setdefault(item.id, item)
    if not found:
        return None
    title = Line(
        "Each number traces back to one of {tables} tables", {"tables": str(len(found))}, rule="sources"
    )
    if len(found) == 1:
        title = Line("Each number traces back to one table", rule="sources")
    note = Line(
        "Each table's query, parameters and rows stand in the speaker notes of the slide that uses it, "
        "and in the evidence workbook."
    )
    return Message(
        "sources",
        "sources",
        title,
        TableBody(
            _COLUMNS,
            tuple(_row(number, item) for number, item in enumerate(found.values(), start=1)),
            "List of evidence with data and rows read.",
        ),
        Line(
            "The numbers stand at the foot of the slides; queries are in the notes and the evidence workbook"
        ),
        notes=(note,),
    )


def _row(number: int, item: Evidence) -> tuple[TableCell, ...]:
    data = ", ".join(dict.fromkeys(clean.line(s.name, 60) for s in item.sources)) or opening(origin(item))
    return (
        TableCell(Said(f"E{number}"), strong=True),
        TableCell(Said(opening(item.title))),
        TableCell(Said(data)),
        TableCell(Said(f"{item.rows_read:,}") if item.sources else Said("–")),
    )

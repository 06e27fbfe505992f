"""Saved queries in the summary: one slide each, a chart where the answer makes one, else its first rows."""

from __future__ import annotations

from lib.analysis.saved_queries import Explored
from lib.charts import explore
from lib.engine.evidence.evidence import Evidence, Fact
from lib.report.story.summary_model import ChartBody, Line, Message, Said, TableBody, TableCell, TableColumn

MAX_ROWS = 10
MAX_COLUMNS = 6
MAX_SLIDES = 6


def messages(found: tuple[Explored, ...]) -> list[Message]:
    """The slides of the queries that have an answer.

    Args:
        found: Queries marked for the summary.
    """
    return [_message(item, item.evidence) for item in found if item.evidence and item.evidence.rows][
        :MAX_SLIDES
    ]


def missing(found: tuple[Explored, ...]) -> tuple[str, ...]:
    """One sentence for each query that is marked and cannot be shown."""
    return tuple(
        f"Saved query {item.name}: {item.problem or 'it gives no rows.'}"
        for item in found
        if item.evidence is None or not item.evidence.rows
    )


def _message(item: Explored, evidence: Evidence) -> Message:
    chart = explore.chart(evidence, item.types)
    return Message(
        f"query-{item.id}",
        "findings",
        Said(item.note or item.name),
        ChartBody(chart) if chart else _table(evidence, item.types),
        caption=Said(item.name) if item.note else Line("The answer of a saved query"),
        evidence=(evidence,),
    )


def _table(evidence: Evidence, types: tuple[str, ...]) -> TableBody:
    shown = evidence.columns[:MAX_COLUMNS]
    formats = {name: _format(evidence, name, kind) for name, kind in zip(shown, types, strict=False)}
    columns = tuple(
        TableColumn(name.replace("_", " "), number=formats[name] not in ("text", "date")) for name in shown
    )
    rows = tuple(
        tuple(TableCell(Fact(evidence, index, name, formats[name])) for name in shown)
        for index in range(min(MAX_ROWS, len(evidence.rows)))
    )
    return TableBody(columns, rows, f"The first rows of {evidence.title}.")


def _format(evidence: Evidence, name: str, kind: str) -> str:
    if kind == "DATE":
        return "date"
    is_number = any(word in kind for word in ("INT", "DOUBLE", "FLOAT", "DECIMAL")) and "[" not in kind
    return explore.number_format(name, evidence.column(name)) if is_number else "text"

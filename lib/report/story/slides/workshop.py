"""What a workshop settled: decisions with the dissent that was kept, and topics that were parked."""

from __future__ import annotations

from typing import Any

from lib.engine.evidence.evidence import single
from lib.report.story.headlines import said
from lib.report.story.inputs import Inputs
from lib.report.story.summary_model import Line, Message, TableBody, TableCell, TableColumn


def _kept(inputs: Inputs, kind: str) -> list[dict[str, Any]]:
    """Outcomes of one kind, newest session first, in the order they were settled."""
    found = [
        item
        for item in inputs.workbook.room.values()
        if isinstance(item, dict) and item.get("kind") == kind and item.get("text")
    ]
    return sorted(found, key=lambda item: str(item.get("at", "")))


def _title(decisions: int, dissent: int, parked: int) -> str:
    if not decisions:
        return (
            "The workshop parked {parked} topics" if parked > 1 else "The workshop parked {parked} topic"
        ) + " for later"
    questions = "questions" if decisions > 1 else "question"
    tail = ", {dissent} with dissent kept" if dissent else ""
    return "The workshop settled {decisions} " + questions + tail


def room(inputs: Inputs, most: int) -> Message | None:
    """Decisions of the workshops with their dissent, then parked topics.

    Args:
        inputs: Workbook and steps.
        most: Rows at most; parked topics give way first.
    """
    decisions, parked = _kept(inputs, "decision"), _kept(inputs, "parking")
    if not decisions and not parked:
        return None
    counts = {
        "decisions": len(decisions),
        "dissent": sum(bool(item.get("dissent")) for item in decisions),
        "parked": len(parked),
    }
    evidence = single(
        "Workshop outcomes", "Questions settled in workshops, those with dissent, parked topics.", counts
    )
    title = _title(**counts)
    facts = {name: evidence.fact(0, name, "count") for name in counts if "{" + name + "}" in title}
    rows = tuple(_row(item) for item in [*decisions, *parked][:most])
    columns = (
        TableColumn("What the room settled", 3),
        TableColumn("Dissent, kept", 2.2),
        TableColumn("State", 0.7),
    )
    return Message(
        "workshop",
        "decision",
        Line(title, facts, rule="workshop"),
        TableBody(columns, rows, "Decisions of the workshop with dissent, and parked topics."),
        evidence=(evidence,),
    )


def _row(item: dict[str, Any]) -> tuple[TableCell, ...]:
    """One outcome: what, the dissent that was kept, whether it is settled."""
    is_parked = item.get("kind") == "parking"
    dissent = str(item.get("dissent") or "")
    kept = said(dissent) if dissent else Line("" if is_parked else "None recorded", rule="dissent")
    state = Line("Parked" if is_parked else "Settled", rule="state")
    return (
        TableCell(said(str(item["text"])), strong=not is_parked),
        TableCell(kept, "warn" if dissent else "muted"),
        TableCell(state, "muted" if is_parked else "good"),
    )

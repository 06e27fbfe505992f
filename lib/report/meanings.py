"""Words that the two teams still read differently, looked for in what is about to leave."""

from __future__ import annotations

from collections.abc import Sequence

from lib.analysis.glossary import in_texts
from lib.report.model import Line, Message, Said, walk
from lib.workbook.model import Workbook

_SHOWN = 5


def unsettled(workbook: Workbook, messages: Sequence[Message]) -> dict[str, int]:
    """Words the team took up and has not settled -> how often the slides use them, most used first.

    Args:
        workbook: Its glossary.
        messages: The finished slides.
    """
    return in_texts(workbook, [item.text for item in walk(messages) if isinstance(item, (Line, Said))])


def sentence(workbook: Workbook, messages: Sequence[Message]) -> str:
    """The same as one sentence for whoever sends the deck; "" where there is nothing to say."""
    found = unsettled(workbook, messages)
    if not found:
        return ""
    listed = ", ".join(f"“{word}” ({count})" for word, count in list(found.items())[:_SHOWN])
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return f"The slides use words that still have two meanings: {listed}{more}."

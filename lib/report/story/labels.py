"""What several writers say in the same words: the state of a handoff, the lists under a decision, a quote with its speaker."""

from __future__ import annotations

from lib.report import clean
from lib.report.story.summary_model import DecisionBody, Text, Tone

# State of a handoff -> sign, word, tone: the sign and the word say what the colour says.
STATUS: dict[str, tuple[str, str, Tone]] = {
    "agreed": ("✓", "Agreed", "good"),
    "unclear": ("?", "Unclear", "warn"),
    "missing": ("!", "Missing", "alarm"),
}


def decision_lists(body: DecisionBody) -> tuple[tuple[str, tuple[Text, ...]], ...]:
    """What stands under a recommendation, each list with its title; empty lists are left out."""
    lists = (
        ("What it calls for", body.calls),
        ("Caveats", body.caveats),
        ("What would change this", body.flips),
    )
    return tuple((title, items) for title, items in lists if items)


def quoted(quote: Text) -> str:
    """A quote with whoever said it.

    >>> from lib.report.story.summary_model import Said
    >>> quoted(Said("It works", "Ann"))
    '“It works” — Ann'
    """
    by = clean.line(getattr(quote, "by", ""))
    return f"“{quote.text}”" + (f" — {by}" if by else "")

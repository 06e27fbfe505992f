"""The mark on a slide that uses a word with two meanings, for every writer."""

from __future__ import annotations

from lib.report.story.summary_model import Message

SIGN = "†"  # beside the foot of a slide that uses such a word
_SHOWN = 5


def foot(message: Message) -> str:
    """A few words for the foot of a slide; "" where no word is open."""
    listed = ", ".join(f"“{line.facts['word']}”" for line in message.open_words[:_SHOWN])
    more = f" and {len(message.open_words) - _SHOWN} more" if len(message.open_words) > _SHOWN else ""
    return f"{SIGN} Two meanings still open: {listed}{more}." if listed else ""

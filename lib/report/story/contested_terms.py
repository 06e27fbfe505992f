"""Words that the two teams still read differently, looked for in what is about to leave and marked where they stand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from lib.analysis.translation.glossary import Word, in_texts, mark
from lib.report import clean
from lib.report.story.summary_model import Line, Message, Said, parts_within
from lib.workbook.model import Workbook

_SHOWN = 5
_LONGEST = 160
_UNMARKED = ("sources",)  # titles of tables: nobody argues there


def unsettled(workbook: Workbook, messages: Sequence[Message]) -> dict[str, int]:
    """Words the team took up and has not settled -> how often the slides use them, most used first.

    Args:
        workbook: Its glossary.
        messages: The finished slides.
    """
    return in_texts(workbook, [text for message in messages for text in _texts(message)])


def _texts(message: Message) -> Iterable[str]:
    """What a slide says, without the marks themselves."""
    bare = replace(message, open_words=())
    return [item.text for item in parts_within(bare) if isinstance(item, (Line, Said))]


def marked(words: tuple[Word, ...], messages: Sequence[Message]) -> tuple[Message, ...]:
    """The slides, each with a sentence for every unsettled word it uses.

    Args:
        words: What nobody has settled.
        messages: The finished slides.
    """
    return tuple(_marked(message, words) for message in messages) if words else tuple(messages)


def _marked(message: Message, words: tuple[Word, ...]) -> Message:
    if message.section in _UNMARKED:
        return message
    used = {use.word.id: use.word for text in _texts(message) for use in mark(text, words)}
    return replace(message, open_words=tuple(_sentence(word) for word in used.values()))


def _sentence(word: Word) -> Line:
    facts = {
        "word": clean.line(word.word, 60),
        "marketing": clean.line(word.marketing or "not written down", _LONGEST).rstrip("."),
        "growth": clean.line(word.growth or "not written down", _LONGEST).rstrip("."),
    }
    return Line(
        "“{word}” still has two meanings. Marketing: {marketing}. Growth: {growth}.", facts, rule="meanings"
    )


def sentence(workbook: Workbook, messages: Sequence[Message]) -> str:
    """The same as one sentence for whoever sends the deck; "" where there is nothing to say."""
    found = unsettled(workbook, messages)
    if not found:
        return ""
    listed = ", ".join(f"“{word}” ({count})" for word, count in list(found.items())[:_SHOWN])
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return f"The slides use words that still have two meanings: {listed}{more}."

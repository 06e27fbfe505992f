"""What a Summary must fulfil before any writer sees it: no typed number, no unchecked word, a headline that says something."""

from __future__ import annotations

from collections.abc import Iterator

from lib.analysis.templates import names_in
from lib.report.story.summary_model import Line, Message, Outside, Summary, parts_within
from lib.report.story.wording import guarded_words, typed_numbers


class SummaryError(ValueError):
    """A summary says something that nothing behind it shows. A defect of ours, never shown to a person."""


def _line_problems(line: Line) -> Iterator[str]:
    for number in typed_numbers(line.template):
        yield f"the number {number!r} is typed into {line.template!r}: make it a fact"
    for name in names_in(line.template):
        if name not in line.facts:
            yield f"{line.template!r} names {name!r}, which is not given"


def _claim_problems(message: Message) -> Iterator[str]:
    for claim in message.claims:
        if not claim.holds():
            yield f"{message.id}: {claim.words!r} is not true of its numbers"
    covered = " ".join(claim.words.lower() for claim in message.claims)
    lines = [message.headline, *message.takeaways]
    for line in lines:
        if isinstance(line, Line) and not line.rule and not line.edited_by:
            for word in guarded_words(line.template):
                if word not in covered.split():
                    yield f"{message.id}: nothing checks {word!r} in {line.template!r}"


def _headline_problems(message: Message) -> Iterator[str]:
    text = message.headline.text
    if not text:
        yield f"{message.id}: no headline"
    if isinstance(message.headline, Line) and not message.headline.edited_by:
        if len(text.split()) < 5:
            yield f"{message.id}: {text!r} is a label, not a statement"
        if text.endswith("."):
            yield f"{message.id}: a headline ends without a full stop"


def problems(summary: Summary) -> list[str]:
    """Everything that is wrong with a summary, one sentence each; [] when it may leave."""
    found: list[str] = []
    for item in parts_within(summary):
        if isinstance(item, Line):
            found += _line_problems(item)
        elif isinstance(item, Outside) and item.grade in ("unverified", "contradicted"):
            found.append(f"{item.words!r} is {item.grade} and cannot be stated as fact")
    if any("is not given" in problem for problem in found):
        return found  # such a line cannot be written at all
    seen: set[str] = set()
    for message in summary.messages:
        found += _headline_problems(message)
        found += _claim_problems(message)
        key = message.headline.text.casefold()
        if key in seen:
            found.append(f"{message.id}: two slides say {message.headline.text!r}")
        seen.add(key)
        if len(message.takeaways) > 3:
            found.append(f"{message.id}: more than three takeaways")
    ids = [message.id for message in summary.messages]
    if len(ids) != len(set(ids)):
        found.append("two slides share an id")
    return found


def check(summary: Summary) -> Summary:
    """The summary itself, when nothing is wrong with it.

    Raises:
        SummaryError: With every problem.
    """
    found = problems(summary)
    if found:
        raise SummaryError("; ".join(found))
    return summary

"""The team's hand on the summary: reworded headlines, order, hidden and added slides. Numbers inside stay live.

Keys in the workbook: `summary/headline/<id>` (template text), `summary/headline_by/<id>`, `summary/hidden/<id>`,
`summary/order` (list of ids), `summary/own/<id>/headline|text|by`, `summary/title`.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from lib.analysis.templates import names_in
from lib.engine.evidence.evidence import Fact
from lib.errors import DataError
from lib.report import clean
from lib.report.story.summary_model import Line, Message, Said, Text, WordsBody, parts_within
from lib.report.story.wording import typed_numbers
from lib.workbook.model import Workbook

TITLE = "Process and outcome at one table"
_PLACE = re.compile(r"\{([^{}]*)\}")


def facts_of(message: Message) -> dict[str, Fact | str]:
    """Every fact a slide shows, by the name a headline may use for it."""
    found: dict[str, Fact | str] = {}
    lines = [
        item
        for item in parts_within((message.headline, message.takeaways, message.body, message.notes))
        if isinstance(item, Line)
    ]
    for line in lines:
        for name, value in line.facts.items():
            found.setdefault(name, value)
    return found


def live(text: str, facts: dict[str, Fact | str]) -> str:
    """A sentence as typed, with every number that is a fact of its slide turned back into that fact.

    Args:
        text: What was typed, numbers as they were shown.
        facts: Facts of the slide by name.
    """
    out = clean.line(text, 400)
    ordered = sorted(facts.items(), key=lambda item: -len(str(item[1])))
    taken: dict[str, str] = {}
    for index, (name, fact) in enumerate(ordered):
        shown = clean.line(fact.text if isinstance(fact, Fact) else fact)
        if not shown or not any(char.isdigit() for char in shown):
            continue
        pattern = r"(?<![\w.,])" + re.escape(shown).replace("\u00a0", r"[ \u00a0]?") + r"(?![\w])"
        mark = f"\x00{index}\x00"
        out, count = re.subn(pattern, mark, out, count=1)
        if count:
            taken[mark] = "{" + name + "}"
    parts = re.split(r"(\x00\d+\x00)", out)
    return "".join(taken.get(part, _braces(part, facts)) for part in parts)


def _braces(text: str, facts: dict[str, Fact | str]) -> str:
    """Placeholders that name a fact stay; every other brace becomes text."""
    out, at = "", 0
    for match in _PLACE.finditer(text):
        out += text[at : match.start()].replace("{", "{{").replace("}", "}}")
        out += match.group(0) if match.group(1) in facts else "{{" + match.group(1) + "}}"
        at = match.end()
    return out + text[at:].replace("{", "{{").replace("}", "}}")


def headline_template(message: Message, text: str) -> str:
    """What to save for a headline that somebody typed.

    Raises:
        DataError: It is empty, or carries a number that is not one of the slide's.
    """
    template = live(text, facts_of(message))
    if not template:
        raise DataError("A slide needs a headline.", "Write the slide's message in one sentence.")
    numbers = typed_numbers(template)
    if numbers:
        raise DataError(
            f"The number {numbers[0]} is not one of this slide's.",
            "Use a number the slide shows, so that it stays right when the data change.",
        )
    return template


def _reworded(message: Message, workbook: Workbook) -> tuple[Message, str]:
    """The message with its saved headline, and a warning when that can no longer be used."""
    saved = workbook.summary.get(f"headline/{message.id}")
    if not isinstance(saved, str) or not saved.strip():
        return message, ""
    by = str(workbook.summary.get(f"headline_by/{message.id}") or "the team")
    facts = facts_of(message)
    try:
        names = names_in(saved)
    except ValueError:
        names = ["?"]
    if any(name not in facts for name in names) or typed_numbers(saved) or _is_formatted(saved):
        return (
            message,
            f"Your headline for “{message.headline.text}” names a number this slide no longer has; the suggested one is back.",
        )
    line = Line(saved.rstrip(" ."), {name: facts[name] for name in names}, edited_by=clean.line(by, 80))
    return replace(message, headline=line), ""


def _is_formatted(template: str) -> bool:
    """Whether a placeholder carries a conversion or format of its own (a width of a billion is an attack)."""
    return any(
        name is not None and (spec or conversion)
        for _, name, spec, conversion in string.Formatter().parse(template)
    )


def own_slides(workbook: Workbook) -> list[Message]:
    """Slides the team wrote itself, in the order of their ids."""
    found: dict[str, dict[str, Any]] = {}
    for key, value in workbook.summary.items():
        parts = key.split("/")
        if len(parts) == 3 and parts[0] == "own":
            found.setdefault(parts[1], {})[parts[2]] = value
    out = []
    for key, fields in sorted(found.items()):
        title = clean.line(fields.get("headline"), 300)
        paragraphs = [p for p in clean.text(fields.get("text"), 4_000).split("\n") if p.strip()]
        if title or paragraphs:
            by = clean.line(fields.get("by"), 80)
            words = WordsBody(tuple(Said(p) for p in paragraphs) or (Said(""),))
            out.append(Message(f"own-{key}", "own", Said(title or "From the team", by), words, own=True))
    return out


def order(ids: Iterable[str], wanted: Any) -> list[str]:
    """Ids in the order somebody chose; new ones stay after the slide they follow in the story.

    >>> order(["a", "b", "c", "d"], ["c", "a"])
    ['c', 'd', 'a', 'b']
    """
    story = list(ids)
    chosen = [item for item in wanted if item in story] if isinstance(wanted, list | tuple) else []
    if not chosen:
        return story
    out = list(dict.fromkeys(chosen))
    for index, item in enumerate(story):
        if item not in out:
            before = story[index - 1] if index else None
            out.insert(out.index(before) + 1 if before in out else 0, item)
    return out


def apply(
    messages: list[Message], workbook: Workbook, *, keep_hidden: bool = False
) -> tuple[list[Message], list[str]]:
    """Apply the team's edits.

    Args:
        messages: The story.
        workbook: Where the edits are.
        keep_hidden: Keep hidden slides (for the page that lists them).
    """
    warnings: list[str] = []
    out: list[Message] = []
    for message in [*messages, *own_slides(workbook)]:
        changed, warning = _reworded(message, workbook)
        warnings += [warning] if warning else []
        out.append(changed)
    by_id = {message.id: message for message in out}
    ordered = [by_id[key] for key in order(by_id, workbook.summary.get("order"))]
    shown = [m for m in ordered if keep_hidden or not workbook.summary.get(f"hidden/{m.id}")]
    return _tell_apart(shown), warnings


def _tell_apart(messages: list[Message]) -> list[Message]:
    """Two slides with the same words: the later one is numbered in its label by its section."""
    seen: dict[str, int] = {}
    out = []
    for message in messages:
        key = message.headline.text.casefold()
        seen[key] = seen.get(key, 0) + 1
        if seen[key] > 1:
            text: Text = message.headline
            mark = " (again)" * (seen[key] - 1)
            title = (
                Said(text.text + mark, text.by)
                if isinstance(text, Said)
                else Line(text.template + mark, text.facts, text.rule, text.edited_by)
            )
            message = replace(message, headline=title)
        out.append(message)
    return out


def title(workbook: Workbook) -> tuple[Line | Said, list[str]]:
    """The deck's title: the team's, or the house's."""
    saved = clean.line(workbook.summary.get("title"), 160)
    return (Said(saved) if saved else Line(TITLE)), []

"""From a verdict's sentence to a headline: first sentence first, no full stop, its facts still live."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence, Set

from lib.analysis.templates import names_in
from lib.analysis.verdict import Finding, Verdict
from lib.engine.evidence import formats
from lib.engine.evidence.evidence import Evidence, Fact
from lib.report import clean
from lib.report.story.summary_model import Line, Said, Text
from lib.report.story.wording import typed_numbers

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z{])")
_NUMBER = re.compile(r"[+−-]?[$€£¥₹]?\d[\d.,]*")
_FORMATS = (
    "count",
    "number",
    "number1",
    "percent",
    "percent1",
    "points",
    "ratio",
    "ratio2",
    "p",
    "days",
    "hours",
    "money:USD",
    "money:EUR",
)


def escape(text: str) -> str:
    """Text for a template: braces doubled."""
    return text.replace("{", "{{").replace("}", "}}")


def _only(template: str, facts: Mapping[str, Fact | str]) -> dict[str, Fact | str]:
    return {name: facts[name] for name in names_in(template) if name in facts}


def sentences(template: str, facts: Mapping[str, Fact | str], rule: str) -> list[Line]:
    """A template's sentences, each with the facts it names."""
    parts = [part.strip() for part in _SENTENCE_END.split(template) if part.strip()]
    return [Line(part, _only(part, facts), rule=rule or "step") for part in parts]


def headline(line: Line) -> Line:
    """A sentence without its full stop, its first letter large."""
    template, facts = line.template.rstrip(" ."), dict(line.facts)
    first = names_in(template)[0] if template.startswith("{") and names_in(template) else ""
    start = facts.get(first)
    if isinstance(start, str) and start[:1].islower():
        facts[first] = start[:1].upper() + start[1:].replace("_", " ")
    return Line(template, facts, line.rule, line.edited_by)


def without_aside(line: Line) -> tuple[Line, Line | None]:
    """A headline without the brackets at its end, and what stood in them as a sentence of its own."""
    found = re.search(r"\s*\(([^()]+)\)$", line.template)
    if found is None or len(line.template[: found.start()].split()) < 5:
        return line, None
    kept, inner = line.template[: found.start()], found.group(1)
    words = inner[:1].upper() + inner[1:] if inner[:1].isalpha() else f"Plausible range: {inner}"
    aside = Line(f"{words}.", _only(words, line.facts), line.rule)
    return Line(kept, _only(kept, line.facts), line.rule, line.edited_by), aside


def verdict_lines(verdict: Verdict) -> list[Line]:
    """The verdict's sentences; typed digits in a rule's own wording are turned into text facts."""
    return [untyped(line) for line in sentences(verdict.template, verdict.facts, verdict.code)]


def finding_line(finding: Finding) -> Line:
    """A finding as one line."""
    return untyped(
        Line(finding.template, _only(finding.template, finding.facts), rule=finding.code or "finding")
    )


def join(lines: Sequence[Line]) -> Line:
    """Sentences as one line; a name that two of them use for different facts is told apart."""
    facts: dict[str, Fact | str] = {}
    parts = []
    for number, line in enumerate(lines):
        template = line.template
        for name, fact in line.facts.items():
            key = name
            if key in facts and facts[key] is not fact:
                key = f"{name} {number}"
                template = template.replace("{" + name + "}", "{" + key + "}")
            facts[key] = fact
        parts.append(template if template.endswith((".", "!", "?")) else template + ".")
    return Line(" ".join(parts), facts, rule=lines[0].rule if lines else "")


def untyped(line: Line) -> Line:
    """A line whose wording carries a plain digit ("in 3 steps") keeps it as text of the rule that wrote it."""
    facts = dict(line.facts)
    template = line.template
    for number in typed_numbers(template):
        bare = number.strip()
        if re.fullmatch(r"\d+", bare) is None:
            continue  # a number with a unit stays, and is refused by the check
        name = f"n{len(facts)}"
        template = re.sub(rf"(?<![\w{{]){re.escape(bare)}(?![\w}}])", "{" + name + "}", template, count=1)
        facts[name] = bare
    return Line(template, facts, line.rule, line.edited_by)


def _unwritten(numbers: set[str], evidence: Sequence[Evidence]) -> set[str]:
    """Those of the numbers that no cell of these tables can be written as; looks only as far as it has to."""
    left = set(numbers)
    for found in (written for item in evidence for written in _written(item)):
        left -= found
        if not left:
            break
    return left


def _written(item: Evidence) -> Iterator[Set[str]]:
    """Numbers as a table has them: in its parameters, its method, then row by row."""
    for text in (*(value for _, value in item.params), item.method):
        yield _numbers(text)
    for value in itertools.chain.from_iterable(item.rows):
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        yield _ways(float(value)) if is_number else _numbers(value)


def _numbers(value: object) -> set[str]:
    """Numbers in a text, bare."""
    return {_bare(n) for n in _NUMBER.findall(str(value))} if value is not None else set()


@functools.lru_cache(maxsize=20_000)
def _ways(value: float) -> frozenset[str]:
    """How a number can be written."""
    return frozenset(_bare(n) for format in _FORMATS for n in _NUMBER.findall(formats.write(value, format)))


def _bare(number: str) -> str:
    return number.lstrip("+−-$€£¥₹").rstrip(".,")


def traced(text: str, evidence: Sequence[Evidence], rule: str) -> Line | None:
    """A sentence that an analysis wrote with its numbers in it, when each number is a cell of its evidence; else None."""
    if _unwritten(_numbers(text), evidence):
        return None
    facts: dict[str, Fact | str] = {}

    def place(match: re.Match[str]) -> str:
        name = f"w{len(facts)}"
        facts[name] = match.group(0)
        return "{" + name + "}"

    template = re.sub(_NUMBER, place, escape(text))
    return Line(template, facts, rule=rule or "step")


def said(words: str, by: str = "") -> Said:
    """What a person typed, on one line."""
    return Said(clean.line(words), clean.line(by))


def short(text: Text, words: int) -> bool:
    """Whether a text has at most this many words."""
    return len(text.text.split()) <= words

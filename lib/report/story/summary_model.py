"""The executive summary as one frozen object. Every writer reads it and nothing else.

Three kinds of words, told apart by type: a `Line` is ours and takes its numbers from facts; `Said` is what a person
typed, shown as theirs; `Outside` is a claim from a publication and carries its grade. A digit typed into a Line is
refused, and so is a word such as "every" or "both" that no `GuardedClaim` has checked.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cached_property
from typing import Any, Literal

from lib.charts.spec import Chart
from lib.engine.evidence import claim_check as engine_claims
from lib.engine.evidence.evidence import Evidence, Fact
from lib.report import clean
from lib.report.story.names import plain_name

Tone = Literal["process", "outcome", "shared", "alarm", "good", "warn", "ink", "muted", "pale", "mist"]
Audience = Literal["executive", "board", "team"]
Grade = Literal["measured elsewhere", "survey", "expert opinion", "unverified", "contradicted"]
Section = Literal[
    "answer",
    "since",
    "findings",
    "ownership",
    "handoffs",
    "experiments",
    "decision",
    "next",
    "own",
    "sources",
]
SECTION_NAMES: dict[str, str] = {
    "answer": "Answer",
    "since": "What changed",
    "findings": "Findings",
    "ownership": "Ownership",
    "handoffs": "Handoffs",
    "experiments": "Experiments",
    "decision": "Decision",
    "next": "Next steps",
    "own": "From the team",
    "sources": "Sources",
}


@dataclass(frozen=True)
class Line:
    """Our own words; numbers come from facts.

    Attributes:
        template: Text with `{name}` where a fact or a name from the data stands.
        facts: Name -> Fact, or text taken from the data or typed by a person (a channel, a metric's name).
        rule: Code of the verdict or finding that chose the sentence: tested code, so guarded words need no claim.
        edited_by: Who reworded it, when somebody did.
    """

    template: str
    facts: Mapping[str, Fact | str] = field(default_factory=dict)
    rule: str = ""
    edited_by: str = ""

    @property
    def text(self) -> str:
        """The sentence, filled in and clean."""
        values = {k: v.text if isinstance(v, Fact) else plain_name(v) for k, v in self.facts.items()}
        return clean.line(self.template.format_map(values))


@dataclass(frozen=True)
class Said:
    """What a person typed: a name, a reason, a quote. Never formatted as a finding; `by` is shown when it is a quote."""

    words: str
    by: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "words", clean.text(self.words, 4_000))
        object.__setattr__(self, "by", clean.line(self.by, 120))

    @property
    def text(self) -> str:
        """The words, clean since they entered."""
        return self.words


@dataclass(frozen=True)
class Outside:
    """A claim from a publication, with its grade; graded `unverified` or `contradicted` it cannot enter a summary."""

    words: str
    source: str
    grade: Grade
    url: str = ""

    @property
    def text(self) -> str:
        """The claim followed by where it comes from and how strong it is."""
        return f"{clean.line(self.words)} ({clean.line(self.source)}; {self.grade})"


Text = Line | Said | Outside


@dataclass(frozen=True)
class GuardedClaim:
    """What a headline says in words, as a query that must give TRUE.

    Attributes:
        words: The guarded words it covers, as they stand in the headline ("every month").
        sql: SELECT giving one boolean.
        tables: Name in the query -> evidence.
    """

    words: str
    sql: str
    tables: Mapping[str, Evidence]

    def holds(self) -> bool:
        """Whether the query gives TRUE."""
        return engine_claims.holds(self.sql, self.tables)


@dataclass(frozen=True)
class TableCell:
    """One cell of a table: words or a fact, with a tone that a word beside it always repeats."""

    text: Text | Fact
    tone: Tone = "ink"
    strong: bool = False
    mark: bool = False  # a small square in the tone before the text


@dataclass(frozen=True)
class TableColumn:
    """A table's column: its label, how much width it wants, and whether it holds numbers (right-aligned)."""

    label: str
    weight: float = 1.0
    number: bool = False


class Body:
    """What shows a slide's headline: a frozen dataclass of its own; `lib.report.bodies.registry` lists who draws each kind."""


@dataclass(frozen=True)
class TableBody(Body):
    """A table; writers break it over pages where it is long."""

    columns: tuple[TableColumn, ...]
    rows: tuple[tuple[TableCell, ...], ...]
    alt: str = ""


@dataclass(frozen=True)
class ChartBody(Body):
    """A chart."""

    chart: Chart


@dataclass(frozen=True)
class Reason:
    """One numbered reason: a short label and the sentence behind it."""

    label: Text
    text: Text
    tone: Tone = "outcome"


@dataclass(frozen=True)
class ReasonsBody(Body):
    """The answer's reasons, most important first."""

    lead: Text
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class DrawnStage:
    """One stage on the handoff map."""

    name: Text
    owner: Text
    detail: Text | None = None
    number: Fact | None = None
    tone: Tone = "muted"
    territory: str = ""


@dataclass(frozen=True)
class Crossing:
    """What happens between two stages: the agreed rule, or its absence."""

    after: int  # index of the stop before it
    status: Literal["agreed", "unclear", "missing"]
    rule: Text
    response: Text | None = None
    main: bool = False
    name: Text | None = None  # between which stages, "Trial to First report"


@dataclass(frozen=True)
class MapBody(Body):
    """The journey with its owners and crossings."""

    stops: tuple[DrawnStage, ...]
    crossings: tuple[Crossing, ...]
    alt: str = ""


@dataclass(frozen=True)
class DecisionBody(Body):
    """A recommendation beside the signals it rests on."""

    recommendation: Text
    confidence: Text
    signals: TableBody
    caveats: tuple[Text, ...] = ()
    flips: tuple[Text, ...] = ()
    tone: Tone = "outcome"
    label: str = "Recommendation"
    calls: tuple[Text, ...] = ()  # what it asks for now


@dataclass(frozen=True)
class WordsBody(Body):
    """Paragraphs, for a slide the team wrote itself."""

    paragraphs: tuple[Text, ...]


@dataclass(frozen=True)
class Message:
    """One slide: a headline that says the so-what, one body that shows it.

    Attributes:
        id: Stable name: edits are kept under it.
        section: Where it belongs in the story.
        headline: A full sentence, answer first, no full stop.
        body: What shows it.
        caption: What is shown: measure, unit, period.
        takeaways: At most three sentences beside the body.
        quote: Something a person said.
        claims: Checks of the headline's words.
        evidence: What it was read from; charts and facts are added by `sources`.
        notes: Further sentences for the speaker.
        own: Written by the team: its words are theirs.
        open_words: One sentence per word of the slide that the two teams still read differently.
    """

    id: str
    section: Section
    headline: Line | Said
    body: Body
    caption: Text | None = None
    takeaways: tuple[Text, ...] = ()
    quote: Said | None = None
    claims: tuple[GuardedClaim, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    notes: tuple[Text, ...] = ()
    own: bool = False
    open_words: tuple[Line, ...] = ()

    def charts(self) -> tuple[Chart, ...]:
        """The charts of its body."""
        return tuple(item for item in parts_within(self.body) if isinstance(item, Chart))

    def sources(self) -> tuple[Evidence, ...]:
        """Every evidence the message rests on, once each, in order of appearance."""
        said = (self.headline, self.body, self.takeaways, self.caption, self.notes)
        return _once((*self.evidence, *_evidence_in(said)))


@dataclass(frozen=True)
class Session:
    """One recurring session for the calendar file."""

    id: str
    name: str
    purpose: str
    weekday: int  # Monday 0
    time: str  # "10:00"
    minutes: int
    every_weeks: int
    starts_on: str  # ISO date
    owner: str
    agenda: tuple[str, ...]
    news: tuple[str, ...] = ()  # what changed since the session before; its first line says since when


@dataclass(frozen=True)
class Summary:
    """Everything the writers need.

    Attributes:
        company: As typed by the team; "" when not given.
        title: What the deck is about.
        as_of: ISO date of the numbers.
        audience: Whom it is for.
        messages: The slides in order.
        sessions: The cadence, for the calendar file.
        time_zone: IANA name for the calendar file.
        workbook: The workbook's own JSON text, for the ZIP; "" when it is not to leave.
        revision: Revision of the workbook it was built from.
        missing: Steps that could not speak yet, one sentence each.
        warnings: What was left out or reworded on the way, for the page.
    """

    company: str
    title: Line | Said
    as_of: str
    messages: tuple[Message, ...]
    audience: Audience = "executive"
    sessions: tuple[Session, ...] = ()
    time_zone: str = "UTC"
    workbook: str = ""
    revision: int = 0
    missing: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "company", clean.line(self.company, 200))

    @cached_property  # the object is frozen: what is derived from it never changes
    def evidence(self) -> tuple[Evidence, ...]:
        """All evidence in order of first use; its place gives its number (E1, E2, ...)."""
        return _once(item for message in self.messages for item in message.sources())

    @cached_property
    def _places(self) -> dict[str, int]:
        """Evidence id -> its place, from one."""
        return {item.id: place for place, item in enumerate(self.evidence, start=1)}

    def place(self, evidence: Evidence) -> int:
        """The place of an evidence in this summary, from one."""
        return self._places[evidence.id]

    def number(self, evidence: Evidence) -> str:
        """The short name of an evidence in this summary, such as E3."""
        return f"E{self.place(evidence)}"

    @cached_property
    def digest(self) -> str:
        """Same content, same digest, in any process; the hour a query ran does not count."""
        return hashlib.sha256(json.dumps(_plain(self), sort_keys=True, default=str).encode()).hexdigest()

    @property
    def date_text(self) -> str:
        """The day of the numbers, written for a person."""
        day = dt.date.fromisoformat(self.as_of)
        return f"{day.day} {day.strftime('%b %Y')}"


def _plain(value: Any) -> Any:
    """A value as JSON-able data, without times."""
    if is_dataclass(value) and not isinstance(value, type):
        inner = {f.name: _plain(getattr(value, f.name)) for f in fields(value) if f.name != "at"}
        return {"_": type(value).__name__, **inner}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return clean.text(value) if isinstance(value, str) else value


def parts_within(value: Any) -> Iterator[Any]:
    """Every dataclass inside a value, outermost first; evidence tables are not entered."""
    if is_dataclass(value) and not isinstance(value, type):
        yield value
        if isinstance(value, Evidence):
            return
        for item in fields(value):
            yield from parts_within(getattr(value, item.name))
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from parts_within(item)
    elif isinstance(value, tuple | list):
        for item in value:
            yield from parts_within(item)


def _evidence_in(value: Any) -> Iterator[Evidence]:
    found = (item.evidence if isinstance(item, Fact) else item for item in parts_within(value))
    return (item for item in found if isinstance(item, Evidence))


def _once(items: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """Each evidence once, in order of appearance."""
    found: dict[str, Evidence] = {}
    for item in items:
        found.setdefault(item.id, item)
    return tuple(found.values())

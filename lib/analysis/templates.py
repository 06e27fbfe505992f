"""The sentences of a feature as a table: each with its id, its text and the facts it may name, checked when it is loaded.

A feature keeps all it says in one module of such templates (`words.py` of its folder); its logic refers to them
by name and gives the facts. To add one: write it there, name its facts, use it. A sentence may be rewritten freely with
the facts it lists; one that names another fact stops at import, and logic that does not give a listed one stops where
it builds the sentence.
"""

from __future__ import annotations

import string
from collections.abc import Collection, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, replace
from types import MappingProxyType, ModuleType
from typing import Any, ClassVar, Generic, Literal, Self, TypeVar

from lib.analysis.verdict import Finding, Fix, Status, Verdict, fill, typed_number
from lib.engine.evidence.evidence import Evidence, Fact

Facts = Mapping[str, Fact | str]
NONE: Facts = MappingProxyType({})


def names_in(text: str) -> list[str]:
    """The placeholders of a template's text, in order.

    >>> names_in("{lost} of {all} never came back")
    ['lost', 'all']
    """
    return [name for _, name, _, _ in string.Formatter().parse(text) if name]


@dataclass(frozen=True)
class Template:
    """One sentence, or a part of one, about the company's data.

    Attributes:
        id: Unique in its module. What stands before a dot is the code of the verdict or finding it belongs to.
        text: The words, `{name}` where a fact stands.
        facts: The facts that the logic gives; the text may name these and no others.
        claim: Id of the check that has to hold for its words, "" where it states nothing beyond its facts.

    Raises:
        ValueError: A number is typed into the text, or the text names a fact that is not listed.
    """

    parts: ClassVar[tuple[str, ...]] = ("text",)  # the fields whose words may name facts
    states: ClassVar[bool] = True  # something about the company's data

    id: str
    text: str
    facts: tuple[str, ...] = ()
    _: KW_ONLY
    claim: str = ""

    def __post_init__(self) -> None:
        for text in self.texts:
            if self.states and typed_number(text):
                raise ValueError(f"{self.id}: a number is typed into {text!r}: make it a fact")
            if unknown := set(names_in(text)) - set(self.facts):
                raise ValueError(f"{self.id}: {text!r} names {sorted(unknown)}, which its facts do not list")

    @property
    def code(self) -> str:
        """The id of the verdict or finding it belongs to."""
        return self.id.partition(".")[0]

    @property
    def texts(self) -> tuple[str, ...]:
        """All its words that may name facts."""
        return tuple(getattr(self, part) for part in self.parts)

    def write(self, **facts: Fact | str) -> str:
        """The sentence with its facts filled in.

        Raises:
            ValueError: One of its facts is not given.
        """
        self.require(facts)
        return fill(self.text, facts)

    def worded(self, **words: str) -> Self:
        """The same template with words of ours (never data) in place of some of its facts."""
        places = {name: words.get(name, f"{{{name}}}") for name in self.facts}
        worded = {part: getattr(self, part).format_map(places) for part in self.parts}
        return replace(self, **worded, facts=tuple(name for name in self.facts if name not in words))

    def require(self, given: Collection[str]) -> None:
        """Stop where logic does not give every fact that the template lists.

        Raises:
            ValueError: One is missing.
        """
        if missing := set(self.facts) - set(given):
            raise ValueError(f"{self.id} needs {sorted(missing)}, which is not given")


@dataclass(frozen=True)
class Label(Template):
    """What a button, a column or a chart says: it names something and states nothing about the data."""

    states: ClassVar[bool] = False

    def fix(self, *saves: tuple[str, Any], page: str = "", **facts: Fact | str) -> Fix:
        """A button with these words.

        Args:
            saves: Workbook keys and values it writes.
            page: Page it opens instead.
            facts: What the words name.
        """
        return Fix(self.write(**facts), saves, page)


@dataclass(frozen=True)
class AdviceTemplate(Template):
    """What to do or how something is defined: it states nothing about the data."""

    states: ClassVar[bool] = False


@dataclass(frozen=True)
class TableWords(Template):
    """A table that stands as evidence: its title as the text, and what it counts.

    Attributes:
        means: Exact meaning of its rows.
    """

    parts: ClassVar[tuple[str, ...]] = ("text", "means")
    states: ClassVar[bool] = False

    _: KW_ONLY
    means: str


@dataclass(frozen=True)
class FindingTemplate(Template):
    """What a finding says: the sentence, how much it matters and why.

    Attributes:
        severity: high | medium | low.
        why: Why it matters and what mends it; "" where the logic says so from the data.
    """

    _: KW_ONLY
    severity: Literal["high", "medium", "low"]
    why: str = ""

    def finding(
        self,
        facts: Facts = NONE,
        subjects: Collection[str] = (),
        fixes: Collection[Fix] = (),
        evidence: Evidence | None = None,
        *,
        why: str = "",
    ) -> Finding:
        """The finding with these facts.

        Args:
            facts: Name -> fact or text.
            subjects: Ids of what it names.
            fixes: Ways to mend it, the suggested one first.
            evidence: Where it was read.
            why: Why it matters, where that depends on the data.

        Raises:
            ValueError: One of its facts is not given.
        """
        self.require(facts)
        return Finding(
            self.code,
            self.severity,
            self.text,
            why or self.why,
            tuple(subjects),
            facts,
            tuple(fixes),
            evidence,
        )


@dataclass(frozen=True)
class VerdictTemplate(Template):
    """What a verdict says.

    Attributes:
        status: good | bad | mixed | unclear | info.
        needs: What would settle it, when unclear.
        flips: What would change it.
    """

    parts: ClassVar[tuple[str, ...]] = ("text", "needs", "flips")

    _: KW_ONLY
    status: Status
    needs: str = ""
    flips: str = ""

    def verdict(
        self, facts: Facts = NONE, why: Collection[str] = (), *, status: Status | None = None
    ) -> Verdict:
        """The verdict with these facts.

        Args:
            facts: Name -> fact or text.
            why: Reasons in order of weight, their numbers written.
            status: Where it depends on the data.

        Raises:
            ValueError: One of its facts is not given.
        """
        self.require(facts)
        needs, flips = fill(self.needs, facts), fill(self.flips, facts)
        return Verdict(
            status or self.status, self.text, facts, needs=needs, code=self.code, why=tuple(why), flips=flips
        )


T = TypeVar("T", bound=Template)


@dataclass(frozen=True)
class NumberedTemplate(Generic[T]):
    """The same sentence for one and for several.

    Attributes:
        one: For exactly one.
        many: For any other number.
    """

    one: T
    many: T

    def of(self, count: int) -> T:
        """The sentence for this number."""
        return self.one if count == 1 else self.many


def counted(
    kind: type[T], id: str, one: str, many: str, facts: tuple[str, ...] = (), **more: Any
) -> NumberedTemplate[T]:
    """A sentence that differs for one and for several in its words only.

    Args:
        kind: Its type.
        id: Its id; `.one` and `.many` are added.
        one: The words for one.
        many: The words for several.
        facts: The facts of both.
        more: What else the type has.
    """
    return NumberedTemplate(kind(f"{id}.one", one, facts, **more), kind(f"{id}.many", many, facts, **more))


def templates_of(module: ModuleType) -> Iterator[Template]:
    """Every template of a module of words, in the order in which they stand there."""
    for value in vars(module).values():
        yield from _within(value)


def _within(value: object) -> Iterator[Template]:
    if isinstance(value, Template):
        yield value
    elif isinstance(value, NumberedTemplate):
        yield from (value.one, value.many)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _within(item)

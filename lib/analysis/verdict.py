"""What an analysis concludes: a sentence whose numbers are facts, and findings that can be fixed from where they stand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from lib.engine.evidence.evidence import Evidence, Fact

Status = Literal["good", "bad", "mixed", "unclear", "info"]
SEVERITIES = ("high", "medium", "low")
_TYPED_NUMBER = re.compile(r"\d[\d.,]*\s*(%|pp\b|x\b|[$€£])|[$€£]\s*\d")


def typed_number(text: str) -> bool:
    """Whether a number with a unit is typed into a template, where a fact should stand.

    >>> typed_number("{share} of them in 2 steps"), typed_number("20 % of them")
    (False, True)
    """
    return _TYPED_NUMBER.search(text) is not None


def fill(template: str, facts: Mapping[str, Fact | str]) -> str:
    """Put facts into a sentence.

    Args:
        template: Text with `{name}` for each fact. A number with a unit may not be typed into it.
        facts: Name -> fact, or a name from the data (a channel, an event), which is text.

    Raises:
        ValueError: The template carries a typed number, or names a fact that is not given.
    """
    if typed_number(template):
        raise ValueError(f"a number is typed into {template!r}: make it a fact")
    try:
        return template.format_map({name: str(value) for name, value in facts.items()})
    except KeyError as error:
        raise ValueError(f"{template!r} names {error}, which is not given") from error


@dataclass(frozen=True)
class Verdict:
    """The answer in one sentence.

    Attributes:
        status: good | bad | mixed | unclear | info. `unclear` means "can't tell yet": say in `needs` how much more.
        template: The sentence, with `{name}` where a fact stands.
        facts: Name -> Fact (or plain text taken from the data, such as a channel's name).
        needs: What would settle it, when unclear: "about 120 more trials".
        code: Machine name of the conclusion, stable across versions.
        why: Short reasons in order of weight, each a full sentence with its numbers already written.
        flips: What would change the verdict.
    """

    status: Status
    template: str
    facts: Mapping[str, Fact | str] = field(default_factory=lambda: MappingProxyType({}))
    needs: str = ""
    code: str = ""
    why: tuple[str, ...] = ()
    flips: str = ""

    @property
    def text(self) -> str:
        """The sentence with its facts filled in."""
        return fill(self.template, self.facts)

    def as_json(self) -> dict[str, Any]:
        """The verdict as plain data, for the command line."""
        values = {k: v.value if isinstance(v, Fact) else v for k, v in self.facts.items()}
        return {
            "status": self.status,
            "code": self.code,
            "text": self.text.replace("\u00a0", " "),
            "needs": self.needs,
            "why": list(self.why),
            "flips": self.flips,
            "facts": values,
        }


@dataclass(frozen=True)
class Fix:
    """One click that mends a finding: answers to save, or a page to open.

    Attributes:
        label: What the button says, a verb first.
        saves: Workbook key -> value, saved together as one undoable step.
        page: Page to open instead (its url path), when a person has to decide.
    """

    label: str
    saves: tuple[tuple[str, Any], ...] = ()
    page: str = ""


def answers(section: str, id: str, **fields: Any) -> tuple[tuple[str, Any], ...]:
    """What a click saves when it sets fields of one record of the workbook.

    >>> answers("metrics", "mrr", kind="outcome")
    (('metrics/mrr/kind', 'outcome'),)
    """
    return tuple((f"{section}/{id}/{field}", value) for field, value in fields.items())


@dataclass(frozen=True)
class Finding:
    """Something that deserves attention.

    Attributes:
        code: Machine name of the rule, as in data/framework.
        severity: high | medium | low.
        template: The sentence, `{name}` for facts.
        why: Why it matters, one sentence.
        subjects: Ids of the metrics, stages, handoffs... it names.
        facts: Name -> Fact or text.
        fixes: Ways to mend it from where it stands; the first is the suggested one.
        evidence: Where it was read, if it was.
    """

    code: str
    severity: Literal["high", "medium", "low"]
    template: str
    why: str
    subjects: tuple[str, ...] = ()
    facts: Mapping[str, Fact | str] = field(default_factory=lambda: MappingProxyType({}))
    fixes: tuple[Fix, ...] = ()
    evidence: Evidence | None = None

    @property
    def text(self) -> str:
        """The sentence with its facts filled in."""
        return fill(self.template, self.facts)


def by_severity(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings in order of importance; those of one severity stay as they came."""
    return tuple(sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity)))

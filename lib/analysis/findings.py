"""How findings are made from the framework's texts, and their order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from lib.analysis.verdict import Finding, Fix
from lib.engine.evidence.evidence import Evidence, Fact
from lib.framework.load import framework
from lib.framework.schema import FindingText, Misfire

SEVERITY_RANK: Mapping[str, int] = {"high": 0, "medium": 1, "low": 2}


def by_severity(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings, most important first; equals stay in their order."""
    return tuple(sorted(found, key=lambda finding: SEVERITY_RANK[finding.severity]))


def framework_finding(
    code: str,
    facts: Mapping[str, Fact | str] | None = None,
    *,
    text: FindingText | Misfire | None = None,
    why: str = "",
    subjects: Sequence[str] = (),
    fixes: Sequence[Fix] = (),
    evidence: Evidence | None = None,
) -> Finding:
    """A finding whose sentence stands in the framework's content.

    Args:
        code: Id of the text in `data/framework`.
        facts: What fills the sentence.
        text: The text where it is not one of `framework().findings`.
        why: Why it matters, where that is not the text's own reason with its remedy.
        subjects: Ids it names.
        fixes: Ways to mend it.
        evidence: Where it was read.
    """
    text = text or framework().findings[code]
    return Finding(
        code,
        text.severity,
        text.template,
        why or f"{text.why} {text.remedy}",
        tuple(subjects),
        facts or {},
        tuple(fixes),
        evidence,
    )

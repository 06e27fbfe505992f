"""What a template's wording states: numbers typed into it, words that need a claim."""

from __future__ import annotations

import re

_NAMES_WITH_DIGITS = re.compile(r"\b(?:B2[BC]|A/B|p9[059]|[Dd]ay \d+|[A-Za-z]+\d+)\b")
GUARDED = re.compile(
    r"\b(half|halves|halved|every|both|neither|all|none|nobody|won|lost|doubled|doubles|twice|tripled|most|majority|"
    r"two|three|four|five|six|seven|eight|nine|ten|third|thirds|always|never|only)\b",
    re.IGNORECASE,
)


def typed_numbers(template: str) -> list[str]:
    """Numbers typed into a template instead of taken from a fact.

    >>> typed_numbers("fell to 14.5 % in {month}"), typed_numbers("an A/B test on day 30 in B2B")
    (['14.5 %'], [])
    """
    bare = _NAMES_WITH_DIGITS.sub("", re.sub(r"\{[^{}]*\}", "", template))
    return [m.strip() for m in re.findall(r"[$€£+−-]?\d[\d.,]*\s?(?:%|pp\b|x\b)?", bare)]


def guarded_words(template: str) -> list[str]:
    """Words of a template that state something about numbers and need a claim.

    >>> guarded_words("Form fills rose every month, {n} of both")
    ['every', 'both']
    """
    return [word.lower() for word in GUARDED.findall(re.sub(r"\{[^{}]*\}", "", template))]

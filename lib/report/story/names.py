"""Names from the data as words for a person."""

from __future__ import annotations

import re

from lib.engine.evidence.evidence import Evidence
from lib.report import clean

_SNAKE = re.compile(r"\b[a-z0-9]+(?:_[a-z0-9]+)+\b")


def plain_name(value: str) -> str:
    """Text from the data inside a sentence: `trial_start` reads "trial start"; anything else stays as it is."""
    return _SNAKE.sub(lambda match: match.group(0).replace("_", " "), clean.line(value))


def opening(text: str) -> str:
    """A name from the data as the first words of a sentence or a label.

    >>> opening("trial_start to paid"), opening("iOS installs")
    ('Trial start to paid', 'iOS installs')
    """
    plain = plain_name(text)
    first = plain.split(" ", 1)[0]
    return plain[:1].upper() + plain[1:] if first == first.lower() else plain


def origin(evidence: Evidence) -> str:
    """What a table that no file stands behind was made from."""
    return "computed in the workbook" if evidence.method else "answers in the workbook"

"""What a person calls an event: words instead of the name in the file."""

from __future__ import annotations

import re

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_EVENT = "event:"


def event(name: str) -> str:
    """An event's name for people.

    >>> event("invite_sent"), event("addToCart"), event("Demo booked"), event("")
    ('Invite sent', 'Add to cart', 'Demo booked', '')
    """
    if " " in name.strip():
        return name.strip()
    words = _CAMEL.sub(" ", name).replace("_", " ").replace("-", " ").strip()
    words = words if words.isupper() else words.lower()
    return words[:1].upper() + words[1:]


def spoken(name: str) -> str:
    """The same without a capital, for the middle of a sentence; an abbreviation keeps its capitals.

    >>> spoken("first_order"), spoken("MRR")
    ('first order', 'MRR')
    """
    words = event(name)
    return words if words[:2].isupper() or " " in name.strip() else words[:1].lower() + words[1:]


def heading(words: str) -> str:
    """Words that begin a line, with a capital.

    >>> heading("trial paid"), heading("")
    ('Trial paid', '')
    """
    return words[:1].upper() + words[1:]


def quoted(name: str) -> str:
    """The same in quotation marks, for the middle of a sentence.

    >>> quoted("invite_sent")
    '“Invite sent”'
    """
    return f"“{event(name)}”" if name else ""


def condition(text: str) -> str:
    """A condition of a rule as the workbook keeps it, for people.

    >>> condition("event:invite_sent"), condition("plan = business")
    ('after “Invite sent”', 'plan = business')
    """
    return f"after {quoted(text.strip()[len(_EVENT) :].strip())}" if text.strip().startswith(_EVENT) else text

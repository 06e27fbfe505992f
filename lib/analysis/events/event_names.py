"""What a person calls an event: words instead of the name in the file."""

from __future__ import annotations

import re

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_EVENT = "event:"
_TIMES = re.compile(r"^event:\s*(.*\S)\s*>=\s*(\d+)$")
_ACRONYMS = {
    word.lower(): word
    for word in (
        "API",
        "ARR",
        "B2B",
        "B2C",
        "CAC",
        "CRM",
        "CTA",
        "FAQ",
        "IAP",
        "iOS",
        "KPI",
        "LTV",
        "MQL",
        "MRR",
        "NPS",
        "PDF",
        "PMF",
        "PPC",
        "PQL",
        "ROI",
        "SEM",
        "SEO",
        "SMS",
        "SQL",
        "URL",
        "UTM",
    )
}


def event(name: str) -> str:
    """An event's name for people.

    >>> event("invite_sent"), event("addToCart"), event("Demo booked"), event("")
    ('Invite sent', 'Add to cart', 'Demo booked', '')
    >>> event("iap_purchase"), event("first_mqls"), event("ios_install"), event("b2b-demo")
    ('IAP purchase', 'First MQLs', 'iOS install', 'B2B demo')
    """
    if " " in name.strip():
        return name.strip()
    parts = [_word(part) for part in name.replace("_", " ").replace("-", " ").split()]
    if name.isupper():
        parts = name.replace("_", " ").replace("-", " ").split()
    words = " ".join(parts)
    return words if parts and parts[0].lower() in _ACRONYMS else words[:1].upper() + words[1:]


def _word(part: str) -> str:
    """One part of a name in small letters, its acronyms as the field writes them."""
    if part.lower() in _ACRONYMS:
        return _ACRONYMS[part.lower()]
    return " ".join(_acronym(word.lower()) for word in _CAMEL.sub(" ", part).split())


def _acronym(word: str) -> str:
    """The word; as the field writes it where it is an acronym or the plural of one."""
    if word.endswith("s") and word[:-1] in _ACRONYMS:
        return f"{_ACRONYMS[word[:-1]]}s"
    return _ACRONYMS.get(word, word)


def spoken(name: str) -> str:
    """The same without a capital, for the middle of a sentence; an abbreviation keeps its capitals.

    >>> spoken("first_order"), spoken("MRR"), spoken("iap_purchase"), spoken("ios_install")
    ('first order', 'MRR', 'IAP purchase', 'iOS install')
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

    >>> condition("event:invite_sent"), condition("plan = business"), condition("event:invite_sent >= 3")
    ('after “Invite sent”', 'plan = business', 'after “Invite sent” 3 times')
    """
    counted = _TIMES.match(text.strip())
    if counted:
        return f"after {quoted(counted[1])} {counted[2]} times"
    return f"after {quoted(text.strip()[len(_EVENT) :].strip())}" if text.strip().startswith(_EVENT) else text

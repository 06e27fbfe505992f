"""Kinds of journey stages, recognised by the names of events (content: data/framework/journey/archetypes.toml)."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

FILE = Path(__file__).resolve().parents[2] / "data" / "framework" / "journey" / "archetypes.toml"
_SEPARATORS = re.compile(r"[^a-z0-9]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


class Archetype(BaseModel):
    """One kind of stage.

    Attributes:
        id: Stable name.
        name: What a person calls it.
        order: Usual place on the journey, ascending.
        aarrr: Where it lies among the AARRR stages, "" for none.
        owner: Marketing | Growth | Both, a starting point; "" for none.
        why: Why that owner, one sentence.
        patterns: Regular expressions over the normalised event name.
        unless: Expressions that rule it out where one of them is in the name too: a page seen is no payment.
        on_journey: Whether it is a step forward at all.
        is_stage: Whether it can be a stage by its name; what belongs to another step cannot.
        is_outcome: Whether it is what the journey is for.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    order: int
    aarrr: Literal["awareness", "acquisition", "activation", "retention", "referral", "revenue", ""]
    owner: Literal["Marketing", "Growth", "Both", ""]
    why: str
    patterns: tuple[str, ...]
    unless: tuple[str, ...] = ()
    on_journey: bool = True
    is_stage: bool = True
    is_outcome: bool = False


@lru_cache(maxsize=1)
def archetypes() -> tuple[Archetype, ...]:
    """All kinds of stages, in the order in which their patterns are tried."""
    content = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return tuple(Archetype.model_validate(row) for row in content["archetypes"])


def normalise(event: str) -> str:
    """An event's name in lower case, words separated by one space.

    >>> normalise("Trial_Started"), normalise("addToCart")
    ('trial started', 'add to cart')
    """
    return _SEPARATORS.sub(" ", _CAMEL.sub(" ", event).lower()).strip()


@lru_cache(maxsize=4096)
def recognise(event: str) -> Archetype | None:
    """The kind of stage this event belongs to by its name, or None.

    >>> [recognise(name).id for name in ("trial_start", "add_to_cart", "payment_error", "paid", "paid_plans_viewed")]
    ['trial', 'intent', 'trouble', 'paid', 'visit']
    """
    name = normalise(event)
    return next((archetype for archetype in archetypes() if _fits(archetype, name)), None)


def _fits(archetype: Archetype, name: str) -> bool:
    """Whether a normalised name is of this kind."""
    is_like = any(re.search(pattern, name) for pattern in archetype.patterns)
    return is_like and not any(re.search(pattern, name) for pattern in archetype.unless)

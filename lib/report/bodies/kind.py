"""What a kind of slide body is to the writers: one drawing for each of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from lib.report.deck.canvas import Box, Canvas
from lib.report.story.summary_model import Body, Message, Tone

BriefPlace = Literal["", "answer", "lists", "decision"]


@dataclass(frozen=True)
class SlidePlace:
    """Where a body is drawn on one slide of the deck.

    Attributes:
        canvas: The slide.
        message: What the slide says.
        box: Room for the body, points.
        tone: The section's tone.
        page: What the body's `pages` made for this slide; None for a body that never continues.
    """

    canvas: Canvas
    message: Message
    box: Box
    tone: Tone
    page: Any = None


def one_page(body: Body, message: Message, box: Box, font: str) -> Sequence[Any]:
    """The pages of a body that always fits on one slide."""
    return (None,)


def nothing(body: Body, message: Message, most: int) -> list[dict[str, str]]:
    """A body that the one-page brief has no words for."""
    return []


@dataclass(frozen=True)
class BodyKind:
    """One kind of body with what draws it; `lib.report.bodies.registry` lists them all.

    Attributes:
        type: The dataclass of such a body.
        deck: Draws it on one slide: `deck(place, body)`.
        html: Its markup: `html(body, pictures)`; without pictures a chart is a table.
        markdown: Its lines of Markdown: `markdown(body)`.
        pages: What goes on each slide where it may need several: `pages(body, message, box, font)`.
        brief: What the one-page brief says of it: `brief(body, message, most)`, at most so many items.
        brief_place: Where in the brief it stands; "" for nowhere (charts stand there as pictures).
    """

    type: type[Body]
    deck: Callable[[SlidePlace, Any], None]
    html: Callable[[Any, bool], str]
    markdown: Callable[[Any], list[str]]
    pages: Callable[[Any, Message, Box, str], Sequence[Any]] = one_page
    brief: Callable[[Any, Message, int], list[dict[str, str]]] = nothing
    brief_place: BriefPlace = ""

"""Paragraphs, for a slide the team wrote itself."""

from __future__ import annotations

from lib.report import clean
from lib.report.bodies.kind import BodyKind, SlidePlace
from lib.report.deck.canvas import Para
from lib.report.story.summary_model import WordsBody

_SIZES = (18, 16, 15, 14, 13, 12, 11)


def _deck(place: SlidePlace, body: WordsBody) -> None:
    paras = [Para(paragraph.text, before=0.7) for paragraph in body.paragraphs]
    place.canvas.text(place.box.inset(18, 4), paras, _SIZES, what="a paragraph", name="Words")


def _html(body: WordsBody, images: bool) -> str:
    return "".join(f"<p>{clean.html(p.text)}</p>" for p in body.paragraphs)


def _markdown(body: WordsBody) -> list[str]:
    return [line for p in body.paragraphs for line in (clean.markdown(p.text), "")]


KIND = BodyKind(WordsBody, _deck, _html, _markdown)

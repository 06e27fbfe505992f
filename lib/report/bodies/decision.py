"""A recommendation beside the signals it rests on, its limits and what would change it."""

from __future__ import annotations

from lib.report import clean
from lib.report.bodies import table as bodies_table
from lib.report.bodies.kind import BodyKind, SlidePlace
from lib.report.deck import table as deck_table
from lib.report.deck.canvas import Box, Canvas, Para
from lib.report.story.summary_model import DecisionBody, Message, TableBody, Text
from lib.report.writers import html_parts, markdown_parts
from lib.report.writers.brief_parts import item

_CARDS = {"process": "#2360A5", "outcome": "#B4530F", "shared": "#2E7D6B", "ink": "#12263F"}


def _lists(body: DecisionBody) -> tuple[tuple[str, tuple[Text, ...]], ...]:
    """What stands under a recommendation, each list with its title; empty lists are left out."""
    lists = (
        ("What it calls for", body.calls),
        ("Caveats", body.caveats),
        ("What would change this", body.flips),
    )
    return tuple((title, items) for title, items in lists if items)


def _deck(place: SlidePlace, body: DecisionBody) -> None:
    """Signals on the left, the recommendation, its limits and what would change it on the right."""
    left, right = place.box.split(0.61, 24)
    if body.signals.rows:
        _signals(place.canvas, body.signals, left)
    else:
        right = place.box
    card = right.top(min(max(right.h * 0.36, 96), 132))
    _card(place.canvas, body, card)
    listed: list[Para] = []
    for title, items in _lists(body):
        listed.append(Para(title, bold=True, before=0.7))
        listed += [Para(said.text, bullet=True, before=0.25) for said in items]
    if listed:
        room = right.below(card.h + 14)
        place.canvas.text(room, listed, (14, 13, 12, 11, 10), what="a caveat", name="Caveats")


def _signals(canvas: Canvas, signals: TableBody, box: Box) -> None:
    """The table of signals, in one piece; rows without room go to the notes."""
    (piece, layout), *rest = deck_table.paginate(signals, box, canvas.font, most=9, least=10)
    deck_table.draw(canvas, piece, layout, box)
    rows = [row for part, _ in rest for row in part.rows]
    if rows:
        full = (" | ".join(deck_table.words(cell) for cell in row) for row in rows)
        canvas.shorten_warning("the list of signals", "\n".join(full))


def _card(canvas: Canvas, body: DecisionBody, card: Box) -> None:
    """The recommendation on a ground in its tone."""
    ink = canvas.palette.on(body.tone)
    canvas.rect(card, canvas.palette.fill(body.tone), name="Recommendation")
    paras = [
        Para(body.label, bold=True, scale=0.68, colour=ink),
        Para(body.recommendation.text, bold=True, colour=ink, before=0.2),
        Para(body.confidence.text, scale=0.72, colour=ink, before=0.3),
    ]
    canvas.text(
        card.inset(14, 10),
        paras,
        (20, 18, 16, 14, 12),
        anchor="m",
        what="the recommendation",
        name="Recommendation text",
    )


def _html(body: DecisionBody, images: bool) -> str:
    colour = _CARDS.get(body.tone, _CARDS["ink"])
    card = (
        f'<div class="card" style="background:{colour}">{clean.html(body.label)}<br><strong>{clean.html(body.recommendation.text)}</strong>'  # noqa: E501
        f"<br>{clean.html(body.confidence.text)}</div>"
    )
    lists = (f"<h3>{title}</h3>{html_parts.bullets(items)}" for title, items in _lists(body))
    return f"{card}{bodies_table.html(body.signals)}{''.join(lists)}"


def _markdown(body: DecisionBody) -> list[str]:
    label, chosen, sure = map(clean.markdown, (body.label, body.recommendation.text, body.confidence.text))
    lines = [f"{label}: **{chosen}**. {sure}", ""]
    if body.signals.rows:
        lines += [*bodies_table.markdown(body.signals), ""]
    for title, items in _lists(body):
        lines += [f"{title}:", "", *markdown_parts.bullets(items), ""]
    return lines


def _brief(body: DecisionBody, message: Message, most: int) -> list[dict[str, str]]:
    """What was decided or recommended, how sure it is, the first call and the first caveat."""
    said = (body.recommendation, body.confidence, *body.calls[:1], *body.caveats[:1])
    return [item(text.text) for text in said if text.text]


KIND = BodyKind(DecisionBody, _deck, _html, _markdown, brief=_brief, brief_place="decision")

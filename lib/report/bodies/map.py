"""The handoff map: stages in their owners' territories and the rule at each crossing."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby, pairwise

from lib.engine.evidence.evidence import Fact
from lib.report import clean
from lib.report.bodies.kind import BodyKind, SlidePlace
from lib.report.deck.canvas import Box, Canvas, Para
from lib.report.deck.slide import describe_first
from lib.report.story.labels import STATUS, quoted
from lib.report.story.summary_model import Crossing, DrawnStage, MapBody, Message, Text
from lib.report.writers import html_parts, markdown_parts
from lib.report.writers.brief_parts import item


def _deck(place: SlidePlace, body: MapBody) -> None:
    """Stages in their owners' territories, and under each crossing its rule."""
    canvas, box, quote = place.canvas, place.box, quoted(place.message.quote)
    count = max(len(body.stops), 1)
    gap = 26.0 if count <= 5 else 18.0
    width = (box.w - gap * (count - 1)) / count
    lefts = [box.x + i * (width + gap) for i in range(count)]
    foot = 34.0 if quote else 0.0
    row = Box(box.x, box.y + 30, width, min(max((box.h - foot) * 0.34, 84), 116))
    _territories(canvas, body.stops, lefts, width, box.y)
    for stop, left in zip(body.stops, lefts, strict=True):
        _stop(canvas, stop, Box(left, row.y, width, row.h))
    top = row.y + row.h + 42
    cards = Box(box.x, top, box.w, min(box.y + box.h - foot - top, 150))
    _crossings(canvas, body.crossings, lefts, gap, row, cards)
    linked = {c.after for c in body.crossings}
    middle, pale = row.y + row.h / 2, canvas.palette.fill("pale")
    for left, right in (pair for index, pair in enumerate(pairwise(lefts)) if index not in linked):
        canvas.line(left + width + 2, middle, right - 2, middle, pale, 1.5, arrow=True)
    if quote:
        canvas.text(
            Box(box.x, box.y + box.h - foot + 8, box.w, foot - 8),
            [Para(quote, italic=True, tone="muted")],
            (13, 12, 11, 10),
            what="a quote",
            anchor="m",
            name="Quote",
        )
    describe_first(canvas.slide, body.alt)


def _territories(
    canvas: Canvas, stops: tuple[DrawnStage, ...], lefts: list[float], width: float, y: float
) -> None:
    """Bars over runs of stages with one owner side."""
    place = 0
    for name, run in groupby(stops, key=lambda stop: (stop.territory, stop.tone)):
        count = len(list(run))
        label, tone = name
        right = lefts[place + count - 1] + width
        box = Box(lefts[place], y, right - lefts[place], 24)
        canvas.rect(box, canvas.palette.fill(tone), name="Territory")
        canvas.text(
            box.inset(6, 2),
            label or "No owner",
            (12, 11, 10, 9),
            bold=True,
            align="c",
            anchor="m",
            what="a territory's name",
            colour=canvas.palette.on(tone),
            name="Territory name",
        )
        place += count


def _stop(canvas: Canvas, stop: DrawnStage, box: Box) -> None:
    canvas.rect(
        box,
        canvas.palette.wash(stop.tone, 0.03),
        line=canvas.palette.fill(stop.tone),
        line_width=1.5,
        name="Stage",
        dashed=stop.territory in ("", "No owner"),
    )
    paras = [Para(stop.name.text, bold=True, scale=1.12), Para(stop.owner.text, before=0.15)]
    if stop.detail is not None:
        paras.append(Para(stop.detail.text, tone="muted", scale=0.92, before=0.15))
    if stop.number is not None:
        paras.append(Para(stop.number.text, bold=True, tone=stop.tone, before=0.3, scale=1.12))
    canvas.text(
        box.inset(7, 6),
        paras,
        (13, 12, 11, 10, 9),
        align="c",
        anchor="m",
        what="a stage",
        name="Stage text",
    )


def _crossing(canvas: Canvas, crossing: Crossing, box: Box) -> None:
    mark, label, tone = STATUS[crossing.status]
    canvas.rect(
        box,
        canvas.palette.wash(tone, 0.09),
        line=canvas.palette.fill(tone),
        line_width=2.25 if crossing.main else 1.0,
        name="Handoff",
    )
    head = f"{label}, the main handoff" if crossing.main else label
    paras = [Para(head, bold=True, tone=tone, lead=mark, lead_tone=tone, scale=1.08)]
    if crossing.name is not None:
        paras.append(Para(crossing.name.text, bold=True, before=0.2))
    paras.append(Para(crossing.rule.text, before=0.3))
    if crossing.response is not None:
        paras.append(Para(crossing.response.text, before=0.3))
    canvas.text(
        box.inset(12, 8),
        paras,
        (14, 13, 12, 11, 10, 9),
        what="a handoff's rule",
        name="Handoff text",
        anchor="m",
    )


def _crossings(
    canvas: Canvas, shown: tuple[Crossing, ...], lefts: list[float], gap: float, row: Box, cards: Box
) -> None:
    """An arrow between the stages, and a line from it down to the card that says its rule."""
    space = 14.0
    most = max(len(shown), 1)
    width = min((cards.w - space * (most - 1)) / most, 290)
    centres = [lefts[c.after] + row.w + gap / 2 for c in shown]
    middle = row.y + row.h / 2
    for crossing, centre, left in zip(
        shown, centres, _spread(centres, width, space, cards.x, cards.x + cards.w), strict=True
    ):
        colour = canvas.palette.fill(STATUS[crossing.status][2])
        is_open = crossing.status != "agreed"
        ends = centre - gap / 2 + 2, centre + gap / 2 - 2
        canvas.line(ends[0], middle, ends[1], middle, colour, 2.25, arrow=True, dashed=is_open)
        edge = width * 0.12
        down, target = cards.y - 21, min(max(centre, left + edge), left + width - edge)
        if abs(target - centre) < 1:  # straight down where the card lies under its crossing
            canvas.line(centre, middle, centre, cards.y, colour, 1.25)
        else:
            canvas.line(centre, middle, centre, down, colour, 1.25)
            canvas.line(centre, down, target, down, colour, 1.25)
            canvas.line(target, down, target, cards.y, colour, 1.25)
        _crossing(canvas, crossing, Box(left, cards.y, width, cards.h))


def _spread(centres: list[float], width: float, gap: float, low: float, high: float) -> list[float]:
    """Left edges of cards near their centres that neither overlap nor leave the box."""
    lefts: list[float] = []
    for centre in centres:
        left = max(centre - width / 2, low, (lefts[-1] + width + gap) if lefts else low)
        lefts.append(left)
    right = high
    for index in range(len(lefts) - 1, -1, -1):
        lefts[index] = min(lefts[index], right - width)
        right = lefts[index] - gap
    return lefts


def _stops(body: MapBody) -> Iterator[tuple[DrawnStage, Crossing | None]]:
    """Each stage with the crossing behind it, where one is."""
    crossings = {c.after: c for c in body.crossings}
    return ((stop, crossings.get(index)) for index, stop in enumerate(body.stops))


def _html(body: MapBody, images: bool) -> str:
    afters = [stop.name.text for stop in body.stops[1:]] + [""]
    return "".join(
        (
            '<ol class="map">',
            *(
                _item(stop, crossing, after)
                for (stop, crossing), after in zip(_stops(body), afters, strict=True)
            ),
            "</ol>",
        )
    )


def _item(stop: DrawnStage, crossing: Crossing | None, after: str) -> str:
    number = f"<div><strong>{clean.html(stop.number.text)}</strong> people</div>" if stop.number else ""
    return (
        f'<li><div class="land {stop.tone}">{clean.html(stop.territory)}</div><strong>{clean.html(stop.name.text)}</strong>'
        f"<div>{clean.html(stop.owner.text)}</div>"
        f"{html_parts.block('div', _text(stop.detail), look='muted')}{number}{_rule(crossing, after)}</li>"
    )


def _rule(crossing: Crossing | None, after: str) -> str:
    """The rule under which people pass on to the next stage."""
    if crossing is None:
        return ""
    mark, label, tone = STATUS[crossing.status]
    main = ", the main handoff" if crossing.main else ""
    return (
        f'<div class="crossing"><strong class="{tone}">{mark} {label}{main}</strong>'
        f'<div class="muted">To {clean.html(after)}</div><div>{clean.html(crossing.rule.text)}</div>'
        f"{html_parts.block('div', _text(crossing.response))}</div>"
    )


def _text(said: Text | Fact | None) -> str:
    return said.text if said is not None else ""


def _markdown(body: MapBody) -> list[str]:
    labels = ("Stage", "Owner", "Detail", "Handoff to the next stage")
    rows = []
    for stop, crossing in _stops(body):
        to_next = ""
        if crossing is not None:
            parts = (STATUS[crossing.status][1], crossing.rule.text, _text(crossing.response))
            to_next = ". ".join(filter(None, parts))
        detail = ", ".join(filter(None, (_text(stop.detail), _text(stop.number))))
        rows.append((stop.name.text, stop.owner.text, detail, to_next))
    return markdown_parts.table([(label, False) for label in labels], rows)


def _brief(body: MapBody, message: Message, most: int) -> list[dict[str, str]]:
    """The crossings, open ones first."""
    names = [stop.name.text for stop in body.stops]
    open_first = sorted(body.crossings, key=lambda c: (c.status == "agreed", c.after))
    return [
        item(
            f"{names[crossing.after]} to {names[crossing.after + 1]}",
            ". ".join(filter(None, (crossing.rule.text.rstrip("."), _text(crossing.response)))),
        )
        for crossing in open_first[:most]
    ]


KIND = BodyKind(MapBody, _deck, _html, _markdown, brief=_brief, brief_place="lists")

"""Bodies drawn as shapes: the answer's reasons, the handoff map, the decision, the team's own words."""

from __future__ import annotations

from itertools import groupby

from lib.report.deck import table, text_fit
from lib.report.deck.canvas import Box, Canvas, Para
from lib.report.story.labels import STATUS, decision_lists, quoted
from lib.report.story.summary_model import (
    Crossing,
    DecisionBody,
    MapBody,
    Reason,
    ReasonsBody,
    Stop,
    Text,
    Tone,
    WordsBody,
)


def reasons(canvas: Canvas, body: ReasonsBody, box: Box) -> None:
    """The answer: one lead sentence, then numbered reasons on rows of one height."""
    used = (
        canvas.text(box.top(46), [Para(body.lead.text)], (18, 16, 14), what="the lead sentence", name="Lead")
        + 18
        if body.lead.text
        else 0
    )
    rows = box.below(used)
    step = min(rows.h / max(len(body.reasons), 1), 92)
    wide = max(
        (text_fit.width(r.label.text, 15, bold=True, font=canvas.font) for r in body.reasons), default=90
    )
    for index, reason in enumerate(body.reasons):
        top = rows.y + index * step
        if index or used:  # the headline has a rule of its own
            canvas.line(box.x, top, box.x + box.w, top, canvas.palette.wash("ink", 0.2), 0.75)
        _reason(canvas, reason, index + 1, Box(box.x, top, box.w, step), min(wide + 6, box.w * 0.3))


def _reason(canvas: Canvas, reason: Reason, number: int, row: Box, label_width: float) -> None:
    """Number, label and sentence on one row, one text size for all rows."""
    canvas.text(
        Box(row.x, row.y, 34, row.h),
        str(number),
        (24, 20),
        bold=True,
        tone=reason.tone,
        anchor="m",
        name="Number",
    )
    canvas.text(
        Box(row.x + 44, row.y + 4, label_width, row.h - 8),
        reason.label.text,
        (15, 14, 13, 12),
        bold=True,
        anchor="m",
        what="a reason's label",
        name="Reason",
    )
    left = row.x + 44 + label_width + 22
    canvas.text(
        Box(left, row.y + 4, row.x + row.w - left, row.h - 8),
        reason.text.text,
        (15, 14, 13, 12, 11),
        anchor="m",
        what="a reason",
        name="Reason text",
    )


def takeaways(
    canvas: Canvas, items: tuple[Text, ...], box: Box, tone: Tone = "outcome", quote: Text | None = None
) -> None:
    """What a chart says: the first sentence bold, beside a line in the section's tone."""
    paras = [
        Para(item.text, bold=index == 0, before=0.7, scale=1.08 if index == 0 else 1)
        for index, item in enumerate(items)
    ]
    if quote is not None and quote.text:
        paras.append(Para(quoted(quote), italic=True, tone="muted", before=0.9))
    canvas.rect(Box(box.x, box.y + 10, 2.5, box.h - 20), canvas.palette.fill(tone), name="Accent")
    canvas.text(
        Box(box.x + 16, box.y + 10, box.w - 16, box.h - 20),
        paras,
        (15, 14, 13, 12, 11, 10),
        anchor="m",
        what="a takeaway",
        name="Takeaways",
    )


def closing(
    canvas: Canvas, items: tuple[Text, ...], box: Box, tone: Tone = "outcome", quote: Text | None = None
) -> None:
    """One sentence under a picture of full width, behind a mark in the section's tone."""
    paras = [Para(item.text, bold=True) for item in items]
    if quote is not None and quote.text:
        paras.append(Para(quoted(quote), italic=True, tone="muted"))
    canvas.rect(Box(box.x, box.y + 3, 2.5, box.h - 6), canvas.palette.fill(tone), name="Accent")
    canvas.text(
        Box(box.x + 14, box.y, box.w - 14, box.h),
        paras,
        (15, 14, 13, 12, 11, 10),
        anchor="m",
        what="a takeaway",
        name="Takeaways",
    )


def _territories(canvas: Canvas, stops: tuple[Stop, ...], lefts: list[float], width: float, y: float) -> None:
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


def _stop(canvas: Canvas, stop: Stop, box: Box) -> None:
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


def handoff_map(canvas: Canvas, body: MapBody, box: Box, quote: Text | None = None) -> None:
    """Stages in their owners' territories, and under each crossing its rule."""
    count = max(len(body.stops), 1)
    gap = 26.0 if count <= 5 else 18.0
    width = (box.w - gap * (count - 1)) / count
    lefts = [box.x + i * (width + gap) for i in range(count)]
    foot = 34.0 if quote is not None and quote.text else 0.0
    row = Box(box.x, box.y + 30, width, min(max((box.h - foot) * 0.34, 84), 116))
    _territories(canvas, body.stops, lefts, width, box.y)
    for stop, left in zip(body.stops, lefts, strict=True):
        _stop(canvas, stop, Box(left, row.y, width, row.h))
    top = row.y + row.h + 42
    cards = Box(box.x, top, box.w, min(box.y + box.h - foot - top, 150))
    _crossings(canvas, body.crossings, lefts, gap, row, cards)
    linked = {c.after for c in body.crossings}
    middle = row.y + row.h / 2
    for index in range(count - 1):
        if index not in linked:
            ends = lefts[index] + width + 2, lefts[index + 1] - 2
            canvas.line(ends[0], middle, ends[1], middle, canvas.palette.fill("pale"), 1.5, arrow=True)
    if quote is not None and quote.text:
        canvas.text(
            Box(box.x, box.y + box.h - foot + 8, box.w, foot - 8),
            [Para(quoted(quote), italic=True, tone="muted")],
            (13, 12, 11, 10),
            what="a quote",
            anchor="m",
            name="Quote",
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


def decision(canvas: Canvas, body: DecisionBody, box: Box) -> None:
    """Signals on the left, the recommendation, its limits and what would change it on the right."""
    left, right = box.split(0.61, 24)
    if body.signals.rows:
        pieces = table.paginate(body.signals, left, canvas.font, most=9, least=10)
        piece, layout = pieces[0]
        table.draw(canvas, piece, layout, left)
        if len(pieces) > 1:
            rest = [" | ".join(table.words(c) for c in row) for part, _ in pieces[1:] for row in part.rows]
            canvas.shorten_warning("the list of signals", "\n".join(rest))
    else:
        right = box
    ink = canvas.palette.on(body.tone)
    card = right.top(min(max(right.h * 0.36, 96), 132))
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
    listed: list[Para] = []
    for title, items in decision_lists(body):
        listed.append(Para(title, bold=True, before=0.7))
        listed += [Para(item.text, bullet=True, before=0.25) for item in items]
    if listed:
        canvas.text(right.below(card.h + 14), listed, (14, 13, 12, 11, 10), what="a caveat", name="Caveats")


def words(canvas: Canvas, body: WordsBody, box: Box) -> None:
    """Paragraphs of the team's own."""
    paras = [Para(paragraph.text, before=0.7) for paragraph in body.paragraphs]
    canvas.text(box.inset(18, 4), paras, (18, 16, 15, 14, 13, 12, 11), what="a paragraph", name="Words")

"""The answer: a lead sentence and numbered reasons."""

from __future__ import annotations

from lib.report import clean
from lib.report.bodies.kind import BodyKind, SlidePlace
from lib.report.deck import text_fit
from lib.report.deck.canvas import Box, Canvas, Para
from lib.report.story.summary_model import Message, Reason, ReasonsBody
from lib.report.writers import html_parts
from lib.report.writers.brief_parts import short

_IN_BRIEF = 5


def _deck(place: SlidePlace, body: ReasonsBody) -> None:
    """One lead sentence, then numbered reasons on rows of one height."""
    canvas, box = place.canvas, place.box
    lead = [Para(body.lead.text)]
    used = 0.0
    if body.lead.text:
        used = canvas.text(box.top(46), lead, (18, 16, 14), what="the lead sentence", name="Lead") + 18
    rows = box.below(used)
    step = min(rows.h / max(len(body.reasons), 1), 92)
    wide = max(
        (text_fit.width(r.label.text, 15, bold=True, font=canvas.font) for r in body.reasons), default=90
    )
    for index, reason in enumerate(body.reasons):
        top = rows.y + index * step
        if index or used:  # the headline has a rule of its own
            canvas.line(box.x, top, box.x + box.w, top, canvas.palette.wash("ink", 0.2), 0.75)
        _row(canvas, reason, index + 1, Box(box.x, top, box.w, step), min(wide + 6, box.w * 0.3))


def _row(canvas: Canvas, reason: Reason, number: int, row: Box, label_width: float) -> None:
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


def _html(body: ReasonsBody, images: bool) -> str:
    items = "".join(
        f"<li><strong>{clean.html(r.label.text)}.</strong> {clean.html(r.text.text)}</li>"
        for r in body.reasons
    )
    return f'{html_parts.block("p", body.lead.text)}<ol class="reasons">{items}</ol>'


def _markdown(body: ReasonsBody) -> list[str]:
    lead = [clean.markdown(body.lead.text), ""] if body.lead.text else []
    return lead + [
        f"{i}. **{clean.markdown(r.label.text)}.** {clean.markdown(r.text.text)}"
        for i, r in enumerate(body.reasons, 1)
    ]


def _brief(body: ReasonsBody, message: Message, most: int) -> list[dict[str, str]]:
    """The reasons; the first item holds the lead sentence."""
    return [{"label": "", "text": short(body.lead.text, 260)}] + [
        {"label": short(r.label.text, 60).rstrip("."), "text": short(r.text.text, 300)}
        for r in body.reasons[:_IN_BRIEF]
    ]


KIND = BodyKind(ReasonsBody, _deck, _html, _markdown, brief=_brief, brief_place="answer")

"""The deck: a Summary as an editable PowerPoint file, in the house's template or a company's own."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import dataclass
from typing import Any, cast

from pptx.oxml.ns import qn
from pptx.util import Pt

from lib.report import clean
from lib.report.bodies.kind import SlidePlace
from lib.report.bodies.registry import kind_of
from lib.report.deck import notes, text_fit
from lib.report.deck.canvas import EMU, Box, Canvas, Para
from lib.report.deck.slide import drop_empty, footers, ground, places, same_bytes
from lib.report.deck.template import Found, Opened, find_layout, open_template
from lib.report.deck.theme import Palette, palette_of
from lib.report.story.check import check
from lib.report.story.summary_model import SECTION_NAMES, Message, Summary, Tone

SECTION_TONES: dict[str, Tone] = {
    "answer": "outcome",
    "since": "shared",
    "findings": "outcome",
    "ownership": "process",
    "handoffs": "shared",
    "experiments": "shared",
    "decision": "outcome",
    "next": "process",
    "own": "process",
    "sources": "muted",
}
TITLE_SIZES = (26.0, 24.0, 22.0, 20.0, 18.0)
_LAYOUTS = {"decision": "House decision", "own": "House words", "sources": "House appendix"}


@dataclass(frozen=True)
class Deck:
    """A rendered deck.

    Attributes:
        data: The .pptx file.
        warnings: What was shortened, full sentences.
        found: What was found in the template.
        slides: How many slides it has.
    """

    data: bytes
    warnings: tuple[str, ...]
    found: Found
    slides: int


class _Renderer:
    """One deck being made."""

    def __init__(self, summary: Summary, opened: Opened) -> None:
        self.summary, self.opened, self.deck = summary, opened, opened.deck
        self.warnings: list[str] = []
        self.font = opened.found.body_font
        content = find_layout(self.deck, "House headline", "titleOnly", "obj", "tx")
        self.palette: Palette = palette_of(content, self.deck.slide_width, self.deck.slide_height)
        self.width = self.deck.slide_width / EMU
        self.height = self.deck.slide_height / EMU
        self._layouts: dict[str, tuple[Any, Box]] = {}

    def run(self) -> None:
        self._title_slide()
        for message in self.summary.messages:
            self._message(message)

    def _title_slide(self) -> None:
        layout = find_layout(self.deck, "House title", "title")
        slide = self.deck.slides.add_slide(layout)
        palette = palette_of(layout, self.deck.slide_width, self.deck.slide_height)
        canvas = Canvas(slide, palette, self.font, "Title slide", self.warnings)
        company = clean.line(self.summary.company, 120)
        subtitle = f"{AUDIENCE_TITLES[self.summary.audience]}, {self.summary.date_text}"
        company_place = places(slide).get("Company")
        if company_place is None and company:
            subtitle = f"{company}. {subtitle}"
        self._placeholder(
            canvas,
            slide.shapes.title,
            self.summary.title.text,
            (38, 34, 30, 26, 22, 18),
            "the title",
            heading=True,
        )
        subs = [
            s
            for s in slide.placeholders
            if s.placeholder_format.type in (4, 2)
            and s is not company_place
            and s.shape_id != getattr(slide.shapes.title, "shape_id", -1)
        ]
        if subs:
            self._placeholder(canvas, subs[0], subtitle, (18, 16, 14, 12), "the subtitle")
        if company_place is not None and company:
            self._placeholder(canvas, company_place, company, (14, 13, 12, 11), "the company's name")
        drop_empty(slide)
        slide.notes_slide.notes_text_frame.text = (
            f"Made from the workbook{f' of {company}' if company else ''}, revision {self.summary.revision}. "
            f"Numbers as of {self.summary.date_text}. Every slide's notes carry its query, data and rows."
        )

    def _placeholder(
        self,
        canvas: Canvas,
        shape: Any,
        text: str,
        sizes: tuple[float, ...],
        what: str,
        *,
        heading: bool = False,
    ) -> None:
        """Fill a placeholder; colour, weight and font stay the template's, the size is chosen by measure."""
        if shape is None:
            box = Box(self.width * 0.06, self.height * 0.06, self.width * 0.88, self.height * 0.12)
            canvas.text(box, text, sizes, bold=True, what=what, name="Title")
            return
        font = self.opened.found.heading_font if heading else self.font
        frame = shape.text_frame
        inner = frame._txBody.find(qn("a:bodyPr"))
        margins = 0 if self.opened.is_default else 14.4
        room, tall = shape.width / EMU - margins, shape.height / EMU - margins / 2
        usable = tuple(size for size in sizes if self.opened.is_default or size <= 30) or sizes
        one = text_fit.fit(
            text, room, tall, _calm(text, room, usable, font) if heading else usable, bold=True, font=font
        )
        if one.cut:
            canvas.shorten_warning(what, text)
        frame.text = ""
        paragraph = frame.paragraphs[0]
        if clean.is_rtl(one.text):
            paragraph._p.get_or_add_pPr().set("rtl", "1")
        run = paragraph.add_run()
        run.text = one.text.replace("\n", " ")
        run.font.size = Pt(one.size)
        for autofit in inner.findall(qn("a:normAutofit")):
            inner.remove(autofit)

    def _layout(self, message: Message) -> tuple[Any, Box]:
        """The layout of a slide and the room its body has, found once for each kind of slide."""
        name = _LAYOUTS.get(message.section, "House headline")
        if name not in self._layouts:
            layout = find_layout(self.deck, name, "titleOnly", "obj", "tx")
            self._layouts[name] = layout, self._content_box(layout)
        return self._layouts[name]

    def _content_box(self, layout: Any) -> Box:
        """Room for the body: under the title and caption, above the foot."""
        title = next((s for s in layout.placeholders if s.placeholder_format.idx == 0 and s.height), None)
        if self.opened.is_default and title is not None:
            named = {shape.name: shape for shape in reversed(list(layout.placeholders))}
            if "Caption" in named and "Source" in named:
                caption, source = named["Caption"], named["Source"]
                over, under = (caption.top + caption.height) / EMU + 8, source.top / EMU - 15
                return Box(title.left / EMU, over, title.width / EMU, under - over)
        left, top = self.width * 0.06, self.height * 0.2
        if title is not None:
            left, top = max(title.left / EMU, self.width * 0.04), (title.top + title.height) / EMU + 4
        bottom = self._foot(layout) - 4
        if top > self.height * 0.4 or bottom - top < self.height * 0.4:
            top, bottom = self.height * 0.22, self.height * 0.92
        width = min(self.width - 2 * left, self.width * 0.92)
        return Box(left, top, width, bottom - top)

    def _foot(self, layout: Any) -> float:
        """Where a layout's own foot begins, points from the top."""
        foots = (s for s in layout.placeholders if s.placeholder_format.type in (13, 15, 16) and s.top)
        tops = (shape.top / EMU for shape in foots)
        return min((top for top in tops if top > self.height * 0.6), default=self.height * 0.93)

    def _message(self, message: Message) -> None:
        """The slides of one message: several where its body is continued."""
        room = self._body_box(message, self._layout(message)[1])
        pages = kind_of(message.body).pages(message.body, message, room, self.font)
        for number, page in enumerate(pages):
            self._slide(message, page, continued=number > 0)

    def _body_box(self, message: Message, box: Box) -> Box:
        """The body's box when caption and source take their lines (the house has placeholders for them)."""
        if self.opened.is_default:
            return box if message.caption is not None else Box(box.x, box.y - 14, box.w, box.h + 14)
        top = 22 if message.caption is not None else 4
        return Box(box.x, box.y + top, box.w, box.h - top - 20)

    def _slide(self, message: Message, page: Any, *, continued: bool) -> None:
        layout, outer = self._layout(message)
        slide = self.deck.slides.add_slide(layout)
        slide.shapes.turbo_add_enabled = True  # ids are counted on instead of looked for at each shape
        label = f"Slide {len(self.deck.slides)}"
        canvas = Canvas(slide, self.palette, self.font, label, self.warnings)
        box = self._body_box(message, outer)
        if self.palette.busy and not self.opened.is_default:
            canvas.rect(
                Box(outer.x - 8, outer.y - 2, outer.w + 16, outer.h + 4), ground(self.palette), name="Ground"
            )
        headline = message.headline.text + (" (continued)" if continued else "")
        self._placeholder(
            canvas, slide.shapes.title, clean.line(headline), TITLE_SIZES, "the headline", heading=True
        )
        self._kicker_caption_source(slide, canvas, message, outer)
        place = SlidePlace(canvas, message, box, SECTION_TONES[message.section], page)
        kind_of(message.body).deck(place, message.body)
        drop_empty(slide)
        footers(slide, layout, self._footer_text(), plain=self.opened.is_default)
        slide.notes_slide.notes_text_frame.text = notes.notes(self.summary, message, canvas.whole)

    def _footer_text(self) -> str:
        company = clean.line(self.summary.company, 60)
        return f"{company} | {self.summary.date_text}" if company else self.summary.date_text

    def _kicker_caption_source(self, slide: Any, canvas: Canvas, message: Message, outer: Box) -> None:
        source = "" if message.section == "sources" else notes.foot_line(self.summary, message)
        caption = clean.line(message.caption.text, 400) if message.caption is not None else ""
        if self.opened.is_default:
            tone, named = SECTION_TONES[message.section], places(slide)
            for name, text, sizes, colour in (
                ("Kicker", SECTION_NAMES[message.section], (10.0,), tone),
                ("Caption", caption, (12.0, 11.0, 10.0), "muted"),
                ("Source", source, (9.0, 8.0, 7.0), "muted"),
            ):
                shape = named.get(name)
                if shape is not None and text:
                    box = Box(shape.left / EMU, shape.top / EMU, shape.width / EMU, shape.height / EMU)
                    canvas.text(
                        box,
                        [Para(text, tone=cast("Tone", colour), bold=name == "Kicker")],
                        sizes,
                        anchor="m",
                        what=f"the {name.lower()}",
                        shape=shape,
                    )
            return
        if caption:
            canvas.text(
                outer.top(18),
                [Para(caption, tone="muted")],
                (12.0, 11.0, 10.0, 9.0),
                anchor="m",
                what="the caption",
                name="Caption",
            )
        if not source:
            return
        foot = Box(outer.x, outer.y + outer.h - 18, outer.w, 18)
        canvas.text(
            foot, [Para(source, tone="muted")], (9.0, 8.0, 7.0), anchor="m", what="the source", name="Source"
        )


def _calm(text: str, room: float, sizes: tuple[float, ...], font: str) -> tuple[float, ...]:
    """Sizes for a headline, without those at which a word or two would stand alone on the last line."""
    calm = []
    for size in sizes:
        lines = text_fit.wrap(text, size, room, bold=True, font=font)
        if len(lines) == 1 or text_fit.width(lines[-1], size, bold=True, font=font) > 0.3 * room:
            calm.append(size)
    return (*[size for size in calm if size >= sizes[0] - 5], *sizes) if calm else sizes


AUDIENCE_TITLES = {"executive": "Executive summary", "board": "Board summary", "team": "Team summary"}


def render(summary: Summary, template: bytes | None = None, template_name: str = "the template") -> Deck:
    """Make the deck.

    Args:
        summary: What it says; checked first.
        template: A .pptx or .potx file; None for the house's.
        template_name: Its name, for messages.

    Raises:
        FileError: The template cannot be used.
        SummaryError: The summary says something nothing behind it shows.
    """
    check(summary)
    opened = open_template(template, template_name)
    renderer = _Renderer(summary, opened)
    renderer.run()
    properties = opened.deck.core_properties
    stamp = dt.datetime.fromisoformat(summary.as_of[:10])
    properties.title = clean.line(summary.title.text, 250)
    properties.author = clean.line(summary.company, 250)
    properties.subject = AUDIENCE_TITLES[summary.audience]
    properties.last_modified_by = ""
    properties.keywords = f"digest {summary.digest[:16]}"
    properties.created = properties.modified = properties.last_printed = stamp
    properties.revision = 1
    out = io.BytesIO()
    opened.deck.save(out)
    return Deck(same_bytes(out.getvalue()), tuple(renderer.warnings), opened.found, len(opened.deck.slides))

"""Drawing on a slide in points, with text that is measured before it is set and never overflows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]
from pptx.dml.color import RGBColor
from pptx.enum.shapes import MSO_CONNECTOR, MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, MSO_AUTO_SIZE
from pptx.oxml.ns import qn
from pptx.util import Emu, Pt

from lib.report import clean
from lib.report.deck import text as deck_text
from lib.report.deck import text_fit
from lib.report.deck.text import Para
from lib.report.deck.theme import Palette
from lib.report.story.summary_model import Tone

EMU = 12_700
_ANCHOR = {"t": MSO_ANCHOR.TOP, "m": MSO_ANCHOR.MIDDLE, "b": MSO_ANCHOR.BOTTOM}
_DECORATIVE = (
    '<a:extLst xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><a:ext uri="{C183D7F6-B498-43B3-948B-1728B52AA6E4}">'  # noqa: E501
    '<adec:decorative xmlns:adec="http://schemas.microsoft.com/office/drawing/2017/decorative" val="1"/></a:ext></a:extLst>'
)


def emu(points: float) -> Emu:
    """Points as whole EMU."""
    return Emu(round(points * EMU))


@dataclass(frozen=True)
class Box:
    """A rectangle, points."""

    x: float
    y: float
    w: float
    h: float

    def split(self, share: float, gap: float) -> tuple[Box, Box]:
        """Left and right parts with a gap between them."""
        left = (self.w - gap) * share
        return Box(self.x, self.y, left, self.h), Box(
            self.x + left + gap, self.y, self.w - gap - left, self.h
        )

    def top(self, height: float) -> Box:
        """The upper part."""
        return Box(self.x, self.y, self.w, height)

    def below(self, height: float) -> Box:
        """What is left under the upper part."""
        return Box(self.x, self.y + height, self.w, max(self.h - height, 1))

    def inset(self, x: float, y: float) -> Box:
        """The box with a margin inside."""
        return Box(self.x + x, self.y + y, max(self.w - 2 * x, 1), max(self.h - 2 * y, 1))


@dataclass
class Canvas:
    """One slide being drawn.

    Attributes:
        slide: The python-pptx slide.
        palette: Colours of the template.
        font: Body font's name, for measuring.
        label: What the slide is called in warnings ("Slide 4").
        warnings: What was shortened, for the page; shared by all slides.
        whole: Full texts that were shortened on this slide, for its notes.
    """

    slide: Any
    palette: Palette
    font: str
    label: str
    warnings: list[str]
    whole: list[str] = field(default_factory=list)

    def shorten_warning(self, what: str, full: str) -> None:
        """Note that a text was cut; the whole goes to the notes."""
        self.warnings.append(f"{self.label}: {what} was shortened to fit; the whole text is in the notes.")
        self.whole.append(full)

    def colour(self, target: Any, colour: Any) -> None:
        """Set a theme or RGB colour on a colour format."""
        if isinstance(colour, RGBColor):
            target.rgb = colour
        else:
            target.theme_color = colour

    def rect(
        self,
        box: Box,
        fill: Any = None,
        *,
        line: Any = None,
        line_width: float = 1.0,
        round_corners: bool = False,
        name: str = "",
        alt: str = "",
        dashed: bool = False,
    ) -> Any:
        """A rectangle; without `alt` it is marked decorative."""
        kind = MSO_SHAPE.ROUNDED_RECTANGLE if round_corners else MSO_SHAPE.RECTANGLE
        shape = self.slide.shapes.add_shape(kind, emu(box.x), emu(box.y), emu(box.w), emu(box.h))
        if round_corners:
            shape.adjustments[0] = min(5 / max(min(box.w, box.h), 1), 0.5)
        self._flat(shape)
        if fill is None:
            shape.fill.background()
        else:
            shape.fill.solid()
            self.colour(shape.fill.fore_color, fill)
        if line is None:
            shape.line.fill.background()
        else:
            self.colour(shape.line.color, line)
            shape.line.width = Pt(line_width)
            if dashed:
                shape.line.dash_style = 4
        self._name(shape, name or "Panel", alt)
        return shape

    def line(
        self,
        x1: float,
        y1: float,
        x2: float,
        y2: float,
        colour: Any,
        width: float = 1.0,
        *,
        arrow: bool = False,
        dashed: bool = False,
    ) -> Any:
        """A straight line, decorative."""
        shape = self.slide.shapes.add_connector(MSO_CONNECTOR.STRAIGHT, emu(x1), emu(y1), emu(x2), emu(y2))
        self._flat(shape)
        self.colour(shape.line.color, colour)
        shape.line.width = Pt(width)
        if dashed:
            shape.line.dash_style = 4
        if arrow:
            ln = shape.line._get_or_add_ln()
            tail = ln.makeelement(qn("a:tailEnd"), {"type": "triangle", "w": "med", "len": "med"})
            ln.append(tail)
        self._name(shape, "Line", "")
        return shape

    def _flat(self, shape: Any) -> None:
        """No shadow or gradient from an old theme."""
        style = shape._element.find(qn("p:style"))
        if style is not None:
            shape._element.remove(style)

    def _name(self, shape: Any, name: str, alt: str) -> None:
        properties = shape._element._nvXxPr.cNvPr
        properties.set("name", f"{name} {properties.get('id')}")
        if alt:
            properties.set("descr", clean.line(alt, 1_500))
        elif properties.find(qn("a:extLst")) is None:
            properties.append(etree.fromstring(_DECORATIVE))

    def text(
        self,
        box: Box,
        paragraphs: Sequence[Para] | str,
        sizes: tuple[float, ...] = (14, 13, 12, 11),
        *,
        what: str = "a text",
        align: str = "l",
        anchor: str = "t",
        bold: bool = False,
        tone: Tone = "ink",
        name: str = "Text",
        shape: Any = None,
        colour: Any = None,
    ) -> float:
        """Set text into a box at the largest size that fits; returns the height it takes, points.

        Args:
            box: Where.
            paragraphs: Paragraphs, or one plain text.
            sizes: Sizes to try, largest first.
            what: How the text is called when it had to be shortened.
            align: l | c | r.
            anchor: t | m | b.
            bold: For a plain text.
            tone: For a plain text.
            name: Shape's name.
            shape: A placeholder or shape to write into instead of a new text box.
            colour: For a plain text on a filled shape.
        """
        if isinstance(paragraphs, str):
            paragraphs = [Para(paragraphs, bold=bold, tone=tone, colour=colour)]
        paragraphs = [replace(p, text=clean.text(p.text)) for p in paragraphs]
        fitted, size, needed = self._fit(box, [p for p in paragraphs if p.text or p.lead], sizes, what)
        if shape is None:
            shape = self.slide.shapes.add_textbox(emu(box.x), emu(box.y), emu(box.w), emu(box.h))
            shape._element._nvXxPr.cNvPr.set("name", f"{name} {shape.shape_id}")
        self._write(shape.text_frame, fitted, size, align, anchor)
        return needed

    def _write(self, frame: Any, fitted: list[Para], size: float, align: str, anchor: str) -> None:
        """Set measured paragraphs into a frame without margins that nothing resizes."""
        frame.word_wrap = True
        frame.auto_size = MSO_AUTO_SIZE.NONE
        frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
        frame.vertical_anchor = _ANCHOR[anchor]
        for number, para in enumerate(fitted):
            paragraph = frame.add_paragraph() if number else frame.paragraphs[0]
            deck_text.paragraph(paragraph._p, para, size, align, self.palette, first=not number)

    def _room(self, para: Para, size: float, width: float) -> float:
        room = width - (size if para.bullet else 0)
        return room - (text_fit.width(para.lead + " ", size * para.scale, font=self.font) if para.lead else 0)

    def _needed(self, paragraphs: Sequence[Para], size: float, width: float) -> float:
        total = 0.0
        for index, para in enumerate(paragraphs):
            tall = text_fit.height(
                para.text, size * para.scale, self._room(para, size, width), bold=para.bold, font=self.font
            )
            total += tall + (para.before * size if index else 0)
        return total

    def _fit(
        self, box: Box, paragraphs: list[Para], sizes: tuple[float, ...], what: str
    ) -> tuple[list[Para], float, float]:
        for size in sizes:
            needed = self._needed(paragraphs, size, box.w)
            if needed <= box.h:
                return paragraphs, size, needed
        size = sizes[-1]
        kept: list[Para] = []
        used = 0.0
        for para in paragraphs:
            gap = para.before * size if kept else 0
            left = box.h - used - gap
            if left < size * para.scale * text_fit.LINE_HEIGHT:
                break
            one = text_fit.fit(
                para.text,
                self._room(para, size, box.w),
                left,
                (size * para.scale,),
                bold=para.bold,
                font=self.font,
            )
            kept.append(replace(para, text=one.text))
            used += gap + one.height
            if one.cut:
                break
        self.shorten_warning(what, "\n".join(p.text for p in paragraphs))
        return kept or [replace(p, text="…") for p in paragraphs[:1]], size, used

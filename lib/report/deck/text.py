"""Paragraphs of a slide, written as XML at once: a deck has hundreds, and setting them property by property takes seconds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]
from pptx.dml.color import RGBColor
from pptx.enum.dml import MSO_THEME_COLOR
from pptx.oxml.ns import qn

from lib.report import clean
from lib.report.deck.theme import Palette
from lib.report.story.summary_model import Tone

LANGUAGE = "en-GB"  # so that spelling is checked in one language
_ALIGN = {"l": "l", "c": "ctr", "r": "r"}
_EMU = 12_700
_P_PR, _R, _R_PR, _T, _BR = (qn(f"a:{name}") for name in ("pPr", "r", "rPr", "t", "br"))
_LINE, _BEFORE, _AFTER = (qn(f"a:{name}") for name in ("lnSpc", "spcBef", "spcAft"))
_PERCENT, _POINTS, _BULLET, _NONE = (qn(f"a:{name}") for name in ("spcPct", "spcPts", "buChar", "buNone"))
_FILL, _SCHEME, _RGB = (qn(f"a:{name}") for name in ("solidFill", "schemeClr", "srgbClr"))


@dataclass(frozen=True)
class Para:
    """One paragraph: its text, how much larger or smaller than the base size, and its look."""

    text: str
    bold: bool = False
    italic: bool = False
    tone: Tone = "ink"
    scale: float = 1.0
    before: float = 0.0  # space above, in lines of the base size
    bullet: bool = False
    colour: Any = None  # overrides the tone (text on a filled shape)
    lead: str = ""  # small coloured mark or symbol before the text
    lead_tone: Tone = "ink"


def colour(parent: Any, value: Any) -> None:
    """A solid fill in a theme or RGB colour."""
    fill = etree.SubElement(parent, _FILL)
    if isinstance(value, RGBColor):
        etree.SubElement(fill, _RGB, val=str(value))
    else:
        etree.SubElement(fill, _SCHEME, val=MSO_THEME_COLOR.to_xml(value))


def paragraph(element: Any, para: Para, size: float, align: str, palette: Palette, *, first: bool) -> None:
    """Write a measured paragraph into an empty one.

    Args:
        element: The paragraph, without runs.
        para: What it says.
        size: Base size, points.
        align: l | c | r.
        palette: Colours of the template.
        first: Whether it is the first of its box, which needs no space above.
    """
    is_rtl = clean.is_rtl(para.text)
    indent = round(size * _EMU) if para.bullet else 0
    for old in element.findall(_P_PR):
        element.remove(old)
    properties = etree.Element(
        _P_PR, marL=str(indent), indent=str(-indent), algn="r" if is_rtl and align == "l" else _ALIGN[align]
    )
    element.insert(0, properties)
    if is_rtl:
        properties.set("rtl", "1")
    etree.SubElement(etree.SubElement(properties, _LINE), _PERCENT, val="100000")
    above = 0 if first else round(para.before * size * 100)
    etree.SubElement(etree.SubElement(properties, _BEFORE), _POINTS, val=str(above))
    etree.SubElement(etree.SubElement(properties, _AFTER), _POINTS, val="0")
    if para.bullet:
        etree.SubElement(properties, _BULLET, char="–")
    else:
        etree.SubElement(properties, _NONE)
    if para.lead:  # a square is a shape, not text: the word beside it says the same
        mark = palette.fill(para.lead_tone)
        _run(element, para.lead + " ", replace(para, bold=True, colour=mark), size, palette)
    for number, part in enumerate(para.text.split("\n")):
        if number:
            etree.SubElement(element, _BR)
        _run(element, part, para, size, palette)


def _run(element: Any, text: str, para: Para, size: float, palette: Palette) -> None:
    run = etree.SubElement(element, _R)
    look = etree.SubElement(
        run,
        _R_PR,
        lang=LANGUAGE,
        sz=str(round(size * para.scale * 2) * 50),
        b=str(int(para.bold)),
        i=str(int(para.italic)),
    )
    colour(look, para.colour if para.colour is not None else palette.text(para.tone))
    etree.SubElement(run, _T).text = clean.legal(text)

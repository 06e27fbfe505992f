"""Housekeeping of a slide and of the finished package: placeholders, footers, descriptions, equal bytes."""

from __future__ import annotations

import copy
import io
import zipfile
from typing import Any

from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]
from pptx.dml.color import RGBColor
from pptx.oxml.ns import qn

from lib.report import clean
from lib.report.deck.theme import Palette

_FIRST = (1980, 1, 1, 0, 0, 0)


def ground(palette: Palette) -> Any:
    """The template's background as an RGB colour."""
    return RGBColor.from_string(palette.background)


def places(slide: Any) -> dict[str, Any]:
    """A slide's placeholders by the name its layout gives each; the first where two share one."""
    names = {s.placeholder_format.idx: s.name for s in slide.slide_layout.placeholders}
    found: dict[str, Any] = {}
    for shape in slide.placeholders:
        found.setdefault(names.get(shape.placeholder_format.idx, ""), shape)
    return found


def drop_empty(slide: Any) -> None:
    """Remove placeholders nobody filled."""
    for shape in list(slide.placeholders):
        if (shape.has_text_frame and not shape.text_frame.text.strip()) or not shape.has_text_frame:
            shape._element.getparent().remove(shape._element)


def describe_first(slide: Any, alt: str) -> None:
    """Give a drawing made of shapes its description, on its first shape."""
    for shape in slide.shapes:
        if not shape.is_placeholder:
            properties = shape._element.xpath(".//p:cNvPr")[0]
            properties.set("descr", clean.line(alt, 1_500))
            for extension in properties.findall(qn("a:extLst")):
                properties.remove(extension)
            return


def footers(slide: Any, layout: Any, text: str, *, plain: bool = True) -> None:
    """Copy footer and slide number from the layout, which adding a slide does not do.

    Args:
        slide: The slide.
        layout: Its layout.
        text: The footer's words.
        plain: The layout gives font and size; some layouts of others do not, and a program's default would show.
    """
    for shape in layout.placeholders:
        if shape.placeholder_format.type not in (13, 15):
            continue
        element = copy.deepcopy(shape._element)
        styles = element.find(qn("p:txBody")).find(qn("a:lstStyle"))
        if styles is not None:
            del styles[:]
        slide.shapes._spTree.append(element)
        element.xpath(".//p:cNvPr")[0].set(
            "id", str(max(int(i) for i in slide.shapes._spTree.xpath(".//p:cNvPr/@id")) + 1)
        )
        if shape.placeholder_format.type == 15:
            _say(element.find(qn("p:txBody")), text, plain=plain)


def _say(body: Any, text: str, *, plain: bool) -> None:
    """Replace what a copied text body says by one run."""
    for paragraph in body.findall(qn("a:p")):
        body.remove(paragraph)
    run = etree.SubElement(etree.SubElement(body, qn("a:p")), qn("a:r"))
    look = etree.SubElement(run, qn("a:rPr"), {"lang": "en-GB"} | ({} if plain else {"sz": "1000"}))
    if not plain:
        etree.SubElement(look, qn("a:latin"), typeface="+mn-lt")
    etree.SubElement(run, qn("a:t")).text = text


def same_bytes(data: bytes) -> bytes:
    """A zip package with fixed times and one compression, so that equal content gives equal bytes."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for info in source.infolist():
            fixed = zipfile.ZipInfo(info.filename, _FIRST)
            fixed.compress_type, fixed.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            target.writestr(fixed, source.read(info.filename), compresslevel=6)
    return out.getvalue()

"""Open a company's own template (.pptx or .potx) safely, empty it of its example slides, and find what a deck needs in it."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pptx import Presentation
from pptx.opc.constants import RELATIONSHIP_TYPE as RT

from lib.errors import FileError

DEFAULT_TEMPLATE = Path(__file__).resolve().parents[3] / "data" / "deck" / "house.pptx"
MAX_BYTES = 60_000_000
MAX_UNPACKED = 400_000_000
MAX_RATIO = 150
MAX_MEMBERS = 6_000
_POTX = b"application/vnd.openxmlformats-officedocument.presentationml.template.main+xml"
_PPTX = b"application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"
_CORE = b"http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties"
_CORE_WRONG = re.compile(
    rb"http://schemas\.openxmlformats\.org/officedocument/2006/relationships/metadata/core-properties", re.I
)
_REMEDY = "Save it in PowerPoint as a plain .pptx or .potx file and upload that."
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"


@dataclass(frozen=True)
class Found:
    """What was found in a template, for the page to show.

    Attributes:
        name: The file's name.
        width_in, height_in: Slide size, inches.
        heading_font, body_font: Theme fonts.
        title_layout, content_layout: Names of the layouts in use.
        layouts: How many layouts it has.
        slides_dropped: Example slides that were left out.
        notes: Things the person should know, full sentences.
    """

    name: str
    width_in: float
    height_in: float
    heading_font: str
    body_font: str
    title_layout: str
    content_layout: str
    layouts: int
    slides_dropped: int
    notes: tuple[str, ...] = ()


def _guard(data: bytes, name: str) -> zipfile.ZipFile:
    """The package, when it is one that can be opened safely."""
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise FileError(
            f"{name} is protected with a password, or in the old .ppt format.",
            "Remove the password, or save it as .pptx or .potx, and upload it again.",
        )
    if len(data) > MAX_BYTES:
        raise FileError(
            f"{name} is larger than 60 MB.", "Remove pictures and example slides from it and upload it again."
        )
    try:
        package = zipfile.ZipFile(io.BytesIO(data))
        infos = package.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise FileError(f"{name} is damaged or is not a PowerPoint file.", _REMEDY) from error
    unpacked = sum(info.file_size for info in infos)
    if len(infos) > MAX_MEMBERS or unpacked > MAX_UNPACKED or unpacked > max(len(data), 100_000) * MAX_RATIO:
        raise FileError(f"{name} unpacks to far more than a template holds, so it was not opened.", _REMEDY)
    if any(info.flag_bits & 1 for info in infos):
        raise FileError(f"{name} is encrypted.", "Remove the password and upload it again.")
    return package


def _repair(data: bytes, name: str) -> bytes:
    """The package as python-pptx can open it: a template made a presentation, one core-properties part."""
    package = _guard(data, name)
    names = package.namelist()
    if any(_is_macro(member.lower()) for member in names):
        raise FileError(f"{name} contains macros.", _NO_MACROS)
    if "[Content_Types].xml" not in names or "ppt/presentation.xml" not in names:
        raise FileError(f"{name} is not a PowerPoint presentation or template.", _REMEDY)
    out = io.BytesIO()
    try:
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
            for member in dict.fromkeys(names):
                target.writestr(member, _mended(member, package.read(member), name))
    except (*_BROKEN, zlib.error) as error:
        raise FileError(f"{name} is damaged: a part of it cannot be read.", _REMEDY) from error
    return out.getvalue()


_NO_MACROS = "Save it without macros, as .pptx or .potx, and upload that."
_BROKEN = (zipfile.BadZipFile, OSError, EOFError, ValueError, RuntimeError, NotImplementedError)


def _is_macro(member: str) -> bool:
    return "vbaproject" in member or (member.endswith(".bin") and "activex" in member)


def _mended(member: str, content: bytes, name: str) -> bytes:
    """One part as python-pptx can read it.

    Raises:
        FileError: It holds what no template has.
    """
    if member.endswith((".xml", ".rels")) and b"<!DOCTYPE" in content:
        raise FileError(f"{name} contains a document type that templates never have.", _REMEDY)
    if member == "_rels/.rels":
        return _CORE_WRONG.sub(_CORE, content)
    if member != "[Content_Types].xml":
        return content
    if b"macroEnabled" in content:
        raise FileError(f"{name} is macro-enabled.", _NO_MACROS)
    return content.replace(_POTX, _PPTX)


def _drop_slides(deck: Any) -> int:
    """Remove the example slides and what points at them."""
    ids = deck.slides._sldIdLst
    count = len(ids)
    for slide_id in list(ids):
        deck.part.drop_rel(slide_id.rId)
        ids.remove(slide_id)
    root = deck.part._element
    for tag in ("extLst", "custShowLst"):
        for element in root.findall(f"{_P}{tag}"):
            root.remove(element)
    return count


_HOLDERS = tuple(f"{_R}{name}" for name in ("id", "link", "embed"))
_CLICKS = tuple(f"{_A}{name}" for name in ("hlinkClick", "hlinkHover", "hlinkMouseOver"))


def _drop_external(part: Any) -> None:
    """Remove links that leave the file from a master or layout."""
    outside = {rid for rid, rel in part.rels.items() if rel.is_external}
    for element in list(part._element.iter()) if outside else ():
        held = [holder for holder in _HOLDERS if element.get(holder) in outside]
        if held and element.tag in _CLICKS:
            element.getparent().remove(element)
            continue
        for holder in held:
            del element.attrib[holder]
    for rid in outside:
        part.rels.pop(rid)


def layouts_of(deck: Any) -> list[Any]:
    """All layouts of all masters, in order."""
    return [layout for master in deck.slide_masters for layout in master.slide_layouts]


def _has_title(layout: Any) -> bool:
    return any(
        s.placeholder_format.type is not None and s.placeholder_format.type in (1, 3)
        for s in layout.placeholders
    )


def find_layout(deck: Any, name: str, *roles: str) -> Any:
    """A layout by our own name, else by its role, else the first one with a title."""
    layouts = layouts_of(deck)
    for layout in layouts:
        if layout.name == name:
            return layout
    for role in roles:
        for layout in layouts:
            if layout._element.get("type") == role and _has_title(layout):
                return layout
    for layout in layouts:
        if _has_title(layout):
            return layout
    return layouts[0]


def _fonts(master: Any) -> tuple[str, str]:
    blob = master.part.part_related_by(RT.THEME).blob
    faces = re.findall(rb"<a:(?:major|minor)Font>\s*<a:latin[^>]*typeface=\"([^\"]*)\"", blob)
    names = [face.decode("utf-8", "replace") or "Arial" for face in faces[:2]]
    return (names[0], names[1]) if len(names) == 2 else ("Arial", "Arial")


@dataclass
class Opened:
    """An emptied presentation, ready to be filled; `is_default` when it has the house's places for caption and source."""

    deck: Any
    found: Found
    is_default: bool


def open_template(data: bytes | None = None, name: str = "the template") -> Opened:
    """Open a template, or the house's own.

    Args:
        data: The file's bytes; None for the house template.
        name: Its name, for messages.

    Raises:
        FileError: It is damaged, encrypted, carries macros, or unpacks to far too much.
    """
    deck = Presentation(str(DEFAULT_TEMPLATE)) if data is None else _read(data, name)
    dropped = _drop_slides(deck)
    for layout in layouts_of(deck):
        _drop_external(layout.part)
        _drop_external(layout.slide_master.part)
    content = find_layout(deck, "House headline", "titleOnly", "obj", "tx")
    return Opened(deck, _found(deck, name, content, dropped), is_default=_is_ours(content))


def _read(data: bytes, name: str) -> Any:
    """A company's file as a presentation that can be filled."""
    repaired = _repair(data, name)
    try:
        deck = Presentation(io.BytesIO(repaired))
        if not layouts_of(deck):
            raise FileError(f"{name} has no slide layouts.", _REMEDY)
    except FileError:
        raise
    except Exception as error:
        raise FileError(
            f"{name} is damaged: PowerPoint's own parts in it cannot be read.", _REMEDY
        ) from error
    return deck


def _is_ours(content: Any) -> bool:
    """Whether the content layout has the house's own places: our template, or one that a company made from it."""
    return {"Caption", "Source", "Kicker"} <= {shape.name for shape in content.placeholders}


def _found(deck: Any, name: str, content: Any, dropped: int) -> Found:
    """What the page tells about a template."""
    heading, body = _fonts(content.slide_master)
    masters = len(list(deck.slide_masters))
    notes = []
    if dropped:
        notes.append(
            "Its example slide was left out."
            if dropped == 1
            else f"Its {dropped} example slides were left out."
        )
    if not _has_title(content):
        notes.append("No layout has a title placeholder, so headlines are set as plain text.")
    if masters > 1:
        notes.append(f"It has {masters} masters; the layouts named here are used.")
    return Found(
        name,
        round((deck.slide_width or 0) / 914400, 2),
        round((deck.slide_height or 0) / 914400, 2),
        heading,
        body,
        find_layout(deck, "House title", "title").name,
        content.name,
        len(layouts_of(deck)),
        dropped,
        tuple(notes),
    )

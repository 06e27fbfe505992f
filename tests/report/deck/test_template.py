"""Decks in other people's templates: what is taken over, what is refused, and that every check still holds."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pytest
from pptx import Presentation
from pptx.opc.constants import CONTENT_TYPE as CT
from pptx.opc.constants import RELATIONSHIP_TYPE as RT
from pptx.opc.packuri import PackURI
from pptx.parts.slide import SlideLayoutPart, SlideMasterPart
from pptx.util import Inches

from data.deck import build_template
from lib.errors import FileError
from lib.report.deck import deck, template
from tests.report import deck_checks, sample

DEFAULT_TEMPLATE = Path(template.DEFAULT_TEMPLATE)


def _members(data: bytes, change) -> bytes:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            target.writestr(name, change(name, source.read(name)))
    return out.getvalue()


def _saved(opened) -> bytes:
    out = io.BytesIO()
    opened.save(out)
    return out.getvalue()


def four_by_three() -> bytes:
    """PowerPoint's own default, with example slides that must go."""
    opened = Presentation()
    for layout in list(opened.slide_layouts)[:3]:
        slide = opened.slides.add_slide(layout)
        if slide.shapes.title is not None:
            slide.shapes.title.text_frame.text = "Example text of the template"
    return _saved(opened)


def widescreen() -> bytes:
    opened = Presentation()
    opened.slide_width, opened.slide_height = Inches(13.333), Inches(7.5)
    for part in (
        *opened.slide_layouts,
        opened.slide_master,
    ):  # layouts inherit from the master: they go first
        for shape in part.placeholders:
            left, top, width, height = shape.left, shape.top, shape.width, shape.height
            scale = 1.333 if width < Inches(9.2) and left + width * 1 <= Inches(10) else 1
            shape.left, shape.top, shape.width, shape.height = (
                int(left * scale),
                top,
                int(width * scale),
                height,
            )
    return _saved(opened)


def potx() -> bytes:
    return _members(
        DEFAULT_TEMPLATE.read_bytes(),
        lambda n, c: c.replace(template._PPTX, template._POTX) if n == "[Content_Types].xml" else c,
    )


def dark() -> bytes:
    """Light text on a dark ground, through the theme."""

    def change(name: str, content: bytes) -> bytes:
        if name.startswith("ppt/theme/"):
            content = re.sub(rb'(<a:dk1><a:srgbClr val=")[0-9A-F]{6}', rb"\g<1>F2F2F2", content)
            content = re.sub(rb'(<a:lt1><a:srgbClr val=")[0-9A-F]{6}', rb"\g<1>101820", content)
            content = re.sub(rb'(<a:dk2><a:srgbClr val=")[0-9A-F]{6}', rb"\g<1>FFFFFF", content)
        return content

    return _members(DEFAULT_TEMPLATE.read_bytes(), change)


def busy() -> bytes:
    """A gradient behind everything."""
    ground = (
        b'<p:bg><p:bgPr><a:gradFill><a:gsLst><a:gs pos="0"><a:srgbClr val="204080"/></a:gs><a:gs pos="100000"><a:srgbClr val="E0A030"/></a:gs></a:gsLst>'  # noqa: E501
        b"</a:gradFill><a:effectLst/></p:bgPr></p:bg>"
    )
    return _members(
        four_by_three(),
        lambda n, c: (
            re.sub(rb"<p:bg>.*?</p:bg>", ground, c, flags=re.S)
            if "slideMasters/slideMaster" in n and n.endswith(".xml")
            else c
        ),
    )


def two_masters() -> bytes:
    opened = Presentation()
    package, first = opened.part.package, opened.slide_master.part
    master = SlideMasterPart.load(
        PackURI("/ppt/slideMasters/slideMaster2.xml"), CT.PML_SLIDE_MASTER, package, first.blob
    )
    ids = master._element.find(
        ".//{http://schemas.openxmlformats.org/presentationml/2006/main}sldLayoutIdLst"
    )
    for child in list(ids):
        ids.remove(child)
    for number, layout in enumerate(list(opened.slide_layouts)[:2]):
        part = SlideLayoutPart.load(
            PackURI(f"/ppt/slideLayouts/slideLayout{20 + number}.xml"),
            CT.PML_SLIDE_LAYOUT,
            package,
            layout.part.blob,
        )
        part.relate_to(master, RT.SLIDE_MASTER)
        entry = ids.makeelement(
            "{http://schemas.openxmlformats.org/presentationml/2006/main}sldLayoutId",
            {
                "id": str(2147483900 + number),
                "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id": master.relate_to(
                    part, RT.SLIDE_LAYOUT
                ),
            },
        )
        ids.append(entry)
    master.relate_to(first.part_related_by(RT.THEME), RT.THEME)
    rid = opened.part.relate_to(master, RT.SLIDE_MASTER)
    masters = opened.part._element.sldMasterIdLst
    entry = masters.makeelement(
        "{http://schemas.openxmlformats.org/presentationml/2006/main}sldMasterId",
        {"id": "2147483950", "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id": rid},
    )
    masters.append(entry)
    return _saved(opened)


def libreoffice() -> bytes:
    """The relation type LibreOffice writes for core properties, which makes python-pptx save two of them."""
    wrong = b"http://schemas.openxmlformats.org/officedocument/2006/relationships/metadata/core-properties"
    return _members(
        four_by_three(), lambda n, c: c.replace(template._CORE, wrong) if n == "_rels/.rels" else c
    )


@pytest.mark.parametrize("make", [four_by_three, widescreen, potx, dark, busy, two_masters, libreoffice])
def test_matrix(make) -> None:
    made = deck.render(sample.summary(), make(), "ours.potx")
    found = deck_checks.problems(made.data, sample.summary(), house=False)
    assert found == []
    opened = Presentation(io.BytesIO(made.data))
    assert len(opened.slides) == made.slides
    assert all(
        slide.shapes.title is not None and slide.shapes.title.text_frame.text for slide in opened.slides
    )
    assert "Example text" not in "".join(
        s.text_frame.text for slide in opened.slides for s in slide.shapes if s.has_text_frame
    )
    assert deck.render(sample.summary(), make(), "ours.potx").data == made.data


def test_found_is_told() -> None:
    found = template.open_template(four_by_three(), "acme.pptx").found
    assert (found.name, found.heading_font, found.slides_dropped, found.layouts) == (
        "acme.pptx",
        "Calibri",
        3,
        11,
    )
    assert "3 example slides" in found.notes[0]


def test_text_keeps_its_contrast_on_dark() -> None:
    from lib.report.deck import theme

    opened = template.open_template(dark(), "dark")
    layout = template.find_layout(opened.deck, "House headline")
    palette = theme.palette_of(layout, opened.deck.slide_width, opened.deck.slide_height)
    assert palette.dark
    for tone in ("ink", "muted", "good", "warn", "alarm"):
        assert theme.contrast(palette.hex(tone), palette.background) >= 4.5
    for tone in ("process", "outcome", "shared", "alarm", "good", "warn"):
        assert theme.contrast(str(palette.on(tone)), palette.hex(tone)) >= 4.5


def _bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("[Content_Types].xml", b"x")
        target.writestr("ppt/presentation.xml", b"\0" * 60_000_000)
    return out.getvalue()


def _other_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        target.writestr("word/document.xml", b"<x/>")
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "damaged"),
        (b"hello, this is no presentation", "damaged"),
        (DEFAULT_TEMPLATE.read_bytes()[:9_000], "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "password"),
        (_bomb(), "unpacks"),
        (_other_zip(), "not a PowerPoint"),
        (
            _members(
                DEFAULT_TEMPLATE.read_bytes(),
                lambda n, c: c.replace(b"presentation.main+xml", b"presentation.macroEnabled.main+xml"),
            ),
            "macro",
        ),
        (
            _members(
                DEFAULT_TEMPLATE.read_bytes(),
                lambda n, c: b"<!DOCTYPE a [<!ENTITY b 'c'>]>" + c if n == "ppt/presentation.xml" else c,
            ),
            "document type",
        ),
        (
            _members(
                DEFAULT_TEMPLATE.read_bytes(),
                lambda n, c: c[: len(c) // 2] if n == "ppt/presentation.xml" else c,
            ),
            "damaged",
        ),
    ],
    ids=["empty", "text", "cut", "encrypted", "bomb", "other", "macro", "entity", "half"],
)
def test_refused_with_a_sentence(data: bytes, words: str) -> None:
    with pytest.raises(FileError) as caught:
        template.open_template(data, "bad.pptx")
    assert words in caught.value.problem
    assert "bad.pptx" in caught.value.problem


def test_links_out_of_a_template_are_cut() -> None:
    opened = Presentation()
    opened.slide_master.part.relate_to("http://tracker.example/x", RT.HYPERLINK, is_external=True)
    made = deck.render(sample.summary(), _saved(opened), "linked.pptx")
    assert deck_checks.package(made.data) == []


def test_the_house_template_is_what_its_tool_builds(tmp_path: Path) -> None:
    """The file that is shipped and the tool that writes it never drift apart."""
    made = tmp_path / "house.pptx"
    build_template.build(made)
    assert _parts(made) == _parts(template.DEFAULT_TEMPLATE)


def _parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}

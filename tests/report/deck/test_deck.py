"""The deck against its acceptance checks, and the checks against decks broken on purpose."""

from __future__ import annotations

import copy
import hashlib
import io
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pptx import Presentation
from pptx.oxml.ns import qn
from pptx.util import Inches, Pt

from lib.report.deck import deck
from lib.report.writers import brief, evidence_book, html, markdown, tables
from tests.report import deck_checks, sample

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def made() -> deck.Deck:
    return deck.render(sample.summary())


def test_sample_passes_every_check(made: deck.Deck) -> None:
    assert deck_checks.problems(made.data, sample.summary()) == []
    assert made.warnings == ()
    assert made.slides == len(sample.summary().messages) + 1


def test_same_bytes_twice(made: deck.Deck) -> None:
    assert deck.render(sample.summary()).data == made.data


def test_same_bytes_in_another_process(made: deck.Deck) -> None:
    code = "from tests.report.deck.test_deck import prints; print(prints())"
    there = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    here = prints()
    assert there.split() == here.split()
    assert hashlib.sha256(made.data).hexdigest() == here.split()[0]


def prints() -> str:
    """The digest of every kind of file of the sample, the deck's first."""
    summary = sample.summary()
    files = (
        deck.render(summary).data, html.render(summary).encode(), markdown.render(summary).encode(),
        evidence_book.xlsx(summary), tables.facts_csv(summary), tables.ics(summary), brief.render(summary),
    )  # fmt: skip
    return " ".join(hashlib.sha256(data).hexdigest() for data in files)


def test_fonts_come_from_the_theme(made: deck.Deck) -> None:
    slides = list(Presentation(io.BytesIO(made.data)).slides)
    assert not [e for s in slides for e in s._element.iter(qn("a:latin"))]


def test_every_layout_is_a_real_one() -> None:
    template = Presentation(str(ROOT / "data" / "deck" / "house.pptx"))
    assert template.slide_width == Inches(13.333)
    assert all(
        any(p.placeholder_format.type in (1, 3) for p in layout.placeholders)
        for layout in template.slide_layouts
    )


# ---- decks broken on purpose ---------------------------------------------------------------------------------------


def _zip(
    data: bytes,
    change: Callable[[str, bytes], bytes | None],
    extra: dict[str, bytes] | None = None,
    twice: str = "",
) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            content = change(name, source.read(name))
            if content is not None:
                target.writestr(name, content)
                if name == twice:
                    target.writestr(name, content)
        for name, content in (extra or {}).items():
            target.writestr(name, content)
    return out.getvalue()


def _edited(data: bytes, edit: Callable) -> bytes:
    opened = Presentation(io.BytesIO(data))
    edit(opened)
    out = io.BytesIO()
    opened.save(out)
    return out.getvalue()


def _slide_with(opened, kind: str):
    return next(s for s in opened.slides if any(getattr(shape, f"has_{kind}") for shape in s.shapes))


def _retitle(opened) -> None:
    opened.slides[2].shapes.title.text_frame.text = "A different headline that nobody approved today"


def _swap_slides(opened) -> None:
    ids = opened.slides._sldIdLst
    first = ids[2]
    ids.remove(first)
    ids.append(first)


def _drop_slide(opened) -> None:
    ids = opened.slides._sldIdLst
    opened.part.drop_rel(ids[3].rId)
    ids.remove(ids[3])


def _typed_number(opened) -> None:
    for slide in opened.slides:
        for shape in slide.shapes:
            if shape.has_text_frame and "8.9" in shape.text_frame.text:
                shape.text_frame.paragraphs[0].runs[0].text = "Lifted activation by 9.7 pp"
                return


def _chart_cache(opened) -> None:
    chart = next(s for s in _slide_with(opened, "chart").shapes if s.has_chart).chart
    for value in chart._chartSpace.iter(qn("c:v")):
        if value.getparent().getparent().tag == qn("c:numCache"):
            value.text = "123456.5"
            return


def _sunken_column(opened) -> None:
    """The invisible part under a waterfall's column is changed: the column no longer stands where the sums say."""
    for slide in opened.slides:
        for shape in slide.shapes:
            if shape.has_chart and shape.chart.plots[0].series[0].name == "Base":
                values = [
                    v
                    for v in shape.chart.plots[0].series[0]._element.iter(qn("c:v"))
                    if v.getparent().getparent().tag == qn("c:numCache") and float(v.text)
                ]
                values[0].text = str(float(values[0].text) * 2)
                return


def _formula(opened) -> None:
    import openpyxl

    chart = next(s for s in _slide_with(opened, "chart").shapes if s.has_chart).chart
    part = chart.part.chart_workbook.xlsx_part
    book = openpyxl.load_workbook(io.BytesIO(part.blob))
    book.active["A2"] = "=1+1"
    out = io.BytesIO()
    book.save(out)
    part._blob = out.getvalue()


def _book_value(opened) -> None:
    import openpyxl

    chart = next(s for s in _slide_with(opened, "chart").shapes if s.has_chart).chart
    part = chart.part.chart_workbook.xlsx_part
    book = openpyxl.load_workbook(io.BytesIO(part.blob))
    book.active["B2"] = 48_218
    out = io.BytesIO()
    book.save(out)
    part._blob = out.getvalue()


def _no_alt(opened) -> None:
    shape = next(s for s in _slide_with(opened, "chart").shapes if s.has_chart)
    del shape._element.xpath(".//p:cNvPr")[0].attrib["descr"]


def _no_chart(opened) -> None:
    shape = next(s for s in _slide_with(opened, "chart").shapes if s.has_chart)
    shape._element.getparent().remove(shape._element)


def _no_notes(opened) -> None:
    opened.slides[3].notes_slide.notes_text_frame.text = ""


def _outside(opened) -> None:
    opened.slides[3].shapes[-1].left = Inches(13)


def _tiny(opened) -> None:
    opened.slides[3].shapes.title.text_frame.paragraphs[0].runs[0].font.size = Pt(5)


def _empty(opened) -> None:
    slide = opened.slides[3]
    source = next(s for s in slide.slide_layout.placeholders if s.name == "Caption")
    element = copy.deepcopy(source._element)
    for paragraph in element.iter(qn("a:p")):
        for run in list(paragraph):
            paragraph.remove(run)
    element.xpath(".//p:cNvPr")[0].set("id", "9999")
    slide.shapes._spTree.append(element)


def _same_ids(opened) -> None:
    shapes = opened.slides[3].shapes
    shapes[0]._element.xpath(".//p:cNvPr")[0].set("id", shapes[1]._element.xpath(".//p:cNvPr")[0].get("id"))


def _picture(opened) -> None:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (4, 4)).save(out, "PNG")
    opened.slides[3].shapes.add_picture(io.BytesIO(out.getvalue()), 0, 0)


@pytest.mark.parametrize(
    "edit",
    [
        _retitle,
        _swap_slides,
        _drop_slide,
        _typed_number,
        _chart_cache,
        _sunken_column,
        _formula,
        _book_value,
        _no_alt,
        _no_chart,
        _no_notes,
        _outside,
        _tiny,
        _empty,
        _same_ids,
        _picture,
    ],
)
def test_a_deck_broken_on_purpose_is_caught(made: deck.Deck, edit: Callable) -> None:
    assert deck_checks.problems(_edited(made.data, edit), sample.summary()) != []


@pytest.mark.parametrize(
    "broken",
    [
        lambda d: _zip(d, lambda n, c: c, twice="ppt/slides/slide2.xml"),
        lambda d: _zip(d, lambda n, c: c[:-20] if n == "ppt/slides/slide2.xml" else c),
        lambda d: _zip(d, lambda n, c: c, {"ppt/vbaProject.bin": b"x"}),
        lambda d: _zip(
            d,
            lambda n, c: (
                c.replace(
                    b"</Relationships>",
                    b'<Relationship Id="rIdX" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink" Target="http://x.example" TargetMode="External"/></Relationships>',  # noqa: E501
                )
                if n == "ppt/slides/_rels/slide2.xml.rels"
                else c
            ),
        ),
    ],
    ids=["duplicate", "cut", "macro", "link"],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_broken_package_is_caught(made: deck.Deck, broken: Callable[[bytes], bytes]) -> None:
    assert deck_checks.problems(broken(made.data), sample.summary()) != []


def test_long_text_is_shortened_told_and_kept_whole() -> None:
    base = sample.messages()[0]
    words = "This reason goes on and on because somebody could not stop writing about it " * 30
    body = replace(
        base.body, reasons=(replace(base.body.reasons[0], text=sample.Said(words)), *base.body.reasons[1:])
    )
    summary = sample.summary(messages=(replace(base, body=body),))
    made = deck.render(summary)
    assert any("a reason was shortened" in w for w in made.warnings)
    slide = Presentation(io.BytesIO(made.data)).slides[1]
    assert words.strip() in slide.notes_slide.notes_text_frame.text
    assert any(shape.has_text_frame and shape.text_frame.text.endswith("…") for shape in slide.shapes)


def test_long_tables_continue_on_further_slides() -> None:
    base = next(m for m in sample.messages() if m.id == "ownership")
    body = replace(base.body, rows=base.body.rows * 6)
    made = deck.render(sample.summary(messages=(replace(base, body=body),)))
    opened = Presentation(io.BytesIO(made.data))
    shown = sum(
        len(shape.table.rows) - 1 for slide in opened.slides for shape in slide.shapes if shape.has_table
    )
    assert shown == 30
    assert made.slides >= 5

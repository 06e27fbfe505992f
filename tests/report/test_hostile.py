"""Sixteen hostile strings in every field a person can type into: all writers finish, nothing is live, nothing overflows."""

from __future__ import annotations

import csv
import dataclasses
import io
import re
import zipfile
from html.parser import HTMLParser
from typing import Any

import openpyxl
import pytest
from lxml import etree
from pptx import Presentation

from lib.engine.evidence.evidence import Evidence
from lib.report import clean
from lib.report.deck import deck
from lib.report.story import redact
from lib.report.story.summary_model import Line, Said, Session, Summary
from lib.report.writers import brief, evidence_book, html, markdown, tables
from tests.report import deck_checks, sample

HOSTILE = [
    '=HYPERLINK("http://evil.example","x")',
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1,1)",
    "{=1+1}",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "bell \x07 null \x00 vertical \x0b unit \x1f",
    "lone \ud800 surrogate \uffff \ufffe",
    "pasted\r\non\r\nWindows\r\nATTENDEE:mailto:a@evil.example",
    "مرحبا \u202eevil\u202c שלום",
    "漢字かな交じり文 😀👨‍👩‍👧 naïve café",
    "[click](javascript:alert(1)) ![x](http://evil.example/x.png) `code` # *b* | pipe",
    '#read("/etc/passwd") $x$ @preview/x:0.1.0 {braces} {0} %s',
    "wordwithoutanybreak" * 40,
    "many words in one field that never end " * 120,
]


def _poison(value: Any, text: str) -> Any:
    """The same structure with every typed or data text replaced."""
    if isinstance(value, Said):
        return Said(text, text if value.by else "")
    if isinstance(value, Line):
        return dataclasses.replace(
            value, facts={k: text if isinstance(v, str) else v for k, v in value.facts.items()}
        )
    if isinstance(value, Session):
        return dataclasses.replace(value, name=text, purpose=text, owner=text, agenda=(text, text))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        if isinstance(value, Evidence):
            return value
        return dataclasses.replace(
            value,
            **{f.name: _poison(getattr(value, f.name), text) for f in dataclasses.fields(value) if f.init},
        )
    if isinstance(value, tuple):
        return tuple(_poison(item, text) for item in value)
    return value


def _data_poison(summary: Summary, text: str) -> Summary:
    """Hostile text in the evidence itself: categories, source names, titles."""
    memo: dict[int, Any] = {}

    def change(value: Any) -> Any:
        if isinstance(value, Evidence) and value.title == sample.MIX.title:
            rows = tuple(tuple(text if cell == "paid_social" else cell for cell in row) for row in value.rows)
            sources = tuple(dataclasses.replace(s, name=text) for s in value.sources)
            return dataclasses.replace(
                value, title=text, definition=text, rows=rows, sources=sources, sql=text
            )
        return value

    return redact._rebuild(summary, change, memo)


def hostile(text: str) -> Summary:
    made = _poison(sample.summary(), text)
    made = dataclasses.replace(
        made,
        company=text,
        title=Said(text),
        messages=tuple(
            dataclasses.replace(m, headline=Said(f"{text} {n}")) if m.own else m
            for n, m in enumerate(made.messages)
        ),
    )
    made = _data_poison(made, text)
    return dataclasses.replace(
        made,
        messages=tuple(dataclasses.replace(m, claims=()) for m in made.messages if m.id not in ("mix",))
        + tuple(
            dataclasses.replace(
                m, claims=(), headline=Line("Paid social grew and converts worst of the channels")
            )
            for m in made.messages
            if m.id == "mix"
        ),
    )


@pytest.fixture(autouse=True)
def _claims_are_not_the_subject(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (deck, html, markdown, brief):
        monkeypatch.setattr(module, "check", lambda summary: summary)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_deck_holds(text: str) -> None:
    summary = hostile(text)
    made = deck.render(summary)
    assert deck_checks.package(made.data) == []
    opened = Presentation(io.BytesIO(made.data))
    for slide in opened.slides:
        assert not slide._element.xpath(".//a:hlinkClick")
        for shape in slide.shapes:
            bottom = (shape.top or 0) + (shape.height or 0)
            assert bottom <= opened.slide_height + 20_000, (shape.name, text)
            if shape.has_chart:
                book = openpyxl.load_workbook(io.BytesIO(shape.chart.part.chart_workbook.xlsx_part.blob))
                assert not [
                    c
                    for sheet in book
                    for row in sheet.iter_rows()
                    for c in row
                    if c.data_type == "f" or c.hyperlink
                ]
    if len(text) > 2_000:
        assert made.warnings


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_evidence_book_holds_text_only(text: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(evidence_book.xlsx(hostile(text))))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    links = [cell.hyperlink for cell in cells if cell.hyperlink]
    assert links
    assert not [link for link in links if link.target], "a link leads outside the book"
    assert {link.location for link in links} <= {f"'{name}'!A1" for name in book.sheetnames}
    assert any(
        cell.value == clean.text(text, tables.CELL_LIMIT) for cell in cells if isinstance(cell.value, str)
    )


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_text_files_hold(text: str) -> None:
    summary = hostile(text)
    for row in csv.reader(io.StringIO(tables.facts_csv(summary).decode("utf-8-sig"))):
        assert not [cell for cell in row if cell[:1] in "=@" and cell]
    for item in summary.evidence:
        for row in csv.reader(io.StringIO(tables.evidence_csv(item).decode("utf-8-sig"))):
            assert not [
                c for c in row if c[:1] in ("=", "+", "-", "@") and not re.fullmatch(r"[-+]?[\d.e+-]+", c)
            ]
    said = markdown.render(summary)
    assert "<script" not in re.sub(r"\\<", "", said.split("```sql")[0])
    assert not re.search(r"(?<!\\)\]\(", said.split("## Evidence")[0])
    calendar = tables.ics(summary).decode()
    assert calendar.count("BEGIN:VEVENT") == 2
    assert not re.search(r"^ATTENDEE", calendar, re.M)


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_page_is_inert(text: str) -> None:
    page = html.render(hostile(text))
    parser = _Tags()
    parser.feed(page)
    assert "script" not in {tag for tag, _ in parser.seen}
    for tag, attributes in parser.seen:
        assert not [name for name in attributes if name.startswith("on")]
        assert tag != "img" or str(attributes["src"]).startswith("data:image/svg+xml;base64,")
        assert tag != "a"
    assert "default-src 'none'" in page


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_brief_stays_one_page(text: str) -> None:
    made = brief.render(hostile(text))
    assert made.startswith(b"%PDF")
    assert brief.pages(made) == 1


def test_every_xml_text_of_a_hostile_deck_is_clean() -> None:
    with zipfile.ZipFile(io.BytesIO(deck.render(hostile(HOSTILE[7])).data)) as package:
        for name in package.namelist():
            if name.endswith(".xml"):
                assert "_x0007_" not in etree.tostring(
                    etree.fromstring(package.read(name)), encoding="unicode"
                )

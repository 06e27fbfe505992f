"""Acceptance checks of a finished deck, read back from its bytes: what a demanding reader would find wrong with it."""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter

import openpyxl
from lxml import etree
from pptx import Presentation
from pptx.oxml.ns import qn
from pptx.util import Pt

from lib.engine.evidence import formats
from lib.engine.evidence.evidence import Fact
from lib.report import clean
from lib.report.deck import notes as deck_notes
from lib.report.story import chart_table
from lib.report.story.summary_model import (
    ChartBody,
    Line,
    MapBody,
    Message,
    Outside,
    Said,
    Summary,
    parts_within,
)

NUMBER = re.compile(r"\d[\d.,]*")


def package(data: bytes) -> list[str]:
    """What is wrong with the file as a package."""
    found = []
    with zipfile.ZipFile(io.BytesIO(data)) as target:
        names = target.namelist()
        found += [f"duplicate part {n}" for n, c in Counter(names).items() if c > 1]
        types = target.read("[Content_Types].xml").decode()
        for name in names:
            content = target.read(name)
            if name.endswith((".xml", ".rels")):
                try:
                    etree.fromstring(content)
                except etree.XMLSyntaxError:
                    found.append(f"part {name} does not parse")
            if name.endswith(".rels") and b'TargetMode="External"' in content:
                found.append(f"external target in {name}")
            if "vba" in name.lower() or "activex" in name.lower():
                found.append(f"macro part {name}")
            if re.fullmatch(r"ppt/slides/slide\d+\.xml", name) and f"/{name}" not in types:
                found.append(f"{name} is not in the content types")
    return found


def _numbers(text: str) -> set[str]:
    return {n.rstrip(".,") for n in NUMBER.findall(text)}


def allowed(summary: Summary, message: Message) -> set[str]:
    """Numbers a slide may show: its facts, what people said, names from the data, evidence metadata."""
    out = (
        _numbers(summary.date_text)
        | _numbers(deck_notes.source_line(summary, message))
        | _numbers(clean.line(summary.company))
    )
    for item in parts_within(message):
        if isinstance(item, (Fact, Said | Outside)):
            out |= _numbers(item.text)
        elif isinstance(item, Line):
            out |= {
                n
                for value in item.facts.values()
                if isinstance(value, str)
                for n in _numbers(clean.line(value))
            }
            out |= _numbers(
                re.sub(r"\{[^{}]*\}", "", item.template)
            )  # "day 90": the model refuses any other digit
    if isinstance(message.body, ChartBody):
        chart = message.body.chart
        for column in {chart.y, chart.low, chart.high} - {""}:
            out |= {
                n
                for v in chart.evidence.column(column)
                for n in _numbers(formats.write(chart_table.number(v), chart.format))
            }
        out |= {n for c in chart_table.grid(chart).categories for n in _numbers(c)}
        out |= {n for s in chart_table.grid(chart).series for n in _numbers(s.name)}
    for column in getattr(message.body, "columns", ()):
        out |= _numbers(column.label)
    return out


def _texts(shape) -> list[str]:
    if shape.has_text_frame:
        return [shape.text_frame.text]
    if getattr(shape, "has_table", False) and shape.has_table:
        return [cell.text_frame.text for row in shape.table.rows for cell in row.cells]
    return []


def _slide(deck, slide, number: int, summary: Summary, message: Message, whole: bool) -> list[str]:
    found, at = [], f"slide {number}"
    ids = slide.shapes._spTree.xpath(".//p:cNvPr/@id")
    found += [f"{at}: shape id {i} twice" for i, c in Counter(ids).items() if c > 1]
    permitted = allowed(summary, message) | {str(number)}
    for shape in slide.shapes:
        if shape.shape_type == 13:
            found.append(f"{at}: a picture")
        if (
            shape.is_placeholder
            and shape.has_text_frame
            and not shape.text_frame.text.strip()
            and shape.placeholder_format.type != 13
        ):
            found.append(f"{at}: empty placeholder {shape.name}")
        left, top = shape.left or 0, shape.top or 0
        if (
            left < -2
            or top < -2
            or left + (shape.width or 0) > deck.slide_width + 20_000
            or top + (shape.height or 0) > deck.slide_height + 20_000
        ):
            found.append(f"{at}: {shape.name} leaves the slide")
        named = shape._element.xpath(".//p:cNvPr")[0]
        if (shape.has_chart or shape.has_table) and not named.get("descr"):
            found.append(f"{at}: {shape.name} has no description")
        for text in _texts(shape):
            strange = _numbers(text) - permitted
            if strange:
                found.append(f"{at}: {sorted(strange)} in {text[:60]!r} is no fact")
        for run in shape._element.iter(qn("a:rPr")):
            if run.get("sz") and int(run.get("sz")) < 700:
                found.append(f"{at}: text under 7 pt")
    if isinstance(message.body, MapBody) and not any(
        s._element.xpath(".//p:cNvPr")[0].get("descr") for s in slide.shapes
    ):
        found.append(f"{at}: the drawing has no description")
    notes = slide.notes_slide.notes_text_frame.text if slide.has_notes_slide else ""
    for evidence in message.sources():
        wanted = [
            evidence.id,
            clean.text(evidence.sql).split("\n")[0],
            *(f"{s.rows:,}" for s in evidence.sources),
        ]
        found += [f"{at}: notes lack {w!r}" for w in wanted if w not in notes]
    if summary.as_of[:4] not in notes:
        found.append(f"{at}: notes lack the date")
    return found + (_charts(slide, at, message) if whole else [])


def _charts(slide, at: str, message: Message) -> list[str]:
    charts = [shape.chart for shape in slide.shapes if shape.has_chart]
    is_native = isinstance(message.body, ChartBody) and message.body.chart.kind != "heatmap"
    if len(charts) != int(is_native):
        return [f"{at}: {len(charts)} native charts"]
    if not is_native:
        return []
    found = []
    chart = message.body.chart  # type: ignore[union-attr]
    native = charts[0]
    want = [v for s in chart_table.grid(chart).series for v in s.values if v is not None]
    cached = [
        float(v.text)
        for v in native._chartSpace.iter(qn("c:v"))
        if v.getparent().getparent().tag in (qn("c:numCache"),)
    ]
    if chart.kind == "waterfall":
        found += _waterfall(native, at, [float(v) for v in want])
        want = []
    for value in want:
        if not any(
            abs(value - c) <= 1e-12 * max(1, abs(value)) or abs(abs(value) - c) <= 1e-12 for c in cached
        ):
            found.append(f"{at}: {value} is not in the chart")
    book = openpyxl.load_workbook(io.BytesIO(native.part.chart_workbook.xlsx_part.blob))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    found += [
        f"{at}: a formula in the chart's workbook"
        for cell in cells
        if cell.data_type == "f" or cell.hyperlink
    ]
    held = [float(cell.value) for cell in cells if isinstance(cell.value, int | float)]
    if chart.kind not in ("waterfall",):
        extra = [v for v in held if not any(abs(v - c) <= 1e-12 * max(1, abs(v)) for c in cached)]
        found += [f"{at}: workbook value {v} is not the chart's" for v in extra]
    return found


def _waterfall(native, at: str, values: list[float]) -> list[str]:
    """Every column of a waterfall, as it is stacked, is as long as its value and stands where the sums say."""
    found, level = [], 0.0
    for index, value in enumerate(values):
        is_level = index in (0, len(values) - 1)
        ends = sorted((0.0 if is_level else level, value if is_level else level + value))
        up = down = 0.0
        drawn: list[float] = []
        for series in native.plots[0].series:
            part = series.values[index] or 0.0
            start = up if part >= 0 else down
            if series.name != "Base" and part:
                drawn += [start, start + part]
            up, down = (up + part, down) if part >= 0 else (up, down + part)
        got = (min(drawn, default=ends[0]), max(drawn, default=ends[1]))
        if any(abs(g - e) > 1e-9 * max(1, abs(e)) for g, e in zip(got, ends, strict=True)):
            found.append(f"{at}: column {index + 1} of the waterfall stands at {got}, not {tuple(ends)}")
        level = value if is_level else level + value
    return found


def problems(data: bytes, summary: Summary, *, house: bool = True) -> list[str]:
    """Everything that is wrong with a deck.

    Args:
        data: The .pptx.
        summary: What it was made from.
        house: Made with the house's template (checks its placeholders too).
    """
    found = package(data)
    if any("parse" in p or "duplicate" in p for p in found):
        return found
    deck = Presentation(io.BytesIO(data))
    slides = list(deck.slides)
    if not house:
        found = [p for p in found if "external" not in p]
    titles = [
        s.shapes.title.text_frame.text.replace("\x0b", " ") if s.shapes.title is not None else ""
        for s in slides
    ]
    base = [t.removesuffix(" (continued)") for t in titles[1:]]
    order = [t for i, t in enumerate(base) if i == 0 or t != base[i - 1]]
    wanted = [clean.line(m.headline.text) for m in summary.messages]
    if [o.rstrip("…") for o in order] != [
        w if o == w else w[: len(o.rstrip("…"))] for o, w in zip(order, wanted, strict=False)
    ] or len(order) != len(wanted):
        found.append("titles are not the model's, in order")
    for title, message in zip(order, summary.messages, strict=False):
        if not message.own and (len(title.split()) < 5 or title.endswith(".")):
            found.append(f"{title!r} is no headline")
    place = -1
    for number, slide in enumerate(slides[1:], start=2):
        is_continued = titles[number - 1].endswith("(continued)")
        place += 0 if is_continued else 1
        if place < len(summary.messages):
            found += _slide(deck, slide, number, summary, summary.messages[place], not is_continued)
    for message in summary.messages:
        found += [f"{message.id}: claim {c.words!r} is false" for c in message.claims if not c.holds()]
    return found


def smallest_text(data: bytes) -> float:
    """The smallest size set on any run, points."""
    deck = Presentation(io.BytesIO(data))
    sizes = [int(r.get("sz")) / 100 for s in deck.slides for r in s._element.iter(qn("a:rPr")) if r.get("sz")]
    return min(sizes, default=Pt(12).pt)

"""A deck as another program draws it: LibreOffice makes pages of it, poppler says where each word came to stand."""

from __future__ import annotations

import html
import io
import os
import re
import shutil
import subprocess
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pptx import Presentation

EMU = 12_700
_WORD = re.compile(
    r'<word xMin="([-\d.]+)" yMin="([-\d.]+)" xMax="([-\d.]+)" yMax="([-\d.]+)">(.*?)</word>', re.S
)
_AUTOFIT = re.compile(rb"<a:(?:norm|sp)Auto[Ff]it\b[^>]*?(?:/>|>.*?</a:(?:norm|sp)Auto[Ff]it>)", re.S)
_SLIDE_NUMBER = 13


@dataclass(frozen=True)
class Word:
    """A drawn word; points from the top left of its page."""

    left: float
    top: float
    right: float
    bottom: float
    text: str


@dataclass(frozen=True)
class Place:
    """A box that holds text: where it is (points) and what is written in it."""

    name: str
    left: float
    top: float
    width: float
    height: float
    text: str


def need_programs() -> None:
    """Skip where the programs are not installed; fail in CI, which installs them."""
    lacking = [program for program in ("soffice", "pdftotext") if not shutil.which(program)]
    if not lacking:
        return
    reason = f"decks cannot be drawn here: {' and '.join(lacking)} not installed"
    if os.environ.get("CI", "").lower() in ("1", "true"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def without_autofit(data: bytes) -> bytes:
    """The deck with every text at the size it is set in; LibreOffice would shrink it, which hides overflow."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name.startswith("ppt/") and name.endswith(".xml"):
                content = _AUTOFIT.sub(b"<a:noAutofit/>", content)
            target.writestr(name, content)
    return out.getvalue()


def pages(decks: Mapping[str, bytes], folder: Path) -> dict[str, list[list[Word]]]:
    """The words of each page of each deck, drawn without autofit; the program starts once for all of them.

    Args:
        decks: Name -> the .pptx.
        folder: An empty folder to work in.
    """
    files = {name: folder / f"{name}.pptx" for name in decks}
    for name, file in files.items():
        file.write_bytes(without_autofit(decks[name]))
    profile = (folder / "profile").resolve().as_uri()
    subprocess.run(
        ["soffice", f"-env:UserInstallation={profile}", "--headless", "--norestore", "--convert-to", "pdf",
         "--outdir", str(folder), *map(str, files.values())],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    return {name: _words(file.with_suffix(".pdf")) for name, file in files.items()}


def _words(drawn: Path) -> list[list[Word]]:
    """The words of each page of a PDF."""
    boxes = drawn.with_suffix(".html")
    subprocess.run(
        ["pdftotext", "-bbox", str(drawn), str(boxes)], check=True, capture_output=True, timeout=120
    )
    text = boxes.read_text(encoding="utf-8")
    return [
        [
            Word(*(float(v) for v in found[:4]), _plain(html.unescape(found[4])))
            for found in _WORD.findall(page)
        ]
        for page in text.split("<page ")[1:]
    ]


def _plain(text: str) -> str:
    """Text without what drawing changes: ligatures, soft hyphens, and a layout's small capitals."""
    return unicodedata.normalize("NFKC", text).replace("\u00ad", "").casefold()


def _cells(shape: Any) -> Iterator[Place]:
    top = shape.top
    for number, row in enumerate(shape.table.rows, start=1):
        left = shape.left
        for column, cell in zip(shape.table.columns, row.cells, strict=True):
            yield Place(
                f"{shape.name}, row {number}",
                left / EMU,
                top / EMU,
                column.width / EMU,
                row.height / EMU,
                cell.text,
            )
            left += column.width
        top += row.height


def places(slide: Any) -> Iterator[Place]:
    """Every box of a slide that holds text: shapes, and cells of tables."""
    for shape in slide.shapes:
        if shape.has_table:
            yield from _cells(shape)
        elif shape.has_text_frame and shape.text_frame.text.strip():
            if shape.is_placeholder and shape.placeholder_format.type == _SLIDE_NUMBER:
                continue
            yield Place(
                shape.name, shape.left / EMU, shape.top / EMU, shape.width / EMU, shape.height / EMU,
                shape.text_frame.text,
            )  # fmt: skip


def _inside(word: Word, place: Place) -> bool:
    """Whether the letters stand in the box; a drawn word's own box is taller than its letters."""
    core = (word.bottom - word.top) * 0.2
    return (
        word.left >= place.left - 1.5
        and word.right <= place.left + place.width + 1.5
        and word.top + core >= place.top - 1
        and word.bottom - core <= place.top + place.height + 1
    )


def _missing(place: Place, words: list[Word]) -> list[str]:
    """Words of a box that were not drawn within it."""
    within = sorted((w for w in words if _inside(w, place)), key=lambda w: (round(w.bottom), w.left))
    have = Counter(piece for w in within for piece in w.text.split())
    whole = "".join(
        "".join(w.text.split()) for w in within
    )  # a hyphen at the end of a line splits a word in two
    wanted = Counter(_plain(place.text).split())
    return [word for word, times in wanted.items() if have[word] < times and whole.count(word) < times]


def problems(decks: Mapping[str, bytes], folder: Path) -> dict[str, list[str]]:
    """What is wrong with decks as they are drawn.

    Args:
        decks: Name -> the .pptx.
        folder: An empty folder to work in.
    """
    drawn = pages(decks, folder)
    return {name: _problems(data, drawn[name]) for name, data in decks.items()}


def _problems(data: bytes, drawn: list[list[Word]]) -> list[str]:
    """What is wrong with one deck, whose pages hold these words."""
    slides = list(Presentation(io.BytesIO(data)).slides)
    if len(drawn) != len(slides):
        return [f"{len(drawn)} pages of {len(slides)} slides"]
    found = []
    for number, (slide, words) in enumerate(zip(slides, drawn, strict=True), start=1):
        for place in places(slide):
            lost = _missing(place, words)
            if lost:
                found.append(f"slide {number}, {place.name}: {' '.join(lost[:8])!r} is not inside its box")
    return found

"""How much room a text takes, measured without any font file.

PowerPoint shrinks text only when somebody edits it, so sizes are chosen here. `data/deck/fontmetrics.json` holds advance
widths (thousandths of an em) measured in fonts with the metrics of the usual office fonts: Liberation Sans = Arial,
Carlito = Calibri; other faces are measured with the wider DejaVu Sans so that an estimate errs on the safe side.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

LINE_HEIGHT = 1.2  # of the size, single spacing
_SLACK = 1.02  # hinting and kerning differ between programs
_METRICS = Path(__file__).resolve().parents[3] / "data" / "deck" / "fontmetrics.json"
_FACES = {
    "arial": "liberation",
    "helvetica": "liberation",
    "liberation sans": "liberation",
    "calibri": "carlito",
    "carlito": "carlito",
    "calibri light": "carlito",
}


@cache
def _metrics() -> dict[str, dict[str, int]]:
    return json.loads(_METRICS.read_text(encoding="utf-8"))


@cache
def _advance(char: str, face: str, bold: bool) -> int:
    table = _metrics()[f"{face}-bold" if bold else face]
    if char in table:
        return table[char]
    wide = ord(char) >= 0x1100  # CJK, emoji and most symbols are about one em
    return 1000 if wide else 650


@lru_cache(maxsize=20_000)  # a text is measured at several sizes
def _units(text: str, face: str, bold: bool) -> int:
    return sum(_advance(char, face, bold) for char in text)


def face_of(font: str) -> str:
    """Which baked metrics stand in for a font's name."""
    return _FACES.get(font.strip().casefold(), "dejavu")


def width(text: str, size: float, *, bold: bool = False, font: str = "Arial") -> float:
    """Width of one line, in points.

    Args:
        text: One line.
        size: Font size, points.
        bold: Whether it is bold.
        font: Name of the font.
    """
    return _units(text, face_of(font), bold) * size / 1000 * _SLACK


def _break_word(word: str, size: float, room: float, bold: bool, font: str) -> list[str]:
    parts, part = [], ""
    for char in word:
        if part and width(part + char, size, bold=bold, font=font) > room:
            parts.append(part)
            part = ""
        part += char
    return [*parts, part] if part else parts


def wrap(text: str, size: float, room: float, *, bold: bool = False, font: str = "Arial") -> list[str]:
    """The lines a text breaks into.

    Args:
        text: Text; line ends start a new line.
        size: Points.
        room: Width of the box, points.
        bold: Whether it is bold.
        font: Name of the font.

    >>> wrap("one two three", 10, 40)
    ['one two', 'three']
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split(" "):
            trial = f"{line} {word}" if line else word
            if width(trial, size, bold=bold, font=font) <= room:
                line = trial
                continue
            if line:
                lines.append(line)
            pieces = _break_word(word, size, room, bold, font) or [""]
            lines += pieces[:-1]
            line = pieces[-1]
        lines.append(line)
    return lines


def height(text: str, size: float, room: float, *, bold: bool = False, font: str = "Arial") -> float:
    """Height of a wrapped text, points."""
    return len(wrap(text, size, room, bold=bold, font=font)) * size * LINE_HEIGHT


@dataclass(frozen=True)
class Fitted:
    """A text that fits: what is left of it, at which size, and whether something was cut."""

    text: str
    size: float
    cut: bool
    height: float


def fit(
    text: str, room: float, tall: float, sizes: tuple[float, ...], *, bold: bool = False, font: str = "Arial"
) -> Fitted:
    """The largest of these sizes at which a text fits a box; cut at a word with an ellipsis when none does.

    Args:
        text: The text.
        room: Width of the box, points.
        tall: Height of the box, points.
        sizes: Sizes to try, points, largest first.
        bold: Whether it is bold.
        font: Name of the font.
    """
    for size in sizes:
        needed = height(text, size, room, bold=bold, font=font)
        if needed <= tall:
            return Fitted(text, size, cut=False, height=needed)
    size = sizes[-1]
    lines_left = max(int(tall / (size * LINE_HEIGHT)), 1)
    kept = wrap(text, size, room, bold=bold, font=font)[:lines_left]
    last = kept[-1]
    while last and width(last + "…", size, bold=bold, font=font) > room:
        last = last[:-1]
    if " " in last and len(last) < len(kept[-1]):
        last = last.rsplit(" ", 1)[0]
    kept[-1] = last.rstrip(" ,;:.") + "…"
    return Fitted(" ".join(kept), size, cut=True, height=len(kept) * size * LINE_HEIGHT)

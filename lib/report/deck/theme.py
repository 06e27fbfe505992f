"""The colours a template gives, and which of them can carry text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]
from pptx.dml.color import RGBColor
from pptx.enum.dml import MSO_THEME_COLOR
from pptx.opc.constants import RELATIONSHIP_TYPE as RT

from lib.report.story.summary_model import Tone

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
READABLE = 4.5  # WCAG AA for text
# Where a tone comes from in a theme; good, warn and alarm stay fixed so that red never means "fine" by accident.
_SLOTS: dict[str, tuple[str, Any]] = {
    "process": ("accent1", MSO_THEME_COLOR.ACCENT_1),
    "outcome": ("accent2", MSO_THEME_COLOR.ACCENT_2),
    "shared": ("accent3", MSO_THEME_COLOR.ACCENT_3),
    "ink": ("tx1", MSO_THEME_COLOR.TEXT_1),
}
_FIXED = {"good": "1E6B4F", "warn": "8A5A00", "alarm": "A61C3C"}
_FIXED_DARK = {"good": "7FD1AE", "warn": "F0C36A", "alarm": "F59AAE"}


def _rgb(hexa: str) -> tuple[int, int, int]:
    return int(hexa[0:2], 16), int(hexa[2:4], 16), int(hexa[4:6], 16)


def luminance(hexa: str) -> float:
    """Relative luminance 0..1 of a hex colour (WCAG 2)."""
    parts = [c / 255 for c in _rgb(hexa)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, two: str) -> float:
    """Contrast ratio 1..21 of two hex colours.

    >>> round(contrast("FFFFFF", "000000"))
    21
    """
    a, b = sorted((luminance(one), luminance(two)), reverse=True)
    return (a + 0.05) / (b + 0.05)


def blend(front: str, back: str, share: float) -> str:
    """`share` of the front colour over the back colour, as hex."""
    mixed = (round(f * share + b * (1 - share)) for f, b in zip(_rgb(front), _rgb(back), strict=True))
    return "".join(f"{c:02X}" for c in mixed)


@dataclass(frozen=True)
class Palette:
    """The colours of one template on its content background.

    Attributes:
        background: Hex of what text stands on.
        ink: Hex of plain text.
        tones: Tone -> hex.
        busy: Whether a picture or gradient lies under the content, so that a panel is needed.
    """

    background: str
    ink: str
    tones: dict[str, str] = field(default_factory=dict)
    busy: bool = False

    @property
    def dark(self) -> bool:
        """Whether text is light on dark."""
        return luminance(self.background) < luminance(self.ink)

    @property
    def muted(self) -> str:
        """Grey text that is still readable."""
        for share in (0.68, 0.75, 0.85):
            mixed = blend(self.ink, self.background, share)
            if contrast(mixed, self.background) >= READABLE:
                return mixed
        return self.ink

    @property
    def rule(self) -> str:
        """Thin lines."""
        return blend(self.ink, self.background, 0.18)

    def hex(self, tone: Tone) -> str:
        """The colour of a tone as a fill or line."""
        if tone == "muted":
            return self.muted
        if tone == "pale":
            return blend(self.ink, self.background, 0.34)
        if tone == "mist":
            return blend(self.ink, self.background, 0.16)
        if tone in _FIXED:
            return (_FIXED_DARK if self.dark else _FIXED)[tone]
        return self.tones.get(tone, self.ink)

    def text(self, tone: Tone) -> Any:
        """What to colour text of a tone with: a theme colour, an RGB colour, ink where it could not be read."""
        if contrast(self.hex(tone), self.background) < READABLE:
            tone = "ink"
        return self.fill(tone)

    def fill(self, tone: Tone) -> Any:
        """What to colour a shape of a tone with."""
        if tone in _SLOTS and tone in self.tones:
            return _SLOTS[tone][1]
        return RGBColor.from_string(self.hex(tone))

    def on(self, tone: Tone) -> RGBColor:
        """The text colour on a shape filled with a tone."""
        best = max(
            ("FFFFFF", self.ink, self.background, "000000"),
            key=lambda c: (
                contrast(c, self.hex(tone)) >= READABLE,
                c == "FFFFFF",
                contrast(c, self.hex(tone)),
            ),
        )
        return RGBColor.from_string(best)

    def wash(self, tone: Tone, share: float = 0.09) -> RGBColor:
        """A light ground in a tone; ink stays readable on it."""
        return RGBColor.from_string(blend(self.hex(tone), self.background, share))


def _scheme(master: Any) -> dict[str, str]:
    """Theme slot (after the master's colour map) -> hex."""
    root = etree.fromstring(master.part.part_related_by(RT.THEME).blob)
    raw: dict[str, str] = {}
    for slot in root.find(f".//{_A}clrScheme"):
        value = slot[0].get("lastClr") or slot[0].get("val") if len(slot) else None
        if value and len(value) == 6:
            raw[etree.QName(slot).localname] = value.upper()
    mapping = master.element.find(f"{_P}clrMap")
    names = dict(mapping.attrib) if mapping is not None else {}
    base = {"bg1": "lt1", "tx1": "dk1", "bg2": "lt2", "tx2": "dk2"}
    out = dict(raw)
    for name, fallback in base.items():
        out[name] = raw.get(names.get(name, fallback), "FFFFFF" if name.startswith("bg") else "000000")
    return out


def _background(layout: Any, scheme: dict[str, str]) -> tuple[str, bool]:
    """Hex of the ground and whether something busy lies on it."""
    for owner in (layout, layout.slide_master):
        ground = owner.element.find(f".//{_P}bg")
        if ground is None:
            continue
        if ground.find(f".//{_A}blipFill") is not None or ground.find(f".//{_A}gradFill") is not None:
            return scheme["bg1"], True
        solid = ground.find(f".//{_A}srgbClr")
        if solid is not None:
            return str(solid.get("val")).upper(), False
        named = ground.find(f".//{_A}schemeClr")
        if named is not None:
            is_reference = ground.find(f"{_P}bgRef") is not None
            fancy = is_reference and int(ground.find(f"{_P}bgRef").get("idx", "1001")) > 1001
            return scheme.get(str(named.get("val")), scheme["bg1"]), fancy
    return scheme["bg1"], False


def _covered(layout: Any, width: int, height: int) -> bool:
    """Whether a picture or shape of the template covers much of the slide."""
    for owner in (layout, layout.slide_master):
        for shape in owner.shapes:
            if shape.is_placeholder or not shape.width or not shape.height:
                continue
            if shape.width * shape.height > 0.35 * width * height:
                return True
    return False


def palette_of(layout: Any, width: int, height: int) -> Palette:
    """Read a layout's palette.

    Args:
        layout: The content layout in use.
        width: Slide width, EMU.
        height: Slide height, EMU.
    """
    scheme = _scheme(layout.slide_master)
    background, busy = _background(layout, scheme)
    busy = busy or _covered(layout, width, height)
    if busy:
        background = scheme["bg1"]
    ink = scheme["tx1"]
    if contrast(ink, background) < READABLE:
        ink = "FFFFFF" if luminance(background) < 0.18 else "1F2933"
    tones = {tone: scheme[slot] for tone, (slot, _) in _SLOTS.items() if slot in scheme and tone != "ink"}
    if ink == scheme["tx1"]:
        tones["ink"] = ink
    return Palette(background, ink, tones, busy)

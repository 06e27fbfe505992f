"""Developer's tool: measure the stand-in fonts once and write `fontmetrics.json` (`python -m data.deck.measure_fonts`)."""

from __future__ import annotations

import json
from pathlib import Path

FONTS = Path("/usr/share/fonts/truetype")
FILES = {
    "liberation": "liberation2/LiberationSans-Regular.ttf",
    "liberation-bold": "liberation2/LiberationSans-Bold.ttf",
    "carlito": "crosextra/Carlito-Regular.ttf",
    "carlito-bold": "crosextra/Carlito-Bold.ttf",
    "dejavu": "dejavu/DejaVuSans.ttf",
    "dejavu-bold": "dejavu/DejaVuSans-Bold.ttf",
}
RANGES = (
    (0x20, 0x7E),
    (0xA0, 0x24F),
    (0x370, 0x3FF),
    (0x400, 0x45F),
    (0x590, 0x5EA),
    (0x600, 0x64A),
    (0x2010, 0x2040),
    (0x20A0, 0x20BF),
    (0x2190, 0x2199),
    (0x2200, 0x2265),
    (0x25A0, 0x25CF),
    (0x2713, 0x2718),
)


def bake() -> dict[str, dict[str, int]]:
    """Face -> character -> advance width in thousandths of an em."""
    from PIL import ImageFont

    out: dict[str, dict[str, int]] = {}
    for face, file in FILES.items():
        font = ImageFont.truetype(str(FONTS / file), 1000, layout_engine=ImageFont.Layout.BASIC)
        missing = font.getmask("\U000e0fff").getbbox(), font.getlength("\U000e0fff")
        out[face] = {}
        for first, last in RANGES:
            for code in range(first, last + 1):
                char = chr(code)
                length = font.getlength(char)
                if (font.getmask(char).getbbox(), length) != missing:
                    out[face][char] = round(length)
    return out


if __name__ == "__main__":
    target = Path(__file__).with_name("fontmetrics.json")
    target.write_text(json.dumps(bake(), ensure_ascii=False, separators=(",", ":")), encoding="utf-8")

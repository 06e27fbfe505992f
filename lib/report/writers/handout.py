"""PDF pages for a session: the facilitator's guide with pre-work, and the handout for participants."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import typst

SOURCE = Path(__file__).parent / "handout.typ"
FONTS = Path(__file__).resolve().parents[3] / "data" / "fonts"


@dataclass(frozen=True)
class Part:
    """A labelled list: "Say", "Good", "Traps"."""

    label: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Section:
    """One activity on paper."""

    title: str
    note: str = ""
    parts: tuple[Part, ...] = ()


def render(title: str, lead: str, sections: Sequence[Section], day: dt.date) -> bytes:
    """Make the PDF: tagged, fonts inside, same bytes for the same input.

    Args:
        title: Heading of the first page.
        lead: One or two sentences under it.
        sections: What follows, in order.
        day: Date of the document.
    """
    data = {
        "title": title,
        "lead": lead,
        "year": day.year,
        "month": day.month,
        "day": day.day,
        "blocks": [asdict(section) for section in sections],
    }
    stamp = int(dt.datetime.combine(day, dt.time(), dt.UTC).timestamp())
    made = typst.compile(
        str(SOURCE),
        format="pdf",
        font_paths=[str(FONTS)],
        timestamp=stamp,
        pdf_standards=["ua-1"],
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
    )
    return made if isinstance(made, bytes) else b"".join(made)

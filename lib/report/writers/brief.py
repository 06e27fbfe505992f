"""The one-page brief as a tagged PDF: answer, reasons, one or two pictures, what was found, what was decided, what is next."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path
from typing import Any

import typst

from lib.report import clean
from lib.report.bodies import table
from lib.report.bodies.kind import BriefPlace
from lib.report.bodies.registry import kind_of
from lib.report.story.check import check
from lib.report.story.summary_model import Message, Summary
from lib.report.writers import chart_files
from lib.report.writers.brief_parts import short

FONTS = Path(__file__).resolve().parents[3] / "data" / "fonts"
SOURCE = Path(__file__).with_name("brief.typ")
# What is tried: items of a list, pictures, the smallest size of type. More items only where the type stays large.
TRIES = ((6, 2, 10.2), (4, 2, 9.0), (3, 2, 8.5), (2, 1, 7.6), (1, 0, 7.6))
SIZES = (11.5, 11.1, 10.7, 10.2, 9.8, 9.4, 9.0, 8.5, 8.0, 7.6)


_LISTED = ("since", "findings", "ownership", "handoffs", "experiments", "decision")


def _stands(message: Message, place: BriefPlace) -> bool:
    """Whether a slide's body belongs in this part of the brief."""
    return kind_of(message.body).brief_place == place


def _brief(message: Message, most: int) -> list[dict[str, str]]:
    """What is said of a slide's body."""
    return kind_of(message.body).brief(message.body, message, most)


def _parts(summary: Summary, most: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Lists under the pictures, in the order of the story, over two columns of about one height."""
    parts = [
        {"title": short(m.headline.text, 140), "items": _brief(m, most)}
        for m in summary.messages
        if m.section in _LISTED and _stands(m, "lists")
    ]
    tall = [_lines(part) for part in parts]
    cut = min(range(len(parts) + 1), key=lambda at: abs(sum(tall[:at]) - sum(tall[at:])))
    return parts[:cut], parts[cut:]


def _lines(part: dict[str, Any]) -> float:
    """About how many lines a part takes in a column of half the page."""
    title = -(-len(part["title"]) // 44) * 1.3 + 0.8
    return title + sum(-(-(len(i["head"]) + len(i["rest"]) + 2) // 58) + 0.35 for i in part["items"])


def _chart_images(summary: Summary, charts: int) -> list[dict[str, str]]:
    """The first picture of each section, then further ones; kinds that need a whole slide stay there."""
    able = [(m, chart) for m in summary.messages for chart in m.charts() if chart.traits.fits_small]
    first = [pair for i, pair in enumerate(able) if pair[0].section not in {o.section for o, _ in able[:i]}]
    return [
        {
            "headline": short(message.headline.text, 140),
            "alt": clean.line(chart.alt, 600),
            "svg": chart_files.svg(chart, width=330, height=216, exact=True).decode(),
        }
        for message, chart in [*first, *(pair for pair in able if pair not in first)][:charts]
    ]


def _decision(summary: Summary) -> dict[str, Any]:
    """What was decided or recommended."""
    for message in summary.messages:
        if message.section == "decision" and _stands(message, "decision"):
            return {
                "title": short(message.headline.text, 140),
                "items": _brief(message, 3),
            }
    return {"title": "", "items": []}


def _next(summary: Summary, most: int) -> dict[str, Any]:
    """Next steps as a table: what, who, until when."""
    for message in summary.messages:
        if message.section == "next" and message.id == "next-steps":
            labels, rows = table.shortened(message.body, most, (150, 60, 40))
            return {"title": short(message.headline.text, 140), "labels": labels, "rows": rows}
    return {"title": "", "labels": [], "rows": []}


def content(summary: Summary, most: int = 4, charts: int = 2) -> dict[str, Any]:
    """What the brief says, as plain data.

    Args:
        summary: The summary.
        most: Items of each list.
        charts: Pictures at most.
    """
    day = dt.date.fromisoformat(summary.as_of)
    answer = next((m for m in summary.messages if _stands(m, "answer")), None)
    said = _brief(answer, most) if answer is not None else []
    lead, *reasons = said or [{"text": ""}]
    answer = answer or next(iter(summary.messages), None)
    left, right = _parts(summary, most)
    kicker = (clean.line(summary.company, 80), "One-page brief", summary.date_text)
    return {
        "title": clean.line(summary.title.text, 160),
        "company": clean.line(summary.company, 120),
        "year": day.year,
        "month": day.month,
        "day": day.day,
        "kicker": " | ".join(x for x in kicker if x),
        "headline": short(answer.headline.text if answer else summary.title.text, 170),
        "lead": lead["text"],
        "reasons": reasons,
        "charts": _chart_images(summary, charts),
        "left": left,
        "right": right,
        "decision": _decision(summary),
        "next": _next(summary, most + 2),
        "footer": f"Numbers from {len(summary.evidence)} tables of evidence, workbook revision {summary.revision}, "
        f"{summary.date_text}. Queries are in the deck's notes and the evidence workbook.",
    }


def _compile(data: dict[str, Any], stamp: int, *, standard: bool) -> bytes:
    options: dict[str, Any] = {"pdf_standards": ["ua-1"]} if standard else {}
    made = typst.compile(
        str(SOURCE),
        format="pdf",
        font_paths=[str(FONTS)],
        ignore_system_fonts=False,
        timestamp=stamp,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        **options,
    )
    return made if isinstance(made, bytes) else b"".join(made)


def pages(data: bytes) -> int:
    """How many pages a PDF that typst wrote has."""
    return max((int(n) for n in re.findall(rb"/Count (\d+)", data)), default=0)


def render(summary: Summary) -> bytes:
    """Make the brief: one page, tagged, fonts inside.

    Args:
        summary: What it says; checked first.
    """
    check(summary)
    stamp = int(dt.datetime.fromisoformat(summary.as_of).replace(tzinfo=dt.UTC).timestamp())
    made = b""
    for most, charts, least in TRIES:
        data = content(summary, most, charts) | {"sizes": [size for size in SIZES if size >= least]}
        try:
            made = _compile(data, stamp, standard=True)
        except typst.TypstError as error:
            if "displayed" not in str(error) and "glyph" not in str(error):
                raise
            made = _compile(data, stamp, standard=False)  # a letter no font at hand has: still a page
        if pages(made) == 1:
            return made
    return made

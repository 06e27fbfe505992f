"""The one-page brief as a tagged PDF: answer, reasons, one or two pictures, what was found, what was decided, what is next."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import typst

from lib.report import chart_files, clean
from lib.report.check import check
from lib.report.markdown import cell_text
from lib.report.model import ChartBody, DecisionBody, MapBody, Message, ReasonsBody, Summary, TableBody

FONTS = Path(__file__).resolve().parents[2] / "data" / "fonts"
SOURCE = Path(__file__).with_name("brief.typ")
SIZES = (10.0, 9.4, 8.8, 8.2, 7.6)


def _short(text: str, most: int) -> str:
    """A text of at most so many characters, cut at a word."""
    flat = clean.line(text)
    return flat if len(flat) <= most else flat[: most - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"


def _of(summary: Summary, *sections: str) -> list[Message]:
    return [message for message in summary.messages if message.section in sections]


def _item(head: str, rest: str = "") -> dict[str, str]:
    return {"head": _short(head, 170), "rest": _short(rest, 130)}


def _rows(message: Message, most: int, *columns: int) -> list[dict[str, str]]:
    """Rows of a table as items: the first of these columns is the head, the others follow it."""
    body = message.body
    if not isinstance(body, TableBody):
        return []
    out = []
    for row in body.rows[:most]:
        cells = [cell_text(row[i]) for i in columns if i < len(row)]
        out.append(_item(cells[0], ", ".join(cell for cell in cells[1:] if cell)))
    return out


def _parts(summary: Summary, most: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What stands in the two columns under the pictures."""

    def parts(section: str, kind: Any, *columns: int) -> list[dict[str, Any]]:
        return [
            {"title": _short(m.headline.text, 140), "items": _rows(m, most, *columns) if columns else []}
            for m in _of(summary, section)
            if isinstance(m.body, kind)
        ]

    left = (
        parts("since", TableBody, 0, 1, 2) + parts("findings", TableBody, 1) + parts("ownership", TableBody)
    )
    left += parts("handoffs", MapBody)
    right = parts("experiments", TableBody, 0, 3, 4, 5)
    for message in _of(summary, "decision"):
        if isinstance(message.body, DecisionBody):
            said = [message.body.recommendation, message.body.confidence, *message.body.caveats[:1]]
            items = [_item(text.text) for text in said if text.text]
            right += [{"title": _short(message.headline.text, 140), "items": items}]
    right += parts("next", TableBody, 0, 1, 2)
    return left, right


def content(summary: Summary, most: int = 4, charts: int = 2) -> dict[str, Any]:
    """What the brief says, as plain data.

    Args:
        summary: The summary.
        most: Items of each list.
        charts: Pictures at most.
    """
    day = dt.date.fromisoformat(summary.as_of)
    answer = next((m for m in summary.messages if isinstance(m.body, ReasonsBody)), None) or (
        summary.messages[0] if summary.messages else None
    )
    reasons, lead = [], ""
    if answer is not None and isinstance(answer.body, ReasonsBody):
        lead = _short(answer.body.lead.text, 260)
        reasons = [
            {"label": _short(r.label.text, 60).rstrip("."), "text": _short(r.text.text, 300)}
            for r in answer.body.reasons[:5]
        ]
    shown = [
        m
        for m in summary.messages
        if isinstance(m.body, ChartBody) and m.body.chart.kind not in ("heatmap", "scatter")
    ][:charts]
    pictures = [
        {
            "headline": _short(m.headline.text, 110),
            "alt": clean.line(m.body.chart.alt, 600),
            "svg": chart_files.svg(m.body.chart, width=330, height=150).decode(),
        }
        for m in shown
        if isinstance(m.body, ChartBody)
    ]
    left, right = _parts(summary, most)
    tables = len(summary.evidence)
    return {
        "title": clean.line(summary.title.text, 160),
        "company": clean.line(summary.company, 120),
        "year": day.year,
        "month": day.month,
        "day": day.day,
        "kicker": " | ".join(
            x for x in (clean.line(summary.company, 80), "One-page brief", summary.date_text) if x
        ),
        "headline": _short(answer.headline.text if answer else summary.title.text, 170),
        "lead": lead,
        "reasons": reasons,
        "charts": pictures,
        "left": left,
        "right": right,
        "footer": f"Numbers from {tables} tables of evidence, workbook revision {summary.revision}, {summary.date_text}. Queries are in the deck's notes and the evidence workbook.",  # noqa: E501
    }


def _compile(data: dict[str, Any], size: float, stamp: int, *, standard: bool) -> bytes:
    options: dict[str, Any] = {"pdf_standards": ["ua-1"]} if standard else {}
    made = typst.compile(
        str(SOURCE),
        format="pdf",
        font_paths=[str(FONTS)],
        ignore_system_fonts=False,
        timestamp=stamp,
        sys_inputs={"data": json.dumps(data | {"size": size}, ensure_ascii=False)},
        **options,
    )
    return made if isinstance(made, bytes) else b"".join(made)


def pages(data: bytes) -> int:
    """How many pages a PDF that typst wrote has."""
    import re

    return max((int(n) for n in re.findall(rb"/Count (\d+)", data)), default=0)


def render(summary: Summary) -> bytes:
    """Make the brief: one page, tagged, fonts inside.

    Args:
        summary: What it says; checked first.
    """
    check(summary)
    stamp = int(dt.datetime.fromisoformat(summary.as_of).replace(tzinfo=dt.UTC).timestamp())
    made = b""
    for most, charts in ((4, 2), (3, 2), (2, 1), (1, 0)):
        data = content(summary, most, charts)
        for size in SIZES:
            try:
                made = _compile(data, size, stamp, standard=True)
            except typst.TypstError as error:
                if "displayed" not in str(error) and "glyph" not in str(error):
                    raise
                made = _compile(
                    data, size, stamp, standard=False
                )  # a letter no font at hand has: still a page
            if pages(made) == 1:
                return made
    return made

"""The one-page brief as a tagged PDF: answer, reasons, one or two pictures, what was found, what was decided, what is next."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import typst

from lib.report import clean
from lib.report.story.check import check
from lib.report.story.summary_model import (
    Cell,
    ChartBody,
    Crossing,
    DecisionBody,
    MapBody,
    Message,
    ReasonsBody,
    Summary,
    TableBody,
)
from lib.report.writers import chart_files
from lib.report.writers.markdown import cell_text

FONTS = Path(__file__).resolve().parents[3] / "data" / "fonts"
SOURCE = Path(__file__).with_name("brief.typ")
# What is tried: items of a list, pictures, the smallest size of type. More items only where the type stays large.
TRIES = ((6, 2, 10.2), (4, 2, 9.0), (3, 2, 8.5), (2, 1, 7.6), (1, 0, 7.6))
_BREAK = "\u200b"  # where a line may break within a word that is longer than a column
_LONG_WORD = re.compile(r"\S{14}(?=\S{4})")
SIZES = (11.5, 11.1, 10.7, 10.2, 9.8, 9.4, 9.0, 8.5, 8.0, 7.6)


def _short(text: str, most: int) -> str:
    """A text of at most so many characters, cut at a word."""
    flat = clean.line(text)
    short = flat if len(flat) <= most else flat[: most - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"
    return _LONG_WORD.sub(lambda found: found.group(0) + _BREAK, short)


def _of(summary: Summary, *sections: str) -> list[Message]:
    return [message for message in summary.messages if message.section in sections]


def _item(head: str, rest: str = "") -> dict[str, str]:
    return {"head": _short(head, 170), "rest": _short(rest, 150)}


def _cells(row: tuple[Cell, ...], *columns: int) -> list[str]:
    return [cell_text(row[i]) for i in columns if i < len(row)]


def _changed(row: tuple[Cell, ...]) -> dict[str, str]:
    what, then, now = _cells(row, 0, 1, 2)
    return _item(what, f"{then} → {now}" if then else now)


def _found(row: tuple[Cell, ...]) -> dict[str, str]:
    return _item(_cells(row, 1)[0])


def _owned(row: tuple[Cell, ...]) -> dict[str, str]:
    metric, owner, state = _cells(row, 0, 2, -1 % len(row))
    return _item(metric, f"{state.lower()} ({owner})" if owner != "Nobody" else state.lower())


def _tested(row: tuple[Cell, ...]) -> dict[str, str]:
    """Name, effect with its range, people, call; only the call where nothing was read."""
    if len(row) < 7:
        return _item(_cells(row, 0)[0], _cells(row, 2)[0])
    name, effect, ends, people, call = _cells(row, 0, 2, 3, 4, 5)
    return _item(name, f"{effect} ({ends}), {people} people. {call}" if ends else f"{effect}. {call}")


def _settled(row: tuple[Cell, ...]) -> dict[str, str]:
    what, dissent, state = _cells(row, 0, 1, 2)
    return _item(what, state + (f"; dissent: {dissent}" if dissent and dissent != "None recorded" else ""))


_WRITTEN: dict[str, Callable[[tuple[Cell, ...]], dict[str, str]]] = {
    "since": _changed,
    "findings": _found,
    "ownership": _owned,
    "experiments": _tested,
    "decision": _settled,
}


def _items(message: Message, most: int) -> list[dict[str, str]]:
    """What a slide says as a few lines of a list."""
    body = message.body
    if isinstance(body, MapBody):
        open_first = sorted(body.crossings, key=lambda c: (c.status == "agreed", c.after))
        return [_crossing(body, crossing) for crossing in open_first[:most]]
    if isinstance(body, DecisionBody):
        said = [body.recommendation, body.confidence, *body.calls[:1], *body.caveats[:1]]
        return [_item(text.text) for text in said if text.text]
    if isinstance(body, TableBody):
        rows = body.rows
        if message.section == "ownership":
            rows = tuple(row for row in rows if row[-1].text.text != "Clear") or rows
        write = _WRITTEN.get(message.section, _found)
        return [write(row) for row in rows[:most]]
    return []


def _crossing(body: MapBody, crossing: Crossing) -> dict[str, str]:
    ends = f"{body.stops[crossing.after].name.text} to {body.stops[crossing.after + 1].name.text}"
    words = crossing.rule.text.rstrip(".")
    if crossing.response is not None:
        words += f". {crossing.response.text}"
    return _item(ends, words)


def _parts(summary: Summary, most: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Lists under the pictures, in the order of the story, over two columns of about one height."""
    parts = [
        {"title": _short(m.headline.text, 140), "items": _items(m, most)}
        for m in _of(summary, "since", "findings", "ownership", "handoffs", "experiments", "decision")
        if isinstance(m.body, TableBody | MapBody)
    ]
    tall = [_lines(part) for part in parts]
    cut = min(range(len(parts) + 1), key=lambda at: abs(sum(tall[:at]) - sum(tall[at:])))
    return parts[:cut], parts[cut:]


def _lines(part: dict[str, Any]) -> float:
    """About how many lines a part takes in a column of half the page."""
    title = -(-len(part["title"]) // 44) * 1.3 + 0.8
    return title + sum(-(-(len(i["head"]) + len(i["rest"]) + 2) // 58) + 0.35 for i in part["items"])


def _pictures(summary: Summary, charts: int) -> list[dict[str, str]]:
    """The first picture of each section, then further ones; kinds that need a whole slide stay there."""
    able = [
        m
        for m in summary.messages
        if isinstance(m.body, ChartBody) and m.body.chart.kind not in ("heatmap", "scatter")
    ]
    first = [m for i, m in enumerate(able) if m.section not in {o.section for o in able[:i]}]
    return [
        {
            "headline": _short(m.headline.text, 140),
            "alt": clean.line(m.body.chart.alt, 600),
            "svg": chart_files.svg(m.body.chart, width=330, height=216, exact=True).decode(),
        }
        for m in [*first, *(m for m in able if m not in first)][:charts]
        if isinstance(m.body, ChartBody)
    ]


def _decision(summary: Summary) -> dict[str, Any]:
    """What was decided or recommended."""
    for message in _of(summary, "decision"):
        if isinstance(message.body, DecisionBody):
            return {"title": _short(message.headline.text, 140), "items": _items(message, 3)}
    return {"title": "", "items": []}


def _next(summary: Summary, most: int) -> dict[str, Any]:
    """Next steps as a table: what, who, until when."""
    for message in summary.messages:
        if message.section == "next" and isinstance(message.body, TableBody) and message.id == "next-steps":
            labels = [column.label for column in message.body.columns[:3]]
            rows = [
                [
                    _short(text, most_of)
                    for text, most_of in zip(_cells(row, 0, 1, 2), (150, 60, 40), strict=True)
                ]
                for row in message.body.rows[:most]
            ]
            return {"title": _short(message.headline.text, 140), "labels": labels, "rows": rows}
    return {"title": "", "labels": [], "rows": []}


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
    left, right = _parts(summary, most)
    kicker = (clean.line(summary.company, 80), "One-page brief", summary.date_text)
    return {
        "title": clean.line(summary.title.text, 160),
        "company": clean.line(summary.company, 120),
        "year": day.year,
        "month": day.month,
        "day": day.day,
        "kicker": " | ".join(x for x in kicker if x),
        "headline": _short(answer.headline.text if answer else summary.title.text, 170),
        "lead": lead,
        "reasons": reasons,
        "charts": _pictures(summary, charts),
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

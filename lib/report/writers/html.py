"""The summary as one HTML file that needs nothing else: charts inside as pictures, no script, nothing fetched."""

from __future__ import annotations

import base64
from pathlib import Path

from lib.engine.evidence.evidence import Evidence
from lib.report import clean
from lib.report.deck.notes import day, source_line
from lib.report.story import term_marker
from lib.report.story.check import check
from lib.report.story.labels import STATUS, decision_lists, quoted
from lib.report.story.names import opening, origin
from lib.report.story.summary_model import (
    SECTION_NAMES,
    ChartBody,
    Crossing,
    DecisionBody,
    MapBody,
    Message,
    ReasonsBody,
    Summary,
    TableBody,
    WordsBody,
)
from lib.report.writers import chart_files
from lib.report.writers.markdown import cell_text, chart_rows

CSP = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
STYLE = Path(__file__).with_name("page.css").read_text(encoding="utf-8")
PICTURE = 460, 250  # drawn small and shown larger, so that its words are read on a phone too
_CARDS = {"process": "#2360A5", "outcome": "#B4530F", "shared": "#2E7D6B", "ink": "#12263F"}


def _table(body: TableBody) -> str:
    if not body.rows:
        return ""
    head = "".join(
        f'<th scope="col" role="columnheader"{_num(c.number)}>{clean.html(c.label)}</th>'
        for c in body.columns
    )
    rows = []
    for row in body.rows:
        cells = []
        for cell, column in zip(row, body.columns, strict=True):
            mark = f'<b class="mark {cell.tone}" aria-hidden="true">■</b>' if cell.mark else ""
            words = clean.html(cell_text(cell))
            words = f"<strong>{words}</strong>" if cell.strong else words
            tone = (
                f'<span class="{cell.tone}">{words}</span>'
                if cell.tone not in ("ink", "pale") and not cell.mark
                else words
            )
            cells.append(_td(column.label, f"{mark}{tone}", is_number=column.number))
        rows.append('<tr role="row">' + "".join(cells) + "</tr>")
    return _framed(head, "".join(rows))


def _framed(head: str, rows: str) -> str:
    """A table that phones show row by row; the roles keep it a table for people who listen."""
    return (
        f'<div class="scroll" tabindex="0"><table role="table"><thead><tr role="row">{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _td(label: str, inner: str, *, is_number: bool) -> str:
    """A cell that carries its column's label for narrow screens."""
    return f'<td role="cell" data-label="{clean.html(label)}"{_num(is_number)}><span>{inner}</span></td>'


def _num(is_number: bool) -> str:
    return ' class="num"' if is_number else ""


def _chart(body: ChartBody, pictures: bool) -> str:
    header, rows = chart_rows(body)
    head = "".join(
        f'<th scope="col" role="columnheader"{_num(i > 0)}>{clean.html(h)}</th>' for i, h in enumerate(header)
    )
    cells = "".join(
        '<tr role="row">'
        + "".join(
            _td(label, clean.html(c), is_number=i > 0)
            for i, (label, c) in enumerate(zip(header, row, strict=True))
        )
        + "</tr>"
        for row in rows
    )
    table = _framed(head, cells)
    if not pictures:
        return table
    data = base64.b64encode(chart_files.svg(body.chart, width=PICTURE[0], height=PICTURE[1])).decode()
    image = f'<img alt="{clean.html(body.chart.alt)}" src="data:image/svg+xml;base64,{data}">'
    return f"{image}<details><summary>The numbers of this chart</summary>{table}</details>"


def _crossing(crossing: Crossing, after: str) -> str:
    """The rule under which people pass on to the next stage."""
    mark, label, tone = STATUS[crossing.status]
    main = ", the main handoff" if crossing.main else ""
    response = f"<div>{clean.html(crossing.response.text)}</div>" if crossing.response else ""
    return (
        f'<div class="crossing"><strong class="{tone}">{mark} {label}{main}</strong>'
        f'<div class="muted">To {clean.html(after)}</div><div>{clean.html(crossing.rule.text)}</div>{response}</div>'
    )


def _map(body: MapBody) -> str:
    crossings = {c.after: c for c in body.crossings}
    items = []
    for index, stop in enumerate(body.stops):
        number = f"<div><strong>{clean.html(stop.number.text)}</strong> people</div>" if stop.number else ""
        detail = f'<div class="muted">{clean.html(stop.detail.text)}</div>' if stop.detail else ""
        crossing = crossings.get(index)
        rule = _crossing(crossing, body.stops[index + 1].name.text) if crossing is not None else ""
        items.append(
            f'<li><div class="land {stop.tone}">{clean.html(stop.territory)}</div><strong>{clean.html(stop.name.text)}</strong>'
            f"<div>{clean.html(stop.owner.text)}</div>{detail}{number}{rule}</li>"
        )
    return f'<ol class="map">{"".join(items)}</ol>'


def _list(title: str, items: tuple) -> str:
    return f"<h3>{title}</h3><ul>" + "".join(f"<li>{clean.html(i.text)}</li>" for i in items) + "</ul>"


def _body(message: Message, pictures: bool) -> str:
    body = message.body
    if isinstance(body, ChartBody):
        return _chart(body, pictures)
    if isinstance(body, TableBody):
        return _table(body)
    if isinstance(body, ReasonsBody):
        lead = f"<p>{clean.html(body.lead.text)}</p>" if body.lead.text else ""
        items = "".join(
            f"<li><strong>{clean.html(r.label.text)}.</strong> {clean.html(r.text.text)}</li>"
            for r in body.reasons
        )
        return f'{lead}<ol class="reasons">{items}</ol>'
    if isinstance(body, MapBody):
        return _map(body)
    if isinstance(body, DecisionBody):
        colour = _CARDS.get(body.tone, "#12263F")
        card = (
            f'<div class="card" style="background:{colour}">{clean.html(body.label)}<br><strong>{clean.html(body.recommendation.text)}</strong>'  # noqa: E501
            f"<br>{clean.html(body.confidence.text)}</div>"
        )
        return (
            card
            + _table(body.signals)
            + "".join(_list(title, items) for title, items in decision_lists(body))
        )
    if isinstance(body, WordsBody):
        return "".join(f"<p>{clean.html(p.text)}</p>" for p in body.paragraphs)
    return ""


def section(summary: Summary, message: Message, *, pictures: bool = True) -> str:
    """One slide as an HTML section.

    Args:
        summary: The whole.
        message: The slide.
        pictures: Draw charts as pictures (a table otherwise).
    """
    caption = (
        f'<p class="caption">{clean.html(message.caption.text)}</p>'
        if message.caption and message.caption.text
        else ""
    )
    points = (
        "<ul>" + "".join(f"<li>{clean.html(t.text)}</li>" for t in message.takeaways) + "</ul>"
        if message.takeaways
        else ""
    )
    quote = ""
    if message.quote is not None:
        quote = f"<blockquote>{clean.html(quoted(message.quote))}</blockquote>"
    words = "".join(
        f'<p class="source">{term_marker.SIGN} {clean.html(line.text)}</p>' for line in message.open_words
    )
    source = (
        ""
        if message.section == "sources"
        else f'<p class="source">{clean.html(source_line(summary, message))}</p>'
    )
    return (
        f'<section id="{clean.html(message.id)}"><div class="kicker">{SECTION_NAMES[message.section]}</div><h2>{clean.html(message.headline.text)}</h2>'  # noqa: E501
        f"{caption}{_body(message, pictures)}{points}{quote}{words}{source}</section>"
    )


def _evidence(summary: Summary) -> str:
    blocks = "".join(_proof(summary, item) for item in summary.evidence)
    return f"<section><h2>Evidence</h2>{blocks}</section>" if blocks else ""


def _proof(summary: Summary, item: Evidence) -> str:
    """One table's meaning, data and query, folded away."""
    named = (f"{clean.line(s.name, 120)}, {s.rows:,} rows, {s.fingerprint[:12]}" for s in item.sources)
    data = clean.html("; ".join(named) or origin(item))
    sql = f"<pre>{clean.html(item.sql)}</pre>" if item.sql else ""
    read = f"{len(item.rows):,} rows back, queried {day(item.at, summary.as_of)}. {clean.html(item.method)}"
    return (
        f"<details><summary>{summary.number(item)}. {clean.html(opening(item.title))}</summary>"
        f"<p>{clean.html(item.definition)}</p><p>Data: {data}. {read}</p>{sql}</details>"
    )


def render(summary: Summary) -> str:
    """Make the page.

    Args:
        summary: What it says; checked first.
    """
    check(summary)
    title = clean.html(summary.title.text)
    sections = "".join(section(summary, message) for message in summary.messages)
    company = f"{clean.html(summary.company)}, " if summary.company else ""
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{CSP}">'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="referrer" content="no-referrer"><title>{title}</title>'  # noqa: E501
        f'<style>{STYLE}</style></head><body><main><header><h1>{title}</h1><p class="caption">{company}{summary.date_text}</p></header>'  # noqa: E501
        f"{sections}{_evidence(summary)}</main></body></html>\n"
    )

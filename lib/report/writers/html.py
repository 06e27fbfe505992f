"""The summary as one HTML file that needs nothing else: charts inside as pictures, no script, nothing fetched."""

from __future__ import annotations

from pathlib import Path

from lib.engine.evidence.evidence import Evidence
from lib.report import clean
from lib.report.bodies.registry import kind_of
from lib.report.deck.notes import day, source_line
from lib.report.story import term_marker
from lib.report.story.check import check
from lib.report.story.labels import quoted
from lib.report.story.names import opening, origin
from lib.report.story.summary_model import SECTION_NAMES, Message, Summary
from lib.report.writers import html_parts

CSP = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
STYLE = Path(__file__).with_name("page.css").read_text(encoding="utf-8")


def section(summary: Summary, message: Message, *, images: bool = True) -> str:
    """One slide as an HTML section.

    Args:
        summary: The whole.
        message: The slide.
        images: Draw charts as pictures (a table otherwise).
    """
    caption = message.caption.text if message.caption is not None else ""
    source = "" if message.section == "sources" else source_line(summary, message)
    parts = (
        f'<div class="kicker">{SECTION_NAMES[message.section]}</div><h2>{clean.html(message.headline.text)}</h2>',
        html_parts.block("p", caption, look="caption"),
        kind_of(message.body).html(message.body, images),
        html_parts.bullets(message.takeaways) if message.takeaways else "",
        html_parts.block("blockquote", quoted(message.quote)),
        *(
            html_parts.block("p", f"{term_marker.SIGN} {line.text}", look="source")
            for line in message.open_words
        ),
        html_parts.block("p", source, look="source"),
    )
    return f'<section id="{clean.html(message.id)}">{"".join(parts)}</section>'


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

"""The summary as Markdown: for a wiki, a pull request or a chat; the same numbers as the deck."""

from __future__ import annotations

import itertools

from lib.engine.evidence.evidence import Evidence
from lib.report import clean
from lib.report.bodies.registry import kind_of
from lib.report.deck.notes import day
from lib.report.story import term_marker
from lib.report.story.check import check
from lib.report.story.names import opening, origin
from lib.report.story.summary_model import SECTION_NAMES, Message, Summary
from lib.report.writers import markdown_parts


def _fence(sql: str) -> list[str]:
    longest = max((len(run) for run in sql.replace("\n", " ").split() if set(run) == {"`"}), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}sql", clean.text(sql).replace("```", "'''"), fence]


def _evidence(summary: Summary, evidence: Evidence) -> list[str]:
    sources = ", ".join(
        f"{clean.line(s.name, 120)} ({s.rows:,} rows, {s.fingerprint[:12]})" for s in evidence.sources
    ) or origin(evidence)
    lines = [
        f"### {summary.number(evidence)}. {clean.markdown(opening(evidence.title))}",
        "",
        clean.markdown(evidence.definition),
        "",
        f"Data: {clean.markdown(sources)}. {len(evidence.rows):,} rows back, queried {day(evidence.at, summary.as_of)}.",
        "",
    ]
    if evidence.method:
        lines += [f"Method: {clean.markdown(evidence.method)}", ""]
    if evidence.params:
        lines += [
            "Parameters: "
            + clean.markdown(", ".join(f"{k} = {clean.line(v, 120)}" for k, v in evidence.params)),
            "",
        ]
    return [*lines, *_fence(evidence.sql), ""] if evidence.sql else lines


def _section(summary: Summary, message: Message) -> list[str]:
    """One slide: headline, caption, body, takeaways, quote, open words, evidence."""
    lines = [f"## {clean.markdown(message.headline.text)}", "", f"*{SECTION_NAMES[message.section]}*", ""]
    if message.caption is not None and message.caption.text:
        lines += [clean.markdown(message.caption.text), ""]
    lines += [*kind_of(message.body).markdown(message.body), "", *markdown_parts.bullets(message.takeaways)]
    if message.quote is not None:
        by = f" ({clean.markdown(message.quote.by)})" if message.quote.by else ""
        lines += ["", f"> “{clean.markdown(message.quote.text)}”{by}"]
    lines += ["", *(f"{term_marker.SIGN} {clean.markdown(line.text)}" for line in message.open_words)]
    if message.section != "sources":
        numbers = ", ".join(summary.number(e) for e in message.sources())
        lines += ["", f"Evidence: {numbers}" if numbers else "Evidence: the team's answers", ""]
    return lines


def render(summary: Summary) -> str:
    """Make the Markdown text.

    Args:
        summary: What it says; checked first.
    """
    check(summary)
    company = f"{clean.markdown(summary.company)}, " if summary.company else ""
    lines = [f"# {clean.markdown(summary.title.text)}", "", f"{company}{summary.date_text}", ""]
    lines += itertools.chain.from_iterable(_section(summary, message) for message in summary.messages)
    if summary.evidence:
        lines += ["## Evidence", ""]
        lines += itertools.chain.from_iterable(_evidence(summary, evidence) for evidence in summary.evidence)
    kept = [
        line for line, before in zip(lines, ["", *lines], strict=False) if line or before
    ]  # no two empty in a row
    return "\n".join(kept).rstrip() + "\n"

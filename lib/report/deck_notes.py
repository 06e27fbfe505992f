"""Speaker notes: what to say, and behind every number its query, its rows, its data and its date."""

from __future__ import annotations

from lib.engine.evidence import Evidence
from lib.report import clean, footmark
from lib.report.model import Line, Message, Said, Summary
from lib.report.names import opening


def day(at: str, fallback: str) -> str:
    """The day of a timestamp; the hour would make two exports of one day differ."""
    return at[:10] or fallback


def source_line(summary: Summary, message: Message) -> str:
    """The footer: which evidence, which files, how many rows, which day."""
    parts, seen = [], set()
    for evidence in message.sources():
        names = (
            ", ".join(f"{clean.line(s.name, 60)}, {s.rows:,} rows" for s in evidence.sources)
            or "typed by the team"
        )
        key = (names,)
        if key in seen:
            parts[-1:] = [parts[-1]]
            parts = [
                p.replace(f" {names}", f", {summary.number(evidence)} {names}") if p.endswith(names) else p
                for p in parts
            ]
            continue
        seen.add(key)
        parts.append(f"{summary.number(evidence)} {names}")
    if not parts:
        return (
            f"Source: the team's answers in the workbook, revision {summary.revision}, {summary.date_text}."
        )
    return f"Source: {'; '.join(parts)}. Queried {summary.date_text}."


def foot_line(summary: Summary, message: Message) -> str:
    """The foot of a slide: words that still have two meanings, then the source."""
    return " ".join(part for part in (footmark.foot(message), source_line(summary, message)) if part)


def describe(summary: Summary, evidence: Evidence) -> list[str]:
    """One evidence as lines of notes."""
    lines = [
        f"{summary.number(evidence)} · {opening(evidence.title)} ({evidence.id})",
        clean.line(evidence.definition),
    ]
    for source in evidence.sources:
        lines.append(  # noqa: PERF401
            f"Data: {clean.line(source.name, 120)}, {source.rows:,} rows read, fingerprint {source.fingerprint[:12]}"
        )
    if not evidence.sources:
        lines.append("Data: typed by the team")
    lines.append(f"Result: {len(evidence.rows):,} rows, queried {day(evidence.at, summary.as_of)}")
    if evidence.method:
        lines.append(f"Method: {clean.line(evidence.method)}")
    if evidence.params:
        lines.append(
            "Parameters: "
            + ", ".join(f"{name} = {clean.line(value, 120)}" for name, value in evidence.params)
        )
    if evidence.sql:
        lines += ["Query:", clean.text(evidence.sql, 6_000)]
    return [line for line in lines if line]


def notes(summary: Summary, message: Message, whole: list[str]) -> str:
    """The notes of one slide.

    Args:
        summary: The summary.
        message: The slide's message.
        whole: Texts that were shortened on the slide, in full.
    """
    blocks: list[str] = []
    say = [text.text for text in (*message.takeaways, *message.notes)]
    if say:
        blocks.append("SAY\n" + "\n".join(f"- {clean.line(text, 4_000)}" for text in say))
    if message.quote is not None:
        blocks.append(
            f"QUOTE\n“{message.quote.text}”"
            + (f" — {clean.line(message.quote.by)}" if message.quote.by else "")
        )
    if message.open_words:
        words = "\n".join(f"- {clean.line(line.text, 600)}" for line in message.open_words)
        blocks.append(f"TWO MEANINGS\n{words}\nSay which one you mean.")
    if whole:
        blocks.append(
            "IN FULL (shortened on the slide)\n" + "\n".join(clean.text(text, 8_000) for text in whole)
        )
    blocks += _headline(message)
    checked = [
        f"“{clean.line(claim.words)}” checked as true: {clean.line(claim.sql, 500)}"
        for claim in message.claims
    ]
    if checked:
        blocks.append("HEADLINE CHECK\n" + "\n".join(checked))
    for evidence in message.sources():
        blocks.append("\n".join(["EVIDENCE", *describe(summary, evidence)]))
    if not message.sources():
        blocks.append(
            f"EVIDENCE\nThe team's own answers, workbook revision {summary.revision}, {summary.date_text}."
        )
    return "\n\n".join(blocks)


def _headline(message: Message) -> list[str]:
    """Who worded the headline, when it was not us."""
    said = message.headline
    if isinstance(said, Said):
        by = f" ({clean.line(said.by)})" if said.by else ""
        return [f"HEADLINE\nWritten by the team{by}."]
    if isinstance(said, Line) and said.edited_by:
        by = clean.line(said.edited_by)
        return [f"HEADLINE\nReworded by {by}; its numbers come from the evidence below."]
    return []

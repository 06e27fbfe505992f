"""Speaker notes: what to say, and behind every number its query, its rows, its data and its date."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from lib.engine.evidence.evidence import Evidence
from lib.report import clean
from lib.report.story import term_marker
from lib.report.story.labels import quoted
from lib.report.story.names import opening, origin
from lib.report.story.summary_model import Line, Message, Said, Summary


def day(at: str, fallback: str) -> str:
    """The day of a timestamp; the hour would make two exports of one day differ."""
    return at[:10] or fallback


def source_line(summary: Summary, message: Message) -> str:
    """The footer: which evidence, which files, how many rows, which day."""
    used: dict[str, list[int]] = {}
    for evidence in message.sources():
        files = ", ".join(f"{clean.line(s.name, 60)}, {s.rows:,} rows" for s in evidence.sources)
        files = files if len(evidence.sources) <= _MOST_FILES else "several files"  # named on the last slide
        used.setdefault(files or origin(evidence), []).append(summary.place(evidence))
    parts = [
        f"{_numbers(places)} {names}" for names, places in sorted(used.items(), key=lambda item: min(item[1]))
    ]
    if not parts:
        return (
            f"Source: the team's answers in the workbook, revision {summary.revision}, {summary.date_text}."
        )
    return f"Source: {'; '.join(parts)}. Queried {summary.date_text}."


_MOST_FILES = 2


def _numbers(places: list[int]) -> str:
    """Numbers of tables in order; three or more in a row as a range.

    >>> _numbers([4, 1, 2, 3, 7])
    'E1–E4, E7'
    """
    runs: list[list[int]] = []
    for place in sorted(places):
        if runs and place == runs[-1][-1] + 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    written = ([f"E{run[0]}–E{run[-1]}"] if len(run) > 2 else [f"E{place}" for place in run] for run in runs)
    return ", ".join(itertools.chain.from_iterable(written))


def foot_line(summary: Summary, message: Message) -> str:
    """The foot of a slide: words that still have two meanings, then the source."""
    return " ".join(part for part in (term_marker.foot(message), source_line(summary, message)) if part)


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
        lines.append(f"Data: {origin(evidence)}")
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
    sources = message.sources()
    blocks = [
        _block("SAY", (f"- {clean.line(t.text, 4_000)}" for t in (*message.takeaways, *message.notes))),
        _block("QUOTE", filter(None, [quoted(message.quote)])),
        _block("TWO MEANINGS", (f"- {clean.line(line.text, 600)}" for line in message.open_words), _WHICH),
        _block("IN FULL (shortened on the slide)", (clean.text(text, 8_000) for text in whole)),
        *_headline(message),
        _block(
            "HEADLINE CHECK",
            (
                f"“{clean.line(claim.words)}” checked as true: {clean.line(claim.sql, 500)}"
                for claim in message.claims
            ),
        ),
        *(_block("EVIDENCE", describe(summary, evidence)) for evidence in sources),
    ]
    if not sources:
        answers = f"The team's own answers, workbook revision {summary.revision}, {summary.date_text}."
        blocks.append(_block("EVIDENCE", [answers]))
    return "\n\n".join(filter(None, blocks))


_WHICH = "Say which one you mean."


def _block(title: str, lines: Iterable[str], *after: str) -> str:
    """Lines under a title, and what always follows them; "" without lines."""
    said = list(lines)
    return "\n".join([title, *said, *after]) if said else ""


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

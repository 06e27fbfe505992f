"""The summary as Markdown: for a wiki, a pull request or a chat; the same numbers as the deck."""

from __future__ import annotations

from lib.engine.evidence import formats
from lib.engine.evidence.evidence import Evidence
from lib.report import clean
from lib.report.deck.notes import day
from lib.report.story import chart_table, term_marker
from lib.report.story.check import check
from lib.report.story.labels import STATUS, decision_lists
from lib.report.story.names import opening, origin
from lib.report.story.summary_model import (
    SECTION_NAMES,
    Cell,
    ChartBody,
    DecisionBody,
    MapBody,
    Message,
    ReasonsBody,
    Summary,
    TableBody,
    WordsBody,
)


def cell_text(cell: Cell) -> str:
    """A table cell as text."""
    return clean.line(cell.text.text)


def table(header: list[str], rows: list[list[str]], numbers: list[bool] | None = None) -> list[str]:
    """A Markdown table."""
    numbers = numbers or [False] * len(header)
    rule = "| " + " | ".join("---:" if is_number else "---" for is_number in numbers) + " |"
    return [
        "| " + " | ".join(clean.markdown(h) for h in header) + " |",
        rule,
        *("| " + " | ".join(clean.markdown(c) for c in row) + " |" for row in rows),
    ]


def chart_rows(body: ChartBody) -> tuple[list[str], list[list[str]]]:
    """A chart as header and rows of written numbers."""
    chart = body.chart
    grid = chart_table.grid(chart)
    header = [chart_table.humane(chart.x), *(s.name for s in grid.series)]
    rows = [
        [c, *(chart_table.written(chart, i, len(grid.categories) - 1, s.values[i]) for s in grid.series)]
        for i, c in enumerate(grid.categories)
    ]
    if chart.low and chart.high:
        low, high = (
            chart_table.grid(chart, chart.low).series[0],
            chart_table.grid(chart, chart.high).series[0],
        )
        header.append("Range")
        for index, row in enumerate(rows):
            row.append(
                f"{formats.write(low.values[index], chart.format)} to {formats.write(high.values[index], chart.format)}"
            )
    return header, rows


def _map_rows(body: MapBody) -> list[str]:
    crossings = {c.after: c for c in body.crossings}
    rows = []
    for index, stop in enumerate(body.stops):
        crossing = crossings.get(index)
        to_next = ""
        if crossing is not None:
            parts = [
                STATUS[crossing.status][1],
                crossing.rule.text,
                crossing.response.text if crossing.response else "",
            ]
            to_next = ". ".join(p for p in parts if p)
        detail = ", ".join(
            p for p in (stop.detail.text if stop.detail else "", stop.number.text if stop.number else "") if p
        )
        rows.append([stop.name.text, stop.owner.text, detail, to_next])
    return table(["Stage", "Owner", "Detail", "Handoff to the next stage"], rows)


def _body(message: Message) -> list[str]:
    body = message.body
    if isinstance(body, ChartBody):
        header, rows = chart_rows(body)
        return table(header, rows, [False, *[True] * (len(header) - 1)])
    if isinstance(body, TableBody):
        return table(
            [c.label for c in body.columns],
            [[cell_text(c) for c in row] for row in body.rows],
            [c.number for c in body.columns],
        )
    if isinstance(body, ReasonsBody):
        lead = [clean.markdown(body.lead.text), ""] if body.lead.text else []
        return lead + [
            f"{i}. **{clean.markdown(r.label.text)}.** {clean.markdown(r.text.text)}"
            for i, r in enumerate(body.reasons, 1)
        ]
    if isinstance(body, MapBody):
        return _map_rows(body)
    if isinstance(body, DecisionBody):
        chosen, sure = clean.markdown(body.recommendation.text), clean.markdown(body.confidence.text)
        lines = [f"{clean.markdown(body.label)}: **{chosen}**. {sure}", ""]
        if body.signals.rows:
            lines += [
                *table(
                    [c.label for c in body.signals.columns],
                    [[cell_text(c) for c in row] for row in body.signals.rows],
                    [c.number for c in body.signals.columns],
                ),
                "",
            ]
        for title, items in decision_lists(body):
            lines += [f"{title}:", "", *(f"- {clean.markdown(item.text)}" for item in items), ""]
        return lines
    if isinstance(body, WordsBody):
        return [line for p in body.paragraphs for line in (clean.markdown(p.text), "")]
    return []


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


def render(summary: Summary) -> str:
    """Make the Markdown text.

    Args:
        summary: What it says; checked first.
    """
    check(summary)
    company = f"{clean.markdown(summary.company)}, " if summary.company else ""
    lines = [f"# {clean.markdown(summary.title.text)}", "", f"{company}{summary.date_text}", ""]
    for message in summary.messages:
        lines += [
            f"## {clean.markdown(message.headline.text)}",
            "",
            f"*{SECTION_NAMES[message.section]}*",
            "",
        ]
        if message.caption is not None and message.caption.text:
            lines += [clean.markdown(message.caption.text), ""]
        lines += [*_body(message), ""]
        lines += [f"- {clean.markdown(t.text)}" for t in message.takeaways]
        if message.quote is not None:
            by = f" ({clean.markdown(message.quote.by)})" if message.quote.by else ""
            lines += ["", f"> “{clean.markdown(message.quote.text)}”{by}"]
        lines += ["", *(f"{term_marker.SIGN} {clean.markdown(line.text)}" for line in message.open_words)]
        numbers = ", ".join(summary.number(e) for e in message.sources())
        if message.section != "sources":
            lines += ["", f"Evidence: {numbers}" if numbers else "Evidence: the team's answers", ""]
    if summary.evidence:
        lines += ["## Evidence", ""]
        for evidence in summary.evidence:
            lines += _evidence(summary, evidence)
    out: list[str] = []
    for line in lines:
        if line or (out and out[-1]):
            out.append(line)
    return "\n".join(out).rstrip() + "\n"

"""Pictures of the metric audit: the board, sparklines, one metric over time, the quicksand waterfall, the tree."""

from __future__ import annotations

import html
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

from lib.analysis.audit.audit import AuditResult
from lib.analysis.audit.metric_rows import MetricLine
from lib.analysis.audit.north_star import Node, Tree
from lib.analysis.metrics.mix_rate import MixResult
from lib.analysis.metrics.series import label
from lib.charts.spec import Chart
from lib.engine.evidence import formats
from lib.engine.evidence.evidence import Evidence
from lib.framework import metric_kinds

COLUMNS = {
    metric_kinds.PROCESS: ("● Process", "How we reach people. Usually Marketing answers.", "process"),
    metric_kinds.SHARED: ("■ Shared", "Both teams move it; needs a contract.", "shared"),
    metric_kinds.OUTCOME: ("◆ Outcome", "What became of them. Usually Growth answers.", "outcome"),
    metric_kinds.UNASSIGNED: ("○ Not sorted yet", "Neither process nor outcome so far.", "muted"),
}
MOST = 7
SPARK_POINTS = 52
_CSS = Path(__file__).with_name("audit.css").read_text(encoding="utf-8")


def _safe(text: object) -> str:
    return html.escape(str(text))


def sparkline(line: MetricLine) -> str:
    """The last year of a metric as a small picture in its column's colour; "" without values."""
    if line.series is None:
        return ""
    values = [float(v) for v in line.series.values[-SPARK_POINTS:]]
    known = [v for v in values if not math.isnan(v)]
    if len(known) < 2:
        return ""
    low, high = min(known), max(known)
    span = (high - low) or 1.0
    step = 100 / max(len(values) - 1, 1)
    at = [(i * step, 27 - 24 * (v - low) / span) for i, v in enumerate(values) if not math.isnan(v)]
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in at)
    drawing = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="-2 0 104 30" '
        'preserveAspectRatio="none" width="104" height="30">'
        f'<polyline points="{points}" fill="none" stroke="#000" stroke-width="1.6" '
        f'vector-effect="non-scaling-stroke"/></svg>'
    )
    # As a mask over the column's colour: a page's cleaning of HTML takes drawn paths out, and a picture by itself would
    # not follow the reader's light or dark theme.
    return (
        f'<span class="spark" role="img" aria-label="{_safe(line.name)}, last year" '
        f"style=\"--line-of:url('data:image/svg+xml,{quote(drawing)}')\"></span>"
    )


def change_text(line: MetricLine) -> str:
    """The last periods against those before, in words; "" when unknown."""
    if line.series is None or line.change is None or math.isnan(line.change.relative):
        return ""
    arrow = "▲" if line.change.relative > 0.005 else "▼" if line.change.relative < -0.005 else "▬"
    unit = "4 weeks" if line.series.period == "week" else "month"
    now = formats.write(line.change.now, line.series.format)
    return f"{arrow} {formats.write(line.change.relative, '+percent')} to {now}, against the {unit} before"


def _card(line: MetricLine, names: dict[str, str], *, any_file: bool) -> str:
    change, spark = change_text(line), sparkline(line)
    shape = f"{'' if line.is_registered else 'proposed'}{'' if spark else ' wide'}".strip()
    notes = "".join(
        f'<span class="{look}">{_safe(text)}</span>'
        for look, text in (("change", change), *(("note", note) for note in _notes(line, names, any_file)))
        if text
    )
    return f'<li class="{shape}"><span class="name">{_safe(line.name)}</span>{spark}{_who(line)}{notes}</li>'


def _who(line: MetricLine) -> str:
    """Whose metric it is."""
    if not line.is_registered:
        return '<span class="who">found in the data, not in the register</span>'
    owners = " and ".join(line.metric.owners)
    return (
        f'<span class="who">{_safe(owners)}</span>' if owners else '<span class="who none">⚠ no owner</span>'
    )


def _notes(line: MetricLine, names: dict[str, str], any_file: bool) -> Iterator[str]:
    """What it moves, what is wrong with it, whether it feeds the North Star."""
    if line.leads:
        first = line.leads[0]
        weeks = f"{first.lag_weeks} week{'s' if first.lag_weeks > 1 else ''}"
        yield f"⟶ moves {weeks} before {names.get(first.outcome, first.outcome)} (correlational)"
    # Without any file every card would say that it is not measured; the page says so once.
    if line.verdict in _WRONG and line.verdict_reason and (any_file or line.series is not None):
        yield f"{_WRONG[line.verdict]}: {line.verdict_reason}"
    if line.feeds:
        yield "★ feeds the North Star"


_WRONG = {"drop": "✕ drop", "fix": "✎ fix"}


def board_html(result: AuditResult) -> str:
    """Process | Shared | Outcome side by side; below one another on a phone."""
    names = {line.series.id: line.name for line in result.lines if line.series is not None}
    any_file = bool(names)
    parts = []
    for kind, lines in result.board.items():
        if kind == metric_kinds.UNASSIGNED and not lines:
            continue
        title, sub, tone = COLUMNS[kind]
        ordered = sorted(lines, key=lambda line: (not line.is_registered, line.series is None))
        cards = "".join(_card(line, names, any_file=any_file) for line in ordered[:MOST])
        rest = (
            f'<p class="more">and {len(lines) - MOST} more in the register below</p>'
            if len(lines) > MOST
            else ""
        )
        body = f"<ul>{cards}</ul>{rest}" if lines else '<p class="none-yet">Nothing here yet.</p>'
        wide = ' class="wide"' if kind == metric_kinds.UNASSIGNED else ""
        parts.append(
            f'<section{wide} style="--tone:var(--{tone})"><h3>{title} ({len(lines)})</h3><p class="sub">{sub}</p>{body}</section>'
        )
    return f'<style>{_CSS}</style><div class="board">{"".join(parts)}</div>'


def tree_html(tree: Tree) -> str:
    """The North Star tree: solid lines are arithmetic, dashed ones hypotheses; the team boundary is drawn through it."""
    if not tree.nodes:
        return ""
    children: dict[str, list[Node]] = {}
    for node in tree.nodes[1:]:
        children.setdefault(node.parent, []).append(node)
    return f'<style>{_CSS}</style><ul class="tree">{_branch(tree.nodes[0], children, ())}</ul>'


def _branch(node: Node, children: dict[str, list[Node]], path: tuple[str, ...]) -> str:
    """One metric and what feeds it; inputs on the other side of the team boundary come below a line."""
    below = [] if node.id in path else children.get(node.id, [])
    same, across = [n for n in below if not n.crosses], [n for n in below if n.crosses]
    border = [_border(node, across)] if across else []
    drawn = {child.id: _branch(child, children, (*path, node.id)) for child in below}
    parts = "".join([drawn[n.id] for n in same] + border + [drawn[n.id] for n in across])
    inner = f"<ul>{parts}</ul>" if parts else ""
    return f'<li class="{node.edge or "root"}">{_node(node)}{inner}</li>'


def _border(node: Node, across: Sequence[Node]) -> str:
    """The line between two teams in the tree."""
    sides = " and ".join(dict.fromkeys(owner for child in across for owner in child.owners))
    return (
        f'<li class="border"><span>team boundary: {_safe(" and ".join(node.owners))} above, {_safe(sides)} below; '
        "what crosses it needs an agreement</span></li>"
    )


def _node(node: Node) -> str:
    title, _, tone = COLUMNS.get(node.kind, COLUMNS[metric_kinds.UNASSIGNED])
    edge = {"arithmetic": "= arithmetic", "hypothesis": "? hypothesis"}.get(node.edge, "★ North Star")
    owner = " and ".join(node.owners)
    state = [
        "✓ measured" if node.is_measured else '<em class="none">⚠ not measured</em>',
        f"{_safe(owner)} answers" if owner else '<em class="none">⚠ not owned</em>',
    ]
    return (
        f'<div class="node" style="--tone:var(--{tone})"><b>{_safe(node.name)}</b>'
        f'<span class="edge">{edge} · {title} · {" · ".join(state)}</span></div>'
    )


def metric_chart(line: MetricLine, table: Evidence) -> Chart | None:
    """One metric over time, from the table of all series."""
    if line.series is None:
        return None
    rows = tuple(
        (start, None if math.isnan(v) else float(v))
        for start, v in zip(line.series.starts, line.series.values, strict=True)
    )
    mine = replace(table, title=line.name, columns=("start", "value"), rows=rows)
    period = "week" if line.series.period == "week" else "month"
    said, tone = f"{line.name} by {period}.", COLUMNS.get(line.kind, COLUMNS[metric_kinds.UNASSIGNED])[2]
    return Chart(
        "lines", mine, "start", "value", said, format=line.series.format, tones=(("", tone),), caption=said
    )


def waterfall(found: MixResult, most: int = 3) -> Chart:
    """From the rate before over mix and rate effects by segment to the rate after; the bars add up exactly."""
    records = [row for row in found.table.records() if row["segment"] != "all"]
    rows: list[tuple[str, float]] = [(found.before.name, found.rate_before)]
    for word, column in (("mix", "mix_effect"), ("rate", "rate_effect")):
        ordered = sorted(records, key=lambda row, name=column: -abs(row[name]))
        rows += [(f"{str(row['segment']).replace('_', ' ')}, {word}", row[column]) for row in ordered[:most]]
        rest = sum(row[column] for row in ordered[most:])
        if ordered[most:]:
            rows.append((f"other segments, {word}", rest))
    rows.append((found.after.name, found.rate_after))
    table = replace(
        found.table, title=f"{label(found.what)}: waterfall", columns=("step", "value"), rows=tuple(rows)
    )
    alt = (
        f"{found.verdict.text} Bars: "
        + "; ".join(f"{name} {formats.write(value, 'percent1')}" for name, value in rows)
        + "."
    )
    return Chart(
        "waterfall",
        table,
        "step",
        "value",
        alt,
        format="percent1",
        caption="Mix: the segment's share changed. Rate: its own rate changed. All bars add up exactly.",
    )

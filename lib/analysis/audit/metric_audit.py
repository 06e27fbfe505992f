"""Do we measure process and outcome separately? The audit of a team's metrics, with or without data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lib.analysis.audit import findings as audit_findings
from lib.analysis.audit import metric_rows, quicksand
from lib.analysis.audit.metric_rows import Line, Measured, finite
from lib.analysis.audit.north_star import Tree, tree
from lib.analysis.metrics.lead_lag import ALPHA, MAX_LAG, MIN_WEEKS, Link
from lib.analysis.metrics.mix_rate import MixResult
from lib.analysis.result_types import Data
from lib.analysis.verdict import Finding, Verdict
from lib.engine.calendar import Calendar
from lib.engine.evidence.cache import step_cached
from lib.engine.evidence.evidence import Evidence, single
from lib.engine.query import now
from lib.framework import metric_kinds, slots
from lib.workbook.model import Workbook

GLANCE = (
    "id",
    "metric",
    "kind",
    "owner",
    "stage",
    "now",
    "change",
    "season",
    "year",
    "trend_per_period",
    "trend_low",
    "trend_high",
    "trend_p",
    "periods",
    "missing",
    "last_update",
    "verdict",
)
GLANCE_DEFINITION = (
    "Change: last four weeks (or last month) against those before; season: the same change a "
    "year earlier. Trend: change per "
    "period as a share of the mean, a line through the last 26 periods; its range allows for "
    "weeks that resemble the week before."
)
LINKS_DEFINITION = (
    "Correlation of what trend, season and the outcome's own past do not explain, at the lag "
    "that speaks loudest. p_adjusted is "
    "held over all pairs and lags together (Holm): at most a 5 % chance of even one false "
    "relation. Order in time is not proof of cause."
)


@dataclass(frozen=True)
class AuditResult:
    """The audit of one workbook.

    Attributes:
        verdict: Whether process and outcome are measured apart.
        findings: What deserves attention.
        evidence: Counts, the table of metrics, links, relations, the quicksand split, series.
        lines: One per metric: register first, then what is only in the data.
        links: Pairs that were correlated, most certain first (of very many, the first thousands).
        sand: The split of the main conversion between the first and last whole month, or None.
        north_star: The tree.
        missing: Slot -> what a file of it would add, for slots that are not open.
    """

    verdict: Verdict
    findings: tuple[Finding, ...]
    evidence: tuple[Evidence, ...]
    lines: tuple[Line, ...] = ()
    links: tuple[Link, ...] = ()
    sand: MixResult | None = None
    north_star: Tree = field(default_factory=lambda: Tree(()))
    missing: Mapping[str, str] = field(default_factory=dict)

    @property
    def board(self) -> dict[str, tuple[Line, ...]]:
        """Kind -> its lines: process, shared, outcome, unassigned."""
        return {
            kind: tuple(line for line in self.lines if _sorted_as(line) == kind)
            for kind in metric_kinds.KINDS
        }

    @property
    def proposals(self) -> tuple[Line, ...]:
        """Metrics of the data that are not in the register."""
        return tuple(line for line in self.lines if not line.is_registered)

    @property
    def glance(self) -> Evidence:
        """The table of all metrics."""
        return self.evidence[1]

    def line(self, id: str) -> Line | None:
        """The line of a metric."""
        return next((line for line in self.lines if line.id == id), None)


def _sorted_as(line: Line) -> str:
    return line.metric.kind if line.is_registered else line.kind


GAINS = {
    slots.METRICS: "change, trend, what each metric leads, duplicates and running totals",
    slots.EVENTS: "conversion between steps by channel, so that a fall can be settled into mix and rate",
    slots.SPEND: "which metrics move with the budget only",
}


@step_cached
def audit(workbook: Workbook, data: Data, *, today: dt.date | None = None) -> AuditResult:
    """Audit the register against the data; either may be empty.

    Args:
        workbook: Register, contracts, North Star.
        data: Slots metrics, events, spend are read.
        today: For reviews that are due; today in UTC when None.
    """
    today = today or dt.datetime.now(dt.UTC).date()
    found = metric_rows.measured(workbook, data)
    first = tree(workbook, frozenset(workbook.metrics))
    lines, links = metric_rows.lines(workbook, found, first.feeds, today)
    star = tree(workbook, frozenset(line.id for line in lines if line.series is not None))
    sand = (
        quicksand.detect(data[slots.EVENTS], Calendar.of(workbook.settings)) if slots.EVENTS in data else None
    )
    counts, glance = _counts(lines), _glance(lines, found)
    related, linked = _relations(lines, found), _links(links, found)
    findings = audit_findings.findings(workbook, lines, links, sand, glance, related, today)
    verdict = _verdict(lines, counts, sand)
    tables = [counts, glance, linked, related, *(sand.evidence if sand else ()), *found.evidence]
    missing = {slot: text for slot, text in GAINS.items() if slot not in data}
    return AuditResult(verdict, findings, tuple(tables), lines, links, sand, star, missing)


def _counts(lines: Sequence[Line]) -> Evidence:
    mine = [line for line in lines if line.is_registered]
    kinds = [line.metric.kind for line in mine]
    values: dict[str, Any] = {kind: kinds.count(kind) for kind in metric_kinds.KINDS}  # type: ignore[arg-type]
    values |= {
        "metrics": len(mine),
        "unowned": sum(not line.metric.owners for line in mine),
        "doubly_owned": sum(
            len(line.metric.owners) > 1 and line.metric.kind != metric_kinds.SHARED for line in mine
        ),
        "in_data_only": len(lines) - len(mine),
        "measured": sum(line.series is not None for line in mine),
    }
    return single(
        "The register in numbers",
        "Metrics of the register by kind and owner, as the team entered them.",
        values,
        at=now(),
    )


def _glance(lines: Sequence[Line], found: Measured) -> Evidence:
    rows = []
    for line in lines:
        change, trend, item = line.change, line.trend, line.series
        level = abs(trend.level) if trend and finite(trend.level) else 0.0
        share = (
            [
                finite(value / level) if level else None
                for value in (trend.slope.value, trend.slope.low, trend.slope.high)
            ]
            if trend
            else [None] * 3
        )
        rows.append(
            (
                line.id,
                line.name,
                _sorted_as(line),
                ", ".join(line.metric.owners),
                line.metric.aarrr or line.suggestion.aarrr,
                finite(change.now) if change else None,
                finite(change.relative) if change else None,
                finite(change.season) if change else None,
                finite(change.year) if change else None,
                *share,
                finite(trend.p_value) if trend else None,
                len(item.values) if item else 0,
                item.missing if item else None,
                item.last if item else None,
                line.metric.verdict or line.verdict,
            )
        )
    sources = tuple(source for table in found.evidence for source in table.sources)
    sql = found.evidence[0].sql if found.evidence else ""
    return Evidence(
        "Metrics at a glance",
        GLANCE_DEFINITION,
        sql,
        GLANCE,
        tuple(rows),
        (),
        sources,
        now(),
        "Newey-West with fixed-b critical values",
    )


def _links(links: Sequence[Link], found: Measured) -> Evidence:
    names = {key: item.name for key, item in found.series.items()}
    rows = tuple(
        (
            names.get(k.process, k.process),
            names.get(k.outcome, k.outcome),
            k.lag_weeks,
            k.r,
            k.p_value,
            finite(k.p_adjusted),
            k.n,
        )
        for k in links[:500]
    )
    sources = tuple(source for table in found.evidence for source in table.sources)
    return Evidence(
        "What moves before what",
        LINKS_DEFINITION,
        found.evidence[0].sql if found.evidence else "",
        ("process", "outcome", "lag_weeks", "r", "p_value", "p_adjusted", "weeks"),
        rows,
        (("max_lag_weeks", MAX_LAG), ("alpha", ALPHA), ("min_weeks", MIN_WEEKS)),
        sources,
        now(),
        "regression with autocorrelated errors, Holm over all pairs and lags",
    )


def _relations(lines: Sequence[Line], found: Measured) -> Evidence:
    names = {line.id: line.name for line in lines}
    rows: list[tuple[Any, ...]] = []
    for line in lines:
        if line.duplicate_of and line.series is not None:
            twin = next(other for other in lines if other.id == line.duplicate_of)
            rows.append((line.name, "repeats", names[line.duplicate_of], _correlation(line, twin)))
        if line.spend is not None:
            other = found.series.get(line.spend.process)
            rows.append(
                (
                    line.name,
                    "moves with spend only",
                    other.name if other else line.spend.process,
                    line.spend.r,
                )
            )
    sources = tuple(source for table in found.evidence for source in table.sources)
    return Evidence(
        "Duplicates and spend",
        "Correlation of week-to-week moves that trend, season and past do not explain. From 0.9 on, "
        "two metrics are one; from 0.8 on with spend, and no relation to an outcome beyond it, "
        "a metric moves with spend only.",
        found.evidence[0].sql if found.evidence else "",
        ("metric", "relation", "other", "r"),
        tuple(rows),
        (),
        sources,
        now(),
        "innovations of autoregressions, normal scores",
    )


def _correlation(a: Line, b: Line) -> float | None:
    from lib.analysis.audit.duplicates import duplicates

    pair = duplicates([item.series for item in (a, b) if item.series is not None])
    return pair[0].r if pair else None


def _verdict(lines: Sequence[Line], counts: Evidence, sand: MixResult | None) -> Verdict:
    """The answer to the step's question from the register; the data add to it, they do not replace it."""
    n = counts.records()[0]
    facts = {
        name: counts.fact(0, name, "count")
        for name in ("process", "outcome", "shared", "unassigned", "unowned", "metrics", "in_data_only")
    }
    why = _why(n, sand)
    if not n["metrics"]:
        needs = (
            "take the metrics found in your data into the register"
            if n["in_data_only"]
            else "add your metrics by hand, from the catalogue, or with a metrics file"
        )
        waiting = {"metrics_in_the_data": facts["in_data_only"]} if n["in_data_only"] else {}
        wait = "metric waits" if n["in_data_only"] == 1 else "metrics wait"
        text = (
            f"Can't tell yet: the register is empty, {{metrics_in_the_data}} {wait} in the data."
            if waiting
            else "Can't tell yet: no metric is listed."
        )
        return Verdict("unclear", text, waiting, needs=needs, code="empty", why=why)
    if not n["process"] or not n["outcome"]:
        side = "outcome" if n["process"] else "process" if n["outcome"] else "process and outcome"
        return Verdict(
            "bad",
            f"No: of {{metrics}} metrics none is sorted as {side}.",
            facts,
            code="one_sided",
            why=why,
            flips=f"One owned {side} metric would change this.",
        )
    open_ = n["unassigned"] + n["unowned"] + n["doubly_owned"]
    base = "{process} process, {outcome} outcome and {shared} shared metrics"
    if not open_:
        return Verdict(
            "good",
            f"Yes: {base}, each with an owner.",
            facts,
            code="separate",
            why=why,
            flips="An unowned or unsorted metric would change this.",
        )
    tail = [
        part
        for part, there in (
            ("{unassigned} not sorted", n["unassigned"]),
            ("{unowned} without owner", n["unowned"]),
        )
        if there
    ]
    text = f"Partly: {base}" + (", but " + " and ".join(tail) if tail else ", but some are owned twice") + "."
    share = open_ / n["metrics"]
    return Verdict(
        "bad" if share > 0.5 else "mixed",
        text,
        facts,
        code="partly",
        why=why,
        flips="Naming one owner and one kind for each metric.",
    )


def _why(n: Mapping[str, Any], sand: MixResult | None) -> tuple[str, ...]:
    out = []
    if sand is not None and quicksand.is_quicksand(sand):
        out.append(sand.verdict.text)
    if n["metrics"] and n["in_data_only"]:
        more = "1 more metric is" if n["in_data_only"] == 1 else f"{n['in_data_only']} more metrics are"
        out.append(f"{more} in the data but not in the register.")
    if n["metrics"] and n["measured"] < n["metrics"]:
        bare = n["metrics"] - n["measured"]
        out.append(f"No file measures {bare} of {n['metrics']} yet.")
    return tuple(out)

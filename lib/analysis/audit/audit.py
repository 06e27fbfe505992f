"""Do we measure process and outcome separately? The audit of a team's metrics, with or without data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lib.analysis.audit import findings as audit_findings
from lib.analysis.audit import metric_rows, quicksand, words
from lib.analysis.audit.duplicates import duplicates
from lib.analysis.audit.metric_rows import Measured, MetricLine, finite
from lib.analysis.audit.north_star import Tree, tree
from lib.analysis.metrics.lead_lag import ALPHA, MAX_LAG, MIN_WEEKS, Link
from lib.analysis.metrics.mix_rate import MixResult
from lib.analysis.result_types import Data
from lib.analysis.templates import TableWords
from lib.analysis.verdict import Finding, Verdict
from lib.engine.calendar import Calendar
from lib.engine.evidence.cache import step_cached
from lib.engine.evidence.evidence import Evidence, single
from lib.engine.query import now
from lib.framework import metric_kinds, slots
from lib.stats.series import Trend
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
    lines: tuple[MetricLine, ...] = ()
    links: tuple[Link, ...] = ()
    sand: MixResult | None = None
    north_star: Tree = field(default_factory=lambda: Tree(()))
    missing: Mapping[str, str] = field(default_factory=dict)

    @property
    def board(self) -> dict[str, tuple[MetricLine, ...]]:
        """Kind -> its lines: process, shared, outcome, unassigned."""
        return {
            kind: tuple(line for line in self.lines if _sorted_as(line) == kind)
            for kind in metric_kinds.KINDS
        }

    @property
    def proposals(self) -> tuple[MetricLine, ...]:
        """Metrics of the data that are not in the register."""
        return tuple(line for line in self.lines if not line.is_registered)

    @property
    def glance(self) -> Evidence:
        """The table of all metrics."""
        return self.evidence[1]

    def line(self, id: str) -> MetricLine | None:
        """The line of a metric."""
        return next((line for line in self.lines if line.id == id), None)


def _sorted_as(line: MetricLine) -> str:
    return line.metric.kind if line.is_registered else line.kind


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
    missing = {slot: gain.text for slot, gain in words.MISSING_DATA_HINTS.items() if slot not in data}
    return AuditResult(verdict, findings, tuple(tables), lines, links, sand, star, missing)


def _counts(lines: Sequence[MetricLine]) -> Evidence:
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
        words.COUNTS_TABLE.text,
        words.COUNTS_TABLE.means,
        values,
        at=now(),
    )


def _glance(lines: Sequence[MetricLine], found: Measured) -> Evidence:
    rows = tuple(_glance_row(line) for line in lines)
    method = "Newey-West with fixed-b critical values"
    return _table(found, words.GLANCE_TABLE, GLANCE, rows, method)


def _glance_row(line: MetricLine) -> tuple[object, ...]:
    """One metric in the order of `GLANCE`."""
    change, trend, item = line.change, line.trend, line.series
    moved = (change.now, change.relative, change.season, change.year) if change else (None,) * 4
    return (
        line.id,
        line.name,
        _sorted_as(line),
        ", ".join(line.metric.owners),
        line.metric.aarrr or line.suggestion.aarrr,
        *(finite(value) for value in moved),
        *(_sloped(trend) if trend else (None,) * 4),
        *((len(item.values), item.missing, item.last) if item else (0, None, None)),
        line.metric.verdict or line.verdict,
    )


def _sloped(trend: Trend) -> tuple[float | None, ...]:
    """Slope with its range as a share of the level, and its p-value."""
    level, slope = abs(trend.level), trend.slope
    ends = (slope.value, slope.low, slope.high)
    shares = (finite(value / level) if finite(level) else None for value in ends)
    return (*shares, finite(trend.p_value))


def _table(
    found: Measured,
    table_words: TableWords,
    columns: tuple[str, ...],
    rows: tuple[tuple[Any, ...], ...],
    method: str,
    params: tuple[tuple[str, Any], ...] = (),
) -> Evidence:
    """A table made of all the series, with the files they were read from."""
    sources = tuple(source for table in found.evidence for source in table.sources)
    sql = found.evidence[0].sql if found.evidence else ""
    return Evidence(table_words.text, table_words.means, sql, columns, rows, params, sources, now(), method)


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
    return _table(
        found,
        words.LINKS_TABLE,
        ("process", "outcome", "lag_weeks", "r", "p_value", "p_adjusted", "weeks"),
        rows,
        "regression with autocorrelated errors, Holm over all pairs and lags",
        (("max_lag_weeks", MAX_LAG), ("alpha", ALPHA), ("min_weeks", MIN_WEEKS)),
    )


def _relations(lines: Sequence[MetricLine], found: Measured) -> Evidence:
    by_id = {line.id: line for line in lines}
    rows: list[tuple[Any, ...]] = []
    for line in lines:
        if line.duplicate_of and line.series is not None:
            twin = by_id[line.duplicate_of]
            rows.append((line.name, "repeats", twin.name, _correlation(line, twin)))
        if line.spend is not None:
            spend = found.series.get(line.spend.process)
            name = spend.name if spend else line.spend.process
            rows.append((line.name, "moves with spend only", name, line.spend.r))
    return _table(
        found,
        words.RELATIONS_TABLE,
        ("metric", "relation", "other", "r"),
        tuple(rows),
        "innovations of autoregressions, normal scores",
    )


def _correlation(a: MetricLine, b: MetricLine) -> float | None:
    pair = duplicates([item.series for item in (a, b) if item.series is not None])
    return pair[0].r if pair else None


def _verdict(lines: Sequence[MetricLine], counts: Evidence, sand: MixResult | None) -> Verdict:
    """The answer to the step's question from the register; the data add to it, they do not replace it."""
    n = counts.records()[0]
    facts = {
        name: counts.fact(0, name, "count")
        for name in ("process", "outcome", "shared", "unassigned", "unowned", "metrics", "in_data_only")
    }
    why = _why(n, sand)
    if not n["metrics"]:
        waiting = words.WAITING.of(n["in_data_only"])
        is_waiting = {"metrics_in_the_data": facts["in_data_only"]}
        return waiting.verdict(is_waiting, why) if n["in_data_only"] else words.EMPTY.verdict(why=why)
    absent = [kind for kind in (metric_kinds.PROCESS, metric_kinds.OUTCOME) if not n[kind]]
    if absent:
        return words.ONE_SIDED.worded(side=" and ".join(absent)).verdict(facts, why)
    open_ = n["unassigned"] + n["unowned"] + n["doubly_owned"]
    if not open_:
        return words.SEPARATE.verdict(facts, why)
    parts = {"unassigned": words.OPEN_UNSORTED, "unowned": words.OPEN_UNOWNED}
    named = [part.text for name, part in parts.items() if n[name]] or [words.OPEN_TWICE.text]
    partly = words.PARTLY.worded(open=" and ".join(named))
    return partly.verdict(facts, why, status="bad" if open_ / n["metrics"] > 0.5 else "mixed")


def _why(n: Mapping[str, Any], sand: MixResult | None) -> tuple[str, ...]:
    out = []
    if sand is not None and quicksand.is_quicksand(sand):
        out.append(sand.verdict.text)
    if n["metrics"] and n["in_data_only"]:
        out.append(words.MORE_IN_DATA.of(n["in_data_only"]).write(n=str(n["in_data_only"])))
    if n["metrics"] and n["measured"] < n["metrics"]:
        bare = n["metrics"] - n["measured"]
        out.append(words.UNMEASURED.write(bare=str(bare), all=str(n["metrics"])))
    return tuple(out)

"""How many users get from one event to the next, in order, within a window."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lib.analysis.events.funnel_sql import portable_sql
from lib.analysis.result_types import TableResult
from lib.analysis.verdict import Finding, Verdict
from lib.engine import query
from lib.engine.datasets.dataset import Dataset
from lib.engine.evidence.cache import cached
from lib.engine.evidence.evidence import Evidence, Fact, Scalar
from lib.engine.sources.answers import OTHER, FunnelCounts, FunnelQuestion
from lib.errors import DataError
from lib.framework import slots
from lib.stats.intervals import wilson, z_value

ALL = "all"
COLUMNS = (
    "segment",
    "step",
    "users",
    "conversion_rate",
    "step_conversion_rate",
    "ci_low",
    "ci_high",
    "median_hours",
    "immature_users",
    "position",
)
ENTRIES = {
    "any": "any start counts",
    "first": "only each user's first start counts",
    "fresh": "only the first time of each step counts, and whoever was further already is left out",
}
MAX_STEPS, MAX_SEGMENTS = 20, 20
ENOUGH_ENTRANTS = 30  # below that even the order of magnitude of a rate is open


@dataclass(frozen=True)
class FunnelResult(TableResult):
    """A funnel for everybody and by segment.

    Attributes:
        steps: Event names in order.
        window_days: Longest time from the first step to the last.
        entry: any | first | fresh.
        by: Column of the segments; "" for none.
        verdict: How many get through and where most are lost.
        findings: Where it leaks, which segment stands apart.
        evidence: One Evidence; its rows are `COLUMNS`, the whole population (`all`) first.
    """

    steps: tuple[str, ...]
    window_days: float
    entry: str
    by: str

    @property
    def segments(self) -> tuple[str, ...]:
        """Segments in the order of the rows, `all` first."""
        return tuple(dict.fromkeys(self.evidence[0].column("segment")))

    def fact(self, column: str, step: int, segment: str = ALL, format: str = "percent1") -> Fact:
        """The cell of one step (0-based) of one segment as a fact."""
        table = self.evidence[0]
        return table.fact(table.find(segment=segment, position=step + 1), column, format)


@cached
def funnel(
    dataset: Dataset,
    steps: Sequence[str],
    *,
    window_days: float = 14,
    entry: str = "any",
    by: str = "",
    step_window_days: Sequence[float | None] = (),
) -> FunnelResult:
    """Count users through an ordered funnel.

    A user reaches step k when events of steps 1..k exist at times t1 <= t2 <= ... <= tk with tk - t1 within
    the window (and each ti - t(i-1) within its own window, where one is given). Equal times count in step
    order. A step whose event already came earlier in the funnel must be strictly later than the step before
    it, so one event never fills two steps. `entry="any"` lets any occurrence of the first step start an
    attempt; `entry="first"` follows only the user's first one, and from each step the first next one. `entry="fresh"`
    looks only at the first time ever of every step: whoever did a later step before an earlier one was further already
    and does not enter. The journey's picture (`journey.flow`) is this last one, from each stage to the next.

    A user whose first entry lies less than a window before the last event of the data is immature:
    counted in `users` and in `immature_users`, left out of every rate, interval and median, because they may
    still get through. So data cut off earlier never lowers a rate. `conversion_rate` is of all who entered,
    `step_conversion_rate` of the step before; the interval is Wilson's for `conversion_rate`; `median_hours`
    is the time from the step before, taken from the first time the user completes the step.

    Args:
        dataset: Events.
        steps: Two or more event names; a name may come again.
        window_days: Longest time from the first step.
        entry: any | first | fresh.
        by: Text column to split users by, e.g. "channel": the value of their earliest event that has one.
        step_window_days: Longest time from the step before, for each step after the first; None where only
            the whole window counts.

    Raises:
        DataError: Fewer than two steps, an event or column that does not exist, a window that is not
            positive.

    Source:
        ClickHouse `windowFunnel` (default mode), PostHog funnels, for any entry; Mixpanel's first-attempt
        counting for first.
    """
    _check(steps, window_days, entry, step_window_days)
    question = FunnelQuestion(
        tuple((step,) for step in steps), window_days, tuple(step_window_days), entry, by, MAX_SEGMENTS
    )
    found = query.events(dataset).funnel(question)
    sql, params = portable_sql(
        steps, window_days=window_days, entry=entry, by=by, step_window_days=step_window_days
    )
    evidence = query.evidence(
        "Funnel",
        _definition(steps, window_days, entry, by),
        sql,
        {slots.EVENTS: dataset},
        params,
        rows=_rows(steps, found),
        columns=COLUMNS,
        method="Wilson interval, 95 %, of the conversion rate among users whose window has passed",
    )
    verdict, findings = conclude(evidence, tuple(steps), by)
    return FunnelResult(verdict, findings, (evidence,), tuple(steps), float(window_days), entry, by)


def _check(
    steps: Sequence[str], window_days: float, entry: str, step_window_days: Sequence[float | None]
) -> None:
    if not 2 <= len(steps) <= MAX_STEPS:
        raise DataError(
            f"A funnel has between two and {MAX_STEPS} steps, not {len(steps)}.", "Choose its steps again."
        )
    windows = [window_days, *(days for days in step_window_days if days is not None)]
    if any(not math.isfinite(days) or days <= 0 for days in windows):
        raise DataError(
            "A funnel's window must be longer than zero days.", "Enter a number of days above zero."
        )
    if entry not in ENTRIES:
        raise DataError(
            f"There is no way of counting entries called {entry!r}.", "Choose any, first or fresh."
        )
    if entry == "fresh" and len(set(steps)) < len(steps):
        raise DataError(
            "A step that comes again has no first time of its own.",
            "Count any or first entries, or remove it.",
        )
    if len(step_window_days) > len(steps) - 1:
        raise DataError("There are more step windows than steps after the first.", "Remove the extra ones.")


def _definition(steps: Sequence[str], window_days: float, entry: str, by: str) -> str:
    split = f", split by each user's first {by}" if by else ""
    return (
        f"Users who did {' then '.join(steps)} in this order within {window_days:g} days of the first; "
        f"{ENTRIES[entry]}{split}. "
        "Users whose window had not passed when the data ends are left out of the rates."
    )


@dataclass(frozen=True)
class Rates:
    """What the counts of one step say; None where nobody has had time.

    Attributes:
        conversion: Of all who entered and whose window has passed, the share who reached the step.
        low, high: Its Wilson interval.
        step_conversion: Of those at the step before, the share who reached this one.
    """

    conversion: float | None
    low: float | None
    high: float | None
    step_conversion: float | None


def rates(mature: Sequence[int]) -> list[Rates]:
    """Rates of every step of one funnel.

    Args:
        mature: Users at each step whose window has passed.
    """
    entered = int(mature[0])
    if not entered:
        return [Rates(None, None, None, None)] * len(mature)
    shares = [wilson(int(n), entered) for n in mature]
    before = [entered, *(int(n) for n in mature[:-1])]
    return [
        Rates(share.value, share.low, share.high, int(n) / b if b else None)
        for share, n, b in zip(shares, mature, before, strict=True)
    ]


def _rows(steps: Sequence[str], found: FunnelCounts) -> list[tuple[Scalar, ...]]:
    """One row a step: of everybody, then of each segment."""
    rows: list[tuple[Scalar, ...]] = []
    for index, name in enumerate([ALL, *found.segments]):
        users, immature = found.users[index], found.immature[index]
        for step, rate in enumerate(rates(users - immature)):
            rows.append(
                (
                    name,
                    steps[step],
                    int(users[step]),
                    rate.conversion,
                    rate.step_conversion,
                    rate.low,
                    rate.high,
                    found.median_hours[step][index],
                    int(immature[step]),
                    step + 1,
                )
            )
    return rows


def conclude(evidence: Evidence, steps: tuple[str, ...], by: str) -> tuple[Verdict, tuple[Finding, ...]]:
    """What a funnel's table says.

    Args:
        evidence: Table with `COLUMNS`.
        steps: Event names in order.
        by: Column of the segments, "" for none.
    """
    whole = [row for row in evidence.records() if row["segment"] == ALL]
    entrants = whole[0]["users"] - whole[0]["immature_users"]
    facts: dict[str, Fact | str] = {
        "entrants": evidence.fact(0, "users", "count"),
        "start": steps[0],
        "end": steps[-1],
    }
    if entrants < ENOUGH_ENTRANTS:
        return Verdict(
            "unclear",
            "Can't tell yet how many get from {start} to {end}: too few users have had time to get through.",
            facts,
            code="funnel_too_few",
            needs=f"about {ENOUGH_ENTRANTS - entrants} more users whose window has passed",
        ), ()
    facts |= {
        name: evidence.fact(len(steps) - 1, column, "percent1")
        for name, column in (("rate", "conversion_rate"), ("low", "ci_low"), ("high", "ci_high"))
    }
    finding = _leak(evidence, whole, steps)
    facts |= finding.facts
    loses = whole[-1]["conversion_rate"] != 1
    needed = _needed(whole[-1]["conversion_rate"], entrants)
    gap = _gap(evidence, len(steps)) if by else None
    if needed:
        verdict = Verdict(
            "unclear",
            "Between {low} and {high} get from {start} to {end}: too wide to act on.",
            facts,
            code="funnel_wide",
            needs=f"about {needed:,} more users whose window has passed",
        )
    else:
        verdict = _apart(evidence, *gap, facts) if gap else _whole(facts)
    return verdict, (finding,) if loses else ()


def _leak(evidence: Evidence, whole: Sequence[Mapping[str, Any]], steps: tuple[str, ...]) -> Finding:
    """The step that loses most."""
    rates = [row["step_conversion_rate"] for row in whole]
    leak = min(range(1, len(steps)), key=lambda i: math.inf if rates[i] is None else rates[i])
    return Finding(
        "funnel_leak",
        "medium",
        "Most are lost between {from_step} and {to_step}: {leak} of them go on.",
        "A gain at the weakest step moves everything after it.",
        (steps[leak - 1], steps[leak]),
        {
            "from_step": steps[leak - 1],
            "to_step": steps[leak],
            "leak": evidence.fact(leak, "step_conversion_rate", "percent1"),
        },
        evidence=evidence,
    )


def _apart(evidence: Evidence, worst: int, best: int, facts: Mapping[str, Fact | str]) -> Verdict:
    """Two segments whose intervals lie apart, by their rows."""
    return Verdict(
        "mixed",
        "{rate} get from {start} to {end}: {best} brings {best_rate} through, {worst} only {worst_rate}.",
        {
            **facts,
            "best": evidence.rows[best][0],
            "worst": evidence.rows[worst][0],
            "best_rate": evidence.fact(best, "conversion_rate", "percent1"),
            "worst_rate": evidence.fact(worst, "conversion_rate", "percent1"),
        },
        code="funnel_segments_differ",
        flips="Intervals of the two segments that overlap.",
    )


def _whole(facts: Mapping[str, Fact | str]) -> Verdict:
    """Everybody's rate and the step that loses most, where any does."""
    rate = facts["rate"]
    if isinstance(rate, Fact) and rate.value == 1:
        return Verdict(
            "info",
            "Everybody gets from {start} to {end} ({low} to {high}): no step loses anyone.",
            facts,
            code="funnel_all",
            flips="A step that somebody does not take.",
        )
    return Verdict(
        "info",
        "{rate} ({low} to {high}) get from {start} to {end}; most are lost between {from_step} and "
        "{to_step}.",
        facts,
        code="funnel_leak",
        flips="Another step with a lower step rate.",
    )


def _needed(rate: float, entrants: int) -> int:
    """More users needed until the interval is within half of the rate either way; 0 when it already is."""
    floor = max(rate, 1 / entrants)
    needed = math.ceil(z_value(0.95) ** 2 * (1 - floor) / (floor * 0.25))
    return max(0, needed - entrants)


def _gap(evidence: Evidence, last: int) -> tuple[int, int] | None:
    """Rows of the worst and best segment at the last step, if their intervals lie apart."""
    at_end: Mapping[int, dict[str, Scalar]] = {
        index: row
        for index, row in enumerate(evidence.records())
        if row["position"] == last
        and row["segment"] not in (ALL, OTHER)
        and row["conversion_rate"] is not None
    }
    if len(at_end) < 2:
        return None
    worst = min(at_end, key=lambda i: at_end[i]["ci_high"])
    best = max(at_end, key=lambda i: at_end[i]["ci_low"])
    return (worst, best) if at_end[worst]["ci_high"] < at_end[best]["ci_low"] else None

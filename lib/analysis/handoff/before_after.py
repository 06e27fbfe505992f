"""Before and after an agreement: what the data say since a contract applies, for the day it is looked at again."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, TypeVar

import numpy as np
from scipy import stats

from lib.analysis.handoff import words_measured as words
from lib.analysis.handoff.sla import ContractMeasure
from lib.analysis.metrics.series import MetricSeries
from lib.analysis.verdict import Finding, Status, Verdict
from lib.engine.calendar import day_of
from lib.engine.evidence.evidence import Evidence, Fact
from lib.engine.query import now
from lib.stats.proportions import newcombe

MOST_WEEKS = 13  # a quarter on each side; longer mixes in other changes
ENOUGH_WEEKS = 3
ENOUGH_PEOPLE = 30
WEEK = dt.timedelta(days=7)
COLUMNS = ("measure", "before", "after", "change", "change_low", "change_high", "weeks_before", "weeks_after")
_Dated = TypeVar("_Dated", bound=tuple[dt.date, *tuple[Any, ...]])


@dataclass(frozen=True)
class Review:
    """Before and after.

    Attributes:
        verdict: The sentence.
        table: Evidence with `COLUMNS`, one row a measure.
        last: Last day the data reach; how fresh they are.
    """

    verdict: Verdict
    table: Evidence
    last: dt.date

    @property
    def findings(self) -> tuple[()]:
        """None of its own."""
        return ()


class _HandoffWeek(NamedTuple):
    """Handoffs of one week that could be judged."""

    start: dt.date
    handed: int
    mature: int
    inside: int


def _sides(
    weeks: Sequence[_Dated], agreed: dt.date, length: dt.timedelta
) -> tuple[list[_Dated], list[_Dated]]:
    """Periods that ended before the agreement, and those that began since: as many where there are, a quarter at most."""
    after = [week for week in weeks if week[0] >= agreed][:MOST_WEEKS]
    before = [week for week in weeks if week[0] + length <= agreed]
    return before[-max(len(after), ENOUGH_WEEKS) :][-MOST_WEEKS:], after


def of_handoff(contract: ContractMeasure, agreed: dt.date | None) -> Review | None:
    """The share picked up in time and the handoffs a week, before and since a handoff contract applies.

    Args:
        contract: The contract measured.
        agreed: From when it applies; None when unknown.

    Returns:
        None while no week can be judged at all.
    """
    weeks = [
        _HandoffWeek(day_of(row["week"]), row["handed"], row["mature"], row["inside"])
        for row in contract.weekly.records()
    ]
    judged = [week for week in weeks if week.mature]
    if agreed is None or not judged:
        return None
    before, after = _sides(judged, agreed, WEEK)
    counted = (len(before), len(after))
    handed = _means([float(week.handed) for week in before], [float(week.handed) for week in after])
    rows = (
        ("picked up in time", *_shares(before, after), *counted),
        ("handed over a week", *handed, *counted),
    )
    table = _table(words.SINCE_TABLE.text, rows, contract.weekly)
    last = max(week.start for week in weeks) + WEEK - dt.timedelta(days=1)
    if min(counted) < ENOUGH_WEEKS or min(_people(before), _people(after)) < ENOUGH_PEOPLE:
        return Review(_too_early(table, agreed, last, len(after)), table, last)
    return Review(_of_shares(table, agreed), table, last)


def _people(weeks: Sequence[_HandoffWeek]) -> int:
    """Handed over long enough ago to be judged."""
    return sum(week.mature for week in weeks)


def _shares(before: Sequence[_HandoffWeek], after: Sequence[_HandoffWeek]) -> tuple[float | None, ...]:
    """Share picked up in time before and after, and the difference with its Newcombe interval."""
    n0, n1 = _people(before), _people(after)
    x0, x1 = (sum(week.inside for week in side) for side in (before, after))
    if not n0 or not n1:
        return x0 / n0 if n0 else None, x1 / n1 if n1 else None, None, None, None
    change = newcombe(x0, n0, x1, n1)
    return x0 / n0, x1 / n1, change.value, change.low, change.high


def _of_shares(table: Evidence, agreed: dt.date) -> Verdict:
    """What became of a handoff contract, from the row of shares and the row of counts."""
    status = _way(table.records()[0], up=True)
    facts: dict[str, Fact | str] = {
        "since": _dated(table, agreed),
        "after": table.fact(0, "after", "percent"),
        "before": table.fact(0, "before", "percent"),
        "change": table.fact(0, "change", "+points"),
        "low": table.fact(0, "change_low", "+points"),
        "high": table.fact(0, "change_high", "+points"),
        "many": table.fact(1, "after", "count"),
        "few": table.fact(1, "before", "count"),
    }
    word = words.CHANGE_WORDS[status]
    text = words.HANDOFF_SINCE.worded(
        was=words.AS_BEFORE if str(facts["after"]) == str(facts["before"]) else words.INSTEAD_OF,
        word=word,
        were=words.AS_BEFORE if str(facts["many"]) == str(facts["few"]) else words.INSTEAD_OF_FEW,
    ).text
    return Verdict(status, text, facts, code=word.replace(" ", "_"))


def of_metrics(
    named: Sequence[tuple[str, MetricSeries, bool]], agreed: dt.date | None, source: Evidence | None = None
) -> Review | None:
    """Weekly metrics before and since a shared contract applies: the metric itself, then its guardrail.

    Args:
        named: (role, series, whether up is good), the shared metric first.
        agreed: From when the contract applies; None when unknown.
        source: What the series were read from.

    Returns:
        None without a series or a date.
    """
    if agreed is None or not named:
        return None
    table = Evidence(
        words.SINCE_CONTRACT_TABLE.text,
        words.SINCE_TABLE.means,
        source.sql if source else "",
        COLUMNS,
        tuple(_metric_row(role, item, agreed) for role, item, _ in named),
        (("agreed", agreed),),
        source.sources if source else (),
        now(),
        "Welch interval over weekly values, 95 %",
    )
    last = max(item.last for _, item, _ in named)
    fewest = min(table.rows[0][-2:])  # weeks of the shared metric itself
    if fewest < ENOUGH_WEEKS:
        return Review(_too_early(table, agreed, last, fewest), table, last)
    return Review(_said(table, named, agreed), table, last)


def _metric_row(role: str, item: MetricSeries, agreed: dt.date) -> tuple[object, ...]:
    """One metric before and since, in the order of `COLUMNS`."""
    known = [
        (start, float(value))
        for start, value in zip(item.starts, item.values, strict=True)
        if not math.isnan(value)
    ]
    before, after = _sides(known, agreed, WEEK if item.period == "week" else 4 * WEEK)
    means = _means([value for _, value in before], [value for _, value in after])
    return (f"{role}: {item.name}", *means, len(before), len(after))


def with_review(finding: Finding, review: Review | None) -> Finding:
    """A finding that a review is due, with what the data say since the contract applies; unchanged without."""
    if review is None:
        return finding
    return replace(
        finding,
        template=f"{finding.template} {review.verdict.template}",
        facts={**finding.facts, **review.verdict.facts},
        evidence=review.table,
    )


def _said(table: Evidence, named: Sequence[tuple[str, MetricSeries, bool]], agreed: dt.date) -> Verdict:
    facts: dict[str, Fact | str] = {"since": _dated(table, agreed)}
    parts, moved = [], []
    for index, ((_, item, up), row) in enumerate(zip(named, table.records(), strict=True)):
        way = _way(row, up=up)
        moved.append(way)
        facts |= {
            f"name{index}": item.name,
            f"after{index}": table.fact(index, "after", item.format),
            f"before{index}": table.fact(index, "before", item.format),
        }
        is_same = str(facts[f"after{index}"]) == str(facts[f"before{index}"])
        was = words.AS_BEFORE if is_same else words.INSTEAD_OF.format(before=f"{{before{index}}}")
        place = {"name": f"{{name{index}}}", "after": f"{{after{index}}}"}
        parts.append(words.METRIC_IS_AT.text.format(**place, was=was, word=words.CHANGE_WORDS[way]))
    status: Status = moved[0] if "bad" not in moved else "mixed" if moved[0] == "good" else "bad"
    codes = {"good": "better", "bad": "worse", "mixed": "guardrail_broken", "info": "no_clear_change"}
    text = words.METRICS_SINCE.text.format(since="{since}", parts="; ".join(parts))
    return Verdict(status, text, facts, code=codes[status])


def _way(row: Mapping[str, Any], *, up: bool) -> Status:
    """Whether a change beyond its interval is the good one; info where it is not clear."""
    if row["change_low"] is None or row["change_low"] <= 0 <= row["change_high"]:
        return "info"
    return "good" if (row["change"] > 0) == up else "bad"


def _means(before: Sequence[float], after: Sequence[float]) -> tuple[float | None, ...]:
    """Mean before, mean after, their difference with its Welch interval."""
    old = float(np.mean(before)) if before else None
    new = float(np.mean(after)) if after else None
    if old is None or new is None:
        return old, new, None, None, None
    if min(len(before), len(after)) < ENOUGH_WEEKS:
        return old, new, new - old, None, None
    spread = [float(np.var(side, ddof=1)) / len(side) for side in (before, after)]
    error = math.sqrt(sum(spread))
    if error == 0:
        return old, new, new - old, new - old, new - old
    freedom = sum(spread) ** 2 / sum(
        s**2 / (len(side) - 1) for s, side in zip(spread, (before, after), strict=True)
    )
    half = float(stats.t.ppf(0.975, freedom)) * error
    return old, new, new - old, new - old - half, new - old + half


def _too_early(table: Evidence, agreed: dt.date, last: dt.date, weeks: int) -> Verdict:
    dates = Evidence(
        "Dates",
        words.DATES_MEANS.text,
        "",
        ("agreed", "last", "weeks"),
        ((agreed, last, weeks),),
        (),
        table.sources,
    )
    facts = {"agreed": dates.fact(0, "agreed", "date"), "last": dates.fact(0, "last", "date")}
    missing = max(ENOUGH_WEEKS - weeks, 1)
    further = words.WHOLE_WEEKS.of(missing).write(n=str(missing))
    return words.TOO_EARLY.worded(weeks=further).verdict(facts)


def _table(title: str, rows: tuple[tuple[object, ...], ...], source: Evidence) -> Evidence:
    return Evidence(
        title,
        words.SINCE_TABLE.means,
        source.sql,
        COLUMNS,
        rows,
        source.params,
        source.sources,
        now(),
        "Newcombe interval of shares, Welch interval over weeks, 95 %",
    )


def _dated(table: Evidence, day: dt.date) -> Fact:
    return Evidence("Agreed", words.AGREED_MEANS.text, "", ("on",), ((day,),), (), table.sources).fact(
        0, "on", "date"
    )

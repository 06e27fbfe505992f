"""Before and after an agreement: what the data say since a contract applies, for the day it is looked at again."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from lib.analysis.handoff.sla import ContractMeasure
from lib.analysis.metrics.series import Series
from lib.analysis.verdict import Status, Verdict
from lib.engine.evidence import formats
from lib.engine.evidence.evidence import Evidence, Fact
from lib.engine.query import now
from lib.stats.proportions import newcombe

MOST_WEEKS = 13  # a quarter on each side; longer mixes in other changes
ENOUGH_WEEKS = 3
ENOUGH_PEOPLE = 30
COLUMNS = ("measure", "before", "after", "change", "change_low", "change_high", "weeks_before", "weeks_after")
DEFINITION = (
    "Whole weeks before the agreement against whole weeks since, the same number where there are as many, a quarter at "
    "most. Other things changed in that time too: this is what happened, not proof of what the agreement did."
)


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


def of_handoff(contract: ContractMeasure, agreed: dt.date | None) -> Review | None:
    """The share picked up in time and the handoffs a week, before and since a handoff contract applies.

    Args:
        contract: The contract measured.
        agreed: From when it applies; None when unknown.

    Returns:
        None while no week can be judged at all.
    """
    rows = [
        (_day(row["week"]), row["handed"], row["mature"], row["inside"]) for row in contract.weekly.records()
    ]
    judged = [row for row in rows if row[2]]
    if agreed is None or not judged:
        return None
    before = [row for row in judged if row[0] + dt.timedelta(days=7) <= agreed]
    after = [row for row in judged if row[0] >= agreed][:MOST_WEEKS]
    before = before[-max(len(after), ENOUGH_WEEKS) :][-MOST_WEEKS:]
    n0, n1 = (sum(row[2] for row in side) for side in (before, after))
    x0, x1 = (sum(row[3] for row in side) for side in (before, after))
    enough = min(len(before), len(after)) >= ENOUGH_WEEKS and min(n0, n1) >= ENOUGH_PEOPLE
    change = newcombe(x0, n0, x1, n1) if n0 and n1 else None
    share = (
        "picked up in time",
        x0 / n0 if n0 else None,
        x1 / n1 if n1 else None,
        change.value if change else None,
        change.low if change else None,
        change.high if change else None,
        len(before),
        len(after),
    )
    handed = _means([float(row[1]) for row in before], [float(row[1]) for row in after])
    volume = ("handed over a week", *handed, len(before), len(after))
    table = _table("The handoff before and since it was agreed", (share, volume), contract.weekly)
    last = max(row[0] for row in rows) + dt.timedelta(days=6)
    if not enough:
        return Review(_too_early(table, agreed, last, len(after)), table, last)
    low, high = (change.low, change.high) if change else (0.0, 0.0)
    status: Status = "good" if low > 0 else "bad" if high < 0 else "info"
    facts = {
        "since": _dated(table, agreed),
        "after": table.fact(0, "after", "percent"),
        "before": table.fact(0, "before", "percent"),
        "change": table.fact(0, "change", "+points"),
        "low": table.fact(0, "change_low", "+points"),
        "high": table.fact(0, "change_high", "+points"),
        "many": table.fact(1, "after", "count"),
        "few": table.fact(1, "before", "count"),
    }
    word = {"good": "better", "bad": "worse", "info": "no clear change"}[status]
    told = {name: fact if isinstance(fact, str) else fact.text for name, fact in facts.items()}
    shares = ", as before: " if told["after"] == told["before"] else " instead of {before}: "
    weekly = ", as before." if told["many"] == told["few"] else " instead of {few}."
    text = (
        "Since {since}, {after} were picked up in time"
        + shares
        + word
        + " ({change}, {low} to {high}); {many} were handed over a week"
        + weekly
    )
    return Review(Verdict(status, text, facts, code=word.replace(" ", "_")), table, last)


def of_metrics(
    named: Sequence[tuple[str, Series, bool]], agreed: dt.date | None, source: Evidence | None = None
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
    rows: list[tuple[object, ...]] = []
    counts = []
    for role, item, _ in named:
        known = [
            (start, float(value))
            for start, value in zip(item.starts, item.values, strict=True)
            if not math.isnan(value)
        ]
        after = [value for start, value in known if start >= agreed][:MOST_WEEKS]
        length = dt.timedelta(days=7 if item.period == "week" else 28)
        before = [value for start, value in known if start + length <= agreed]
        before = before[-max(len(after), ENOUGH_WEEKS) :][-MOST_WEEKS:]
        rows.append((f"{role}: {item.name}", *_means(before, after), len(before), len(after)))
        counts.append(min(len(before), len(after)))
    table = Evidence(
        "Before and since the contract",
        DEFINITION,
        source.sql if source else "",
        COLUMNS,
        tuple(rows),
        (("agreed", agreed),),
        source.sources if source else (),
        now(),
        "Welch interval over weekly values, 95 %",
    )
    main = named[0][1]
    last = max(item.last for _, item, _ in named)
    if counts[0] < ENOUGH_WEEKS:
        return Review(_too_early(table, agreed, last, counts[0]), table, last)
    return Review(_said(table, named, agreed), table, max(last, main.last))


def _said(table: Evidence, named: Sequence[tuple[str, Series, bool]], agreed: dt.date) -> Verdict:
    records = table.records()
    facts: dict[str, Fact | str] = {"since": _dated(table, agreed)}
    parts, moved = [], []
    for index, ((_, item, up), row) in enumerate(zip(named, records, strict=True)):
        clear = row["change_low"] is not None and (row["change_low"] > 0 or row["change_high"] < 0)
        way = 0 if not clear else 1 if (row["change"] > 0) == up else -1
        moved.append(way)
        facts |= {
            f"name{index}": item.name,
            f"after{index}": table.fact(index, "after", item.format),
            f"before{index}": table.fact(index, "before", item.format),
        }
        word = {1: "better", -1: "worse", 0: "no clear change"}[way]
        is_same = formats.write(row["after"], item.format) == formats.write(row["before"], item.format)
        was = ", as before" if is_same else f" instead of {{before{index}}}"
        parts.append(f"{{name{index}}} is at {{after{index}}}{was} ({word})")
    status: Status = "bad" if -1 in moved else "good" if moved[0] == 1 else "info"
    if moved[0] == 1 and -1 in moved:
        status = "mixed"
    codes = {"good": "better", "bad": "worse", "mixed": "guardrail_broken"}
    return Verdict(
        status, "Since {since}, " + "; ".join(parts) + ".", facts, code=codes.get(status, "no_clear_change")
    )


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
        "When it was agreed and how far the data reach.",
        "",
        ("agreed", "last", "weeks"),
        ((agreed, last, weeks),),
        (),
        table.sources,
    )
    facts = {"agreed": dates.fact(0, "agreed", "date"), "last": dates.fact(0, "last", "date")}
    text = "It applies since {agreed} and the data end on {last}: too early to compare before and after."
    missing = max(ENOUGH_WEEKS - weeks, 1)
    needs = f"a file that reaches {missing} whole week{'s' if missing > 1 else ''} further"
    return Verdict("unclear", text, facts, needs=needs, code="too_early")


def _table(title: str, rows: tuple[tuple[object, ...], ...], source: Evidence) -> Evidence:
    return Evidence(
        title,
        DEFINITION,
        source.sql,
        COLUMNS,
        rows,
        source.params,
        source.sources,
        now(),
        "Newcombe interval of shares, Welch interval over weeks, 95 %",
    )


def _dated(table: Evidence, day: dt.date) -> Fact:
    return Evidence(
        "Agreed", "From when the contract applies.", "", ("on",), ((day,),), (), table.sources
    ).fact(0, "on", "date")


def _day(value: object) -> dt.date:
    return (
        value.date()
        if isinstance(value, dt.datetime)
        else value
        if isinstance(value, dt.date)
        else dt.date.min
    )

"""Translates a process result into the outcome to expect, and a wanted outcome into what it takes, with ranges."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lib.analysis.findings import framework_finding
from lib.analysis.result_types import Data, sources_of
from lib.analysis.translation.outcome_chain import Chain, ChainLink, chain
from lib.analysis.verdict import Finding, Verdict
from lib.engine.evidence.evidence import Evidence, Fact
from lib.engine.query import now
from lib.framework import slots
from lib.stats.intervals import Interval
from lib.workbook.model import Workbook

COLUMNS = ("step", "extra", "ci_low", "ci_high")
BACKWARDS_COLUMNS = (
    "lever",
    "now",
    "now_low",
    "now_high",
    "needed",
    "needed_low",
    "needed_high",
    "possible",
    "goal",
)
_FEW = 10  # people, under which a whole number hides the range
_REVENUE = "Monthly revenue"  # the row that is money, the last where it is known
QUALITY = "the extra people are like those of before"


@dataclass(frozen=True)
class Translation:
    """One translation, forwards or backwards.

    Attributes:
        verdict: The sentence.
        table: What arrives at each step (forwards), or what each step would have to bring alone (backwards).
        weakest: The link whose range moves the result most; "" when there is none.
        findings: The assumption that matters most.
        evidence: Table and what it was measured from.
    """

    verdict: Verdict
    table: Evidence | None
    weakest: str
    findings: tuple[Finding, ...]
    evidence: tuple[Evidence, ...]


def product(factors: Sequence[Interval]) -> Interval:
    """Product of independent positive quantities, ranges combined on the log scale.

    >>> i = product([Interval(10, 10, 10), Interval(0.5, 0.4, 0.625)]); [round(x, 2) for x in (i.value, i.low, i.high)]
    [5.0, 4.0, 6.25]
    """
    value = math.prod(f.value for f in factors)
    if not value > 0:
        return Interval(0.0, 0.0, math.prod(f.high for f in factors))
    low = math.sqrt(sum(math.log(f.value / f.low) ** 2 if f.low > 0 else math.inf for f in factors))
    high = math.sqrt(sum(math.log(f.high / f.value) ** 2 for f in factors))
    return Interval(value, value * math.exp(-low), value * math.exp(high))


def forwards(
    book: Workbook,
    data: Data,
    change: float,
    *,
    start: str = "",
    quality: float = 1.0,
    like: str = "",
    measured: Chain | None = None,
) -> Translation:
    """What a change at one step brings at the end.

    Args:
        book: Journey and currency.
        data: Datasets by slot.
        change: Relative change of people at the step, 0.4 for +40 %.
        start: Id of the step; the chain's first when "".
        quality: Rate of the extra people relative to those of before, 1 for alike; the assumption that matters.
        like: Channel whose measured rates the extra people are given; "" for everybody's.
        measured: The chain when it is at hand already (or typed in).
    """
    found = measured or chain(book, data)
    if found is None:
        return _unknown(data)
    at = next((i for i, step in enumerate(found.steps) if step.id == start), 0)
    volume = found.volume * math.prod(item.rate.value for item in found.links[:at])
    if like:  # the same change, but everybody in it goes on as the people of one channel do
        own = chain(book, data, like)
        if own is None:
            return _too_few(like)
        found = own
    extra = Interval(volume * change, volume * change, volume * change)
    alike = Interval(quality, quality, quality)
    factors = [Interval(abs(extra.value), abs(extra.value), abs(extra.value))]
    sign = 1 if change >= 0 else -1
    rows: list[tuple[str, float, float, float]] = [(found.steps[at].name, extra.value, extra.low, extra.high)]
    for index, item in enumerate(found.links[at:]):
        factors.append(item.rate)
        if index == 0:
            factors.append(alike)
        rows.append((item.goal.name, *_ends(product(factors), sign)))
    if math.isfinite(found.value.value):
        factors.append(found.value)
        rows.append((_REVENUE, *_ends(product(factors), sign)))
    return _conclude(book, found, at, rows, change, quality)


def _ends(interval: Interval, sign: int) -> tuple[float, float, float]:
    ends = sorted((sign * interval.low, sign * interval.high))
    return sign * interval.value, ends[0], ends[1]


def _conclude(
    book: Workbook,
    found: Chain,
    at: int,
    rows: list[tuple[str, float, float, float]],
    change: float,
    quality: float,
) -> Translation:
    table = Evidence(
        title="What the change brings",
        sql="",
        columns=("change", "quality", *COLUMNS),
        at=now(),
        rows=tuple((change, quality, *row) for row in rows),
        sources=sources_of(found.evidence),
        definition="Extra people of thirty days at each step, each link at its measured rate within thirty days; extra "
        "monthly revenue of those who pay. `quality` is the rate of the extra people over the usual rate.",
        method="Product of the links; ranges combined on the log scale, 95 %",
    )
    money, and_money = "", ""
    if rows[-1][0] == _REVENUE:
        money, and_money = f"+money:{book.settings.currency}", " and {money} of monthly revenue"
    template = (
        f"{{change}} people at {{step}} bring {{extra}} people at {{goal}} in thirty days ({{low}} to {{high}}){and_money}, "
        "if {assumption}."
    )
    weakest = _weakest(found, at)
    link = f"{weakest.start.name} to {weakest.goal.name}" if weakest else ""
    verdict = Verdict(
        "info",
        template,
        _facts(table, found, money),
        code="translation",
        why=(f"The link from {link} has the widest range.",) if link else (),
        flips="If the extra people convert worse than those of before, the result shrinks by the same "
        "factor: volume bought in a new channel often does.",
    )
    return Translation(verdict, table, link, _findings(weakest), (table, *found.evidence))


def _facts(table: Evidence, found: Chain, money: str) -> dict[str, Fact | str]:
    """What the sentence is filled with; `money` is the format of revenue where the last row holds it."""
    records = table.records()
    paying = len(records) - (2 if money else 1)
    # of a few people the decimals tell the range
    form = "+count" if abs(records[paying]["extra"]) >= _FEW else "+number"
    facts: dict[str, Fact | str] = {
        "change": table.fact(0, "change", "+percent"),
        "step": records[0]["step"],
        "goal": records[paying]["step"],
        "extra": table.fact(paying, "extra", form),
        "low": table.fact(paying, "ci_low", form),
        "high": table.fact(paying, "ci_high", form),
        "assumption": _assumption(table, found),
    }
    return facts | ({"money": table.fact(len(records) - 1, "extra", money)} if money else {})


def _assumption(table: Evidence, found: Chain) -> str:
    """What has to be true of the extra people."""
    if table.records()[0]["quality"] != 1:
        return f"the extra people convert at {table.fact(0, 'quality', 'percent')} of the usual rate"
    return f"the extra people are like those of {found.channel}" if found.channel else QUALITY


def _swing(rate: Interval) -> float:
    return rate.high / rate.low - 1 if rate.low > 0 else math.inf


def _weakest(found: Chain, at: int) -> ChainLink | None:
    """The link whose range is widest; None where there is no other to compare it with."""
    links = found.links[at:]
    return max(links, key=lambda item: _swing(item.rate)) if len(links) > 1 else None


def _findings(weakest: ChainLink | None) -> tuple[Finding, ...]:
    if weakest is None or _swing(weakest.rate) < 0.25:
        return ()
    swing = Evidence(
        title="Swing of the weakest link",
        sql=weakest.evidence.sql,
        columns=("swing",),
        at=now(),
        rows=((_swing(weakest.rate),),),
        sources=weakest.evidence.sources,
        definition="Upper end of the link's range over its lower end, minus one.",
    )
    facts = {
        "link": f"{weakest.start.name} to {weakest.goal.name}",
        "swing": swing.fact(0, "swing", "percent"),
    }
    return (framework_finding("weakest_link", facts, evidence=weakest.evidence),)


# ---- backwards -----------------------------------------------------------------------------------------------------

_Lever = tuple[str, Interval, str]  # name, where it stands, how that is written


def _levers(book: Workbook, found: Chain) -> list[_Lever]:
    people = Interval(found.volume, found.volume, found.volume)
    levers: list[_Lever] = [(f"More people at {found.steps[0].name}", people, "count")]
    levers += [(f"{item.start.name} to {item.goal.name}", item.rate, "percent1") for item in found.links]
    if math.isfinite(found.value.value):
        levers.append(("Monthly revenue of a customer", found.value, f"money:{book.settings.currency}"))
    return levers


def _lever_row(lever: _Lever, goal: float) -> tuple[object, ...]:
    name, at, form = lever
    needed = [end * (1 + goal) for end in (at.value, at.low, at.high)]
    possible = "no: above everybody" if form == "percent1" and needed[0] > 1 else "yes"
    return (name, at.value, at.low, at.high, *needed, possible, goal)


def backwards(book: Workbook, data: Data, goal: float, *, measured: Chain | None = None) -> Translation:
    """What each lever alone would have to bring for a wanted change at the end.

    Args:
        book: Journey.
        data: Datasets by slot.
        goal: Relative change wanted at the end, 0.1 for +10 %.
        measured: The chain when it is at hand already (or typed in).
    """
    found = measured or chain(book, data)
    if found is None:
        return _unknown(data)
    levers = _levers(book, found)
    table = Evidence(
        title="What it would take, one lever alone",
        sql="",
        at=now(),
        columns=BACKWARDS_COLUMNS,
        rows=tuple(_lever_row(lever, goal) for lever in levers),
        sources=sources_of(found.evidence),
        definition="Each lever's level now with its range, and the level that would bring the wanted change if all "
        "others stay; the range of what is needed is that of where the lever stands.",
    )
    index = 1 + (found.links.index(found.lowest) if found.lowest else 0)
    facts: dict[str, Fact | str] = {
        "goal": table.fact(0, "goal", "+percent"),
        "lever": levers[index][0],
        "now": table.fact(index, "now", "percent1"),
        "needed": table.fact(index, "needed", "percent1"),
        "people": table.fact(0, "needed", "count"),
        "step": found.steps[0].name,
    }
    verdict = Verdict(
        "info",
        "{goal} at the end takes {lever} at {needed} instead of {now}, or {people} people at {step} in thirty days.",
        facts,
        code="translation_back",
        why=("The lever named is the lowest of the rates: it has most room.",),
    )
    return Translation(verdict, table, "", (), (table, *found.evidence))


def formats_of(book: Workbook, table: Evidence) -> list[str]:
    """How the rows of a `backwards` table are written."""
    return [
        "count"
        if i == 0
        else f"money:{book.settings.currency}"
        if row[0].startswith("Monthly")
        else "percent1"
        for i, row in enumerate(table.rows)
    ]


def _untold(code: str, text: str, needs: str, facts: Mapping[str, Fact | str] | None = None) -> Translation:
    return Translation(Verdict("unclear", text, facts or {}, needs, code), None, "", (), ())


def _too_few(channel: str) -> Translation:
    text = "Can't translate for people of {channel}: too few of them are seen at each step."
    needs = "about thirty of them at each step"
    return _untold("translation_thin_channel", text, needs, {"channel": channel})


def _unknown(data: Data) -> Translation:
    needs = "about thirty people at each step of the journey" if data.get(slots.EVENTS) else "an events file"
    text = "Can't translate yet: the chain from process to outcome is not measured."
    return _untold("translation_unknown", text, needs)

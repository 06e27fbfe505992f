"""Earlier looks at a test: what was clear once stays clear, and a planned look is taken once.

An always-valid range holds at every look at once, so the true effect lies in all of them: their intersection is a range
too, and never widens. The looks are the days on which people joined, read from the data; when somebody happened to open
the page plays no part.

A test that is planned for one look may be looked at before, too. A tenth of the accepted chance of a false finding is
kept for all those looks together, read by always-valid ranges; the look at the planned size has the rest. So the chance
over all of them is what was accepted (the sum bounds it). That look is taken over the people who had joined when the plan
was full; whoever joins later no longer turns the verdict.

Source:
    Running intersection of a confidence sequence (Howard, Ramdas, McAuliffe and Sekhon 2021, section 2).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from lib.analysis.experiments.design import Design, MetricSpec
from lib.analysis.experiments.effects import effect_of, finish
from lib.analysis.experiments.readout import Effect
from lib.analysis.experiments.sufficient_statistics import ALL, FULL, SufficientStatistics
from lib.stats.compare import VariantStatistics
from lib.stats.intervals import Interval


def merge(a: VariantStatistics, b: VariantStatistics) -> VariantStatistics:
    """Sums of two groups of people as those of both together.

    >>> m = merge(VariantStatistics(2, 1.0, 2.0), VariantStatistics(2, 3.0, 2.0))
    >>> m.n, m.y, round(m.yy, 6)  # 0, 2, 2, 4
    (4, 2.0, 2.666667)
    """
    n = a.n + b.n
    means = {name: (getattr(a, name) * a.n + getattr(b, name) * b.n) / n for name in ("y", "d", "x")}

    def spread(name: str) -> float:
        one, two = name
        gap = (getattr(a, one) - getattr(b, one)) * (getattr(a, two) - getattr(b, two)) * a.n * b.n / n
        return (getattr(a, name) * (a.n - 1) + getattr(b, name) * (b.n - 1) + gap) / max(1, n - 1)

    return VariantStatistics(
        n,
        means["y"],
        spread("yy"),
        means["d"],
        spread("dd"),
        means["x"],
        spread("xx"),
        spread("yd"),
        spread("yx"),
        spread("dx"),
    )


def _by_day(
    daily: SufficientStatistics, design: Design, metric: MetricSpec, pair: tuple[str, str], arms: int
) -> list[tuple[str, Effect]]:
    """(day, effect over everybody who had joined by its end), oldest first."""
    days = sorted(
        {level for level, name, _ in daily.statistics if name == metric.name and level != "missing"}
    )
    so_far: dict[str, VariantStatistics] = {}
    found = []
    for day in days:
        for arm in pair:
            new = daily.statistics.get((day, metric.name, arm))
            if new is not None:
                so_far[arm] = merge(so_far[arm], new) if arm in so_far else new
        if len(so_far) == 2:
            found.append(
                (day, effect_of(metric, pair[1], ALL, (so_far[pair[0]], so_far[pair[1]]), design, arms))
            )
    return found


def _within(intervals: Sequence[Interval]) -> Interval | None:
    """What lies in all of them; None where nothing does."""
    last = intervals[-1]
    low, high = max(i.low for i in intervals), min(i.high for i in intervals)
    return replace(last, low=low, high=high) if low <= high else None


def _kept(effect: Effect, looks: Sequence[tuple[str, Effect]], alpha: float) -> Effect:
    """The effect with what earlier looks had made clear already."""
    told = [(day, look) for day, look in looks if look.state != "silent" and math.isfinite(look.p_always)]
    clear_since = next((day for day, look in told if look.p_always < alpha), None)
    if clear_since is None or effect.state == "silent":
        return effect
    return _narrowed(effect, [look for _, look in told], clear_since)


def _narrowed(effect: Effect, looks: Sequence[Effect], clear_since: str) -> Effect:
    """The effect with the range that all looks leave; as it is where they contradict one another."""
    everything = [*looks, effect]
    always = _within([look.always for look in everything])
    relative = _within([look.always_relative for look in everything])
    # Ranges that contradict one another tell of data that changed underneath: only today's then counts.
    if always is None or relative is None or not _is_beside_zero(always, effect.comparison.effect.value):
        return effect
    return replace(
        effect,
        always=always,
        always_relative=relative,
        clear_since=clear_since[:10],
        p_always=min(look.p_always for look in everything),
    )


def _is_beside_zero(interval: Interval, value: float) -> bool:
    """Whether a range leaves out zero on the side of a value."""
    return interval.low > 0 if value > 0 else interval.high < 0


def planned_end(daily: SufficientStatistics, design: Design) -> str:
    """The day (ISO) by whose end the planned number of people had joined; "" where the plan is not full or has no number.

    Args:
        daily: Counted by day of joining.
        design: How the test is read.
    """
    total = 0.0
    for day in sorted({level for level, _ in daily.users if level != "missing"}):
        total += sum(people for (level, _), people in daily.users.items() if level == day)
        if design.planned_total and total >= FULL * design.planned_total:
            return day
    return ""


def _planned(effect: Effect, looks: Sequence[tuple[str, Effect]], end: str) -> Effect:
    """The effect over those who had joined by the planned end, with what looks before it had made clear."""
    by_then = [look for day, look in looks if day <= end]
    there = by_then[-1] if by_then and looks[-1][0] > end else effect
    return replace(there, shrunken=effect.shrunken)


def with_looks(
    effects: Sequence[Effect], daily: SufficientStatistics, design: Design, variants: Sequence[str]
) -> tuple[Effect, ...]:
    """Effects as the looks at the end of every day leave them, judged again.

    Args:
        effects: Read over everybody.
        daily: Counted by day of joining.
        design: How the test is read.
        variants: Control first.
    """
    found = []
    end = planned_end(daily, design) if design.reading == "fixed" else ""
    for effect in effects:
        pair = (variants[0], effect.variant)
        looks = _by_day(daily, design, effect.metric, pair, len(variants))
        if end:
            effect, looks = _planned(effect, looks, end), [(day, look) for day, look in looks if day < end]
        found.append(_kept(effect, looks, design.watched_alpha))
    return finish(found, design)

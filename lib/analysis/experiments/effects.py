"""From sums to effects: intervals, adjusted p-values, and what each effect says."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from lib.analysis.experiments.design import Design, MetricSpec
from lib.analysis.experiments.readout import Effect, State
from lib.analysis.experiments.sufficient_statistics import ALL, SufficientStatistics
from lib.stats import adjust, power, sequential, shrinkage
from lib.stats.compare import Comparison, VariantStatistics, compare
from lib.stats.intervals import Interval, z_value

MIN_USERS = 100  # per variant, before any estimate is shown as one
MIN_EVENTS = 5  # of each outcome per variant, for shares


def _plan(design: Design, variants: int) -> float:
    """People in the two variants compared, as planned before the start."""
    if design.planned_total:
        return design.planned_total * 2 / max(2, variants)
    return sequential.DEFAULT_PLAN


def _always(
    comparison: Comparison, n: float, plan: float, design: Design, comparisons: int
) -> tuple[Interval, Interval, float]:
    """Always-valid intervals (effect, relative) and p-value, for all comparisons of a family of metrics together."""
    alpha = design.watched_alpha / comparisons
    effect, relative = comparison.effect, comparison.relative
    if (
        comparison.se <= 0
    ):  # nobody differs from anybody: the spread cannot be told, so no range can be had from it
        unknown = Interval(effect.value, -math.inf, math.inf, n)
        return unknown, Interval(relative.value, -math.inf, math.inf, n), 1.0
    always = sequential.always_valid(effect.value, comparison.se, n, planned_total=plan, alpha=alpha)
    nothing = Interval(math.nan, -math.inf, math.inf, n)
    p = sequential.p_value(effect.value, comparison.se, n, planned_total=plan, alpha=alpha)
    p = min(1.0, p * comparisons)
    if not math.isfinite(relative.value) or not math.isfinite(relative.low):
        return always, nothing, p
    log_se = math.log((1 + relative.high) / (1 + relative.low)) / (2 * z_value(relative.confidence))
    wide = sequential.always_valid(math.log1p(relative.value), log_se, n, planned_total=plan, alpha=alpha)
    return always, Interval(relative.value, math.expm1(wide.low), math.expm1(wide.high), n, 1 - alpha), p


def _needed(metric: MetricSpec, control: VariantStatistics, design: Design, comparisons: int) -> float:
    """People per variant to see the smallest effect worth acting on."""
    alpha = design.alpha / comparisons
    if metric.kind == "proportion":
        up = min(0.999, control.y * (1 + design.smallest_effect))
        return power.n_per_variant_proportion(control.y, up, alpha=alpha) if control.y > 0 else math.inf
    if abs(control.value) < 2 * control.sd / math.sqrt(max(1.0, control.n)):
        return math.inf  # ten percent of what may be zero is no size anybody can plan for
    return power.n_per_variant_mean(control.sd, abs(control.value) * design.smallest_effect, alpha=alpha)


def round_up(people: float) -> float:
    """Two significant digits, upwards: a need is never exact.

    >>> round_up(31827), round_up(7), round_up(0)
    (32000, 7, 0)
    """
    if people <= 0 or not math.isfinite(people):
        return people
    step = 10 ** max(0, math.floor(math.log10(people)) - 1)
    return math.ceil(people / step) * step


def _is_silent(metric: MetricSpec, control: VariantStatistics, treatment: VariantStatistics) -> bool:
    if min(control.n, treatment.n) < MIN_USERS:
        return True
    if metric.kind != "proportion":
        return False
    return any(is_rare(rarer_outcome(statistics)) for statistics in (control, treatment))


def rarer_outcome(statistics: VariantStatistics) -> float:
    """People with the rarer of the two outcomes of a share."""
    return min(statistics.y, 1 - statistics.y) * statistics.n


def is_rare(people: float) -> bool:
    """Whether so few people with an outcome say nothing about its share."""
    return people < MIN_EVENTS - 1e-9


def family(metric: MetricSpec) -> str:
    """What a metric is corrected together with: the two a test was registered for, its guardrails, or everything else."""
    return "primary" if metric.role in ("process", "outcome") else metric.role


def effect_of(
    metric: MetricSpec,
    variant: str,
    level: str,
    pair: tuple[VariantStatistics, VariantStatistics],
    design: Design,
    variants: int,
) -> Effect:
    """One comparison; its state is set once all p-values are known."""
    control, treatment = pair
    comparison = compare(control, treatment, metric.kind, confidence=1 - design.once_alpha)
    n = control.n + treatment.n
    plan = _plan(design, variants)
    together = max(1, variants - 1) * sum(family(other) == family(metric) for other in design.metrics)
    always, relative, p_always = _always(comparison, n, plan, design, max(1, together))
    needed = _needed(metric, control, design, max(1, variants - 1))
    more = round_up(max(0.0, max(needed, MIN_USERS) - min(control.n, treatment.n)))
    silent = _is_silent(metric, control, treatment) or not math.isfinite(comparison.p_value)
    return Effect(
        metric,
        variant,
        level,
        control.n,
        treatment.n,
        comparison,
        always,
        relative,
        math.nan,
        p_always,
        control.sd,
        "silent" if silent else "unclear",
        more,
    )


def _is_seen(effect: Effect, design: Design) -> bool:
    """Whether it is told from no effect: at a look that any number of others may surround, or at the planned one."""
    if design.reading == "sequential" or effect.clear_since:
        return effect.p_always < design.watched_alpha
    return effect.p_adjusted < design.once_alpha


def _state(effect: Effect, design: Design) -> State:
    if effect.state == "silent":
        return "silent"
    if _is_seen(effect, design):
        rises = effect.comparison.effect.value > 0
        return "better" if rises == (effect.metric.direction == "up") else "worse"
    inside = effect.always_relative if design.reading == "sequential" else effect.comparison.relative
    within = inside.low > -design.smallest_effect and inside.high < design.smallest_effect
    return "flat" if within or (effect.more == 0 and design.reading == "fixed") else "unclear"


def judge(effects: Sequence[Effect], design: Design) -> tuple[Effect, ...]:
    """Adjust p-values and say what each effect says.

    The two metrics a test was registered for are one family, its guardrails another, everything else that
    was looked
    at a third: what was agreed beforehand does not pay for curiosity.
    """
    correct = adjust.holm if design.correction == "holm" else adjust.benjamini_hochberg
    families: dict[str, list[int]] = {}
    for index, effect in enumerate(effects):
        families.setdefault(family(effect.metric), []).append(index)
    done = list(effects)
    for members in families.values():
        silent = [effects[i].state == "silent" for i in members]
        raw = [
            math.nan if quiet else effects[i].comparison.p_value
            for i, quiet in zip(members, silent, strict=True)
        ]
        for index, p in zip(members, correct(raw), strict=True):
            done[index] = replace(effects[index], p_adjusted=p)
    return tuple(replace(effect, state=_state(effect, design)) for effect in done)


def finish(effects: Sequence[Effect], design: Design) -> tuple[Effect, ...]:
    """Effects judged together, each with its size after shrinking.

    Args:
        effects: One a metric and variant.
        design: How the test is read.
    """
    return _shrunken(judge(effects, design))


def _shrunken(effects: Sequence[Effect]) -> tuple[Effect, ...]:
    """Shrink all variants' effects on one metric together: the best of several looks better than it is."""
    sizes: dict[tuple[str, str], Interval] = {}
    for name in {effect.metric.name for effect in effects}:
        sizes |= _sizes([effect for effect in effects if effect.metric.name == name])
    return tuple(
        replace(effect, shrunken=sizes.get((effect.metric.name, effect.variant))) for effect in effects
    )


def _sizes(effects: Sequence[Effect]) -> dict[tuple[str, str], Interval]:
    """(metric, variant) -> shrunken relative effect, of effects on one metric."""
    usable = {
        (effect.metric.name, effect.variant): relative
        for effect in effects
        if math.isfinite((relative := effect.comparison.relative).value) and math.isfinite(relative.high)
    }
    ses = [(r.high - r.low) / (2 * z_value(r.confidence)) for r in usable.values()]
    if not ses or min(ses) <= 0:
        return {}
    shrunk = shrinkage.shrink([r.value for r in usable.values()], ses, centre=0.0)
    return dict(zip(usable, shrunk.estimates, strict=True))


def _compared(
    counts: SufficientStatistics, metric: MetricSpec, level: str, variants: Sequence[str]
) -> Iterator[tuple[str, tuple[VariantStatistics, VariantStatistics]]]:
    """(variant, sums of control and of it) for every variant that has both."""
    control = counts.statistics.get((level, metric.name, variants[0]))
    for variant in variants[1:]:
        treatment = counts.statistics.get((level, metric.name, variant))
        if control and treatment:
            yield variant, (control, treatment)


def effects_of(counted: SufficientStatistics, design: Design, variants: Sequence[str]) -> tuple[Effect, ...]:
    """All metrics of all variants against control, adjusted as one family.

    Args:
        counted: What the query gave.
        design: With its control filled in.
        variants: Control first.
    """
    found = [
        effect_of(metric, variant, ALL, pair, design, len(variants))
        for metric in design.metrics
        for variant, pair in _compared(counted, metric, ALL, variants)
    ]
    return finish(found, design)


def segment_effects(
    counted: Sequence[tuple[str, SufficientStatistics]], design: Design, variants: Sequence[str]
) -> tuple[Effect, ...]:
    """The first metric by segment level, all levels of all segments adjusted as one family.

    Args:
        counted: (segment column, its counts).
        design: With its control filled in.
        variants: Control first.
    """
    metric = design.metrics[0]
    found = [
        effect_of(metric, variant, f"{column} = {level}", pair, design, len(variants))
        for column, counts in counted
        for level in sorted({level for level, _ in counts.users})
        for variant, pair in _compared(counts, metric, level, variants)
    ]
    return judge(found, design)

"""Control against treatment from aggregates alone: shares, means, ratios, with or without a covariate.

One `VariantStatistics` a variant and metric is all that is needed; no statistic here ever sees a person's row.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from lib.stats import proportions
from lib.stats.intervals import Interval, z_value

MetricKind = Literal["proportion", "mean", "ratio"]


@dataclass(frozen=True)
class VariantStatistics:
    """What one variant's people add up to for one metric.

    Attributes:
        n: People with a value.
        y, d, x: Means of the value, the denominator (1 where there is none), the covariate (0 where there
            is none).
        yy, dd, xx: Sample variances.
        yd, yx, dx: Sample covariances.
    """

    n: float
    y: float
    yy: float = 0.0
    d: float = 1.0
    dd: float = 0.0
    x: float = 0.0
    xx: float = 0.0
    yd: float = 0.0
    yx: float = 0.0
    dx: float = 0.0

    @property
    def value(self) -> float:
        """The metric of this variant, before any covariate."""
        return self.y / self.d if self.d else math.nan

    @property
    def sd(self) -> float:
        """Standard deviation of one person's value (of the linearised ratio, by the delta method)."""
        if not self.d:
            return math.nan
        ratio = self.y / self.d
        return math.sqrt(max(0.0, self.yy - 2 * ratio * self.yd + ratio * ratio * self.dd)) / abs(self.d)


@dataclass(frozen=True)
class Comparison:
    """One metric, one variant against control.

    Attributes:
        control, treatment: Values of the metric (after the covariate, where one is used).
        effect: treatment - control with its fixed interval, in the metric's unit (shares: 0..1).
        relative: effect / control with its interval; NaN where control is zero.
        se: Standard error of the effect.
        p_value: Two-sided.
        variance_kept: Variance left after the covariate, 1 without one.
    """

    control: float
    treatment: float
    effect: Interval
    relative: Interval
    se: float
    p_value: float
    variance_kept: float = 1.0


def _shares(control: VariantStatistics, treatment: VariantStatistics, confidence: float) -> Comparison:
    x1, n1, x2, n2 = control.y * control.n, control.n, treatment.y * treatment.n, treatment.n
    return Comparison(
        control.y,
        treatment.y,
        proportions.newcombe(x1, n1, x2, n2, confidence),
        proportions.relative(x1, n1, x2, n2, confidence),
        proportions.standard_error(x1, n1, x2, n2),
        proportions.z_test(x1, n1, x2, n2),
    )


def _tea(control: VariantStatistics, treatment: VariantStatistics, confidence: float) -> Comparison:
    """Means, ratios and covariates by tea-tasting, on aggregates."""
    from tea_tasting.aggr import Aggregates
    from tea_tasting.metrics.mean import RatioOfMeans

    def aggregates(m: VariantStatistics) -> Aggregates:
        return Aggregates(
            int(m.n),
            {"y": m.y, "d": m.d, "x": m.x},
            {"y": m.yy, "d": m.dd, "x": m.xx},
            {("y", "d"): m.yd, ("y", "x"): m.yx, ("d", "x"): m.dx},
        )

    covariate = "x" if control.xx > 0 and treatment.xx > 0 else None
    metric = RatioOfMeans("y", "d", numer_covariate=covariate, confidence_level=confidence, equal_var=False)
    # tea-tasting's percent interval is a log ratio: it has no meaning where a mean is zero or negative.
    r = metric.analyze_aggregates(aggregates(control), aggregates(treatment))
    positive = r.control > 0 and r.treatment > 0
    n = control.n + treatment.n
    effect = Interval(r.effect_size, r.effect_size_ci_lower, r.effect_size_ci_upper, n, confidence)
    relative = Interval(math.nan, -math.inf, math.inf, n, confidence)
    if positive:
        ends = (r.rel_effect_size, r.rel_effect_size_ci_lower, r.rel_effect_size_ci_upper)
        relative = Interval(*ends, n, confidence)
    se = r.effect_size / r.statistic if r.statistic else (effect.high - effect.value) / z_value(confidence)
    raw = math.hypot(control.sd / math.sqrt(control.n), treatment.sd / math.sqrt(treatment.n))
    kept = (se / raw) ** 2 if covariate and raw > 0 else 1.0
    return Comparison(r.control, r.treatment, effect, relative, abs(se), r.pvalue, kept)


def _silent(control: VariantStatistics, treatment: VariantStatistics, confidence: float) -> Comparison:
    nothing = Interval(math.nan, math.nan, math.nan, control.n + treatment.n, confidence)
    return Comparison(control.value, treatment.value, nothing, nothing, math.nan, math.nan)


def compare(
    control: VariantStatistics, treatment: VariantStatistics, kind: MetricKind, *, confidence: float = 0.95
) -> Comparison:
    """Compare one metric of two variants.

    Args:
        control: Aggregates of control.
        treatment: Aggregates of the other variant.
        kind: proportion (Newcombe interval, pooled z-test; with a covariate as mean), mean (Welch) or
            ratio (delta
            method).
        confidence: Of the intervals.

    Returns:
        All NaN where a variant has fewer than two people or nothing varies.

    Source:
        Deng et al. 2013 for the covariate; Deng et al. 2018 for ratios; computed by tea-tasting.

    >>> c = compare(VariantStatistics(44700, 20034 / 44700), VariantStatistics(45489, 20119 / 45489), "proportion")
    >>> round(c.effect.value, 4), round(c.p_value, 4)
    (-0.0059, 0.0744)
    """
    if min(control.n, treatment.n) < 2:
        return _silent(control, treatment, confidence)
    if kind == "proportion" and not (control.xx > 0 and treatment.xx > 0):
        return _shares(control, treatment, confidence)
    if not control.d or not treatment.d or control.sd + treatment.sd == 0:
        return _silent(control, treatment, confidence)
    return _tea(control, treatment, confidence)

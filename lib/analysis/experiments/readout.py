"""What a readout holds: one effect a metric and variant, the checks that come first, the verdict."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from lib.analysis.experiments.design import Design, MetricSpec
from lib.analysis.verdict import Finding, Verdict
from lib.engine.evidence.evidence import Evidence
from lib.stats.compare import Comparison
from lib.stats.intervals import Interval
from lib.stats.srm import SampleRatio

State = Literal["better", "worse", "flat", "unclear", "silent"]
CheckState = Literal["ok", "watch", "fail", "unknown"]
WORDS: Mapping[str, str] = {
    "better": "Better",
    "worse": "Worse",
    "flat": "No clear difference",
    "unclear": "Can't tell yet",
    "silent": "Too few people",
}


@dataclass(frozen=True)
class Effect:
    """One metric of one variant against control.

    Attributes:
        metric: What was measured.
        variant: Which variant.
        level: Segment level, "all" for everybody.
        n_control, n_variant: People with a value.
        comparison: Values, effect, intervals, p-value for one look.
        always: Always-valid interval of the effect, same unit.
        always_relative: The same, relative to control.
        p_adjusted: p-value adjusted for all metrics and variants read together.
        p_always: Always-valid p-value.
        sd: Standard deviation of one person in control.
        state: What it says under the design's way of reading.
        more: People per variant still missing to see the smallest effect worth acting on; 0 when there are
            enough.
        shrunken: Relative effect after shrinking by its noise; None where it cannot be had.
        clear_since: Day of joining (ISO) up to which an always-valid range left out zero; "" where none did.
    """

    metric: MetricSpec
    variant: str
    level: str
    n_control: float
    n_variant: float
    comparison: Comparison
    always: Interval
    always_relative: Interval
    p_adjusted: float
    p_always: float
    sd: float
    state: State
    more: float
    shrunken: Interval | None = None
    clear_since: str = ""

    def row(self) -> dict[str, Any]:
        """The effect as one flat row, for evidence and the command line."""
        c = self.comparison
        values = {
            "metric": self.metric.name,
            "variant": self.variant,
            "segment": self.level,
            "n_control": int(self.n_control),
            "n_variant": int(self.n_variant),
            "control": c.control,
            "treatment": c.treatment,
            "effect": c.effect.value,
            "ci_low": c.effect.low,
            "ci_high": c.effect.high,
            "relative_effect": c.relative.value,
            "relative_ci_low": c.relative.low if math.isfinite(c.relative.value) else None,
            "relative_ci_high": c.relative.high if math.isfinite(c.relative.value) else None,
            "p_value": c.p_value,
            "p_adjusted": self.p_adjusted,
            "always_low": self.always.low,
            "always_high": self.always.high,
            "relative_always_low": self.always_relative.low,
            "relative_always_high": self.always_relative.high,
            "p_always": self.p_always,
            "shrunken_relative_effect": self.shrunken.value if self.shrunken else None,
            "kind": self.metric.kind,
            "role": self.metric.role,
            "state": self.state,
            "more_per_variant": self.more,
            "clear_since": self.clear_since,
        }
        return {name: None if _is_odd(value) else value for name, value in values.items()}


def _is_odd(value: Any) -> bool:
    return isinstance(value, float) and not math.isfinite(value)


@dataclass(frozen=True)
class ValidityCheck:
    """One check that comes before any effect is believed.

    Attributes:
        name: sample_ratio | people | conversions | run_length | crossed | planned_size | planned_look | size_of_change.
        state: ok | watch | fail | unknown.
        text: What it says, numbers written.
    """

    name: str
    state: CheckState
    text: str


@dataclass(frozen=True)
class Readout:
    """A test, read.

    Attributes:
        design: How it was read, everything filled in.
        variants: All variants, control first.
        effects: One a metric and variant, in order of weight.
        segments: Effects of the first metric by segment level, p-values adjusted over all of them.
        checks: Checks, worst first.
        srm: Sample-ratio check.
        verdict: The answer in one sentence.
        findings: What deserves attention.
        evidence: Results, checks, segments.
        users: People per variant.
        joined: First and last day people joined, ISO; "" without dates.
    """

    design: Design
    variants: tuple[str, ...]
    effects: tuple[Effect, ...]
    segments: tuple[Effect, ...]
    checks: tuple[ValidityCheck, ...]
    srm: SampleRatio
    verdict: Verdict
    findings: tuple[Finding, ...]
    evidence: tuple[Evidence, ...]
    users: Mapping[str, int] = field(default_factory=dict)
    joined: tuple[str, str] = ("", "")

    @property
    def is_valid(self) -> bool:
        """Whether no check failed."""
        return all(check.state != "fail" for check in self.checks)

    def effect(self, name: str, variant: str = "") -> Effect | None:
        """The effect of a metric on a variant (the first variant when none is named)."""
        for effect in self.effects:
            if effect.metric.name == name and variant in ("", effect.variant):
                return effect
        return None

    def role(self, role: str, variant: str = "") -> Effect | None:
        """The effect on the metric with this role."""
        for effect in self.effects:
            if effect.metric.role == role and variant in ("", effect.variant):
                return effect
        return None

    @property
    def results(self) -> Evidence:
        """The table of effects."""
        return self.evidence[0]

    def rows(self) -> list[dict[str, Any]]:
        """The effects as flat rows."""
        return [effect.row() for effect in self.effects]

"""Read a test: checks first, then effects with fixed and always-valid ranges, then a sentence.

Shares: Newcombe interval and pooled z-test. Means: Welch. Ratios: delta method. A covariate known before
the start
narrows all of them (CUPED). p-values are adjusted over all metrics and variants (Holm). A test that was
planned for one look and is looked at earlier is read by its always-valid range, so that the verdict does not flip with
every look; a tenth of the accepted chance of a false finding pays for those looks, the planned one has the rest.
"""

from __future__ import annotations

from dataclasses import replace

from lib.analysis.experiments import checks as experiments_checks
from lib.analysis.experiments import interim_looks, readout_text
from lib.analysis.experiments.design import EARLY, SLOT, Design, check_variants, guess, likely_control
from lib.analysis.experiments.effects import effects_of, segment_effects
from lib.analysis.experiments.readout import Effect, Readout
from lib.analysis.experiments.sufficient_statistics import DAY, SufficientStatistics, count
from lib.engine import query
from lib.engine.datasets.dataset import Dataset
from lib.engine.evidence.cache import cached
from lib.engine.evidence.evidence import Evidence
from lib.errors import DataError
from lib.framework import slots
from lib.stats.srm import ALARM_P

METHOD = (
    "Shares: Newcombe interval, pooled z-test. Means: Welch. Ratios: delta method. Covariate: CUPED. Holm-adjusted "
    "p-values. Always-valid: asymptotic confidence sequence, "
    "its running intersection over the days of joining where the test is watched."
)
DEFINITION = (
    "Each metric of each variant against control, one line a person; ranges hold 95 % for one look (ci) and for any "
    "number of looks (always)."
)


def _evidence(
    title: str, effects: tuple[Effect, ...], counted: SufficientStatistics, design: Design, dataset: Dataset
) -> Evidence:
    rows = [effect.row() for effect in effects]
    columns = tuple(rows[0]) if rows else ("metric", "variant")
    method = METHOD.replace("Holm", "Benjamini-Hochberg") if design.correction == "bh" else METHOD
    return query.evidence(
        title,
        DEFINITION,
        counted.sql,
        {slots.EVENTS if design.assignment_event else SLOT: dataset},
        dict(counted.params),
        rows=[tuple(row.values()) for row in rows],
        columns=columns,
        method=method,
    )


def _ordered(counted: SufficientStatistics, design: Design) -> tuple[str, ...]:
    """Variants, control first.

    Raises:
        DataError: There are too few or too many, or control is none of them.
    """
    names = counted.variants
    check_variants(names)
    control = design.control or likely_control(names)
    if control not in names:
        raise DataError(f"No variant is called {control!r}.", f"Choose control from {', '.join(names)}.")
    return (control, *(name for name in names if name != control))


def _complete(dataset: Dataset, design: Design | None) -> Design:
    if design is not None and design.assignment_event:
        return design
    if design is not None and design.metrics and design.control:
        return design
    found = guess(dataset)
    if design is None:
        return found
    return replace(design, control=design.control or found.control, metrics=design.metrics or found.metrics)


def _effects(
    dataset: Dataset, design: Design, counted: SufficientStatistics, variants: tuple[str, ...]
) -> tuple[Design, tuple[Effect, ...], str]:
    """How the test is read today, its effects, and the day its plan was full ("" where that is not known)."""
    # Planned for one look and looked at earlier: only a range that allows for early looks may decide.
    judged = replace(design, reading="sequential") if experiments_checks.is_early(counted, design) else design
    effects = effects_of(counted, judged, variants)
    is_planned = judged.reading == "sequential" or judged.looks_alpha is not None
    if not is_planned or not (counted.first or design.assignment_event):
        return judged, effects, ""
    daily = count(dataset, design, DAY)
    ended = interim_looks.planned_end(daily, design)
    return judged, interim_looks.with_looks(effects, daily, judged, variants), ended


@cached
def read(dataset: Dataset, design: Design | None = None) -> Readout:
    """Read a test from its file, or from events where the design names an assignment event.

    Args:
        dataset: Contract `experiment` (user_id, variant, metric columns), or `events` with a column
            `variant`.
        design: What to compare; None, or empty parts, are taken from what the columns suggest.

    Raises:
        MappingError: A column that was named is not there.
        DataError: There is nothing to compare.
    """
    design = _complete(dataset, design)
    counted = count(dataset, design)
    variants = _ordered(counted, design)
    design = replace(design, control=variants[0])
    refused = None
    if design.covariate:
        p = experiments_checks.covariate_difference(counted, design, variants)
        if p < ALARM_P:  # what the test itself moved would hide the test's effect
            refused = (design.covariate, p)
            design = replace(design, covariate="")
            counted = count(dataset, design)
    if design.reading == "fixed" and design.planned_total:
        design = replace(design, looks_alpha=EARLY * design.alpha)
    judged, effects, ended = _effects(dataset, design, counted, variants)
    by_segment = [(column, count(dataset, design, column)) for column in design.segments]
    segments = segment_effects(by_segment, judged, variants)
    checks, table = experiments_checks.validity_checks(
        counted, by_segment, design, variants, effects, dataset, refused, ended
    )
    results = _evidence("Effects of the test", effects, counted, design, dataset)
    evidence = [results, table]
    if segments:
        evidence.append(_evidence("Effects by segment", segments, by_segment[0][1], design, dataset))
    ratio = experiments_checks.split(counted, design, variants)
    verdict = readout_text.verdict(results, effects, checks, judged, alarm=ratio.state == "alarm")
    findings = readout_text.findings(results, table, effects, checks)
    users = dict(zip(variants, counted.users_in(variants), strict=True))
    joined = ("", "")
    if counted.first and counted.last:
        joined = (counted.first.isoformat(), counted.last.isoformat())
    return Readout(
        judged, variants, effects, segments, checks, ratio, verdict, findings, tuple(evidence), users, joined
    )

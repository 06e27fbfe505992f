"""Checks that come before any effect is believed: the split, counts, run length, people in two variants."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from lib.analysis.events import event_names
from lib.analysis.experiments.design import SLOT, Design, MetricSpec
from lib.analysis.experiments.effects import MIN_EVENTS, MIN_USERS, is_rare, rarer_outcome
from lib.analysis.experiments.readout import CheckState, Effect, ValidityCheck
from lib.analysis.experiments.sufficient_statistics import ALL, FULL, SufficientStatistics
from lib.analysis.verdict import fill
from lib.engine import query
from lib.engine.datasets.dataset import Dataset
from lib.engine.evidence import formats
from lib.engine.evidence.evidence import Evidence, Scalar
from lib.framework import slots
from lib.stats import srm
from lib.stats.compare import VariantStatistics, compare

MIN_DAYS = 7
SUSPICIOUS = 0.5  # a relative change larger than this is usually a mistake in the data
CROSSED_SHARE = 0.01
MISSING_SHARE = 0.05
PAST = 1.05  # of the planned people: more are past the plan
ORDER: Mapping[str, int] = {"fail": 0, "watch": 1, "unknown": 2, "ok": 3}
COLUMNS = ("check", "state", "segment", "value", "limit", "detail")
Row = tuple[str, CheckState, str, Scalar, Scalar, Scalar]

NOTHING = "{detail} says nothing: no values, the same for everybody, or divided by zero."
TEXTS: Mapping[tuple[str, str], str] = {
    ("sample_ratio", "ok"): "People split over the variants as planned (sample-ratio p {value}).",
    ("sample_ratio", "watch"): "The split is a little off plan (sample-ratio p {value}; alarm is under {limit}): "
    "read on, but check how people were assigned.",
    ("sample_ratio", "fail"): "The split is off plan: {detail}. Chance alone does that with p {value}, so something "
    "adds or loses people in one variant. Find it before reading any effect.",
    ("sample_ratio", "unknown"): "Too few people to check the split.",
    ("sample_ratio_segment", "watch"): "In {segment} the split is a little off plan (p {value}).",
    ("sample_ratio_segment", "fail"): "In {segment} the split is off plan (p {value}): look there for the cause.",
    ("people", "ok"): "Every variant has at least {limit} people.",
    ("people", "fail"): "Fewest people in a variant: {value}; under {limit} nothing is estimated.",
    ("values", "fail"): NOTHING,
    ("values", "watch"): NOTHING,
    ("missing", "watch"): "{detail}: {value} of people have no value and are left out of it.",
    ("missing", "fail"): "{detail}: people without a value are not spread evenly over the variants (p {value}), so those "
    "who are left cannot be compared.",
    ("alike", "fail"): "{detail} look like one variant written in two ways. Write it in one way in the file.",
    ("conversions", "ok"): "Every variant has enough of both outcomes.",
    ("conversions", "watch"): "{detail} has only {value} of one outcome in a variant; under {limit} it is not read.",
    ("run_length", "ok"): "It ran {value} days, whole weeks.",
    ("run_length", "watch"): "People joined over {value} days, which is not whole weeks: weekdays weigh unevenly.",
    ("run_length", "fail"): "People joined over {value} days only; wait until at least {limit} days are in.",
    ("run_length", "unknown"): "No date in the file: whether it ran whole weeks cannot be checked.",
    ("crossed", "ok"): "Nobody is counted in two variants.",
    ("crossed", "watch"): "{value} people were seen in two variants; they are left out.",
    ("crossed", "fail"): "{value} people were seen in two variants, {detail} of all: the assignment leaks.",
    ("repeated", "watch"): "{value} people have several lines; their numbers were added up.",
    ("planned_size", "watch"): "{value} of {limit} planned people are in: read early, so only the interval that "
    "allows for early looks counts. All looks before the planned size together have {detail} of the accepted chance of a "
    "false finding, the planned one has the rest.",
    ("planned_look", "ok"): "Read once, at its planned size ({value} people, {limit} planned). Looks before it had "
    "{detail} of the accepted chance of a false finding, this one has the rest: together no more than was accepted.",
    ("planned_look", "watch"): "{value} people are in, {limit} were planned. The verdict is over those who had joined by "
    "{detail}, when the plan was full; whoever joined later does not change it.",
    ("planned_look", "unknown"): "{value} people are in, {limit} were planned, and no date says who had joined by then: "
    "all are read as the one planned look.",
    ("covariate", "watch"): "{detail} differs between the variants (p {value}), so it was not known before the start: "
    "it is not used.",
    ("size_of_change", "watch"): "{detail} changed by {value}: changes this large are usually a mistake in the data.",
}  # fmt: skip
FORMATS: Mapping[str, tuple[str, str]] = {
    "sample_ratio": ("p", "p"), "sample_ratio_segment": ("p", "p"), "people": ("count", "count"),
    "conversions": ("count", "count"), "run_length": ("count", "count"), "crossed": ("count", "text"),
    "repeated": ("count", "text"), "planned_size": ("count", "count"), "size_of_change": ("+percent", "percent"),
    "planned_look": ("count", "count"), "covariate": ("p", "p"), "values": ("text", "text"), "missing": ("percent", "p"),
    "alike": ("text", "text"),
}  # fmt: skip
_SRM: Mapping[str, CheckState] = {"ok": "ok", "watch": "watch", "alarm": "fail", "too_few": "unknown"}


def split(counted: SufficientStatistics, design: Design, variants: Sequence[str]) -> srm.SampleRatio:
    """The sample-ratio check over everybody."""
    return srm.check(counted.users_in(variants), _shares(design, variants))


def _shares(design: Design, variants: Sequence[str]) -> list[float] | None:
    """Planned shares where every variant has one, else None for equal."""
    planned = dict(design.shares)
    return [planned[v] for v in variants] if all(v in planned for v in variants) else None


def _split_rows(
    counted: SufficientStatistics,
    segments: Sequence[tuple[str, SufficientStatistics]],
    design: Design,
    variants: Sequence[str],
) -> list[Row]:
    whole = split(counted, design, variants)
    people = [
        f"{variant} {formats.write(n, 'count')}"
        for variant, n in zip(variants, counted.users_in(variants), strict=True)
    ]
    p = None if math.isnan(whole.p_value) else whole.p_value
    rows: list[Row] = [("sample_ratio", _SRM[whole.state], ALL, p, srm.ALARM_P, ", ".join(people))]
    counts = {
        f"{column} = {level}": counts.users_in(variants, level)
        for column, counts in segments
        for level in sorted({level for level, _ in counts.users})
    }
    for name, result in srm.check_segments(counts, _shares(design, variants)).items():
        if result.state in ("watch", "alarm"):
            state = _SRM[result.state]
            rows.append(("sample_ratio_segment", state, name, result.p_value, srm.ALARM_P / len(counts), ""))
    return rows


def _length_row(counted: SufficientStatistics) -> Row:
    if counted.first is None or counted.last is None:
        return ("run_length", "unknown", ALL, None, MIN_DAYS, "")
    days = (counted.last - counted.first).days + 1
    state: CheckState = "fail" if days < MIN_DAYS else "ok" if days % 7 == 0 else "watch"
    return ("run_length", state, ALL, days, MIN_DAYS, "")


def _count_rows(counted: SufficientStatistics, design: Design, variants: Sequence[str]) -> list[Row]:
    smallest = min(counted.users_in(variants))
    rows: list[Row] = [("people", "ok" if smallest >= MIN_USERS else "fail", ALL, smallest, MIN_USERS, "")]
    fewest = [
        (min(rarer_outcome(side) for side in sides), event_names.heading(metric.words))
        for metric in design.metrics
        if metric.kind == "proportion" and (sides := _sides(counted, metric, variants))
    ]
    for least, name in fewest:
        if is_rare(least):
            rows.append(("conversions", "watch", ALL, round(least), MIN_EVENTS, name))
    if fewest and not is_rare(min(fewest)[0]):
        rows.append(("conversions", "ok", ALL, round(min(fewest)[0]), MIN_EVENTS, ""))
    return rows


def _sides(
    counted: SufficientStatistics, metric: MetricSpec, variants: Sequence[str]
) -> list[VariantStatistics]:
    """Sums of every variant that has any."""
    found = (counted.statistics.get((ALL, metric.name, variant)) for variant in variants)
    return [statistics for statistics in found if statistics]


def _value_rows(counted: SufficientStatistics, design: Design, variants: Sequence[str]) -> list[Row]:
    """Metrics that cannot say anything, and metrics that are missing for some people."""
    rows = (_value_row(counted, metric, variants, len(design.metrics) == 1) for metric in design.metrics)
    return [row for row in rows if row is not None]


def _value_row(
    counted: SufficientStatistics, metric: MetricSpec, variants: Sequence[str], is_only: bool
) -> Row | None:
    name = event_names.heading(metric.words)
    sides = [counted.statistics.get((ALL, metric.name, variant)) for variant in variants]
    if not any(m and _varies(m, metric.kind) for m in sides):
        return ("values", "fail" if is_only else "watch", ALL, None, None, name)
    people = counted.users_in(variants)
    known = [m.n if m else 0.0 for m in sides]
    lost = [whole - there for whole, there in zip(people, known, strict=True)]
    if sum(lost) <= 0:
        return None
    p, share = srm.contingency_p(known, lost), sum(lost) / sum(people)
    if p < srm.ALARM_P:
        return ("missing", "fail", ALL, p, srm.ALARM_P, name)
    if share > MISSING_SHARE:
        return ("missing", "watch", ALL, share, MISSING_SHARE, name)
    return None


def _varies(m: VariantStatistics, kind: str) -> bool:
    return m.n >= 2 and ((0 < m.y < 1) if kind == "proportion" else m.sd > 0)


def _alike_rows(variants: Sequence[str]) -> list[Row]:
    """Names of variants that differ only by spaces or capitals."""
    seen: dict[str, list[str]] = {}
    for name in variants:
        seen.setdefault("".join(name.split()).casefold(), []).append(name)
    return [
        ("alike", "fail", ALL, None, None, " and ".join(f"“{name}”" for name in names))
        for names in seen.values()
        if len(names) > 1
    ]


def _people_rows(counted: SufficientStatistics, design: Design, ended: str) -> list[Row]:
    total = counted.total
    share = counted.crossed / max(1, total + counted.crossed)
    state: CheckState = "ok" if not counted.crossed else "fail" if share > CROSSED_SHARE else "watch"
    rows: list[Row] = [
        ("crossed", state, ALL, counted.crossed, CROSSED_SHARE, formats.write(share, "percent1"))
    ]
    if counted.repeated:
        rows.append(("repeated", "watch", ALL, counted.repeated, None, ""))
    return [*rows, *_plan_rows(counted, design, total, ended)]


def _plan_rows(counted: SufficientStatistics, design: Design, total: int, ended: str) -> list[Row]:
    """Where a test that is planned for one look stands: before its planned size, at it, or past it."""
    if design.reading != "fixed" or not design.planned_total:
        return []
    if is_early(counted, design):
        return [("planned_size", "watch", ALL, total, design.planned_total, "a tenth")]
    if total <= PAST * design.planned_total:
        return [("planned_look", "ok", ALL, total, design.planned_total, "a tenth")]
    if not ended:
        return [("planned_look", "unknown", ALL, total, design.planned_total, "")]
    return [("planned_look", "watch", ALL, total, design.planned_total, formats.write(ended[:10], "date"))]


def covariate_difference(counted: SufficientStatistics, design: Design, variants: Sequence[str]) -> float:
    """Smallest p-value of "the covariate is the same in control and a variant"; 1 where it cannot be had."""
    name = design.metrics[0].name
    sides = [counted.statistics.get((ALL, name, variant)) for variant in variants]
    xs = [VariantStatistics(m.n, m.x, m.xx) for m in sides if m and m.n > 1 and m.xx > 0]
    if len(xs) < len(variants):
        return 1.0
    return min(1.0, min(compare(xs[0], x, "mean").p_value for x in xs[1:]) * (len(variants) - 1))


def is_early(counted: SufficientStatistics, design: Design) -> bool:
    """Whether a test to be read once is looked at before its planned size."""
    return bool(
        design.reading == "fixed" and design.planned_total and counted.total < FULL * design.planned_total
    )


def validity_checks(
    counted: SufficientStatistics,
    segments: Sequence[tuple[str, SufficientStatistics]],
    design: Design,
    variants: Sequence[str],
    effects: Sequence[Effect],
    dataset: Dataset,
    refused: tuple[str, float] | None = None,
    ended: str = "",
) -> tuple[tuple[ValidityCheck, ...], Evidence]:
    """All checks, worst first, and the table they were read from.

    Args:
        counted: What the query gave for everybody.
        segments: (segment column, its counts).
        design: How the test is read.
        variants: Control first.
        effects: To flag changes too large to be true.
        dataset: What was read.
        refused: A covariate that was not used, and the p-value of its difference.
        ended: Day on which the planned number of people had joined, "" where none is known.
    """
    rows = [*_split_rows(counted, segments, design, variants), *_count_rows(counted, design, variants)]
    rows += [_length_row(counted), *_people_rows(counted, design, ended)]
    rows += [*_value_rows(counted, design, variants), *_alike_rows(variants)]
    if refused is not None:
        rows.append(("covariate", "watch", ALL, refused[1], srm.ALARM_P, event_names.event(refused[0])))
    for effect in effects:
        change = effect.comparison.relative.value
        if effect.state in ("better", "worse") and math.isfinite(change) and abs(change) > SUSPICIOUS:
            name = f"{event_names.heading(effect.metric.words)} in {event_names.quoted(effect.variant)}"
            rows.append(("size_of_change", "watch", ALL, change, SUSPICIOUS, name))
    rows.sort(key=lambda row: ORDER[row[1]])
    evidence = query.evidence(
        "Checks before the readout",
        "Each check, its value and the limit it is held against; a failed check comes before any effect.",
        counted.sql,
        {slots.EVENTS if design.assignment_event else SLOT: dataset},
        dict(counted.params),
        rows=rows,
        columns=COLUMNS,
        method="Chi-square test for the split; counts for the rest",
    )
    return tuple(_check(evidence, index) for index in range(len(rows))), evidence


def _check(evidence: Evidence, index: int) -> ValidityCheck:
    name, state, *_ = evidence.rows[index]
    value, limit = ("p", "p") if (name, state) == ("missing", "fail") else FORMATS[name]
    facts = {
        "value": evidence.fact(index, "value", value),
        "limit": evidence.fact(index, "limit", limit),
        "detail": evidence.fact(index, "detail", "text"),
        "segment": evidence.fact(index, "segment", "text"),
    }
    return ValidityCheck(name, state, fill(TEXTS[name, state], facts))

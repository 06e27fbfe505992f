"""Why a ratio or a volume changed between two periods: mix, rate and volume by segment, with exact sums."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lib.analysis.metrics import mix_rate_text
from lib.analysis.metrics.periods import Period, period
from lib.analysis.metrics.series import label
from lib.analysis.verdict import Verdict
from lib.engine import query
from lib.engine.calendar import Calendar
from lib.engine.datasets.dataset import Dataset
from lib.engine.evidence.cache import cached
from lib.engine.evidence.evidence import Evidence, single
from lib.engine.segments import NO_VALUE, SEGMENT, segment_ctes, segment_join
from lib.errors import DataError
from lib.framework import slots
from lib.stats.decompose import Split, mix_and_rate, rate_effect_error, volume_and_rate
from lib.stats.intervals import z_value

__all__ = ["MixResult", "Period", "explain", "from_events", "from_metrics", "period"]

MAX_SEGMENTS = 12
MOSTLY = 0.6  # share of the change from which "mostly" is said
WINDOW_DAYS = 14.0
COLUMNS = (
    "segment", "before", "before_part", "after", "after_part", "before_rate", "after_rate", "share_before", "share_after",
    "mix_effect", "rate_effect", "total_effect", "part_change", "volume_effect", "part_rate_effect", "share_of_new",
    "relative_rate",
)  # fmt: skip
DEFINITION = (
    "Rate effect: change of the segment's own rate times its mean share. Mix effect: change of its share times the "
    "distance of its mean rate from the whole's. All mix and rate effects add up to the change of the rate exactly. "
    "Volume effect and part rate effect split the change of the count in the same way."
)

EVENTS_SQL = """
WITH entered AS (
  SELECT user_id, MIN(timestamp) AS at FROM events WHERE event = $start GROUP BY user_id
), reached AS (
  SELECT e.user_id, MIN(p.timestamp) AS done FROM entered e JOIN events p ON p.user_id = e.user_id AND p.event = $finish
  AND p.timestamp >= e.at AND p.timestamp <= e.at + $window * INTERVAL '1' DAY GROUP BY e.user_id
),{segments} edge AS (SELECT MAX(timestamp) AS until FROM events)
SELECT {segment} AS segment, {day} AS day, COUNT(*) AS entered, COUNT(r.done) AS reached
FROM entered e {join} LEFT JOIN reached r ON r.user_id = e.user_id, edge
WHERE e.at <= edge.until - $window * INTERVAL '1' DAY
GROUP BY 1, 2
"""
METRICS_SQL = f"""
SELECT COALESCE(segment, '{NO_VALUE}') AS segment, CAST(date AS DATE) AS day,
       SUM(value) FILTER (WHERE metric = $denominator) AS entered, SUM(value) FILTER (WHERE metric =
       $numerator) AS reached
FROM metrics WHERE metric IN ($denominator, $numerator) AND LOWER(COALESCE(segment, '')) NOT IN ('all',
'total', 'overall')
GROUP BY 1, 2
"""


@dataclass(frozen=True)
class MixResult:
    """A change between two periods, split.

    Attributes:
        verdict: The sentence.
        evidence: The split by segment (largest effect first, the whole as `all` last), then its sums.
        before: Earlier period.
        after: Later period.
        conclusion: mix | rate | both | flat | unclear.
        rate_before: Ratio of the whole before, 0..1 (or any ratio).
        rate_after: Ratio after.
        mix: Sum of mix effects.
        rate: Sum of rate effects.
        driver: Segment that explains most in the direction of the change.
        what: Name of the ratio.
    """

    verdict: Verdict
    evidence: tuple[Evidence, ...]
    before: Period
    after: Period
    conclusion: str
    rate_before: float
    rate_after: float
    mix: float
    rate: float
    driver: str
    what: str

    @property
    def findings(self) -> tuple[()]:
        """None of its own; the audit makes them."""
        return ()

    @property
    def table(self) -> Evidence:
        """The split by segment."""
        return self.evidence[0]


NAMES_SQL = """SELECT DISTINCT metric FROM metrics
WHERE value IS NOT NULL AND LOWER(COALESCE(segment, '')) NOT IN ('', 'all', 'total', 'overall') ORDER BY metric"""


def day_table(
    dataset: Dataset,
    start: str,
    finish: str,
    by: str = "channel",
    *,
    window_days: float = WINDOW_DAYS,
    calendar: Calendar | None = None,
) -> tuple[str, dict[str, object], list[dict[str, object]]]:
    """People who entered a step by day and segment, and how many of them reached another in time; mature people only.

    Returns:
        The SQL, its parameters, rows of segment, day, entered, reached.
    """
    calendar = calendar or Calendar()
    has_segment = dataset.has(by)
    sql = EVENTS_SQL.format(
        segments=f" {segment_ctes(by).strip()}," if has_segment else "",
        segment=SEGMENT if has_segment else "'everybody'",
        join=segment_join("e") if has_segment else "",
        day=f"CAST({calendar.sql('day', 'e.at')} AS DATE)",
    )
    params: dict[str, object] = {"start": start, "finish": finish, "window": window_days}
    return sql, params, query.query(sql, {slots.EVENTS: dataset}, params).records()


@cached
def from_events(
    dataset: Dataset,
    start: str,
    finish: str,
    before: Period,
    after: Period,
    *,
    by: str = "channel",
    window_days: float = WINDOW_DAYS,
    calendar: Calendar | None = None,
) -> MixResult:
    """Split the change of the conversion from one event to another between two periods of entry.

    Args:
        dataset: Events.
        start: People count in the period in which they first did this.
        finish: Converted when they do this within the window after it.
        before: Earlier period.
        after: Later period.
        by: Column of the segments: the value of each person's earliest event that has one.
        window_days: Longest time from start to finish; people who entered later than this before the data's
        end are left out.
        calendar: Days of the workbook's time zone.

    Raises:
        DataError: Nobody entered in one of the periods, or an event is not in the file.
    """
    sql, params, rows = day_table(dataset, start, finish, by, window_days=window_days, calendar=calendar)
    if not rows:
        raise DataError(
            f"No one did “{start}” early enough to be judged.",
            "Choose another first event or a shorter window.",
        )
    return explain(
        rows, before, after, f"{start} to {finish}", sql, params, {slots.EVENTS: dataset}, is_share=True
    )


def from_metrics(
    dataset: Dataset, numerator: str, denominator: str, before: Period, after: Period
) -> MixResult:
    """Split the change of one metric over another, by the file's segment column.

    Args:
        dataset: Metrics with the column segment.
        numerator: Metric on top.
        denominator: Metric below.
        before: Earlier period.
        after: Later period.

    Raises:
        DataError: The file has no segments, or a metric has no values in one of the periods.
    """
    if not dataset.has("segment"):
        raise DataError(
            f"{dataset.name} has no segments.", "Upload it with a segment column, or choose an events file."
        )
    params: dict[str, object] = {"denominator": denominator, "numerator": numerator}
    names = [str(row[0]) for row in query.query(NAMES_SQL, {slots.METRICS: dataset}).rows]
    for name in (numerator, denominator):
        if name not in names:
            raise DataError(
                f"The file has no metric “{name}” with segments.", f"Choose among: {', '.join(names[:12])}."
            )
    rows = query.query(METRICS_SQL, {slots.METRICS: dataset}, params).records()
    return explain(
        rows,
        before,
        after,
        f"{numerator} per {denominator}",
        METRICS_SQL,
        params,
        {slots.METRICS: dataset},
        is_share=False,
    )


def explain(
    rows: Sequence[Mapping[str, object]],
    before: Period,
    after: Period,
    what: str,
    sql: str,
    params: Mapping[str, object],
    datasets: Mapping[str, Dataset],
    *,
    is_share: bool,
) -> MixResult:
    """Split the change of reached / entered between two periods.

    Args:
        rows: segment, day, entered, reached.
        before: Earlier period.
        after: Later period.
        what: Name of the ratio.
        sql: Where the rows came from.
        params: Its parameters.
        datasets: Its datasets.
        is_share: `reached` counts members of `entered`, so sampling error is known.
    """
    names, counts = _counts(rows, before, after)
    for index, when in ((0, before), (1, after)):
        if not len(names) or counts[index, 0].sum() <= 0:
            raise DataError(
                f"There is nothing to read in {when.name}.", "Choose a period that the data cover."
            )
    table, sums, conclusion, driver = _tables(
        names, counts, before, after, what, sql, params, datasets, is_share=is_share
    )
    whole = sums.records()[0]
    said = mix_rate_text.verdict(table, sums, conclusion, driver, what)
    return MixResult(
        said,
        (table, sums),
        before,
        after,
        conclusion,
        whole["rate_before"],
        whole["rate_after"],
        whole["mix_effect"],
        whole["rate_effect"],
        driver,
        what,
    )


def _counts(
    rows: Sequence[Mapping[str, object]], before: Period, after: Period
) -> tuple[list[str], np.ndarray]:
    """Segments and float[period, entered | reached, segment]; small segments beyond the twelfth are put together."""
    sums: dict[str, np.ndarray] = {}
    for row in rows:
        for index, when in enumerate((before, after)):
            if when.covers(row["day"]):
                cell = sums.setdefault(str(row["segment"]), np.zeros((2, 2)))
                cell[index] += [float(str(row["entered"] or 0)), float(str(row["reached"] or 0))]
    order = sorted(sums, key=lambda name: -sums[name][:, 0].sum())
    kept, rest = order[:MAX_SEGMENTS], order[MAX_SEGMENTS:]
    if rest:
        sums["other segments"] = np.sum([sums[name] for name in rest], axis=0)
        kept = [*kept, "other segments"]
    return kept, np.stack([sums[name] for name in kept], axis=2) if kept else np.zeros((2, 2, 0))


def _tables(
    names: list[str],
    counts: np.ndarray,
    before: Period,
    after: Period,
    what: str,
    sql: str,
    params: Mapping[str, object],
    datasets: Mapping[str, Dataset],
    *,
    is_share: bool,
) -> tuple[Evidence, Evidence, str, str]:
    """The split by segment, its sums, what explains the change and the segment that drives it."""
    split = mix_and_rate(counts[0, 1], counts[0, 0], counts[1, 1], counts[1, 0])
    stamped = {**params, "before": before.name, "after": after.name}
    table = query.evidence(
        f"{label(what)}: {before.name} to {after.name} by segment",
        DEFINITION,
        sql,
        datasets,
        stamped,
        rows=_rows(names, counts, split),
        columns=COLUMNS,
        method="mix and rate effects, midpoint form",
    )
    noise = _change_error(counts) if is_share else math.nan
    change, mix = split.after - split.before, float(split.mix.sum())
    conclusion = _conclude(change, mix, noise)
    effects = {"mix": split.mix, "rate": split.rate}.get(conclusion, split.mix + split.rate)
    sums = single(
        f"{label(what)}: what changed",
        DEFINITION,
        _sums(counts, split, is_share=is_share) | {"before": before.name, "after": after.name},
        sql=sql,
        sources=[item.source() for item in datasets.values()],
        params=tuple(stamped.items()),
        at=query.now(),
        method="mix and rate effects, midpoint form; normal 95 % intervals",
    )
    return table, sums, conclusion, _driver(names, effects, change)


def _rows(names: list[str], counts: np.ndarray, split: Split) -> tuple[tuple[Any, ...], ...]:
    """One row a segment in the order of `COLUMNS`, largest effect first, and the whole as `all`."""
    total = split.mix + split.rate
    (whole0, part0), (whole1, part1) = counts
    volume, part_rate = volume_and_rate(part0, whole0, part1, whole1)
    effects = np.stack([split.mix, split.rate, total, part1 - part0, volume, part_rate])
    ends = np.stack([whole0, part0, whole1, part1])
    new = whole1 - whole0
    rows: list[tuple[object, ...]] = []
    for i in np.argsort(-np.abs(total)):
        others = whole1.sum() - whole1[i]
        rest = _ratio(part1.sum() - part1[i], others) if others > 0 else None
        rates = (_ratio(part0[i], whole0[i]), _ratio(part1[i], whole1[i]))
        shares = (whole0[i] / whole0.sum(), whole1[i] / whole1.sum())
        of_new = _ratio(new[i], new.sum()) if new.sum() > 0 else None
        relative = _ratio(rates[1], rest) if rest is not None else None
        rows.append((names[i], *ends[:, i], *rates, *shares, *effects[:, i], of_new, relative))
    sums = effects.sum(axis=1)
    sums[2] = split.after - split.before
    whole = (*ends.sum(axis=1), split.before, split.after, 1.0, 1.0, *sums, None, None)
    return tuple(tuple(_native(value) for value in row) for row in (*rows, ("all", *whole)))


def _sums(counts: np.ndarray, split: Split, *, is_share: bool) -> dict[str, object]:
    """Both periods as a whole, the change of each, and intervals where sampling error is known."""
    (whole0, part0), (whole1, part1) = counts
    change, mix, rate = split.after - split.before, float(split.mix.sum()), float(split.rate.sum())
    reach = z_value(0.95) * (rate_effect_error(part0, whole0, part1, whole1) if is_share else math.nan)
    noise = z_value(0.95) * (_change_error(counts) if is_share else math.nan)
    entered, reached = counts[:, 0].sum(axis=1).tolist(), counts[:, 1].sum(axis=1).tolist()
    return {
        "rate_before": split.before,
        "rate_after": split.after,
        "change": change,
        "mix_effect": mix,
        "rate_effect": rate,
        "mix_share": mix / change if change else None,
        "rate_share": rate / change if change else None,
        "entered_before": entered[0],
        "entered_after": entered[1],
        "entered_change": _ratio(entered[1], entered[0], -1),
        "reached_before": reached[0],
        "reached_after": reached[1],
        "reached_change": _ratio(reached[1], reached[0], -1),
        "rate_effect_low": rate - reach,
        "rate_effect_high": rate + reach,
        "change_low": change - noise,
        "change_high": change + noise,
    }


def _native(value: object) -> object:
    return None if value is None else value if isinstance(value, str) else float(value) + 0.0  # type: ignore[arg-type]


def _ratio(a: float | None, b: float, plus: float = 0) -> float | None:
    return None if a is None or not b or not math.isfinite(b) else float(a / b + plus)


def _change_error(counts: np.ndarray) -> float:
    """Standard error of the change of a share, each period's share drawn towards a half by one on either side."""
    out = 0.0
    for whole, part in counts.sum(axis=2):
        p = (part + 1) / (whole + 2)
        out += p * (1 - p) / max(whole, 1)
    return math.sqrt(max(out, 0))


def _conclude(change: float, mix: float, noise: float) -> str:
    if math.isfinite(noise) and abs(change) <= z_value(0.95) * noise:
        return "unclear" if noise > 0.01 else "flat"
    if not change:
        return "flat"
    return "mix" if mix / change >= MOSTLY else "rate" if mix / change <= 1 - MOSTLY else "both"


def _driver(names: list[str], effects: np.ndarray, change: float) -> str:
    return names[int(np.argmax(effects * (1 if change >= 0 else -1)))] if names else ""

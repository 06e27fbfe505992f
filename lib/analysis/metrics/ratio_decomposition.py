"""Which stage made the difference between two periods: a change split into the factors of a product, exactly."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lib.analysis.metrics.periods import Period
from lib.analysis.verdict import Verdict
from lib.engine import query
from lib.engine.calendar import Calendar
from lib.engine.datasets.dataset import Dataset
from lib.engine.evidence.cache import cached
from lib.engine.evidence.evidence import DatasetRead, Evidence, Fact
from lib.errors import DataError
from lib.framework import slots
from lib.stats.decompose import factors
from lib.stats.intervals import z_value

Step = tuple[str, tuple[str, ...]]  # what a person calls it, events of it
LITTLE = 0.1  # an effect smaller than this share of the largest is not worth a word
COLUMNS = ("factor", "before", "after", "effect", "share_of_change", "is_clear")
DEFINITION = (
    "The end result is the first factor times every rate after it. Each factor's effect is what its change "
    "alone explains (logarithmic mean), so the effects add up to the change exactly. Clear: beyond chance at "
    "5 % over all factors together; left empty where chance cannot be worked out."
)
STAGES_SQL = """
WITH entered AS (
  SELECT user_id, MIN(timestamp) AS at FROM events WHERE event = $start GROUP BY user_id
), passed AS (
  SELECT e.user_id, e.at{flags}
  FROM entered e LEFT JOIN events p ON p.user_id = e.user_id AND p.timestamp >= e.at
    AND p.timestamp <= e.at + $window * INTERVAL '1' DAY
  GROUP BY e.user_id, e.at
), edge AS (SELECT MAX(timestamp) AS until FROM events)
SELECT {day} AS day, COUNT(*) AS n0{sums}
FROM passed, edge WHERE passed.at <= edge.until - $window * INTERVAL '1' DAY
GROUP BY 1
"""


@dataclass(frozen=True)
class FactorResult:
    """A change between two periods, split into factors.

    Attributes:
        verdict: The sentence.
        evidence: One table, columns `COLUMNS`; its last row `all` is the end result.
        before: Earlier period.
        after: Later period.
        what: The end result, for people.
        unit: What a value is counted in: "people a week".
    """

    verdict: Verdict
    evidence: tuple[Evidence, ...]
    before: Period
    after: Period
    what: str
    unit: str

    @property
    def table(self) -> Evidence:
        """The split."""
        return self.evidence[0]

    @property
    def findings(self) -> tuple[()]:
        """None of its own."""
        return ()


def day_table(
    dataset: Dataset, start: str, steps: Sequence[Step], *, window_days: float, calendar: Calendar
) -> tuple[str, dict[str, object], list[dict[str, object]]]:
    """People who entered by day, and how many reached each step or a later one within the window; mature ones only.

    Returns:
        The SQL, its parameters, rows of day, n0, n1 ... (n0 entered).
    """
    params: dict[str, object] = {"start": start, "window": window_days}
    flags, sums = [], []
    for index in range(len(steps)):
        names = list(dict.fromkeys(event for _, events in steps[index:] for event in events))
        bound = {f"s{index}_{number}": event for number, event in enumerate(names)}
        params |= bound
        listed = ", ".join(f"${name}" for name in bound)
        flags.append(f",\n         MAX(CASE WHEN p.event IN ({listed}) THEN 1 ELSE 0 END) AS f{index + 1}")
        sums.append(f", SUM(f{index + 1}) AS n{index + 1}")
    sql = STAGES_SQL.format(
        flags="".join(flags), sums="".join(sums), day=f"CAST({calendar.sql('day', 'passed.at')} AS DATE)"
    )
    return sql, params, query.query(sql, {slots.EVENTS: dataset}, params).records()


@cached
def by_stage(
    dataset: Dataset,
    start: Step,
    steps: tuple[Step, ...],
    before: Period,
    after: Period,
    *,
    window_days: float = 14,
    calendar: Calendar | None = None,
) -> FactorResult:
    """Split the change of how many people a week reach the last step into volume and the rate of each step.

    Args:
        dataset: Events.
        start: Name and event of the entry; people count in the period in which they first did it.
        steps: Later steps in order, the last is the end. Who reached a later step counts for the earlier ones.
        before: Earlier period.
        after: Later period.
        window_days: Longest time from the entry to any step.
        calendar: Days of the workbook's time zone.

    Raises:
        DataError: Nobody entered or nobody reached the end in one of the periods.
    """
    sql, params, rows = day_table(
        dataset, start[1][0], steps, window_days=window_days, calendar=calendar or Calendar()
    )
    counts = np.array([_sum(rows, when, len(steps)) for when in (before, after)])
    if (counts <= 0).any():
        empty = before if (counts[0] <= 0).any() else after
        raise DataError(
            f"Nobody got from {start[0]} to {steps[-1][0]} in {empty.name}.",
            "Choose another period, an earlier entry or a longer time.",
        )
    weeks = np.array([before.days / 7, after.days / 7])
    names = [
        f"entered at {start[0]}",
        *(f"{a} to {b}" for (a, _), (b, _) in zip((start, *steps), steps, strict=False)),
    ]
    values = np.column_stack([counts[:, 0] / weeks, counts[:, 1:] / counts[:, :-1]])
    return _result(
        names,
        values,
        _clear(counts, weeks),
        before,
        after,
        steps[-1][0],
        "people a week",
        sql,
        params | {"before": before.name, "after": after.name},
        (dataset.source(),),
    )


def _sum(rows: Sequence[Mapping[str, object]], when: Period, steps: int) -> list[float]:
    out = np.zeros(steps + 1)
    for row in rows:
        if when.covers(row["day"]):
            out += [float(str(row[f"n{index}"] or 0)) for index in range(steps + 1)]
    return out.tolist()


def _clear(counts: np.ndarray, weeks: np.ndarray) -> list[bool | None]:
    """Whether each factor moved beyond chance: volume as a Poisson count a week, rates as shares."""
    z = z_value(1 - 0.05 / counts.shape[1])
    volume = counts[:, 0] / weeks
    spread = math.sqrt(float((counts[:, 0] / weeks**2).sum()))
    found: list[bool | None] = [bool(abs(volume[1] - volume[0]) > z * spread)]
    for index in range(1, counts.shape[1]):
        n, k = counts[:, index - 1], counts[:, index]
        p = k.sum() / n.sum()
        error = math.sqrt(max(p * (1 - p), 1e-12) * float((1 / n).sum()))
        found.append(bool(abs(k[1] / n[1] - k[0] / n[0]) > z * error))
    return found


def from_values(
    names: Sequence[str],
    before_values: Sequence[float],
    after_values: Sequence[float],
    before: Period,
    after: Period,
    what: str,
    unit: str,
    sql: str,
    params: Mapping[str, object],
    sources: tuple[DatasetRead, ...],
) -> FactorResult:
    """Split the change of a product of measured values.

    Args:
        names: Factors for people.
        before_values: Their values before, all positive.
        after_values: Their values after, all positive.
        before: Earlier period.
        after: Later period.
        what: The product, for people.
        unit: What it is counted in.
        sql: Where the values came from.
        params: Its parameters.
        sources: Its datasets.

    Raises:
        DataError: A value is zero or below, or unknown: a product has no share to give it.
    """
    values = np.array([before_values, after_values], dtype=float)
    if not (values > 0).all():
        raise DataError(
            "One of the steps has no value in one of the periods.",
            "Choose periods in which each is measured.",
        )
    stamped = dict(params) | {"before": before.name, "after": after.name}
    return _result(names, values, [None] * len(names), before, after, what, unit, sql, stamped, sources)


def _result(
    names: Sequence[str],
    values: np.ndarray,
    clear: Sequence[bool | None],
    before: Period,
    after: Period,
    what: str,
    unit: str,
    sql: str,
    params: Mapping[str, object],
    sources: tuple[DatasetRead, ...],
) -> FactorResult:
    effects = factors(values[0], values[1])
    ends = np.prod(values, axis=1)
    change = float(ends[1] - ends[0])
    rows = [
        (
            name,
            float(values[0, i]),
            float(values[1, i]),
            float(effects[i]),
            float(effects[i]) / change if change else None,
            clear[i],
        )
        for i, name in enumerate(names)
    ]
    rows.append(("all", float(ends[0]), float(ends[1]), change, None, None))
    table = Evidence(
        f"{what}: {before.name} to {after.name} by stage",
        DEFINITION,
        sql,
        COLUMNS,
        tuple(rows),
        tuple(params.items()),
        sources,
        query.now(),
        "logarithmic mean Divisia index",
    )
    return FactorResult(_verdict(table, what, unit), (table,), before, after, what, unit)


def _verdict(table: Evidence, what: str, unit: str) -> Verdict:
    """From how many to how many, and the factors that pushed most, up and down."""
    whole = table.find(factor="all")
    rows = table.records()[:whole]
    facts: dict[str, Fact | str] = {
        "what": what,
        "unit": unit,
        "before": table.fact(whole, "before", "number1"),
        "after": table.fact(whole, "after", "number1"),
    }
    told = [index for index, row in enumerate(rows) if row["is_clear"] is not False]
    told.sort(key=lambda index: -abs(rows[index]["effect"]))
    told = [index for index in told if abs(rows[index]["effect"]) >= LITTLE * abs(rows[told[0]]["effect"])]
    parts = []
    for number, index in enumerate(told[:3]):
        facts |= {
            f"factor{number}": rows[index]["factor"],
            f"effect{number}": table.fact(index, "effect", "+number1"),
        }
        parts.append(f"{{effect{number}}} from “{{factor{number}}}”")
    text = "{what} went from {before} to {after} {unit}: "
    if not parts:
        return Verdict(
            "unclear", text + "no stage moved beyond chance.", facts, needs="longer periods", code="unclear"
        )
    up = rows[told[0]]["effect"] > 0
    change = table.records()[whole]["effect"]
    status = "mixed" if (change > 0) != up else "good" if up else "bad"
    return Verdict(status, text + ", ".join(parts) + ".", facts, code="split")

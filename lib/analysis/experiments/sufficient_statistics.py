"""The one query behind a readout: people of each variant, added up.

One row a person first (a person with several lines counts once; one seen in two variants is left out and
counted),
then sums per variant and metric. Values are centred before they are squared, so that large numbers lose
nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lib.analysis.experiments.design import SLOT, Design, MetricSpec
from lib.engine import query
from lib.engine.calendar import day_of
from lib.engine.datasets.dataset import Dataset
from lib.engine.evidence.evidence import Scalar
from lib.errors import DataError, MappingError
from lib.framework import slots
from lib.stats.compare import VariantStatistics

ALL = "all"
DAY = "=day"  # as a segment: the day on which a person joined
FULL = 0.95  # of the planned people: the last few may stay away without the plan being missed
LOOK_BACK_DAYS = 14


@dataclass(frozen=True)
class SufficientStatistics:
    """What the query gave.

    Attributes:
        statistics: (segment level, metric name, variant) -> sums; level `all` for everybody.
        users: (level, variant) -> people.
        crossed: People seen in more than one variant, left out.
        repeated: People with more than one line.
        first, last: First and last day of joining, None without dates.
        sql: The query.
        params: Its parameters.
        immature: People left out because their window is not over (events only).
    """

    statistics: Mapping[tuple[str, str, str], VariantStatistics]
    users: Mapping[tuple[str, str], int]
    crossed: int
    repeated: int
    first: dt.date | None
    last: dt.date | None
    sql: str
    params: Mapping[str, Scalar]
    immature: int = 0

    @property
    def variants(self) -> list[str]:
        """Variants of the whole test, by name."""
        return sorted({variant for level, variant in self.users if level == ALL})

    @property
    def total(self) -> int:
        """People in all variants."""
        return sum(self.users_in(self.variants))

    def users_in(self, variants: Sequence[str], level: str = ALL) -> list[int]:
        """People of each variant at a segment level, in the order given."""
        return [self.users.get((level, variant), 0) for variant in variants]


def _value(dataset: Dataset, name: str) -> str:
    """A column as a number: booleans and yes/no texts as 0 and 1."""
    kinds = {column.name: column.kind for column in dataset.columns}
    if name not in kinds:
        others = ", ".join(sorted(set(kinds) - {"user_id", "variant"}))
        raise MappingError(
            f"The file has no column {name!r}.",
            f"Choose from {others or 'a file with more columns'}.",
        )
    column = query.quote(name)
    if kinds[name] == "boolean":
        return f"CASE WHEN {column} THEN 1.0 WHEN NOT {column} THEN 0.0 END"
    if kinds[name] == "text":
        yes, no = "('true','t','yes','y','1')", "('false','f','no','n','0')"
        return f"CASE WHEN LOWER({column}) IN {yes} THEN 1.0 WHEN LOWER({column}) IN {no} THEN 0.0 END"
    return f"CAST({column} AS DOUBLE)"


def _from_file(dataset: Dataset, design: Design, segment: str) -> tuple[str, dict[str, Scalar]]:
    """CTE `people` from a file with a line a person."""
    parts = []
    for index, metric in enumerate(design.metrics):
        fold = "MAX" if metric.kind == "proportion" else "SUM"
        parts.append(f"{fold}({_value(dataset, metric.column)}) AS y{index}")
        if metric.denominator:
            parts.append(f"SUM({_value(dataset, metric.denominator)}) AS d{index}")
    covariate = f"MAX({_value(dataset, design.covariate)})" if design.covariate else "CAST(0 AS DOUBLE)"
    day = f"MIN({query.quote(design.date_column)})" if design.date_column else "CAST(NULL AS DATE)"
    level = f"MIN({query.quote(segment)})" if segment else f"'{ALL}'"
    if segment == DAY:
        level = f"CAST(CAST({day} AS DATE) AS VARCHAR)"
    return (
        f"""people AS (
  SELECT user_id, MIN(variant) AS variant, COUNT(DISTINCT variant) AS variants, COUNT(*) AS lines,
    COALESCE({level}, 'missing') AS level, {day} AS joined, 0 AS immature, {covariate} AS x,
    {", ".join(parts)}
  FROM experiment WHERE user_id IS NOT NULL AND variant IS NOT NULL GROUP BY user_id)""",
        {},
    )


def _from_events(dataset: Dataset, design: Design, segment: str) -> tuple[str, dict[str, Scalar]]:
    """CTE `people` from an assignment event and what people did in the window after it."""
    if not dataset.has("variant"):
        raise MappingError(
            "The events have no column that says who saw which variant.",
            "Add a column named variant to the events file, filled on the assignment event.",
        )
    params: dict[str, Scalar] = {"assignment": design.assignment_event}
    inside = (
        f"e.timestamp >= a.joined_at AND e.timestamp < a.joined_at + INTERVAL '{int(design.window_days)}' DAY"
    )
    before = f"e.timestamp < a.joined_at AND e.timestamp >= a.joined_at - INTERVAL '{LOOK_BACK_DAYS}' DAY"
    parts = []
    for index, metric in enumerate(design.metrics):
        if metric.column == "revenue":
            parts.append(f"SUM(CASE WHEN {inside} THEN COALESCE(e.revenue, 0.0) ELSE 0.0 END) AS y{index}")
            continue
        params[f"event{index}"] = metric.column
        fold = "MAX" if metric.kind == "proportion" else "SUM"
        parts.append(
            f"{fold}(CASE WHEN e.event = $event{index} AND {inside} THEN 1.0 ELSE 0.0 END) AS y{index}"
        )
    level = f"MIN(a.{query.quote(segment)})" if segment else f"'{ALL}'"
    held = f", MIN({query.quote(segment)}) AS {query.quote(segment)}" if segment else ""
    if segment == DAY:
        level, held = "CAST(CAST(MIN(a.joined_at) AS DATE) AS VARCHAR)", ""
    covariate = f"SUM(CASE WHEN {before} THEN 1.0 ELSE 0.0 END)" if design.covariate else "CAST(0 AS DOUBLE)"
    return (
        f"""assigned AS (
  SELECT user_id, MIN(variant) AS variant, COUNT(DISTINCT variant) AS variants, COUNT(*) AS lines,
    MIN(timestamp) AS joined_at{held}
  FROM events WHERE event = $assignment AND variant IS NOT NULL GROUP BY user_id),
people AS (
  SELECT a.user_id, MIN(a.variant) AS variant, MIN(a.variants) AS variants, 1 AS lines,
    COALESCE({level}, 'missing') AS level, MIN(a.joined_at) AS joined,
    CASE WHEN MIN(a.joined_at) + INTERVAL '{int(design.window_days)}' DAY > (SELECT MAX(timestamp) FROM events)
      THEN 1 ELSE 0 END AS immature, {covariate} AS x, {", ".join(parts)}
  FROM assigned a JOIN events e ON e.user_id = a.user_id GROUP BY a.user_id)""",
        params,
    )


def _long(metrics: Sequence[MetricSpec], *, with_covariate: bool) -> str:
    """CTE `long`: a line a person and metric, with value, denominator and covariate."""
    x = "COALESCE(x, (SELECT AVG(x) FROM clean))" if with_covariate else "x"
    lines = []
    for index, metric in enumerate(metrics):
        under = f"d{index}" if metric.denominator else "CAST(1 AS DOUBLE)"
        known = f"y{index} IS NOT NULL" + (f" AND d{index} IS NOT NULL" if metric.denominator else "")
        values = f"{index} AS metric, y{index} AS y, {under} AS d, {x} AS x"
        lines.append(f"SELECT level, variant, {values} FROM clean WHERE {known}")
    return "long AS (\n  " + "\n  UNION ALL ".join(lines) + ")"


_SUMS = """SELECT l.level, l.metric, l.variant, COUNT(*) AS n,
  AVG(l.y) AS y, AVG(l.d) AS d, AVG(l.x) AS x,
  SUM(l.y - c.y) AS sy, SUM(l.d - c.d) AS sd, SUM(l.x - c.x) AS sx,
  SUM((l.y - c.y) * (l.y - c.y)) AS yy, SUM((l.d - c.d) * (l.d - c.d)) AS dd, SUM((l.x - c.x) * (l.x -
  c.x)) AS xx,
  SUM((l.y - c.y) * (l.d - c.d)) AS yd, SUM((l.y - c.y) * (l.x - c.x)) AS yx, SUM((l.d - c.d) * (l.x -
  c.x)) AS dx
FROM long l JOIN centre c ON c.metric = l.metric
GROUP BY l.level, l.metric, l.variant ORDER BY l.level, l.metric, l.variant"""


def _statistics(row: Mapping[str, Scalar]) -> VariantStatistics:
    n = float(row["n"])

    def spread(name: str, left: str, right: str) -> float:
        if n < 2:
            return 0.0
        value = (row[name] - row[left] * row[right] / n) / (n - 1)
        return max(0.0, value) if left == right else value

    return VariantStatistics(
        n,
        row["y"],
        spread("yy", "sy", "sy"),
        row["d"],
        spread("dd", "sd", "sd"),
        row["x"],
        spread("xx", "sx", "sx"),
        spread("yd", "sy", "sd"),
        spread("yx", "sy", "sx"),
        spread("dx", "sd", "sx"),
    )


def _people_cte(dataset: Dataset, design: Design, segment: str) -> tuple[str, dict[str, Scalar], str]:
    if not design.metrics:
        raise DataError(
            "No column of this file can be a metric.",
            "Add a yes/no or number column for what you want to compare.",
        )
    build = _from_events if design.assignment_event else _from_file
    people, params = build(dataset, design, segment)
    return people, params, slots.EVENTS if design.assignment_event else SLOT


def count(dataset: Dataset, design: Design, segment: str = "") -> SufficientStatistics:
    """Run the query.

    Args:
        dataset: The experiment file, or the events.
        design: What to compare.
        segment: Text column to split by, or `DAY`; "" for everybody together.

    Raises:
        MappingError: A column is not there.
        DataError: There is nothing to compare.
    """
    people, params, table = _people_cte(dataset, design, segment)
    clean = f"WITH {people},\nclean AS (SELECT * FROM people WHERE variants = 1 AND immature = 0)"
    sums = f"""{clean},
{_long(design.metrics, with_covariate=bool(design.covariate))},
centre AS (SELECT metric, AVG(y) AS y, AVG(d) AS d, AVG(x) AS x FROM long GROUP BY metric)
{_SUMS}"""
    statistics = {
        (str(row["level"]), design.metrics[row["metric"]].name, str(row["variant"])): _statistics(row)
        for row in query.query(sums, {table: dataset}, params).records()
    }
    _refuse_other_than_shares(statistics, design)
    heads = f"""WITH {people}
SELECT level, CASE WHEN variants > 1 THEN NULL ELSE variant END AS variant, MIN(joined) AS first,
MAX(joined) AS last,
  SUM(1 - immature) AS people, SUM(immature) AS immature, SUM(CASE WHEN lines > 1 THEN 1 ELSE 0 END) AS
  repeated
FROM people GROUP BY 1, 2"""
    rows = query.query(heads, {table: dataset}, params).records()
    known = [row for row in rows if row["variant"] is not None]
    days = [day_of(row[end]) for row in known for end in ("first", "last") if row[end] is not None]
    return SufficientStatistics(
        statistics=statistics,
        users={(str(row["level"]), str(row["variant"])): int(row["people"]) for row in known},
        crossed=sum(int(row["people"]) for row in rows if row["variant"] is None),
        repeated=sum(int(row["repeated"]) for row in known),
        first=min(days, default=None),
        last=max(days, default=None),
        sql=sums,
        params=params,
        immature=sum(int(row["immature"]) for row in known),
    )


def _refuse_other_than_shares(
    statistics: Mapping[tuple[str, str, str], VariantStatistics], design: Design
) -> None:
    """A column read as a share holds 0 and 1 only: its variance then follows from its mean.

    Raises:
        MappingError: It holds other numbers.
    """
    shares = {metric.name for metric in design.metrics if metric.kind == "proportion"}
    for (_, name, _), m in statistics.items():
        bound = m.y * (1 - m.y) * m.n / max(1.0, m.n - 1)
        if name in shares and m.n >= 2 and (not 0 <= m.y <= 1 or abs(m.yy - bound) > 1e-6 * max(1.0, m.yy)):
            raise MappingError(
                f"{name} holds other values than yes and no (0 and 1).", f"Read it as a mean: {name}:mean."
            )

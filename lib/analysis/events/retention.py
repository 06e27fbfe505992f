"""How many users of each cohort come back, and whether the curve flattens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lib.analysis.events.retention_sql import portable_sql
from lib.analysis.events.retention_verdict import conclude, tail_of
from lib.analysis.result_types import TableResult
from lib.engine import query
from lib.engine.calendar import Calendar
from lib.engine.datasets.dataset import Dataset
from lib.engine.evidence.cache import cached
from lib.engine.evidence.evidence import Scalar
from lib.engine.sources.answers import CohortCounts
from lib.errors import DataError
from lib.framework import slots
from lib.stats.intervals import wilson

COLUMNS = ("cohort", "period", "users", "retained", "rate", "is_mature")
CURVE_COLUMNS = ("period", "users", "retained", "rate", "ci_low", "ci_high")
FLOOR = 0.05


@dataclass(frozen=True)
class RetentionResult(TableResult):
    """Retention by cohort.

    Attributes:
        period: week | month.
        kind: bounded | unbounded.
        verdict: Whether the curve flattens, and at what level.
        findings: Cohorts that stand apart.
        evidence: Table by cohort (`COLUMNS`), curve over all cohorts (`CURVE_COLUMNS`), and, where there is
            enough, the last three points with slope and level.
    """

    period: str
    kind: str

    @property
    def curve(self) -> list[dict[str, Scalar]]:
        """The curve over all mature cohorts as dictionaries with the keys of `CURVE_COLUMNS`."""
        return self.evidence[1].records()


@cached
def retention(
    dataset: Dataset,
    *,
    period: str = "week",
    kind: str = "bounded",
    return_event: str = "",
    cohort_event: str = "",
    calendar: Calendar | None = None,
    floor: float = FLOOR,
) -> RetentionResult:
    """Count cohorts coming back.

    A user's cohort is the calendar week or month of their first event (or first `cohort_event`). `bounded`:
    active in exactly the period that many after it; `unbounded`: in that period or any later one. A cell is
    mature when the data reaches the end of its period; a day with data counts as complete. Immature cells
    keep their count so far but have no rate and enter no curve.

    The verdict looks at the last three points that enough users have reached, on the same cohorts: the curve
    has flattened when the interval of its slope includes zero and rules out losing 15 % of the level per
    period.

    Args:
        dataset: Events.
        period: week | month.
        kind: bounded | unbounded.
        return_event: Event that counts as coming back; "" for any.
        cohort_event: Event that starts a user's clock; "" for any.
        calendar: Time zone and first day of the week; UTC and Monday when None.
        floor: Level below which a flat curve is no good news.

    Raises:
        DataError: An unknown period, kind or event.

    Source:
        Winters and Balfour on flattening curves; n-day and unbounded retention as in Amplitude and Mixpanel.
    """
    if period not in ("week", "month"):
        raise DataError(f"Retention cannot be counted by {period!r}.", "Choose week or month.")
    if kind not in ("bounded", "unbounded"):
        raise DataError(f"There is no kind of retention called {kind!r}.", "Choose bounded or unbounded.")
    calendar = calendar or Calendar()
    is_bounded = kind == "bounded"
    found = query.events(dataset).retention(
        calendar, period, is_bounded=is_bounded, return_event=return_event, cohort_event=cohort_event
    )
    sql = portable_sql(
        calendar, period, is_bounded=is_bounded, has_return=bool(return_event), has_cohort=bool(cohort_event)
    )
    params = {k: v for k, v in (("return_event", return_event), ("cohort_event", cohort_event)) if v}
    definition = _definition(period, kind, return_event, cohort_event)
    tables = tuple(
        query.evidence(
            title, definition, sql, {slots.EVENTS: dataset}, params, rows=rows, columns=columns, method=method
        )
        for title, columns, rows, method in _tables(found)
    )
    verdict, findings = conclude(tables, period, floor, int(found.size.sum()))
    return RetentionResult(verdict, findings, tables, period, kind)


def _tables(found: CohortCounts) -> list[tuple[str, tuple[str, ...], list[tuple[Any, ...]], str]]:
    """Title, columns, rows and method of each table: cohorts, curve and, where there is enough, its end."""
    cells, curve = _cells(found), _curve(found)
    tables = [
        ("Retention by cohort", COLUMNS, cells, "a rate only where the data covers the period"),
        ("Retention curve", CURVE_COLUMNS, curve, "cohorts that reached the period; Wilson, 95 %"),
    ]
    tail = tail_of(found.size, found.retained, found.periods.complete())
    if tail:
        method = "least squares through the last three points of the same cohorts, intervals 95 %"
        tables.append(("End of the retention curve", tail.columns, [tail.row], method))
    return tables


def _definition(period: str, kind: str, return_event: str, cohort_event: str) -> str:
    start = f"first {cohort_event}" if cohort_event else "first event"
    back = return_event or "any event"
    later = "in exactly" if kind == "bounded" else "in or after"
    return f"Users by {period} of their {start}, and how many had {back} {later} each {period} after it."


def _cells(found: CohortCounts) -> list[tuple[Any, ...]]:
    number = len(found.periods.starts)
    complete = found.periods.complete()
    rows: list[tuple[Any, ...]] = []
    for cohort in np.flatnonzero(found.size):
        users = int(found.size[cohort])
        for offset in range(number - int(cohort)):
            retained, is_mature = int(found.retained[cohort, offset]), bool(complete[cohort + offset])
            day = found.periods.starts[cohort].isoformat()
            rows.append((day, offset, users, retained, retained / users if is_mature else None, is_mature))
    return rows


def _curve(found: CohortCounts) -> list[tuple[Any, ...]]:
    number = len(found.periods.starts)
    complete = found.periods.complete()
    rows: list[tuple[Any, ...]] = []
    for offset in range(number):
        cohorts = np.flatnonzero(complete[offset:] & (found.size[: number - offset] > 0))
        users = int(found.size[cohorts].sum())
        if users:
            retained = int(found.retained[cohorts, offset].sum())
            share = wilson(retained, users)
            rows.append((offset, users, retained, share.value, share.low, share.high))
    return rows

"""Datasets on this machine: DuckDB over their Parquet files for queries, kernels over the event layout for events.

One DuckDB instance a process, one cursor a call, every result fetched whole (a shared connection gives wrong answers
without an error).
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import numpy as np

from lib.engine.calendar import Calendar, Unit
from lib.engine.datasets.dataset import Dataset
from lib.engine.kernels import activity, attribution, conditions, first_times, funnel, handoff, revenue
from lib.engine.layout.event_layout import EventLayout, open_layout
from lib.engine.sources.answers import (
    ChannelCredit,
    CohortCounts,
    CohortRevenue,
    ConditionCounts,
    ConditionQuestion,
    CreditQuestion,
    FirstTimes,
    FunnelCounts,
    FunnelQuestion,
    OutcomeCounts,
    PayingMonths,
    PeriodFlow,
    RiskByAge,
    SegmentRevenue,
    Table,
)
from lib.engine.sources.sql_text import literal, quote

_lock = threading.Lock()
_connection: duckdb.DuckDBPyConnection | None = None


def _cursor() -> duckdb.DuckDBPyConnection:
    """A cursor of its own for one call. Close it (use `with`)."""
    global _connection
    with _lock:
        if _connection is None:
            _connection = duckdb.connect(":memory:")
            _connection.execute("SET TimeZone = 'UTC'")
            # Three threads beat two on two cores for clustered hash aggregates.
            _connection.execute("SET threads = 3")
        return _connection.cursor()


class LocalSource:
    """A `Source` over datasets of this machine."""

    def __init__(self, datasets: Mapping[str, Dataset]) -> None:
        """Nothing is opened before it is asked.

        Args:
            datasets: Table name -> dataset.
        """
        self._datasets = datasets

    def query(self, sql: str, params: Mapping[str, Any] | None = None) -> Table:
        """See `Source.query`."""
        with _cursor() as cur:
            cur.execute(self._bound(sql), dict(params or {}))
            columns = tuple(item[0] for item in cur.description or ())
            return Table(columns, tuple(tuple(row) for row in cur.fetchall()))

    def people(self, sql: str, params: Mapping[str, Any] | None = None) -> dict[str, np.ndarray]:
        """See `Source.people`."""
        with _cursor() as cur:
            found = cur.execute(self._bound(sql), dict(params or {})).fetchnumpy()
            return {name: np.ma.asarray(values) for name, values in found.items()}

    def first_times(self, most_kinds: int) -> FirstTimes:
        """See `Source.first_times`."""
        if not self._datasets["events"].rows:
            return first_times.nobody()
        return first_times.first_times(self._layout, most_kinds)

    def funnel(self, question: FunnelQuestion) -> FunnelCounts:
        """See `Source.funnel`."""
        return funnel.answer(self._layout, question)

    def retention(
        self, calendar: Calendar, unit: Unit, *, is_bounded: bool, return_event: str, cohort_event: str
    ) -> CohortCounts:
        """See `Source.retention`."""
        return activity.cohorts(
            self._layout,
            calendar,
            unit,
            is_bounded=is_bounded,
            return_kind=return_event,
            cohort_kind=cohort_event,
        )

    def user_flow(self, calendar: Calendar, unit: Unit) -> PeriodFlow:
        """See `Source.user_flow`."""
        return activity.user_flow(self._layout, calendar, unit)

    def revenue_flow(self, calendar: Calendar) -> PeriodFlow:
        """See `Source.revenue_flow`."""
        return activity.flow(*revenue.monthly(self._layout, calendar))

    def cohort_revenue(self, calendar: Calendar, by: str) -> CohortRevenue:
        """See `Source.cohort_revenue`."""
        return revenue.cohorts(self._layout, calendar, by)

    def revenue_at_age(self, days: int, by: str) -> tuple[SegmentRevenue, ...]:
        """See `Source.revenue_at_age`."""
        return revenue.at_age(self._layout, days, by)

    def paying_months(self, calendar: Calendar) -> PayingMonths:
        """See `Source.paying_months`."""
        return revenue.paying_months(*revenue.monthly(self._layout, calendar))

    def credit(self, question: CreditQuestion) -> ChannelCredit:
        """See `Source.credit`."""
        return attribution.answer(self._layout, question)

    def outcome_counts(self, outcome: str, horizon_days: float) -> OutcomeCounts:
        """See `Source.outcome_counts`."""
        return handoff.outcome_counts(self._layout, outcome, horizon_days)

    def outcome_risk(
        self, outcome: str, kinds: Sequence[str], *, after: Sequence[str], bin_hours: float
    ) -> dict[str, RiskByAge]:
        """See `Source.outcome_risk`."""
        return handoff.outcome_risk(self._layout, outcome, kinds, after, bin_hours)

    def condition_counts(self, question: ConditionQuestion) -> ConditionCounts:
        """See `Source.condition_counts`."""
        return conditions.answer(self._layout, question)

    @property
    def _layout(self) -> EventLayout:
        """The layout of the events; opened in about a microsecond once it has been."""
        return open_layout(self._datasets["events"])

    def _bound(self, sql: str) -> str:
        """The query with its tables in front of it as CTEs, so that the query itself stays portable."""
        head = ", ".join(
            f"{quote(name)} AS (SELECT * FROM read_parquet({literal(str(data.path))}))"
            for name, data in self._datasets.items()
        )
        body = sql.strip()
        if not head:
            return body
        begins_with = body[:5].upper() in ("WITH ", "WITH\n")
        return f"WITH {head}, {body[5:].lstrip()}" if begins_with else f"WITH {head} {body}"

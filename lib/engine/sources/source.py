"""The seam between analyses and data: an analysis asks a `Source`, and never opens where the rows are.

A source is one or more datasets under the names that queries know them by (`events`, `metrics`, ...), opened with
`lib.engine.query.open_source`. It answers three sorts of questions:

1. **A query**: one of our own portable SELECTs, for a small table.
2. **A question about events** (`funnel` to `condition_counts`): counts, sums and medians, exactly as the portable SQL in
   the analysis' `*_sql.py` defines them. The source decides how: the local one asks kernels over the event layout, one
   in a warehouse runs the SQL there, one on Spark Connect the same with its dialect. Statistics and verdicts are made
   from the answer, so they are the same everywhere.
3. **Something per person** (`first_times`, `people`): arrays with one entry a person. A source whose rows lie elsewhere
   takes a copy of the columns first, or refuses (`DataError`) where there are too many people.

Rules for an implementation:
- It holds no state that a question changes; questions come from several threads at a time.
- What an event is called, what a column holds and what a person wrote are bound as parameters, never written into SQL.
- Rows without user, event or time do not count. Times are UTC. "Until the end of the data" is the time of the last event.
- Ties: events at the same instant count in step order; channels at the same instant in alphabetical order.
- An unknown event or column is a `DataError` with what there is; files or a server that are gone are a `NotFoundError`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from lib.engine.calendar import Calendar, Unit
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


class Source(Protocol):
    """Datasets that can be asked. Every question about events is asked of the table `events`."""

    def query(self, sql: str, params: Mapping[str, Any] | None = None) -> Table:
        """Run one of our own SELECTs and fetch it whole.

        Args:
            sql: Portable SQL over the source's tables; parameters as `$name`.
            params: Parameter name -> value.
        """
        ...

    def people(self, sql: str, params: Mapping[str, Any] | None = None) -> dict[str, np.ndarray]:
        """Run one of our own SELECTs over `events` for columns with one row a person, or a few.

        Returns:
            Column name -> masked array; times as datetime64.
        """
        ...

    def first_times(self, most_kinds: int) -> FirstTimes:
        """When each person first did each of the kinds that most people did."""
        ...

    def funnel(self, question: FunnelQuestion) -> FunnelCounts:
        """Users by step."""
        ...

    def retention(
        self, calendar: Calendar, unit: Unit, *, is_bounded: bool, return_event: str, cohort_event: str
    ) -> CohortCounts:
        """Each cohort's users who came back, by periods since their first.

        Args:
            calendar: How times become periods.
            unit: Length of a period.
            is_bounded: Active in exactly that period; otherwise in it or any later one.
            return_event: Event that counts as coming back; "" for any.
            cohort_event: Event whose first time puts a user in a cohort; "" for any.
        """
        ...

    def user_flow(self, calendar: Calendar, unit: Unit) -> PeriodFlow:
        """Active users of each period by what they did in the period before."""
        ...

    def revenue_flow(self, calendar: Calendar) -> PeriodFlow:
        """Revenue of each month by what its users brought in the month before."""
        ...

    def cohort_revenue(self, calendar: Calendar, by: str) -> CohortRevenue:
        """Cumulative revenue of every cohort and segment; `by` "" for no segments."""
        ...

    def revenue_at_age(self, days: int, by: str) -> tuple[SegmentRevenue, ...]:
        """Revenue up to an age of those who have reached it: everybody, then each segment."""
        ...

    def paying_months(self, calendar: Calendar) -> PayingMonths:
        """Months with revenue, and how many were not followed by another."""
        ...

    def credit(self, question: CreditQuestion) -> ChannelCredit:
        """Credit of channels for conversions."""
        ...

    def outcome_counts(self, outcome: str, horizon_days: float) -> OutcomeCounts:
        """How every other event lies to each user's first outcome."""
        ...

    def outcome_risk(
        self, outcome: str, kinds: Sequence[str], *, after: Sequence[str], bin_hours: float
    ) -> dict[str, RiskByAge]:
        """Time at risk and outcomes by age, split by whether each event has happened yet.

        Args:
            outcome: Ends a life, as does the end of the data.
            kinds: A user counts as exposed from the first one on.
            after: Age counts from when a user had done all of these, others are left out; from the first event when
                empty.
            bin_hours: Width of an age bin.
        """
        ...

    def condition_counts(self, question: ConditionQuestion) -> ConditionCounts:
        """People handed over at an event, by what they had done before."""
        ...

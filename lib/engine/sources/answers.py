"""What analyses ask a source, and the small tables it answers with.

Nothing here knows where the rows are. Questions are in event names and days; answers are counts, sums and medians by
step, period, segment or event, tens to thousands of numbers whatever the number of events, so an engine that is asked
by SQL gives the same from its aggregates. Only `FirstTimes` has one entry a person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lib.engine.calendar import Periods
from lib.engine.evidence.evidence import Scalar

NEVER = int(np.iinfo(np.int64).max)  # later than any time, so "the earliest of" needs no special case
HOUR = 3_600_000_000  # times of persons are whole microseconds since 1970, UTC
DAY = 24 * HOUR
OTHER = "(other)"  # small segments together
REVENUE_DAYS = 30  # of a period of cohort revenue


@dataclass(frozen=True)
class Table:
    """A small result of a query: column names and rows, fetched whole."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Scalar, ...], ...]

    def records(self) -> list[dict[str, Scalar]]:
        """The rows as dictionaries."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


@dataclass(frozen=True)
class FunnelQuestion:
    """Who gets from one step to the next.

    Attributes:
        steps: Each step's events; any of them counts as the step.
        window_days: Longest time from the first step.
        step_window_days: Longest time from the step before, for each step after the first; None or missing where only
            the whole window counts.
        entry: Which path of a user counts. any: any occurrence of the first step may start one. first: the one from
            the user's first occurrence of the first step, by the first next occurrence of each later one. fresh: only
            the first time ever of every step; whoever did a later step before an earlier one was further already and
            does not enter.
        by: Column of the segments; "" for none.
        most_segments: Of more segments the smallest, by users who entered, are one called `OTHER`.
    """

    steps: tuple[tuple[str, ...], ...]
    window_days: float
    step_window_days: tuple[float | None, ...] = ()
    entry: str = "any"
    by: str = ""
    most_segments: int = 20

    def gap_days(self, step: int) -> float | None:
        """Longest time from the step before to a step (0-based, after the first), or None."""
        return self.step_window_days[step - 1] if step <= len(self.step_window_days) else None


@dataclass(frozen=True, eq=False)
class FunnelCounts:
    """Users by step, of everybody and of each segment.

    Attributes:
        segments: Names of the segments, most users first; `OTHER` last where some were put together.
        users: int64[1 + segments, steps], users who reached the step; the first row is everybody.
        immature: int64[1 + segments, steps], those of them whose window was still open when the data ended.
        median_hours: For each step, by row of `users`: median time from the step before of mature users; None where
            there are none, and for the first step.
    """

    segments: tuple[str, ...]
    users: np.ndarray
    immature: np.ndarray
    median_hours: tuple[tuple[float | None, ...], ...]


@dataclass(frozen=True, eq=False)
class CohortCounts:
    """Cohort sizes and who came back.

    Attributes:
        periods: The periods; cohorts and offsets are numbers into them.
        size: int64[periods], users whose first period it is.
        retained: int64[periods, periods], by cohort and offset.
    """

    periods: Periods
    size: np.ndarray
    retained: np.ndarray


@dataclass(frozen=True, eq=False)
class PeriodFlow:
    """Amounts per period by what happened since the period before, float64[periods] each.

    With an amount of 1 per active user this is growth accounting of users; with revenue, of revenue.

    Attributes:
        periods: The periods.
    """

    periods: Periods
    active: np.ndarray
    new: np.ndarray
    resurrected: np.ndarray
    expansion: np.ndarray
    contraction: np.ndarray
    churned: np.ndarray


@dataclass(frozen=True, eq=False)
class CohortRevenue:
    """Cohorts by calendar month of the first event, periods of `REVENUE_DAYS` since each user's own first event.

    Attributes:
        months: The calendar months.
        segments: Names of the segments; empty where none were asked for.
        customers: int64[months, segments or 1].
        revenue: float64[months, segments or 1, periods], cumulative.
        mature: int64[months], periods whose end every user of the cohort has reached.
        begun: int64[months], periods that a user of the cohort can have begun.
        users: All users.
        reached: int64[periods], users who have been there for at least so many whole periods.
    """

    months: Periods
    segments: tuple[str, ...]
    customers: np.ndarray
    revenue: np.ndarray
    mature: np.ndarray
    begun: np.ndarray
    users: int
    reached: np.ndarray


@dataclass(frozen=True)
class SegmentRevenue:
    """Revenue up to one age of the users who have reached it.

    Attributes:
        segment: Name; "" for everybody.
        customers: Users, paying or not.
        mean: Revenue per user.
        squares: Sum over the users of the squared distance to the mean.
    """

    segment: str
    customers: int
    mean: float
    squares: float


@dataclass(frozen=True)
class PayingMonths:
    """Calendar months of users with revenue above zero.

    Attributes:
        number: Of them, over all users.
        mean_revenue: Per month and user; NaN without one.
        followed: Of those whose next month is complete.
        lost: Of those, the ones whose next month had no revenue.
    """

    number: int
    mean_revenue: float
    followed: int
    lost: int


@dataclass(frozen=True)
class CreditQuestion:
    """Which channels were touched before each user's first conversion.

    Attributes:
        conversion: The event.
        touches: Events that count as touches; all when empty. Only those with a channel count; at one moment the
            conversion itself is the last.
        lookback_days: How long before the conversion a touch counts.
        half_life_days: Of the model in which touches fade.
        has_steps: Whether the steps of journeys are asked for too.
    """

    conversion: str
    touches: tuple[str, ...]
    lookback_days: float
    half_life_days: float
    has_steps: bool


@dataclass(frozen=True, eq=False)
class ChannelCredit:
    """Credit of channels.

    Attributes:
        channels: Names, alphabetically.
        conversions: Users who converted, with a touch or without.
        credit: Model -> float64[channels]: conversions credited by first, last, linear, position, decay.
        steps: int64[channels + 3, channels + 3], steps between states on the way to the conversion or away: channels,
            then start, converted, lost. None where not asked for.
    """

    channels: tuple[str, ...]
    conversions: int
    credit: Mapping[str, np.ndarray]
    steps: np.ndarray | None


@dataclass(frozen=True)
class KindCounts:
    """Users of one event kind, relative to each user's first outcome.

    Attributes:
        kind: The event.
        users: Users who ever did it.
        reach: Users whose first one lies not after their outcome, or who have no outcome.
        converted: Those of them whose outcome came within the horizon.
        before: Users with an outcome whose first one lies not after it.
        after: Users whose first one comes after their outcome.
        lead: Median hours from it to the outcome of the converted; NaN where nobody converted.
    """

    kind: str
    users: int
    reach: int
    converted: int
    before: int
    after: int
    lead: float


@dataclass(frozen=True)
class OutcomeCounts:
    """Every event kind but the outcome, alphabetically.

    Attributes:
        users: All users.
        outcomes: Users with the outcome.
        kinds: One entry an event.
    """

    users: int
    outcomes: int
    kinds: tuple[KindCounts, ...]


@dataclass(frozen=True, eq=False)
class RiskByAge:
    """Person-time (in any one unit) and outcomes per age bin, of everybody (`time`, `events`) and of the exposed.

    Attributes:
        exposed_events: float64[bins].
        exposed_time: float64[bins].
        events: float64[bins].
        time: float64[bins].
    """

    exposed_events: np.ndarray
    exposed_time: np.ndarray
    events: np.ndarray
    time: np.ndarray


@dataclass(frozen=True)
class ConditionQuestion:
    """What people had done before they did an event, and who of them reached the outcome.

    Attributes:
        event: People are handed over the first time they do it with the condition true.
        outcome: The event that counts as outcome.
        horizon_days: How soon the outcome has to follow.
        times: How often an event may be asked to have happened.
        most_kinds: Events tried as conditions: those that most people did.
        least_people: An event done so often by fewer is not tried.
    """

    event: str
    outcome: str
    horizon_days: float
    times: tuple[int, ...]
    most_kinds: int
    least_people: int


@dataclass(frozen=True)
class HandedCounts:
    """Of people handed over: all, those who could be watched for the horizon, those of them with the outcome."""

    handed: int
    watched: int
    reached: int


@dataclass(frozen=True)
class ConditionCounts:
    """Counts of the event alone and with each condition.

    Attributes:
        judged: People with the outcome whose first event lies at least the horizon before the data end.
        weeks: Length of the time in which people could be watched for the horizon; at least one.
        alone: The event without a condition.
        after: (event, times) -> the event done after that one so many times.
    """

    judged: int
    weeks: float
    alone: HandedCounts
    after: Mapping[tuple[str, int], HandedCounts]


@dataclass(frozen=True, eq=False)
class FirstTimes:
    """When each person first did each kind of event: one entry a person, in the order of their ids.

    Attributes:
        kinds: Event names, most people first.
        events: How often each kind happened, same order.
        first: People x kinds, microseconds since 1970; `NEVER` where the person never did it.
        entered: First event of any kind, per person.
        channel: Index into `channels` per person (channel of the first event that has one); empty when the data have
            no channels.
        channels: Channel names.
        since: First moment of the data, microseconds.
        until: Last moment of the data: what happens later is not seen.
        paying: Events of which some carry revenue above zero, most people first.
    """

    kinds: tuple[str, ...]
    events: tuple[int, ...]
    first: np.ndarray
    entered: np.ndarray
    channel: np.ndarray
    channels: tuple[str, ...]
    since: int
    until: int
    paying: tuple[str, ...] = ()

    @property
    def has_hours(self) -> bool:
        """Whether the data say when in a day something happened; days alone all lie at one time of the day.

        Days of a zone with summer time lie at two, an hour apart.
        """
        if not self.people:
            return True
        clock = np.unique(self.first[self.first != NEVER] % DAY)
        is_midnight = len(clock) == 1 and clock[0] == 0
        is_two_sided = len(clock) == 2 and clock[1] - clock[0] in (HOUR, DAY - HOUR)
        many = self.until - self.since > 3 * DAY and self.people > 1
        is_local = many and (len(clock) == 1 or is_two_sided) and not (clock % (HOUR // 4)).any()
        return not (is_midnight or is_local)

    @property
    def wait_format(self) -> str:
        """How a time between two events is written: where only days are known, no hours are told."""
        return "hours" if self.has_hours else "day_hours"

    @property
    def people(self) -> int:
        """How many people the data hold."""
        return len(self.entered)

    @property
    def weeks(self) -> float:
        """Length of the data in weeks, at least one day."""
        return max(self.until - self.since, DAY) / (7 * DAY)

    def of(self, kinds: Sequence[str]) -> np.ndarray:
        """When each person first did any of these kinds; `NEVER` for kinds the data do not hold."""
        columns = [self.kinds.index(kind) for kind in kinds if kind in self.kinds]
        if not columns:
            return np.full(self.people, NEVER, dtype=np.int64)
        return self.first[:, columns].min(axis=1)

    def reach(self, kinds: Sequence[str]) -> int:
        """How many people ever did any of these kinds."""
        return int((self.of(kinds) != NEVER).sum())

"""Whether a retention curve has flattened, and what may be said about it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lib.analysis.verdict import Finding, Verdict
from lib.engine.evidence.evidence import Evidence, Fact, Scalar
from lib.stats.intervals import wilson, z_value

ENOUGH_USERS = 100  # in the cohorts whose last three points are judged
SHARE_OF_USERS = 1 / 3  # they stand for at least this part of everybody
MIN_PERIODS = 4  # the first period is the start itself; three points after it
STEEP = 0.15  # losing this part of the level each period is not flat


@dataclass(frozen=True)
class Tail:
    """The last three points of the curve on one set of cohorts."""

    columns: tuple[str, ...]
    row: tuple[Scalar, ...]


def tail_of(size: np.ndarray, retained: np.ndarray, complete: np.ndarray) -> Tail | None:
    """Slope and level of the last three points that enough users have reached.

    Args:
        size: int64[periods], users of each cohort.
        retained: int64[periods, periods], by cohort and offset.
        complete: bool[periods], whether the data covers the period.

    Returns:
        None where no three points after the first have enough users.
    """
    number = len(size)
    for last in range(number - 1, MIN_PERIODS - 2, -1):
        cohorts = np.flatnonzero(complete[last:] & (size[: number - last] > 0))
        users = int(size[cohorts].sum())
        if users < ENOUGH_USERS or users < SHARE_OF_USERS * int(size.sum()):
            continue
        points = [int(retained[cohorts, last - back].sum()) for back in (2, 1, 0)]
        rates = [point / users for point in points]
        slope = (rates[2] - rates[0]) / 2
        # Users active in both periods make the true error smaller: counting them as independent errs to the
        # safe side.
        error = math.sqrt(sum(rate * (1 - rate) / users for rate in (rates[0], rates[2]))) / 2
        width = z_value(0.95) * error
        level = wilson(sum(points) / 3, users)
        columns = (
            "users",
            "from_period",
            "to_period",
            "level",
            "level_low",
            "level_high",
            "slope",
            "slope_low",
            "slope_high",
        )
        row = (users, last - 2, last, level.value, level.low, level.high, slope, slope - width, slope + width)
        return Tail(columns, row)
    return None


def conclude(
    tables: Sequence[Evidence], period: str, floor: float, users: int
) -> tuple[Verdict, tuple[Finding, ...]]:
    """What the curve says.

    Args:
        tables: By cohort, curve, and the last three points where there are any.
        period: week | month, as it stands in the sentence.
        floor: Level below which a flat curve is no good news.
        users: Users in all cohorts.
    """
    if len(tables) < 3:
        return _too_short(period, users), ()
    tail = tables[2]
    facts: dict[str, Fact | str] = {
        "period": period,
        "level": tail.fact(0, "level", "percent1"),
        "low": tail.fact(0, "level_low", "percent1"),
        "high": tail.fact(0, "level_high", "percent1"),
        "slope": tail.fact(0, "slope", "+points"),
        "last": tail.fact(0, "to_period", "count"),
    }
    value = tail.records()[0]
    return _not_flat(value, facts) or _flat(value, floor, facts), ()


def _too_short(period: str, users: int) -> Verdict:
    """No three points have enough users."""
    missing = max(ENOUGH_USERS - users, 0)
    needs = (
        f"about {missing} more users"
        if missing
        else f"{MIN_PERIODS} complete {period}s for a third of the users"
    )
    return Verdict(
        "unclear",
        "Can't tell yet whether retention flattens: too few users for long enough.",
        {"period": period},
        code="retention_short",
        needs=needs,
    )


def _not_flat(value: dict[str, Scalar], facts: dict[str, Fact | str]) -> Verdict | None:
    """Nobody left, still falling, or a slope too uncertain to call flat; None when the curve has flattened."""
    level = value["level"]
    if level == 0:
        return Verdict("bad", "Nobody is left after {last} {period}s.", facts, code="retention_none")
    if value["slope_high"] < 0 and value["slope_low"] < -STEEP / 3 * level:
        template = "Retention is still falling at {period} {last}: {level} are left, {slope} each {period}."
        flips = "Three points in a row without a drop."
        return Verdict("bad", template, facts, code="retention_falling", flips=flips)
    if value["slope_low"] < -STEEP * level:
        template = (
            "Can't tell yet whether retention flattens: it stands at {level} ({low} to {high}) at {period} {last}, "
            "and its slope is not sure."
        )
        needs = f"about {_needed(value, level):,} more users"
        return Verdict("unclear", template, facts, code="retention_wide", needs=needs)
    return None


def _flat(value: dict[str, Scalar], floor: float, facts: dict[str, Fact | str]) -> Verdict:
    """The level a flat curve stands at, against the floor."""
    if value["level_low"] > floor:
        return Verdict(
            "good",
            "Retention flattens at {level} ({low} to {high}) by {period} {last}.",
            facts,
            code="retention_flat",
            flips="A drop over the next three points.",
        )
    if value["level_high"] < floor:
        return Verdict(
            "bad", "Retention flattens, but only at {level} ({low} to {high}).", facts, code="retention_low"
        )
    return Verdict(
        "mixed",
        "Retention flattens at {level} ({low} to {high}), close to the floor.",
        facts,
        code="retention_near_floor",
    )


def _needed(value: dict[str, Scalar], level: float) -> int:
    """More users until the slope's lower end clears the steep line, if the slope stays as it is."""
    width = value["slope"] - value["slope_low"]
    room = max(value["slope"] + STEEP * level, STEEP * level / 4)
    return max(1, math.ceil(value["users"] * ((width / room) ** 2 - 1)))

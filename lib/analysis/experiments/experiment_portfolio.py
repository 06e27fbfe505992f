"""What all tests together say: tempo, win rate, what the wins add up to, how good the forecasts were."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lib.analysis.experiments import preregistration
from lib.analysis.experiments.readout import Effect, Readout
from lib.engine.calendar import iso_day
from lib.engine.evidence import formats
from lib.engine.evidence.evidence import Evidence, single
from lib.stats import brier, shrinkage
from lib.stats.intervals import Interval, wilson, z_value
from lib.workbook.model import Experiment, Workbook

ENOUGH_DECIDED = 10  # tests before one's own win rate says more than anybody's


@dataclass(frozen=True)
class PortfolioWeek:
    """One week of the sprint board.

    Attributes:
        monday: Its first day.
        shipped: Tests decided to ship.
        learned: Tests decided otherwise, and learnings written.
        started: Tests that started.
    """

    monday: dt.date
    shipped: tuple[str, ...]
    learned: tuple[str, ...]
    started: tuple[str, ...]


@dataclass(frozen=True)
class ExperimentPortfolio:
    """All tests together.

    Attributes:
        decided: Tests with a decision.
        shipped: Of these, shipped.
        win_rate: Share shipped, Wilson interval.
        weeks: The board, newest first.
        per_week: Tests decided a week over the last eight weeks with any test.
        cumulative: Product of the shipped tests' shrunken relative effects on their outcome metric; None
            without.
        naive: The same without shrinking, to show the difference.
        calibration: Team -> forecasts against what happened.
        evidence: One row with the numbers above, and one row a test.
        notes: Sentences about small numbers.
    """

    decided: int
    shipped: int
    win_rate: Interval
    weeks: tuple[PortfolioWeek, ...]
    per_week: float
    cumulative: Interval | None
    naive: float
    calibration: Mapping[str, brier.Calibration]
    evidence: tuple[Evidence, ...]
    notes: tuple[str, ...]


def board(workbook: Workbook) -> tuple[PortfolioWeek, ...]:
    """The sprint board by week, newest first; only weeks in which something happened."""
    found: dict[dt.date, dict[str, list[str]]] = {}
    for text, column, name in (*_experiment_notes(workbook), *_learning_notes(workbook)):
        if date := iso_day(text):
            found.setdefault(date - dt.timedelta(days=date.weekday()), {}).setdefault(column, []).append(name)
    return tuple(
        PortfolioWeek(monday, *(tuple(week.get(column, ())) for column in ("shipped", "learned", "started")))
        for monday, week in sorted(found.items(), reverse=True)
    )


def _experiment_notes(workbook: Workbook) -> Iterator[tuple[str, str, str]]:
    """(date, column of the board, words) of every experiment."""
    for experiment in workbook.experiments.values():
        name = experiment.name or "a test"
        yield experiment.starts_on, "started", name
        if experiment.decision == "ship":
            yield experiment.decided_on, "shipped", name
        elif experiment.decision:
            yield experiment.decided_on, "learned", f"{name}: {experiment.decision}"


def _learning_notes(workbook: Workbook) -> Iterator[tuple[str, str, str]]:
    for learning in workbook.learnings.values():
        own = workbook.experiments.get(learning.experiment)
        yield (
            learning.learned_on or (own.decided_on if own else ""),
            "learned",
            learning.learned or learning.saw,
        )


def _outcomes(
    decided: Mapping[str, Experiment], readouts: Mapping[str, Readout]
) -> list[tuple[str, Interval, bool]]:
    """(id, relative effect on the outcome metric, shipped) of tests whose readout has one."""
    found = []
    for id, readout in ((id, readouts[id]) for id in decided if id in readouts):
        chosen = preregistration.cell(decided[id], readout).variant
        effect = readout.role("outcome", chosen) or readout.role("outcome")
        if effect and math.isfinite(effect.comparison.relative.value + effect.comparison.relative.high):
            found.append((id, _gain(effect), decided[id].decision == "ship"))
    return found


def _gain(effect: Effect) -> Interval:
    """The relative effect, turned so that more is better."""
    relative = effect.comparison.relative
    if effect.metric.direction == "up":
        return relative
    return Interval(-relative.value, -relative.high, -relative.low, relative.n, relative.confidence)


def _cumulative(found: Sequence[tuple[str, Interval, bool]]) -> tuple[Interval | None, float]:
    """Shrink every test's effect, then compound those that were shipped."""
    if not any(shipped for _, _, shipped in found):
        return None, 0.0
    ses = [max(1e-9, (effect.high - effect.low) / (2 * z_value(0.95))) for _, effect, _ in found]
    shrunk = shrinkage.shrink([effect.value for _, effect, _ in found], ses).estimates
    kept = [estimate for estimate, (_, _, shipped) in zip(shrunk, found, strict=True) if shipped]
    raw = math.prod(1 + effect.value for _, effect, shipped in found if shipped) - 1
    return shrinkage.cumulative(kept), raw


def team_of(workbook: Workbook, person: str) -> str:
    """The team of a person by the settings and the list of people; "Other" when nobody said.

    >>> team_of(Workbook(), "Ana")
    'Other'
    """
    if person == workbook.settings.marketing_lead:
        return "Marketing"
    if person == workbook.settings.growth_lead:
        return "Growth"
    return next((p.team for p in workbook.people.values() if p.name == person and p.team), "Other")


def calibrations(workbook: Workbook) -> dict[str, brier.Calibration]:
    """Forecasts of "will this ship?" against what was decided, by team."""
    given: dict[str, tuple[list[float], list[bool]]] = {}
    for experiment in workbook.experiments.values():
        if not experiment.decision:
            continue
        for person, forecast in experiment.forecasts.items():
            if "p_ship" in forecast:
                forecasts, outcomes = given.setdefault(team_of(workbook, person), ([], []))
                forecasts.append(min(1.0, max(0.0, forecast["p_ship"])))
                outcomes.append(experiment.decision == "ship")
    return {team: brier.calibration(*pair) for team, pair in sorted(given.items())}


def _notes(decided: int, calibration: Mapping[str, brier.Calibration]) -> tuple[str, ...]:
    notes = []
    if 0 < decided < ENOUGH_DECIDED:
        missing = formats.write(ENOUGH_DECIDED - decided, "count")
        notes.append(f"Few tests so far: after {missing} more the win rate says something about you.")
    if calibration and not any(c.enough for c in calibration.values()):
        most = max(c.n for c in calibration.values())
        missing = formats.write(brier.MIN_FORECASTS - most, "count")
        notes.append(f"Too few forecasts to judge anybody: can't tell yet, need about {missing} more a team.")
    return tuple(notes)


def _tempo(decided: Mapping[str, Experiment]) -> float:
    """Tests decided a week, over the eight weeks up to the newest decision."""
    dates = sorted(found for e in decided.values() if (found := iso_day(e.decided_on)))
    if not dates:
        return 0.0
    first_start = min((found for e in decided.values() if (found := iso_day(e.starts_on))), default=dates[0])
    recent = [date for date in dates if (dates[-1] - date).days < 56]
    span = min(8.0, max(1.0, ((dates[-1] - min(first_start, dates[0])).days + 1) / 7))
    return len(recent) / span


def portfolio(workbook: Workbook, readouts: Mapping[str, Readout]) -> ExperimentPortfolio:
    """Add up everything that was decided.

    Args:
        workbook: With experiments, learnings, people.
        readouts: Experiment id -> readout, where there is one.
    """
    decided = {id: e for id, e in workbook.experiments.items() if e.decision}
    shipped = sum(e.decision == "ship" for e in decided.values())
    rate = wilson(shipped, len(decided))
    weeks = board(workbook)
    found = _outcomes(decided, readouts)
    cumulative, naive = _cumulative(found)
    calibration = calibrations(workbook)
    tempo = _tempo(decided)
    values = {
        "decided": len(decided),
        "shipped": shipped,
        "win_rate": rate.value if decided else None,
        "win_rate_low": rate.low,
        "win_rate_high": rate.high,
        "per_week": tempo,
        "cumulative": cumulative.value if cumulative else None,
        "cumulative_low": cumulative.low if cumulative else None,
        "cumulative_high": cumulative.high if cumulative else None,
        "sum_of_winners": naive if cumulative else None,
        "tests_with_readout": len(found),
    }
    evidence = single(
        "All tests together",
        "Decided tests, share shipped (Wilson), and the shipped tests' outcome effects compounded after shrinking each "
        "by its noise.",
        values,
        method="Wilson interval; empirical-Bayes shrinking",
        sources=[source for id, _, _ in found for source in readouts[id].results.sources],
    )
    notes = _notes(len(decided), calibration)
    return ExperimentPortfolio(
        len(decided), shipped, rate, weeks, tempo, cumulative, naive, calibration, (evidence,), notes
    )

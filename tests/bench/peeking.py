"""False positives of fixed and always-valid reading with daily looks, and of "ship" when nothing works.

Run it: `python -m tests.bench.peeking [--simulations 4000]`. Simulated from the product's own functions; no
test runs it.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence

import numpy as np

from lib.stats import sequential
from lib.stats.intervals import z_value

DAYS = 28


def _z_by_day(
    rng: np.random.Generator, runs: int, daily: int, rate: float, lift: float = 0.0
) -> tuple[np.ndarray, ...]:
    """Effect and standard error by day, both (runs, DAYS), from cumulated counts of two variants."""
    n = np.arange(1, DAYS + 1) * daily
    a = rng.binomial(daily, rate, (runs, DAYS)).cumsum(axis=1)
    b = rng.binomial(daily, rate * (1 + lift), (runs, DAYS)).cumsum(axis=1)
    pa, pb = a / n, b / n
    return pb - pa, np.sqrt((pa * (1 - pa) + pb * (1 - pb)) / n), n


def false_positives(runs: int, daily: int, rate: float, seed: int = 1) -> dict[str, float]:
    """Share of tests without any effect that are called at some look.

    Args:
        runs: Simulated tests.
        daily: People a day and variant.
        rate: Share that converts in both variants.
        seed: Of the random numbers.
    """
    effect, se, n = _z_by_day(np.random.default_rng(seed), runs, daily, rate)
    planned = 2.0 * daily * DAYS
    z = np.abs(np.divide(effect, se, out=np.zeros_like(effect), where=se > 0))
    enough = n >= 100  # the gate of 100 people a variant applies to both readings
    width = np.array([sequential.width_factor(2.0 * people, planned) for people in n])
    fixed = (z > z_value(0.95)) & enough
    always = (z > width) & enough
    return {
        "fixed, one look": float(fixed[:, -1].mean()),
        "fixed, daily looks": float(fixed.any(axis=1).mean()),
        "always-valid, daily looks": float(always.any(axis=1).mean()),
    }


def power_cost(runs: int, daily: int, rate: float, lift: float, seed: int = 2) -> dict[str, float]:
    """How often a true effect is found, and after how many days, by each reading."""
    effect, se, n = _z_by_day(np.random.default_rng(seed), runs, daily, rate, lift)
    width = np.array([sequential.width_factor(2.0 * people, 2.0 * daily * DAYS) for people in n])
    called = effect / se > width
    first = np.where(called.any(axis=1), called.argmax(axis=1) + 1, DAYS)
    return {
        "fixed, one look": float((effect[:, -1] / se[:, -1] > z_value(0.95)).mean()),
        "always-valid": float(called.any(axis=1).mean()),
        "mean days": float(first.mean()),
    }


def reversals(runs: int, daily: int, rate: float, lift: float, seed: int = 5) -> dict[str, float]:
    """Share of tests whose verdict was given at one daily look and taken back at a later one, by each reading."""
    effect, se, n = _z_by_day(np.random.default_rng(seed), runs, daily, rate, lift)
    z = np.abs(np.divide(effect, se, out=np.zeros_like(effect), where=se > 0))
    width = np.array([sequential.width_factor(2.0 * people, 2.0 * daily * DAYS) for people in n])
    enough = n >= 100
    lows, highs = (
        np.where(enough, effect - width * se, -np.inf),
        np.where(enough, effect + width * se, np.inf),
    )
    lows, highs = np.maximum.accumulate(lows, axis=1), np.minimum.accumulate(highs, axis=1)
    agree = (lows <= highs) & (((lows > 0) & (effect > 0)) | ((highs < 0) & (effect < 0)))
    today = (z > width) & enough
    called = {
        "fixed": (z > z_value(0.95)) & enough,
        "always-valid, today's look only": today,
        "as the page reads it, all days": agree | today,
    }
    return {name: float((said[:, :-1] & ~said[:, 1:]).any(axis=1).mean()) for name, said in called.items()}


def planned_once(runs: int, daily: int, rate: float, lift: float = 0.0, seed: int = 6) -> dict[str, float]:
    """A test that is planned for one look at day 21 and looked at every day until day 28: share called at any look.

    Before the plan is full every look is read by its always-valid range; the planned look is read once; later ones
    repeat it. `nothing kept` gives both the whole 5 %, `as the page reads it` a tenth to the looks before.

    Args:
        runs: Simulated tests.
        daily: People a day and variant.
        rate: Share that converts in control.
        lift: Relative effect; 0 for false findings.
        seed: Of the random numbers.
    """
    from lib.analysis.experiments.design import EARLY
    from lib.analysis.experiments.sufficient_statistics import FULL

    effect, se, n = _z_by_day(np.random.default_rng(seed), runs, daily, rate, lift)
    z = np.abs(np.divide(effect, se, out=np.zeros_like(effect), where=se > 0))
    planned = 2.0 * daily * 21
    end = int(np.argmax(2 * n >= FULL * planned))

    def called(early: float, last: float) -> float:
        width = np.array([sequential.width_factor(2.0 * people, planned, early) for people in n])
        before = ((z > width) & (n >= 100))[:, :end].any(axis=1)
        return float((before | (z[:, end] > z_value(1 - last))).mean())

    alone = float((z[:, end] > z_value(0.95)).mean())
    return {
        "one look, none before": alone,
        "nothing kept for the looks before": called(0.05, 0.05),
        "as the page reads it": called(EARLY * 0.05, (1 - EARLY) * 0.05),
        "fixed reading on all 28 days": float(((z > z_value(0.95)) & (n >= 100)).any(axis=1).mean()),
    }


def shipped_under_no_effect(runs: int, n: int, rates: Sequence[float], seed: int = 3) -> float:
    """Share of tests without effect on either metric that the agreed table ships, read once at the planned size.

    Goes through the whole readout: comparison, adjusted p-values, states, the cell of the usual table.
    """
    from lib.analysis.experiments import preregistration
    from lib.analysis.experiments.design import Design, MetricSpec
    from lib.analysis.experiments.effects import effect_of, judge
    from lib.stats.compare import VariantStatistics

    rng = np.random.default_rng(seed)
    metrics = (
        MetricSpec("paid", "proportion", role="outcome"),
        MetricSpec("trial", "proportion", role="process"),
    )
    design = Design("control", metrics)
    shipped = 0
    for _ in range(runs):
        effects = []
        for metric, rate in zip(metrics, rates, strict=True):
            a, b = (rng.binomial(n, rate) / n for _ in range(2))
            pair = (VariantStatistics(n, a, a * (1 - a)), VariantStatistics(n, b, b * (1 - b)))
            effects.append(effect_of(metric, "new", "all", pair, design, 2))
        outcome, process = judge(effects, design)
        cell = f"{preregistration.move_of(process)}/{preregistration.move_of(outcome)}"
        shipped += preregistration.DEFAULT_TABLE.get(cell) == "ship"
    return shipped / runs


def shipped_with_daily_looks(
    runs: int, daily: int, rates: Sequence[float], reading: str, seed: int = 4
) -> float:
    """Share of tests without effect on either metric that the agreed table ships at any of 28 daily looks.

    The whole readout at every look: before the planned size a test registered for one look is read by its always-valid
    range, as the page does it; at the planned size as registered.

    Args:
        runs: Simulated tests.
        daily: People a day and variant; the plan is all of them over 28 days.
        rates: Shares that convert in both variants: outcome metric, process metric.
        reading: fixed | sequential, as registered.
        seed: Of the random numbers.
    """
    from dataclasses import replace

    from lib.analysis.experiments import preregistration
    from lib.analysis.experiments.design import EARLY, Design, MetricSpec
    from lib.analysis.experiments.effects import effect_of, judge
    from lib.stats.compare import VariantStatistics

    rng = np.random.default_rng(seed)
    metrics = (
        MetricSpec("paid", "proportion", role="outcome"),
        MetricSpec("trial", "proportion", role="process"),
    )
    plan = Design("control", metrics, reading=reading, planned_total=2.0 * daily * DAYS,  # type: ignore[arg-type]
                  looks_alpha=EARLY * 0.05 if reading == "fixed" else None)  # fmt: skip
    shipped = 0
    for _ in range(runs):
        counts = [[rng.binomial(daily, rate, DAYS).cumsum() for _ in range(2)] for rate in rates]
        for day in range(7, DAYS + 1):
            n = day * daily
            design = (
                plan if 2 * n >= 0.95 * (plan.planned_total or 0) else replace(plan, reading="sequential")
            )
            effects = []
            for metric, (a, b) in zip(metrics, counts, strict=True):
                shares = (a[day - 1] / n, b[day - 1] / n)
                pair = (VariantStatistics(n, shares[0], shares[0] * (1 - shares[0])),
                        VariantStatistics(n, shares[1], shares[1] * (1 - shares[1])))  # fmt: skip
                effects.append(effect_of(metric, "new", "all", pair, design, 2))
            outcome, process = judge(effects, design)
            if (
                preregistration.DEFAULT_TABLE.get(
                    f"{preregistration.move_of(process)}/{preregistration.move_of(outcome)}"
                )
                == "ship"
            ):
                shipped += 1
                break
    return shipped / runs


def _print(title: str, found: dict[str, float], runs: int) -> None:
    print(title)
    for name, share in found.items():
        error = 1.96 * math.sqrt(max(share * (1 - share), 1e-9) / runs)
        said = f"{share:6.2f}" if name == "mean days" else f"{share:6.2%} +- {error:.2%}"
        print(f"  {name:28s} {said}")


def main() -> None:
    """Print all figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--simulations", type=int, default=4000)
    runs = parser.parse_args().simulations
    for rate, daily in ((0.05, 500), (0.10, 100), (0.40, 50)):
        found = false_positives(runs, daily, rate)
        _print(f"No effect, {rate:.0%} convert, {daily} people a day and variant, {DAYS} days", found, runs)
    _print("True lift of 10 %, 10 % convert, 600 a day", power_cost(runs, 600, 0.10, 0.10), runs)
    for rate, daily in ((0.05, 500), (0.10, 100), (0.40, 50)):
        found = planned_once(runs, daily, rate)
        _print(
            f"Planned for one look at day 21, looked at daily, no effect, {rate:.0%}, {daily} a day",
            found,
            runs,
        )
    _print(
        "The same with a true lift of 10 %, 10 % convert, 600 a day",
        planned_once(runs, 600, 0.10, 0.10),
        runs,
    )
    for lift in (0.0, 0.05, 0.10):
        found = reversals(runs, 600, 0.10, lift)
        _print(
            f"A verdict given and taken back, true lift of {lift:.0%}, 10 % convert, 600 a day", found, runs
        )
    ship = shipped_under_no_effect(runs, 15_000, (0.10, 0.20))
    _print(
        'No effect on either metric, agreed table says "ship", one look at the planned size',
        {"ship": ship},
        runs,
    )
    looks = {
        reading: shipped_with_daily_looks(runs, 300, (0.10, 0.20), reading)
        for reading in ("fixed", "sequential")
    }
    named = {f"registered as {reading}": share for reading, share in looks.items()}
    _print('No effect on either metric, "ship" at any daily look from day 7', named, runs)


if __name__ == "__main__":
    main()

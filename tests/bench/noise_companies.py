"""How often the audit finds a relation where there is none: companies of pure noise, of every shape metrics come in.

python -m tests.bench.noise_companies [--companies 200] [--shapes] [--power]

`--power` tells how often a planted lead is found at its lag, by the length of the series and how much of the outcome it
makes: among thirteen metrics of noise (432 questions), and alone with three, the way a small file has it.
"""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Callable

import numpy as np

from lib.analysis.audit.duplicates import duplicates, spend_only
from lib.analysis.metrics.lead_lag import links
from lib.analysis.metrics.series import MetricSeries

YEAR = 52.18


def _memory(n: int, share: float, rng: np.random.Generator) -> np.ndarray:
    noise, state = rng.normal(size=n + 60), np.zeros(n + 60)
    for i in range(1, n + 60):
        state[i] = share * state[i - 1] + noise[i]
    return state[60:]


def _steps(n: int, rng: np.random.Generator) -> np.ndarray:
    out = 500 + 15 * rng.normal(size=n)
    for _ in range(int(rng.integers(1, 4))):
        out[int(rng.integers(n)) :] += rng.choice([-1, 1]) * rng.uniform(50, 150)
    return out


def _holiday(n: int, rng: np.random.Generator) -> np.ndarray:
    """Everybody's numbers sink around New Year, each by as much as it likes."""
    week = np.arange(n) % 52
    closed = (week >= 50) | (week < 1)
    season = 60 * np.sin(2 * np.pi * np.arange(n) / YEAR)
    return 500 + season - 180 * closed * rng.uniform(0.7, 1.3) + 20 * rng.normal(size=n)


def _gaps(n: int, rng: np.random.Generator) -> np.ndarray:
    out = np.clip(0.2 + 0.03 * _memory(n, 0.7, rng), 0, 1)
    out[rng.random(n) < 0.2] = np.nan
    return out


def _volatile(n: int, rng: np.random.Generator) -> np.ndarray:
    noise, out, spread = rng.normal(size=n), np.zeros(n), 1.0
    for i in range(n):
        out[i] = np.sqrt(spread) * noise[i]
        spread = 0.05 + 0.3 * out[i] ** 2 + 0.68 * spread
    return 500 + 20 * out


def _days_with_weekdays(n: int, rng: np.random.Generator) -> np.ndarray:
    """Days with a strong working week, summed as the audit does."""
    level = 100 + 4 * _memory(7 * n, 0.9, rng)
    week = np.tile([1.3, 1.25, 1.2, 1.1, 1.0, 0.35, 0.3], n)
    return rng.poisson(np.clip(level, 1, None) * week).reshape(n, 7).sum(axis=1).astype(float)


Shape = Callable[[int, np.random.Generator], np.ndarray]
SHAPES: dict[str, Shape] = {
    "white": lambda n, rng: 100 + 10 * rng.normal(size=n),
    "memory 0.7": lambda n, rng: 100 + 10 * _memory(n, 0.7, rng),
    "memory 0.9": lambda n, rng: 500 + 10 * _memory(n, 0.9, rng),
    "memory under noise": lambda n, rng: 100 + 10 * _memory(n, 0.9, rng) + 10 * rng.normal(size=n),
    "random walk": lambda n, rng: 500 + 10 * np.cumsum(rng.normal(size=n)),
    "random walk that rises": lambda n, rng: 500 + np.cumsum(3 + 10 * rng.normal(size=n)),
    "walk of walks": lambda n, rng: 500 + np.cumsum(np.cumsum(rng.normal(size=n))),
    "season": lambda n, rng: 500 + 100 * np.sin(2 * np.pi * np.arange(n) / YEAR) + 15 * rng.normal(size=n),
    "seasonal growth": lambda n, rng: rng.poisson(
        np.exp(3 + 0.01 * np.arange(n) + 0.3 * np.sin(2 * np.pi * np.arange(n) / YEAR))
    ).astype(float),
    "season that grows": lambda n, rng: 500 * np.exp(0.008 * np.arange(n))
    * (1 + 0.25 * np.sin(2 * np.pi * np.arange(n) / YEAR)) * (1 + 0.05 * rng.normal(size=n)),
    "holidays": _holiday,
    "end of quarter": lambda n, rng: 500 + 80 * (np.arange(n) % 13) / 13 + 20 * rng.normal(size=n),
    "end of month": lambda n, rng: 500 + 80 * np.sin(2 * np.pi * np.arange(n) / 4.345) + 20 * rng.normal(size=n),
    "steps": _steps,
    "heavy tails on a trend": lambda n, rng: 100 + 2 * np.arange(n) + 10 * rng.standard_t(3, size=n),
    "wild tails": lambda n, rng: 100 + 10 * rng.standard_cauchy(size=n),
    "bursts": lambda n, rng: rng.poisson(20, n) + rng.poisson(300, n) * (rng.random(n) < 0.04) * 1.0,
    "small counts": lambda n, rng: rng.poisson(2, n).astype(float),
    "gaps": _gaps,
    "calm and storm": _volatile,
    "rolling average": lambda n, rng: 100 + 10 * np.convolve(rng.normal(size=n + 7), np.ones(8) / 8, "valid"),
    "days with a working week": _days_with_weekdays,
}  # fmt: skip


def values(kind: str, n: int, rng: np.random.Generator) -> np.ndarray:
    """One weekly metric that depends on nothing but itself and the calendar."""
    return SHAPES[kind](n, rng)


def company(rng: np.random.Generator, kind: str = "") -> list[MetricSeries]:
    """Fourteen metrics over one to three years, eight of process, six of outcome; of one shape, or of any."""
    n = int(rng.choice([60, 104, 156]))
    weeks = tuple(dt.date(2024, 1, 1) + dt.timedelta(days=7 * i) for i in range(n))
    return [
        MetricSeries(
            f"m{k}",
            f"m{k}",
            "week",
            weeks,
            values(kind or str(rng.choice(list(SHAPES))), n, rng),
            False,
            weeks[-1],
        )
        for k in range(14)
    ]


def false_findings(companies: int, seed: int = 7, kind: str = "") -> dict[str, float]:
    """Share of companies in which something was found, by kind of finding."""
    rng = np.random.default_rng(seed)
    found = {"relation": 0, "duplicate": 0, "spend only": 0, "any": 0}
    for _ in range(companies):
        made = company(rng, kind)
        hits = {
            "relation": any(link.is_found for link in links(made[:8], made[8:])),
            "duplicate": bool(duplicates(made)),
            "spend only": bool(spend_only(made[1:8], made[:1], made[8:])),
        }
        for name, hit in hits.items():
            found[name] += hit
        found["any"] += any(hits.values())
    return {name: count / companies for name, count in found.items()}


def planted(companies: int, seed: int = 8, lag: int = 2) -> float:
    """Share of companies in which a planted lead (a third of the outcome's moves) is found at its lag."""
    rng = np.random.default_rng(seed)
    hits = 0
    for _ in range(companies):
        made = company(rng)
        while len(made[0].values) < 104:
            made = company(rng)
        n = len(made[0].values)
        lead = rng.normal(size=n + lag)
        front = MetricSeries(
            "lead", "lead", "week", made[0].starts, 100 + 10 * lead[lag:], False, made[0].last
        )
        back = MetricSeries(
            "led",
            "led",
            "week",
            made[0].starts,
            200 + 10 * lead[:n] + 14 * rng.normal(size=n),
            False,
            made[0].last,
        )
        found = [link for link in links([front, *made[1:8]], [back, *made[9:]]) if link.is_found]
        hits += any((k.process, k.outcome, k.lag_weeks) == ("lead", "led", lag) for k in found)
    return hits / companies


def power(companies: int, weeks: int, strength: float, *, crowd: bool, seed: int = 9) -> float:
    """Share of companies in which a planted lead of one to eight weeks is found at its lag.

    Both metrics also rise and have a season; the others are noise of any shape.

    Args:
        companies: Simulated companies.
        weeks: Length of every series.
        strength: Correlation of the outcome's own moves with the leader's.
        crowd: Eight process and six outcome metrics, else three and one.
        seed: Of the random numbers.
    """
    rng, hits = np.random.default_rng(seed), 0
    starts = tuple(dt.date(2024, 1, 1) + dt.timedelta(days=7 * i) for i in range(weeks))

    def series(id: str, made: np.ndarray) -> MetricSeries:
        return MetricSeries(id, id, "week", starts, made, False, starts[-1])

    front_count, back_count = (8, 6) if crowd else (3, 1)
    slow = np.arange(weeks) / weeks + np.sin(2 * np.pi * np.arange(weeks) / YEAR)
    for _ in range(companies):
        others = [series(f"m{k}", values(str(rng.choice(list(SHAPES))), weeks, rng)) for k in range(14)]
        lag, move = int(rng.integers(1, 9)), rng.normal(size=weeks + 8)
        led = strength * move[8 - lag : 8 - lag + weeks] + np.sqrt(1 - strength**2) * rng.normal(size=weeks)
        front = [series("lead", 200 + 30 * slow + 10 * move[8:]), *others[1:front_count]]
        back = [series("led", 300 + 20 * slow + 10 * led), *others[8 : 7 + back_count]]
        found = [link for link in links(front, back) if link.is_found]
        hits += any((k.process, k.outcome, k.lag_weeks) == ("lead", "led", lag) for k in found)
    return hits / companies


def _print_power(companies: int) -> None:
    strengths = (0.3, 0.45, 0.6, 0.8)
    print("weeks, questions  " + "".join(f"r {strength:<8}" for strength in strengths))
    for crowd in (True, False):
        for weeks in (52, 78, 104, 156):
            shares = [power(companies, weeks, strength, crowd=crowd) for strength in strengths]
            asked = 432 if crowd else 27
            print(f"{weeks:5}, {asked:8}   " + "".join(f"{share:<10.0%}" for share in shares), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--companies", type=int, default=200)
    parser.add_argument("--shapes", action="store_true", help="each shape alone as well")
    parser.add_argument("--power", action="store_true", help="only how often planted leads are found")
    given = parser.parse_args()
    asked = given.companies
    if given.power:
        _print_power(asked)
        raise SystemExit
    for shape in SHAPES if given.shapes else ():
        alone = false_findings(asked, kind=shape)
        print(f"{shape:26} relation {alone['relation']:6.1%}   any {alone['any']:6.1%}", flush=True)
    for what, share in false_findings(asked).items():
        print(f"false findings, {what}: {share:.1%} of {asked} companies")
    print(f"planted leads found at their lag: {planted(asked):.1%}")

"""How often the audit finds a relation where there is none: 200 companies of pure noise.

python -m tests.bench.noise_companies [--companies 200]
"""

from __future__ import annotations

import argparse
import datetime as dt

import numpy as np

from lib.analysis.duplicates import duplicates, spend_only
from lib.analysis.lead_lag import links
from lib.analysis.series import Series

KINDS = ("white", "memory", "random walk", "seasonal growth", "heavy tails on a trend", "memory under noise")


def values(kind: str, n: int, rng: np.random.Generator) -> np.ndarray:
    """One weekly metric that depends on nothing but itself."""
    at, noise = np.arange(n), rng.normal(size=n)
    if kind == "white":
        return 100 + 10 * noise
    if kind == "random walk":
        return 500 + np.cumsum(10 * noise)
    if kind == "seasonal growth":
        return rng.poisson(np.exp(3 + 0.01 * at + 0.3 * np.sin(2 * np.pi * at / 52.18))).astype(float)
    if kind == "heavy tails on a trend":
        return 100 + 2 * at + 10 * rng.standard_t(3, size=n)
    share = 0.7 if kind == "memory" else 0.9
    state = np.zeros(n)
    for i in range(1, n):
        state[i] = share * state[i - 1] + noise[i]
    return 100 + 10 * state + (0 if kind == "memory" else 10 * rng.normal(size=n))


def company(rng: np.random.Generator) -> list[Series]:
    """Fourteen metrics over one to three years: eight of process, six of outcome."""
    n = int(rng.choice([60, 104, 156]))
    weeks = tuple(dt.date(2024, 1, 1) + dt.timedelta(days=7 * i) for i in range(n))
    return [
        Series(f"m{k}", f"m{k}", "week", weeks, values(str(rng.choice(KINDS)), n, rng), False, weeks[-1])
        for k in range(14)
    ]


def false_findings(companies: int, seed: int = 7) -> dict[str, float]:
    """Share of companies in which something was found, by kind of finding."""
    rng = np.random.default_rng(seed)
    found = {"relation": 0, "duplicate": 0, "spend only": 0, "any": 0}
    for _ in range(companies):
        made = company(rng)
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
        front = Series("lead", "lead", "week", made[0].starts, 100 + 10 * lead[lag:], False, made[0].last)
        back = Series(
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


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--companies", type=int, default=200)
    asked = parser.parse_args().companies
    for what, share in false_findings(asked).items():
        print(f"false findings, {what}: {share:.1%} of {asked} companies")
    print(f"planted leads found at their lag: {planted(asked):.1%}")

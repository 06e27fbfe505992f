"""Writes the demo company's files: `python -m data.demo.generate [--to FOLDER]`.

Seeded and byte-identical on every run. What is planted is in company.py, what came out in truths.json.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import gzip
import io
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from data.demo import company as c
from data.demo import register

DAY = 86_400.0
START = dt.datetime.combine(c.FIRST_DAY, dt.time(), dt.UTC).timestamp()
END = dt.datetime.combine(c.LAST_DAY + dt.timedelta(days=1), dt.time(), dt.UTC).timestamp()


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write one CSV (gzipped without a time stamp when the name ends in .gz)."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    data = text.getvalue().encode()
    path.write_bytes(gzip.compress(data, 9, mtime=0) if path.suffix == ".gz" else data)


def stamp(seconds: float) -> str:
    """Seconds since the epoch as the export writes them."""
    return dt.datetime.fromtimestamp(int(seconds), dt.UTC).strftime("%Y-%m-%d %H:%M:%S")


def progress(seconds: np.ndarray) -> np.ndarray:
    """How far a moment lies between the middle of May (0) and the middle of October (1)."""
    first = dt.datetime(2026, 5, 16, tzinfo=dt.UTC).timestamp()
    last = dt.datetime(2026, 10, 16, tzinfo=dt.UTC).timestamp()
    return np.clip((seconds - first) / (last - first), 0, 1)


def visitors(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """First-visit times (s) and channel numbers, in order of time."""
    times: list[np.ndarray] = []
    day = c.FIRST_DAY
    while day <= c.LAST_DAY:
        weight = 0.72 if day.weekday() >= 5 else 1.11
        count = rng.poisson(c.MONTHLY_VISITORS[day.month] / 30.5 * weight)
        start = dt.datetime.combine(day, dt.time(), dt.UTC).timestamp()
        hours = np.clip(rng.normal(14, 4, count), 0, 23.99)
        times.append(start + hours * 3600)
        day += dt.timedelta(days=1)
    first = np.sort(np.concatenate(times)).astype(np.int64).astype(float)
    share = progress(first)[:, None]
    mix = (
        np.array([c.MIX_FIRST[k] for k in c.CHANNELS]) * (1 - share)
        + np.array([c.MIX_LAST[k] for k in c.CHANNELS]) * share
    )
    channel = (rng.random(len(first))[:, None] > mix.cumsum(axis=1)).sum(axis=1).clip(0, len(c.CHANNELS) - 1)
    return first, channel


class Journey:
    """Every visitor's times (s since the epoch, inf = never), simulated past the export, cut when written."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.first, self.channel = visitors(rng)
        n = len(self.first)
        after = lambda mean: rng.exponential(mean, n) * DAY + 30  # noqa: E731
        never = np.inf
        self.signup = np.where(rng.random(n) < c.SIGNUP_RATE, self.first + after(0.8), never)
        self.trial = np.where(rng.random(n) < c.TRIAL_RATE, self.signup + after(1.0), never)
        self.activated = np.where(rng.random(n) < c.ACTIVATED_RATE, self.trial + after(2.5), never)
        self.invite = np.where(rng.random(n) < c.INVITE_SHARE, self.first + after(6.0), never)
        self.nulls = {
            name: np.where(rng.random(n) < share, self.first + after(mean), never)
            for name, (share, mean) in c.NULL_EVENTS.items()
        }
        self.paid = self._pay(rng)
        self.plan = rng.choice(len(c.PLANS), n, p=c.PLAN_SHARE)
        churn = np.array([c.MONTHLY_CHURN[k] for k in c.CHANNELS])[self.channel]
        self.churned = self.paid + rng.geometric(churn) * 30 * DAY
        self.returns = rng.random(n)

    def _pay(self, rng: np.random.Generator) -> np.ndarray:
        """Time of the first payment: a constant rate inside the window, multiplied from the invitation on."""
        rate = np.array([c.PAY_RATE[k] for k in c.CHANNELS])[self.channel] * (
            1 - c.RATE_DECAY * progress(self.first)
        )
        per_second = -np.log1p(-rate) / (c.PAY_WINDOW_DAYS * DAY)
        need = rng.exponential(1.0, len(rate))
        start = self.activated + 600
        with np.errstate(invalid="ignore"):  # inf - inf where nobody activated; cut below
            before = np.clip(self.invite - start, 0, None)
            first_part = per_second * before
            late = start + before + (need - first_part) / (per_second * c.INVITE_EFFECT)
            paid = np.where(need <= first_part, start + need / per_second, late)
            in_window = np.isfinite(start) & (paid - start <= c.PAY_WINDOW_DAYS * DAY)
        return np.where(in_window, paid, np.inf)


def events(journey: Journey, rng: np.random.Generator) -> list[tuple[float, int, str, float | None]]:
    """All events up to the export: (time, user number, event, revenue), in order of time."""
    rows: list[tuple[float, int, str, float | None]] = []
    prices = np.array(list(c.PLANS.values()))

    def add(name: str, times: np.ndarray) -> None:
        rows.extend((float(times[u]), int(u), name, None) for u in np.flatnonzero(times < END))

    add("visit", journey.first)
    for _ in range(2):  # later visits, alike for everybody
        again = np.where(
            rng.random(len(journey.first)) < 0.3,
            journey.first + rng.exponential(10, len(journey.first)) * DAY,
            np.inf,
        )
        add("visit", again)
    for name in ("signup", "trial_start", "activated", "invite_sent"):
        add(
            name,
            {
                "signup": journey.signup,
                "trial_start": journey.trial,
                "activated": journey.activated,
                "invite_sent": journey.invite,
            }[name],
        )
    for name, times in journey.nulls.items():
        add(name, times)
    for u in np.flatnonzero(journey.paid < END):
        price, at, month = float(prices[journey.plan[u]]), journey.paid[u], 0
        while at < min(END, journey.churned[u]):
            rows.append((float(at), int(u), "paid" if month == 0 else "renewal", price))
            month += 1
            at = journey.paid[u] + month * 30 * DAY
    for u in np.flatnonzero(journey.activated < END):
        rows.extend(_sessions(journey, int(u), rng))
    rows.sort(key=lambda row: (row[0], row[1], row[2]))
    return rows


def _sessions(
    journey: Journey, user: int, rng: np.random.Generator
) -> Iterable[tuple[float, int, str, None]]:
    """Weekly use after activation. Before paying it is alike for everybody; payers then settle at a level."""
    start, paid = journey.activated[user], journey.paid[user]
    stop = min(END, journey.churned[user] if np.isfinite(paid) else start + 56 * DAY)
    week = 0
    while start + week * 7 * DAY < stop:
        at = start + (week + rng.random()) * 7 * DAY
        since = (at - paid) / (7 * DAY) if at >= paid else -1.0
        chance = 0.62 + 0.3 * np.exp(-since / 3) if since >= 0 else 0.55 * np.exp(-week / 1.8)
        if rng.random() < chance and at < stop:
            yield (float(at), user, "report_created", None)
        week += 1


def customers(journey: Journey, rng: np.random.Generator) -> list[list[Any]]:
    """One row per paying customer, with those who came before the event export began."""
    rows: list[list[Any]] = []
    names, prices = list(c.PLANS), list(c.PLANS.values())
    day = lambda s: dt.datetime.fromtimestamp(s, dt.UTC).date()  # noqa: E731
    for number in range(1900):
        channel = int(rng.choice(len(c.CHANNELS), p=list(c.MIX_FIRST.values())))
        first = START - rng.uniform(1, 540) * DAY
        plan = int(rng.choice(3, p=c.PLAN_SHARE))
        churn = first + rng.geometric(c.MONTHLY_CHURN[c.CHANNELS[channel]]) * 30 * DAY
        rows.append(
            [
                f"c{number:05d}",
                day(first - rng.uniform(1, 12) * DAY),
                c.CHANNELS[channel],
                names[plan],
                prices[plan],
                day(first),
                day(churn) if churn < END else "",
            ]
        )
    for u in np.flatnonzero(journey.paid < END):
        plan, churn = journey.plan[u], journey.churned[u]
        rows.append(
            [
                f"u{u:05d}",
                day(journey.signup[u]),
                c.CHANNELS[journey.channel[u]],
                names[plan],
                prices[plan],
                day(journey.paid[u]),
                day(churn) if churn < END else "",
            ]
        )
    return sorted(rows, key=lambda row: (row[5], row[0]))


def truths(journey: Journey) -> dict[str, Any]:
    """What came out of the simulation, counted from the journeys themselves (no analysis code involved)."""
    month = np.array(
        [
            dt.datetime.fromtimestamp(s, dt.UTC).month
            for s in np.where(np.isfinite(journey.trial), journey.trial, START)
        ]
    )
    trial, paid = np.isfinite(journey.trial), np.isfinite(journey.paid)
    month_first = np.array([dt.datetime.fromtimestamp(s, dt.UTC).month for s in journey.first])
    table: dict[str, Any] = {}
    sums = {5: [0.0, 0.0], 10: [0.0, 0.0]}
    for number, name in enumerate(c.CHANNELS):
        cells = {}
        for m in (5, 10):
            mine = trial & (month == m) & (journey.channel == number)
            cells[m] = (int(mine.sum()), int((mine & paid).sum()))
            sums[m][0] += cells[m][0]
            sums[m][1] += cells[m][1]
        table[name] = cells
    mix = rate = 0.0
    for cells in table.values():
        w0, w1 = cells[5][0] / sums[5][0], cells[10][0] / sums[10][0]
        r0, r1 = cells[5][1] / max(1, cells[5][0]), cells[10][1] / max(1, cells[10][0])
        mix += (w1 - w0) * (r0 + r1) / 2
        rate += (r1 - r0) * (w0 + w1) / 2
    return {
        "visitors_may": int((month_first == 5).sum()),
        "visitors_october": int((month_first == 10).sum()),
        "trial_to_paid_may": sums[5][1] / sums[5][0],
        "trial_to_paid_october": sums[10][1] / sums[10][0],
        "mix_effect": mix,
        "rate_effect": rate,
        "trials_by_channel": {k: {"may": v[5], "october": v[10]} for k, v in table.items()},
        "handoff_event": "invite_sent",
        "handoff_rate_ratio": c.INVITE_EFFECT,
        "null_events": sorted(c.NULL_EVENTS),
        "leading_metric": ["branded_search_clicks", "new_paying_customers", c.LEAD_WEEKS],
        "vanity_metric": "cumulative_registrations",
        "spend_only_metric": "social_impressions",
        "duplicate_metrics": ["form_fills", "leads_captured"],
        "stage": "scaling",
    }


def main(folder: Path) -> None:
    """Write every file into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(c.SEED)
    journey = Journey(rng)
    rows = events(journey, rng)
    write_csv(
        folder / "events.csv.gz",
        ("user_id", "event", "timestamp", "channel", "revenue"),
        (
            (
                f"u{u:05d}",
                name,
                stamp(at),
                c.CHANNELS[journey.channel[u]],
                "" if value is None else f"{value:.0f}",
            )
            for at, u, name, value in rows
        ),
    )
    write_csv(
        folder / "customers.csv",
        ("customer_id", "signup_date", "channel", "plan", "mrr", "first_paid_date", "churn_date"),
        customers(journey, rng),
    )
    spend = register.spend(journey.first, journey.channel, np.random.default_rng(c.SEED + 1))
    write_csv(folder / "spend.csv", ("date", "channel", "spend", "impressions", "clicks"), spend)
    write_csv(
        folder / "metrics.csv",
        ("date", "metric", "value"),
        register.metrics(journey, spend, np.random.default_rng(c.SEED + 2)),
    )
    write_csv(
        folder / "survey.csv",
        ("respondent_id", "date", "nps_score", "pmf_answer", "segment", "comment"),
        register.survey(np.random.default_rng(c.SEED + 3)),
    )
    write_csv(
        folder / "deals.csv",
        (
            "deal_id",
            "created_date",
            "closed_date",
            "outcome",
            "amount",
            "channel",
            "sales_asset_used",
            "owner",
        ),
        register.deals(np.random.default_rng(c.SEED + 4)),
    )
    for name, plan, seed, metrics in (
        ("experiment_onboarding.csv", c.ONBOARDING, 5, ("activated", "paid")),
        ("experiment_headline.csv", c.HEADLINE, 6, ("trial_started", "paid")),
    ):
        write_csv(
            folder / name,
            ("user_id", "variant", "assigned_date", "device", "visits_before", *metrics, "revenue"),
            register.experiment(plan, np.random.default_rng(c.SEED + seed)),
        )
    (folder / "truths.json").write_text(json.dumps(truths(journey), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=Path(__file__).parent)
    main(parser.parse_args().to)

"""The demo's smaller tables: weekly metrics, spend, survey, deals and the two experiments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from data.demo import company as c

LAST_MONDAY = c.LAST_DAY - dt.timedelta(days=c.LAST_DAY.weekday() + 7)  # the last whole week
FIRST_MONDAY = LAST_MONDAY - dt.timedelta(weeks=c.WEEKS - 1)
PAID = {"paid_search": 18.0, "paid_social": 9.0, "email": 1.5, "partner": 7.0}  # cost per visitor, US dollars
SALES = ("Rosa", "Imran", "Lena")


class Journeys(Protocol):
    """What this module needs of the simulated journeys (arrays of seconds since the epoch, inf = never)."""

    first: np.ndarray
    signup: np.ndarray
    trial: np.ndarray
    activated: np.ndarray
    paid: np.ndarray
    plan: np.ndarray


def _weeks(times: np.ndarray) -> np.ndarray:
    """Week number of each time, 0 = FIRST_MONDAY; weeks outside are cut by the caller."""
    start = dt.datetime.combine(FIRST_MONDAY, dt.time(), dt.UTC).timestamp()
    with np.errstate(invalid="ignore"):
        return np.where(np.isfinite(times), (times - start) // (7 * 86_400), -1).astype(np.int64)


def _count(times: np.ndarray, weeks: int) -> np.ndarray:
    number = _weeks(times)
    return np.bincount(number[(number >= 0) & (number < weeks)], minlength=weeks).astype(float)


def spend(first: np.ndarray, channel: np.ndarray, rng: np.random.Generator) -> list[list[Any]]:
    """Daily spend, impressions and clicks of the channels that cost money."""
    rows: list[list[Any]] = []
    start = dt.datetime.combine(c.FIRST_DAY, dt.time(), dt.UTC).timestamp()
    days = ((first - start) // 86_400).astype(int)
    for day in range(int(days.max()) + 1):
        for name, cost in PAID.items():
            visitors = int(((days == day) & (channel == c.CHANNELS.index(name))).sum())
            clicks = int(visitors * rng.uniform(1.02, 1.12))
            amount = round(visitors * cost * rng.uniform(0.9, 1.1), 2)
            impressions = (
                int(amount * rng.uniform(95, 105))
                if name == "paid_social"
                else int(clicks * rng.uniform(28, 42))
            )
            rows.append([c.FIRST_DAY + dt.timedelta(days=day), name, f"{amount:.2f}", impressions, clicks])
    return rows


def _history(now: np.ndarray, known: int, start: float, rng: np.random.Generator) -> np.ndarray:
    """Put a past in front of the weeks that the events cover: a slow rise, a season, noise."""
    past = len(now) - known
    level = now[past : past + 4].mean()
    weeks = np.arange(past)
    season = 1 + 0.05 * np.sin(2 * np.pi * (weeks + 10) / 52)
    values = np.linspace(level * start, level, past) * season * rng.normal(1, 0.055, past)
    return np.concatenate([values, now[past:]])


def metrics(
    journey: Journeys, spend_rows: Sequence[Sequence[Any]], rng: np.random.Generator
) -> Iterable[list[Any]]:
    """The weekly register in long form; rates of cohorts that are not mature yet are left out."""
    ahead = c.WEEKS + c.LEAD_WEEKS
    known = (LAST_MONDAY - c.FIRST_DAY).days // 7 + 1
    pad = lambda times: _count(times, ahead)  # noqa: E731
    base = {
        name: pad(getattr(journey, attr))
        for name, attr in (
            ("website_visits", "first"),
            ("signups", "signup"),
            ("trial_starts", "trial"),
            ("new_paying_customers", "paid"),
        )
    }
    known_ahead = known + c.LEAD_WEEKS
    series = {name: np.round(_history(values, known_ahead, 0.7, rng)) for name, values in base.items()}
    paying = series["new_paying_customers"]
    # The leading metric: what moves paying customers shows in brand searches two weeks earlier.
    smooth = np.convolve(np.pad(paying, 4, mode="edge"), np.ones(9) / 9, mode="valid")
    surprise = (paying - smooth) / smooth
    lead = (
        900
        * (1 + 0.8 * np.roll(surprise, -c.LEAD_WEEKS))
        * np.linspace(1, 1.15, ahead)
        * rng.normal(1, 0.06, ahead)
    )
    noise = lambda size, spread: rng.normal(1, spread, ahead) * size  # noqa: E731
    social = _history(_weekly_spend(spend_rows, "paid_social", ahead), known_ahead, 0.5, rng)
    forms = series["signups"] * noise(1.35, 0.04)
    register = {
        **series,
        "branded_search_clicks": lead,
        "social_impressions": social * noise(11.4, 0.015),
        "social_ad_spend": social,
        "form_fills": forms,
        "leads_captured": forms * 1.02 + rng.normal(0, 1.5, ahead),
        "cumulative_registrations": 18_400 + np.cumsum(series["signups"]),
        "email_open_rate": np.clip(noise(0.38, 0.03), 0, 1),
        "content_downloads": noise(260, 0.08),
        "webinar_attendance": noise(74, 0.15),
        "landing_page_conversion_rate": np.clip(noise(0.34, 0.035), 0, 1),
        "sales_calls_booked": noise(46, 0.12),
        "support_tickets": noise(118, 0.09),
        "net_promoter_score": 22 + rng.normal(0, 2.5, ahead),
        "revenue_per_user": noise(71, 0.02),
    }
    rates = _cohort_rates(journey, ahead, known_ahead, rng)
    for week in range(c.WEEKS):
        date = FIRST_MONDAY + dt.timedelta(weeks=week)
        for name, values in register.items():
            yield [date, name, f"{values[week]:.4f}" if values[week] < 1 else f"{values[week]:.0f}"]
        if week < c.WEEKS - 5:  # a trial needs about five weeks until it paid or did not
            for name, values in rates.items():
                yield [date, name, f"{values[week]:.4f}"]


def _weekly_spend(rows: Sequence[Sequence[Any]], channel: str, weeks: int) -> np.ndarray:
    total = np.zeros(weeks)
    for date, name, amount, *_ in rows:
        week = (date - FIRST_MONDAY).days // 7
        if name == channel and 0 <= week < weeks:
            total[week] += float(amount)
    total[-c.LEAD_WEEKS :] = total[-c.LEAD_WEEKS - 1]
    return total


def _cohort_rates(
    journey: Journeys, weeks: int, known: int, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """Activation and trial-to-paid by week of the trial."""
    trials = _count(journey.trial, weeks)
    out = {}
    for name, times in (("activation_rate", journey.activated), ("trial_to_paid_rate", journey.paid)):
        done = _count(np.where(np.isfinite(times), journey.trial, np.inf), weeks)
        now = np.divide(done, trials, out=np.zeros(weeks), where=trials > 0)
        past = weeks - known
        level = now[past : past + 4].mean()
        out[name] = np.concatenate([level * rng.normal(1, 0.04, past), now[past:]])
    return out


def survey(rng: np.random.Generator) -> Iterable[list[Any]]:
    """212 answers of activated customers: NPS and the product-market-fit question."""
    comments = {
        "very disappointed": "We rebuilt our Monday meeting around it.",
        "somewhat disappointed": "Saves time, setup took a while.",
        "not disappointed": "We still export to a spreadsheet.",
    }
    for number in range(212):
        answer = str(rng.choice(list(c.PMF_SHARE), p=list(c.PMF_SHARE.values())))
        group = rng.choice(list(c.NPS_SHARES), p=list(c.NPS_SHARES.values()))
        score = {
            "promoter": rng.integers(9, 11),
            "passive": rng.integers(7, 9),
            "detractor": rng.integers(2, 7),
        }[str(group)]
        date = dt.date(2026, 10, 5) + dt.timedelta(days=int(rng.integers(0, 26)))
        segment = str(rng.choice(["founder", "marketing lead", "analyst"], p=[0.3, 0.45, 0.25]))
        yield [
            f"r{number:03d}",
            date,
            int(score),
            answer,
            segment,
            comments[answer] if rng.random() < 0.3 else "",
        ]


def deals(rng: np.random.Generator) -> Iterable[list[Any]]:
    """480 sales opportunities; the battle card was used at random, so its effect can be read."""
    for number in range(480):
        created = dt.date(2026, 3, 1) + dt.timedelta(days=int(rng.integers(0, 250)))
        used = bool(rng.random() < 0.45)
        closed = created + dt.timedelta(days=int(rng.integers(12, 75)))
        outcome = "open" if closed > c.LAST_DAY else "won" if rng.random() < c.WIN_RATE[used] else "lost"
        amount = round(float(rng.lognormal(7.9, 0.5)), -1)
        channel = str(
            rng.choice(
                ["organic", "paid_search", "email", "referral", "partner"], p=[0.3, 0.2, 0.15, 0.2, 0.15]
            )
        )
        yield [
            f"d{number:04d}",
            created,
            "" if outcome == "open" else closed,
            outcome,
            f"{amount:.0f}",
            channel,
            "yes" if used else "no",
            SALES[number % len(SALES)],
        ]


def experiment(plan: Mapping[str, Any], rng: np.random.Generator) -> Iterable[list[Any]]:
    """One row per person of a test: variant, segment, covariate from before, both metrics, revenue."""
    for number in range(int(plan["n"])):
        name, process_rate, outcome_rate = plan["control"] if rng.random() < 0.5 else plan["treatment"]
        eager = rng.normal(0, 1)
        before = max(0, round(2.2 + 1.3 * eager + rng.normal(0, 0.6)))
        process = bool(rng.random() < np.clip(process_rate * (1 + 0.12 * eager), 0, 1))
        paid = bool(rng.random() < np.clip(outcome_rate * (1 + 0.15 * eager), 0, 1))
        revenue = float(rng.choice(list(c.PLANS.values()), p=c.PLAN_SHARE)) if paid else 0.0
        date = dt.date(2026, 9, 7) + dt.timedelta(days=int(number * 28 / plan["n"]))
        device = "phone" if rng.random() < 0.38 else "desktop"
        yield [
            f"x{number:05d}",
            name,
            date,
            device,
            before,
            str(process).lower(),
            str(paid).lower(),
            f"{revenue:.0f}",
        ]

"""The event analyses once more, in plain Python from their definitions alone: slow, short, without any kernel or SQL.

Events are (user, event, time, channel, revenue) with time in whole seconds since 1970, UTC. Nothing is imported from
the analyses, so a shared misunderstanding of code cannot hide here.
"""

from __future__ import annotations

import datetime as dt
import itertools
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any
from zoneinfo import ZoneInfo

Event = tuple[str, str, int, str | None, float | None]
DAY = 86_400
BIN = 6 * 3600


def by_user(events: Iterable[Event]) -> dict[str, list[Event]]:
    found: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        found[event[0]].append(event)
    return found


def times(mine: Iterable[Event], kind: str) -> list[int]:
    return sorted({e[2] for e in mine if e[1] == kind})


def first_channel(mine: Iterable[Event]) -> str:
    """The channel of the earliest event that has one; ties go to the alphabetically first."""
    known = [(e[2], e[3]) for e in mine if e[3] is not None]
    return str(min(known)[1]) if known else "(none)"


def paths(
    at: list[list[int]], steps: Sequence[str], window: float, gaps: Sequence[float | None]
) -> list[tuple[int, ...]]:
    """Every way through the first steps of a funnel, as times; a path may end anywhere."""
    found: list[tuple[int, ...]] = [(t,) for t in at[0]]
    grown = found
    for i in range(1, len(steps)):
        is_again = steps[i] in steps[:i]
        grown = [
            (*path, t)
            for path in grown
            for t in at[i]
            if (t > path[-1] if is_again else t >= path[-1])
            and t - path[0] <= window
            and (gaps[i - 1] is None or t - path[-1] <= gaps[i - 1])  # type: ignore[operator]
        ]
        # Of paths with the same end and start only the nearest step before matters for what may follow.
        grown = sorted(set(grown))
        found += grown
    return found


def first_path(
    at: list[list[int]], steps: Sequence[str], window: float, gaps: Sequence[float | None]
) -> list[tuple[int, ...]]:
    """The one path from the first entry to the first next step each time, as far as it stays inside the windows."""
    path = [at[0][0]] if at[0] else []
    for i in range(1, len(steps) if path else 0):
        later = [t for t in at[i] if (t > path[-1] if steps[i] in steps[:i] else t >= path[-1])]
        gap = gaps[i - 1]
        if not later or later[0] - path[0] > window or (gap is not None and later[0] - path[-1] > gap):
            break
        path.append(later[0])
    return [tuple(path[: i + 1]) for i in range(len(path))]


def funnel(
    events: list[Event], steps: Sequence[str], window: float, entry: str, gaps: Sequence[float | None]
) -> dict[tuple[str, int], tuple[int, int, float | None]]:
    """(segment, position) -> users, immature users, median hours from the step before."""
    last = max(e[2] for e in events)
    users: dict[tuple[str, int], int] = defaultdict(int)
    immature: dict[tuple[str, int], int] = defaultdict(int)
    waits: dict[tuple[str, int], list[int]] = defaultdict(list)
    for mine in by_user(events).values():
        at = [times(mine, step) for step in steps]
        walked = (paths if entry == "any" else first_path)(at, steps, window, gaps)
        for position in range(1, len(steps) + 1):
            reached = [path for path in walked if len(path) == position]
            if not reached:
                break
            is_open = at[0][0] + window > last
            done = min(path[-1] for path in reached)
            before = max(path[-2] for path in reached if path[-1] == done) if position > 1 else done
            for segment in ("all", first_channel(mine)):
                users[segment, position] += 1
                immature[segment, position] += is_open
                if position > 1 and not is_open:
                    waits[segment, position].append(done - before)
    return {
        key: (n, immature[key], statistics.median(waits[key]) / 3600 if waits[key] else None)
        for key, n in users.items()
    }


def local_day(second: int, zone: str) -> dt.date:
    return dt.datetime.fromtimestamp(second, ZoneInfo(zone)).date()


def period_of(second: int, unit: str, zone: str, week_start: str) -> dt.date:
    day = local_day(second, zone)
    if unit == "month":
        return day.replace(day=1)
    return day - dt.timedelta(days=(day.weekday() + (week_start == "sunday")) % 7)


def apart(later: dt.date, earlier: dt.date, unit: str) -> int:
    if unit == "month":
        return (later.year - earlier.year) * 12 + later.month - earlier.month
    return (later - earlier).days // 7


def moved(start: dt.date, number: int, unit: str) -> dt.date:
    if unit == "week":
        return start + dt.timedelta(days=7 * number)
    month = start.month - 1 + number
    return dt.date(start.year + month // 12, month % 12 + 1, 1)


def retention(
    events: list[Event], unit: str, kind: str, back: str, start: str, zone: str, week_start: str
) -> dict[tuple[str, int], tuple[int, int, bool]]:
    """(cohort, period) -> users, retained, is_mature, for every cell that the data can hold."""
    last_day = local_day(max(e[2] for e in events), zone)
    end = period_of(max(e[2] for e in events), unit, zone, week_start)
    active: dict[dt.date, list[set[int]]] = defaultdict(list)
    for mine in by_user(events).values():
        starts = [e[2] for e in mine if not start or e[1] == start]
        if not starts:
            continue
        cohort = period_of(min(starts), unit, zone, week_start)
        seen = {
            apart(period_of(e[2], unit, zone, week_start), cohort, unit)
            for e in mine
            if not back or e[1] == back
        }
        active[cohort].append(seen)
    found = {}
    for cohort, people in active.items():
        for offset in range(apart(end, cohort, unit) + 1):
            kept = sum(
                offset in seen if kind == "bounded" else any(number >= offset for number in seen)
                for seen in people
            )
            after = moved(cohort, offset + 1, unit)
            found[cohort.isoformat(), offset] = (len(people), kept, after <= last_day + dt.timedelta(days=1))
    return found


def attribution(
    events: list[Event], conversion: str, touches: Sequence[str], lookback: float, half_life: float
) -> tuple[dict[tuple[str, str], float], int]:
    """(channel, model) -> conversions; and the number of conversions. Removal counts journeys in a chain of first order."""
    credit: dict[tuple[str, str], float] = defaultdict(float)
    journeys: list[tuple[list[str], bool]] = []
    conversions = 0
    for mine in by_user(events).values():
        done = times(mine, conversion)
        marks = sorted((e[2], e[1] == conversion, e[3]) for e in mine if e[3] is not None
                       and (not touches or e[1] in touches))  # fmt: skip
        if not done:
            if marks:
                journeys.append(([str(c) for t, _, c in marks if t >= marks[-1][0] - lookback], False))
            continue
        conversions += 1
        path = [(done[0] - t, str(c)) for t, _, c in marks if done[0] - lookback <= t <= done[0]]
        names, n = [c for _, c in path], len(path)
        if not path:
            for model in ("first", "last", "linear", "position", "decay", "removal"):
                credit["(no touch)", model] += 1
            continue
        journeys.append((names, True))
        weights = [2 ** (-age / half_life) for age, _ in path]
        for i, name in enumerate(names):
            credit[name, "first"] += i == 0
            credit[name, "last"] += i == n - 1
            credit[name, "linear"] += 1 / n
            credit[name, "position"] += 1 / n if n <= 2 else 0.4 if i in (0, n - 1) else 0.2 / (n - 2)
            credit[name, "decay"] += weights[i] / sum(weights)
    touched = conversions - round(credit["(no touch)", "linear"])
    channels = sorted({name for names, _ in journeys for name in names})
    whole = chance(journeys, None)
    lost = {c: 1 - chance(journeys, c) / whole if whole else 0.0 for c in channels}
    for name in channels:
        credit[name, "removal"] = lost[name] / sum(lost.values()) * touched if sum(lost.values()) else 0.0
    return credit, conversions


def chance(journeys: list[tuple[list[str], bool]], removed: str | None) -> float:
    """Chance to convert of a walk that moves as journeys did; whoever comes to the removed channel is lost."""
    steps: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for names, is_won in journeys:
        states = ["^", *names, "$won" if is_won else "$lost"]
        for a, b in itertools.pairwise(states):
            steps[a][b] += 1
    value = dict.fromkeys(steps, 0.0) | {"$won": 1.0, "$lost": 0.0}
    for _ in range(5000):
        for state, onward in steps.items():
            if state != removed:
                value[state] = sum(n * value[to] for to, n in onward.items() if to != removed) / sum(
                    onward.values()
                )
    return value.get("^", 0.0)


def ltv(
    events: list[Event], zone: str, segment: Callable[[list[Event]], str]
) -> dict[tuple[str, str, int], Any]:
    """(cohort, segment, period) -> customers, cumulative revenue per customer, is_mature."""
    last = max(e[2] for e in events)
    groups: dict[tuple[str, str], list[tuple[int, list[Event]]]] = defaultdict(list)
    for mine in by_user(events).values():
        born = min(e[2] for e in mine)
        cohort = local_day(born, zone).replace(day=1).isoformat()
        for name in {"all", segment(mine)}:
            groups[cohort, name].append((born, mine))
    found = {}
    youngest = {cohort: max(born for born, _ in groups[cohort, "all"]) for cohort, _ in groups}
    for (cohort, name), people in groups.items():
        for period in range((last - min(born for born, _ in people)) // (30 * DAY) + 1):
            total = sum(
                e[4]
                for born, mine in people
                for e in mine
                if e[4] is not None and e[2] - born < (period + 1) * 30 * DAY
            )
            is_mature = youngest[cohort] + (period + 1) * 30 * DAY <= last
            found[cohort, name, period] = (len(people), total / len(people), is_mature)
    return found


def handoff(
    events: list[Event], outcome: str, horizon: float, gates: Sequence[str] = ()
) -> dict[str, dict[str, Any]]:
    """Per event: users, reach, converted, precision, recall, lift, before, after, and the rate ratio by age strata."""
    people, last = by_user(events), max(e[2] for e in events)
    won = {user: min(times(mine, outcome)) for user, mine in people.items() if times(mine, outcome)}
    lives: dict[str, tuple[int, int]] = {}  # start of the clock, age at the end
    for user, mine in people.items():
        passed = [min(times(mine, gate)) for gate in gates if times(mine, gate)]
        if len(passed) == len(gates):
            start = max(passed) if gates else min(e[2] for e in mine)
            lives[user] = (start, max(0, min(won.get(user, last), last) - start))
    found = {}
    for kind in sorted({e[1] for e in events} - {outcome}):
        first = {user: min(times(mine, kind)) for user, mine in people.items() if times(mine, kind)}
        reach = [u for u, t in first.items() if u not in won or t <= won[u]]
        waits = [won[u] - first[u] for u in reach if u in won and won[u] - first[u] <= horizon]
        precision = len(waits) / len(reach) if reach else None
        found[kind] = {
            "users": len(first), "reach": len(reach), "converted": len(waits), "precision": precision,
            "recall": len(waits) / len(won) if won else None,
            "lift": precision / (len(won) / len(people)) if precision is not None and won else None,
            "before": sum(u in won and t <= won[u] for u, t in first.items()),
            "after_outcome": sum(u in won and t > won[u] for u, t in first.items()),
            "lead_hours": statistics.median(waits) / 3600 if waits else None,
            "rate_ratio": _ratio(lives, won, first),
        }  # fmt: skip
    return found


def _ratio(lives: dict[str, tuple[int, int]], won: dict[str, int], first: dict[str, int]) -> float | None:
    strata: dict[int, list[float]] = defaultdict(
        lambda: [0.0, 0.0, 0.0, 0.0]
    )  # events, time; exposed events, time
    for user, (start, end) in lives.items():
        if not end:
            continue
        since = max(0, first[user] - start) if user in first else end
        for number in range(end // BIN + 1):
            low, high = number * BIN, min(end, (number + 1) * BIN)
            strata[number][1] += high - low
            strata[number][3] += max(0, high - max(low, since))
        if user in won:
            strata[(end - 1) // BIN][0] += 1
            strata[(end - 1) // BIN][2] += since < end
    up = sum(d1 * (t - t1) / t for _, t, d1, t1 in strata.values() if t)
    down = sum((d - d1) * t1 / t for d, t, d1, t1 in strata.values() if t)
    is_compared = any(d and 0 < t1 < t for d, t, _, t1 in strata.values())
    return up / down if up > 0 and down > 0 and is_compared else None


def growth(
    events: list[Event], unit: str, zone: str, week_start: str
) -> dict[str, tuple[int, int, int, int, int]]:
    """Period -> active, new, retained, resurrected, churned users; every period, also without anybody."""
    seen = {
        user: {period_of(e[2], unit, zone, week_start) for e in mine}
        for user, mine in by_user(events).items()
    }
    every = sorted({p for mine in seen.values() for p in mine})
    found = {}
    for number in range(apart(every[-1], every[0], unit) + 1):
        now, before = moved(every[0], number, unit), moved(every[0], number - 1, unit)
        here = [mine for mine in seen.values() if now in mine]
        new = sum(min(mine) == now for mine in here)
        kept = sum(before in mine for mine in here)
        gone = sum(before in mine and now not in mine for mine in seen.values())
        found[now.isoformat()] = (len(here), new, kept, len(here) - new - kept, gone)
    return found

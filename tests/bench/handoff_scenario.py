"""How fast moving the baton answers: `python -m tests.bench.handoff_scenario [--rows 1000000]`.

A move works out the places that are new (both teams' measures, wait, leak, totals) and the sentence that compares two of
them. Measured past the cache of results, on the seeded events; reading the file once (`first sight`) is told apart.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from lib.analysis.events.first_event_times import load
from lib.analysis.handoff import handoff_scenario
from lib.analysis.handoff.handoff_rule import rule
from lib.analysis.handoff.handoff_scenario import SliderStop
from lib.analysis.handoff.scenario_conditions import proposals
from lib.engine.datasets.dataset import Accounting, CleanColumn, Dataset
from lib.engine.evidence import cache
from tests.bench import data

JOURNEY = ("visit", "signup", "trial_start", "activated")
OUTCOME = "paid"
_KINDS = {
    "user_id": "text",
    "event": "text",
    "timestamp": "timestamp",
    "channel": "text",
    "revenue": "number",
}
_AIM_MS = 300


def _timed(action: Callable[[], Any]) -> float:
    start = time.perf_counter()
    action()
    return 1000 * (time.perf_counter() - start)


def _rows(sql: str) -> list[tuple[Any, ...]]:
    return duckdb.connect().execute(sql).fetchall()


def _dataset(folder: Path, rows: int) -> Dataset:
    target = folder / "clean.parquet"
    data.make(target, rows)
    count = _rows(f"SELECT COUNT(*) FROM '{target}'")[0][0]
    columns = tuple(CleanColumn(name, kind, name) for name, kind in _KINDS.items())
    return Dataset("baton", "bench", "events", count, columns, folder, Accounting(count, count, 0, 0, 0, 0))


def _stops(conditions: tuple[str, ...] = ()) -> list[SliderStop]:
    """The places of the journey; with conditions, as a rule chosen at the trial."""
    found = [
        SliderStop(rule(event), event, (*JOURNEY[index + 1 :], OUTCOME))
        for index, event in enumerate(JOURNEY)
    ]
    if conditions:
        found.append(SliderStop(rule("trial_start", conditions), "trial_start", (*JOURNEY[3:], OUTCOME)))
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=9)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        events = _dataset(Path(name), args.rows)
        first = _timed(lambda: load(events))
        times: dict[str, list[float]] = {
            "all places of the journey": [],
            "one more place, event plus conditions": [],
            "conditions proposed from the data": [],
        }
        values = [row[0] for row in _rows(f"SELECT DISTINCT channel FROM '{name}/clean.parquet' ORDER BY 1")]
        for index in range(args.rounds):
            cache.clear()
            load(events)

            def move(stops: list[SliderStop], a: str, b: str) -> None:
                handoff_scenario.compare(handoff_scenario.measure(events, stops, OUTCOME), a, b)

            whole = "all places of the journey"
            times[whole].append(_timed(lambda move=move: move(_stops(), "trial_start", "activated")))
            condition = (f"channel = {values[index % len(values)]}", "event:signup")
            extra = _stops(condition)
            handoff_scenario.measure(
                events, extra[:-1], OUTCOME
            )  # the journey is on the page already; only the rule is new
            added = extra[-1].rule.text
            times["one more place, event plus conditions"].append(
                _timed(lambda move=move, extra=extra, added=added: move(extra, "trial_start", added))
            )
            times["conditions proposed from the data"].append(
                _timed(lambda: proposals(events, "trial_start", OUTCOME))
            )
        print(f"{events.rows:,} events, first sight {first:.0f} ms; aim of a move: under {_AIM_MS} ms")
        for what, found in times.items():
            print(f"| {what} | median {statistics.median(found):.0f} ms | worst {max(found):.0f} ms |")


if __name__ == "__main__":
    main()

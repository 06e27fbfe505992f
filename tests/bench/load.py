"""Taking files in: CSV to the full layout against DuckDB's `create table as`, the first look, and 50 million events.

    python -m tests.bench.load [--rows 10000000] [--rounds 3] [--out FILE]     CSV to layout, ours against DuckDB
    python -m tests.bench.load --preview                                      first look at a file of 500 MB
    python -m tests.bench.load --huge                                         50M events: load, then a funnel

Seconds are of the clock and of the processor (children included); the ratio is the median over interleaved rounds.
`--huge` says how much memory DuckDB was allowed while it loaded, and the largest resident size of a fresh process that
opens the layout and runs a five-step funnel.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

from lib.engine import intake
from lib.engine.contracts import recognition
from lib.engine.datasets.dataset import Dataset
from lib.engine.layout.build import MEMORY_LIMIT
from lib.engine.layout.event_layout import open_layout
from tests.bench import data

_FUNNEL = """
import re, sys, time
from pathlib import Path
from lib.analysis.events.funnel import funnel
from lib.engine.datasets import library
from lib.engine.datasets.reader import OWNER_OF_ALL
data = library.open_dataset(Path(sys.argv[1]), sys.argv[2], OWNER_OF_ALL)
start = time.perf_counter()
found = funnel(data, ["visit", "signup", "trial_start", "activated", "paid"])
users = ", ".join(str(row["users"]) for row in found.rows)
status = Path("/proc/self/status").read_text()  # getrusage would give what the parent had when it forked
resident = int(re.search(r"VmHWM:\\s+(\\d+)", status)[1]) / 1024
print(f"{time.perf_counter() - start:.2f}|{resident:.0f}|{users}")
"""


def _cpu() -> float:
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(used.ru_utime + used.ru_stime for used in both)


def _timed(action: Callable[[], object]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), _cpu()
    action()
    return time.perf_counter() - wall, _cpu() - cpu


def _plain(csv: Path, work: Path) -> None:
    target = work / "table.duckdb"
    with duckdb.connect(str(target)) as plain:
        plain.execute(f"CREATE TABLE events AS SELECT * FROM read_csv('{csv}')")
    target.unlink()


def take_in(csv: Path, home: Path, steps: dict[str, tuple[float, float]] | None = None) -> Dataset:
    """Read, accept and lay out a file, as the Data page does; `steps` is given the seconds of each."""
    found: dict[str, Dataset | intake.Reading] = {}

    def read() -> None:
        found["reading"] = intake.read(csv)

    def accept() -> None:
        reading = found["reading"]
        if not isinstance(reading, intake.Reading):
            raise TypeError("no reading")
        mapping = dict(recognition.propose(reading, "events").mapping)
        found["data"] = intake.accept(reading, "events", mapping, answers={}, home=home)

    def lay_out() -> None:
        dataset = found["data"]
        if isinstance(dataset, Dataset):
            open_layout(dataset)

    for name, step in (("look", read), ("accept", accept), ("layout", lay_out)):
        seconds = _timed(step)
        if steps is not None:
            steps[name] = seconds
    dataset = found["data"]
    if not isinstance(dataset, Dataset):
        raise TypeError("no dataset")
    return dataset


def loading(clean: Path, work: Path, rounds: int = 1) -> list[str]:
    """Notes on loading the CSV form of the events, ours and DuckDB's in turn."""
    csv = work / "events.csv"
    with duckdb.connect() as con:
        con.execute(f"COPY (SELECT * FROM '{clean}') TO '{csv}' (HEADER)")
    ours, theirs, steps = [], [], {}
    for _ in range(rounds):
        with tempfile.TemporaryDirectory(dir=work) as home:
            ours.append(_timed(lambda h=home: take_in(csv, Path(h), steps)))
        theirs.append(_timed(lambda: _plain(csv, work)))
    wall, cpu = (statistics.median([a[i] / b[i] for a, b in zip(ours, theirs, strict=True)]) for i in (0, 1))
    mine, other = (statistics.median(t[0] for t in times) for times in (ours, theirs))
    parts = ", ".join(f"{name} {w:.1f} s ({c:.1f} of processor)" for name, (w, c) in steps.items())
    size = csv.stat().st_size / 2**20
    csv.unlink()
    return [
        (
            f"CSV of {size:,.0f} MiB to the full layout: {mine:.1f} s; DuckDB `create table as` {other:.1f} s; ratio {wall:.2f}, "
            f"of processor time {cpu:.2f} (target 1.2; median of {rounds}). Last round: {parts}."
        )
    ]


def first_look(folder: Path, megabytes: int = 500) -> str:
    """Seconds until the first rows of a big file are known."""
    path = folder / "big.csv"
    line = b"u00080818,visit,2024-01-01 00:01:59,organic,12.50\n"
    with path.open("wb") as stream:
        stream.write(b"user_id,event,timestamp,channel,revenue\n")
        for _ in range(megabytes):
            stream.write(line * ((1 << 20) // len(line)))
    times, rows = [], 0
    for _ in range(7):
        start = time.perf_counter()
        found = intake.preview(path, folder)
        times.append(time.perf_counter() - start)
        rows = len(found.rows) if found else 0
    path.unlink()
    middle, worst = statistics.median(times), max(times)
    return f"First look at {megabytes} MB: {rows} rows in {middle:.3f} s, worst {worst:.3f} s (target 0.2 s)."


def huge(clean: Path, folder: Path) -> list[str]:
    """Load 50 million events as CSV, then ask a funnel of them in a fresh process."""
    csv, home = folder / "huge.csv", folder / "home"
    with duckdb.connect(config={"memory_limit": "3GB", "temp_directory": str(folder / "spill")}) as con:
        con.execute(f"COPY (SELECT * FROM '{clean}') TO '{csv}' (HEADER)")
    steps: dict[str, tuple[float, float]] = {}
    dataset = take_in(csv, home, steps)
    csv.unlink()
    parts = ", ".join(f"{name} {wall:.0f} s ({cpu:.0f} of processor)" for name, (wall, cpu) in steps.items())
    notes = [
        (f"{dataset.rows:,} events from CSV to layout with DuckDB's memory limit at {MEMORY_LIMIT}: {parts}.")
    ]
    for _ in range(2):  # the second has its files in the page cache
        command = [sys.executable, "-c", _FUNNEL, str(home), dataset.fingerprint]
        answer = subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ).stdout
        seconds, resident, users = answer.strip().split("|")
        notes.append(
            f"Five-step funnel on them in a fresh process: {seconds} s, {resident} MiB resident (target 700); "
            f"users {users}."
        )
    return notes


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--preview", action="store_true")
    parser.add_argument("--huge", action="store_true")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "workbook-bench")
    parser.add_argument("--out", type=Path, default=None, help="append the lines to this file")
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    rows = 50_000_000 if args.huge else args.rows
    with tempfile.TemporaryDirectory(dir=args.folder) as name:
        if args.preview:
            notes = [first_look(Path(name))]
        else:
            clean = args.folder / f"events-{rows}.parquet"
            if not clean.exists():
                draft = clean.with_suffix(".draft.parquet")
                data.make(draft, rows)
                draft.rename(clean)
            notes = huge(clean, Path(name)) if args.huge else loading(clean, Path(name), args.rounds)
    report = "\n".join(f"- {note}" for note in notes)
    print(report)
    if args.out:
        with args.out.open("a", encoding="utf-8") as file:
            file.write(report + "\n")


if __name__ == "__main__":
    main()

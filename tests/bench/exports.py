"""How long each export takes on the finished example, warm: what a person waits for after a click.

    python -m tests.bench.exports [--rounds 7] [--audience executive] [--out FILE.json]

Prints the best, the middle and the slowest round of every file in wall-clock and processor seconds; the first call of a
process (imports, fonts, the converter's start) is shown apart. Targets: deck and brief under one second each.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lib.engine.datasets import demo
from lib.report.story import build, run_steps
from lib.report.story.inputs import Inputs, Options
from lib.report.story.summary_model import Summary
from lib.report.writers import writers
from lib.workbook.model import fold

TARGETS = {"pptx": 1.0, "pdf": 1.0}
_DAY = dt.date(2026, 11, 20)


def example(home: Path) -> Inputs:
    """The demo company's workbook and what its steps conclude.

    Args:
        home: Where its datasets are kept.
    """
    answers: dict[str, Any] = {key: value for _, key, value in demo.answers()}
    for slot, data in demo.install(home).items():
        answers |= {f"datasets/{slot}/fingerprint": data.fingerprint, f"datasets/{slot}/rows": data.rows}
    return run_steps.run_steps(fold(answers, id="demo", rev=len(answers)), demo.install(home), today=_DAY)


def timed(action: Callable[[], Any]) -> tuple[float, float]:
    """Wall-clock and processor seconds of one call."""
    wall, cpu = time.perf_counter(), time.process_time()
    action()
    return time.perf_counter() - wall, time.process_time() - cpu


def measure(summary: Summary, rounds: int) -> list[dict[str, Any]]:
    """One row a format.

    Args:
        summary: What is written.
        rounds: Warm rounds; every round writes every format once, so that a busy machine slows all alike.
    """
    endings = [e for e in writers.FORMATS if not (e == "json" and not summary.workbook)]
    first = {ending: timed(lambda e=ending: writers.make(summary, e)) for ending in endings}
    warm: dict[str, list[tuple[float, float]]] = {ending: [] for ending in endings}
    for _ in range(rounds):
        for ending in endings:
            warm[ending].append(timed(lambda e=ending: writers.make(summary, e)))
    rows = []
    for ending in endings:
        walls, cpus = [w for w, _ in warm[ending]], [c for _, c in warm[ending]]
        rows.append({
            "file": ending, "first": first[ending][0], "best": min(walls), "median": statistics.median(walls),
            "slowest": max(walls), "processor": statistics.median(cpus), "target": TARGETS.get(ending),
            "bytes": len(writers.make(summary, ending).data) if ending != "zip" else None,
        })  # fmt: skip
    return rows


def table(rows: list[dict[str, Any]]) -> str:
    """The rows as Markdown."""
    lines = ["| file | first | best | median | slowest | processor, median | target |"]
    lines.append("|---|---:|---:|---:|---:|---:|---|")
    for row in rows:
        seconds = " | ".join(f"{row[k]:.2f} s" for k in ("first", "best", "median", "slowest", "processor"))
        goal = (
            ""
            if row["target"] is None
            else f"under {row['target']:g} s: {'met' if row['median'] < row['target'] else 'MISSED'}"
        )
        lines.append(f"| {row['file']} | {seconds} | {goal} |")
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--audience", choices=("executive", "board", "team"), default="executive")
    parser.add_argument("--out", metavar="FILE", help="also write the rows as JSON")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        inputs = example(Path(folder))
        options = Options(args.audience)
        built = [timed(lambda: build.build(inputs, options)) for _ in range(args.rounds)]
        summary = build.build(inputs, options, workbook_json="{}")
        rows = measure(summary, args.rounds)
    load = ", ".join(f"{v:.1f}" for v in os.getloadavg())
    print(f"{args.audience} length, {len(summary.messages) + 1} slides before tables continue, load {load}")
    print(f"summary built in {statistics.median(w for w, _ in built):.3f} s (median of {args.rounds})\n")
    print(table(rows))
    if args.out:
        Path(args.out).write_text(json.dumps(rows, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()

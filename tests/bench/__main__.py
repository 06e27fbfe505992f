"""Benchmark: ours against DuckDB written plainly, chdb, polars and pandas, in one interleaved run.

    python -m tests.bench [--rows 1000000] [--rounds 3] [--funnels 30] [--huge] [--out FILE]

Every round runs every candidate once, so that a busy machine slows all alike; the table gives medians of the
per-round ratios ours / peer. Answers are checked to be equal before anything is timed.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from lib.engine.layout import open_layout
from tests.bench import data, peers, sql
from tests.bench.load import loading

TARGETS = {
    ("funnel", "chdb MergeTree"): 0.25, ("funnel", "polars, from Parquet"): 0.05,
    ("retention", "chdb MergeTree"): 0.06, ("retention, ad hoc", "chdb MergeTree"): 0.40,
    ("attribution", "chdb MergeTree"): 0.40, ("ltv", "chdb MergeTree"): 0.15,
    ("handoff, counts only", "chdb MergeTree"): 0.08,
}  # fmt: skip
QUESTIONS = ("funnel", "retention", "attribution", "ltv", "handoff")


def _timed(action: Callable[[], Any]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    action()
    return time.perf_counter() - wall, time.process_time() - cpu


def _candidates(clean: Path, work: Path, *, with_frames: bool) -> tuple[peers.Ours, list[Any]]:
    ours = peers.Ours(peers.dataset(clean, work / "ours"))
    wall, cpu = _timed(lambda: open_layout(ours.data))
    print(f"layout built in {wall:.1f} s ({cpu:.1f} s of processor)", flush=True)
    wide = work / "wide.parquet"
    con = duckdb.connect()
    con.execute(f"""
        COPY (SELECT CAST(substr(e.user_id, 2) AS UINTEGER) + 1 AS user, e.*, u.ch0 FROM '{clean}' e JOIN
              (SELECT user_id, arg_min(channel, (timestamp, channel)) ch0 FROM '{clean}' GROUP BY user_id) u
              USING (user_id) ORDER BY timestamp) TO '{wide}' (FORMAT parquet, COMPRESSION zstd)""")
    con.close()
    others: list[Any] = [peers.Chdb(wide, work / "chdb"), peers.Duck(wide, work / "duck"), peers.Polars(wide)]
    if with_frames:
        others.append(peers.Pandas(wide))
    return ours, others


def _check(ours: peers.Ours, others: list[Any]) -> None:
    for question in QUESTIONS:
        mine = getattr(ours, question)()
        for peer in others:
            if hasattr(peer, question) and not peers.same(question, mine, getattr(peer, question)()):
                raise SystemExit(f"{question}: {peer.name} gives another answer")
        print(f"{question}: all answers equal ({len(mine)} cells)", flush=True)


def _compare(ours: peers.Ours, others: list[Any], rounds: int) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    for question in (*QUESTIONS, "retention, ad hoc", "handoff, counts only"):
        method, is_ad_hoc = question.partition(",")[0], question.endswith("ad hoc")
        own = "counts" if question.endswith("counts only") else method
        able = [
            p for p in others if hasattr(p, method) and not ("," in question and p.name != "chdb MergeTree")
        ]
        times: dict[str, list[tuple[float, float]]] = {p.name: [] for p in [ours, *able]}
        for number in range(rounds):
            for candidate in [ours, *able]:
                if number and candidate.name.startswith("pandas"):
                    continue  # one round: it takes as long as all the others together
                if is_ad_hoc and candidate is ours:
                    ours.forget_mask()
                times[candidate.name].append(_timed(getattr(candidate, own if candidate is ours else method)))
        for peer in able:
            pairs = list(zip(times["ours"], times[peer.name], strict=False))
            wall, cpu = (float(np.median([a[i] / b[i] for a, b in pairs])) for i in (0, 1))
            seconds = [float(np.median([t[0] for t in times[name]])) for name in ("ours", peer.name)]
            rows.append((question, peer.name, *seconds, wall, cpu))
            print(f"{question} / {peer.name}: {wall:.3f}", flush=True)
    return rows


def _random_funnels(ours: peers.Ours, chdb: Any, number: int) -> list[float]:
    """Ratios to chdb over funnels of 2 to 6 steps and 1 to 180 days; every answer is compared."""
    rng = np.random.default_rng(11)
    ratios = []
    for _ in range(number):
        steps = [str(s) for s in rng.choice(data.KINDS, int(rng.integers(2, 7)), replace=False)]
        window = int(rng.integers(1, 181)) * sql.DAY
        mine, theirs = ours.funnel(steps, window), chdb.funnel(steps, window)
        if not peers.same("funnel", mine, theirs):
            raise SystemExit(f"funnel {steps}: another answer")
        both = [lambda s=steps, w=window, c=candidate: c.funnel(s, w) for candidate in (ours, chdb)]
        pairs = [(_timed(both[0])[0], _timed(both[1])[0])
                 for _ in range(3)]  # fmt: skip
        ratios.append(float(np.median([a / b for a, b in pairs])))
    return ratios


def _null_events(ours: peers.Ours) -> str:
    from lib.analysis.handoff import handoff

    rows = [r for r in handoff(ours.data, "paid").rows if r["event"] in data.NULL_KINDS]
    values = ", ".join(f"{r['rate_ratio']:.3f}" for r in rows)
    ranges = [(r["ci_high"] / r["ci_low"]) ** 0.5 for r in rows]
    lifts = ", ".join(f"{r['lift']:.2f}" for r in rows)
    return (f"Rate ratios of the seven events without effect: {values} (95 % ranges a factor of {min(ranges):.3f} to "
            f"{max(ranges):.3f}); their plain lifts: {lifts}. Recommended among them: "
            f"{sum(r['is_recommended'] for r in rows)}.")  # fmt: skip


def _resident(folder: Path) -> str:
    """Peak memory of a fresh process that opens the layout and runs one funnel."""
    code = (
        "import sys\nfrom pathlib import Path\nfrom lib.analysis.funnel import funnel\n"
        "from lib.engine.dataset import Accounting, Column, Dataset\n"
        "names = ('user_id', 'event', 'timestamp', 'channel', 'revenue')\n"
        "columns = tuple(Column(name, 'text', name) for name in names)\n"
        "data = Dataset('x', 'x', 'events', 0, columns, Path(sys.argv[1]), Accounting(0, 0, 0, 0, 0, 0))\n"
        f"funnel(data, {list(peers.STEPS)!r})\n"
        "print(next(x for x in open('/proc/self/status') if x.startswith('VmHWM')).split()[1])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=True
    )
    return f"A fresh process that runs the funnel peaks at {int(done.stdout) // 1024} MiB resident."


def _report(rows: int, table: list[tuple[Any, ...]], ratios: list[float], notes: list[str]) -> str:
    lines = [
        f"## {rows:,} events", "",
        (f"{os.cpu_count()} cores, {os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB, "
         f"{platform.system()}, Python {platform.python_version()}. Seconds are medians; ratios are medians of ours / "
         "peer by round; below 1 is faster than the peer."), "",
        "| question | peer | ours, s | peer, s | ratio | ratio of processor time | target | met |",
        "|---|---|---:|---:|---:|---:|---:|---|",
    ]  # fmt: skip
    for question, peer, mine, theirs, wall, cpu in table:
        target = TARGETS.get((question, peer))
        verdict = "" if target is None else "yes" if wall <= target else "no"
        lines.append(
            f"| {question} | {peer} | {mine:.3f} | {theirs:.3f} | {wall:.3f} | {cpu:.3f} | {target or ''} | {verdict} |"
        )
    if ratios:
        p90, worst = float(np.quantile(ratios, 0.9)), max(ratios)
        lines += ["", (
            f"{len(ratios)} random funnels against chdb MergeTree, all answers equal: median {np.median(ratios):.3f}, "
            f"p90 {p90:.3f} (target 0.6), worst {worst:.3f} (target 1.0)."
        )]  # fmt: skip
    return "\n".join([*lines, "", *(f"- {note}" for note in notes), ""])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--huge", action="store_true", help="50 million events")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--funnels", type=int, default=30)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "workbook-bench")
    parser.add_argument("--no-loading", action="store_true", help="skip the CSV comparison")
    parser.add_argument("--out", type=Path, default=None, help="append the table to this file")
    args = parser.parse_args()
    rows = 50_000_000 if args.huge else args.rows
    args.folder.mkdir(parents=True, exist_ok=True)
    clean = args.folder / f"events-{rows}.parquet"
    if not clean.exists():
        draft = clean.with_suffix(".draft.parquet")
        data.make(draft, rows)
        draft.rename(clean)
    with tempfile.TemporaryDirectory(dir=args.folder) as name:
        work = Path(name)
        ours, others = _candidates(clean, work, with_frames=rows <= 10_000_000)
        _check(ours, others)
        table = _compare(ours, others, args.rounds)
        ratios = _random_funnels(ours, others[0], args.funnels)
        notes = [_null_events(ours), _resident(work / "ours")]
        if not args.no_loading:
            notes += loading(clean, work)
    report = _report(ours.data.rows, table, ratios, notes)
    print(report)
    if args.out:
        with args.out.open("a", encoding="utf-8") as file:
            file.write(report + "\n")


if __name__ == "__main__":
    main()

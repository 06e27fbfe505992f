"""Benchmark: ours against DuckDB written plainly, chdb, polars and pandas, in one interleaved run.

    python -m tests.bench [--rows 1000000] [--rounds 5] [--only retention,ltv] [--funnels 30] [--huge] [--out FILE]

Every round runs every candidate once, so that a busy machine slows all alike; the table gives medians of the
per-round ratios ours / peer. Answers are checked to be equal before anything is timed.

Each question has two rows a peer. "Same answer" sets our kernels, which give what the peer gives, against it; targets
are about this row. "Whole analysis" is what a page asks for: medians, intervals, verdict, findings and evidence
too, against the same peer, who still only counts.
"""

from __future__ import annotations

import argparse
import math
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from lib.analysis.handoff.scoring import handoff
from lib.engine.layout.event_layout import open_layout
from lib.stats.intervals import z_value
from tests.bench import data, peers, sql
from tests.bench.lead_lag import LeadLag
from tests.bench.lead_lag import make as make_series
from tests.bench.load import loading

TARGETS = {
    ("funnel", "chdb MergeTree"): 0.25, ("funnel", "polars, from Parquet"): 0.05,
    ("retention", "chdb MergeTree"): 0.06, ("retention, ad hoc", "chdb MergeTree"): 0.40,
    ("attribution", "chdb MergeTree"): 0.40, ("ltv", "chdb MergeTree"): 0.15,
    ("handoff", "chdb MergeTree"): 0.08, ("lead-lag", "DuckDB, plain SQL"): 0.05,
}  # fmt: skip
QUESTIONS = ("funnel", "retention", "attribution", "ltv", "handoff")
EXTRAS = ("ad-hoc", "lead-lag", "funnels", "null-events", "memory", "loading")
Row = tuple[str, str, str, float, float, float, float]


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


def _check(ours: peers.Ours, whole: peers.Whole, others: list[Any], question: str) -> None:
    mine, shown = getattr(ours, question)(), getattr(whole, question)()
    for peer in others:
        if hasattr(peer, question):
            theirs = getattr(peer, question)()
            if not peers.same(question, mine, theirs):
                raise SystemExit(f"{question}: {peer.name} gives another answer")
            if not peers.same(question, shown, theirs, is_cumulative=True):
                raise SystemExit(f"{question}: {peer.name} gives another answer than the whole analysis")
    print(f"{question}: all answers equal ({len(mine)} cells)", flush=True)


def _rounds(runs: dict[str, Callable[[], Any]], rounds: int) -> dict[str, list[tuple[float, float]]]:
    """Wall and processor seconds of each candidate by round, the candidates one after another in every round."""
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in runs}
    for number in range(rounds):
        for name, action in runs.items():
            if not (number and name.startswith("pandas")):  # it takes as long as all the others together
                times[name].append(_timed(action))
    return times


def _row(question: str, kind: str, mine: str, peer: str, times: dict[str, list[tuple[float, float]]]) -> Row:
    pairs = list(zip(times[mine], times[peer], strict=False))
    wall, cpu = (float(np.median([a[i] / b[i] for a, b in pairs])) for i in (0, 1))
    seconds = [float(np.median([t[0] for t in times[name]])) for name in (mine, peer)]
    print(f"{question}, {kind} / {peer}: {wall:.3f}", flush=True)
    return (question, kind, peer, seconds[0], seconds[1], wall, cpu)


def _compare(
    ours: peers.Ours, whole: peers.Whole, others: list[Any], rounds: int, wanted: Sequence[str]
) -> list[Row]:
    rows: list[Row] = []
    for question in (q for q in QUESTIONS if q in wanted):
        _check(ours, whole, others, question)
        able = [peer for peer in others if hasattr(peer, question)]
        runs = {candidate.name: getattr(candidate, question) for candidate in (ours, whole, *able)}
        times = _rounds(runs, rounds)
        for mine, kind in ((ours.name, "same answer"), (whole.name, "whole analysis")):
            rows += [_row(question, kind, mine, peer.name, times) for peer in able]
    if "ad-hoc" in wanted:

        def ad_hoc() -> None:
            ours.forget_mask()
            ours.retention()

        times = _rounds({ours.name: ad_hoc, others[0].name: others[0].retention}, rounds)
        rows.append(_row("retention, ad hoc", "same answer", ours.name, others[0].name, times))
    return rows


def _lead_lag(folder: Path, rounds: int) -> list[Row]:
    path = folder / "series.parquet"
    make_series(path)
    both = LeadLag(path)
    if not np.allclose(both.products(), both.plain(), atol=1e-9):
        raise SystemExit("lead-lag: DuckDB gives another answer")
    print(f"lead-lag: all answers equal; the whole analysis finds {both.whole()} pairs (10 are planted)")
    times = _rounds({"ours": both.products, "whole": both.whole, "DuckDB, plain SQL": both.plain}, rounds)
    return [
        _row("lead-lag", kind, mine, "DuckDB, plain SQL", times)
        for mine, kind in (("ours", "same answer"), ("whole", "whole analysis"))
    ]


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
    """Rate ratios of the events that have no effect; together they are a sharper test than each alone."""
    rows = [r for r in handoff(ours.data, "paid").rows if r["event"] in data.NULL_KINDS]
    logs = np.log([r["rate_ratio"] for r in rows])
    errors = np.array([math.log(r["ci_high"] / r["ci_low"]) / (2 * z_value(0.95)) for r in rows])
    weights = errors**-2 / (errors**-2).sum()
    pooled, width = float(logs @ weights), z_value(0.95) / math.sqrt((errors**-2).sum())
    values = ", ".join(f"{r['rate_ratio']:.3f} ({r['ci_low']:.3f} to {r['ci_high']:.3f})" for r in rows)
    lifts = ", ".join(f"{r['lift']:.2f}" for r in rows)
    inside = sum(abs(r["rate_ratio"] - 1) <= 0.04 for r in rows)
    return (
        f"Rate ratios of the seven events without effect: {values}; {inside} of {len(rows)} at 1.00 ± 0.04. Pooled "
        f"{math.exp(pooled):.3f} ({math.exp(pooled - width):.3f} to {math.exp(pooled + width):.3f}). Their plain lifts: "
        f"{lifts}. Recommended among them: {sum(r['is_recommended'] for r in rows)}."
    )


def _resident(folder: Path) -> str:
    """Peak memory of a fresh process that opens the layout and runs one funnel."""
    code = (
        "import sys\nfrom pathlib import Path\nfrom lib.analysis.events.funnel import funnel\n"
        "from lib.engine.datasets.dataset import Accounting, Column, Dataset\n"
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


def _report(rows: int, table: list[Row], ratios: list[float], notes: list[str]) -> str:
    lines = [
        f"## {rows:,} events", "",
        (f"{os.cpu_count()} cores, {os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB, "
         f"{platform.system()}, Python {platform.python_version()}; load of other work at the end "
         f"{os.getloadavg()[0]:.1f}. Seconds are medians; ratios are medians of ours / "
         "peer by round; below 1 is faster than the peer."), "",
        "| question | ours is | peer | ours, s | peer, s | ratio | ratio of processor time | target | met |",
        "|---|---|---|---:|---:|---:|---:|---:|---|",
    ]  # fmt: skip
    for question, kind, peer, mine, theirs, wall, cpu in table:
        target = TARGETS.get((question, peer)) if kind == "same answer" else None
        verdict = "" if target is None else "yes" if wall <= target else "no"
        lines.append(
            f"| {question} | {kind} | {peer} | {mine:.3f} | {theirs:.3f} | {wall:.3f} | {cpu:.3f} | {target or ''} | "
            f"{verdict} |"
        )
    if ratios:
        p90, worst = float(np.quantile(ratios, 0.9)), max(ratios)
        lines += ["", (
            f"{len(ratios)} random funnels against chdb MergeTree, all answers equal: median {np.median(ratios):.3f}, "
            f"p90 {p90:.3f} (target 0.6), worst {worst:.3f} (target 1.0)."
        )]  # fmt: skip
    return "\n".join([*lines, "", *(f"- {note}" for note in notes), ""])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--huge", action="store_true", help="50 million events")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="", help="comma-separated: " + ", ".join((*QUESTIONS, *EXTRAS)))
    parser.add_argument("--funnels", type=int, default=30)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "workbook-bench")
    parser.add_argument("--no-loading", action="store_true", help="skip the CSV comparison")
    parser.add_argument("--out", type=Path, default=None, help="append the table to this file")
    args = parser.parse_args()
    args.rows = 50_000_000 if args.huge else args.rows
    args.wanted = [name.strip() for name in args.only.split(",") if name.strip()] or [*QUESTIONS, *EXTRAS]
    unknown = set(args.wanted) - {*QUESTIONS, *EXTRAS}
    if unknown:
        parser.error(f"there is no part called {', '.join(sorted(unknown))}")
    return args


def _company(folder: Path, rows: int) -> Path:
    """The seeded events, made once."""
    folder.mkdir(parents=True, exist_ok=True)
    clean = folder / f"company-{rows}.parquet"
    if not clean.exists():
        draft = clean.with_suffix(".draft.parquet")
        data.make(draft, rows)
        draft.rename(clean)
    return clean


def main() -> None:
    """Measure what was asked for and print it."""
    args = _arguments()
    clean, ratios, notes = _company(args.folder, args.rows), [], []
    with tempfile.TemporaryDirectory(dir=args.folder) as name:
        work = Path(name)
        ours, others = _candidates(clean, work, with_frames=args.rows <= 10_000_000)
        table = _compare(ours, peers.Whole(ours.data), others, args.rounds, args.wanted)
        if "lead-lag" in args.wanted:
            table += _lead_lag(work, args.rounds)
        if "funnels" in args.wanted:
            ratios = _random_funnels(ours, others[0], args.funnels)
        if "null-events" in args.wanted:
            notes.append(_null_events(ours))
        if "memory" in args.wanted:
            notes.append(_resident(work / "ours"))
        if "loading" in args.wanted and not args.no_loading:
            notes += loading(clean, work)
    report = _report(ours.data.rows, table, ratios, notes)
    print(report)
    if args.out:
        with args.out.open("a", encoding="utf-8") as file:
            file.write(report + "\n")


if __name__ == "__main__":
    main()

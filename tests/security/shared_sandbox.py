"""Many attacks in one locked process: the worker's own settings, limits and loop, without a start for each.

A fresh process for every query is what the product does; sharing one is the harder ground, because whatever an attack
changes stays for those that follow.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from lib.engine.datasets.dataset import Dataset
from lib.engine.sandbox import LIMITS, worker

ROOT = Path(__file__).resolve().parents[2]
_LOOP = """
import importlib.util, json, sys
sys.path.insert(0, sys.argv[2])
from lib.engine.worker.child import Caps, limit
spec = importlib.util.spec_from_file_location("worker", sys.argv[1])
worker = importlib.util.module_from_spec(spec)
spec.loader.exec_module(worker)
import duckdb
limits, tables = json.loads(sys.stdin.readline()), json.loads(sys.stdin.readline())
con = duckdb.connect(":memory:")
for setting in worker.FIRST:
    con.execute(setting)
con.execute("SET max_execution_time = 2500")
limit(Caps(limits["memory_mb"], 120, file_mb=0))
assert not worker._load(con, tables)
for setting in worker.LAST:
    con.execute(setting)
for line in sys.stdin:
    print(json.dumps(worker._run(con, json.loads(line), 200)), flush=True)
"""


def answers(attacks: Sequence[str], data: dict[str, Dataset]) -> list[str]:
    """What each attack is told; "no answer" from the one on that ended the process.

    Args:
        attacks: Queries, run one after the other.
        data: Tables.
    """
    process = subprocess.Popen(
        [sys.executable, "-I", "-c", _LOOP, str(worker.__file__), str(ROOT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        start_new_session=True, cwd="/", env={}, text=True,
    )  # fmt: skip
    head = [asdict(LIMITS), {slot: [str(dataset.path), []] for slot, dataset in data.items()}, *attacks]
    try:
        out, _ = process.communicate("".join(json.dumps(item) + "\n" for item in head), timeout=120)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    told = [json.loads(line) for line in out.splitlines()]
    return [_said(reply) for reply in told] + ["no answer"] * (len(attacks) - len(told))


def _said(reply: dict) -> str:
    if "rows" in reply:
        return f"answered: {reply['rows']}"
    return "refused: " + " ".join(reply["refused"] if "refused" in reply else [reply["failed"]])

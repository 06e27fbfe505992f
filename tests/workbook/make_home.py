"""Make a small home and a workbook file with the code of a past commit, to be kept under `homes/`.

    python -m tests.workbook.make_home COMMIT NAME [--example]

It writes homes/NAME.db.gz (workbook.db), homes/NAME.json.gz (the exported workbook, where that code exports one) and what
must be found in them into homes/index.json. `--example` puts the finished example's answers in.
"""

from __future__ import annotations

import gzip
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOMES = Path(__file__).resolve().parent / "homes"

# Runs with the past code alone: only what has stayed the same since, or is asked for by name.
WITHIN = """
import importlib, inspect, json, sys
from pathlib import Path
home, example = Path(sys.argv[1]), sys.argv[2] == "1"
def have(name):
    try:
        return importlib.import_module(name)
    except ImportError:
        return None
Store = importlib.import_module("lib.workbook.store").Store
store = Store(home)
id = store.create("Acme", author="Ann")
answers = [
    ("metrics/nps/name", "NPS"), ("metrics/nps/kind", "process"), ("metrics/mrr/name", "MRR"),
    ("stages/trial/name", "Trial"), ("stages/trial/order", 1), ("handoffs/main/event", "trial_start"),
    ("settings/currency", "EUR"), ("stage/age", 2), ("skills/ann/messaging/ben", 4),
]
for key, value in answers:
    store.save(id, key, value, author="Ann")
store.save_all(id, [("ideas/i1/name", "Proof"), ("ideas/i1/because", "they ask")], author="Ben", note="Add an idea")
store.save(id, "metrics/nps/kind", "outcome", author="Ben")
store.undo(id, author="Ben")
store.save(id, "metrics/mrr/name", None, author="Ann")
if example:
    for author, key, value in importlib.import_module("lib.engine.demo").answers():
        store.save(id, key, value, author=author)
members = have("lib.workbook.members")
if members:
    members.Members(store.engine).claim(id, "ann@example.com")
rooms = have("lib.room.store")
if rooms:
    q, made = importlib.import_module("lib.room.questions"), importlib.import_module("lib.room.model")
    r = rooms.Rooms(store.engine, home)
    room = r.open(id, "Tuesday", "hour")[0]
    people = [r.join(room.id, name, side)[0] for name, side in (("Ann", "marketing"), ("Ben", "growth"))]
    host = "facilitator"
    r.step(room.id, host, 1)
    kinds = (q.Option("process", "Process"), q.Option("outcome", "Outcome"))
    asked = (q.Question("metrics/nps/kind", "single", "NPS?", kinds), q.Question("checkin", "text", "What for?"))
    round = r.open_round(room.id, host, asked)
    ballots = getattr(r, "ballots", r)
    for person, given in zip(people, ("process", "outcome")):
        for question, value in (("metrics/nps/kind", given), ("checkin", "Fewer meetings")):
            done = ballots.answer(room.id, person, round, question, value, 1)
            if hasattr(done, "result"):
                done.result(20)
    for action in ("close_round", "reveal"):
        r.set_state(room.id, host, action)
    r.settle(room.id, host, made.Outcome("d1", "decision", "NPS? Process", round.id, "metrics/nps/kind", "Ben: no"))
portable = have("lib.workbook.portable")
if portable and hasattr(portable, "export"):
    (home / "workbook.json").write_bytes(portable.export(store.events(id)))
snapshot = store.snapshot(id)
standing = {key: answer.value for key, answer in snapshot.answers.items() if answer.value is not None}
print(json.dumps({"id": id, "rev": snapshot.rev, "name": snapshot.workbook.name, "standing": len(standing),
    "kind": standing["metrics/nps/kind"], "has_room": bool(rooms), "has_members": bool(members)}))
"""


def make(commit: str, name: str, *, example: bool = False) -> dict[str, object]:
    """Make one home; what its code said of it.

    Args:
        commit: Of this repository.
        name: Of the files under `homes/`.
        example: Put the finished example's answers in.
    """
    with tempfile.TemporaryDirectory() as folder:
        code, home = Path(folder, "code"), Path(folder, "home")
        code.mkdir(), home.mkdir()
        packed = subprocess.run(
            ["git", "archive", commit, "lib", "data"], cwd=ROOT, check=True, capture_output=True
        ).stdout
        subprocess.run(["tar", "-x", "-C", str(code)], input=packed, check=True)
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(code)}
        said = subprocess.run(
            [sys.executable, "-c", WITHIN, str(home), "1" if example else "0"],
            cwd=code, env=environment, check=True, capture_output=True, text=True,
        ).stdout  # fmt: skip
        with sqlite3.connect(home / "workbook.db") as raw:
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            raw.execute("PRAGMA journal_mode=DELETE")
            raw.execute("VACUUM")
        for suffix in ("db", "json"):
            if (made := home / f"workbook.{suffix}").is_file():
                (HOMES / f"{name}.{suffix}.gz").write_bytes(gzip.compress(made.read_bytes(), 9, mtime=0))
    return {"commit": commit, **json.loads(said)}


def main() -> None:
    """Make the home that the command line names."""
    commit, name, *more = sys.argv[1:]
    index = HOMES / "index.json"
    known = json.loads(index.read_text(encoding="utf-8")) if index.is_file() else {}
    known[name] = make(commit, name, example=bool(more))
    index.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

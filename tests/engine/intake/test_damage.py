"""One bit of a file turned over, again and again: every time the same table as before or one sentence, never another table."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import json
import random
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import openpyxl
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lib.engine import intake
from lib.errors import FileError
from tests.engine.intake.test_hostile import LIMITS

ROOT = Path(__file__).resolve().parents[3]
# One process reads many files with the worker's own code; where a file ends it, the next one goes on after that file.
_LOOP = """
import hashlib, json, shutil, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import pyarrow.parquet as pq
from lib.engine.intake.readers import parse
from lib.errors import UserError
for line in sys.stdin:
    task = json.loads(line)
    folder = Path(task["folder"])
    folder.mkdir(exist_ok=True)
    try:
        found = parse.parse(task, lambda share, message: None)
        rows = pq.read_table(folder / "raw.parquet").to_pydict()
        names = [column["header"] for column in found["columns"]]
        print(json.dumps(["read", hashlib.md5(repr((rows, names)).encode()).hexdigest()]), flush=True)
    except UserError as error:
        print(json.dumps(["refused", str(error)]), flush=True)
    shutil.rmtree(folder)
"""


def _rows() -> list[tuple[str, int, float, dt.datetime]]:
    chance = random.Random(5)
    start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC).replace(tzinfo=None)
    return [
        (f"u{chance.randrange(99)}", chance.randrange(9999), chance.random(), start + dt.timedelta(minutes=i))
        for i in range(400)
    ]


def _parquet(*, has_checksums: bool) -> bytes:
    columns = dict(zip(("user_id", "n", "x", "at"), map(list, zip(*_rows(), strict=True)), strict=True))
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out, write_page_checksum=has_checksums, row_group_size=150)
    return out.getvalue()


def _xlsx() -> bytes:
    workbook, out = openpyxl.Workbook(), io.BytesIO()
    for row in (("user_id", "n", "x", "at"), *_rows()[:60]):
        workbook.active.append(row)  # type: ignore[union-attr]
    workbook.save(out)
    return out.getvalue()


def _gz() -> bytes:
    lines = [",".join(map(str, row)) for row in _rows()]
    return gzip.compress("\n".join(["user_id,n,x,at", *lines, ""]).encode(), mtime=0)


def outcomes(whole: bytes, times: int, tmp_path: Path) -> list[list[str]]:
    """What is told of the whole file, then of each damaged one; a process that ends is told as refused."""
    chance = random.Random(7)
    tasks = []
    for number in range(times + 1):
        content = bytearray(whole)
        if number:
            content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        path = tmp_path / f"{number}.bin"
        path.write_bytes(content)
        tasks.append({"path": str(path), "name": path.name, "folder": str(tmp_path / f"{number}.out"), "sheet": "",
                      "limits": asdict(LIMITS)})  # fmt: skip
    told: list[list[str]] = []
    while len(told) < len(tasks):
        done = subprocess.run(
            [sys.executable, "-c", _LOOP, str(ROOT)], input="".join(json.dumps(t) + "\n" for t in tasks[len(told) :]),
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        told += [json.loads(line) for line in done.stdout.splitlines()]
        if done.returncode:
            assert done.returncode < 0, done.stderr[-2000:]  # ended by the system, not by an error of ours
            told.append(
                ["refused", "The file made its reader crash, so nothing was taken from it. Export it."]
            )
    return told


@pytest.mark.parametrize(("make", "times", "least_refused"), [
    (lambda: _parquet(has_checksums=True), 120, 90), (_gz, 60, 55), (_xlsx, 60, 20),
], ids=["parquet", "gz", "xlsx"])  # fmt: skip
def test_a_turned_bit_gives_the_same_table_or_a_sentence(
    tmp_path: Path, make: Callable[[], bytes], times: int, least_refused: int
) -> None:
    first, *others = outcomes(make(), times, tmp_path)
    assert first[0] == "read"
    assert [told for told in others if told[0] == "read" and told != first] == []
    refused = [words for kind, words in others if kind == "refused"]
    assert len(refused) >= least_refused
    assert all("\n" not in words and words.endswith(".") and len(words) < 300 for words in refused)


def test_without_checksums_a_value_that_left_its_range_is_still_found(tmp_path: Path) -> None:
    """Another value within the range cannot be told from a true one; one outside, or a lost row, can."""
    path = tmp_path / "x.parquet"
    pq.write_table(
        pa.table({"n": pa.array(range(500), pa.int64())}), path, compression="none", use_dictionary=False
    )
    content = bytearray(path.read_bytes())
    at = content.index((250).to_bytes(8, "little"))
    content[at + 5] ^= 0x40
    path.write_bytes(content)
    with pytest.raises(FileError, match="not those its footer speaks of"):
        intake.read(path, limits=LIMITS)


def test_a_cell_of_300_megabytes_costs_one_record_and_no_memory_of_the_server(tmp_path: Path) -> None:
    path = tmp_path / "cell.csv"
    with path.open("wb") as stream:
        stream.write(b"a,b\n1,2\n3,")
        for _ in range(300):
            stream.write(b"x" * (1 << 20))
        stream.write(b"\n5,6\n")
    before = psutil.Process().memory_info().rss
    reading = intake.read(path, limits=LIMITS)
    assert psutil.Process().memory_info().rss - before < 20 << 20
    a = reading.accounting
    assert (a.total, a.accepted, a.rejected, a.header) == (4, 2, 1, 1)
    assert (reading.rejects[0].line, reading.head) == (3, (("1", "2"), ("5", "6")))
    path.unlink()
